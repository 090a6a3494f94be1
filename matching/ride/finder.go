package ride

import (
	"cmp"
	"math"
	"slices"
)

// Insertion is where a ride goes: the trip, the places of its two stops among the trip's visits (the
// dropoff's counted before the pickup is in), and by how much that lengthens the way.
type Insertion struct {
	Trip            int
	Pickup, Dropoff int
	Detour          int64
}

// Finder looks for the best insertion into a fleet. It is for one goroutine; many may look at once.
type Finder struct {
	fleet  *Fleet
	placer placer
	net    network // the trip being tried, with the ride
	search int64
	met    []meeting // by trip
	passed []int64   // by leg: twice the search that has looked at it, and one more for the dropoff
	ins    []int32   // trips whose way the pickup is near
	trips  []int32   // those whose way the dropoff is near too
}

// meeting is how near a trip's way comes to a ride.
type meeting struct {
	in, out int64 // the search that found the pickup near, and the dropoff
	// least is the smallest detour by either of the two stops alone: a bound of that by both.
	inLeast, outLeast int64
}

func (m *meeting) least() int64 { return max(m.inLeast, m.outLeast) }

// NewFinder makes a finder of a fleet.
func (f *Fleet) NewFinder() *Finder {
	x := &Finder{fleet: f}
	x.placer = placer{net: &x.net, times: &timetable{}}
	return x
}

// first is the part of the detour allowed that is looked within first; each search after it looks
// within four times as much. Most rides lie near the way of some trip.
const first = 1.0 / 64

// Best finds the trip and the places that take a ride with the smallest detour, if any does with one
// of at most most. Of equal ones it is the trip with the smallest number, and in it the first places.
func (x *Finder) Best(r Ride, most int64) (Insertion, bool) {
	for part := first; ; part *= 4 {
		within := most
		if part < 1 {
			within = int64(part * float64(most))
		}
		if found, ok := x.within(r, within); ok {
			return found, true
		}
		if within == most {
			return Insertion{}, false
		}
	}
}

// within tries each trip that comes near both stops, the nearest first, until no other can be
// better.
func (x *Finder) within(r Ride, most int64) (Insertion, bool) {
	x.collect(r, most)
	best, some := Insertion{Detour: most + 1}, false
	for _, number := range x.trips {
		least := x.met[number].least()
		if least > best.Detour || least == best.Detour && int(number) > best.Trip {
			break
		}
		limit := best.Detour
		if some && int(number) < best.Trip {
			limit++ // as good will do
		}
		if found, ok := x.into(x.fleet.trips[number], r, limit); ok {
			best, some = Insertion{Trip: int(number), Pickup: found.pickup - 1, Dropoff: found.dropoff - 1, Detour: found.adds}, true
		}
	}
	return best, some
}

// into finds the best spot in one trip, with a smaller detour than the limit.
func (x *Finder) into(t *Trip, r Ride, limit int64) (spot, bool) {
	n := t.net
	x.net.metric, x.net.vehicles = n.metric, n.vehicles
	x.net.rides = append(x.net.rides[:0], n.rides...)
	x.net.at = append(x.net.at[:0], n.at...)
	x.net.from, x.net.to = append(x.net.from[:0], n.from...), append(x.net.to[:0], n.to...)
	x.net.served = append(x.net.served[:0], n.served...)
	x.net.addRide(r)
	return x.placer.best(&t.route, int32(len(n.rides)), limit)
}

// collect sets the trips that come near both stops of a ride, by the least detour that this takes.
func (x *Finder) collect(r Ride, most int64) {
	f := x.fleet
	if len(x.met) < len(f.trips) {
		x.met = append(x.met, make([]meeting, len(f.trips)-len(x.met))...)
	}
	if len(x.passed) < len(f.legs) {
		x.passed = append(x.passed, make([]int64, len(f.legs)-len(x.passed))...)
	}
	x.search++
	x.ins, x.trips = x.ins[:0], x.trips[:0]
	x.near(r.Pickup, most, x.passIn)
	if len(x.ins) == 0 {
		return
	}
	out := r.Dropoff
	out.From = max(out.From, r.Pickup.From+r.Pickup.Service+f.metric(r.Pickup.At, r.Dropoff.At))
	out.To = min(out.To, r.Pickup.To+r.Pickup.Service+r.Longest)
	x.near(out, most, x.passOut)
	slices.SortFunc(x.trips, func(a, b int32) int {
		return cmp.Or(cmp.Compare(x.met[a].least(), x.met[b].least()), cmp.Compare(a, b))
	})
}

