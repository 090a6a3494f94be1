package ride

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// drawBound makes a day in which not everybody may drive everything, some rides go there and back, some
// cost less to leave out than they would to drive, and some are agreed.
func drawBound(r *rand.Rand, rides, vehicles int) Day {
	d := drawDay(r, rides, vehicles)
	may := make([]bool, rides*vehicles)
	for i := range may {
		may[i] = r.IntN(4) > 0
	}
	d.May = func(ride, vehicle int) bool { return may[ride*vehicles+vehicle] }
	order := r.Perm(rides)
	for i := 1; i < rides; i += 2 {
		if r.IntN(2) == 0 {
			d.Pairs = append(d.Pairs, [2]int{order[i-1], order[i]})
		}
	}
	for i := range d.Rides {
		if r.IntN(4) == 0 {
			d.Rides[i].Undriven = 1 + int64(r.IntN(20_000))
		}
	}
	return agreeSome(r, d)
}

// agreeSome has some of the rides agreed, where somebody can drive them, with their other halves.
func agreeSome(r *rand.Rand, d Day) Day {
	d.Agreed = make([][]Visit, len(d.Vehicles))
	met := map[int]bool{}
	for i := range d.Rides {
		if r.IntN(3) > 0 || met[i] {
			continue
		}
		both := []int{i}
		for _, pair := range d.Pairs {
			if slices.Contains(pair[:], i) {
				both = pair[:]
			}
		}
		v := r.IntN(len(d.Vehicles))
		if len(d.Agreed[v]) > 0 {
			continue
		}
		all(both, func(line []Visit) {
			if _, err := drives(d, d.Vehicles[v], line); err == nil {
				d.Agreed[v] = slices.Clone(line)
			}
		})
		for _, x := range d.Agreed[v] {
			met[x.Ride] = true
		}
	}
	return d
}

// greedy puts each ride, in order, with the other of its pair, where it adds least, by trying everything
// and moving nothing that is in already. It shares no code with the planner.
func greedy(d Day) int64 {
	routes := make([][]Visit, len(d.Vehicles))
	copy(routes, d.Agreed)
	met, left := map[int]bool{}, int64(0)
	for _, visits := range routes {
		for _, x := range visits {
			met[x.Ride] = true
		}
	}
	for i := range d.Rides {
		if met[i] {
			continue
		}
		both := []int{i}
		for _, pair := range d.Pairs {
			if slices.Contains(pair[:], i) {
				both = pair[:]
			}
		}
		best, at, with := int64(0), -1, []Visit(nil)
		for _, k := range both {
			met[k] = true
			best += costOf(d, k)
		}
		left += best
		for v := range routes {
			if d.May != nil && slices.ContainsFunc(both, func(k int) bool { return !d.May(k, v) }) {
				continue
			}
			was, _ := length(d, v, routes[v])
			line, ok := cheapest(d, v, routes[v], both)
			if now, err := length(d, v, line); ok && err == nil && now-was < best {
				best, at, with = now-was, v, line
			}
		}
		if at >= 0 {
			routes[at] = with
			for _, k := range both {
				left -= costOf(d, k)
			}
		}
	}
	for v := range routes {
		way, _ := length(d, v, routes[v])
		left += way
	}
	return left
}

func length(d Day, v int, line []Visit) (int64, error) {
	if len(line) == 0 {
		return 0, nil
	}
	return drives(d, d.Vehicles[v], line)
}

// cheapest puts rides into a line one after the other, each where the way gets shortest.
func cheapest(d Day, v int, line []Visit, rides []int) ([]Visit, bool) {
	for _, ride := range rides {
		best, least := []Visit(nil), int64(math.MaxInt64)
		for i := range len(line) + 1 {
			for j := i; j <= len(line); j++ {
				with := withVisits(line, ride, i, j)
				if way, err := drives(d, d.Vehicles[v], with); err == nil && way < least {
					best, least = with, way
				}
			}
		}
		if best == nil {
			return nil, false
		}
		line = best
	}
	return line, true
}

