package matching

import (
	"math"
	"testing"
	"time"

	"naober/matching/care"
)

func TestTravelTime(t *testing.T) {
	for name, tc := range map[string]struct {
		mode   care.TravelMode
		metres float64
		want   time.Duration
	}{
		"no way at all takes no time":              {care.OnFoot, 0, 0},
		"less than nothing takes no time":          {care.ByCar, -5, 0},
		"a way that cannot be measured takes none": {care.ByBike, math.Inf(-1), 0},
		"a step takes a whole minute":              {care.ByCar, 1, time.Minute},
		"on foot, a kilometre":                     {care.OnFoot, 1_000, 18 * time.Minute}, // 17.3
		"by bike, a kilometre":                     {care.ByBike, 1_000, 6 * time.Minute},  // 5.2
		"by bike, ten kilometres":                  {care.ByBike, 10_000, 52 * time.Minute},
		"by car, ten kilometres":                   {care.ByCar, 10_000, 16 * time.Minute},           // 15.6
		"by bus, ten kilometres and the wait":      {care.PublicTransport, 10_000, 54 * time.Minute}, // 39
		"by something unknown, as on foot":         {"balloon", 1_000, 18 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if got := TravelTime(tc.mode, tc.metres); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestMargin(t *testing.T) {
	if got := Margin(care.Offer{Travel: care.ByBike}, north(1_000), grolloo); got != 6*time.Minute {
		t.Errorf("got %s, want 6m", got)
	}
}

// The neighbour lives a kilometre from Grolloo: 6 minutes by bike, 2 by car. From Grolloo to the
// hospital it is 10.5 km: 17 minutes by car, and 16 from there to the neighbour's home.
func TestBound(t *testing.T) {
	for name, tc := range map[string]struct {
		need        Need
		change      func(*Need, *Candidate)
		from, until time.Time
	}{
		"of a visit is the visit with the way there and back": {company(), nil, at(3, 13, 54), at(3, 15, 6)},
		"of a ride there and back ends at home":               {ride(), nil, at(3, 9, 58), at(3, 12, 32)},
		"of a ride whose way back ends after the slot goes on until then": {ride(), func(n *Need, _ *Candidate) {
			n.Request.Ride.ReturnAt = at(3, 12, 30)
		}, at(3, 9, 58), at(3, 12, 49)},
		"of a single ride is driven home from the hospital": {ride(), func(n *Need, _ *Candidate) {
			n.Request.Ride.ReturnAt, n.Slot.End = time.Time{}, at(3, 10, 10)
		}, at(3, 9, 58), at(3, 10, 33)},
		"of another date of a series goes by its slot": {ride(), func(n *Need, _ *Candidate) {
			n.Request.Ride.ReturnAt = at(10, 12, 0)
		}, at(3, 9, 58), at(3, 12, 32)},
		"of a visit for which there is no hour is at the beginning": {company(), func(_ *Need, c *Candidate) {
			c.Offer.Availability = thursdays(9, 10)
		}, at(3, 13, 54), at(3, 15, 6)},
	} {
		t.Run(name, func(t *testing.T) {
			n, c := tc.need, neighbour()
			if tc.change != nil {
				tc.change(&n, &c)
			}
			if got := Bound(n, c); !got.From.Equal(tc.from) || !got.Until.Equal(tc.until) {
				t.Errorf("got %s to %s, want %s to %s", got.From, got.Until, tc.from, tc.until)
			}
		})
	}
}
