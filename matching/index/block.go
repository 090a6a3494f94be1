package index

import (
	"math"
	"math/bits"
	"slices"

	"naober/matching/score"
)

// full is how many volunteers a block holds: as many as a word has bits.
const full = 64

// block holds volunteers who live near each other, by property and not by person: one word says of
// all of them who is free in a quarter, or who has a trait. A question about a few properties then
// touches a few words for 64 people. It is not changed once it stands in a world.
type block struct {
	live   uint64
	dated  uint64 // who has anything in rare
	x, y   [full]float32
	reach  [full]float32
	id     [full]uint32
	traits [64]uint64    // by trait
	week   [Week]uint64  // by quarter of the week
	byWay  [ways]uint64  // by way of travelling
	asked  [full]Quarter // 0 for never
	done   [full]uint8
	limit  [full]uint8
	ends   [full]uint16   // where the busy spans of each end in busy
	busy   []Span         // of all, in the order of their places
	rare   map[uint8]rare // by place; nil where nobody has any
}

// rare is what few volunteers have: days on which they are free besides, and traits that end.
type rare struct {
	free   []Span
	valid  []Validity
	traits Traits
}

func (b *block) busyOf(at int) []Span {
	from := uint16(0)
	if at > 0 {
		from = b.ends[at-1]
	}
	return b.busy[from:b.ends[at]]
}

// free is a place in the block that nobody has, or full.
func (b *block) free() int { return bits.TrailingZeros64(^b.live) }

func (b *block) count() int { return bits.OnesCount64(b.live) }

// find is the place of a volunteer, or -1.
func (b *block) find(id uint32) int {
	for m := b.live; m != 0; m &= m - 1 {
		if at := bits.TrailingZeros64(m); b.id[at] == id {
			return at
		}
	}
	return -1
}

// put writes a volunteer into a free place.
func (b *block) put(at int, v Volunteer) {
	bit := uint64(1) << at
	b.live |= bit
	b.x[at], b.y[at], b.reach[at], b.id[at] = v.At.X, v.At.Y, v.Reach, v.ID
	for t := uint64(v.Traits); t != 0; t &= t - 1 {
		b.traits[bits.TrailingZeros64(t)] |= bit
	}
	b.byWay[v.Way.known()] |= bit
	b.asked[at], b.done[at], b.limit[at] = v.Asked, v.Done, v.Limit
	for _, h := range v.Weekly {
		b.hours(h, bit)
	}
	if spans := tidy(v.Busy); len(spans) > 0 {
		b.busy = slices.Insert(b.busy, int(b.ends[at]), spans...)
		for i := at; i < full; i++ {
			b.ends[i] += uint16(len(spans))
		}
	}
	if len(v.Free) > 0 || len(v.Valid) > 0 {
		b.dated |= bit
		b.rare = withRare(b.rare, uint8(at), rare{free: tidy(v.Free), valid: slices.Clone(v.Valid), traits: v.Traits})
	}
}

func (b *block) hours(h Hours, bit uint64) {
	from, to := int(h.From)%Week, int(h.To)
	if to > Week || to <= from { // over the end of the week
		for q := range to % Week {
			b.week[q] |= bit
		}
		to = Week
	}
	for q := from; q < to; q++ {
		b.week[q] |= bit
	}
}

func withRare(all map[uint8]rare, at uint8, r rare) map[uint8]rare {
	next := make(map[uint8]rare, len(all)+1)
	for k, v := range all {
		next[k] = v
	}
	next[at] = r
	return next
}

// clear takes a volunteer out.
func (b *block) clear(at int) {
	keep := ^(uint64(1) << at)
	b.live &= keep
	b.dated &= keep
	for i := range b.traits {
		b.traits[i] &= keep
	}
	for i := range b.week {
		b.week[i] &= keep
	}
	for i := range b.byWay {
		b.byWay[i] &= keep
	}
	spans := len(b.busyOf(at))
	from := int(b.ends[at]) - spans
	b.busy = slices.Delete(b.busy, from, from+spans)
	for i := at; i < full; i++ {
		b.ends[i] -= uint16(spans)
	}
	if _, has := b.rare[uint8(at)]; has {
		next := withRare(b.rare, uint8(at), rare{})
		delete(next, uint8(at))
		b.rare = next
	}
}

// copied is a block to be changed.
func (b *block) copied() *block {
	c := *b
	c.busy = slices.Clone(b.busy)
	return &c
}

// volunteer reads one back, their weekly hours as the quarters say.
func (b *block) volunteer(at int) Volunteer {
	v := Volunteer{ID: b.id[at], At: Point{X: b.x[at], Y: b.y[at]}, Reach: b.reach[at], Traits: b.traitsOf(at), Busy: slices.Clone(b.busyOf(at)),
		Way: b.wayOf(at), Asked: b.asked[at], Done: b.done[at], Limit: b.limit[at]}
	for q := 0; q < Week; q++ {
		from := q
		for q < Week && b.week[q]>>at&1 == 1 {
			q++
		}
		if q > from {
			v.Weekly = append(v.Weekly, Hours{From: uint16(from), To: uint16(q)})
		}
	}
	if r, has := b.rare[uint8(at)]; has {
		v.Free, v.Valid = slices.Clone(r.free), slices.Clone(r.valid)
	}
	return v
}

func (b *block) wayOf(at int) Way {
	for w, word := range b.byWay {
		if word>>at&1 == 1 {
			return Way(w)
		}
	}
	return OnFoot
}

func (b *block) traitsOf(at int) Traits {
	t := Traits(0)
	for i, word := range b.traits {
		t |= Traits(word>>at&1) << i
	}
	return t
}

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
		at := bits.TrailingZeros64(m)
		x, y, r := b.x[at], b.y[at], b.reach[at]
		all.homes = all.homes.around(rect{x, y, x, y})
		r += (r + max(x, -x) + max(y, -y)) * rounding
		all.circles = all.circles.around(rect{x - r, y - r, x + r, y + r})
		all.peak = all.peak.with(peak{asked: b.asked[at], left: score.Left(b.done[at], b.limit[at])})
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
