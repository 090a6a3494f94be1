package matching

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"naober/matching/care"
	"naober/matching/place"
)

// read is everything that a viewer reads of an explanation.
func read(e Explanation, v Viewer) string {
	return fmt.Sprint(View(e.Ranking, v), e.Counts(v), told(e.Changes(v)))
}

// handled is the crowd with one person of it changed, in all of their offers.
func handled(pool []Candidate, who care.PersonID, hand func(*Candidate)) []Candidate {
	changed := slices.Clone(pool)
	for i := range changed {
		if changed[i].Person == who {
			hand(&changed[i])
		}
	}
	return changed
}

// TestABlockChangesNoByteOfAnExplanation also holds that nobody is told of it in another way: to the
// moderator and the desk it reads like a limit that is reached.
func TestABlockChangesNoByteOfAnExplanation(t *testing.T) {
	peace := func(c *Candidate) { c.Helper.Blocks, c.Helper.BlockedBy = nil, nil }
	full := func(c *Candidate) { peace(c); c.Helper.Quiet.MonthlyLimit = 0 }
	by := func(c *Candidate) { peace(c); c.Helper.BlockedBy = []care.PersonID{"resident"} }
	differed := 0
	rapid.Check(t, func(t *rapid.T) {
		n, pool := wishful(t), crowd(t)
		if len(pool) == 0 {
			return
		}
		who := rapid.SampledFrom(pool).Draw(t, "who").Person
		for i := range pool {
			if pool[i].Person == who {
				pool[i].Helper.Quiet.Paused = nil // a rest of their own is another matter than a limit
			}
		}
		without := explained(n, handled(pool, who, peace))
		for _, hand := range []func(*Candidate){block, by} {
			with := explained(n, handled(pool, who, hand))
			for _, v := range []Viewer{ViewResident, ViewProfessional, "somebody else"} {
				if read(with, v) != read(without, v) {
					t.Fatalf("%s reads %s with the block, %s without", v, read(with, v), read(without, v))
				}
			}
			if told(with.Changes(ViewServer)) != told(without.Changes(ViewServer)) {
				differed++
			}
			limited := explained(n, handled(pool, who, full))
			for _, v := range []Viewer{ViewModerator, ViewDesk} {
				if told(with.Changes(v)) != told(limited.Changes(v)) {
					t.Fatalf("%s tells a block (%s) from a limit (%s)", v, told(with.Changes(v)), told(limited.Changes(v)))
				}
			}
		}
	})
	if differed == 0 {
		t.Error("no block ever made a difference: the worlds are too plain")
	}
}

// TestNobodyIsBroughtInPublicByARuleThatIsNot: whom a change would bring by lifting what a viewer may not
// read of is not counted for them, and who is kept away by nothing else is not named.
func TestNobodyIsBroughtInPublicByARuleThatIsNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := wishful(t), crowd(t)
		e := explained(n, pool)
		for _, v := range []Viewer{ViewModerator, ViewDesk} {
			for _, h := range e.Changes(v) {
				for _, p := range h.Who {
					if !slices.ContainsFunc(pool, func(c Candidate) bool { return c.Person == p && openTo(n, c, v) }) {
						t.Fatalf("%s is told that %s brings %s", v, h.Key, p)
					}
				}
			}
		}
		for _, v := range []Viewer{ViewResident, ViewProfessional, "somebody else"} {
			for _, h := range e.Changes(v) {
				if h.People < 3 || len(h.Who) > 0 || h.Key == VettingRenewed || h.Key == JoinJourney {
					t.Fatalf("%s is told of %+v", v, h)
				}
			}
		}
	})
}

// openTo tells whether every rule against an offer is one that the viewer may read.
func openTo(n Need, c Candidate, v Viewer) bool {
	for _, r := range rules() {
		if r.excludes(n, c) && Fold(r.code, v) != r.code {
			return false
		}
	}
	return true
}

// TestHomesOfOneCellAreExplainedAlike: whoever asks says that they live here or there, at will, and others
// live at other points of their own cells. Placed, all that anybody reads is the same to the byte.
func TestHomesOfOneCellAreExplainedAlike(t *testing.T) {
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		n, pool := wishful(t), crowd(t)
		n.Request.Where.Point = north(float64(rapid.IntRange(-9_000, 9_000).Draw(t, "asks from")))
		dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "dice"), 3))
		here, there := []Candidate(nil), []Candidate(nil)
		for _, c := range pool {
			here = append(here, c.Placed())
			away := c
			for range 20 {
				p := care.Point{Lat: c.Home.Lat + (dice.Float64()-0.5)*0.02, Lon: c.Home.Lon + (dice.Float64()-0.5)*0.03}
				if place.CellOf(p).ID == place.CellOf(c.Home).ID {
					away.Home = p
				}
			}
			if away.Home != c.Home {
				moved++
			}
			there = append(there, away.Placed())
		}
		a, b := explained(n.Placed(), here), explained(n.Placed(), there)
		for _, v := range []Viewer{ViewModerator, ViewDesk, ViewResident, ViewProfessional, ViewServer} {
			if read(a, v) != read(b, v) {
				t.Fatalf("%s reads %s of one house and %s of another", v, read(a, v), read(b, v))
			}
		}
	})
	if moved == 0 {
		t.Error("nobody moved")
	}
}
