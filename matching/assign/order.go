package assign

// order lays tasks and workers that share arcs side by side, breadth first, so that a chain of moves
// stays in the processor's cache.
type order struct {
	task   []int32 // by new number: the old one
	worker []int32
	start  []int32 // by old number of a task: where its arcs began
	first  []int32 // by new number of a task: where its arcs begin
}

func orderOf(p Problem) order {
	o := order{task: make([]int32, 0, p.Tasks()), worker: make([]int32, 0, p.Workers()), start: p.Start}
	begins, arcs := arcsOf(p)
	owner := owners(p)
	seen, met := make([]bool, p.Tasks()), make([]bool, p.Workers())
	for root := range int32(p.Tasks()) {
		if seen[root] {
			continue
		}
		seen[root] = true
		o.task = append(o.task, root)
		for at := len(o.task) - 1; at < len(o.task); at++ {
			i := o.task[at]
			for _, w := range p.Worker[p.Start[i]:p.Start[i+1]] {
				if met[w] {
					continue
				}
				met[w] = true
				o.worker = append(o.worker, w)
				for _, a := range arcs[begins[w]:begins[w+1]] {
					if t := owner[a]; !seen[t] {
						seen[t] = true
						o.task = append(o.task, t)
					}
				}
			}
		}
	}
	for w, m := range met {
		if !m {
			o.worker = append(o.worker, int32(w))
		}
	}
	return o
}

// arcsOf lists the arcs that lead to each worker: those of w at begins[w] up to begins[w+1].
func arcsOf(p Problem) (begins, arcs []int32) {
	begins, arcs = make([]int32, p.Workers()+1), make([]int32, len(p.Worker))
	for _, w := range p.Worker {
		begins[w+1]++
	}
	for w := range p.Workers() {
		begins[w+1] += begins[w]
	}
	at := append([]int32(nil), begins...)
	for a, w := range p.Worker {
		arcs[at[w]] = int32(a)
		at[w]++
	}
	return begins, arcs
}

// owners tells of each arc the task it belongs to.
func owners(p Problem) []int32 {
	owner := make([]int32, len(p.Worker))
	for i := range int32(p.Tasks()) {
		for a := p.Start[i]; a < p.Start[i+1]; a++ {
			owner[a] = i
		}
	}
	return owner
}

// problem is the problem in this order.
func (o *order) problem(p Problem) Problem {
	q := Problem{Start: make([]int32, 1, p.Tasks()+1), Worker: make([]int32, 0, len(p.Worker)), Cost: make([]int64, 0, len(p.Cost)),
		Undone: make([]int64, 0, p.Tasks()), Load: make([][]int64, 0, p.Workers())}
	renamed := make([]int32, p.Workers())
	for at, w := range o.worker {
		renamed[w] = int32(at)
		q.Load = append(q.Load, p.Load[w])
	}
	for _, i := range o.task {
		from, to := p.Start[i], p.Start[i+1]
		for _, w := range p.Worker[from:to] {
			q.Worker = append(q.Worker, renamed[w])
		}
		q.Cost = append(q.Cost, p.Cost[from:to]...)
		q.Undone = append(q.Undone, p.Undone[i])
		q.Start = append(q.Start, int32(len(q.Worker)))
	}
	o.first = q.Start
	return q
}

// solution turns a solution in this order into one of the problem as it was.
func (o *order) solution(s Solution) Solution {
	out := Solution{Arc: make([]int32, len(s.Arc)), Cost: s.Cost, Price: make([]int64, len(s.Price))}
	for at, i := range o.task {
		out.Arc[i] = Nobody
		if a := s.Arc[at]; a != Nobody {
			out.Arc[i] = o.start[i] + a - o.first[at]
		}
	}
	for at, w := range o.worker {
		out.Price[w] = s.Price[at]
	}
	return out
}
