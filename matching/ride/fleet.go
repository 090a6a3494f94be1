package ride

import (
	"math"
	"slices"
)

// Fleet is open trips, found by where and when they pass. It answers which of them takes one more
// ride with the smallest detour, exactly as trying all of them would.
//
// Its owner keeps readers and writers apart; between two changes any number may read, each with a
// Finder of its own.
type Fleet struct {
	metric Metric
	// pace is the least time that a unit of distance takes: no way takes less than the distance
	// between its ends times this.
	pace float64
	wide float64 // the length of the shortest pieces
	slot int64   // the length of the cells in time
	// excess is by how much the way of a leg was ever longer, in distance, than the line between its
	// ends: the metric's bends.
	excess float64
	trips  []*Trip
	legs   []leg
	free   freed
	grids  [classes]grid
}

// Trip is a driver's day with the rides agreed already, in the order of its visits.
type Trip struct {
	Vehicle Vehicle
	Rides   []Ride
	Visits  []Visit

	net   *network
	route route
	legs  []int32
}

// freed are the numbers of trips and legs that were removed, for the next ones.
type freed struct{ trips, legs []int32 }

// leg is the way from one stop of a trip to the next.
type leg struct {
	trip        int32
	a, b        Point
	early, late int64 // when it may be left at the earliest, and its end begun at the latest
	way         int64
}

// classes is how many classes of legs there are, each up to twice as long as the one before: the
// longer a leg, the farther from it the same detour leads.
const classes = 24

// grid finds legs of one class by the cells of the middles of their pieces, in each slot of time
// that they touch.
type grid map[cell][]int32

type cell struct {
	x, y int32
	slot int64
}

// NewFleet makes an empty fleet. Pace is the least time that a unit of distance takes by the metric;
// wide is a length and slot a time that many legs keep within. The last two change how long a search
// takes, never what it finds.
func NewFleet(metric Metric, pace, wide float64, slot int64) *Fleet {
	f := &Fleet{metric: metric, pace: pace, wide: wide, slot: max(slot, 1)}
	for i := range f.grids {
		f.grids[i] = grid{}
	}
	return f
}

// Add takes in a trip and returns its number. It reports false for a trip that cannot be driven as
// it is.
func (f *Fleet) Add(t Trip) (int, bool) {
	if !t.lay(f.metric) {
		return 0, false
	}
	number := take(&f.free.trips, &f.trips)
	f.trips[number] = &t
	for i := 1; i < len(t.route.nodes); i++ {
		a, b := t.route.nodes[i-1], t.route.nodes[i]
		at := take(&f.free.legs, &f.legs)
		t.legs = append(t.legs, at)
		l := leg{trip: number, a: t.net.at[a], b: t.net.at[b], early: t.route.early[i-1] + t.net.served[a], late: t.route.late[i], way: t.net.between(a, b)}
		f.legs[at] = l
		f.excess = max(f.excess, float64(l.way)/f.pace-math.Hypot(l.a.X-l.b.X, l.a.Y-l.b.Y))
		f.cells(l, func(g grid, c cell) { g[c] = append(g[c], at) })
	}
	return int(number), true
}

// lay lays out a trip for searching, and reports whether it can be driven.
func (t *Trip) lay(metric Metric) bool {
	n := networkOf(Day{Rides: t.Rides, Vehicles: []Vehicle{t.Vehicle}, Metric: metric})
	t.net, t.legs, t.route = n, nil, route{nodes: []node{n.start(0)}}
	for _, v := range t.Visits {
		if v.Ride < 0 || v.Ride >= len(t.Rides) {
			return false
		}
		a := n.pickup(int32(v.Ride))
		if v.Dropoff {
			a = n.dropoff(int32(v.Ride))
		}
		t.route.nodes = append(t.route.nodes, a)
	}
	t.route.nodes = append(t.route.nodes, n.end(0))
	n.measure(&t.route)
	return n.carries(&t.route) && new(timetable).fit(n, 0, t.route.nodes)
}

// take is a free number for one more of the list, made longer where none is free.
func take[T any](free *[]int32, list *[]T) int32 {
	if k := len(*free); k > 0 {
		number := (*free)[k-1]
		*free = (*free)[:k-1]
		return number
	}
	var none T
	*list = append(*list, none)
	return int32(len(*list) - 1)
}

// Remove takes out a trip, if it is there.
func (f *Fleet) Remove(number int) {
	if _, ok := f.Trip(number); !ok {
		return
	}
	for _, at := range f.trips[number].legs {
		f.cells(f.legs[at], func(g grid, c cell) {
			if g[c] = slices.DeleteFunc(g[c], func(l int32) bool { return l == at }); len(g[c]) == 0 {
				delete(g, c)
			}
		})
		f.free.legs = append(f.free.legs, at)
	}
	f.trips[number] = nil
	f.free.trips = append(f.free.trips, int32(number))
}

// Trip is a trip by its number.
func (f *Fleet) Trip(number int) (Trip, bool) {
	if number < 0 || number >= len(f.trips) || f.trips[number] == nil {
		return Trip{}, false
	}
	return *f.trips[number], true
}

// cells calls a function with each cell that a leg is kept in.
func (f *Fleet) cells(l leg, keep func(grid, cell)) {
	long, class := math.Hypot(l.a.X-l.b.X, l.a.Y-l.b.Y), 0
	for class < classes-1 && long > f.width(class) {
		class++
	}
	pieces := max(1, math.Ceil(long/f.piece(class)))
	var before cell
	for i := range int(pieces) {
		part := (float64(i) + 0.5) / pieces
		c := f.cellAt(class, l.a.X+part*(l.b.X-l.a.X), l.a.Y+part*(l.b.Y-l.a.Y), l.early)
		if i > 0 && c == before {
			continue
		}
		before = c
		for last := f.slotOf(l.late); c.slot <= last; c.slot++ {
			keep(f.grids[class], c)
		}
	}
}

// width is how long the legs of a class are at most; those of the last may be longer.
func (f *Fleet) width(class int) float64 { return math.Ldexp(f.wide, class) }

// piece is how long the pieces of a class's legs are at most, and how wide its cells.
func (f *Fleet) piece(class int) float64 { return math.Ldexp(f.wide, min(class, 2)) }

func (f *Fleet) slotOf(at int64) int64 { return int64(math.Floor(float64(at) / float64(f.slot))) }

func (f *Fleet) cellAt(class int, x, y float64, at int64) cell {
	w := f.piece(class)
	return cell{x: int32(math.Floor(x / w)), y: int32(math.Floor(y / w)), slot: f.slotOf(at)}
}
