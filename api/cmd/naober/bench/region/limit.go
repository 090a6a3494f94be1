package region

import (
	"math/rand/v2"
	"slices"
	"time"

	"naober/matching/index"
)

// Limit is what a search in the nearest costs at least on this machine: the lines of memory that whoever
// knew the last hit would have to read, times what a line costs, and the tests of rectangles and the heap
// alone.
type Limit struct {
	Lines float64 `json:"lines"`    // of 64 bytes, median
	Line  float64 `json:"line_ns"`  // one at random, of many that do not wait for each other
	Boxes float64 `json:"boxes_us"` // median
	Whole float64 `json:"limit_us"` // Lines times Line, and Boxes
	Ratio float64 `json:"of_limit"` // p50 by Whole
}

// limitOf measures it for questions that are answered by hits.
func limitOf(w index.World, questions []index.Ranking, p50 float64) Limit {
	var f index.Finder
	var lines []float64
	var boxes []time.Duration
	for i := range questions {
		q := &questions[i].Query
		hits := slices.Clone(f.Nearest(w, q))
		last := q.Within * q.Within
		if len(hits) == q.K {
			last = hits[len(hits)-1].Square
		}
		lines = append(lines, float64(f.Lines(w, q, last)))
		began := time.Now()
		f.Boxes(w, q, last, hits)
		boxes = append(boxes, time.Since(began))
	}
	slices.Sort(lines)
	l := Limit{Line: lineTime()}
	if len(lines) > 0 {
		l.Lines = lines[len(lines)/2]
	}
	l.Boxes = percentile(boxes, 50)
	l.Whole = l.Lines*l.Line/1000 + l.Boxes
	l.Ratio = p50 / l.Whole
	return l
}

// lineTime is how many nanoseconds a random line of 256 MiB takes.
func lineTime() float64 {
	room := make([]uint64, 256<<20/8)
	for i := range room {
		room[i] = uint64(i)
	}
	r := rand.New(rand.NewPCG(1, 1))
	at := make([]uint32, 1<<20)
	for i := range at {
		at[i] = r.Uint32N(uint32(len(room)))
	}
	best := time.Duration(1 << 62)
	sum := uint64(0)
	for range 3 {
		began := time.Now()
		for _, i := range at {
			sum += room[i]
		}
		best = min(best, time.Since(began))
	}
	if sum == 0 {
		return 0
	}
	return float64(best.Nanoseconds()) / float64(len(at))
}
