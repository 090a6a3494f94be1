package ride

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drives tells whether a vehicle can drive the visits, and how long the way is, by nothing but the
// limits: who is aboard, and longest paths in the graph of all limits between the times of the stops
// (Bellman and Ford). It shares no code with the planner.
func drives(d Day, v Vehicle, visits []Visit) (int64, error) {
	type limit struct {
		from, to int // the stop "to" begins at least least after "from"
		least    int64
	}
	stops := []Stop{{At: v.Start, From: v.From, To: v.To}}
	aboard, in := Load{}, map[int]int{}
	var limits []limit
	for _, x := range visits {
		r := d.Rides[x.Ride]
		stop := r.Pickup
		if x.Dropoff {
			stop = r.Dropoff
			at, was := in[x.Ride]
			if !was {
				return 0, fmt.Errorf("ride %d ends before it begins", x.Ride)
			}
			limits = append(limits, limit{from: len(stops), to: at, least: -r.Longest - r.Pickup.Service})
			aboard.Seats -= r.Load.Seats
			aboard.Wheelchairs -= r.Load.Wheelchairs
		} else {
			in[x.Ride] = len(stops)
			aboard.Seats += r.Load.Seats
			aboard.Wheelchairs += r.Load.Wheelchairs
		}
		if aboard.Seats > v.Room.Seats || aboard.Wheelchairs > v.Room.Wheelchairs {
			return 0, fmt.Errorf("%+v do not fit", aboard)
		}
		stops = append(stops, stop)
	}
	stops = append(stops, Stop{At: v.End, From: v.From, To: v.To})
	last, total := len(stops)-1, int64(0)
	limits = append(limits, limit{from: last, to: 0, least: -v.Longest})
	for i := 1; i <= last; i++ {
		way := d.Metric(stops[i-1].At, stops[i].At)
		total += way
		limits = append(limits, limit{from: i - 1, to: i, least: stops[i-1].Service + way})
	}
	at := make([]int64, len(stops))
	for i, s := range stops {
		at[i] = s.From
	}
	for range len(stops) + 1 {
		for _, l := range limits {
			at[l.to] = max(at[l.to], at[l.from]+l.least)
		}
	}
	for _, l := range limits {
		if at[l.to] < at[l.from]+l.least {
			return 0, fmt.Errorf("the limits contradict each other")
		}
	}
	for i, s := range stops {
		if at[i] > s.To {
			return 0, fmt.Errorf("stop %d begins at %d, after %d", i, at[i], s.To)
		}
	}
	return total, nil
}

// holds tells whether a plan is what it says.
func holds(d Day, p Plan) error {
	driven, by, travel := map[int]int{}, map[int]int{}, int64(0)
	for v, visits := range p.Routes {
		if len(visits) == 0 {
			continue
		}
		way, err := drives(d, d.Vehicles[v], visits)
		if err != nil {
			return fmt.Errorf("vehicle %d: %w", v, err)
		}
		travel += way
		for _, x := range visits {
			driven[x.Ride]++
			by[x.Ride] = v
		}
	}
	if err := binds(d, func(ride int) int {
		if driven[ride] == 0 {
			return -1
		}
		return by[ride]
	}); err != nil {
		return err
	}
	for i := range d.Rides {
		if undriven := slices.Contains(p.Undriven, i); undriven && driven[i] > 0 || !undriven && driven[i] != 2 {
			return fmt.Errorf("ride %d has %d stops", i, driven[i])
		}
	}
	left := int64(0)
	for _, i := range p.Undriven {
		left += costOf(d, i)
	}
	if travel != p.Travel || travel+left != p.Cost {
		return fmt.Errorf("the way is %d, the plan says %d and costs %d", travel, p.Travel, p.Cost)
	}
	return nil
}

// binds tells whether who drives what keeps to what the day says of it; -1 for nobody.
func binds(d Day, by func(ride int) int) error {
	pinned := map[int]bool{}
	for v, visits := range d.Agreed {
		for _, x := range visits {
			if pinned[x.Ride] = true; by(x.Ride) != v {
				return fmt.Errorf("ride %d was agreed with vehicle %d, and is with %d", x.Ride, v, by(x.Ride))
			}
		}
	}
	for i := range d.Rides {
		if v := by(i); v >= 0 && !pinned[i] && d.May != nil && !d.May(i, v) {
			return fmt.Errorf("vehicle %d may not drive ride %d", v, i)
		}
	}
	for _, pair := range d.Pairs {
		if by(pair[0]) != by(pair[1]) {
			return fmt.Errorf("rides %d and %d are not together", pair[0], pair[1])
		}
	}
	return nil
}

func costOf(d Day, ride int) int64 {
	if own := d.Rides[ride].Undriven; own > 0 {
		return own
	}
	return d.Undriven
}

// plane is a metric that rounds up, so that no detour is shorter than the way.
func plane(a, b Point) int64 { return int64(math.Ceil(math.Hypot(a.X-b.X, a.Y-b.Y))) }

// drawDay makes a day of a village: places within 10 km by the metre and metres as the unit of time,
// windows tight and wide.
func drawDay(r *rand.Rand, rides, vehicles int) Day {
	d := Day{Metric: plane, Undriven: 1_000_000}
	at := func() Point { return Point{X: float64(r.IntN(10_000)), Y: float64(r.IntN(10_000))} }
	for range rides {
		d.Rides = append(d.Rides, drawRide(r, at))
	}
	for range vehicles {
		home := at()
		from := int64(r.IntN(20_000))
		d.Vehicles = append(d.Vehicles, Vehicle{Start: home, End: home, From: from, To: from + 30_000 + int64(r.IntN(60_000)),
			Longest: 20_000 + int64(r.IntN(60_000)), Room: Load{Seats: 1 + r.IntN(4), Wheelchairs: r.IntN(2)}})
	}
	return d
}

