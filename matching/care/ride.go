package care

import (
	"slices"
	"time"
)

// Ride says where a ride goes. The request's Where is the pick-up place; the slot's start is the
// pick-up time.
type Ride struct {
	To         Place
	ReturnAt   time.Time // when the way back begins; zero for a single ride
	Passengers int       // the person included
	Wheelchair bool
	Walker     bool // a walking frame goes along
}

func (d Ride) validate() error {
	switch {
	case d.To.amiss() != "":
		return Amiss("to."+d.To.amiss(), "destination_invalid", "a ride goes to a point on earth with a town; street and post code are short texts")
	case d.Passengers < 1 || d.Passengers > 8:
		return Amiss("passengers", "passengers_invalid", "a ride takes 1 to 8 passengers")
	}
	return nil
}

// returnsInTime checks the way back: within a day after one of the times asked for. A series names
// it for one of its dates, at most a year ahead.
func (r Request) returnsInTime(now time.Time) bool {
	at := r.Ride.ReturnAt
	if at.IsZero() {
		return true
	}
	if r.Series != nil {
		return at.After(now) && at.Before(now.AddDate(1, 0, 0))
	}
	return slices.ContainsFunc(r.Slots, func(s Slot) bool {
		return at.After(s.Start) && at.Sub(s.Start) < 24*time.Hour
	})
}