// near calls a function with the legs that may be near enough to a stop, some farther ones among
// them, and some twice.
func (x *Finder) near(s Stop, most int64, pass func(*Stop, []int32, int64)) {
	f := x.fleet
	for class, g := range f.grids {
		if len(g) == 0 {
			continue
		}
		reach := f.reach(class, most)
		low, high := f.cellAt(class, s.At.X-reach, s.At.Y-reach, s.From), f.cellAt(class, s.At.X+reach, s.At.Y+reach, s.To)
		if class == classes-1 || low.cells(high) > float64(len(g)) {
			for _, legs := range g {
				pass(&s, legs, most)
			}
			continue
		}
		for at := low; at.slot <= high.slot; at.slot++ {
			for at.x = low.x; at.x <= high.x; at.x++ {
				for at.y = low.y; at.y <= high.y; at.y++ {
					pass(&s, g[at], most)
				}
			}
		}
	}
}

// reach is how far from the middle of a piece of a leg a stop may lie that is worth the detour. The
// places whose distances to the leg's two ends are at most its length, the detour and the metric's
// bends together form an ellipse, and none of its points is farther from the leg than half its
// smaller axis. A unit of time more is for what rounding takes.
func (f *Fleet) reach(class int, most int64) float64 {
	long, more := f.width(class), float64(most+1)/f.pace+f.excess
	return f.piece(class)/2 + math.Sqrt(2*long*more+more*more)/2
}

// cells is how many cells lie between two corners.
func (low cell) cells(high cell) float64 {
	return (float64(high.x) - float64(low.x) + 1) * (float64(high.y) - float64(low.y) + 1) * (float64(high.slot) - float64(low.slot) + 1)
}

// passIn notes the trips of the legs that a pickup fits into.
func (x *Finder) passIn(s *Stop, legs []int32, most int64) {
	for _, at := range legs {
		if x.passed[at] == 2*x.search {
			continue
		}
		x.passed[at] = 2 * x.search
		l := &x.fleet.legs[at]
		detour, ok := x.detour(s, l, most)
		if !ok {
			continue
		}
		switch m := &x.met[l.trip]; {
		case m.in != x.search:
			m.in, m.inLeast = x.search, detour
			x.ins = append(x.ins, l.trip)
		case detour < m.inLeast:
			m.inLeast = detour
		}
	}
}

// passOut notes the trips, of those noted for the pickup, of the legs that a dropoff fits into.
func (x *Finder) passOut(s *Stop, legs []int32, most int64) {
	for _, at := range legs {
		if x.passed[at] == 2*x.search+1 {
			continue
		}
		x.passed[at] = 2*x.search + 1
		l := &x.fleet.legs[at]
		m := &x.met[l.trip]
		if m.in != x.search {
			continue
		}
		detour, ok := x.detour(s, l, most)
		switch {
		case !ok:
		case m.out != x.search:
			m.out, m.outLeast = x.search, detour
			x.trips = append(x.trips, l.trip)
		case detour < m.outLeast:
			m.outLeast = detour
		}
	}
}

// detour is what a stop adds to a leg, if it fits: near enough, and in time. That the other stop of
// the ride may lie in the same leg only makes the two together longer.
func (x *Finder) detour(s *Stop, l *leg, most int64) (int64, bool) {
	if l.early > s.To || l.late < s.From {
		return 0, false
	}
	in := x.fleet.metric(l.a, s.At)
	if in-l.way > most || l.early+in > s.To {
		return 0, false
	}
	out := x.fleet.metric(s.At, l.b)
	detour := in + out - l.way
	return detour, detour <= most && max(s.From, l.early+in)+s.Service+out <= l.late
}
