package index

import (
	"math/bits"
	"slices"
)

// full is how many volunteers a block holds: as many as a word has bits.
const full = 64

// days is how many days a block tells apart on which somebody is free besides, counted around.
const days = 16

// block holds volunteers who live near each other, by property and not by person: one word says of
// all of them who is free in a quarter, or who has a trait. A question about a few properties then
// touches a few words for 64 people. It is not changed once it stands in a world.
//
// Its 8,184 bytes and the eight that Go puts before them fill one of the sizes that Go hands out.
type block struct {
	live    uint64
	ending  uint64        // who has traits that end
	busy    []Span        // of all, in the order of their places
	rare    []rare        // of those who are dated, in the order of their places
	dated   uint64        // who has anything in rare
	byWay   [ways]uint64  // by way of travelling
	wide    [steps]uint64 // by step: who comes at least that far
	besides [days]uint64  // by day: who is free besides on such a one
	traits  [64]uint64    // by trait
	week    [Week]uint64  // by quarter of the week
	ids     [full]uint32  // once more, for whoever wants nothing else
	self    [full]self
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

// vacant is a place in the block that nobody has, or full.
func (b *block) vacant() int { return bits.TrailingZeros64(^b.live) }

func (b *block) count() int { return bits.OnesCount64(b.live) }

// find is the place of a volunteer, or -1.
func (b *block) find(id uint32) int {
	for at, other := range &b.ids {
		if other == id && b.live>>at&1 == 1 {
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
	b.ids[at] = v.ID
	for t := uint64(v.Traits); t != 0; t &= t - 1 {
		b.traits[bits.TrailingZeros64(t)] |= bit
	}
	b.byWay[v.Way.Known()] |= bit
	b.wide[0] |= bit
	for i := 1; i < steps && v.Reach >= stride(i); i++ {
		b.wide[i] |= bit
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
		if len(v.Valid) > 0 {
			b.ending |= bit
		}
		for _, s := range r.free {
			for m := dayMarks(s); m != 0; m &= m - 1 {
				b.besides[bits.TrailingZeros32(m)] |= bit
			}
		}
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
		b.ending &= keep
	}
	for i := range b.besides {
		b.besides[i] &= keep
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
