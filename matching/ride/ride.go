package ride

import "fmt"

// Point is a place on a plane. Its unit is the metric's business.
type Point struct{ X, Y float64 }

// Metric is how long the way between two points takes. It is never negative, and no detour is
// shorter than the way itself (triangle inequality).
type Metric func(a, b Point) int64

// Stop is where somebody gets in or out.
type Stop struct {
	At Point
	// From and To are when it may begin; who is early waits.
	From, To int64
	// Service is how long it takes.
	Service int64
}

// Ride takes somebody from one stop to another, with what they need aboard.
type Ride struct {
	Pickup, Dropoff Stop
	// Longest is how long the ride may take, from the end of getting in to the begin of getting out.
	Longest int64
	Load    Load
}

// Load is what is aboard, or what fits.
type Load struct{ Seats, Wheelchairs int }

func (l Load) plus(o Load) Load {
	return Load{Seats: l.Seats + o.Seats, Wheelchairs: l.Wheelchairs + o.Wheelchairs}
}

func (l Load) minus(o Load) Load {
	return Load{Seats: l.Seats - o.Seats, Wheelchairs: l.Wheelchairs - o.Wheelchairs}
}

func (l Load) fits(room Load) bool { return l.Seats <= room.Seats && l.Wheelchairs <= room.Wheelchairs }

// Vehicle is a driver's day: from its start, not before From, to its end, not after To, and no
// longer than Longest on the way.
type Vehicle struct {
	Start, End Point
	From, To   int64
	Longest    int64
	Room       Load
}

// Day is rides to be driven and vehicles to drive them. A ride nobody drives costs Undriven.
type Day struct {
	Rides    []Ride
	Vehicles []Vehicle
	Metric   Metric
	Undriven int64
}

// Visit is one stop of a route: where a ride begins or ends.
type Visit struct {
	Ride    int
	Dropoff bool
}

// Plan is who drives what, in order; one route for each vehicle.
type Plan struct {
	Routes   [][]Visit
	Undriven []int // rides, rising
	// Travel is the way of all vehicles together.
	Travel int64
	// Cost is the way and what the undriven rides cost.
	Cost int64
}

// Check says what is wrong with a day, if anything is.
func (d Day) Check() error {
	if d.Metric == nil {
		return fmt.Errorf("ride: a day without a metric")
	}
	for i, r := range d.Rides {
		if r.Pickup.From > r.Pickup.To || r.Dropoff.From > r.Dropoff.To || r.Longest < 0 || r.Pickup.Service < 0 || r.Dropoff.Service < 0 ||
			r.Load.Seats < 0 || r.Load.Wheelchairs < 0 {
			return fmt.Errorf("ride: ride %d ends before it begins, or takes less than nothing", i)
		}
	}
	for i, v := range d.Vehicles {
		if v.From > v.To || v.Longest < 0 {
			return fmt.Errorf("ride: the day of vehicle %d ends before it begins", i)
		}
	}
	return nil
}
