package matching

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
)

// The window is Thursday from one to five, for an hour's company.
func window() Need {
	n := company()
	n.Slot.Start, n.Slot.End, n.Slot.Duration = at(3, 13, 0), at(3, 17, 0), time.Hour
	n.Request.Slots[0] = n.Slot
	return n
}

func TestHour(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Need, *Candidate)
		want   time.Time // zero where there is none
	}{
		"is the beginning of the window":   {func(*Need, *Candidate) {}, at(3, 13, 0)},
		"is where the offer begins":        {func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(15, 18) }, at(3, 15, 0)},
		"is the last one that fits":        {func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(16, 18) }, at(3, 16, 0)},
		"is none where too little is left": {func(_ *Need, c *Candidate) { c.Offer.Availability = thursdays(17, 18) }, time.Time{}},
		"is a quarter after another visit": {func(_ *Need, c *Candidate) { c.Helper.Agreed = []care.Agreed{booked(at(3, 12, 0), at(3, 14, 0))} }, at(3, 14, 15)},
		"is no quarter where none fits": {func(_ *Need, c *Candidate) {
			c.Helper.Agreed = []care.Agreed{booked(at(3, 12, 0), at(3, 15, 53)), booked(at(3, 17, 5), at(3, 18, 0))}
		}, at(3, 15, 59)},
		"is before a visit with the way off": {func(_ *Need, c *Candidate) { c.Helper.Agreed = []care.Agreed{booked(at(3, 14, 6), at(3, 18, 0))} }, at(3, 13, 0)},
		"leaves time to get there":           {func(n *Need, _ *Candidate) { n.Now = at(3, 13, 3) }, at(3, 13, 15)},
		"is the last even if they are late":  {func(n *Need, _ *Candidate) { n.Now = at(3, 15, 58) }, at(3, 16, 0)},
		"is never one that has begun":        {func(n *Need, _ *Candidate) { n.Now = at(3, 16, 0) }, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			n, c := window(), neighbour()
			tc.change(&n, &c)
			got, ok := Hour(n, c)
			if ok == tc.want.IsZero() || ok && !got.From.Equal(tc.want) {
				t.Errorf("got %s (%v), want %s", got.From, ok, tc.want)
			}
			if ok && got.Duration() != time.Hour {
				t.Errorf("the visit takes %s", got.Duration())
			}
		})
	}
}

// TestHourAgreesWithTryingEveryMinute holds Hour to a search that shares none of its shortcuts.
func TestHourAgreesWithTryingEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, c := window(), neighbour()
		n.Now = at(3, 12, rapid.IntRange(0, 240).Draw(t, "now"))
		first := rapid.IntRange(12, 17).Draw(t, "first")
		c.Offer.Availability = thursdays(first, rapid.IntRange(first+1, 19).Draw(t, "last"))
		for range rapid.IntRange(0, 3).Draw(t, "visits") {
			from := at(3, 12, rapid.IntRange(0, 300).Draw(t, "from"))
			c.Helper.Agreed = append(c.Helper.Agreed, booked(from, from.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "takes"))*time.Minute)))
		}
		slow, found := everyMinute(n, c)
		quick, ok := Hour(n, c)
		if ok != found {
			t.Fatalf("Hour found %v (%s), every minute %v (%s)", ok, quick.From, found, slow)
		}
		if ok && (!possible(n, c, quick.From) || quick.From.Before(slow) || quick.From.Sub(slow) >= quarter) {
			t.Fatalf("Hour gave %s, the first minute that suits is %s", quick.From, slow)
		}
	})
}

func everyMinute(n Need, c Candidate) (time.Time, bool) {
	for from := n.Slot.Start; !from.After(n.Slot.LatestStart()); from = from.Add(time.Minute) {
		if possible(n, c, from) {
			return from, true
		}
	}
	return time.Time{}, false
}

func possible(n Need, c Candidate, from time.Time) bool {
	way := 6 * time.Minute
	visit := care.Interval{From: from, Until: from.Add(time.Hour)}
	late := n.Now.Add(way).After(from) && from.Before(n.Slot.LatestStart())
	covered, err := c.Offer.Availability.Covers(visit)
	if err != nil || !covered || late || !from.After(n.Now) {
		return false
	}
	for _, a := range c.Helper.Agreed {
		if visit.From.Add(-way).Before(a.At.Until) && a.At.From.Before(visit.Until.Add(way)) {
			return false
		}
	}
	return true
}
