package care

import (
	"iter"
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

const (
	maxSkipped    = 1200            // three years of a daily series
	maxSwapped    = 400             // 16 KiB of a request that must stay under 128
	minVisit      = 5 * time.Minute // as for a slot
	maxVisit      = 24 * time.Hour  // as for a slot
	maxSwapAway   = 60 * 24 * time.Hour
	maxSeriesView = 366 * 24 * time.Hour
	firstWithin   = 2  // years after Start in which a rule must give something
	seriesLasts   = 28 // years after Start; see twin
)

// LocalTime is a reading of calendar and clock without a zone: "2026-11-24T10:00".
type LocalTime string

const localLayout = "2006-01-02T15:04"

// ParseLocalTime reads exactly YYYY-MM-DDThh:mm.
func ParseLocalTime(s string) (LocalTime, error) {
	wall, err := time.Parse(localLayout, s)
	if err != nil || wall.Format(localLayout) != s {
		return "", E(Invalid, "local_time_invalid", "a local time is written like 2026-11-24T10:00")
	}
	return LocalTime(s), nil
}

// In is the instant of the reading in a zone: the first of two where the clock repeats an
// hour, the first moment that exists where it skips one.
func (l LocalTime) In(zone *time.Location) (time.Time, error) {
	wall, err := l.wall()
	if err != nil {
		return time.Time{}, err
	}
	return resolve(wall, zone), nil
}

func (l LocalTime) wall() (time.Time, error) {
	if _, err := ParseLocalTime(string(l)); err != nil {
		return time.Time{}, err
	}
	return time.Parse(localLayout, string(l))
}

// Swap moves the occurrence that the rule gave on Date to another time.
type Swap struct {
	Date string
	To   LocalTime
}

// Series is help that comes back, as an RFC 5545 rule. The rule is expanded on readings of the
// clock and only then resolved in Zone, so 10:00 stays 10:00 on both sides of a change of the
// clock, and a visit ends at its reading too: 23:00 for eight hours ends at 07:00 every night.
//
// An occurrence is named for ever by the local date the rule gave it, wherever a swap moves it.
// Start counts as an occurrence only where the rule matches it. COUNT includes skipped ones.
type Series struct {
	Rule     string // the RRULE part, such as FREQ=WEEKLY;BYDAY=TU
	Start    LocalTime
	Duration time.Duration
	Zone     string
	Skipped  []string // local dates, 2006-01-02
	Swapped  []Swap
}

// Occurrence is one time of a series. Date is its stable name.
type Occurrence struct {
	Date    string
	At      Interval
	Swapped bool
}

// Validate refuses a rule that is malformed, denser than daily, or empty for two years on end.
func (s Series) Validate() error {
	switch {
	case s.Duration < minVisit || s.Duration > maxVisit:
		return Amiss("durationMinutes", "series_duration_invalid", "a visit takes from 5 minutes to a day")
	case len(s.Skipped) > maxSkipped:
		return E(Conflict, "series_too_many_skipped", "at most %d skipped dates", maxSkipped)
	case len(s.Swapped) > maxSwapped:
		return E(Conflict, "series_too_many_swapped", "at most %d swapped dates", maxSwapped)
	}
	if err := s.validateChanges(); err != nil {
		return err
	}
	zone, walls, err := s.expand()
	if err != nil {
		return err
	}
	start, _ := s.Start.In(zone)
	for wall := range walls {
		if resolve(wall, zone).Before(start.AddDate(firstWithin, 0, 0)) {
			return nil
		}
		break
	}
	return Amiss("rule", "series_empty", "the rule gives no date within %d years", firstWithin)
}

func (s Series) validateChanges() error {
	named := make(map[string]bool, len(s.Skipped)+len(s.Swapped))
	for i, date := range s.Skipped {
		if !isDate(date) || named[date] {
			return member("skipped", i, E(Invalid, "series_date_invalid", "a skipped date is YYYY-MM-DD, once"))
		}
		named[date] = true
	}
	for i, swap := range s.Swapped {
		if !isDate(swap.Date) || named[swap.Date] {
			return member("swapped", i, Amiss("date", "series_date_invalid", "a swapped date is YYYY-MM-DD, once, and not skipped"))
		}
		named[swap.Date] = true
		if err := swap.near(); err != nil {
			return member("swapped", i, err)
		}
	}
	return nil
}

// near keeps a swap close to its date, so that nobody finds "Tuesday" in another season.
func (w Swap) near() error {
	to, err := w.To.wall()
	if err != nil {
		return Within("to", err)
	}
	date, err := time.Parse(time.DateOnly, w.Date)
	if err != nil || to.Sub(date).Abs() > maxSwapAway {
		return Amiss("to", "swap_too_far", "an occurrence moves by at most 60 days")
	}
	return nil
}

// Occurrences lists, in order of time, what starts in [after, before), at most a year. A swap
// may move an occurrence out of that stretch and into it; a skipped one is not listed.
func (s Series) Occurrences(after, before time.Time) ([]Occurrence, error) {
	asked := Interval{From: after, Until: before}
	if err := asked.Valid(); err != nil {
		return nil, err
	}
	if asked.Duration() > maxSeriesView {
		return nil, E(Invalid, "interval_too_long", "at most a year of a series at a time")
	}
	var found []Occurrence
	err := s.each(before.Add(maxSwapAway+2*24*time.Hour), func(o Occurrence) bool {
		if asked.Holds(o.At.From) {
			found = append(found, o)
		}
		return true
	})
	slices.SortStableFunc(found, func(a, b Occurrence) int { return byStart(a.At, b.At) })
	return found, err
}

// Finished tells whether nothing starts at t or later any more.
func (s Series) Finished(t time.Time) (bool, error) {
	finished := true
	err := s.each(time.Time{}, func(o Occurrence) bool {
		finished = o.At.From.Before(t)
		return finished
	})
	return finished, err
}

// Skip drops one occurrence and keeps the rest; a swap of it is forgotten.
func (s Series) Skip(date string) (Series, error) {
	if err := s.gives(date); err != nil {
		return s, err
	}
	if len(s.Skipped) >= maxSkipped {
		return s, E(Conflict, "series_too_many_skipped", "at most %d skipped dates", maxSkipped)
	}
	next := s
	next.Skipped = append(slices.Clone(s.Skipped), date)
	next.Swapped = s.swapsBut(date)
	return next, nil
}

// Swap moves one occurrence to another local time and keeps the rest; swapping again replaces.
func (s Series) Swap(date string, to LocalTime) (Series, error) {
	if err := s.gives(date); err != nil {
		return s, err
	}
	swap := Swap{Date: date, To: to}
	if err := swap.near(); err != nil {
		return s, err
	}
	next := s
	next.Swapped = append(s.swapsBut(date), swap)
	if len(next.Swapped) > maxSwapped {
		return s, E(Conflict, "series_too_many_swapped", "at most %d swapped dates", maxSwapped)
	}
	return next, nil
}

func (s Series) swapsBut(date string) []Swap {
	return slices.DeleteFunc(slices.Clone(s.Swapped), func(w Swap) bool { return w.Date == date })
}

// gives refuses a date on which the rule has nothing, or whose occurrence was skipped.
func (s Series) gives(date string) error {
	if slices.Contains(s.Skipped, date) {
		return E(Conflict, "occurrence_skipped", "this occurrence was skipped already")
	}
	_, walls, err := s.expand()
	if err != nil {
		return err
	}
	for wall := range walls {
		switch given := wall.Format(time.DateOnly); {
		case given == date:
			return nil
		case given > date:
			return noOccurrence()
		}
	}
	return noOccurrence()
}

func noOccurrence() error {
	return E(NotFound, "occurrence_not_found", "the series has nothing on that date")
}

// each visits what the rule gives, in the rule's order, skips left out and swaps carried out,
// up to what the rule gives at `until` (zero: to the end) or the first false.
func (s Series) each(until time.Time, visit func(Occurrence) bool) error {
	zone, walls, err := s.expand()
	if err != nil {
		return err
	}
	skipped := make(map[string]bool, len(s.Skipped))
	for _, date := range s.Skipped {
		skipped[date] = true
	}
	swapped := make(map[string]LocalTime, len(s.Swapped))
	for _, swap := range s.Swapped {
		swapped[swap.Date] = swap.To
	}
	for wall := range walls {
		if !until.IsZero() && !resolve(wall, zone).Before(until) {
			return nil
		}
		date := wall.Format(time.DateOnly)
		if skipped[date] {
			continue
		}
		to, moved := swapped[date]
		if moved {
			if wall, err = to.wall(); err != nil {
				return err
			}
		}
		if !visit(Occurrence{Date: date, At: s.at(wall, zone), Swapped: moved}) {
			return nil
		}
	}
	return nil
}

// at resolves both readings. Where the whole visit falls into a skipped hour it keeps its length.
func (s Series) at(wall time.Time, zone *time.Location) Interval {
	at := Interval{From: resolve(wall, zone), Until: resolve(wall.Add(s.Duration), zone)}
	if !at.From.Before(at.Until) {
		at.Until = at.From.Add(s.Duration)
	}
	return at
}

// expand gives the floating readings of the rule, in order, skips and swaps not yet applied.
func (s Series) expand() (*time.Location, iter.Seq[time.Time], error) {
	zone, err := LoadZone(s.Zone)
	if err != nil {
		return nil, nil, Within("zone", err)
	}
	start, err := s.Start.wall()
	if err != nil {
		return nil, nil, Within("start", err)
	}
	if start.Year() < 2000 || start.Year() > 2070 {
		return nil, nil, Amiss("start", "series_start_invalid", "a series starts between 2000 and 2070")
	}
	rule, err := parseRule(s.Rule, zone)
	if err != nil {
		return nil, nil, err
	}
	lastYear, shift := start.Year()+seriesLasts, twin(start.Year())-start.Year()
	rule.Dtstart = start.AddDate(shift, 0, 0)
	if rule.Until.Year() > lastYear {
		rule.Until = time.Time{}
	}
	if !rule.Until.IsZero() {
		rule.Until = rule.Until.AddDate(shift, 0, 0)
	}
	expanded, err := rrule.NewRRule(*rule)
	if err != nil {
		return nil, nil, Amiss("rule", "series_rule_invalid", "the rule has a value out of range")
	}
	return zone, func(yield func(time.Time) bool) {
		next := expanded.Iterator()
		for {
			far, more := next()
			wall := far.AddDate(-shift, 0, 0)
			if !more || wall.Year() > lastYear || !yield(wall) {
				return
			}
		}
	}, nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
