package index

import (
	"math"
	"math/bits"
)

// Hit is a volunteer who was found.
type Hit struct {
	ID uint32
	// Square is the square of the distance, in square metres.
	Square float32
}

// before is the order of what is found: the nearer first, then the smaller id.
func (h Hit) before(o Hit) bool { return h.Square < o.Square || h.Square == o.Square && h.ID < o.ID }

// Finder looks into worlds. It keeps the room that it needs and allocates nothing once it has grown;
// it is for one goroutine. The zero Finder is ready.
type Finder struct {
	queue []step
	best  []Hit // a heap, the worst first, while looking
	ahead uint64
}

// step is a part of the tree to be looked into.
type step struct {
	away  float32
	far   float32 // of the furthest home; for Reaching only
	node  *node
	block *block
}

// Nearest finds the K nearest volunteers whom a query fits, nearest first and of equals the smaller
// id first. What it returns stands until the finder looks again.
func (f *Finder) Nearest(w World, q *Query) []Hit {
	f.queue, f.best = f.queue[:0], f.best[:0]
	if w.root == nil || q.K <= 0 {
		return nil
	}
	limit := Hit{ID: math.MaxUint32, Square: float32(math.Inf(1))}
	if q.Within > 0 {
		limit.Square = q.Within * q.Within
	}
	f.open(w.root, q, limit)
	for len(f.queue) > 0 && f.queue[0].away <= limit.Square {
		s := f.pop()
		if s.node != nil {
			f.open(s.node, q, limit)
			continue
		}
		if len(f.queue) > 0 && f.queue[0].block != nil {
			f.ahead ^= f.queue[0].block.fetch(q)
		}
		limit = f.look(s.block, q, limit)
	}
	f.order()
	return f.best
}

// open puts those parts of a node into the queue in which somebody may fit.
func (f *Finder) open(n *node, q *Query, limit Hit) {
	for i := range n.count {
		away := n.homes[i].away(q.At)
		if away > limit.Square || n.any[i]&q.Need != q.Need || q.Willing && !n.circles[i].holds(q.At) {
			continue
		}
		f.push(step{away: away, node: n.nodes[i], block: n.blocks[i]})
	}
}

// look takes those of a block who fit and are nearer than the worst found so far, and returns what
// must be bettered from now on.
func (f *Finder) look(b *block, q *Query, limit Hit) Hit {
	for m := b.fitting(q); m != 0; m &= m - 1 {
		s := &b.self[bits.TrailingZeros64(m)]
		h := Hit{ID: s.id, Square: apart(s.home(), q.At)}
		if !h.before(limit) || q.Willing && h.Square > s.reach*s.reach || q.excepts(h.ID) {
			continue
		}
		if len(f.best) == q.K {
			f.replaceWorst(h)
		} else {
			f.keep(h)
		}
		if len(f.best) == q.K {
			limit = f.best[0]
		}
	}
	return limit
}

func (f *Finder) push(s step) {
	f.queue = append(f.queue, s)
	i := len(f.queue) - 1
	for i > 0 {
		up := (i - 1) / 2
		if f.queue[up].away <= s.away {
			break
		}
		f.queue[i] = f.queue[up]
		i = up
	}
	f.queue[i] = s
}

func (f *Finder) pop() step {
	top, end := f.queue[0], len(f.queue)-1
	last := f.queue[end]
	f.queue = f.queue[:end]
	if end == 0 {
		return top
	}
	i := 0
	for {
		c := 2*i + 1
		if c >= end {
			break
		}
		if c+1 < end && f.queue[c+1].away < f.queue[c].away {
			c++
		}
		if f.queue[c].away >= last.away {
			break
		}
		f.queue[i] = f.queue[c]
		i = c
	}
	f.queue[i] = last
	return top
}

func (f *Finder) keep(h Hit) {
	f.best = append(f.best, h)
	i := len(f.best) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !f.best[up].before(h) {
			break
		}
		f.best[i] = f.best[up]
		i = up
	}
	f.best[i] = h
}

func (f *Finder) replaceWorst(h Hit) { f.sink(h, len(f.best)) }

// sink puts a hit in at the top of the first n and lets it go down.
func (f *Finder) sink(h Hit, n int) {
	i := 0
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && f.best[c].before(f.best[c+1]) {
			c++
		}
		if !h.before(f.best[c]) {
			break
		}
		f.best[i] = f.best[c]
		i = c
	}
	f.best[i] = h
}

// order sorts what was found, best first.
func (f *Finder) order() {
	for end := len(f.best) - 1; end > 0; end-- {
		worst, last := f.best[0], f.best[end]
		f.sink(last, end)
		f.best[end] = worst
	}
}

// Reaching calls a function with each volunteer whom a query fits and whose circle of reach holds its
// place, in no order; K and Within do not count. It goes on while the function returns true.
func (f *Finder) Reaching(w World, q *Query, found func(id uint32) bool) {
	f.queue = f.queue[:0]
	if w.root == nil {
		return
	}
	f.queue = append(f.queue, step{node: w.root})
	for len(f.queue) > 0 {
		s := f.queue[len(f.queue)-1]
		f.queue = f.queue[:len(f.queue)-1]
		if s.node == nil {
			if !s.block.reaching(q, s.away, s.far, found) {
				return
			}
			continue
		}
		for i := range s.node.count {
			if homes := &s.node.homes[i]; s.node.circles[i].holds(q.At) && s.node.any[i]&q.Need == q.Need {
				f.queue = append(f.queue, step{away: homes.away(q.At), far: homes.furthest(q.At), node: s.node.nodes[i], block: s.node.blocks[i]})
			}
		}
	}
}

// reaching calls found with those of a block whose circles hold the query's place, of which all homes are
// at least so far away and at most so far, squared.
func (b *block) reaching(q *Query, away, far float32, found func(id uint32) bool) bool {
	m := b.coming(b.live, away)
	if m == 0 {
		return true
	}
	m &= b.fitting(q)
	for sure := b.certain(m, far); m != 0; m &= m - 1 {
		who := &b.self[bits.TrailingZeros64(m)]
		if (sure&m&-m != 0 || within(who.home(), q.At, who.reach)) && !q.excepts(who.id) && !found(who.id) {
			return false
		}
	}
	return true
}
