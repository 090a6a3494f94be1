package plan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"naober/matching/ride"
)

// fine is how many units of the planner a unit of the files has.
const fine = 1_000_000

// Driven is a day of rides of a file, planned.
type Driven struct {
	File     string    `json:"file"`
	Distance float64   `json:"distance"`
	Feasible bool      `json:"feasible"` // every ride is driven, by the judgement of judge
	Time     float64   `json:"ms"`
	Seed     uint64    `json:"seed"`
	Plan     ride.Plan `json:"-"`
	rides    int
}

// Drive plans a file in the format of Cordeau (Operations Research 54, 2006) for a time.
func Drive(file string, seed uint64, most time.Duration) (Driven, error) {
	t, err := readTrips(file)
	if err != nil {
		return Driven{}, err
	}
	began := time.Now()
	p := ride.Make(t.day(), seed, func() float64 { return float64(time.Since(began)) / float64(most) })
	took := time.Since(began)
	way, err := t.judge(p.Routes)
	return Driven{File: file, Distance: way, Feasible: err == nil, Time: milliseconds(took), Seed: seed, Plan: p, rides: t.rides()}, nil
}

// trips is a file as it stands: the depot first, then the pick-ups, then the drop-offs in the same order.
type trips struct {
	vehicles, room int
	route, longest float64
	stops          []stop
}

type stop struct{ x, y, service, load, from, to float64 }

func readTrips(file string) (t trips, err error) {
	f, err := os.Open(file)
	if err != nil {
		return t, err
	}
	defer f.Close()
	in, stops := bufio.NewReader(f), 0
	if _, err := fmt.Fscan(in, &t.vehicles, &stops, &t.route, &t.room, &t.longest); err != nil || t.vehicles < 1 || t.vehicles > 1000 || stops < 2 || stops > largest || stops%2 != 0 {
		return t, fmt.Errorf("%s: the first line is vehicles, stops, longest route, room and longest ride", file)
	}
	t.stops = make([]stop, stops+1)
	for i := range t.stops {
		s, id := &t.stops[i], 0
		if _, err := fmt.Fscan(in, &id, &s.x, &s.y, &s.service, &s.load, &s.from, &s.to); err != nil {
			return t, fmt.Errorf("%s: stop %d of %d cannot be read", file, i, stops)
		}
	}
	if err := t.sane(); err != nil {
		return t, fmt.Errorf("%s: %w", file, err)
	}
	return t, t.day().Check()
}

// furthest is how far from 0 a place, a time or a load of a file may be: what the planner adds up stays below
// what it would save by not driving somebody.
const furthest = 50_000

// sane says what a planner of whole numbers could not take as it stands.
func (t trips) sane() error {
	if !(t.route <= furthest && t.longest <= furthest) { // a NaN is not, either
		return fmt.Errorf("the longest route and ride are numbers up to %d", furthest)
	}
	for i, s := range t.stops {
		for _, v := range []float64{s.x, s.y, s.service, s.load, s.from, s.to} {
			if !(math.Abs(v) <= furthest) {
				return fmt.Errorf("stop %d has a %v: numbers are between -%d and %d", i, v, furthest, furthest)
			}
		}
		if s.load != math.Trunc(s.load) {
			return fmt.Errorf("stop %d has a load of %v: loads are whole numbers", i, s.load)
		}
	}
	for i := 1; i <= t.rides(); i++ {
		if on, off := t.stops[i].load, t.stops[i+t.rides()].load; on != -off {
			return fmt.Errorf("stop %d has a load of %v, and its drop-off one of %v", i, on, off)
		}
	}
	return nil
}

func (t trips) rides() int { return len(t.stops) / 2 }

