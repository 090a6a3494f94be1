package care

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const dutch = "Europe/Amsterdam"

// nl reads a local moment in the Netherlands with its offset, so that rows can tell the two passes
// of a repeated hour apart: "2026-10-25T02:30+01:00" is the second.
func nl(s string) time.Time {
	if t, err := time.Parse("2006-01-02T15:04Z07:00", s); err == nil {
		return t
	}
	zone, err := LoadZone(dutch)
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", s, zone)
	if err != nil {
		panic(err)
	}
	return t
}

func nlInterval(from, until string) Interval { return Interval{From: nl(from), Until: nl(until)} }

func mustClock(s string) Clock {
	c, err := ParseClock(s)
	if err != nil {
		panic(err)
	}
	return c
}

// weekly reads "Sun 22:00-06:00".
func weekly(rows ...string) Availability {
	a := Availability{Zone: dutch}
	for _, row := range rows {
		day, hours, _ := strings.Cut(row, " ")
		start, end, _ := strings.Cut(hours, "-")
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.HasPrefix(d.String(), day) {
				a.Weekly = append(a.Weekly, Window{Day: d, Start: mustClock(start), End: mustClock(end)})
			}
		}
	}
	return a
}

func TestParseClock(t *testing.T) {
	for in, want := range map[string]Clock{"00:00": 0, "07:30": 450, "23:59": 1439, "24:00": 1440} {
		if got, err := ParseClock(in); err != nil || got != want || got.String() != in {
			t.Errorf("%s: got %d (%s), %v", in, got, got, err)
		}
	}
	for _, in := range []string{"", "7:30", "07.30", "24:01", "23:60", "-1:00", "+7:30", "07:3x", "0７:30", "107:30"} {
		if _, err := ParseClock(in); CodeOf(err) != "clock_invalid" {
			t.Errorf("%q: got %v", in, err)
		}
	}
}

func TestAvailabilityCovers(t *testing.T) {
	office := weekly("Wed 09:00-12:00", "Wed 12:00-17:00")
	nights := weekly("Sat 23:00-07:00", "Sun 23:00-07:00")
	for name, row := range map[string]struct {
		a    Availability
		at   Interval
		want bool
	}{
		"a whole window exactly":                       {office, nlInterval("2026-06-10T09:00", "2026-06-10T17:00"), true},
		"a visit over two windows that touch":          {office, nlInterval("2026-06-10T11:00", "2026-06-10T13:00"), true},
		"not a minute before a window":                 {office, nlInterval("2026-06-10T08:59", "2026-06-10T10:00"), false},
		"not a minute after a window":                  {office, nlInterval("2026-06-10T16:00", "2026-06-10T17:01"), false},
		"not the same hour of another day":             {office, nlInterval("2026-06-11T10:00", "2026-06-11T11:00"), false},
		"a night across midnight":                      {nights, nlInterval("2026-06-13T23:00", "2026-06-14T07:00"), true},
		"the morning end of a night":                   {nights, nlInterval("2026-06-14T05:00", "2026-06-14T07:00"), true},
		"not the day between two nights":               {nights, nlInterval("2026-06-14T06:00", "2026-06-15T00:00"), false},
		"a night in which an hour is skipped":          {nights, nlInterval("2026-03-28T23:00", "2026-03-29T07:00"), true},
		"a night in which an hour is repeated":         {nights, nlInterval("2026-10-24T23:00", "2026-10-25T07:00"), true},
		"two whole days that join at midnight":         {weekly("Mon 00:00-24:00", "Tue 00:00-24:00"), nlInterval("2026-06-08T00:00", "2026-06-10T00:00"), true},
		"until midnight written as 00:00":              {weekly("Mon 22:00-00:00"), nlInterval("2026-06-08T22:00", "2026-06-09T00:00"), true},
		"not a minute past midnight written as 00:00":  {weekly("Mon 22:00-00:00"), nlInterval("2026-06-08T22:00", "2026-06-09T00:01"), false},
		"nothing without windows":                      {weekly(), nlInterval("2026-06-08T22:00", "2026-06-08T23:00"), false},
		"a night across midnight from the week's last": {weekly("Sat 23:00-07:00"), nlInterval("2026-06-14T06:00", "2026-06-14T07:00"), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := row.a.Covers(row.at)
			if err != nil || got != row.want {
				t.Errorf("got %v, %v; want %v", got, err, row.want)
			}
		})
	}
}