// A day in which rides are bound is planned within what binds them, never worse than one after the other,
// and almost always at the best there is.
func TestMakeKeepsToWhatBindsADay(t *testing.T) {
	pairs, agreed, left, best, better := 0, 0, 0, 0, 0
	const days = 150
	for seed := range uint64(days) {
		r := rand.New(rand.NewPCG(seed, 6))
		d := drawBound(r, 2+r.IntN(3), 1+r.IntN(3))
		if err := d.Check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		p := Make(d, seed, times(400))
		if err := holds(d, p); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if one := greedy(d); p.Cost > one {
			t.Fatalf("seed %d: the plan costs %d, one ride after the other %d", seed, p.Cost, one)
		} else if p.Cost < one {
			better++
		}
		switch least := brutePlan(d); {
		case p.Cost < least:
			t.Fatalf("seed %d: the plan costs %d, the best %d", seed, p.Cost, least)
		case p.Cost == least:
			best++
		}
		pairs, left = pairs+len(d.Pairs), left+len(p.Undriven)
		for _, visits := range d.Agreed {
			agreed += len(visits) / 2
		}
	}
	t.Logf("%d of %d at the best, %d better than one after the other", best, days, better)
	if pairs == 0 || agreed == 0 || left == 0 || better == 0 || best < days*98/100 {
		t.Errorf("%d pairs, %d agreed, %d left, %d at the best of %d, %d better than greedy", pairs, agreed, left, best, days, better)
	}
}

// Days too large to try everything keep to what binds them too, and come out the same again.
func TestMakePlansLargerBoundDays(t *testing.T) {
	for seed := range uint64(6) {
		d := drawBound(rand.New(rand.NewPCG(seed, 7)), 40, 12)
		p := Make(d, seed, times(300))
		if err := holds(d, p); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if one := greedy(d); p.Cost > one {
			t.Errorf("seed %d: the plan costs %d, one ride after the other %d", seed, p.Cost, one)
		}
		if again := Make(d, seed, times(300)); fmt.Sprint(again) != fmt.Sprint(p) {
			t.Fatalf("seed %d: another plan the second time", seed)
		}
	}
}

func TestCheckRefusesWhatBindsNothing(t *testing.T) {
	at := Stop{To: 1000}
	good := Day{Metric: plane, Rides: []Ride{{Pickup: at, Dropoff: at, Longest: 10}, {Pickup: at, Dropoff: at, Longest: 10}},
		Vehicles: []Vehicle{{To: 1000, Longest: 1000}, {To: 1000, Longest: 1000}}, Pairs: [][2]int{{0, 1}}}
	both := []Visit{{Ride: 0}, {Ride: 0, Dropoff: true}, {Ride: 1}, {Ride: 1, Dropoff: true}}
	good.Agreed = [][]Visit{both}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Day){
		"a ride in two pairs":           func(d *Day) { d.Pairs = [][2]int{{0, 1}, {1, 0}} },
		"a ride with itself":            func(d *Day) { d.Pairs = [][2]int{{1, 1}} },
		"a pair with nothing":           func(d *Day) { d.Pairs = [][2]int{{0, 2}} },
		"half a pair agreed":            func(d *Day) { d.Agreed = [][]Visit{both[:2]} },
		"two halves with two":           func(d *Day) { d.Agreed = [][]Visit{both[:2], both[2:]} },
		"out before in":                 func(d *Day) { d.Agreed = [][]Visit{{both[1], both[0], both[2], both[3]}} },
		"in and never out":              func(d *Day) { d.Agreed = [][]Visit{both[:3]} },
		"twice":                         func(d *Day) { d.Agreed = [][]Visit{append(slices.Clone(both), both[0])} },
		"in here and out there":         func(d *Day) { d.Agreed = [][]Visit{{both[0]}, {both[1], both[2], both[3]}} },
		"agreed with nobody":            func(d *Day) { d.Agreed = [][]Visit{nil, nil, both} },
		"no ride of the day":            func(d *Day) { d.Agreed = [][]Visit{{{Ride: 2}, {Ride: 2, Dropoff: true}}} },
		"agreed without room":           func(d *Day) { d.Rides[0].Load.Seats = 1 },
		"agreed without time":           func(d *Day) { d.Rides[0].Dropoff.At.X = 2000 },
		"leaving it out is worth a sum": func(d *Day) { d.Rides[0].Undriven = -1 },
	} {
		d := good
		d.Rides = slices.Clone(good.Rides)
		if change(&d); d.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
