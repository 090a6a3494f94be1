package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"naober/matching/ride"
)

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "problem.txt")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAssign(t *testing.T) {
	a, err := Assign(file(t, " 3\n 4 1 3\n2 0 5\n 3 2 2\n"))
	if err != nil || a.Cost != 5 || !a.Certified {
		t.Fatalf("%+v, %v", a, err)
	}
	var out strings.Builder
	if err := a.Write(&out); err != nil || !strings.HasPrefix(out.String(), "1 0 2\n") || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%q, %v", out.String(), err)
	}
	for _, bad := range []string{"", "0", "-1", "99999999", "2\n1 2 3", "2\n1 2 3 x", "1\n99999999999999999999"} {
		if _, err := Assign(file(t, bad)); err == nil {
			t.Errorf("%q was solved", bad)
		}
	}
}

// small is two people who go from one end of a street to the other, and one car.
const small = "1 4 100 2 30\n0 0 0 0 0 0 200\n1 0 0 1 1 0 100\n2 1 0 1 1 0 100\n3 10 0 1 -1 0 200\n4 11 0 1 -1 0 200\n"

func TestDrive(t *testing.T) {
	d, err := Drive(file(t, small), 1, 20*time.Millisecond)
	if err != nil || !d.Feasible || d.Distance < 21.9 || d.Distance > 22.1 {
		t.Fatalf("%+v, %v", d, err)
	}
	var out strings.Builder
	if err := d.Write(&out); err != nil || out.String() != "1 2 3 4\n" && out.String() != "1 2 4 3\n" { // both are as long
		t.Errorf("%q, %v", out.String(), err)
	}
	for _, bad := range []string{"", "1 3 100 2 30", "0 4 100 2 30", "1 4 100 2 30\n0 0 0 0 0 0 200"} {
		if _, err := Drive(file(t, bad), 1, time.Millisecond); err == nil {
			t.Errorf("%q was planned", bad)
		}
	}
}

func TestDriveRefusesNumbersItCannotPlanWith(t *testing.T) {
	for _, bad := range []struct{ was, is, said string }{
		{"\n2 1 0 1", "\n2 NaN 0 1", "stop 2 has a NaN"},
		{"\n2 1 0 1", "\n2 1e300 0 1", "stop 2 has a 1e+300"},
		{"\n2 1 0 1", "\n2 1 -Inf 1", "stop 2 has a -Inf"},
		{"1 0 0 1 1 0 100", "1 0 0 1 1 0 1e18", "stop 1 has a 1e+18"},
		{"1 0 0 1 1 0 100", "1 0 0 1 0.5 0 100", "stop 1 has a load of 0.5"},
		{"3 10 0 1 -1", "3 10 0 1 -2", "stop 1 has a load of 1, and its drop-off one of -2"},
		{"1 4 100 2 30", "1 4 NaN 2 30", "the longest route"},
		{"1 4 100 2 30", "1 4 100 2 1e300", "the longest route"},
	} {
		text := strings.Replace(small, bad.was, bad.is, 1)
		if _, err := readTrips(file(t, text)); err == nil || !strings.Contains(err.Error(), bad.said) {
			t.Errorf("%q in place of %q: %v", bad.is, bad.was, err)
		}
	}
}

func TestJudgeRefuses(t *testing.T) {
	day, err := readTrips(file(t, small))
	if err != nil {
		t.Fatal(err)
	}
	in, out := func(i int) ride.Visit { return ride.Visit{Ride: i} }, func(i int) ride.Visit { return ride.Visit{Ride: i, Dropoff: true} }
	good := []ride.Visit{in(0), in(1), out(0), out(1)}
	if way, err := day.judge([][]ride.Visit{good}); err != nil || way != 22 {
		t.Fatalf("%v, %v", way, err)
	}
	for what, spoil := range map[string]func(*trips) [][]ride.Visit{
		"nobody drives":     func(*trips) [][]ride.Visit { return nil },
		"two cars":          func(*trips) [][]ride.Visit { return [][]ride.Visit{{in(0), out(0)}, {in(1), out(1)}} },
		"out before in":     func(*trips) [][]ride.Visit { return [][]ride.Visit{{out(0), in(0), in(1), out(1)}} },
		"a stranger":        func(*trips) [][]ride.Visit { return [][]ride.Visit{{in(7), out(7)}} },
		"one seat":          func(d *trips) [][]ride.Visit { d.room = 1; return [][]ride.Visit{good} },
		"a short ride":      func(d *trips) [][]ride.Visit { d.longest = 9; return [][]ride.Visit{good} },
		"a short day":       func(d *trips) [][]ride.Visit { d.route = 25; return [][]ride.Visit{good} },
		"a window too soon": func(d *trips) [][]ride.Visit { d.stops[3].to = 5; return [][]ride.Visit{good} },
	} {
		d := day
		d.stops = append([]stop(nil), day.stops...)
		if _, err := d.judge(spoil(&d)); err == nil {
			t.Errorf("%s: can be driven", what)
		}
	}
}

func TestBatchAndInsert(t *testing.T) {
	for _, shape := range Shapes() {
		b, err := Batch(500, shape, 3)
		if err != nil || !b.Certified || b.Cost <= 0 || (shape == "congested") != (b.Undone > 0) {
			t.Errorf("%s: %+v, %v", shape, b.Undone, err)
		}
		var out strings.Builder
		if err := b.Write(&out); err != nil || !strings.HasSuffix(out.String(), fmt.Sprintf("\n%d\n", b.Cost)) {
			t.Errorf("%s: the cost %d is not what the solution ends with: %v", shape, b.Cost, err)
		}
	}
	if i := Insert(400, 60, 60, 5); i.Exact != 1 || i.Found < 0.2 || i.P50 <= 0 {
		t.Errorf("%+v", i)
	}
}
