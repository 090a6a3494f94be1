package matching

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
)

func people(r Ranking) string {
	var names []string
	for _, f := range r.Fitting {
		names = append(names, string(f.Candidate.Person))
	}
	return strings.Join(names, " ")
}

func TestRankOrder(t *testing.T) {
	near, far := neighbour().named("z-near", 1_000), neighbour().named("a-far", 2_000)
	asked := func(c Candidate, days int) Candidate {
		c.Helper.Questions = []time.Time{at(-days, 12, 0), at(-days-5, 12, 0)}
		return c
	}
	driver := neighbour().named("driver", 3_000)
	driver.Offer.Travel = care.ByCar
	for name, tc := range map[string]struct {
		pool []Candidate
		want string
	}{
		"the nearest comes first":                         {[]Candidate{far, near}, "z-near a-far"},
		"the shorter way beats the shorter distance":      {[]Candidate{far, driver}, "driver a-far"},
		"of two as near, who was asked least lately":      {[]Candidate{asked(near, 3), asked(near.named("x", 1_000), 4)}, "x z-near"},
		"of two as near, who was never asked":             {[]Candidate{asked(near, 30), near.named("zz", 1_000)}, "zz z-near"},
		"of two alike, the lower id":                      {[]Candidate{near, near.named("b", 1_000)}, "b z-near"},
		"a known face comes before somebody a bit nearer": {[]Candidate{near, known(far)}, "a-far z-near"},
		"but not from the other end of the village":       {[]Candidate{near.named("near", 100), known(far.named("known", 4_900))}, "near known"},
		"whom they helped comes before somebody as near":  {[]Candidate{near, helped(near.named("zz", 1_000))}, "zz z-near"},
		"five minutes less do not make up for a question": {[]Candidate{asked(near, 3), far}, "a-far z-near"},
		"a question of last month is nearly forgotten":    {[]Candidate{asked(near, 30), far}, "z-near a-far"},
		"an empty pool gives nobody":                      {nil, ""},
		"who is ruled out is not there, however near":     {[]Candidate{far, neighbour().named("b", 0).without()}, "a-far"},
		"within one minute of each other fairness counts": {[]Candidate{asked(near.named("n", 1_000), 3), near.named("m", 1_010)}, "m n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := people(Rank(company(), tc.pool)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func known(c Candidate) Candidate {
	c.KnownFace = true
	return c
}

func helped(c Candidate) Candidate {
	c.Helped = true
	return c
}

// without takes the helper's approval away.
func (c Candidate) without() Candidate {
	c.Helper.Approvals = nil
	return c
}

func TestRankTakesTheBestOfSeveralOffers(t *testing.T) {
	byBike, byCar, small := neighbour(), neighbour(), neighbour()
	byCar.Offer.ID, byCar.Offer.Travel = "by car", care.ByCar
	small.Offer.ID, small.Offer.Radius = "small", 10
	gone := neighbour()
	gone.Offer.ID, gone.Offer.Kinds = "gone", nil
	for name, tc := range map[string]struct {
		pool  []Candidate
		offer care.OfferID
		rule  RuleCode
	}{
		"of two that fit, the one that is there sooner":             {[]Candidate{byBike, byCar}, "by car", ""},
		"of one that fits and one that does not":                    {[]Candidate{small, byBike}, "offer", ""},
		"of none that fits, the rule of the one that came furthest": {[]Candidate{small, gone}, "", TooFar},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				r := Rank(company(), tc.pool)
				switch {
				case len(r.Fitting)+len(r.RuledOut) != 1:
					t.Fatalf("one person stands there %d times", len(r.Fitting)+len(r.RuledOut))
				case tc.rule != "" && (len(r.RuledOut) != 1 || r.RuledOut[0].Rule != tc.rule):
					t.Errorf("got %+v, want %s", r.RuledOut, tc.rule)
				case tc.rule == "" && (len(r.Fitting) != 1 || r.Fitting[0].Candidate.Offer.ID != tc.offer):
					t.Errorf("got %+v, want the offer %s", r, tc.offer)
				}
				slices.Reverse(tc.pool)
			}
		})
	}
}

