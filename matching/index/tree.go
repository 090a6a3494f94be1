package index

import "slices"

// fan is how many entries a node has at most.
const fan = 16

// node is a part of the tree (an R-tree): rectangles, and what lies in each. It is not changed once
// it stands in a world; a change copies the nodes on the way down.
type node struct {
	level   int // 0: its entries are blocks
	count   int
	homes   [fan]rect
	circles [fan]rect
	any     [fan]Traits
	peaks   [fan]peak
	blocks  [fan]*block
	nodes   [fan]*node
}

// entry is one of a node's.
type entry struct {
	bounds
	block *block
	node  *node
}

func blockEntry(b *block) entry { return entry{bounds: b.bounds(), block: b} }

func nodeEntry(n *node) entry {
	all := bounds{homes: empty(), circles: empty(), peak: nobody()}
	for i := range n.count {
		all.homes, all.circles = all.homes.around(n.homes[i]), all.circles.around(n.circles[i])
		all.any |= n.any[i]
		all.peak = all.peak.with(n.peaks[i])
	}
	return entry{bounds: all, node: n}
}

func (n *node) entry(i int) entry {
	return entry{bounds: bounds{homes: n.homes[i], circles: n.circles[i], any: n.any[i], peak: n.peaks[i]}, block: n.blocks[i], node: n.nodes[i]}
}

func (n *node) set(i int, e entry) {
	n.homes[i], n.circles[i], n.any[i], n.peaks[i] = e.homes, e.circles, e.any, e.peak
	n.blocks[i], n.nodes[i] = e.block, e.node
}

func (n *node) add(e entry) {
	n.set(n.count, e)
	n.count++
}

// treeOf puts nodes above entries that lie in a good order.
func treeOf(entries []entry) *node {
	if len(entries) == 0 {
		return nil
	}
	for level := 0; ; level++ {
		var above []entry
		for part := range slices.Chunk(entries, fan) {
			n := &node{level: level}
			for _, e := range part {
				n.add(e)
			}
			above = append(above, nodeEntry(n))
		}
		if len(above) == 1 {
			return above[0].node
		}
		entries = above
	}
}

// with is the node with one more volunteer, and a second node where one is too full for that.
func (n *node) with(v Volunteer) (*node, *node) {
	i := n.place(v)
	var one, other entry
	if n.level == 0 {
		one, other = blockWith(n.blocks[i], v)
	} else {
		left, right := n.nodes[i].with(v)
		one = nodeEntry(left)
		if right != nil {
			other = nodeEntry(right)
		}
	}
	c := *n
	c.set(i, one)
	if other.block == nil && other.node == nil {
		return &c, nil
	}
	if c.count < fan {
		c.add(other)
		return &c, nil
	}
	return c.split(other)
}

// place is the entry that grows least by the volunteer.
func (n *node) place(v Volunteer) int {
	best, least, size := 0, float32(0), float32(0)
	p := rect{v.At.X, v.At.Y, v.At.X, v.At.Y}
	for i := range n.count {
		now := n.homes[i].half()
		grows := n.homes[i].around(p).half() - now
		if i == 0 || grows < least || grows == least && now < size {
			best, least, size = i, grows, now
		}
	}
	return best
}

// half is half the length of a rectangle's border.
func (r rect) half() float32 { return r.x1 - r.x0 + r.y1 - r.y0 }

// blockWith is a block with one more volunteer, in two where it is full.
func blockWith(b *block, v Volunteer) (entry, entry) {
	if at := b.vacant(); at < full {
		c := b.copied()
		c.put(at, v)
		return blockEntry(c), entry{}
	}
	all := make([]Volunteer, 0, full+1)
	for at := range full {
		all = append(all, b.volunteer(at))
	}
	all = append(all, v)
	left, right := &block{}, &block{}
	for k, i := range halves(len(all), func(i int) Point { return all[i].At }) {
		half := left
		if k >= len(all)/2 {
			half = right
		}
		half.put(half.vacant(), all[i])
	}
	return blockEntry(left), blockEntry(right)
}

// split is the node's entries and one more in two nodes.
func (n *node) split(more entry) (*node, *node) {
	all := make([]entry, 0, fan+1)
	for i := range n.count {
		all = append(all, n.entry(i))
	}
	all = append(all, more)
	left, right := &node{level: n.level}, &node{level: n.level}
	middle := func(i int) Point {
		r := all[i].homes
		return Point{X: r.x0/2 + r.x1/2, Y: r.y0/2 + r.y1/2}
	}
	for k, i := range halves(len(all), middle) {
		if k < len(all)/2 {
			left.add(all[i])
		} else {
			right.add(all[i])
		}
	}
	return left, right
}

// halves orders things along the direction in which they lie farther apart.
func halves(n int, at func(int) Point) []int {
	around := empty()
	order := make([]int, n)
	for i := range n {
		p := at(i)
		around = around.around(rect{p.X, p.Y, p.X, p.Y})
		order[i] = i
	}
	along := func(i int) float32 { return at(i).X }
	if around.y1-around.y0 > around.x1-around.x0 {
		along = func(i int) float32 { return at(i).Y }
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := along(a), along(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return order
}

// without is the node without a volunteer who lives at a point; nil where nothing is left of it.
func (n *node) without(id uint32, at Point) (*node, bool) {
	for i := range n.count {
		if !n.homes[i].holds(at) {
			continue
		}
		var left entry
		if n.level == 0 {
			k := n.blocks[i].find(id)
			if k < 0 {
				continue
			}
			if b := n.blocks[i]; b.count() > 1 {
				c := b.copied()
				c.clear(k)
				left = blockEntry(c)
			}
		} else {
			m, gone := n.nodes[i].without(id, at)
			if !gone {
				continue
			}
			if m != nil {
				left = nodeEntry(m)
			}
		}
		return n.replaced(i, left), true
	}
	return n, false
}

// replaced is the node with another entry, or none, in place of one; nil where nothing is left.
func (n *node) replaced(i int, e entry) *node {
	c := *n
	if e.block != nil || e.node != nil {
		c.set(i, e)
		return &c
	}
	c.count--
	if c.count == 0 {
		return nil
	}
	c.set(i, n.entry(c.count))
	c.set(c.count, entry{})
	return &c
}

func (n *node) find(id uint32, at Point) (*block, int) {
	for i := range n.count {
		switch {
		case !n.homes[i].holds(at):
		case n.level > 0:
			if b, k := n.nodes[i].find(id, at); b != nil {
				return b, k
			}
		default:
			if k := n.blocks[i].find(id); k >= 0 {
				return n.blocks[i], k
			}
		}
	}
	return nil, 0
}
