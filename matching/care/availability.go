package care

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // pure data: a bare container or phone-sized machine has no zone files of its own
)

const (
	maxWindows    = 64                  // nine a day: more is a calendar, not a habit
	maxExceptions = 200                 // nearly four a week for a year
	maxLookAhead  = 35 * 24 * time.Hour // five weeks, the furthest a month view looks; bounds the work of one question
	minutesPerDay = 24 * 60
)

// Clock is a reading of the clock on the wall, in minutes after local midnight.
// 24:00 (1440) exists so that a window can end with the day.
type Clock int

// ParseClock reads "07:30"; two digits on both sides, 00:00 to 24:00.
func ParseClock(s string) (Clock, error) {
	bad := E(Invalid, "clock_invalid", "a time of day is written like 07:30")
	if len(s) != 5 || s[2] != ':' {
		return 0, bad
	}
	for _, at := range []int{0, 1, 3, 4} {
		if s[at] < '0' || s[at] > '9' {
			return 0, bad
		}
	}
	hour, minute := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	clock := Clock(hour*60 + minute)
	if minute > 59 || clock > minutesPerDay {
		return 0, bad
	}
	return clock, nil
}

// String writes the reading as ParseClock reads it.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Window is a weekly habit in local time: from Start on Day until End. An End before Start
// is on the next day (22:00-06:00); the whole day is 00:00-24:00; equal ends are refused.
type Window struct {
	Day        time.Weekday
	Start, End Clock
}

// Exception is a dated absence, in instants; it beats every window.
type Exception struct {
	From, Until time.Time
	Reason      string
}

// Availability says when somebody could help: weekly windows in the wall-clock time of
// Zone (an IANA name) minus exceptions. What is already agreed is subtracted by the caller,
// who alone knows it.
//
// On a day when the clocks change a window keeps its readings and so changes its length:
// 01:00-04:00 lasts two hours in spring and four in autumn. A reading that spring skips
// means the first moment that exists; one that autumn repeats means its first pass, and the
// second pass belongs to whoever covers the last minute before the clock moves on again.
type Availability struct {
	Zone   string
	Weekly []Window
	Except []Exception
}

// Validate refuses an unknown zone, impossible windows and exceptions, and too many of either.
func (a Availability) Validate() error {
	if _, err := LoadZone(a.Zone); err != nil {
		return Within("zone", err)
	}
	if len(a.Weekly) > maxWindows {
		return Amiss("weekly", "availability_too_many_windows", "at most %d weekly windows", maxWindows)
	}
	if len(a.Except) > maxExceptions {
		return Amiss("except", "availability_too_many_exceptions", "at most %d exceptions", maxExceptions)
	}
	for i, w := range a.Weekly {
		if err := w.validate(); err != nil {
			return member("weekly", i, err)
		}
	}
	for i, x := range a.Except {
		if err := (Interval{From: x.From, Until: x.Until}).Valid(); err != nil {
			return member("except", i, Amiss("until", "exception_invalid", "an exception must end after it starts"))
		}
	}
	return nil
}

func (w Window) validate() error {
	switch {
	case w.Day < time.Sunday || w.Day > time.Saturday:
		return Amiss("day", "window_invalid", "a window needs a day of the week")
	case w.Start < 0 || w.Start >= minutesPerDay || w.End < 0 || w.End > minutesPerDay:
		return Amiss("end", "window_invalid", "a window runs between 00:00 and 24:00")
	case w.Start == w.End:
		return Amiss("end", "window_invalid", "a window has length; the whole day is 00:00-24:00")
	}
	return nil
}

// Covers tells whether every moment of i is free: inside the windows, which join where they
// touch and across midnight, and outside the exceptions.
func (a Availability) Covers(i Interval) (bool, error) {
	free, err := a.Windows(i)
	if err != nil {
		return false, err
	}
	return len(free) == 1 && free[0].From.Equal(i.From) && free[0].Until.Equal(i.Until), nil
}

// Windows returns the free stretches inside i, merged and in order, at most 35 days at a time.
// Agreed visits are not yet subtracted: see Subtract.
func (a Availability) Windows(i Interval) ([]Interval, error) { return a.AppendWindows(nil, i) }