func (t trips) day() ride.Day {
	d := ride.Day{Undriven: 1_000_000 * fine, Metric: func(a, b ride.Point) int64 { return int64(math.Round(math.Hypot(a.X-b.X, a.Y-b.Y) * fine)) }}
	at := func(s stop) ride.Stop {
		return ride.Stop{At: ride.Point{X: s.x, Y: s.y}, From: int64(s.from * fine), To: int64(s.to * fine), Service: int64(s.service * fine)}
	}
	for i := 1; i <= t.rides(); i++ {
		d.Rides = append(d.Rides, ride.Ride{Pickup: at(t.stops[i]), Dropoff: at(t.stops[i+t.rides()]), Longest: int64(t.longest * fine), Load: ride.Load{Seats: int(t.stops[i].load)}})
	}
	home := at(t.stops[0])
	for range t.vehicles {
		d.Vehicles = append(d.Vehicles, ride.Vehicle{Start: home.At, End: home.At, To: home.To, Longest: int64(t.route * fine), Room: ride.Load{Seats: t.room}})
	}
	return d
}

// almost is what sums of floating-point numbers may be wrong by, in units of the file; the planner rounds
// to a millionth.
const almost = 1e-4

// judge adds up the way of routes and says whether they can be driven, by the file's own figures. It
// shares nothing with the planner: times come from longest paths among all limits (Bellman and Ford).
func (t trips) judge(routes [][]ride.Visit) (way float64, _ error) {
	if len(routes) > t.vehicles {
		return 0, errors.New("more routes than vehicles")
	}
	met := make([]int, t.rides())
	for _, visits := range routes {
		one, err := t.drive(visits, met)
		if err != nil {
			return 0, err
		}
		way += one
	}
	for i, n := range met {
		if n != 2 {
			return 0, fmt.Errorf("ride %d has %d stops", i+1, n)
		}
	}
	return way, nil
}

// limit says that one stop begins at least so long after another.
type limit struct {
	from, to int
	least    float64
}

func (t trips) drive(visits []ride.Visit, met []int) (way float64, _ error) {
	if len(visits) == 0 {
		return 0, nil
	}
	line, begun, aboard := []stop{t.stops[0]}, map[int]int{}, 0.0
	var limits []limit
	for _, v := range visits {
		if v.Ride < 0 || v.Ride >= t.rides() {
			return 0, fmt.Errorf("there is no ride %d", v.Ride+1)
		}
		met[v.Ride]++
		s := t.stops[v.Ride+1]
		if v.Dropoff {
			s = t.stops[v.Ride+1+t.rides()]
			at, was := begun[v.Ride]
			if !was {
				return 0, fmt.Errorf("ride %d ends before it begins", v.Ride+1)
			}
			limits = append(limits, limit{from: len(line), to: at, least: -t.longest - line[at].service})
		} else {
			begun[v.Ride] = len(line)
		}
		if aboard += s.load; aboard > float64(t.room) {
			return 0, fmt.Errorf("%v do not fit", aboard)
		}
		line = append(line, s)
	}
	line = append(line, t.stops[0])
	last := len(line) - 1
	limits = append(limits, limit{from: last, to: 0, least: -t.route})
	for i := 1; i <= last; i++ {
		leg := math.Hypot(line[i].x-line[i-1].x, line[i].y-line[i-1].y)
		way += leg
		limits = append(limits, limit{from: i - 1, to: i, least: line[i-1].service + leg})
	}
	return way, inTime(line, limits)
}

func inTime(line []stop, limits []limit) error {
	at := make([]float64, len(line))
	for i, s := range line {
		at[i] = s.from
	}
	for range len(line) + 1 {
		for _, l := range limits {
			at[l.to] = max(at[l.to], at[l.from]+l.least)
		}
	}
	for _, l := range limits {
		if at[l.to] < at[l.from]+l.least-almost {
			return errors.New("the limits contradict each other")
		}
	}
	for i, s := range line {
		if at[i] > s.to+almost {
			return fmt.Errorf("stop %d of a route is %v late", i, at[i]-s.to)
		}
	}
	return nil
}

// Write writes the routes, a vehicle on each line: the stops by their numbers in the file.
func (d Driven) Write(out io.Writer) error {
	w := bufio.NewWriter(out)
	for _, route := range d.Plan.Routes {
		stops := make([]int, len(route))
		for i, v := range route {
			if stops[i] = v.Ride + 1; v.Dropoff {
				stops[i] += d.rides
			}
		}
		numbers(w, stops)
	}
	return w.Flush()
}