func TestFitSaysWhenAndHowFar(t *testing.T) {
	n, c := company(), neighbour()
	n.Now = at(0, 21, 30) // in the neighbour's night, which ends at eight
	f := Rank(n, []Candidate{c}).Fitting[0]
	if !f.AskFrom.Equal(at(1, 8, 0)) || f.Travel != 6*time.Minute || f.Metres < 999 || f.Metres > 1_001 {
		t.Errorf("ask from %s, %s by bike, %d m", f.AskFrom, f.Travel, f.Metres)
	}
	if !f.Visit.From.Equal(n.Slot.Start) || !f.Bound.From.Equal(at(3, 13, 54)) {
		t.Errorf("visit from %s, bound from %s", f.Visit.From, f.Bound.From)
	}
}

func TestReasons(t *testing.T) {
	wish := ride()
	wish.Request.Needs = care.Needs{Languages: []string{"nl", "de"}, Skills: []string{"dementia"}}
	far := neighbour()
	far.Home, far.Offer.Radius = care.Point{Lat: 52.984, Lon: 6.648}, 8_000 // in Rolde
	for name, tc := range map[string]struct {
		need Need
		c    Candidate
		want string
	}{
		"of somebody in the village": {company(), neighbour(), "same_place place=Grolloo, kind_offered kind=company, free_then"},
		"of a known face":            {company(), known(neighbour()), "same_place place=Grolloo, known_face, kind_offered kind=company, free_then"},
		"of a driver from the next village": {wish, far,
			"nearby band=5_to_10_km, kind_offered kind=ride, free_then, vehicle_fits, language_spoken languages=de,nl, skills_match skills=dementia"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Rank(tc.need, []Candidate{tc.c})
			if len(r.Fitting) != 1 {
				t.Fatalf("ruled out: %v", r.RuledOut)
			}
			var got []string
			for _, reason := range r.Fitting[0].Reasons {
				text := reason.Key
				for k, v := range reason.Params {
					text += fmt.Sprintf(" %s=%s", k, v)
				}
				got = append(got, text)
			}
			if strings.Join(got, ", ") != tc.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), tc.want)
			}
		})
	}
}

// anyPool draws neighbours of every sort; some have two offers.
func anyPool(t *rapid.T) []Candidate {
	var pool []Candidate
	for i := range rapid.IntRange(0, 12).Draw(t, "people") {
		c := neighbour().named(fmt.Sprintf("p%02d", i), float64(rapid.IntRange(0, 60).Draw(t, "hundreds"))*100)
		c.Offer.Travel = rapid.SampledFrom([]care.TravelMode{care.OnFoot, care.ByBike, care.ByCar, care.PublicTransport}).Draw(t, "mode")
		c.Helper.Quiet.MonthlyLimit = rapid.IntRange(0, 2).Draw(t, "limit")
		for range rapid.IntRange(0, 2).Draw(t, "asked") {
			c.Helper.Questions = append(c.Helper.Questions, at(-rapid.IntRange(2, 6).Draw(t, "ago"), 12, 0))
		}
		if rapid.Bool().Draw(t, "blocked") {
			c.Helper.Blocks = []care.PersonID{"resident"}
		}
		if rapid.Bool().Draw(t, "busy") {
			c.Helper.Agreed = []care.Agreed{booked(at(3, 13, 0), at(3, rapid.IntRange(13, 15).Draw(t, "until"), 50))}
		}
		pool = append(pool, c)
		if rapid.Bool().Draw(t, "twice") {
			c.Offer.ID += " too"
			c.Offer.Radius = rapid.SampledFrom([]int{100, 5_000, 9_000}).Draw(t, "radius")
			pool = append(pool, c)
		}
	}
	return pool
}

