package ride

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// drawTrip makes a trip with up to three rides, found by putting them in one after the other.
func drawTrip(r *rand.Rand, at func() Point) Trip {
	home := at()
	from := int64(r.IntN(40_000))
	t := Trip{Vehicle: Vehicle{Start: home, End: at(), From: from, To: from + 40_000, Longest: 40_000, Room: Load{Seats: 1 + r.IntN(4), Wheelchairs: r.IntN(2)}}}
	for range r.IntN(4) {
		with := t
		x := drawRide(r, at)
		x.Dropoff.At.X = x.Pickup.At.X + float64(r.IntN(4000)) - 2000
		x.Longest = plane(x.Pickup.At, x.Dropoff.At) + 5000
		with.Rides = append(slices.Clone(t.Rides), x)
		best := int64(1 << 60)
		k := len(with.Rides) - 1
		for i := range len(t.Visits) + 1 {
			for j := i; j <= len(t.Visits); j++ {
				line := withVisits(t.Visits, k, i, j)
				if way, err := drives(Day{Rides: with.Rides, Metric: plane}, t.Vehicle, line); err == nil && way < best {
					best, with.Visits = way, line
				}
			}
		}
		if best < 1<<60 {
			t = with
		}
	}
	return t
}

func withVisits(visits []Visit, ride, pickup, dropoff int) []Visit {
	line := append([]Visit{}, visits[:pickup]...)
	line = append(line, Visit{Ride: ride})
	line = append(line, visits[pickup:dropoff]...)
	line = append(line, Visit{Ride: ride, Dropoff: true})
	return append(line, visits[dropoff:]...)
}

// bruteBest tries every place in every trip.
func bruteBest(trips map[int]Trip, x Ride, most int64) (Insertion, bool) {
	best, some := Insertion{Detour: most + 1}, false
	for number := range 1000 {
		t, ok := trips[number]
		if !ok {
			continue
		}
		d := Day{Rides: append(slices.Clone(t.Rides), x), Metric: plane}
		was, err := drives(d, t.Vehicle, t.Visits)
		if err != nil {
			continue
		}
		for i := range len(t.Visits) + 1 {
			for j := i; j <= len(t.Visits); j++ {
				way, err := drives(d, t.Vehicle, withVisits(t.Visits, len(t.Rides), i, j))
				if err == nil && way-was < best.Detour {
					best, some = Insertion{Trip: number, Pickup: i, Dropoff: j, Detour: way - was}, true
				}
			}
		}
	}
	return best, some
}

func TestBestIsTheBestOfAllPlacesInAllTrips(t *testing.T) {
	found := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 4))
		at := func() Point { return Point{X: float64(r.IntN(10_000) - 5000), Y: float64(r.IntN(10_000))} }
		f, trips := NewFleet(plane, 1, 1000, 5000), map[int]Trip{}
		for range 30 {
			trip := drawTrip(r, at)
			number, ok := f.Add(trip)
			if !ok {
				t.Fatalf("seed %d: a trip that can be driven is not taken", seed)
			}
			trips[number] = trip
			if r.IntN(5) == 0 {
				f.Remove(number)
				delete(trips, number)
			}
		}
		finder := f.NewFinder()
		for range 20 {
			x := drawRide(r, at)
			want, can := bruteBest(trips, x, 5000)
			got, ok := finder.Best(x, 5000)
			if ok != can || ok && got.Detour != want.Detour {
				t.Fatalf("seed %d: %+v %v, the best of all is %+v %v", seed, got, ok, want, can)
			}
			if ok {
				found++
				trip := trips[got.Trip]
				d := Day{Rides: append(slices.Clone(trip.Rides), x), Metric: plane}
				if _, err := drives(d, trip.Vehicle, withVisits(trip.Visits, len(trip.Rides), got.Pickup, got.Dropoff)); err != nil {
					t.Fatalf("seed %d: what was found cannot be driven: %v", seed, err)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d rides found a trip", found)
	}
}

func TestFindersLookAtOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	at := func() Point { return Point{X: float64(r.IntN(10_000)), Y: float64(r.IntN(10_000))} }
	f := NewFleet(plane, 1, 1000, 5000)
	for range 200 {
		f.Add(drawTrip(r, at))
	}
	rides := make([]Ride, 50)
	want := make([]Insertion, len(rides))
	alone := f.NewFinder()
	for i := range rides {
		rides[i] = drawRide(r, at)
		want[i], _ = alone.Best(rides[i], 5000)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			x := f.NewFinder()
			for i := range rides {
				if got, _ := x.Best(rides[i], 5000); got != want[i] {
					t.Errorf("ride %d: %+v, alone it was %+v", i, got, want[i])
				}
			}
		})
	}
	all.Wait()
}

func TestAddRefusesWhatCannotBeDriven(t *testing.T) {
	x := drawRide(rand.New(rand.NewPCG(2, 2)), func() Point { return Point{} })
	v := Vehicle{To: 100_000, Longest: 100_000, Room: Load{Seats: 4, Wheelchairs: 2}}
	both := []Visit{{Ride: 0}, {Ride: 0, Dropoff: true}}
	f := NewFleet(plane, 1, 1000, 5000)
	if _, ok := f.Add(Trip{Vehicle: v, Rides: []Ride{x}, Visits: both}); !ok {
		t.Error("a trip without fault is refused")
	}
	for name, trip := range map[string]Trip{
		"a ride without its visits": {Vehicle: v, Rides: []Ride{x}},
		"out before in":             {Vehicle: v, Rides: []Ride{x}, Visits: []Visit{both[1], both[0]}},
		"a ride that is not there":  {Vehicle: v, Rides: []Ride{x}, Visits: []Visit{{Ride: 1}, {Ride: 1, Dropoff: true}}},
		"no room":                   {Vehicle: Vehicle{To: 100_000, Longest: 100_000}, Rides: []Ride{x}, Visits: both},
	} {
		if _, ok := f.Add(trip); ok {
			t.Errorf("%s is taken", name)
		}
	}
}
