package matching

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
)

func TestFold(t *testing.T) {
	hidden := map[RuleCode]bool{NotApproved: true, Paused: true, Blocked: true, VettingMissing: true, LimitReached: true, NoMomentToAsk: true}
	for _, code := range Rules() {
		for viewer, open := range map[Viewer]bool{
			ViewServer:       true,
			ViewModerator:    !hidden[code] || code == Paused || code == VettingMissing,
			ViewDesk:         !hidden[code],
			ViewResident:     !hidden[code],
			ViewProfessional: !hidden[code],
			"somebody else":  !hidden[code],
		} {
			want := NotAvailableNow
			if open {
				want = code
			}
			if got := Fold(code, viewer); got != want {
				t.Errorf("%s reads %s as %s, want %s", viewer, code, got, want)
			}
		}
	}
}

func out(rules ...RuleCode) Ranking {
	var r Ranking
	for i, code := range rules {
		r.RuledOut = append(r.RuledOut, Exclusion{Person: care.PersonID(fmt.Sprintf("p%02d", i)), Rule: code})
	}
	return r
}

func TestView(t *testing.T) {
	r := out(Paused, Blocked, TooFar, VettingMissing)
	for viewer, want := range map[Viewer]string{
		ViewServer:       "p00 paused, p01 blocked, p02 too_far, p03 vetting_missing",
		ViewModerator:    "p00 paused, p01 not_available_now, p02 too_far, p03 vetting_missing",
		ViewDesk:         "p00 not_available_now, p01 not_available_now, p02 too_far, p03 not_available_now",
		ViewResident:     "",
		ViewProfessional: "",
		"somebody else":  "",
	} {
		var got []string
		for _, x := range View(r, viewer) {
			got = append(got, string(x.Person)+" "+string(x.Rule))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s sees %q, want %q", viewer, text, want)
		}
	}
}

func TestCounts(t *testing.T) {
	for name, tc := range map[string]struct {
		rules  []RuleCode
		viewer Viewer
		want   string
	}{
		"of nobody are none":                       {nil, ViewResident, ""},
		"of three are told":                        {[]RuleCode{TooFar, TooFar, TooFar}, ViewResident, "too_far 3"},
		"of two are not":                           {[]RuleCode{TooFar, TooFar}, ViewResident, ""},
		"of small groups are told as one":          {[]RuleCode{TooFar, TooFar, VisitAgreed}, ViewProfessional, "not_available_now 3"},
		"of small groups join the private ones":    {[]RuleCode{TooFar, Paused, NotApproved, LimitReached}, ViewResident, "not_available_now 4"},
		"go in the order of the rules":             {[]RuleCode{VisitAgreed, VisitAgreed, VisitAgreed, Paused, Paused, Paused, TooFar, TooFar, TooFar}, ViewResident, "too_far 3, visit_agreed 3, not_available_now 3"},
		"leave a lone block out for a resident":    {[]RuleCode{Blocked, Paused, Paused, Paused}, ViewResident, "not_available_now 3"},
		"have no least size for the desk":          {[]RuleCode{TooFar, Paused, Blocked}, ViewDesk, "too_far 1, not_available_now 2"},
		"show pauses and vettings to a moderator":  {[]RuleCode{Paused, Blocked, VettingMissing, NotApproved}, ViewModerator, "paused 1, vetting_missing 1, not_available_now 2"},
		"show everything to the server":            {[]RuleCode{Paused, Blocked}, ViewServer, "paused 1, blocked 1"},
		"are a resident's for who is nobody of us": {[]RuleCode{TooFar, TooFar}, "somebody else", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range Counts(out(tc.rules...), tc.viewer) {
				got = append(got, fmt.Sprintf("%s %d", c.Rule, c.People))
			}
			if text := strings.Join(got, ", "); text != tc.want {
				t.Errorf("got %q, want %q", text, tc.want)
			}
		})
	}
}

// barred ranks the pool with one person of it changed, in all of their offers.
func barred(pool []Candidate, who int, hand func(*Candidate)) Ranking {
	changed := append([]Candidate(nil), pool...)
	for i, c := range changed {
		if c.Person == pool[who].Person {
			hand(&changed[i])
		}
	}
	return Rank(company(), changed)
}

func block(c *Candidate)   { c.Helper.Blocks = []care.PersonID{"resident"} }
func blockBy(c *Candidate) { c.Helper.Blocks, c.Helper.BlockedBy = nil, []care.PersonID{"resident"} }
func atPeace(c *Candidate) { c.Helper.Blocks = nil }

// What the blocked resident reads is the same with the block and without, whoever made it.
func TestABlockChangesNoCountForResidentAndProfessional(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := anyPool(t)
		if len(pool) == 0 {
			return
		}
		who := rapid.IntRange(0, len(pool)-1).Draw(t, "who")
		for _, viewer := range []Viewer{ViewResident, ViewProfessional} {
			without := Counts(barred(pool, who, atPeace), viewer)
			for _, hand := range []func(*Candidate){block, blockBy} {
				if with := Counts(barred(pool, who, hand), viewer); !reflect.DeepEqual(with, without) {
					t.Fatalf("%s reads %v with the block, %v without", viewer, with, without)
				}
			}
		}
	})
}

// What moderator and desk read of a block is what they read of a limit that is reached.
func TestABlockReadsLikeAnotherReasonForModeratorAndDesk(t *testing.T) {
	limit := func(c *Candidate) { atPeace(c); c.Helper.Quiet.MonthlyLimit = 0 }
	rapid.Check(t, func(t *rapid.T) {
		pool := street(rapid.IntRange(1, 6).Draw(t, "people"))
		who := rapid.IntRange(0, len(pool)-1).Draw(t, "who")
		pool[who].Offer.Radius = rapid.SampledFrom([]int{1, 5_000}).Draw(t, "radius")
		if rapid.Bool().Draw(t, "paused") {
			pool[who].Helper.Pauses = []care.Pause{{Decision: decision(now, now.Add(time.Hour))}}
		}
		for _, viewer := range []Viewer{ViewModerator, ViewDesk} {
			a, b := barred(pool, who, block), barred(pool, who, limit)
			if !reflect.DeepEqual(View(a, viewer), View(b, viewer)) || !reflect.DeepEqual(Counts(a, viewer), Counts(b, viewer)) {
				t.Fatalf("%s tells a block (%v) from a limit (%v)", viewer, View(a, viewer), View(b, viewer))
			}
		}
	})
}

func TestABlockIsNamedToNobodyButTheServer(t *testing.T) {
	r := barred(street(4), 1, block)
	for _, viewer := range []Viewer{ViewModerator, ViewDesk, ViewResident, ViewProfessional, "somebody else"} {
		if text := fmt.Sprint(View(r, viewer), Counts(r, viewer)); strings.Contains(text, string(Blocked)) {
			t.Errorf("%s reads %s", viewer, text)
		}
	}
	if text := fmt.Sprint(View(r, ViewServer)); !strings.Contains(text, string(Blocked)) {
		t.Errorf("the server reads %s", text)
	}
}