func drawRide(r *rand.Rand, at func() Point) Ride {
	from, wide := int64(r.IntN(60_000)), int64(1000+r.IntN(20_000))
	x := Ride{Pickup: Stop{At: at(), From: 0, To: 100_000, Service: int64(r.IntN(300))}, Dropoff: Stop{At: at(), From: 0, To: 100_000, Service: int64(r.IntN(300))},
		Load: Load{Seats: 1 + r.IntN(2)}}
	if r.IntN(6) == 0 {
		x.Load = Load{Wheelchairs: 1}
	}
	if r.IntN(2) == 0 {
		x.Pickup.From, x.Pickup.To = from, from+wide
	} else {
		x.Dropoff.From, x.Dropoff.To = from, from+wide
	}
	x.Longest = plane(x.Pickup.At, x.Dropoff.At) + int64(r.IntN(8000))
	return x
}

// all calls a function with each order of visits of the rides.
func all(rides []int, visit func([]Visit)) {
	var line []Visit
	in, out := map[int]bool{}, map[int]bool{}
	var go1 func()
	go1 = func() {
		if len(line) == 2*len(rides) {
			visit(line)
			return
		}
		for _, i := range rides {
			switch {
			case !in[i]:
				in[i] = true
				line = append(line, Visit{Ride: i})
				go1()
				line = line[:len(line)-1]
				in[i] = false
			case !out[i]:
				out[i] = true
				line = append(line, Visit{Ride: i, Dropoff: true})
				go1()
				line = line[:len(line)-1]
				out[i] = false
			}
		}
	}
	go1()
}

// brutePlan is the least cost of all plans.
func brutePlan(d Day) int64 {
	best := int64(math.MaxInt64)
	of := make([]int, len(d.Rides))
	route := map[string]int64{}
	var try func(i int)
	try = func(i int) {
		if i < len(of) {
			for v := range len(d.Vehicles) + 1 {
				of[i] = v
				try(i + 1)
			}
			return
		}
		if binds(d, func(ride int) int {
			if of[ride] == len(d.Vehicles) {
				return -1
			}
			return of[ride]
		}) != nil {
			return
		}
		total := int64(0)
		for v := range len(d.Vehicles) + 1 {
			var mine []int
			for i, w := range of {
				if w == v {
					mine = append(mine, i)
				}
			}
			if v == len(d.Vehicles) {
				for _, i := range mine {
					total += costOf(d, i)
				}
				continue
			}
			if len(mine) == 0 {
				continue
			}
			key := fmt.Sprint(v, mine)
			least, known := route[key]
			if !known {
				least = math.MaxInt64 / 4
				all(mine, func(line []Visit) {
					if way, err := drives(d, d.Vehicles[v], line); err == nil {
						least = min(least, way)
					}
				})
				route[key] = least
			}
			total += least
		}
		best = min(best, total)
	}
	try(0)
	return best
}

// times makes a done function that ends after so many rounds.
func times(rounds int) func() float64 {
	n := 0
	return func() float64 {
		n++
		return float64(n-1) / float64(rounds)
	}
}

func TestMakeFindsTheBestPlanOfSmallDays(t *testing.T) {
	undriven := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		d := drawDay(r, 1+r.IntN(4), 1+r.IntN(2))
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		p := Make(d, seed, times(400))
		if err := holds(d, p); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if best := brutePlan(d); p.Cost != best {
			t.Fatalf("seed %d: the plan costs %d, the best %d", seed, p.Cost, best)
		}
		undriven += len(p.Undriven)
	}
	if undriven == 0 {
		t.Error("no day has a ride that nobody can drive")
	}
}

func TestMakePlansLargerDays(t *testing.T) {
	for seed := range uint64(4) {
		d := drawDay(rand.New(rand.NewPCG(seed, 2)), 60, 8)
		p := Make(d, seed, times(300))
		if err := holds(d, p); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if again := Make(d, seed, times(300)); fmt.Sprint(again) != fmt.Sprint(p) {
			t.Fatalf("seed %d: another plan the second time", seed)
		}
	}
}

func TestScheduleIsDecidedExactly(t *testing.T) {
	fits := 0
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 3))
		d := drawDay(r, 1+r.IntN(4), 1)
		n := networkOf(d)
		var visits []Visit
		for i := range d.Rides {
			visits = append(visits, Visit{Ride: i}, Visit{Ride: i, Dropoff: true})
		}
		r.Shuffle(len(visits), func(i, j int) { visits[i], visits[j] = visits[j], visits[i] })
		met := map[int]bool{}
		for i := range visits { // what comes first is the pickup
			visits[i].Dropoff = met[visits[i].Ride]
			met[visits[i].Ride] = true
		}
		nodes := []node{n.start(0)}
		for _, v := range visits {
			a := n.pickup(int32(v.Ride))
			if v.Dropoff {
				a = n.dropoff(int32(v.Ride))
			}
			nodes = append(nodes, a)
		}
		rt := route{nodes: append(nodes, n.end(0))}
		n.measure(&rt)
		_, err := drives(d, d.Vehicles[0], visits)
		if got := n.carries(&rt) && new(timetable).fit(n, 0, rt.nodes); got != (err == nil) {
			t.Fatalf("seed %d: fit says %v, the limits %v", seed, got, err)
		}
		if err == nil {
			fits++
		}
	}
	if fits < 500 {
		t.Errorf("only %d of the sequences can be driven", fits)
	}
}
