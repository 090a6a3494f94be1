package index

import (
	"math"
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
	sieve sieve
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
	for many := 2; f.gather(q, limit, many); many = min(2*many, wave) {
		f.sieve.sift(q)
		limit = f.look(q, limit)
	}
	f.order()
	return f.best
}

// gather takes the nearest blocks out of the queue, and reports whether there are any.
func (f *Finder) gather(q *Query, limit Hit, many int) bool {
	f.sieve.blocks = f.sieve.blocks[:0]
	for len(f.sieve.blocks) < many && len(f.queue) > 0 && f.queue[0].away <= limit.Square {
		s := f.pop()
		if s.node != nil {
			f.open(s.node, q, limit)
		} else {
			f.sieve.blocks = append(f.sieve.blocks, glance{block: s.block, away: s.away})
		}
	}
	return len(f.sieve.blocks) > 0
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

// look takes those in the seats who fit and are nearer than the worst found so far, and returns what
// must be bettered from now on.
func (f *Finder) look(q *Query, limit Hit) Hit {
	for i := range f.sieve.seats {
		s := &f.sieve.seats[i]
		if s.square > limit.Square {
			continue
		}
		who := &s.block.self[s.at]
		h := Hit{ID: who.id, Square: s.square}
		if !h.before(limit) || q.Willing && h.Square > who.reach*who.reach || q.excepts(h.ID) || !s.block.agrees(s.at, s.odd, q) {
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
