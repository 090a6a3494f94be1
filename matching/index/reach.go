package index

import (
	"math"
	"math/bits"
)

// steps is how many lengths of reach a block tells its volunteers apart by.
const steps = 34

// stride is one of them, in metres: from none to 35 kilometres, closer where most people's lie.
func stride(i int) float32 { return float32(25 * i * (i + 10)) }

// stepOf is the longest of them of which the square is no more than another.
func stepOf(square float32) int {
	about := math.Sqrt(25+math.Sqrt(float64(square))/25) - 5
	i := min(max(int(about), 0), steps-1)
	for i > 0 && stride(i)*stride(i) > square {
		i--
	}
	for i+1 < steps && stride(i+1)*stride(i+1) <= square {
		i++
	}
	return i
}

// coming are who may come to a point that is so far, squared, from the nearest home; all but those who
// certainly do not.
func (b *block) coming(away float32) uint64 { return b.wide[stepOf(away)] }

// certain are who come to a point that is no further, squared, from any home.
func (b *block) certain(furthest float32) uint64 {
	if i := stepOf(furthest) + 1; i < steps {
		return b.wide[i]
	}
	return 0
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
	m, odd := b.words(q, away)
	for sure := m & b.certain(far); m != 0; m &= m - 1 {
		at, bit := bits.TrailingZeros64(m), m&-m
		if sure&bit == 0 {
			who := &b.self[at]
			if !within(who.home(), q.At, who.reach) {
				continue
			}
		}
		if id := b.ids[at]; !q.excepts(id) && b.agrees(at, odd&bit != 0, q) && !found(id) {
			return false
		}
	}
	return true
}
