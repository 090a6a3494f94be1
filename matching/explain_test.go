package matching

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
	"naober/matching/score"
)

// wishful is company or a ride with up to two wishes, at an hour at which some are free.
func wishful(t *rapid.T) Need {
	n := company()
	if rapid.Bool().Draw(t, "ride") {
		n = ride()
		n.Request.Ride.Passengers = rapid.IntRange(1, 3).Draw(t, "passengers")
	}
	n.Request.Zone = "Europe/Amsterdam"
	wishes := []func(){
		func() { n.Request.Needs.Languages = []string{"de"} },
		func() { n.Request.Needs.Skills = []string{"lifting"} },
		func() { n.Request.Needs.Skills = []string{"lifting", "dementia"} },
		func() { n.Request.Needs.Gender = care.Man },
		func() { n.Request.Circumstances = care.Circumstances{AloneIndoors: true, Keys: true} },
		func() { n.Request.Circumstances.Money = true },
		func() {
			if n.Request.Ride != nil {
				n.Request.Ride.Wheelchair = true
			}
		},
	}
	for range rapid.IntRange(0, 2).Draw(t, "wishes") {
		rapid.SampledFrom(wishes).Draw(t, "wish")()
	}
	return n.moved(time.Duration(rapid.IntRange(-8, 40).Draw(t, "moved")) * quarter)
}

// crowd are people against whom nothing stands, or one or two things; some have two offers.
func crowd(t *rapid.T) []Candidate {
	var pool []Candidate
	for i := range rapid.IntRange(0, 9).Draw(t, "people") {
		c := neighbour().named(fmt.Sprintf("p%02d", i), float64(rapid.IntRange(0, 70).Draw(t, "hundreds"))*100)
		c.KnownFace, c.Helped = rapid.IntRange(0, 3).Draw(t, "known") == 0, rapid.Bool().Draw(t, "helped")
		if rapid.Bool().Draw(t, "able") {
			c.Offer.Languages, c.Offer.Skills, c.Offer.Vehicle.Wheelchair = []string{"nl", "de"}, []string{"lifting", "dementia"}, true
		}
		for range rapid.IntRange(0, 2).Draw(t, "things") {
			rapid.SampledFrom(things()).Draw(t, "thing")(t, &c)
		}
		pool = append(pool, c)
		if rapid.IntRange(0, 2).Draw(t, "twice") == 0 {
			c.Offer.ID += " too"
			c.Offer.Radius = rapid.SampledFrom([]int{100, 9_000}).Draw(t, "radius")
			pool = append(pool, c)
		}
	}
	return pool
}

// things are what may stand against somebody, or make them fit.
func things() []func(*rapid.T, *Candidate) {
	hour := func(t *rapid.T, from, until int) int { return rapid.IntRange(from, until).Draw(t, "hour") }
	return []func(*rapid.T, *Candidate){
		func(_ *rapid.T, c *Candidate) { c.Gender = care.Man },
		func(_ *rapid.T, c *Candidate) { c.Offer.Languages = []string{"de"} },
		func(_ *rapid.T, c *Candidate) { c.Helper.BlockedBy = []care.PersonID{"resident"} },
		func(_ *rapid.T, c *Candidate) { c.Helper.Quiet.MonthlyLimit = 0 },
		func(_ *rapid.T, c *Candidate) { c.Helper.Vettings = nil },
		func(_ *rapid.T, c *Candidate) {
			c.Helper.Pauses = []care.Pause{{Decision: decision(now, now.Add(time.Hour))}}
		},
		func(t *rapid.T, c *Candidate) {
			c.Helper.Away = &care.Rest{From: at(3, 0, 0), Until: at(3, hour(t, 9, 16), 15)}
		},
		func(t *rapid.T, c *Candidate) { // while the question would wait for its answer, or just not
			from := now.Add(time.Duration(rapid.IntRange(-8, 4*40).Draw(t, "away")) * quarter)
			c.Helper.Away = &care.Rest{From: from, Until: from.Add(time.Duration(hour(t, 1, 20)) * time.Hour)}
		},
		func(t *rapid.T, c *Candidate) {
			c.Helper.Vettings = lapsing(c.Helper.Vettings, at(3, hour(t, 9, 16), 0))
		},
		func(t *rapid.T, c *Candidate) {
			c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: at(3, hour(t, 9, 16), 0)}}
		},
		func(t *rapid.T, c *Candidate) {
			from := hour(t, 8, 16)
			c.Helper.Agreed = append(c.Helper.Agreed, booked(at(3, from, 0), at(3, from+1, rapid.SampledFrom([]int{0, 20, 45}).Draw(t, "past"))))
		},
		func(t *rapid.T, c *Candidate) {
			from := hour(t, 6, 17)
			c.Offer.Availability = thursdays(from, from+rapid.IntRange(1, 6).Draw(t, "long"))
		},
		func(t *rapid.T, c *Candidate) { c.Home = north(float64(hour(t, 1, 30) * 1_000)) },
		func(t *rapid.T, c *Candidate) { c.Offer.Vehicle.Seats = hour(t, 1, 2) },
		func(_ *rapid.T, c *Candidate) { c.Offer.Vehicle.Walker = false },
		journeys, journeys,
	}
}

