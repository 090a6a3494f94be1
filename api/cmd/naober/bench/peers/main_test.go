package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"

	"naober/api/cmd/naober/bench/region"
	"naober/matching/index"
)

// Whoever needs no server finds just what a look at everybody finds, and is asked in every case that it can.
func TestWhoeverIsAskedFindsTheSame(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--n", "20000", "--rounds", "2", "--questions", "60", "--slow", "40"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for d := json.NewDecoder(&out); d.More(); {
		var l Line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		if seen = append(seen, fmt.Sprint(l.System, " ", l.Case)); l.Exact != 1 || len(l.P50) != 2 || l.P50[0] <= 0 {
			t.Errorf("%+v", l)
		}
	}
	for _, want := range []string{"naober s6", "naober s5", "tidwall/rtree s5", "tidwall/rtree s3", "naober, HTTP + JSON s3"} {
		if !slices.Contains(seen, want) {
			t.Errorf("%s is missing among %q", want, seen)
		}
	}
}

// An answer that is wrong does not count as one that is right.
func TestWrongAnswersAreNoticed(t *testing.T) {
	all := region.Volunteers(1, 3000)
	k := &region.Questions(region.S1, 1, 1, len(all))[0]
	k.Within = 0
	want := region.Brute(region.S1, all, k)
	hits, err := (&ours{world: index.Build(all)}).ask(region.S1, k)
	if err != nil || !equal(region.S1, false, hits, want) || !equal(region.S1, true, hits, want) {
		t.Fatalf("%v and %v, %v", hits, want, err)
	}
	wrong := slices.Clone(hits)
	wrong[3].Square++
	if equal(region.S1, true, wrong, want) || equal(region.S1, true, hits[1:], want) {
		t.Error("another distance, or one fewer, passes")
	}
	wrong = slices.Clone(hits)
	wrong[3].ID++
	if equal(region.S1, false, wrong, want) {
		t.Error("somebody else passes")
	}
}

// What a server is given: one line for each, with those who are free besides not left out by the week.
func TestRowOf(t *testing.T) {
	v := index.Volunteer{ID: 7, At: index.Point{X: 5, Y: 6}, Reach: 100, Traits: 5, Weekly: []index.Hours{{From: 40, To: 50}}, Busy: []index.Span{{From: 9, To: 12}, {From: 3, To: 3}}}
	if got, want := rowOf(&v), "7\tPOINT(5 6)\t{[40,50)}\t{[9,12)}\t\\N\t5\t0\tempty\t100"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	v.Free = []index.Span{{From: region.Monday, To: region.Monday + 4}}
	if got := rowOf(&v); !bytes.Contains([]byte(got), []byte("\t{[0,672)}\t")) {
		t.Errorf("%q leaves them out", got)
	}
}
