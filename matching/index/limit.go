package index

import (
	"math/bits"
	"unsafe"
)

// line is how many bytes a processor fetches at once.
const line = 64

// Lines counts the cache lines of blocks that a search must read even if it knew beforehand how far away
// the last hit is: of each block that it cannot leave out, the words that it asks about, and what it
// must know of those who are left. It is for measuring.
func (f *Finder) Lines(w World, q *Query, last float32) int {
	sum := 0
	f.blocks(w, q, last, func(s step) { sum += s.block.lines(q, s.away) })
	return sum
}

// Boxes is a search that looks into no block and is given its hits: what the tree and the heap cost
// alone. It is for measuring.
func (f *Finder) Boxes(w World, q *Query, last float32, hits []Hit) {
	f.best = f.best[:0]
	f.blocks(w, q, last, nil)
	for _, h := range hits {
		f.keep(h)
	}
	f.order()
}

// blocks goes through the tree as Nearest does.
func (f *Finder) blocks(w World, q *Query, last float32, look func(step)) {
	f.queue = f.queue[:0]
	if w.root == nil {
		return
	}
	limit := Hit{Square: last}
	f.open(w.root, q, limit)
	for len(f.queue) > 0 {
		switch s := f.pop(); {
		case s.node != nil:
			f.open(s.node, q, limit)
		case look != nil:
			look(s)
		}
	}
}

// lines are those of one block that a search touches for a query, whose nearest home is so far away,
// squared.
func (b *block) lines(q *Query, away float32) int {
	var seen [unsafe.Sizeof(block{})/line + 2]bool
	count := 0
	touch := func(offset, size uintptr) {
		for l := offset / line; l <= (offset+size-1)/line; l++ {
			if !seen[l] {
				seen[l], count = true, count+1
			}
		}
	}
	touch(unsafe.Offsetof(b.live), 16)
	for t := uint64(q.Need); t != 0; t &= t - 1 {
		touch(unsafe.Offsetof(b.traits)+uintptr(bits.TrailingZeros64(t))*8, 8)
	}
	if q.Willing {
		touch(unsafe.Offsetof(b.wide)+uintptr(stepOf(away))*8, 8)
	}
	if q.timed() {
		for _, h := range q.Hours {
			touch(unsafe.Offsetof(b.week)+uintptr(h.From)*8, uintptr(h.To-h.From)*8)
		}
		for m := dayMarks(q.Span); m != 0; m &= m - 1 {
			touch(unsafe.Offsetof(b.besides)+uintptr(bits.TrailingZeros32(m))*8, 8)
		}
	}
	for m, odd := b.words(q, away); m != 0; m &= m - 1 {
		at := bits.TrailingZeros64(m)
		touch(unsafe.Offsetof(b.self)+uintptr(at)*unsafe.Sizeof(self{}), unsafe.Sizeof(self{}))
		who := &b.self[at]
		if square := apart(who.home(), q.At); !q.timed() || q.Willing && square > who.reach*who.reach {
			continue
		}
		if odd>>at&1 == 1 {
			count++ // an entry of rare
		}
		if n := len(b.busyOf(at)); n > 0 {
			count += (n*int(unsafe.Sizeof(Span{}))-1)/line + 1
		}
	}
	return count
}
