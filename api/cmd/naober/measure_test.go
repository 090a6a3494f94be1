package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
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

// TestBenchSyncMeasures runs the smallest measurement of the synchronisation, on the embedded store: one line, with every
// figure under its name and in its place.
func TestBenchSyncMeasures(t *testing.T) {
	var out bytes.Buffer
	args := strings.Fields("bench sync --docs 25 --store sqlite --rounds 1 --calls 3 --json")
	if err := run(t.Context(), args, func(string) string { return "" }, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("not one line: %s", out.String())
	}
	names := []string{"store", "nochange_pull_us", "nochange_bytes", "full_pull_ms", "full_bytes_gzip", "push_per_s",
		"docs", "rounds", "full_pages", "full_bytes", "nochange_wire_bytes", "nochange_cpu_us", "nochange_store_us", "load"}
	if got := namesOf(t, out.Bytes()); !slices.Equal(got, names) {
		t.Errorf("the names are %v", got)
	}
	var f bench.SyncFigures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if f.Store != "sqlite" || f.Docs != 25 || f.Rounds != 1 || f.FullPages != 1 {
		t.Errorf("%+v", f)
	}
	if f.NochangeUs <= 0 || f.FullMs <= 0 || f.PushPerS <= 0 || f.NochangeCPU <= 0 || f.NochangeStore <= 0 {
		t.Errorf("something was not measured: %+v", f)
	}
	// An answer that says nothing has a few hundred bytes; a page is packed to less than a third.
	if f.NochangeBytes < 100 || f.NochangeBytes > 400 || f.NochangeWire <= f.NochangeBytes || f.FullGzip < 1000 || f.FullGzip*3 > f.FullBytes {
		t.Errorf("lengths that cannot be: %+v", f)
	}
}

// namesOf lists the names of one JSON object, in their order.
func namesOf(t *testing.T, raw []byte) (names []string) {
	d := json.NewDecoder(bytes.NewReader(raw))
	for i := 0; ; i++ {
		token, err := d.Token()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if name, ok := token.(string); ok && i%2 == 1 {
			names = append(names, name)
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
		{"sync --docs 14", "--docs"},
		{"sync --rounds 0", "--rounds"},
		{"sync --calls 0", "--calls"},
		{"sync --seconds 0", "--seconds"},
	} {
		err := run(t.Context(), strings.Fields("bench "+c.args), func(string) string { return "" }, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.said+" is") {
			t.Errorf("bench %s: %v", c.args, err)
		}
	}
}