func journeys(t *rapid.T, c *Candidate) {
	from := at(3, rapid.IntRange(6, 18).Draw(t, "leaves"), rapid.SampledFrom([]int{0, 7, 30}).Draw(t, "past"))
	c.Offer.Boxed = &care.Boxed{At: care.Interval{From: from, Until: from.Add(3 * time.Hour)},
		To: rapid.SampledFrom([]string{"Assen", "Assen", "Emmen"}).Draw(t, "to"), Seats: rapid.IntRange(1, 3).Draw(t, "seats")}
}

func lapsing(all []care.Vetting, until time.Time) []care.Vetting {
	all = slices.Clone(all)
	for i := range all {
		all[i].ValidUntil = until
	}
	return all
}

func explained(n Need, pool []Candidate) Explanation { return Explain(n, 100, byPerson(pool)) }

func fitting(n Need, pool []Candidate) map[care.PersonID]bool {
	fit := map[care.PersonID]bool{}
	for _, f := range Rank(n, pool).Fitting {
		fit[f.Candidate.Person] = true
	}
	return fit
}

// brings is who fits with the change and does not without, by two rankings.
func (c Change) brings(n Need, pool []Candidate) []care.PersonID {
	before, who := fitting(n, pool), []care.PersonID(nil)
	for p := range fitting(c.Apply(n, pool)) {
		if !before[p] {
			who = append(who, p)
		}
	}
	slices.Sort(who)
	return who
}

// Every change of the ladder is applied and ranked. What Explain says of it is what comes of that, and
// of each key and word it names the smallest that helps.
func TestTheSmallestChangesAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if _, wrong := againstBruteForce(wishful(t), crowd(t)); wrong != "" {
			t.Fatal(wrong)
		}
	})
	type world struct {
		need Need
		pool []Candidate
	}
	helped := map[ChangeKey]int{}
	worlds := rapid.Custom(func(t *rapid.T) world { return world{wishful(t), crowd(t)} })
	for seed := range 300 {
		w := worlds.Example(seed)
		keys, wrong := againstBruteForce(w.need, w.pool)
		if wrong != "" {
			t.Fatalf("seed %d: %s", seed, wrong)
		}
		for _, key := range keys {
			helped[key]++
		}
	}
	for _, key := range ChangeKeys() {
		if helped[key] == 0 {
			t.Errorf("%s never helped anybody: the worlds are too plain", key)
		}
	}
	t.Logf("figure: what helped in 300 worlds: %v", helped)
}

// againstBruteForce gives the keys of what helps, and in words what Explain has wrong.
func againstBruteForce(n Need, pool []Candidate) (helped []ChangeKey, wrong string) {
	e, done := explained(n, pool), map[string]bool{}
	var want, got []string
	for _, c := range Changes(n, pool) {
		who, said := c.brings(n, pool), []care.PersonID(nil)
		if b := e.found[c]; b != nil {
			said = b[toServer].who
		}
		if !slices.Equal(said, who) {
			return nil, fmt.Sprintf("%+v brings %v, and is said to bring %v", c, who, said)
		}
		if kind := string(c.Key) + c.Word; len(who) > 0 && !done[kind] {
			done[kind] = true
			helped = append(helped, c.Key)
			want = append(want, fmt.Sprint(c, len(who), who))
		}
	}
	for _, h := range e.Changes(ViewServer) {
		got = append(got, fmt.Sprint(h.Change, h.People, h.Who))
	}
	if !slices.Equal(got, want) {
		wrong = fmt.Sprintf("the smallest are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return helped, wrong
}

func TestRelaxingLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := wishful(t), crowd(t)
		before, wider := fitting(n, pool), []care.PersonID(nil)
		for _, c := range Changes(n, pool) {
			after := fitting(c.Apply(n, pool))
			for p := range before {
				if c.Relaxes() && !after[p] {
					t.Fatalf("%+v loses %s", c, p)
				}
			}
			if c.Key == WiderRadius {
				now := c.brings(n, pool)
				if slices.ContainsFunc(wider, func(p care.PersonID) bool { return !slices.Contains(now, p) }) {
					t.Fatalf("%d km bring %v, less brought %v", c.Count, now, wider)
				}
				wider = now
			}
		}
	})
}

func TestAnExplanationSaysWhatTheRankingSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := wishful(t), crowd(t)
		for i := range n.Weights {
			n.Weights[i] = rapid.Int32Range(0, 9).Draw(t, "weight")
		}
		r, e := Rank(n, pool), Explain(n, 100, byPerson(rapid.Permutation(pool).Draw(t, "shuffled")))
		if fmt.Sprint(r.Fitting, r.RuledOut) != fmt.Sprint(e.Fitting, e.RuledOut) {
			t.Fatalf("explained %v %v, ranked %v %v", people(e.Ranking), e.RuledOut, people(r), r.RuledOut)
		}
		for i, s := range e.Sums {
			sum := int64(0)
			for p := range s.Worth {
				sum += s.Terms[p]
			}
			if s.Score != e.Fitting[i].Score || sum != s.Score || s.Score != score.New(s.Weights).Of(s.Worth) || s.Person != e.Fitting[i].Candidate.Person {
				t.Fatalf("%+v does not add up", s)
			}
		}
		for i, b := range e.Against {
			x := r.RuledOut[i]
			c := pool[slices.IndexFunc(pool, func(c Candidate) bool { return c.Person == b.Person && c.Offer.ID == b.Offer })]
			for _, rule := range rules() {
				if rule.excludes(n, c) != slices.Contains(b.Rules, rule.code) {
					t.Fatalf("%v stand against %s, and %s is wrong", b.Rules, b.Person, rule.code)
				}
			}
			if b.Person != x.Person {
				t.Fatalf("%s stands in the place of %s", b.Person, x.Person)
			}
		}
		if len(e.Against) != len(r.RuledOut) {
			t.Fatalf("%d of %d are explained", len(e.Against), len(r.RuledOut))
		}
	})
}

