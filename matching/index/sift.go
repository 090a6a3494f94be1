package index

import "math/bits"

// wave is how many blocks are looked at together at most.
const wave = 8

// glance is a block that is being looked at.
type glance struct {
	block *block
	away  float32 // of the nearest home, squared
	some  uint64  // who may fit
	odd   uint64  // of whom something is to be asked that words do not tell
}

// seat is somebody who may fit.
type seat struct {
	block  *block
	at     int
	odd    bool
	square float32 // of the distance
}

// sieve goes through blocks, some at a time. Most of a search is waiting for memory: so the same few words
// are read of one block after the other, without a choice between that the processor could guess wrong,
// and it waits for many of them at once.
type sieve struct {
	blocks []glance
	seats  []seat
}

// sift sets the seats of those in its blocks who may fit.
func (f *sieve) sift(q *Query) {
	for i := range f.blocks {
		g := &f.blocks[i]
		g.some, g.odd = g.block.words(q, g.away)
	}
	f.seats = f.seats[:0]
	for i := range f.blocks {
		g := &f.blocks[i]
		for m := g.some; m != 0; m &= m - 1 {
			at := bits.TrailingZeros64(m)
			f.seats = append(f.seats, seat{block: g.block, at: at, odd: g.odd>>at&1 == 1})
		}
	}
	for i := range f.seats {
		s := &f.seats[i]
		s.square = apart(s.block.self[s.at].home(), q.At)
	}
}

// words are those of a block who may be what a query looks for, as far as words tell, and those of them of
// whom rare must be asked. No home is nearer, squared, than away.
func (b *block) words(q *Query, away float32) (some, odd uint64) {
	m := b.live
	for t := uint64(q.Need); t != 0; t &= t - 1 {
		m &= b.traits[bits.TrailingZeros64(t)]
	}
	if q.AnyOf != 0 {
		m &= b.anyOf(q.AnyOf)
	}
	if q.Willing {
		m &= b.coming(away)
	}
	if !q.timed() {
		return m, 0
	}
	usual := b.weekly(m, q)
	odd = b.free(q.Span) & m &^ usual
	return usual | odd, odd | b.ending
}

// free are those who may be free besides in a span.
func (b *block) free(s Span) uint64 {
	all := uint64(0)
	for m := dayMarks(s); m != 0; m &= m - 1 {
		all |= b.besides[bits.TrailingZeros32(m)]
	}
	return all
}

// dayMarks are the days that a span touches, a bit each.
func dayMarks(s Span) uint32 {
	first := s.From / 96
	count := min((s.To-1)/96-first+1, days)
	marks := uint32(1<<count-1) << (first % days)
	return (marks | marks>>days) & (1<<days - 1)
}

// agrees tells of somebody who may fit whether they do, distance and exceptions aside.
func (b *block) agrees(at int, odd bool, q *Query) bool {
	if !q.timed() {
		return true
	}
	if odd {
		r := b.rareOf(at)
		if len(r.valid) > 0 && !q.suits(holding(r.traits, r.valid, q.Span)) || !b.freeBesides(at, r.free, q) {
			return false
		}
	}
	return !meets(b.busyOf(at), q.Span)
}

// suits tells whether traits are those that a query looks for.
func (q *Query) suits(had Traits) bool {
	return had&q.Need == q.Need && (q.AnyOf == 0 || had&q.AnyOf != 0)
}

// fits tells whether one of a block is what a query looks for, distance and exceptions aside.
func (b *block) fits(at int, q *Query) bool {
	some, odd := b.words(q, 0)
	return some>>at&1 == 1 && b.agrees(at, odd>>at&1 == 1, q)
}
