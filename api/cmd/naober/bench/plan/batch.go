package plan

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"naober/matching/assign"
)

// Batched is the requests of a day, assigned together.
type Batched struct {
	N         int             `json:"n"`
	Shape     string          `json:"shape"`
	Cost      int64           `json:"cost"`
	Time      float64         `json:"ms"`
	Certified bool            `json:"certified"`
	Undone    int             `json:"undone"`
	Seed      uint64          `json:"seed"`
	Problem   assign.Problem  `json:"-"`
	Solution  assign.Solution `json:"-"`
}

// Shapes lists how workers and tasks may lie to each other: "slack" has twice as many volunteers as requests,
// each with one to three places; in "congested" only a fifth of them can be asked.
func Shapes() []string { return []string{"slack", "congested"} }

// Batch draws a day and solves it.
func Batch(n int, shape string, seed uint64) (Batched, error) {
	p := drawBatch(n, shape, seed)
	if err := p.Check(); err != nil {
		return Batched{}, err
	}
	began := time.Now()
	s := assign.Sparse(p)
	took := time.Since(began)
	b := Batched{N: n, Shape: shape, Cost: s.Cost, Time: milliseconds(took), Certified: p.Verify(s) == nil, Seed: seed, Problem: p, Solution: s}
	for _, arc := range s.Arc {
		if arc == assign.Nobody {
			b.Undone++
		}
	}
	return b, nil
}

type spot struct{ x, y float64 }

func (a spot) away(b spot) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }

// ground is 200 km on 200 km with a town for every hundred requests, people around the towns.
type ground struct {
	*rand.Rand
	towns []spot
}

func newGround(seed uint64, n int) ground {
	g := ground{Rand: rand.New(rand.NewPCG(seed, 9)), towns: make([]spot, max(4, n/100))}
	for i := range g.towns {
		g.towns[i] = spot{g.Float64() * 200, g.Float64() * 200}
	}
	return g
}

func (g ground) spot() spot {
	t := g.towns[g.IntN(len(g.towns))]
	return spot{t.x + g.NormFloat64()*2, t.y + g.NormFloat64()*2}
}

const (
	arcs   = 20     // of a request at most
	undone = 60_000 // what a request left alone costs: more than any way
	square = 2.0    // kilometres of a square in which neighbours are looked up
)

func drawBatch(n int, shape string, seed uint64) assign.Problem {
	g := newGround(seed, n)
	asked := 2 * n
	if shape == "congested" {
		asked = max(1, asked/5)
	}
	p, homes, squares := assign.Problem{Start: []int32{0}}, make([]spot, 2*n), map[[2]int][]int32{}
	for i := range homes {
		homes[i] = g.spot()
		if i < asked {
			squares[squareOf(homes[i])] = append(squares[squareOf(homes[i])], int32(i))
		}
		load := make([]int64, 1+g.IntN(3))
		for k := range load {
			load[k] = int64(k * k * 2000) // ever dearer
		}
		p.Load = append(p.Load, load)
	}
	for range n {
		at := g.spot()
		near := around(squares, squareOf(at))
		g.Shuffle(len(near), func(a, b int) { near[a], near[b] = near[b], near[a] })
		near = near[:min(len(near), arcs)]
		slices.Sort(near)
		for _, v := range near {
			p.Worker = append(p.Worker, v)
			p.Cost = append(p.Cost, int64(homes[v].away(at)*1000)+int64(g.IntN(3000)))
		}
		p.Start, p.Undone = append(p.Start, int32(len(p.Worker))), append(p.Undone, undone)
	}
	return p
}

func squareOf(s spot) [2]int {
	return [2]int{int(math.Floor(s.x / square)), int(math.Floor(s.y / square))}
}

// around are those of the squares about one, of ever more until there are enough to choose from.
func around(squares map[[2]int][]int32, k [2]int) []int32 {
	var near []int32
	for s := 0; s < 8 && len(near) < 2*arcs; s++ {
		near = near[:0]
		for x := k[0] - s; x <= k[0]+s; x++ {
			for y := k[1] - s; y <= k[1]+s; y++ {
				near = append(near, squares[[2]int{x, y}]...)
			}
		}
	}
	return near
}

// Write writes the problem and its solution as numbers, for other solvers: tasks and workers; a line for each task
// with what it costs undone, how many arcs it has, and worker and cost of each; a line for each worker with how many
// it takes and what each costs more; then the arc of each task, counted over all from 0, or -1; then each worker's price;
// then what it all costs.
func (b Batched) Write(out io.Writer) error {
	p, w := b.Problem, bufio.NewWriter(out)
	fmt.Fprintln(w, p.Tasks(), p.Workers())
	for i := range p.Tasks() {
		fmt.Fprint(w, p.Undone[i], " ", p.Start[i+1]-p.Start[i])
		for a := p.Start[i]; a < p.Start[i+1]; a++ {
			fmt.Fprint(w, " ", p.Worker[a], " ", p.Cost[a])
		}
		fmt.Fprintln(w)
	}
	for _, load := range p.Load {
		numbers(w, append([]int64{int64(len(load))}, load...))
	}
	numbers(w, b.Solution.Arc)
	numbers(w, b.Solution.Price)
	fmt.Fprintln(w, b.Solution.Cost)
	return w.Flush()
}

// numbers writes a line of them.
func numbers[T any](w io.Writer, all []T) {
	for i, v := range all {
		if i > 0 {
			fmt.Fprint(w, " ")
		}
		fmt.Fprint(w, v)
	}
	fmt.Fprintln(w)
}
