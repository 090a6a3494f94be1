package care

import (
	"slices"
	"time"
)

// Urgency is how soon something must reach a person, and so how much rest it may disturb.
type Urgency string

const (
	// Ordinary waits for waking hours, skips rest days, and keeps its distance from the last question.
	Ordinary Urgency = "ordinary"
	// Today is for help needed today or tomorrow morning: it may come on a rest day and soon after
	// another question, yet never in the person's own night.
	Today Urgency = "today"
	// Urgent may come until 23:00 and from 07:00, whatever night the person chose.
	Urgent Urgency = "urgent"
	// Safety is only for a message about an agreed visit that starts within SafetyWithin (it is off,
	// it moved, nobody came). It is no question, and the one thing that may come at any hour and in
	// a pause: whoever waits at a door, or for somebody at theirs, has to know.
	Safety Urgency = "safety"
)

// Known reports whether a request may carry this urgency; Safety is for messages only.
func (u Urgency) Known() bool { return u == Ordinary || u == Today || u == Urgent }

// SafetyWithin is how close an agreed visit must be for a Safety message: four hours, so that
// news about a visit at 07:00 need not wake anybody before 03:00.
const SafetyWithin = 4 * time.Hour

// Nobody is disturbed between these two, not even by something urgent: what cannot wait for
// morning is work for 112 or the doctor's post, not for a neighbour.
const (
	deepNightStart Clock = 23 * 60
	deepNightEnd   Clock = 7 * 60
)

const (
	leastWaking     = 60 // minutes a day in which questions can come, or the person can never be asked
	maxMonthlyLimit = 60 // two a day
	maxMinGap       = 14 * 24 * time.Hour
	maxPauses       = 200
)

// Night is a person's own quiet hours, each day from Start to End in local time.
type Night struct{ Start, End Clock }

// Quiet says when a person may be disturbed. It is theirs to set; the deep night is not.
type Quiet struct {
	Zone         string
	Night        Night
	RestDays     []time.Weekday
	MonthlyLimit int           // questions in a calendar month of local time; 0 asks nothing
	MinGap       time.Duration // between an Ordinary question and any other question
	Paused       []Interval    // no questions; without an end it lasts until the person ends it
}

// DefaultQuiet is what holds until a person chooses otherwise:
//   - 21:00-08:00, because a phone that rings later frightens older people, and earlier wakes them;
//   - no ordinary questions on Sunday, the day of rest in most of these villages;
//   - 8 questions a month, two a week: volunteers leave over being asked too often;
//   - 20 hours apart, so at most one a day, while tomorrow's may come a little earlier than today's.
func DefaultQuiet(zone string) Quiet {
	return Quiet{
		Zone:         zone,
		Night:        Night{Start: 21 * 60, End: 8 * 60},
		RestDays:     []time.Weekday{time.Sunday},
		MonthlyLimit: 8,
		MinGap:       20 * time.Hour,
	}
}

func (q Quiet) equal(o Quiet) bool {
	return q.Zone == o.Zone && q.Night == o.Night && slices.Equal(q.RestDays, o.RestDays) && q.MonthlyLimit == o.MonthlyLimit &&
		q.MinGap == o.MinGap && slices.Equal(q.Paused, o.Paused)
}

// Validate refuses settings that are out of range or leave no hour of the week for a question;
// whoever wants none uses a pause.
func (q Quiet) Validate() error {
	if _, err := LoadZone(q.Zone); err != nil {
		return Within("zone", err)
	}
	switch {
	case q.Night.Start < 0 || q.Night.Start >= minutesPerDay || q.Night.End < 0 || q.Night.End > minutesPerDay || q.Night.Start == q.Night.End:
		return Amiss("nightEnd", "quiet_night_invalid", "a night runs from one time of day to another")
	case q.waking() < leastWaking:
		return Amiss("nightEnd", "quiet_night_too_long", "the night leaves less than an hour for questions")
	case len(q.RestDays) > 7 || q.rests(time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday):
		return Amiss("restDays", "quiet_rest_days_invalid", "at least one day of the week is no rest day")
	case q.MonthlyLimit < 0 || q.MonthlyLimit > maxMonthlyLimit:
		return Amiss("monthlyLimit", "quiet_limit_invalid", "the monthly limit is 0 to %d", maxMonthlyLimit)
	case q.MinGap < 0 || q.MinGap > maxMinGap:
		return Amiss("minGapMinutes", "quiet_gap_invalid", "the time between questions is at most 14 days")
	case len(q.Paused) > maxPauses:
		return Amiss("paused", "quiet_too_many_pauses", "at most %d pauses", maxPauses)
	}
	for i, day := range q.RestDays {
		if day < time.Sunday || day > time.Saturday {
			return member("restDays", i, E(Invalid, "quiet_rest_days_invalid", "a rest day is a day of the week"))
		}
	}
	for i, pause := range q.Paused {
		if !pause.Until.IsZero() && pause.Valid() != nil {
			return member("paused", i, Amiss("until", "quiet_pause_invalid", "a pause ends after it starts"))
		}
	}
	return nil
}

// NextMoment is the first instant at or after t when something of this urgency may disturb the
// person. It is false where there is none: a pause without an end, or settings Validate refuses.
func (q Quiet) NextMoment(t time.Time, u Urgency) (time.Time, bool) {
	if u == Safety {
		return t, true
	}
	zone, err := LoadZone(q.Zone)
	if err != nil {
		return time.Time{}, false // not knowing when night is, keep still
	}
	// A pause is passed once; between two pauses at most a week of nights and rest days.
	for range (len(q.Paused) + 1) * 32 {
		later, endless := q.restAt(t, u, zone)
		switch {
		case endless:
			return time.Time{}, false
		case !later.After(t):
			return t, true
		}
		t = later
	}
	return time.Time{}, false
}

