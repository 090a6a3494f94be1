package assign

import (
	"fmt"
	"slices"
)

// Limit bounds the size of each cost of a problem, in either direction: sums along any path of an
// int64 then stay exact for every problem that fits in memory.
const Limit = int64(1) << 40

// Problem is a sparse assignment with capacities. Task i may go to each worker of its arcs, at the
// arc's cost, or stay undone at Undone[i]; the k-th task that a worker takes (from 0) costs
// Load[worker][k] more. The total is to be the smallest.
type Problem struct {
	// Arcs of task i are those at Start[i] up to Start[i+1]; Start has one entry more than there
	// are tasks.
	Start  []int32
	Worker []int32
	Cost   []int64
	// Undone is what it costs to leave a task without a worker.
	Undone []int64
	// Load holds for each worker the cost of its first, second, ... task, never falling; its length
	// is how many tasks the worker takes at most.
	Load [][]int64
}

// Tasks is how many tasks there are.
func (p Problem) Tasks() int { return len(p.Undone) }

// Workers is how many workers there are.
func (p Problem) Workers() int { return len(p.Load) }

// Check says what is wrong with a problem, if anything is. The solvers expect one without fault.
func (p Problem) Check() error {
	if len(p.Start) != p.Tasks()+1 || p.Start[0] != 0 || int(p.Start[p.Tasks()]) != len(p.Worker) || len(p.Worker) != len(p.Cost) {
		return fmt.Errorf("assign: %d tasks with %d starts, %d workers of arcs and %d costs of arcs", p.Tasks(), len(p.Start), len(p.Worker), len(p.Cost))
	}
	if !slices.IsSorted(p.Start) {
		return fmt.Errorf("assign: the starts of the tasks' arcs do not rise")
	}
	for a, w := range p.Worker {
		if w < 0 || int(w) >= p.Workers() {
			return fmt.Errorf("assign: arc %d leads to worker %d of %d", a, w, p.Workers())
		}
	}
	for w, load := range p.Load {
		if !slices.IsSorted(load) {
			return fmt.Errorf("assign: the load of worker %d gets cheaper", w)
		}
		if err := withinLimit("load", load); err != nil {
			return err
		}
	}
	if err := withinLimit("arc", p.Cost); err != nil {
		return err
	}
	return withinLimit("undone", p.Undone)
}

func withinLimit(what string, costs []int64) error {
	for i, c := range costs {
		if c < -Limit || c > Limit {
			return fmt.Errorf("assign: %s cost %d is %d, beyond %d", what, i, c, Limit)
		}
	}
	return nil
}

// Nobody stands for the worker of a task that stays undone.
const Nobody = int32(-1)

// Solution is who does what, and the prices that prove that nothing is cheaper.
type Solution struct {
	Arc  []int32 // for each task the index of its arc, or Nobody
	Cost int64   // the total
	// Price is what a place at each worker is worth. See Verify for what it proves.
	Price []int64
}

// Verify proves that a solution is allowed and that no other is cheaper, or says why it is not.
//
// The proof is linear programming's duality. Whatever the prices, no allowed assignment costs less
// than
//
//	sum over tasks of the cheapest of (undone, arc + price of its worker)
//	- sum over workers and places of what the price exceeds the place's load cost by, if it does
//
// since a worker's places are paid for at least by the tasks that take them. A solution that costs
// just that much is therefore an optimum.
func (p Problem) Verify(s Solution) error {
	if len(s.Arc) != p.Tasks() || len(s.Price) != p.Workers() {
		return fmt.Errorf("assign: %d tasks and %d workers, but %d answers and %d prices", p.Tasks(), p.Workers(), len(s.Arc), len(s.Price))
	}
	cost, err := p.cost(s.Arc)
	if err != nil {
		return err
	}
	if cost != s.Cost {
		return fmt.Errorf("assign: the solution says it costs %d, but it costs %d", s.Cost, cost)
	}
	if bound := p.bound(s.Price); bound != cost {
		return fmt.Errorf("assign: the solution costs %d, the prices prove only %d", cost, bound)
	}
	return nil
}

func (p Problem) cost(arcs []int32) (int64, error) {
	total, load := int64(0), make([]int, p.Workers())
	for i, a := range arcs {
		if a == Nobody {
			total += p.Undone[i]
			continue
		}
		if a < p.Start[i] || a >= p.Start[i+1] {
			return 0, fmt.Errorf("assign: arc %d is not of task %d", a, i)
		}
		w := p.Worker[a]
		if load[w] == len(p.Load[w]) {
			return 0, fmt.Errorf("assign: worker %d takes more than %d tasks", w, len(p.Load[w]))
		}
		total += p.Cost[a] + p.Load[w][load[w]]
		load[w]++
	}
	return total, nil
}

func (p Problem) bound(price []int64) int64 {
	total := int64(0)
	for i, undone := range p.Undone {
		least := undone
		for a := p.Start[i]; a < p.Start[i+1]; a++ {
			least = min(least, p.Cost[a]+price[p.Worker[a]])
		}
		total += least
	}
	for w, load := range p.Load {
		for _, c := range load {
			total -= max(0, price[w]-c)
		}
	}
	return total
}
