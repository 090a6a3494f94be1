package matching

import (
	"math"
	"time"

	"naober/matching/care"
	"naober/matching/place"
)

// pace is how fast a way of travelling is from door to door. Assumed figures for the countryside,
// rather slow than fast: being late for somebody who waits is worse than being early.
type pace struct {
	kmPerHour float64
	wait      time.Duration
}

func paceOf(m care.TravelMode) pace {
	switch m {
	case care.ByBike:
		return pace{kmPerHour: 15}
	case care.ByCar:
		return pace{kmPerHour: care.CarSpeed}
	case care.PublicTransport:
		return pace{kmPerHour: 20, wait: 15 * time.Minute}
	}
	return pace{kmPerHour: 4.5} // on foot, and for a word we do not know the slowest
}

// TravelTime is how long a way takes whose straight line has this many metres, rounded up to the
// minute.
func TravelTime(mode care.TravelMode, metres float64) time.Duration {
	p := paceOf(mode)
	minutes := math.Ceil(max(metres, 0) * care.RoadOverLine / 1000 / p.kmPerHour * 60)
	return p.wait + time.Duration(minutes)*time.Minute
}

// Margin is the way from the helper's home to a place where they help, one way.
func Margin(offer care.Offer, home, at care.Point) time.Duration {
	return TravelTime(offer.Travel, place.Distance(home, at))
}

// modeFor is how the helper comes: a ride is driven, whatever they do otherwise.
func modeFor(n Need, c Candidate) care.TravelMode {
	if n.Request.Ride != nil {
		return care.ByCar
	}
	return c.Offer.Travel
}

// travelTo is the way from the helper's home to where the help begins.
func travelTo(n Need, c Candidate) time.Duration {
	return TravelTime(modeFor(n, c), n.metres(c))
}

// Bound is the interval that a yes given now would take in the helper's book: the visit at the first
// hour that suits (see Hour), or at the beginning of the window where none does, with the way there
// and back.
func Bound(n Need, c Candidate) care.Interval {
	visit, ok := Hour(n, c)
	if !ok {
		visit = n.Slot.Earliest()
	}
	return BoundAt(n, c, visit)
}

// BoundAt is the interval that a visit at this hour takes in the helper's book. A driver comes from
// home to the pick-up and drives home from where the last passenger gets out; between the way there
// and the way back they are taken to wait, so one of the two is never promised to somebody else.
func BoundAt(n Need, c Candidate, visit care.Interval) care.Interval {
	before, after := travelTo(n, c), travelTo(n, c)
	if d := n.Request.Ride; d != nil && d.ReturnAt.IsZero() {
		after = TravelTime(care.ByCar, place.Distance(d.To.Point, c.Home))
	}
	return occupied(n, visit).Widen(before, after)
}

// occupied is the time that the visit itself takes, the ride and the ride back included.
func occupied(n Need, visit care.Interval) care.Interval {
	d := n.Request.Ride
	if d == nil {
		return visit
	}
	drive := TravelTime(care.ByCar, place.Distance(n.Request.Where.Point, d.To.Point))
	end := visit.From.Add(drive)
	if d.Returns(n.Slot) {
		end = d.ReturnAt.Add(drive)
	}
	if end.After(visit.Until) {
		visit.Until = end
	}
	return visit
}