// MayAsk gives the first moment at or after t for a question (the ask's askFrom), given the
// moments of the person's questions so far, planned ones included. A month that holds the limit
// takes no more, of whatever urgency: code month_limit_reached.
func (q Quiet) MayAsk(t time.Time, asked []time.Time, u Urgency) (time.Time, error) {
	at, code := q.AskMoment(t, asked, u)
	switch code {
	case "":
		return at, nil
	case urgencyUnknown:
		return at, Amiss("urgency", "urgency_unknown", "a question is ordinary, for today or urgent")
	case MonthFull:
		return at, E(Conflict, "month_limit_reached", "the person has had all questions of the month")
	case zoneUnknown:
		return at, E(Invalid, "zone_unknown", "no such time zone")
	}
	return at, E(Conflict, "no_moment_to_ask", "the person takes no questions")
}

// The codes of AskMoment that somebody asks for.
const (
	MonthFull      = "month_limit_reached"
	noMoment       = "no_moment_to_ask"
	urgencyUnknown = "urgency_unknown"
	zoneUnknown    = "zone_unknown"
)

// AskMoment is MayAsk for whoever looks at a whole village: it gives the code of the refusal, empty
// for none, and makes nothing that has to be collected.
func (q Quiet) AskMoment(t time.Time, asked []time.Time, u Urgency) (time.Time, string) {
	if !u.Known() {
		return time.Time{}, urgencyUnknown
	}
	// Each question so far can push the moment on once, for it never moves back.
	for range len(asked) + 1 {
		from, ok := q.NextMoment(t, u)
		if !ok {
			return time.Time{}, noMoment
		}
		if t = q.afterGap(from, asked, u); t.Equal(from) {
			return from, q.checkMonth(from, asked)
		}
	}
	return time.Time{}, noMoment
}

// restAt gives the end of a rest that holds at t, or t itself. It need not be the last such end.
func (q Quiet) restAt(t time.Time, u Urgency, zone *time.Location) (end time.Time, endless bool) {
	for _, pause := range q.Paused {
		switch {
		case pause.Until.IsZero() && !t.Before(pause.From):
			return t, true
		case pause.Holds(t):
			return pause.Until, false
		}
	}
	nights, today := [...]Night{{Start: deepNightStart, End: deepNightEnd}, q.Night}, dayOf(t, zone)
	for i, night := range nights {
		if i > 0 && u == Urgent {
			break // the person's own does not count
		}
		// Last evening's night may still hold.
		for _, day := range [...]time.Time{today.AddDate(0, 0, -1), today} {
			if rest := onDay(day, night.Start, night.End, zone); rest.Holds(t) {
				return rest.Until, false
			}
		}
	}
	if u == Ordinary && q.rests(today.Weekday()) {
		return resolve(today.AddDate(0, 0, 1), zone), false
	}
	return t, false
}

// afterGap moves an ordinary question away from every question nearer than MinGap, on either side.
func (q Quiet) afterGap(t time.Time, asked []time.Time, u Urgency) time.Time {
	if u != Ordinary {
		return t
	}
	// In their order; the few there are need no sorted copy.
	for last, ok := following(asked, time.Time{}); ok; last, ok = following(asked, last) {
		if t.Sub(last).Abs() < q.MinGap {
			t = last.Add(q.MinGap)
		}
	}
	return t
}

// following is the first of the moments that come after another.
func following(moments []time.Time, after time.Time) (first time.Time, ok bool) {
	for _, m := range moments {
		if m.After(after) && (!ok || m.Before(first)) {
			first, ok = m, true
		}
	}
	return first, ok
}

func (q Quiet) checkMonth(at time.Time, asked []time.Time) string {
	zone, err := LoadZone(q.Zone)
	if err != nil {
		return zoneUnknown
	}
	if inMonth(at, asked, zone) >= q.MonthlyLimit {
		return MonthFull
	}
	return ""
}

// InMonth counts the questions of the month, of the person's own clock, in which a moment lies.
func (q Quiet) InMonth(at time.Time, asked []time.Time) int {
	zone, err := LoadZone(q.Zone)
	if err != nil {
		return len(asked)
	}
	return inMonth(at, asked, zone)
}

func inMonth(at time.Time, asked []time.Time, zone *time.Location) int {
	year, month, _ := at.In(zone).Date()
	count := 0
	for _, other := range asked {
		if y, m, _ := other.In(zone).Date(); y == year && m == month {
			count++
		}
	}
	return count
}

// rests tells whether all of the days are rest days.
func (q Quiet) rests(days ...time.Weekday) bool {
	for _, day := range days {
		if !slices.Contains(q.RestDays, day) {
			return false
		}
	}
	return true
}

// waking counts the minutes of a plain day outside the person's night and the deep night.
func (q Quiet) waking() int {
	minutes := 0
	for at := deepNightEnd; at < deepNightStart; at++ {
		asleep := at >= q.Night.Start && at < q.Night.End
		if q.Night.End <= q.Night.Start {
			asleep = at >= q.Night.Start || at < q.Night.End
		}
		if !asleep {
			minutes++
		}
	}
	return minutes
}
