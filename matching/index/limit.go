package index

import (
	"math/bits"
	"unsafe"
)

// line is how many bytes a processor fetches at once.
const line = 64

// Lines counts the cache lines of blocks that a search must read even if it knew beforehand how far away
// the last hit is: of each block that it cannot leave out, the words that it asks about until nobody is
// left, and what it must know of those who are. It is for measuring.
func (f *Finder) Lines(w World, q *Query, last float32) int {
	sum := 0
	f.blocks(w, q, last, func(b *block) { sum += b.lines(q) })
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
func (f *Finder) blocks(w World, q *Query, last float32, look func(*block)) {
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
			look(s.block)
		}
	}
}

// lines are those of one block that fitting and look touch for a query.
func (b *block) lines(q *Query) int {
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
	m := b.live
	for t := uint64(q.Need); t != 0; t &= t - 1 {
		i := bits.TrailingZeros64(t)
		touch(unsafe.Offsetof(b.traits)+uintptr(i)*8, 8)
		m &= b.traits[i]
	}
	if q.timed() && m != 0 {
		for _, h := range q.Hours {
			touch(unsafe.Offsetof(b.week)+uintptr(h.From)*8, uintptr(h.To-h.From)*8)
		}
		usual := b.weekly(m, q)
		for left := m & b.dated &^ usual; left != 0; left &= left - 1 {
			count++ // an entry of rare, most of them without anything that matters now
		}
		for left := usual; left != 0; left &= left - 1 {
			at := bits.TrailingZeros64(left)
			touch(unsafe.Offsetof(b.self)+uintptr(at)*unsafe.Sizeof(self{}), unsafe.Sizeof(self{}))
			if n := len(b.busyOf(at)); n > 0 {
				count += (n*int(unsafe.Sizeof(Span{}))-1)/line + 1
			}
		}
		m = b.fitting(q)
	}
	for ; m != 0; m &= m - 1 {
		touch(unsafe.Offsetof(b.self)+uintptr(bits.TrailingZeros64(m))*unsafe.Sizeof(self{}), unsafe.Sizeof(self{}))
	}
	return count
}
