package assign

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// draw makes a problem small enough to try every assignment of it.
func draw(r *rand.Rand, tasks, workers, arcs, span int) Problem {
	p := Problem{Start: []int32{0}}
	for range tasks {
		of := r.Perm(workers)[:r.IntN(min(arcs, workers)+1)]
		slices.Sort(of)
		for _, w := range of {
			p.Worker = append(p.Worker, int32(w))
			p.Cost = append(p.Cost, int64(r.IntN(2*span)-span))
		}
		p.Start = append(p.Start, int32(len(p.Worker)))
		p.Undone = append(p.Undone, int64(r.IntN(2*span)))
	}
	for range workers {
		load := make([]int64, r.IntN(4))
		for k := range load {
			load[k] = int64(r.IntN(span) - span/4)
		}
		slices.Sort(load)
		p.Load = append(p.Load, load)
	}
	return p
}

// brute is the least cost of all assignments, tried one by one.
func brute(p Problem) int64 {
	load := make([]int, p.Workers())
	var try func(i int) int64
	try = func(i int) int64 {
		if i == p.Tasks() {
			return 0
		}
		least := p.Undone[i] + try(i+1)
		for a := p.Start[i]; a < p.Start[i+1]; a++ {
			w := p.Worker[a]
			if load[w] == len(p.Load[w]) {
				continue
			}
			c := p.Cost[a] + p.Load[w][load[w]]
			load[w]++
			least = min(least, c+try(i+1))
			load[w]--
		}
		return least
	}
	return try(0)
}

func TestSparseIsTheOptimumOfEverySmallProblem(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := draw(r, 1+r.IntN(6), 1+r.IntN(5), 4, []int{3, 20, 1000}[seed%3])
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		s := Sparse(p)
		if err := p.Verify(s); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if best := brute(p); s.Cost != best {
			t.Fatalf("seed %d: cost %d, the best is %d", seed, s.Cost, best)
		}
	}
}

func TestSparseProvesLargerProblems(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := draw(r, 300, []int{60, 200, 900}[seed%3], 12, []int{4, 100, 100_000}[seed%3])
		if err := p.Verify(Sparse(p)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func TestVerifyBelievesNothing(t *testing.T) {
	p := draw(rand.New(rand.NewPCG(7, 3)), 30, 20, 6, 50)
	good := Sparse(p)
	if err := p.Verify(good); err != nil {
		t.Fatal(err)
	}
	done := slices.IndexFunc(good.Arc, func(a int32) bool { return a != Nobody })
	for name, spoil := range map[string]func(*Solution){
		"a wrong total":            func(s *Solution) { s.Cost-- },
		"a dearer choice":          func(s *Solution) { s.Arc[done] = Nobody; s.Cost, _ = p.cost(s.Arc) },
		"an arc of another task":   func(s *Solution) { s.Arc[done] = p.Start[done+1] },
		"a price that proves less": func(s *Solution) { s.Price[p.Worker[s.Arc[done]]] += 1000 },
		"too few answers":          func(s *Solution) { s.Arc = s.Arc[1:] },
	} {
		s := Solution{Arc: slices.Clone(good.Arc), Cost: good.Cost, Price: slices.Clone(good.Price)}
		spoil(&s)
		if p.Verify(s) == nil {
			t.Errorf("%s is believed", name)
		}
	}
}

func TestCheckNamesTheFault(t *testing.T) {
	good := Problem{Start: []int32{0, 1}, Worker: []int32{0}, Cost: []int64{1}, Undone: []int64{9}, Load: [][]int64{{0, 1}}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Problem){
		"a worker who is not there":   func(p *Problem) { p.Worker = []int32{1} },
		"a load that gets cheaper":    func(p *Problem) { p.Load = [][]int64{{1, 0}} },
		"a cost beyond the limit":     func(p *Problem) { p.Cost = []int64{Limit + 1} },
		"starts that do not rise":     func(p *Problem) { p.Start = []int32{0, 2, 1}; p.Undone = []int64{1, 1} },
		"a task without its undone":   func(p *Problem) { p.Undone = nil },
		"no start at all":             func(p *Problem) { p.Start = nil; p.Undone = nil },
		"an undone beyond the limits": func(p *Problem) { p.Undone = []int64{-Limit - 1} },
	} {
		p := good
		spoil(&p)
		if p.Check() == nil {
			t.Errorf("%s is not noticed", name)
		}
	}
}