// A copy may not know of the last question, which puts off the next one until somebody is back.
func TestMayFitAdmitsWhomTheStoredBookAdmits(t *testing.T) {
	for name, row := range map[string]struct {
		away care.Rest
		want bool
	}{
		"away while a question would wait now": {care.Rest{From: now.Add(time.Hour), Until: now.Add(3 * time.Hour)}, true},
		"away now":                             {care.Rest{From: now, Until: now.Add(3 * time.Hour)}, false},
		"away at the time asked for":           {care.Rest{From: at(3, 14, 30), Until: at(3, 20, 0)}, false},
	} {
		stored := neighbour()
		stored.Helper.Away = &row.away
		stored.Helper.Questions = []time.Time{now.Add(-16 * time.Hour)}
		stale := stored
		stale.Helper.Questions = nil
		if fits := len(Rank(company(), []Candidate{stored}).Fitting) == 1; fits != row.want || MayFit(company(), stale) != fits {
			t.Errorf("%s: the book admits %v, the copy %v", name, fits, !fits)
		}
	}
}

func TestRankDoesNotDependOnTheOrderOfThePool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := anyPool(t)
		if a, b := Rank(company(), pool), Rank(company(), rapid.Permutation(pool).Draw(t, "shuffled")); !reflect.DeepEqual(a, b) {
			t.Fatalf("another order gave another ranking:\n%v %v\n%v %v", people(a), a.RuledOut, people(b), b.RuledOut)
		}
	})
}

func TestEverybodyIsEitherRankedOrRuledOutOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := company(), anyPool(t)
		r := Rank(n, pool)
		seen := map[care.PersonID]int{}
		for _, f := range r.Fitting {
			seen[f.Candidate.Person]++
			for _, rule := range rules() {
				if rule.excludes(n, f.Candidate) {
					t.Fatalf("%s ranks against %s", f.Candidate.Person, rule.code)
				}
			}
		}
		for _, x := range r.RuledOut {
			seen[x.Person]++
		}
		for _, c := range pool {
			if seen[c.Person] != 1 {
				t.Fatalf("%s stands there %d times", c.Person, seen[c.Person])
			}
		}
	})
}

func TestNearerNeverRanksLower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := street(6)
		who := rapid.IntRange(0, 5).Draw(t, "who")
		from := rapid.IntRange(0, 4_999).Draw(t, "from")
		pool[who].Home = north(float64(from))
		before := rankOf(Rank(company(), pool), pool[who].Person)
		pool[who].Home = north(float64(rapid.IntRange(0, from).Draw(t, "to")))
		if after := rankOf(Rank(company(), pool), pool[who].Person); after > before {
			t.Fatalf("moving nearer went from place %d to %d", before, after)
		}
	})
}

func rankOf(r Ranking, p care.PersonID) int {
	return slices.IndexFunc(r.Fitting, func(f Fit) bool { return f.Candidate.Person == p })
}

func TestRankKnowsNoOrganisation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := company(), anyPool(t)
		first := Rank(n, pool)
		name := care.CommunityID(rapid.StringMatching(`[A-Z0-9]{1,26}`).Draw(t, "name"))
		n.Request.Community = name
		for i, c := range pool {
			c.Offer.Community = name
			c.Helper.Approvals = []care.Approval{{Community: name, State: care.Approved, Decision: care.Decision{By: "another moderator"}}}
			pool[i] = c
		}
		second := Rank(n, pool)
		if people(first) != people(second) || !reflect.DeepEqual(first.RuledOut, second.RuledOut) {
			t.Fatalf("under the name %q: %s, not %s", name, people(second), people(first))
		}
	})
}

func TestRankLeavesItsArgumentsAlone(t *testing.T) {
	pool := street(5)
	pool[2].Helper.Claims = []care.Claim{{Purpose: care.ForQuestion, Moment: now}}
	kept := slices.Clone(pool)
	Rank(company(), pool)
	if !reflect.DeepEqual(pool, kept) {
		t.Error("the pool was changed")
	}
}

func BenchmarkRank(b *testing.B) {
	n, pool := company(), street(1_000)
	for i := range pool {
		pool[i].Offer.Radius = 20_000
	}
	for b.Loop() {
		Rank(n, pool)
	}
}