func TestChanges(t *testing.T) {
	lifting := func(n *Need) { n.Request.Needs.Skills = []string{"lifting"} }
	late := func(c *Candidate) { c.Offer.Availability = thursdays(15, 17) }
	for name, tc := range map[string]struct {
		need   func(*Need)
		many   int
		change func(*Candidate)
		viewer Viewer
		want   string
	}{
		"an hour later four are free":                  {func(*Need) {}, 4, late, ViewResident, "later minutes=60 4"},
		"of two the resident is not told":              {func(*Need) {}, 2, late, ViewResident, ""},
		"nor a professional":                           {func(*Need) {}, 2, late, ViewProfessional, ""},
		"nor who is nobody of us":                      {func(*Need) {}, 2, late, "somebody else", ""},
		"the desk is, by name":                         {func(*Need) {}, 2, late, ViewDesk, "later minutes=60 2 p00 p01"},
		"a skill fewer":                                {lifting, 3, func(*Candidate) {}, ViewResident, "without_skill skill=lifting 3"},
		"nothing helps against a skill and an hour":    {lifting, 3, late, ViewServer, ""},
		"a vetting is renewed for a moderator":         {func(*Need) {}, 3, func(c *Candidate) { c.Helper.Vettings[0].ValidUntil = at(2, 0, 0) }, ViewModerator, "vetting_renewed vetting=vog 3 p00 p01 p02"},
		"and nobody else":                              {func(*Need) {}, 3, func(c *Candidate) { c.Helper.Vettings[0].ValidUntil = at(2, 0, 0) }, ViewDesk, ""},
		"who never had one has none to renew":          {func(*Need) {}, 3, func(c *Candidate) { c.Helper.Vettings = nil }, ViewModerator, ""},
		"when a helper's rest ends is theirs":          {func(*Need) {}, 3, func(c *Candidate) { c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: at(3, 14, 0)}} }, ViewModerator, ""},
		"to the server it is not":                      {func(*Need) {}, 1, func(c *Candidate) { c.Helper.Quiet.Paused = []care.Interval{{From: now, Until: at(3, 14, 0)}} }, ViewServer, "later minutes=15 1 p00"},
		"no block is lifted":                           {func(*Need) {}, 3, block, ViewServer, ""},
		"a block beside the hour keeps the server out": {func(*Need) {}, 3, func(c *Candidate) { late(c); block(c) }, ViewServer, ""},
		"and the resident reads on as without it":      {func(*Need) {}, 3, func(c *Candidate) { late(c); block(c) }, ViewResident, "later minutes=60 3"},
		"two kilometres more":                          {func(*Need) {}, 3, func(c *Candidate) { c.Home = north(6_500) }, ViewResident, "wider_radius km=2 3"},
		"two helpers in place of a known face": {func(n *Need) { n.Request.Circumstances = care.Circumstances{AloneIndoors: true, Keys: true} }, 3,
			func(*Candidate) {}, ViewResident, "two_together 3"},
		"the smallest comes first": {func(n *Need) { n.Request.Needs.Gender = care.Man }, 3, func(c *Candidate) {
			if c.Person == "p01" {
				c.Gender = care.Man
				late(c)
			}
		}, ViewDesk, "later minutes=60 1 p01, any_gender 2 p00 p02"},
		"three hours later":       {func(*Need) {}, 1, func(c *Candidate) { c.Offer.Availability = thursdays(17, 18) }, ViewServer, "later minutes=180 1 p00"},
		"no further":              {func(*Need) {}, 1, func(c *Candidate) { c.Offer.Availability = thursdays(18, 20) }, ViewServer, ""},
		"fifteen kilometres more": {func(*Need) {}, 1, func(c *Candidate) { c.Home = north(19_900) }, ViewServer, "wider_radius km=15 1 p00"},
		"no further than that":    {func(*Need) {}, 1, func(c *Candidate) { c.Home = north(20_100) }, ViewServer, ""},
		"not into the night": {func(n *Need) {
			n.Slot.Start, n.Slot.End, n.Request.Zone = at(3, 21, 30), at(3, 22, 30), "Europe/Amsterdam"
		}, 1, func(c *Candidate) { c.Offer.Availability = thursdays(22, 24) }, ViewServer, "later minutes=30 1 p00"},
		"not into the night at all": {func(n *Need) {
			n.Slot.Start, n.Slot.End, n.Request.Zone = at(3, 22, 0), at(3, 23, 0), "Europe/Amsterdam"
		}, 1, func(c *Candidate) { c.Offer.Availability = thursdays(23, 24) }, ViewServer, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n, pool := company(), street(tc.many)
			tc.need(&n)
			for i := range pool {
				tc.change(&pool[i])
			}
			if got := told(explained(n, pool).Changes(tc.viewer)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func told(all []Help) string {
	var lines []string
	for _, h := range all {
		line := string(h.Key)
		for k, v := range h.Params() {
			line += " " + k + "=" + v
		}
		line += fmt.Sprintf(" %d", h.People)
		for _, p := range h.Who {
			line += " " + string(p)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

func TestAJourneyIsJoinedAtItsHour(t *testing.T) {
	n, c := ride(), neighbour()
	c.Offer.Boxed = &care.Boxed{At: care.Interval{From: at(3, 14, 30), Until: at(3, 18, 0)}, From: "Grolloo", To: "Assen", Seats: 2}
	e := explained(n, []Candidate{c})
	if got := told(e.Changes(ViewDesk)); got != "join_journey minutes=270 1 neighbour" {
		t.Errorf("the desk reads %q", got)
	}
	if got := told(explained(n, []Candidate{c, c.named("b", 900), c.named("c", 800)}).Changes(ViewResident)); got != "" {
		t.Errorf("a resident reads %q", got)
	}
}

func BenchmarkExplain(b *testing.B) {
	n, pool := company(), street(1_000)
	for i := range pool {
		pool[i].Offer.Radius = 20_000
		switch i % 4 {
		case 1:
			pool[i].Offer.Availability = thursdays(16, 18)
		case 2:
			pool[i].Offer.Availability.Weekly = pool[i].Offer.Availability.Weekly[:3]
		case 3:
			pool[i].Helper.Agreed = []care.Agreed{booked(at(3, 13, 0), at(3, 16, 0))}
		}
	}
	var all [][]Candidate
	for one := range byPerson(pool) {
		all = append(all, slices.Clone(one))
	}
	for b.Loop() {
		Explain(n, 20, slices.Values(all))
	}
}
