package plan

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"naober/matching/assign"
)

// largest bounds what a file may ask for.
const largest = 5000

// Assigned is an assignment problem of a file, solved.
type Assigned struct {
	File      string          `json:"file"`
	Cost      int64           `json:"cost"`
	Time      float64         `json:"ms"`
	Certified bool            `json:"certified"` // its prices prove that nothing is cheaper
	Matching  assign.Matching `json:"-"`
}

// Assign solves a file of the OR-Library: the size, and then the costs row by row.
func Assign(file string) (Assigned, error) {
	m, err := readMatrix(file)
	if err != nil {
		return Assigned{}, err
	}
	began := time.Now()
	s := assign.Dense(m)
	took := time.Since(began)
	return Assigned{File: file, Cost: s.Cost, Time: milliseconds(took), Certified: m.Verify(s) == nil, Matching: s}, nil
}

func readMatrix(file string) (m assign.Matrix, err error) {
	f, err := os.Open(file)
	if err != nil {
		return m, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if _, err := fmt.Fscan(in, &m.N); err != nil || m.N < 1 || m.N > largest {
		return m, fmt.Errorf("%s: the size is a number from 1 to %d", file, largest)
	}
	m.Cost = make([]int64, m.N*m.N)
	for i := range m.Cost {
		if _, err := fmt.Fscan(in, &m.Cost[i]); err != nil {
			return m, fmt.Errorf("%s: cost %d of %d cannot be read", file, i+1, len(m.Cost))
		}
	}
	return m, m.Check()
}

// Write writes the solution: for each row its column, counted from 0, and then the prices of rows and of
// columns, each on a line of its own.
func (a Assigned) Write(out io.Writer) error {
	w := bufio.NewWriter(out)
	numbers(w, a.Matching.Column)
	numbers(w, a.Matching.Row)
	numbers(w, a.Matching.Price)
	return w.Flush()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
