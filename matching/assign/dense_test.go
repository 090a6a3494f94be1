package assign

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func drawMatrix(r *rand.Rand, n, span int) Matrix {
	m := Matrix{N: n, Cost: make([]int64, n*n)}
	for i := range m.Cost {
		m.Cost[i] = int64(r.IntN(2*span) - span)
	}
	return m
}

func bruteMatrix(m Matrix, row int, taken []bool) int64 {
	if row == m.N {
		return 0
	}
	least := unreached
	for j := range m.N {
		if !taken[j] {
			taken[j] = true
			least = min(least, m.Cost[row*m.N+j]+bruteMatrix(m, row+1, taken))
			taken[j] = false
		}
	}
	return least
}

func TestDenseIsTheOptimumOfEverySmallMatrix(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 4))
		m := drawMatrix(r, r.IntN(7), []int{2, 10, 100_000}[seed%3])
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
		s := Dense(m)
		if err := m.Verify(s); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if best := bruteMatrix(m, 0, make([]bool, m.N)); s.Cost != best {
			t.Fatalf("seed %d: cost %d, the best is %d", seed, s.Cost, best)
		}
	}
}

func TestDenseProvesLargerMatrices(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		m := drawMatrix(r, 50+r.IntN(150), []int{3, 50, 1_000_000}[seed%3])
		if err := m.Verify(Dense(m)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func TestMatrixVerifyBelievesNothing(t *testing.T) {
	m := drawMatrix(rand.New(rand.NewPCG(1, 6)), 12, 100)
	good := Dense(m)
	for name, spoil := range map[string]func(*Matching){
		"a column twice":      func(s *Matching) { s.Column[0] = s.Column[1] },
		"a wrong total":       func(s *Matching) { s.Cost-- },
		"a price too high":    func(s *Matching) { s.Row[3] += 1 },
		"a price too low":     func(s *Matching) { s.Row[3] -= 1 },
		"a dearer exchange":   func(s *Matching) { s.Column[0], s.Column[1] = s.Column[1], s.Column[0]; s.Cost = costOf(m, s.Column) },
		"a column that isn't": func(s *Matching) { s.Column[0] = 12 },
	} {
		s := Matching{Column: slices.Clone(good.Column), Cost: good.Cost, Row: slices.Clone(good.Row), Price: slices.Clone(good.Price)}
		spoil(&s)
		if m.Verify(s) == nil {
			t.Errorf("%s is believed", name)
		}
	}
}

// Rows that want the same columns outbid each other in steps of a unit here, as often as the dearest cost has units.
func TestDenseBidsNoLongerForLargeCosts(t *testing.T) {
	const b = Limit
	m := Matrix{N: 8, Cost: []int64{
		1, -1, -1, 1, 0, 1, 1, -b,
		0, -1, 1, b - 1, b - 1, 1, -1, -b,
		1 - b, 1, b, -b, 1, -1, 1, -1,
		b - 1, 0, b, -b, -1, b, 1 - b, -b,
		b, 0, 1, -1, b - 1, 0, b - 1, 1 - b,
		-1, 1 - b, 1, 0, 1 - b, -1, -b, 1,
		1 - b, b, b, -b, b - 1, b, -b, 0,
		1 - b, b - 1, b, 1 - b, -1, 1 - b, b - 1, b - 1,
	}}
	s := Dense(m)
	if err := m.Verify(s); err != nil {
		t.Fatal(err)
	}
	if best := bruteMatrix(m, 0, make([]bool, m.N)); s.Cost != best {
		t.Errorf("cost %d, the best is %d", s.Cost, best)
	}
}

// Costs at either end and a unit from it are where bids rise in the smallest steps.
func TestDenseIsTheOptimumAtTheLimits(t *testing.T) {
	ends := []int64{-Limit, 1 - Limit, -1, 0, 1, Limit - 1, Limit}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := Matrix{N: 5 + r.IntN(3)}
		for range m.N * m.N {
			m.Cost = append(m.Cost, ends[r.IntN(len(ends))])
		}
		s := Dense(m)
		if err := m.Verify(s); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if best := bruteMatrix(m, 0, make([]bool, m.N)); s.Cost != best {
			t.Fatalf("seed %d: cost %d, the best is %d", seed, s.Cost, best)
		}
	}
}

func TestMatrixCheck(t *testing.T) {
	for _, m := range []Matrix{{N: 1 << 32}, {N: -1}, {N: -1, Cost: make([]int64, 1)}, {N: 2, Cost: make([]int64, 3)}, {N: 2, Cost: make([]int64, 5)}, {Cost: make([]int64, 1)}, {N: 1, Cost: []int64{Limit + 1}}, {N: 1, Cost: []int64{-1 << 63}}} {
		if m.Check() == nil {
			t.Errorf("%d costs for %d rows are without fault", len(m.Cost), m.N)
		}
	}
	for _, m := range []Matrix{{}, {N: 1, Cost: []int64{-Limit}}, {N: 2, Cost: make([]int64, 4)}} {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}

func costOf(m Matrix, columns []int32) (total int64) {
	for i, j := range columns {
		total += m.Cost[i*m.N+int(j)]
	}
	return total
}

// The optima are those of OR-Library (J. E. Beasley, Journal of the Operational Research Society
// 41, 1990).
func TestDenseSolvesTheLibrarysProblems(t *testing.T) {
	for name, want := range map[string]int64{"assign100": 305, "assign200": 475, "assign300": 626, "assign400": 804} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "matching", name+".txt"))
			if err != nil {
				t.Skipf("the library's problems are not here: %v", err)
			}
			defer f.Close()
			in, m := bufio.NewReader(f), Matrix{}
			if _, err := fmt.Fscan(in, &m.N); err != nil {
				t.Fatal(err)
			}
			m.Cost = make([]int64, m.N*m.N)
			for i := range m.Cost {
				if _, err := fmt.Fscan(in, &m.Cost[i]); err != nil {
					t.Fatal(err)
				}
			}
			s := Dense(m)
			if err := m.Verify(s); err != nil || s.Cost != want {
				t.Errorf("cost %d, the optimum is %d: %v", s.Cost, want, err)
			}
		})
	}
}