func TestAvailabilityOnDaysWhenClocksChange(t *testing.T) {
	spring, autumn := nlInterval("2026-03-29T00:00", "2026-03-30T00:00"), nlInterval("2026-10-25T00:00", "2026-10-26T00:00")
	for name, row := range map[string]struct {
		window string
		day    Interval
		want   []Interval
	}{
		"01:00-04:00 lasts two hours in spring": {"Sun 01:00-04:00", spring, []Interval{nlInterval("2026-03-29T01:00+01:00", "2026-03-29T04:00+02:00")}},
		"01:00-04:00 lasts four in autumn":      {"Sun 01:00-04:00", autumn, []Interval{nlInterval("2026-10-25T01:00+02:00", "2026-10-25T04:00+01:00")}},
		"the skipped hour alone is nothing":     {"Sun 02:00-03:00", spring, nil},
		"02:30 in spring starts at 03:00":       {"Sun 02:30-05:00", spring, []Interval{nlInterval("2026-03-29T03:00+02:00", "2026-03-29T05:00+02:00")}},
		"until 02:30 in autumn is the first":    {"Sun 01:00-02:30", autumn, []Interval{nlInterval("2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00")}},
		"from 02:30 in autumn is the first":     {"Sun 02:30-04:00", autumn, []Interval{nlInterval("2026-10-25T02:30+02:00", "2026-10-25T04:00+01:00")}},
		"the whole day has 23 hours in spring":  {"Sun 00:00-24:00", spring, []Interval{spring}},
		"the whole day has 25 hours in autumn":  {"Sun 00:00-24:00", autumn, []Interval{autumn}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := weekly(row.window).Windows(row.day)
			if err != nil || !sameIntervals(got, row.want) {
				t.Errorf("got %v, %v; want %v", got, err, row.want)
			}
		})
	}
	if spring.Duration() != 23*time.Hour || autumn.Duration() != 25*time.Hour {
		t.Fatal("the rows are not about days when clocks change")
	}
}

func TestAvailabilityExceptionBeatsWindows(t *testing.T) {
	a := weekly("Wed 09:00-17:00")
	a.Except = []Exception{{From: nl("2026-06-10T12:00"), Until: nl("2026-06-10T13:00"), Reason: "dentist"}}
	got, err := a.Windows(nlInterval("2026-06-10T08:00", "2026-06-10T16:00"))
	want := []Interval{nlInterval("2026-06-10T09:00", "2026-06-10T12:00"), nlInterval("2026-06-10T13:00", "2026-06-10T16:00")}
	if err != nil || !sameIntervals(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if free, _ := a.Covers(nlInterval("2026-06-10T11:00", "2026-06-10T12:00")); !free {
		t.Error("until the exception starts, the helper is free")
	}
	if free, _ := a.Covers(nlInterval("2026-06-10T11:00", "2026-06-10T12:01")); free {
		t.Error("a minute into the exception, the helper is not free")
	}
}

func TestAvailabilityRefuses(t *testing.T) {
	many := weekly()
	for range maxWindows + 1 {
		many.Weekly = append(many.Weekly, Window{Start: 1, End: 2})
	}
	away := weekly("Mon 09:00-10:00")
	for range maxExceptions + 1 {
		away.Except = append(away.Except, Exception{From: nl("2026-06-10T12:00"), Until: nl("2026-06-10T13:00")})
	}
	backward := weekly()
	backward.Except = []Exception{{From: nl("2026-06-10T13:00"), Until: nl("2026-06-10T13:00")}}
	for name, row := range map[string]struct {
		a    Availability
		code string
	}{
		"no zone":                             {Availability{}, "zone_unknown"},
		"the machine's own zone":              {Availability{Zone: "Local"}, "zone_unknown"},
		"a path for a zone":                   {Availability{Zone: "../../etc/passwd"}, "zone_unknown"},
		"a zone that does not exist":          {Availability{Zone: "Europe/Grolloo"}, "zone_unknown"},
		"a window without length":             {weekly("Mon 09:00-09:00"), "window_invalid"},
		"a start at 24:00":                    {weekly("Mon 24:00-07:00"), "window_invalid"},
		"an eighth day":                       {Availability{Zone: dutch, Weekly: []Window{{Day: 7, End: 60}}}, "window_invalid"},
		"an end after the day":                {Availability{Zone: dutch, Weekly: []Window{{End: 1441}}}, "window_invalid"},
		"65 windows":                          {many, "availability_too_many_windows"},
		"201 exceptions":                      {away, "availability_too_many_exceptions"},
		"an exception that ends as it starts": {backward, "exception_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CodeOf(row.a.Validate()); got != row.code {
				t.Errorf("got %q, want %q", got, row.code)
			}
		})
	}
	if err := weekly("Mon 00:00-24:00", "Tue 22:00-06:00").Validate(); err != nil {
		t.Errorf("a plain week was refused: %v", err)
	}
	_, err := weekly().Windows(Interval{From: nl("2026-06-01T00:00"), Until: nl("2026-06-01T00:00").Add(maxLookAhead + 1)})
	if CodeOf(err) != "interval_too_long" {
		t.Errorf("more than 35 days: got %v", err)
	}
}

