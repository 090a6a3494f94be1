package index

import (
	"math"
	"math/bits"

	"naober/matching/score"
)

// rect is a rectangle of points.
type rect struct{ x0, y0, x1, y1 float32 }

// empty is the rectangle around no point.
func empty() rect {
	far := float32(math.Inf(1))
	return rect{x0: far, y0: far, x1: -far, y1: -far}
}

func (r rect) around(o rect) rect {
	return rect{x0: min(r.x0, o.x0), y0: min(r.y0, o.y0), x1: max(r.x1, o.x1), y1: max(r.y1, o.y1)}
}

// away is the square of how far a point is from the rectangle: never more than from any point in it,
// in the same arithmetic.
func (r *rect) away(p Point) float32 {
	dx := max(r.x0-p.X, p.X-r.x1, 0)
	dy := max(r.y0-p.Y, p.Y-r.y1, 0)
	return float32(dx*dx) + float32(dy*dy)
}

// furthest is the square of how far a point is from the rectangle's furthest corner:
// never less than from any point in it.
func (r *rect) furthest(p Point) float32 {
	dx := max(p.X-r.x0, r.x1-p.X)
	dy := max(p.Y-r.y0, r.y1-p.Y)
	return float32(dx*dx) + float32(dy*dy)
}

func (r *rect) holds(p Point) bool { return r.x0 <= p.X && p.X <= r.x1 && r.y0 <= p.Y && p.Y <= r.y1 }

// bounds are the rectangles around all homes and around all circles of reach, the traits that anybody
// has, and what nobody surpasses: the fastest way, the longest rest, the most left of a limit.
type bounds struct {
	homes, circles rect
	any            Traits
	peak
}

// peak is what nobody of many surpasses.
type peak struct {
	asked Quarter // the longest ago; 0 where somebody never was
	left  int32   // of their limit, in thousandths
	way   Way
}

// nobody is the peak of none.
func nobody() peak { return peak{asked: math.MaxUint32} }

func (p peak) with(o peak) peak {
	return peak{asked: min(p.asked, o.asked), left: max(p.left, o.left), way: max(p.way, o.way)}
}

// rounding is more than what sums and squares of float32 lose of a length.
const rounding = 1e-6

func (b *block) bounds() bounds {
	all := bounds{homes: empty(), circles: empty(), peak: nobody()}
	for m := b.live; m != 0; m &= m - 1 {
		s := &b.self[bits.TrailingZeros64(m)]
		x, y, r := s.x, s.y, s.reach
		all.homes = all.homes.around(rect{x, y, x, y})
		r += (r + max(x, -x) + max(y, -y)) * rounding
		all.circles = all.circles.around(rect{x - r, y - r, x + r, y + r})
		all.peak = all.peak.with(peak{asked: s.asked, left: score.Left(s.done, s.limit)})
	}
	for w, word := range b.byWay {
		if word != 0 {
			all.way = Way(w)
		}
	}
	for i, word := range b.traits {
		if word != 0 {
			all.any |= 1 << i
		}
	}
	return all
}
