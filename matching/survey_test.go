package matching

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"naober/matching/care"
)

// byPerson gives a pool as Look takes it, each time in the same room.
func byPerson(pool []Candidate) func(func([]Candidate) bool) {
	return func(yield func([]Candidate) bool) {
		var room []Candidate
		done := map[care.PersonID]bool{}
		for _, c := range pool {
			if done[c.Person] {
				continue
			}
			done[c.Person] = true
			room = room[:0]
			for _, other := range pool {
				if other.Person == c.Person {
					room = append(room, other)
				}
			}
			if !yield(room) {
				return
			}
		}
	}
}

func TestALookSaysWhatTheRankingSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := company(), anyPool(t)
		if rapid.Bool().Draw(t, "ride") {
			n = ride()
		}
		most := rapid.IntRange(1, 6).Draw(t, "most")
		want, got := Rank(n, pool), Look(n, most, byPerson(pool))
		for _, viewer := range []Viewer{ViewServer, ViewModerator, ViewDesk, ViewResident, ViewProfessional} {
			if !reflect.DeepEqual(Counts(want, viewer), got.Counts(viewer)) {
				t.Fatalf("%s counts %v, not %v", viewer, got.Counts(viewer), Counts(want, viewer))
			}
		}
		fits, outs := want.Fitting[:min(most, len(want.Fitting))], want.RuledOut[:min(most, len(want.RuledOut))]
		if fmt.Sprint(fits) != fmt.Sprint(got.Fitting) || !slices.Equal(outs, got.RuledOut) {
			t.Fatalf("got %v and %v, want %v and %v", got.Fitting, got.RuledOut, fits, outs)
		}
	})
}

// TestALookMakesNoMoreInABiggerVillage counts the allocations of a look and of an explanation among people who fit, are too far away, have
// had their questions, are busy, away or lack a vetting.
func TestALookMakesNoMoreInABiggerVillage(t *testing.T) {
	village := func(size int) []Candidate {
		pool := street(size)
		for i := range pool {
			c := &pool[i]
			c.Offer.Radius = 30_000
			switch i % 6 {
			case 1:
				c.Offer.Radius = 10
			case 2:
				for q := range 8 {
					c.Helper.Questions = append(c.Helper.Questions, at(-1-q, 12, 0))
				}
			case 3:
				c.Helper.Agreed = []care.Agreed{booked(at(3, 13, 0), at(3, 16, 0))}
			case 4:
				c.Offer.Availability = thursdays(8, 10)
			case 5:
				c.Helper.Vettings = nil
			}
		}
		return pool
	}
	made := func(size int, look func(Need, iter.Seq[[]Candidate])) float64 {
		people, n := byPerson(village(size)), company()
		var all [][]Candidate
		for one := range people {
			all = append(all, slices.Clone(one))
		}
		return testing.AllocsPerRun(10, func() {
			look(n, slices.Values(all))
		})
	}
	for name, look := range map[string]func(Need, iter.Seq[[]Candidate]){
		"a look":         func(n Need, all iter.Seq[[]Candidate]) { Look(n, 20, all) },
		"an explanation": func(n Need, all iter.Seq[[]Candidate]) { Explain(n, 20, all) },
	} {
		few, many := made(200, look), made(2_000, look)
		if many > few*1.1 {
			t.Errorf("%s: %.0f allocations among 200 people, %.0f among 2,000", name, few, many)
		}
		t.Logf("figure: %s makes %.0f allocations among 2,000 people", name, many)
	}
}
