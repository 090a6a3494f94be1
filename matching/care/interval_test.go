package care

import (
	"testing"
	"time"
)

// clockAt is a moment of one plain day, so that rows read as times of day.
func clockAt(hhmm string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-06-10 "+hhmm)
	if err != nil {
		panic(err)
	}
	return t
}

func between(from, until string) Interval {
	return Interval{From: clockAt(from), Until: clockAt(until)}
}

func TestIntervalOverlaps(t *testing.T) {
	for name, row := range map[string]struct {
		a, b Interval
		want bool
	}{
		"not when one ends as the other starts": {between("10:00", "12:00"), between("12:00", "13:00"), false},
		"by a minute":                           {between("10:00", "12:01"), between("12:00", "13:00"), true},
		"when one lies inside the other":        {between("10:00", "14:00"), between("12:00", "13:00"), true},
		"not when an hour apart":                {between("10:00", "11:00"), between("12:00", "13:00"), false},
		"never with an empty one":               {between("10:00", "14:00"), between("12:00", "12:00"), false},
	} {
		t.Run(name, func(t *testing.T) {
			if row.a.Overlaps(row.b) != row.want || row.b.Overlaps(row.a) != row.want {
				t.Errorf("got %v and %v, want %v both ways", row.a.Overlaps(row.b), row.b.Overlaps(row.a), row.want)
			}
		})
	}
}

func TestIntervalContainsAndHolds(t *testing.T) {
	morning := between("08:00", "12:00")
	if !morning.Contains(morning) {
		t.Error("an interval contains itself")
	}
	if morning.Contains(between("08:00", "12:01")) || morning.Contains(between("07:59", "12:00")) {
		t.Error("a minute outside on either side is not contained")
	}
	if !morning.Holds(clockAt("08:00")) || morning.Holds(clockAt("12:00")) {
		t.Error("the start is inside, the end is not")
	}
	if wide := morning.Widen(15*time.Minute, 30*time.Minute); wide != between("07:45", "12:30") || wide.Duration() != 285*time.Minute {
		t.Errorf("widened to %v", wide)
	}
}

func TestIntervalValid(t *testing.T) {
	for name, row := range map[string]struct {
		in   Interval
		code string
	}{
		"refuses nothing at all":         {Interval{}, "interval_invalid"},
		"refuses a missing end":          {Interval{From: clockAt("10:00")}, "interval_invalid"},
		"refuses an end at the start":    {between("10:00", "10:00"), "interval_invalid"},
		"refuses an end before it":       {between("10:00", "09:59"), "interval_invalid"},
		"accepts the shortest there is":  {Interval{From: clockAt("10:00"), Until: clockAt("10:00").Add(1)}, ""},
		"accepts an interval over weeks": {Interval{From: clockAt("10:00"), Until: clockAt("10:00").AddDate(0, 1, 0)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CodeOf(row.in.Valid()); got != row.code {
				t.Errorf("got code %q, want %q", got, row.code)
			}
		})
	}
	if !(Interval{}).IsZero() || between("10:00", "11:00").IsZero() {
		t.Error("only the empty value is zero")
	}
}

func TestSubtract(t *testing.T) {
	day := []Interval{between("09:00", "17:00")}
	for name, row := range map[string]struct{ free, busy, want []Interval }{
		"leaves all where nothing is busy":         {day, nil, day},
		"leaves nothing where all is busy":         {day, []Interval{between("08:00", "18:00")}, nil},
		"cuts a hole":                              {day, []Interval{between("12:00", "13:00")}, []Interval{between("09:00", "12:00"), between("13:00", "17:00")}},
		"cuts the ends":                            {day, []Interval{between("08:00", "10:00"), between("16:00", "17:00")}, []Interval{between("10:00", "16:00")}},
		"joins what is busy twice":                 {day, []Interval{between("11:00", "13:00"), between("10:00", "12:00")}, []Interval{between("09:00", "10:00"), between("13:00", "17:00")}},
		"joins what is free and touches":           {[]Interval{between("12:00", "17:00"), between("09:00", "12:00")}, nil, day},
		"lets one busy stretch cut two free ones":  {[]Interval{between("09:00", "11:00"), between("12:00", "14:00")}, []Interval{between("10:00", "13:00")}, []Interval{between("09:00", "10:00"), between("13:00", "14:00")}},
		"does not mind busy hours that touch free": {day, []Interval{between("08:00", "09:00"), between("17:00", "18:00")}, day},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Subtract(row.free, row.busy); !sameIntervals(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func sameIntervals(a, b []Interval) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].From.Equal(b[i].From) || !a[i].Until.Equal(b[i].Until) {
			return false
		}
	}
	return true
}
