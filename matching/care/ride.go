package care

import (
	"math"
	"slices"
	"time"
)

// What a drive takes. Assumed figures for the countryside, rather slow than fast.
const (
	// RoadOverLine is road over straight line: 1.25 by bike and 1.35 by car are usual in the Netherlands, so
	// one figure between them.
	RoadOverLine = 1.3
	// CarSpeed is in kilometres an hour, from door to door.
	CarSpeed = 50
	// Boarding is how long getting in or out takes.
	Boarding = 2 * time.Minute
)

// DriveTime is how long a way by car takes whose straight line has this many metres, rounded up to the
// minute.
func DriveTime(metres float64) time.Duration {
	return time.Duration(math.Ceil(max(metres, 0)*RoadOverLine/1000/CarSpeed*60)) * time.Minute
}

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

// EarthRadius is the mean radius in metres (IUGG). On a sphere of it a distance in the Netherlands
// is at most 0.4 % off, far less than any detour.
const EarthRadius = 6_371_009

// Metres is the length of the straight line over the ground to another point (haversine).
func (p Point) Metres(to Point) float64 {
	radians := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	lat, lon := radians(to.Lat-p.Lat), radians(to.Lon-p.Lon)
	sinLat, sinLon := math.Sin(lat/2), math.Sin(lon/2)
	h := sinLat*sinLat + math.Cos(radians(p.Lat))*math.Cos(radians(to.Lat))*sinLon*sinLon
	return 2 * EarthRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// Returns reports whether the way back belongs to a time. A series names the way back of one date only; on
// its other dates the slot's own end says how long the driver is away.
func (d Ride) Returns(s Slot) bool {
	return d.ReturnAt.After(s.Start) && d.ReturnAt.Sub(s.Start) < 24*time.Hour
}

// LatestStart is the last moment at which a visit of this time can begin: as the slot has it, and for a ride
// there and back early enough to be there when the way back begins. It lies before the slot's start where
// that cannot be.
func (r Request) LatestStart(s Slot) time.Time {
	latest := s.LatestStart()
	if r.Ride == nil || !r.Ride.Returns(s) {
		return latest
	}
	there := r.Ride.ReturnAt.Add(-Boarding - DriveTime(r.Where.Point.Metres(r.Ride.To.Point)))
	if there.Before(latest) {
		return there
	}
	return latest
}

// Admits refuses an hour as Slot.Admits does, and one at which the way back would begin before the way there
// has ended.
func (r Request) Admits(s Slot, at Interval, now time.Time) error {
	if err := s.Admits(at, now); err != nil {
		return err
	}
	if at.From.After(r.LatestStart(s)) {
		return Amiss("at", "visit_outside_slot", "the way there ends before the way back begins")
	}
	return nil
}

// returnsInTime checks the way back: within a day after one of the times asked for, and for each of those
// late enough that its way there can have ended. A series names it for one of its dates, at most a year ahead.
func (r Request) returnsInTime(now time.Time) bool {
	at := r.Ride.ReturnAt
	if at.IsZero() {
		return true
	}
	if r.Series != nil {
		return at.After(now) && at.Before(now.AddDate(1, 0, 0))
	}
	return slices.ContainsFunc(r.Slots, r.Ride.Returns) &&
		!slices.ContainsFunc(r.Slots, func(s Slot) bool { return r.Ride.Returns(s) && r.LatestStart(s).Before(s.Start) })
}
