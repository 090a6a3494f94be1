package plan

import (
	"math"
	"slices"
	"time"

	"naober/matching/ride"
)

// Inserted is one ride more in many open trips.
type Inserted struct {
	Trips int     `json:"trips"`
	P50   float64 `json:"p50_us"`
	Brute float64 `json:"brute_p50_us"` // every place in every trip, tried one after the other
	Exact float64 `json:"exact"`        // share of the sample in which both find the same
	Found float64 `json:"found"`        // share of the questions that have an answer
	Seed  uint64  `json:"seed"`
}

// Units of time are milliseconds, of length metres; cars go 60 km/h in a straight line.
const (
	minute = int64(60_000)
	pace   = 60
	detour = 15 * minute
)

func drive(a, b ride.Point) int64 { return int64(math.Ceil(math.Hypot(a.X-b.X, a.Y-b.Y))) * pace }

// Insert draws open trips in 60 towns on 60 by 50 km, asks for the best insertion of rides with at most 15
// minutes' detour, and tries every place for a sample of them.
func Insert(trips, questions, sample int, seed uint64) Inserted {
	g := newGround(seed, 6000)
	for i := range g.towns {
		g.towns[i] = spot{g.Float64() * 60_000, g.Float64() * 50_000}
	}
	fleet, all := ride.NewFleet(drive, pace, 1000, 60*minute), make([]ride.Trip, 0, trips)
	for len(all) < trips {
		t := g.trip()
		if _, ok := fleet.Add(t); ok {
			all = append(all, t)
		}
	}
	r, finder := Inserted{Trips: trips, Seed: seed}, fleet.NewFinder()
	var ours, theirs []time.Duration
	right, found := 0, 0
	for n := range questions {
		x := g.ride()
		began := time.Now()
		got, ok := finder.Best(x, detour)
		ours = append(ours, time.Since(began))
		if ok {
			found++
		}
		if n >= sample {
			continue
		}
		began = time.Now()
		want, some := tryAll(all, x)
		theirs = append(theirs, time.Since(began))
		if ok == some && (!ok || got == want) {
			right++
		}
	}
	r.P50, r.Brute = median(ours), median(theirs)
	r.Exact, r.Found = float64(right)/float64(max(sample, 1)), float64(found)/float64(max(questions, 1))
	return r
}

func median(times []time.Duration) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds()) / 1000
}

func (g ground) at() ride.Point {
	t := g.towns[g.IntN(len(g.towns))]
	return ride.Point{X: t.x + g.NormFloat64()*1500, Y: t.y + g.NormFloat64()*1500}
}

func (g ground) ride() ride.Ride {
	from := int64(8*60+g.IntN(10*60)) * minute
	return ride.Ride{Pickup: ride.Stop{At: g.at(), From: from, To: from + 30*minute, Service: 2 * minute},
		Dropoff: ride.Stop{At: g.at(), To: 24 * 60 * minute, Service: minute}, Longest: 60 * minute, Load: ride.Load{Seats: 1}}
}

// trip is a driver's six hours with up to three rides, one after the other.
func (g ground) trip() ride.Trip {
	home, from := g.at(), int64(7*60+g.IntN(6*60))*minute
	t := ride.Trip{Vehicle: ride.Vehicle{Start: home, End: home, From: from, To: from + 6*60*minute, Longest: 6 * 60 * minute, Room: ride.Load{Seats: 3}}}
	for range g.IntN(4) {
		x := g.ride()
		x.Pickup.From, x.Pickup.To = from, from+90*minute
		from += 90 * minute
		with := ride.Trip{Vehicle: t.Vehicle, Rides: append(slices.Clone(t.Rides), x), Visits: append(slices.Clone(t.Visits), ride.Visit{Ride: len(t.Rides)}, ride.Visit{Ride: len(t.Rides), Dropoff: true})}
		if _, ok := drivable(with.Vehicle, with.Rides, with.Visits); ok {
			t = with
		}
	}
	return t
}

// tryAll tries every place in every trip, and of each one whether it can be driven.
func tryAll(all []ride.Trip, x ride.Ride) (best ride.Insertion, some bool) {
	best.Detour = detour + 1
	var line []ride.Visit
	for number, t := range all {
		was, _ := way(t.Vehicle, t.Rides, t.Visits)
		rides := append(slices.Clip(t.Rides), x)
		for i := range len(t.Visits) + 1 {
			for j := i; j <= len(t.Visits); j++ {
				line = append(line[:0], t.Visits[:i]...)
				line = append(line, ride.Visit{Ride: len(t.Rides)})
				line = append(line, t.Visits[i:j]...)
				line = append(line, ride.Visit{Ride: len(t.Rides), Dropoff: true})
				line = append(line, t.Visits[j:]...)
				long, inTime := way(t.Vehicle, rides, line)
				if long-was >= best.Detour || !inTime {
					continue
				}
				if _, ok := drivable(t.Vehicle, rides, line); ok {
					best, some = ride.Insertion{Trip: number, Pickup: i, Dropoff: j, Detour: long - was}, true
				}
			}
		}
	}
	return best, some
}

// way is how long a line of visits is, and whether whoever drives it as early as may be is late nowhere.
func way(v ride.Vehicle, rides []ride.Ride, visits []ride.Visit) (sum int64, inTime bool) {
	at, now, inTime := v.Start, v.From, true
	for _, x := range visits {
		s := rides[x.Ride].Pickup
		if x.Dropoff {
			s = rides[x.Ride].Dropoff
		}
		leg := drive(at, s.At)
		sum += leg
		now = max(now+leg, s.From)
		inTime = inTime && now <= s.To
		at, now = s.At, now+s.Service
	}
	leg := drive(at, v.End)
	return sum + leg, inTime && now+leg <= v.To
}

// drivable is the whole judgement of a line: seats, windows, the longest ride and the longest way, by longest
// paths among all limits.
func drivable(v ride.Vehicle, rides []ride.Ride, visits []ride.Visit) (int64, bool) {
	sum, ok := way(v, rides, visits)
	if !ok {
		return 0, false
	}
	home := stop{from: float64(v.From), to: float64(v.To)}
	line, begun, aboard := []stop{home}, map[int]int{}, 0
	var limits []limit
	at := v.Start
	for _, x := range visits {
		r := rides[x.Ride]
		s, load := r.Pickup, r.Load.Seats
		if x.Dropoff {
			s, load = r.Dropoff, -r.Load.Seats
			limits = append(limits, limit{from: len(line), to: begun[x.Ride], least: -float64(r.Longest + r.Pickup.Service)})
		} else {
			begun[x.Ride] = len(line)
		}
		if aboard += load; aboard > v.Room.Seats {
			return 0, false
		}
		limits = append(limits, limit{from: len(line) - 1, to: len(line), least: line[len(line)-1].service + float64(drive(at, s.At))})
		line = append(line, stop{service: float64(s.Service), from: float64(s.From), to: float64(s.To)})
		at = s.At
	}
	limits = append(limits, limit{from: len(line) - 1, to: len(line), least: line[len(line)-1].service + float64(drive(at, v.End))})
	line = append(line, home)
	limits = append(limits, limit{from: len(line) - 1, to: 0, least: -float64(v.Longest)})
	return sum, inTime(line, limits) == nil
}
