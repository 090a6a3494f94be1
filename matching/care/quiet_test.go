package care

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func quietWith(change func(*Quiet)) Quiet {
	q := DefaultQuiet(dutch)
	change(&q)
	return q
}

func TestQuietNextMoment(t *testing.T) {
	plain := DefaultQuiet(dutch)
	away := quietWith(func(q *Quiet) { q.Paused = []Interval{nlInterval("2026-06-08T00:00", "2026-06-22T00:00")} })
	endless := quietWith(func(q *Quiet) { q.Paused = []Interval{{From: nl("2026-06-08T00:00")}} })
	dayWorker := quietWith(func(q *Quiet) { q.Night = Night{Start: mustClock("23:30"), End: mustClock("06:00")} })
	nightWorker := quietWith(func(q *Quiet) { q.Night = Night{Start: mustClock("08:00"), End: mustClock("16:00")} })
	for name, row := range map[string]struct {
		q    Quiet
		at   string
		u    Urgency
		want string // empty for never
	}{
		"at once in the afternoon":                         {plain, "2026-06-10T15:00", Ordinary, "2026-06-10T15:00"},
		"at once in the last minute before nine":           {plain, "2026-06-10T20:59", Ordinary, "2026-06-10T20:59"},
		"the next morning at nine in the evening":          {plain, "2026-06-10T21:00", Ordinary, "2026-06-11T08:00"},
		"the same morning after midnight":                  {plain, "2026-06-11T03:00", Ordinary, "2026-06-11T08:00"},
		"at once at eight":                                 {plain, "2026-06-11T08:00", Ordinary, "2026-06-11T08:00"},
		"on Monday when ordinary on Saturday night":        {plain, "2026-06-13T22:00", Ordinary, "2026-06-15T08:00"},
		"on Monday when ordinary on Sunday noon":           {plain, "2026-06-14T12:00", Ordinary, "2026-06-15T08:00"},
		"on Sunday when for today":                         {plain, "2026-06-13T22:00", Today, "2026-06-14T08:00"},
		"not in the person's evening when for today":       {plain, "2026-06-10T21:30", Today, "2026-06-11T08:00"},
		"until eleven when urgent":                         {plain, "2026-06-10T22:59", Urgent, "2026-06-10T22:59"},
		"at seven when urgent at eleven":                   {plain, "2026-06-10T23:00", Urgent, "2026-06-11T07:00"},
		"on a Sunday when urgent":                          {plain, "2026-06-14T12:00", Urgent, "2026-06-14T12:00"},
		"in the deep night when it is about safety":        {plain, "2026-06-11T03:00", Safety, "2026-06-11T03:00"},
		"in a pause when it is about safety":               {endless, "2026-06-11T03:00", Safety, "2026-06-11T03:00"},
		"after a pause, on a waking hour":                  {away, "2026-06-10T15:00", Ordinary, "2026-06-22T08:00"},
		"after a pause even when urgent":                   {away, "2026-06-10T15:00", Urgent, "2026-06-22T07:00"},
		"before a pause begins":                            {away, "2026-06-06T20:59", Ordinary, "2026-06-06T20:59"},
		"not in the night before a pause":                  {away, "2026-06-07T20:59", Ordinary, "2026-06-22T08:00"},
		"never in a pause without an end":                  {endless, "2026-06-10T15:00", Urgent, ""},
		"not in the deep night, however short their own":   {dayWorker, "2026-06-10T23:15", Ordinary, "2026-06-11T07:00"},
		"in the evening for whoever sleeps by day":         {nightWorker, "2026-06-10T09:00", Ordinary, "2026-06-10T16:00"},
		"at eight on the day that clocks go forward":       {plain, "2026-03-29T01:30", Today, "2026-03-29T08:00"},
		"at eight on the day that clocks go back":          {plain, "2026-10-25T02:30+01:00", Today, "2026-10-25T08:00"},
		"never where nobody knows when night is":           {quietWith(func(q *Quiet) { q.Zone = "nowhere" }), "2026-06-10T15:00", Ordinary, ""},
		"never where every day is a rest day, and no hang": {quietWith(func(q *Quiet) { q.RestDays = []time.Weekday{0, 1, 2, 3, 4, 5, 6} }), "2026-06-10T15:00", Ordinary, ""},
		"never where the night never ends, and no hang":    {quietWith(func(q *Quiet) { q.Night = Night{} }), "2026-06-10T15:00", Ordinary, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := row.q.NextMoment(nl(row.at), row.u)
			if ok != (row.want != "") || ok && !got.Equal(nl(row.want)) {
				t.Errorf("got %v, %v; want %q", got, ok, row.want)
			}
		})
	}
}