// changeWeeks are Mondays whose week ends with a change of the clock, and a plain one.
var changeWeeks = []string{"2026-03-23", "2026-10-19", "2027-03-22", "2027-10-25", "2026-06-08"}

func drawAvailability(t *rapid.T, week time.Time) Availability {
	a := Availability{Zone: dutch}
	for range rapid.IntRange(0, 10).Draw(t, "windows") {
		// A quarter of the windows lies in the night from Saturday, where clocks change.
		w := Window{
			Day:   time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")),
			Start: Clock(rapid.IntRange(0, 1439).Draw(t, "start")),
			End:   Clock(rapid.IntRange(0, 1440).Draw(t, "end")),
		}
		if rapid.IntRange(0, 3).Draw(t, "atChange") == 0 {
			w = Window{Day: time.Sunday, Start: Clock(rapid.IntRange(60, 240).Draw(t, "nightStart")), End: Clock(rapid.IntRange(60, 240).Draw(t, "nightEnd"))}
		}
		if w.Start != w.End {
			a.Weekly = append(a.Weekly, w)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "exceptions") {
		from := week.Add(time.Duration(rapid.IntRange(0, 8*1440).Draw(t, "away")) * time.Minute)
		a.Except = append(a.Except, Exception{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "for")) * time.Minute)})
	}
	return a
}

// freeByMinute looks at every minute by itself. The reading of the clock counts on while it goes
// back: in the second pass of the repeated hour it stands at the last minute before.
func freeByMinute(a Availability, i Interval) map[time.Time]bool {
	zone, _ := LoadZone(a.Zone)
	free := map[time.Time]bool{}
	var latest time.Time
	for at := i.From.Add(-48 * time.Hour); at.Before(i.Until); at = at.Add(time.Minute) {
		local := at.In(zone)
		wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), 0, 0, time.UTC)
		if wall.After(latest) {
			latest = wall
		}
		clock, today := Clock(latest.Hour()*60+latest.Minute()), latest.Weekday()
		yesterday := latest.AddDate(0, 0, -1).Weekday()
		for _, w := range a.Weekly {
			crosses := w.End <= w.Start
			if w.Day == today && clock >= w.Start && (crosses || clock < w.End) || crosses && w.Day == yesterday && clock < w.End {
				free[at] = true
			}
		}
		for _, x := range a.Except {
			if !at.Before(x.From) && at.Before(x.Until) {
				delete(free, at)
			}
		}
	}
	return free
}

func TestAvailabilityAgreesWithEveryMinute(t *testing.T) { rapid.Check(t, agreesWithEveryMinute) }

func agreesWithEveryMinute(t *rapid.T) {
	week, _ := time.Parse(time.DateOnly, rapid.SampledFrom(changeWeeks).Draw(t, "week"))
	a := drawAvailability(t, week)
	from := week.Add(time.Duration(rapid.IntRange(0, 7*1440).Draw(t, "from")) * time.Minute)
	i := Interval{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 2*1440).Draw(t, "length")) * time.Minute)}
	want := freeByMinute(a, i)
	windows, err := a.Windows(i)
	if err != nil {
		t.Fatal(err)
	}
	all := true
	for at := i.From; at.Before(i.Until); at = at.Add(time.Minute) {
		got := false
		for _, w := range windows {
			got = got || w.Holds(at)
		}
		if got != want[at] {
			t.Fatalf("%v: got %v, want %v", at, got, want[at])
		}
		all = all && want[at]
	}
	if covers, err := a.Covers(i); err != nil || covers != all {
		t.Fatalf("covers: got %v, %v; want %v", covers, err, all)
	}
}

func TestResolveInZonesThatChangeOtherwise(t *testing.T) {
	for name, row := range map[string]struct{ zone, wall, want string }{
		"at a change at midnight":         {"America/Havana", "2026-03-08T00:30", "2026-03-08T05:00Z"},
		"at a change of half an hour":     {"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30Z"},
		"on a day that was left out":      {"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z"},
		"where no clock ever changes":     {"Asia/Tokyo", "2026-03-29T02:30", "2026-03-28T17:30Z"},
		"on the first of two passes":      {dutch, "2026-10-25T02:30", "2026-10-25T00:30Z"},
		"at the end of the skipped hour":  {dutch, "2026-03-29T03:00", "2026-03-29T01:00Z"},
		"in the middle of a skipped hour": {dutch, "2026-03-29T02:30", "2026-03-29T01:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			zone, err := LoadZone(row.zone)
			if err != nil {
				t.Fatal(err)
			}
			got, err := LocalTime(row.wall).In(zone)
			if err != nil || got.UTC().Format("2006-01-02T15:04Z") != row.want {
				t.Errorf("got %v, %v; want %s", got.UTC(), err, row.want)
			}
		})
	}
}
