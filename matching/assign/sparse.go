package assign

import "math"

// Sparse solves a problem to the optimum. The problem must be without fault (Problem.Check); the
// same problem always gets the same answer. It takes time, so call it where nobody waits.
//
// It gives the tasks places one after the other, each along the cheapest chain of moves in the
// network that prices have made free of negative costs (successive shortest paths). Prices only
// rise, so most chains are short where there are enough workers. Where there are not, long chains
// run through the same neighbourhoods again and again, so those are first laid side by side in
// memory.
func Sparse(p Problem) Solution {
	if !p.scarce() {
		return fill(p)
	}
	turn := swap{}
	turned := turn.problem(p)
	return turn.solution(p, turned, fill(turned))
}

// fill places task by task.
func fill(p Problem) Solution {
	s := newSearch(p)
	s.takeFree()
	if len(s.waiting) > p.Tasks()/4 {
		o := orderOf(p)
		near := newSearch(o.problem(p))
		near.takeFree()
		near.placeWaiting()
		return o.solution(near.solution())
	}
	s.placeWaiting()
	return s.solution()
}

const unreached = int64(math.MaxInt64)

// full is the price of a worker who takes nothing: dearer than any choice there is.
const full = 4 * Limit

// search holds an assignment of some tasks that is an optimum for them, with its prices: each has
// the cheapest of its choices at these prices, and the price of each worker lies between the load
// costs of the last place taken and the first one free.
type search struct {
	p       Problem
	arc     []int32 // by task: the arc chosen, or Nobody
	waiting []int32 // tasks without an answer
	worker  []worker
	sits    []int32 // by place: the task that has it
	reached []int32 // workers of the chain that is being looked for
	queue   queue
}

// worker is what a search knows of one, together because it is looked up together.
type worker struct {
	price int64
	next  int64 // the load cost of the first free place, or unreached where there is none
	dist  int64 // how far the chain that is being looked for is up to here
	task  int32 // the task it comes from
	by    int32 // the arc it comes by
	seat  int32 // where the places begin in sits
	load  int32 // places taken
}

func newSearch(p Problem) *search {
	s := &search{p: p, arc: make([]int32, p.Tasks()), worker: make([]worker, p.Workers())}
	seats := int32(0)
	for i, load := range p.Load {
		w := worker{price: full, next: unreached, dist: unreached, seat: seats}
		if len(load) > 0 {
			w.price, w.next = load[0], load[0]
		}
		s.worker[i] = w
		seats += int32(len(load))
	}
	s.sits = make([]int32, seats)
	s.queue = newQueue(s.worker)
	return s
}

// takeFree gives each task its cheapest choice where that moves nobody and no price; the others
// wait.
func (s *search) takeFree() {
	for i := range int32(len(s.arc)) {
		_, a := s.cheapest(i)
		s.arc[i] = a
		if a == Nobody {
			continue
		}
		if w := s.p.Worker[a]; s.worker[w].next == s.worker[w].price {
			s.sit(w, i)
			continue
		}
		s.arc[i] = Nobody
		s.waiting = append(s.waiting, i)
	}
}

// cheapest is what the cheapest choice of a task costs at the prices, and its arc; Nobody where that
// is to leave it undone.
func (s *search) cheapest(i int32) (int64, int32) {
	least, best := s.p.Undone[i], Nobody
	for a := s.p.Start[i]; a < s.p.Start[i+1]; a++ {
		if c := s.p.Cost[a] + s.worker[s.p.Worker[a]].price; c < least {
			least, best = c, a
		}
	}
	return least, best
}

// sit gives a task the first free place of a worker.
func (s *search) sit(w, i int32) {
	at := &s.worker[w]
	s.sits[at.seat+at.load] = i
	at.load++
	at.next = unreached
	if load := s.p.Load[w]; int(at.load) < len(load) {
		at.next = load[at.load]
	}
}

// end is where a chain ends: in a free place of a worker, or with a task that stays undone.
type end struct {
	dist         int64
	worker, task int32 // one of them; the other is Nobody
}

func (s *search) placeWaiting() {
	for _, i := range s.waiting {
		s.place(i)
	}
}

// place gives a task the choice that is the cheapest for all tasks placed so far together.
func (s *search) place(first int32) {
	least, _ := s.cheapest(first)
	best := end{dist: unreached, worker: Nobody, task: Nobody}
	s.look(first, 0, least, &best)
	for {
		d, some := s.queue.nearest()
		if !some || d >= best.dist {
			break
		}
		at := s.queue.pop()
		w := &s.worker[at]
		if w.next != unreached && d+w.next-w.price < best.dist {
			best = end{dist: d + w.next - w.price, worker: at, task: Nobody}
		}
		for _, i := range s.sits[w.seat : w.seat+w.load] {
			s.look(i, d, s.p.Cost[s.arc[i]]+w.price, &best)
		}
	}
	for _, at := range s.reached {
		w := &s.worker[at]
		w.price += max(0, best.dist-w.dist)
		w.dist = unreached
	}
	s.reached = s.reached[:0]
	s.queue.clear()
	s.move(first, best)
}

// look goes on from a task at distance d, whose choice now costs has: to each of its workers, and to
// leaving it undone.
func (s *search) look(i int32, d, has int64, best *end) {
	if left := d + s.p.Undone[i] - has; left < best.dist {
		*best = end{dist: left, worker: Nobody, task: i}
	}
	from, to := s.p.Start[i], s.p.Start[i+1]
	workers, costs := s.p.Worker[from:to], s.p.Cost[from:to]
	d -= has
	for k, at := range workers {
		w := &s.worker[at]
		there := d + costs[k] + w.price
		if there >= w.dist || there >= best.dist {
			continue
		}
		if w.dist == unreached {
			s.reached = append(s.reached, at)
		}
		w.dist, w.task, w.by = there, i, from+int32(k)
		s.queue.fall(at)
	}
}

// move makes the moves of a chain, from its end back to the task that began it.
func (s *search) move(first int32, e end) {
	w := e.worker
	switch {
	case e.task == first:
		s.arc[first] = Nobody
		return
	case w != Nobody:
		s.sit(w, s.worker[w].task)
	default:
		w = s.p.Worker[s.arc[e.task]]
		s.arc[e.task] = Nobody
		s.replace(w, e.task)
	}
	for {
		i := s.worker[w].task
		from := s.arc[i]
		s.arc[i] = s.worker[w].by
		if i == first {
			return
		}
		w = s.p.Worker[from]
		s.replace(w, i)
	}
}

// replace gives one task's place at a worker to the task that the chain reached the worker from.
func (s *search) replace(w, old int32) {
	at := s.worker[w]
	places := s.sits[at.seat : at.seat+at.load]
	for k, i := range places {
		if i == old {
			places[k] = at.task
			return
		}
	}
}

func (s *search) solution() Solution {
	out := Solution{Arc: s.arc, Price: make([]int64, len(s.worker))}
	for i, w := range s.worker {
		out.Price[i] = w.price
		for _, c := range s.p.Load[i][:w.load] {
			out.Cost += c
		}
	}
	for i, a := range s.arc {
		if a == Nobody {
			out.Cost += s.p.Undone[i]
		} else {
			out.Cost += s.p.Cost[a]
		}
	}
	return out
}