func TestQuietMayAsk(t *testing.T) {
	q := quietWith(func(q *Quiet) { q.MonthlyLimit = 2 })
	moments := func(rows ...string) (asked []time.Time) {
		for _, row := range rows {
			asked = append(asked, nl(row))
		}
		return asked
	}
	for name, row := range map[string]struct {
		q     Quiet
		at    string
		asked []time.Time
		u     Urgency
		want  string
		code  string
	}{
		"at once where nothing was asked":                 {q, "2026-06-10T15:00", nil, Ordinary, "2026-06-10T15:00", ""},
		"twenty hours after the last question":            {q, "2026-06-10T15:00", moments("2026-06-10T14:00"), Ordinary, "2026-06-11T10:00", ""},
		"at once when exactly twenty hours passed":        {q, "2026-06-10T15:00", moments("2026-06-09T19:00"), Ordinary, "2026-06-10T15:00", ""},
		"twenty hours after a question that is planned":   {q, "2026-06-10T15:00", moments("2026-06-11T09:00"), Ordinary, "2026-06-12T08:00", ""},
		"at once when for today, whatever was just asked": {q, "2026-06-10T15:00", moments("2026-06-10T14:00"), Today, "2026-06-10T15:00", ""},
		"not a third time in the month":                   {q, "2026-06-10T15:00", moments("2026-06-01T09:00", "2026-06-03T09:00"), Ordinary, "", "month_limit_reached"},
		"not a third time even when urgent":               {q, "2026-06-10T15:00", moments("2026-06-01T09:00", "2026-06-03T09:00"), Urgent, "", "month_limit_reached"},
		"again where the month before was full":           {q, "2026-06-10T15:00", moments("2026-05-01T09:00", "2026-05-31T23:59"), Ordinary, "2026-06-10T15:00", ""},
		"in the new month when the old one ends tonight":  {q, "2026-06-30T22:00", moments("2026-06-01T09:00", "2026-06-03T09:00"), Ordinary, "2026-07-01T08:00", ""},
		"not when the next morning's month is full":       {q, "2026-06-30T22:00", moments("2026-07-02T09:00", "2026-07-03T09:00"), Today, "", "month_limit_reached"},
		"never with a limit of zero":                      {quietWith(func(q *Quiet) { q.MonthlyLimit = 0 }), "2026-06-10T15:00", nil, Ordinary, "", "month_limit_reached"},
		"not in a pause without an end":                   {quietWith(func(q *Quiet) { q.Paused = []Interval{{}} }), "2026-06-10T15:00", nil, Ordinary, "", "no_moment_to_ask"},
		"not as a matter of safety, which is no question": {q, "2026-06-10T15:00", nil, Safety, "", "urgency_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := row.q.MayAsk(nl(row.at), row.asked, row.u)
			if CodeOf(err) != row.code || row.code == "" && (err != nil || !got.Equal(nl(row.want))) {
				t.Errorf("got %v, %v; want %s %s", got, err, row.want, row.code)
			}
		})
	}
}

func TestQuietRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*Quiet)
		code   string
	}{
		"an unknown zone":                {func(q *Quiet) { q.Zone = "" }, "zone_unknown"},
		"a night without length":         {func(q *Quiet) { q.Night = Night{} }, "quiet_night_invalid"},
		"a night past the day":           {func(q *Quiet) { q.Night.End = 1441 }, "quiet_night_invalid"},
		"a night that leaves 59 minutes": {func(q *Quiet) { q.Night = Night{Start: 8*60 - 1, End: 7 * 60} }, "quiet_night_too_long"},
		"seven rest days":                {func(q *Quiet) { q.RestDays = []time.Weekday{0, 1, 2, 3, 4, 5, 6} }, "quiet_rest_days_invalid"},
		"an eighth day":                  {func(q *Quiet) { q.RestDays = []time.Weekday{7} }, "quiet_rest_days_invalid"},
		"a negative limit":               {func(q *Quiet) { q.MonthlyLimit = -1 }, "quiet_limit_invalid"},
		"sixty-one questions a month":    {func(q *Quiet) { q.MonthlyLimit = 61 }, "quiet_limit_invalid"},
		"a gap of over two weeks":        {func(q *Quiet) { q.MinGap = maxMinGap + 1 }, "quiet_gap_invalid"},
		"a pause that ends as it starts": {func(q *Quiet) { q.Paused = []Interval{nlInterval("2026-06-08T00:00", "2026-06-08T00:00")} }, "quiet_pause_invalid"},
		"201 pauses":                     {func(q *Quiet) { q.Paused = make([]Interval, maxPauses+1) }, "quiet_too_many_pauses"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CodeOf(quietWith(row.change).Validate()); got != row.code {
				t.Errorf("got %q, want %q", got, row.code)
			}
		})
	}
	for name, change := range map[string]func(*Quiet){
		"the default":                  func(*Quiet) {},
		"a night that leaves one hour": func(q *Quiet) { q.Night = Night{Start: 8 * 60, End: 7 * 60} },
		"a pause without an end":       func(q *Quiet) { q.Paused = []Interval{{From: nl("2026-06-08T00:00")}} },
		"six rest days":                func(q *Quiet) { q.RestDays = []time.Weekday{0, 1, 2, 3, 4, 5} },
	} {
		if err := quietWith(change).Validate(); err != nil {
			t.Errorf("%s was refused: %v", name, err)
		}
	}
}

