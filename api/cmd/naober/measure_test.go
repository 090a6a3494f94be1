package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"naober/api/cmd/naober/bench"
)

// TestBenchMeasuresAndNothingGrows runs the smallest measurement: every figure is there, and what
// a call allocates does not grow with the village.
func TestBenchMeasuresAndNothingGrows(t *testing.T) {
	var out bytes.Buffer
	args := []string{"bench", "api", "--clients", "2", "--rounds", "1", "--calls", "20", "--villages", "200,2000", "--json"}
	if err := run(t.Context(), args, func(string) string { return "" }, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != 6 || len(r.Growth) != 8 {
		t.Fatalf("%d figures, %d of growth", len(r.Figures), len(r.Growth))
	}
	for _, f := range r.Figures {
		if f.Ours <= 0 || f.Bare <= 0 || f.Ratio.Median <= 0 || f.Bytes == 0 {
			t.Errorf("%+v", f)
		}
	}
	small := map[string]uint64{}
	for _, g := range r.Growth {
		switch at, seen := small[g.Operation]; {
		case !seen:
			small[g.Operation] = g.Allocs
		case g.Allocs > at+at/10:
			t.Errorf("%s: %d allocations among 200 residents, %d among %d", g.Operation, at, g.Allocs, g.Residents)
		}
	}
}

// A measurement that could say nothing is refused by the name of its flag.
func TestBenchRefusesFlagsThatMeasureNothing(t *testing.T) {
	for _, c := range []struct{ args, said string }{
		{"match --n 100 --queries 10 --sample 0", "--sample"},
		{"match --n 100 --queries 10 --sample 11", "--sample"},
		{"insert --trips 10 --queries 5 --sample 0", "--sample"},
		{"rides --seconds 1e-300 day.txt", "--seconds"},
		{"rides --seconds 0 day.txt", "--seconds"},
		{"rides --seconds NaN day.txt", "--seconds"},
	} {
		err := run(t.Context(), strings.Fields("bench "+c.args), func(string) string { return "" }, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.said+" is") {
			t.Errorf("bench %s: %v", c.args, err)
		}
	}
}
