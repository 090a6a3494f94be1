package ride

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// fine is how many units a unit of the files has.
const fine = 1_000_000

// readDay reads a day in the format of Cordeau (Operations Research 54, 2006): vehicles, stops, the
// longest route, room, the longest ride; then the depot and each stop (and the depot again, or not).
func readDay(t *testing.T, name string) Day {
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "matching", name+".txt"))
	if err != nil {
		t.Skipf("the days of the literature are not here: %v", err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	var vehicles, stops, room int
	var route, ride float64
	if _, err := fmt.Fscan(in, &vehicles, &stops, &route, &room, &ride); err != nil {
		t.Fatal(err)
	}
	all, loads := make([]Stop, stops+1), make([]int, stops+1)
	for i := range all {
		var id int
		var x, y, service, from, to float64
		if _, err := fmt.Fscan(in, &id, &x, &y, &service, &loads[i], &from, &to); err != nil {
			t.Fatal(err)
		}
		all[i] = Stop{At: Point{X: x, Y: y}, From: int64(from * fine), To: int64(to * fine), Service: int64(service * fine)}
	}
	d := Day{Undriven: 1_000_000 * fine, Metric: func(a, b Point) int64 { return int64(math.Round(math.Hypot(a.X-b.X, a.Y-b.Y) * fine)) }}
	for i := 1; i <= stops/2; i++ {
		d.Rides = append(d.Rides, Ride{Pickup: all[i], Dropoff: all[i+stops/2], Longest: int64(ride * fine), Load: Load{Seats: loads[i]}})
	}
	for range vehicles {
		d.Vehicles = append(d.Vehicles, Vehicle{Start: all[0].At, End: all[0].At, To: all[0].To, Longest: int64(route * fine), Room: Load{Seats: room}})
	}
	return d
}

// The optima are those of Cordeau's paper. A few rounds need not reach them; one that is passed would
// be a plan that cannot be driven.
func TestMakeComesNearTheOptimaOfTheLiterature(t *testing.T) {
	for name, optimum := range map[string]float64{"a2-16": 294.25, "a2-24": 431.12, "a3-24": 344.83, "b2-16": 309.41, "b2-24": 444.71, "b3-24": 394.51} {
		t.Run(name, func(t *testing.T) {
			d := readDay(t, name)
			p := Make(d, 1, times(2000))
			if err := holds(d, p); err != nil {
				t.Fatal(err)
			}
			way := float64(p.Travel) / fine
			if len(p.Undriven) > 0 || way < optimum-0.01 || way > optimum*1.02 {
				t.Errorf("the way is %.2f with %d undriven, the optimum %.2f", way, len(p.Undriven), optimum)
			}
		})
	}
}
