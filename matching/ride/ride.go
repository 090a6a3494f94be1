package ride

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
	// Undriven is what it costs to leave this ride out; what the day says where it is zero.
	Undriven int64
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

// Day is rides to be driven and vehicles to drive them. A ride nobody drives costs Undriven. The last
// three bind a plan only where they are set.
type Day struct {
	Rides    []Ride
	Vehicles []Vehicle
	Metric   Metric
	Undriven int64
	// May tells whether a vehicle may drive a ride; nil where each may drive all. It is asked once for
	// each two, before anything is planned.
	May func(ride, vehicle int) bool
	// Pairs are rides that one vehicle drives, both of them or neither: a way there and its way back.
	// No ride is in two pairs.
	Pairs [][2]int
	// Agreed is what vehicles drive already, by vehicle, in an order that can be driven. These rides stay
	// with their vehicle, whatever May says, and none of them is left out. Within their limits they move,
	// and other rides go among them.
	Agreed [][]Visit
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