func drawQuiet(t *rapid.T, year time.Time) Quiet {
	q := Quiet{
		Zone:         dutch,
		Night:        Night{Start: Clock(rapid.IntRange(0, 1439).Draw(t, "nightStart")), End: Clock(rapid.IntRange(0, 1440).Draw(t, "nightEnd"))},
		MonthlyLimit: rapid.IntRange(0, 12).Draw(t, "limit"),
		MinGap:       time.Duration(rapid.IntRange(0, 100).Draw(t, "gap")) * time.Hour,
	}
	for _, day := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 6, rapid.ID[int]).Draw(t, "restDays") {
		q.RestDays = append(q.RestDays, time.Weekday(day))
	}
	for range rapid.IntRange(0, 4).Draw(t, "pauses") {
		from := year.Add(time.Duration(rapid.IntRange(0, 365*24).Draw(t, "pause")) * time.Hour)
		q.Paused = append(q.Paused, Interval{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "pauseFor")) * time.Hour)})
	}
	if q.Validate() != nil {
		q.Night = DefaultQuiet(dutch).Night
	}
	return q
}

// disturbs judges a moment by reading the clock on the wall, without any of quiet.go's code.
func disturbs(q Quiet, at time.Time, u Urgency) string {
	zone, _ := LoadZone(q.Zone)
	local := at.In(zone)
	clock := Clock(local.Hour()*60 + local.Minute())
	within := func(start, end Clock) bool {
		if start < end {
			return clock >= start && clock < end
		}
		return clock >= start || clock < end
	}
	for _, pause := range q.Paused {
		if !at.Before(pause.From) && at.Before(pause.Until) {
			return "a pause"
		}
	}
	switch {
	case local.Hour() == 23 || local.Hour() < 7:
		return "the deep night"
	case u != Urgent && within(q.Night.Start, q.Night.End):
		return "the person's night"
	case u == Ordinary && q.rests(local.Weekday()):
		return "a rest day"
	}
	return ""
}

// Invariant: no rest is disturbed over any simulated year, days when clocks change included.
func TestQuietHoldsOverAnyYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := time.Date(rapid.IntRange(2026, 2027).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC)
		q := drawQuiet(t, year)
		zone, _ := LoadZone(q.Zone)
		var asked []time.Time
		perMonth := map[string]int{}
		at := year
		for at.Before(year.AddDate(1, 0, 0)) {
			at = at.Add(time.Duration(rapid.IntRange(1, 20*24*60).Draw(t, "after")) * time.Minute)
			u := rapid.SampledFrom([]Urgency{Ordinary, Today, Urgent}).Draw(t, "urgency")
			from, err := q.MayAsk(at, asked, u)
			if CodeOf(err) == "month_limit_reached" {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if from.Before(at) {
				t.Fatalf("asked at %v, before %v", from, at)
			}
			if rest := disturbs(q, from, u); rest != "" {
				t.Fatalf("a question (%s) at %v disturbs %s", u, from.In(zone), rest)
			}
			for _, other := range asked {
				if u == Ordinary && from.Sub(other).Abs() < q.MinGap {
					t.Fatalf("asked at %v and %v, less than %v apart", other, from, q.MinGap)
				}
			}
			month := from.In(zone).Format("2006-01")
			if perMonth[month]++; perMonth[month] > q.MonthlyLimit {
				t.Fatalf("%d questions in %s, limit %d", perMonth[month], month, q.MonthlyLimit)
			}
			asked = append(asked, from)
		}
	})
}

// The first moment is the first: no minute before it would have done.
func TestQuietNextMomentIsTheFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		week, _ := time.Parse(time.DateOnly, rapid.SampledFrom(changeWeeks).Draw(t, "week"))
		q := drawQuiet(t, week.AddDate(0, -6, 0))
		u := rapid.SampledFrom([]Urgency{Ordinary, Today, Urgent}).Draw(t, "urgency")
		at := week.Add(time.Duration(rapid.IntRange(0, 8*1440).Draw(t, "at")) * time.Minute)
		got, ok := q.NextMoment(at, u)
		if !ok {
			t.Fatal("there is always a moment")
		}
		for earlier := at; earlier.Before(got); earlier = earlier.Add(time.Minute) {
			if disturbs(q, earlier, u) == "" {
				t.Fatalf("%v would have done before %v", earlier, got)
			}
		}
	})
}

func TestInMonth(t *testing.T) {
	q := DefaultQuiet("Europe/Amsterdam")
	asked := []time.Time{
		time.Date(2026, 10, 31, 22, 59, 0, 0, time.UTC), // 23:59 of October there
		time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC),  // midnight
		time.Date(2026, 11, 30, 22, 59, 0, 0, time.UTC),
		time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC), // December there
		time.Date(2025, 11, 12, 12, 0, 0, 0, time.UTC),
	}
	if got := q.InMonth(time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC), asked); got != 2 {
		t.Errorf("%d questions in November, want 2", got)
	}
	q.Zone = "Mars/Olympus"
	if got := q.InMonth(time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC), asked); got != 5 {
		t.Errorf("%d where nobody knows the month, want all", got)
	}
}
