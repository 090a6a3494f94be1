package index

import (
	"math"
	"math/bits"
	"slices"

	"naober/matching/score"
)

// full is how many volunteers a block holds: as many as a word has bits.
const full = 64

// steps is how many lengths of reach a block tells its volunteers apart by.
const steps = 16

// stride is one of them, in metres: from one kilometre to 42, closer where most people's lie.
func stride(i int) float32 { return float32(1000 + 125*i*(i+7)) }

// block holds volunteers who live near each other, by property and not by person: one word says of
// all of them who is free in a quarter, or who has a trait. A question about a few properties then
// touches a few words for 64 people. It is not changed once it stands in a world.
type block struct {
	live   uint64
	dated  uint64 // who has anything in rare
	byWay  [ways]uint64
	wide   [steps]uint64 // by step: who comes at least that far
	busy   []Span        // of all, in the order of their places
	rare   []rare        // of those who are dated, in the order of their places
	traits [64]uint64    // by trait
	week   [Week]uint64  // by quarter of the week
	self   [full]self
}

// coming are those of some who may come to a point that is so far, squared, from the nearest home; all
// but those who certainly do not.
func (b *block) coming(m uint64, away float32) uint64 {
	for i := steps - 1; i >= 0; i-- {
		if stride(i)*stride(i) <= away {
			return m & b.wide[i]
		}
	}
	return m
}

// certain are those of some who come to a point that is no further, squared, from any home.
func (b *block) certain(m uint64, furthest float32) uint64 {
	for i := range steps {
		if stride(i)*stride(i) > furthest {
			return m & b.wide[i]
		}
	}
	return 0
}

// self is what is asked about one volunteer at a time, close together.
type self struct {
	x, y, reach float32
	id          uint32
	asked       Quarter // 0 for never
	done, limit uint8
	ends        uint16 // where their busy spans end in the block's
}

// rare is what few volunteers have: days on which they are free besides, and traits that end.
type rare struct {
	free   []Span
	valid  []Validity
	traits Traits
}

func (s *self) home() Point { return Point{X: s.x, Y: s.y} }

func (b *block) busyOf(at int) []Span {
	from := uint16(0)
	if at > 0 {
		from = b.self[at-1].ends
	}
	return b.busy[from:b.self[at].ends]
}

// free is a place in the block that nobody has, or full.
func (b *block) free() int { return bits.TrailingZeros64(^b.live) }

func (b *block) count() int { return bits.OnesCount64(b.live) }

// find is the place of a volunteer, or -1.
func (b *block) find(id uint32) int {
	for m := b.live; m != 0; m &= m - 1 {
		if at := bits.TrailingZeros64(m); b.self[at].id == id {
			return at
		}
	}
	return -1
}

// put writes a volunteer into a free place.
func (b *block) put(at int, v Volunteer) {
	bit := uint64(1) << at
	b.live |= bit
	ends := b.self[at].ends
	b.self[at] = self{x: v.At.X, y: v.At.Y, reach: v.Reach, id: v.ID, asked: v.Asked, done: v.Done, limit: v.Limit, ends: ends}
	for t := uint64(v.Traits); t != 0; t &= t - 1 {
		b.traits[bits.TrailingZeros64(t)] |= bit
	}
	b.byWay[v.Way.Known()] |= bit
	for i := range steps {
		if v.Reach >= stride(i) {
			b.wide[i] |= bit
		}
	}
	for _, h := range v.Weekly {
		b.hours(h, bit)
	}
	if spans := tidy(v.Busy); len(spans) > 0 {
		b.busy = slices.Insert(b.busy, int(ends), spans...)
		for i := at; i < full; i++ {
			b.self[i].ends += uint16(len(spans))
		}
	}
	if len(v.Free) > 0 || len(v.Valid) > 0 {
		r := rare{free: tidy(v.Free), valid: slices.Clone(v.Valid), traits: v.Traits}
		b.rare = slices.Insert(b.rare, b.rank(at), r)
		b.dated |= bit
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

// rank is where one who is dated stands in rare.
func (b *block) rank(at int) int { return bits.OnesCount64(b.dated & (1<<at - 1)) }

// rareOf is what few have, of one who may have none of it.
func (b *block) rareOf(at int) rare {
	if b.dated>>at&1 == 0 {
		return rare{}
	}
	return b.rare[b.rank(at)]
}

// clear takes a volunteer out.
func (b *block) clear(at int) {
	keep := ^(uint64(1) << at)
	b.live &= keep
	if b.dated&^keep != 0 {
		b.rare = slices.Delete(b.rare, b.rank(at), b.rank(at)+1)
		b.dated &= keep
	}
	for i := range b.traits {
		b.traits[i] &= keep
	}
	for i := range b.week {
		b.week[i] &= keep
	}
	for i := range b.byWay {
		b.byWay[i] &= keep
	}
	for i := range b.wide {
		b.wide[i] &= keep
	}
	spans := len(b.busyOf(at))
	from := int(b.self[at].ends) - spans
	b.busy = slices.Delete(b.busy, from, from+spans)
	for i := at; i < full; i++ {
		b.self[i].ends -= uint16(spans)
	}
}

// copied is a block to be changed.
func (b *block) copied() *block {
	c := *b
	c.busy, c.rare = slices.Clone(b.busy), slices.Clone(b.rare)
	return &c
}

// volunteer reads one back, their weekly hours as the quarters say.
func (b *block) volunteer(at int) Volunteer {
	s := &b.self[at]
	v := Volunteer{ID: s.id, At: s.home(), Reach: s.reach, Traits: b.traitsOf(at), Busy: slices.Clone(b.busyOf(at)),
		Way: b.wayOf(at), Asked: s.asked, Done: s.done, Limit: s.limit}
	for q := 0; q < Week; q++ {
		from := q
		for q < Week && b.week[q]>>at&1 == 1 {
			q++
		}
		if q > from {
			v.Weekly = append(v.Weekly, Hours{From: uint16(from), To: uint16(q)})
		}
	}
	if r := b.rareOf(at); b.dated>>at&1 == 1 {
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
