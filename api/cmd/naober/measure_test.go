package main

import (
	"bytes"
	"encoding/json"
	"io"
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
