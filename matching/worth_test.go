package matching

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
	"naober/matching/score"
)

// The neighbour bikes a kilometre of straight line: 312 seconds, worth 1000 * 900 / 1212.
func TestWorth(t *testing.T) {
	usual := score.Worth{score.Nearness: 742, score.Time: 1000, score.Familiarity: 500, score.Fairness: 1000, score.Reciprocity: 500}
	for name, tc := range map[string]struct {
		need   func() Need
		change func(*Need, *Candidate)
		pillar score.Pillar
		want   int32
	}{
		"a kilometre by bike":                    {company, func(*Need, *Candidate) {}, score.Nearness, 742},
		"a kilometre on foot":                    {company, func(_ *Need, c *Candidate) { c.Offer.Travel = care.OnFoot }, score.Nearness, 463},
		"a kilometre by bus, with the wait":      {company, func(_ *Need, c *Candidate) { c.Offer.Travel = care.PublicTransport }, score.Nearness, 442},
		"a ride is driven":                       {ride, func(*Need, *Candidate) {}, score.Nearness, 906},
		"next door":                              {company, func(_ *Need, c *Candidate) { c.Home = grolloo }, score.Nearness, 1000},
		"an hour on either side":                 {company, func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(13, 16) }, score.Time, 1000},
		"an hour before, none after":             {company, func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(13, 15) }, score.Time, 750},
		"just the visit's own hour":              {company, func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(14, 15) }, score.Time, 500},
		"a visit that ends half an hour before":  {company, func(_ *Need, c *Candidate) { c.Helper.Agreed = []care.Agreed{booked(at(3, 12, 0), at(3, 13, 30))} }, score.Time, 875},
		"a visit that begins half an hour after": {company, func(_ *Need, c *Candidate) { c.Helper.Agreed = []care.Agreed{booked(at(3, 15, 30), at(3, 17, 0))} }, score.Time, 875},
		"a visit on another day":                 {company, func(_ *Need, c *Candidate) { c.Helper.Agreed = []care.Agreed{booked(at(2, 14, 0), at(2, 15, 0))} }, score.Time, 1000},
		"an absence from the end on": {company, func(_ *Need, c *Candidate) {
			c.Offer.Availability.Except = []care.Exception{{From: at(3, 15, 0), Until: at(4, 0, 0)}}
		}, score.Time, 750},
		"a journey with ten minutes over": {ride, func(_ *Need, c *Candidate) {
			c.Offer.Boxed = &care.Boxed{At: care.Interval{From: at(3, 10, 0), Until: at(3, 12, 40)}, To: "Assen", Seats: 2}
		}, score.Time, 500},
		"somebody whom they do not know": {company, func(*Need, *Candidate) {}, score.Familiarity, 500},
		"a known face":                   {company, func(_ *Need, c *Candidate) { c.KnownFace = true }, score.Familiarity, 1000},
		"never asked":                    {company, func(*Need, *Candidate) {}, score.Fairness, 1000},
		"asked a week ago, last month": {company, func(n *Need, c *Candidate) {
			n.Now = at(10, 12, 0)
			c.Helper.Questions = []time.Time{at(3, 12, 0)}
			shift(n, 10)
		}, score.Fairness, 500},
		"asked a week ago, this month":            {company, func(_ *Need, c *Candidate) { c.Helper.Questions = []time.Time{now.AddDate(0, 0, -7)} }, score.Fairness, 437},
		"asked long ago, and nothing of the load": {company, func(_ *Need, c *Candidate) { c.Helper.Questions = []time.Time{now.AddDate(-1, 0, 0)} }, score.Fairness, 981},
		"helped by them":                          {company, func(_ *Need, c *Candidate) { c.Helped = true }, score.Reciprocity, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			n, c := tc.need(), neighbour()
			tc.change(&n, &c)
			r := Rank(n, []Candidate{c})
			if len(r.Fitting) != 1 {
				t.Fatalf("ruled out: %v", r.RuledOut)
			}
			if got := r.Fitting[0].Worth[tc.pillar]; got != tc.want {
				t.Errorf("worth %d, want %d", got, tc.want)
			}
		})
	}
	if got := Rank(company(), []Candidate{neighbour()}).Fitting[0].Worth; got != usual {
		t.Errorf("the usual neighbour is worth %v, want %v", got, usual)
	}
}

func shift(n *Need, days int) {
	n.Slot.Start, n.Slot.End = n.Slot.Start.AddDate(0, 0, days), n.Slot.End.AddDate(0, 0, days)
}

// The order of a ranking is that of the scores, and the scores are those of the community's weights.
func TestRankIsInTheOrderOfTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, pool := company(), anyPool(t)
		for i := range n.Weights {
			n.Weights[i] = rapid.Int32Range(0, 50).Draw(t, "weight")
		}
		fitting := Rank(n, pool).Fitting
		for _, f := range fitting {
			if want := n.Scale().Of(f.Worth); f.Score != want {
				t.Fatalf("%s scores %d, want %d", f.Candidate.Person, f.Score, want)
			}
		}
		if !slices.IsSortedFunc(fitting, func(a, b Fit) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Candidate.Person, b.Candidate.Person))
		}) {
			t.Fatalf("out of order: %v", people(Ranking{Fitting: fitting}))
		}
	})
}

func TestACommunityWeighsAsItLikes(t *testing.T) {
	near, friend := neighbour().named("near", 1_000), known(neighbour().named("friend", 3_000))
	n := company()
	for name, tc := range map[string]struct {
		weights score.Weights
		want    string
	}{
		"the way alone":   {score.Weights{score.Nearness: 1}, "near friend"},
		"the faces alone": {score.Weights{score.Familiarity: 1}, "friend near"},
		"nothing":         {score.Weights{}, people(Rank(n, []Candidate{near, friend}))},
	} {
		n.Weights = tc.weights
		if got := people(Rank(n, []Candidate{near, friend})); got != tc.want {
			t.Errorf("where %s counts: %s, want %s", name, got, tc.want)
		}
	}
}
