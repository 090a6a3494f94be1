package plan

import (
	"cmp"
	"container/heap"
	"slices"

	"naober/matching/assign"
)

// work is how many arcs are looked through at most before a search gives up its proof: some tenths of a
// second.
const work = 1_000_000

// ban keeps one person from one place.
type ban struct{ place, worker int32 }

// node is a part of all assignments: those that keep its bans. Bound is what none of them can cost
// less than, proven by the prices of the problem without the banned arcs.
type node struct {
	bans  []ban
	bound int64
	made  int // breaks ties
	found outcome
}

// search finds the cheapest allowed assignment, and what no allowed one costs less than.
//
// It solves the tasks as if a person's tasks never got in each other's way; where some do, one of
// them has to go to somebody else: for each of them that is a problem with one arc less. The part with
// the lowest bound comes first, until none is below the best that was found.
func (b *board) search() (outcome, int64) {
	best := outcome{arc: slices.Repeat([]int32{assign.Nobody}, len(b.places))}
	best.cost = b.cost(best.arc)
	open, made, spent := &nodes{}, 0, 0
	push := func(bans []ban) {
		n := b.relax(bans)
		n.made, made = made, made+1
		spent += len(b.fit) + len(b.places)
		if mended := b.mend(n.found); mended.cost < best.cost {
			best = mended
		}
		if n.bound < best.cost {
			heap.Push(open, n)
		}
	}
	push(nil)
	for open.Len() > 0 && spent < work {
		n := heap.Pop(open).(node)
		if n.bound >= best.cost {
			return best, best.cost
		}
		worker, set := b.firstConflict(n.found)
		for _, bans := range b.branches(worker, set) {
			push(append(slices.Clone(n.bans), bans...))
		}
	}
	if open.Len() == 0 {
		return best, best.cost
	}
	return best, min(best.cost, (*open)[0].bound)
}

// relax solves the tasks without the banned arcs, as if nothing got in each other's way.
func (b *board) relax(bans []ban) node {
	p, arcs := b.without(bans)
	s := assign.Sparse(p)
	n := node{bans: bans, bound: s.Cost, found: outcome{arc: make([]int32, len(s.Arc)), cost: s.Cost}}
	for place, arc := range s.Arc {
		if arc != assign.Nobody {
			arc = arcs[arc]
		}
		n.found.arc[place] = arc
	}
	return n
}

// without is the problem with fewer arcs, and which of all arcs each of them is.
func (b *board) without(bans []ban) (assign.Problem, []int32) {
	gone := map[ban]bool{}
	for _, x := range bans {
		gone[x] = true
	}
	p := assign.Problem{Start: []int32{0}, Undone: b.all.Undone, Load: b.all.Load}
	var arcs []int32
	for place := range int32(len(b.places)) {
		for a := b.all.Start[place]; a < b.all.Start[place+1]; a++ {
			if !gone[ban{place, b.all.Worker[a]}] {
				p.Worker, p.Cost, arcs = append(p.Worker, b.all.Worker[a]), append(p.Cost, b.all.Cost[a]), append(arcs, a)
			}
		}
		p.Start = append(p.Start, int32(len(arcs)))
	}
	return p, arcs
}

// firstConflict is somebody whose tasks get in each other's way. There is one wherever an assignment
// costs less than it does mended.
func (b *board) firstConflict(o outcome) (int32, []int32) {
	for w, places := range b.bundles(o) {
		if set := b.conflict(int32(w), places); set != nil {
			return int32(w), set
		}
	}
	return 0, nil
}

// branches splits all assignments in which not all of these places are one person's: in each part
// one task is not theirs. Of two places of one task it is one of the two places.
func (b *board) branches(worker int32, set []int32) [][]ban {
	var all [][]ban
	same := len(set) == 2 && b.places[set[0]] == b.places[set[1]]
	for _, place := range set {
		bans := []ban{{place, worker}}
		for other, task := range b.places {
			if !same && task == b.places[place] && int32(other) != place {
				bans = append(bans, ban{int32(other), worker})
			}
		}
		all = append(all, bans)
	}
	return all
}

// mend takes from everybody what does not fit with the rest, and gives it to the cheapest who has room
// for it, the most urgent first.
func (b *board) mend(o outcome) outcome {
	o.arc = slices.Clone(o.arc)
	has := b.bundles(o)
	var loose []int32
	for w := range has {
		for {
			ok := b.room(int32(w), has[w])
			if ok == len(has[w]) {
				break
			}
			loose = append(loose, has[w][ok])
			has[w] = slices.Delete(has[w], ok, ok+1)
		}
	}
	slices.SortFunc(loose, func(x, y int32) int {
		return cmp.Or(cmp.Compare(b.all.Undone[y], b.all.Undone[x]), cmp.Compare(b.order[x], b.order[y]))
	})
	for _, place := range loose {
		o.arc[place] = b.rehome(place, has)
	}
	o.cost = b.cost(o.arc)
	return o
}

// rehome gives a place to the cheapest person in whose book it fits.
func (b *board) rehome(place int32, has [][]int32) int32 {
	type choice struct {
		arc  int32
		cost int64
	}
	var choices []choice
	for a := b.all.Start[place]; a < b.all.Start[place+1]; a++ {
		w := b.all.Worker[a]
		if load := b.all.Load[w]; len(has[w]) < len(load) {
			choices = append(choices, choice{a, b.all.Cost[a] + load[len(has[w])]})
		}
	}
	slices.SortFunc(choices, func(x, y choice) int { return cmp.Or(cmp.Compare(x.cost, y.cost), cmp.Compare(x.arc, y.arc)) })
	for _, c := range choices {
		w := b.all.Worker[c.arc]
		with := append(slices.Clone(has[w]), place)
		slices.SortFunc(with, func(x, y int32) int { return cmp.Compare(b.order[x], b.order[y]) })
		if b.room(w, with) == len(with) {
			has[w] = with
			return c.arc
		}
	}
	return assign.Nobody
}

func (b *board) cost(arcs []int32) int64 {
	total, load := int64(0), make([]int, len(b.people))
	for place, a := range arcs {
		if a == assign.Nobody {
			total += b.all.Undone[place]
			continue
		}
		w := b.all.Worker[a]
		total += b.all.Cost[a] + b.all.Load[w][load[w]]
		load[w]++
	}
	return total
}

// nodes is a heap by bound.
type nodes []node

func (n nodes) Len() int { return len(n) }
func (n nodes) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(n[i].bound, n[j].bound), cmp.Compare(n[i].made, n[j].made)) < 0
}
func (n nodes) Swap(i, j int) { n[i], n[j] = n[j], n[i] }
func (n *nodes) Push(x any)   { *n = append(*n, x.(node)) }
func (n *nodes) Pop() any {
	last := (*n)[len(*n)-1]
	*n = (*n)[:len(*n)-1]
	return last
}