// AppendWindows is Windows for whoever looks at many people: it uses the space of an empty list.
func (a Availability) AppendWindows(free []Interval, i Interval) ([]Interval, error) {
	if err := i.Valid(); err != nil {
		return nil, err
	}
	if i.Duration() > maxLookAhead {
		return nil, E(Invalid, "interval_too_long", "at most %d days at a time", int(maxLookAhead.Hours()/24))
	}
	zone, err := LoadZone(a.Zone)
	if err != nil {
		return nil, err
	}
	free = free[:0]
	// From the day before, whose windows may cross midnight into i.
	for day := dayOf(i.From, zone).AddDate(0, 0, -1); resolve(day, zone).Before(i.Until); day = day.AddDate(0, 0, 1) {
		for _, w := range a.Weekly {
			if w.Day == day.Weekday() {
				free = append(free, clip(onDay(day, w.Start, w.End, zone), i))
			}
		}
	}
	free = joined(free)
	if len(a.Except) == 0 {
		return free, nil
	}
	var away []Interval
	for _, x := range a.Except {
		if x.From.Before(i.Until) && i.From.Before(x.Until) {
			away = append(away, Interval{From: x.From, Until: x.Until})
		}
	}
	if len(away) == 0 {
		return free, nil
	}
	return Subtract(free, away), nil
}

// maxZone bounds the name of a time zone, in bytes; the longest that IANA has are of 32.
const maxZone = 64

// LoadZone finds an IANA zone by name, in data that ships with the program.
// "Local" is refused: what it means would differ from one machine to the next.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > maxZone {
		return nil, E(Invalid, "zone_unknown", "a time zone needs a name such as Europe/Amsterdam")
	}
	zones.RLock()
	known := zones.read[name]
	zones.RUnlock()
	if known != nil {
		return known, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, E(Invalid, "zone_unknown", "no such time zone")
	}
	zones.Lock()
	defer zones.Unlock()
	if zones.read == nil {
		zones.read = map[string]*time.Location{}
	}
	zones.read[name] = zone
	return zone, nil
}

// zones remembers the zones that were read. It is no state: the data ships with the program, there
// are some 600 names in it, and only those are kept. Without it each look at somebody's week would
// parse its zone anew.
var zones struct {
	sync.RWMutex
	read map[string]*time.Location
}

// onDay turns two readings on a floating day into instants; an end not after the start is tomorrow's.
func onDay(day time.Time, start, end Clock, zone *time.Location) Interval {
	if end <= start {
		end += minutesPerDay
	}
	return Interval{
		From:  resolve(day.Add(time.Duration(start)*time.Minute), zone),
		Until: resolve(day.Add(time.Duration(end)*time.Minute), zone),
	}
}

// dayOf is the local date of an instant as a floating day: that date's midnight, in UTC.
func dayOf(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// resolve finds the instant of a floating reading (held in UTC) in a zone: the first of two
// where the clock repeats an hour, the first moment after the gap where it skips one.
// time.Date does not promise which of the two it takes.
func resolve(wall time.Time, zone *time.Location) time.Time {
	const aDay = 24 * time.Hour // further than any offset, and closer than any two changes of the clock
	before, after := atOffset(wall, wall.Add(-aDay), zone), atOffset(wall, wall.Add(aDay), zone)
	switch {
	case reads(before, wall, zone): // the earlier of two: the clock goes back, never forward, to repeat
		return before
	case reads(after, wall, zone):
		return after
	}
	gapEnd, _ := before.In(zone).ZoneBounds()
	return gapEnd.UTC()
}

func atOffset(wall, near time.Time, zone *time.Location) time.Time {
	_, seconds := near.In(zone).Zone()
	return wall.Add(-time.Duration(seconds) * time.Second)
}

func reads(t, wall time.Time, zone *time.Location) bool {
	_, seconds := t.In(zone).Zone()
	return t.Add(time.Duration(seconds) * time.Second).Equal(wall)
}

func clip(i, within Interval) Interval {
	if i.From.Before(within.From) {
		i.From = within.From
	}
	if i.Until.After(within.Until) {
		i.Until = within.Until
	}
	return i
}
