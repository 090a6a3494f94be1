package assign

// swap turns a problem around: the places look for tasks, each task is to be had once, and what a
// place is worth to a task is what leaving the task undone would cost more. Where places are scarce
// this is the side on which chains are short.
type swap struct {
	arc []int32 // by arc of the turned problem: the arc that it was
}

// scarce tells whether there are clearly fewer places to be had than tasks; turning a problem costs
// an arc for each place.
func (p Problem) scarce() bool {
	wanted := make([]bool, p.Workers())
	for _, w := range p.Worker {
		wanted[w] = true
	}
	places := 0
	for w, load := range p.Load {
		if wanted[w] {
			places += len(load)
		}
	}
	return int64(places)*10 < int64(p.Tasks())*9
}

func (s *swap) problem(p Problem) Problem {
	begins, arcs := arcsOf(p)
	owner := owners(p)
	places, total := 0, 0
	for w, load := range p.Load {
		places += len(load)
		total += len(load) * int(begins[w+1]-begins[w])
	}
	q := Problem{Start: make([]int32, 1, places+1), Worker: make([]int32, 0, total), Cost: make([]int64, 0, total),
		Undone: make([]int64, places), Load: make([][]int64, p.Tasks())}
	s.arc = make([]int32, 0, total)
	for w, load := range p.Load {
		for _, c := range load {
			for _, a := range arcs[begins[w]:begins[w+1]] {
				q.Worker = append(q.Worker, owner[a])
				q.Cost = append(q.Cost, p.Cost[a]+c-p.Undone[owner[a]])
				s.arc = append(s.arc, a)
			}
			q.Start = append(q.Start, int32(len(q.Worker)))
		}
	}
	once := []int64{0}
	for i := range q.Load {
		q.Load[i] = once
	}
	return q
}

// solution turns a solution of the turned problem back. A worker's price is what the keenest task
// would give for a place: less would not keep the tasks away that have another choice, and more
// would prove less.
func (s *swap) solution(p Problem, turned Problem, found Solution) Solution {
	out := Solution{Arc: make([]int32, p.Tasks()), Cost: found.Cost, Price: make([]int64, p.Workers())}
	for i := range out.Arc {
		out.Arc[i] = Nobody
		out.Cost += p.Undone[i]
	}
	for _, a := range found.Arc {
		if a != Nobody {
			out.Arc[turned.Worker[a]] = s.arc[a]
		}
	}
	for w := range out.Price {
		out.Price[w] = -full
		if len(p.Load[w]) == 0 {
			out.Price[w] = full
		}
	}
	for i, undone := range p.Undone {
		for a := p.Start[i]; a < p.Start[i+1]; a++ {
			w := p.Worker[a]
			out.Price[w] = max(out.Price[w], undone-found.Price[i]-p.Cost[a])
		}
	}
	return out
}
