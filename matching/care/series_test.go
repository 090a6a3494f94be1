package care

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func series(rule, start string) Series {
	return Series{Rule: rule, Start: LocalTime(start), Duration: time.Hour, Zone: dutch}
}

// starts lists when occurrences begin, in local time.
func starts(t *testing.T, s Series, from, until string) []string {
	t.Helper()
	found, err := s.Occurrences(nl(from), nl(until))
	if err != nil {
		t.Fatal(err)
	}
	zone, _ := LoadZone(s.Zone)
	var got []string
	for _, o := range found {
		got = append(got, o.At.From.In(zone).Format("01-02T15:04"))
	}
	return got
}

func TestSeriesOccurrences(t *testing.T) {
	for name, row := range map[string]struct {
		s           Series
		from, until string
		want        string
	}{
		"keeps 10:00 when clocks go forward":        {series("FREQ=WEEKLY;BYDAY=SU", "2026-03-22T10:00"), "2026-03-20T00:00", "2026-04-06T00:00", "03-22T10:00 03-29T10:00 04-05T10:00"},
		"keeps 10:00 when clocks go back":           {series("FREQ=DAILY", "2026-10-24T10:00"), "2026-10-24T00:00", "2026-10-27T00:00", "10-24T10:00 10-25T10:00 10-26T10:00"},
		"moves a skipped hour to the first moment":  {series("FREQ=DAILY", "2026-03-28T02:30"), "2026-03-28T00:00", "2026-03-31T00:00", "03-28T02:30 03-29T03:00 03-30T02:30"},
		"includes what starts with the stretch":     {series("FREQ=DAILY", "2026-06-01T10:00"), "2026-06-02T10:00", "2026-06-03T10:00", "06-02T10:00"},
		"gives nothing before its start":            {series("FREQ=DAILY", "2026-06-02T10:00"), "2026-05-01T00:00", "2026-06-04T00:00", "06-02T10:00 06-03T10:00"},
		"counts its start only where the rule does": {series("FREQ=WEEKLY;BYDAY=TU", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-06-10T00:00", "06-02T10:00 06-09T10:00"},
		"stops after its count":                     {series("FREQ=WEEKLY;COUNT=2", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-08-01T00:00", "06-01T10:00 06-08T10:00"},
		"includes the whole day of UNTIL":           {series("FREQ=WEEKLY;UNTIL=20260608", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-08-01T00:00", "06-01T10:00 06-08T10:00"},
		"reads UNTIL in UTC":                        {series("FREQ=DAILY;UNTIL=20260602T080000Z", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-08-01T00:00", "06-01T10:00 06-02T10:00"},
		"stops a second before UNTIL would allow":   {series("FREQ=DAILY;UNTIL=20260602T075959Z", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-08-01T00:00", "06-01T10:00"},
		"gives every second week":                   {series("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-06-20T00:00", "06-01T10:00 06-04T10:00 06-15T10:00 06-18T10:00"},
		"gives the last Friday of the month":        {series("FREQ=MONTHLY;BYDAY=-1FR", "2026-06-01T10:00"), "2026-06-01T00:00", "2026-09-01T00:00", "06-26T10:00 07-31T10:00 08-28T10:00"},
		"gives the first working day of the month":  {series("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "2026-07-01T10:00"), "2026-07-01T00:00", "2026-10-01T00:00", "07-01T10:00 08-03T10:00 09-01T10:00"},
		"gives the 31st only where there is one":    {series("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31T10:00"), "2026-01-01T00:00", "2026-06-01T00:00", "01-31T10:00 03-31T10:00 05-31T10:00"},
		"gives 29 February in a leap year":          {series("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2027-02-01T10:00"), "2028-01-01T00:00", "2028-12-01T00:00", "02-29T10:00"},
		"crosses the turn of the year by the week":  {series("FREQ=WEEKLY;BYDAY=WE,FR", "2026-12-28T10:00"), "2026-12-28T00:00", "2027-01-10T00:00", "12-30T10:00 01-01T10:00 01-06T10:00 01-08T10:00"},
		"keeps its weekday after twenty-five years": {series("FREQ=WEEKLY;BYDAY=TU", "2026-11-24T10:00"), "2051-11-20T00:00", "2051-12-01T00:00", "11-21T10:00 11-28T10:00"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := row.s.Validate(); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(starts(t, row.s, row.from, row.until), " "); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestSeriesVisitEndsAtItsReading(t *testing.T) {
	for name, row := range map[string]struct {
		start    string
		duration time.Duration
		want     Interval
	}{
		"a night of eight hours lasts seven in spring": {"2026-03-28T23:00", 8 * time.Hour, nlInterval("2026-03-28T23:00", "2026-03-29T07:00")},
		"and nine in autumn":                           {"2026-10-24T23:00", 8 * time.Hour, nlInterval("2026-10-24T23:00", "2026-10-25T07:00")},
		"the first pass of a repeated hour":            {"2026-10-25T02:15", 30 * time.Minute, nlInterval("2026-10-25T02:15+02:00", "2026-10-25T02:45+02:00")},
		"a visit in the skipped hour keeps its length": {"2026-03-29T02:10", 30 * time.Minute, nlInterval("2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00")},
	} {
		t.Run(name, func(t *testing.T) {
			s := series("FREQ=DAILY", row.start)
			s.Duration = row.duration
			found, err := s.Occurrences(row.want.From, row.want.From.Add(time.Minute))
			if err != nil || len(found) != 1 || !sameIntervals([]Interval{found[0].At}, []Interval{row.want}) {
				t.Errorf("got %v, %v; want %v", found, err, row.want)
			}
		})
	}
}

func TestSeriesRefuses(t *testing.T) {
	tuesdays := func(change func(*Series)) Series {
		s := series("FREQ=WEEKLY;BYDAY=TU", "2026-11-24T10:00")
		change(&s)
		return s
	}
	rule := func(r string) Series { return series(r, "2026-11-24T10:00") }
	for name, row := range map[string]struct {
		s    Series
		code string
	}{
		"every hour":                   {rule("FREQ=HOURLY"), "series_too_dense"},
		"every second":                 {rule("FREQ=SECONDLY"), "series_too_dense"},
		"hours inside a day":           {rule("FREQ=DAILY;BYHOUR=8,12,18"), "series_too_dense"},
		"no rule":                      {rule(""), "series_rule_invalid"},
		"no frequency":                 {rule("BYDAY=TU"), "series_rule_invalid"},
		"a word for a rule":            {rule("weekly"), "series_rule_invalid"},
		"a start inside the rule":      {rule("FREQ=DAILY;DTSTART=20260101T000000Z"), "series_unsupported"},
		"exceptions inside the rule":   {rule("FREQ=DAILY;EXDATE=20260101"), "series_unsupported"},
		"a second line":                {rule("DTSTART:20260101T000000Z\nFREQ=DAILY"), "series_rule_invalid"},
		"a part twice":                 {rule("FREQ=DAILY;FREQ=SECONDLY"), "series_rule_invalid"},
		"257 characters":               {rule("FREQ=DAILY;BYMONTHDAY=1" + strings.Repeat(",1", 117)), "series_rule_invalid"},
		"an interval of zero":          {rule("FREQ=DAILY;INTERVAL=0"), "series_rule_invalid"},
		"a count of zero":              {rule("FREQ=DAILY;COUNT=0"), "series_rule_invalid"},
		"a count and an end":           {rule("FREQ=DAILY;COUNT=3;UNTIL=20270101"), "series_rule_invalid"},
		"an end that is no date":       {rule("FREQ=DAILY;UNTIL=20270230"), "series_rule_invalid"},
		"an empty end":                 {rule("FREQ=DAILY;UNTIL="), "series_rule_invalid"},
		"the sixth Monday":             {rule("FREQ=MONTHLY;BYDAY=6MO"), "series_rule_invalid"},
		"the 53rd Monday of a month":   {rule("FREQ=MONTHLY;BYMONTH=12;BYDAY=53MO"), "series_rule_invalid"},
		"the second Monday of a week":  {rule("FREQ=WEEKLY;BYDAY=2MO"), "series_rule_invalid"},
		"the 32nd":                     {rule("FREQ=MONTHLY;BYMONTHDAY=32"), "series_rule_invalid"},
		"days before Easter":           {rule("FREQ=YEARLY;BYEASTER=-400"), "series_unsupported"},
		"30 February":                  {rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "series_empty"},
		"30 February looked for daily": {rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "series_empty"},
		"an end before the start":      {rule("FREQ=DAILY;UNTIL=20261123"), "series_empty"},
		"nothing for three years":      {rule("FREQ=YEARLY;INTERVAL=3;BYMONTH=1"), "series_empty"},
		"a start that is no time":      {series("FREQ=DAILY", "2026-11-24 10:00"), "local_time_invalid"},
		"a start in another age":       {series("FREQ=DAILY", "1999-12-31T10:00"), "series_start_invalid"},
		"a visit of four minutes":      {tuesdays(func(s *Series) { s.Duration = 4 * time.Minute }), "series_duration_invalid"},
		"a visit longer than a day":    {tuesdays(func(s *Series) { s.Duration = 24*time.Hour + 1 }), "series_duration_invalid"},
		"an unknown zone":              {tuesdays(func(s *Series) { s.Zone = "Drenthe" }), "zone_unknown"},
		"a skipped date that is none":  {tuesdays(func(s *Series) { s.Skipped = []string{"24-11-2026"} }), "series_date_invalid"},
		"a date skipped twice":         {tuesdays(func(s *Series) { s.Skipped = []string{"2026-11-24", "2026-11-24"} }), "series_date_invalid"},
		"a date both skipped and swapped": {tuesdays(func(s *Series) {
			s.Skipped = []string{"2026-11-24"}
			s.Swapped = []Swap{{"2026-11-24", "2026-11-25T10:00"}}
		}), "series_date_invalid"},
		"a swap into another season":  {tuesdays(func(s *Series) { s.Swapped = []Swap{{"2026-11-24", "2027-03-25T10:00"}} }), "swap_too_far"},
		"more skipped dates than fit": {tuesdays(func(s *Series) { s.Skipped = make([]string, maxSkipped+1) }), "series_too_many_skipped"},
		"more swapped dates than fit": {tuesdays(func(s *Series) { s.Swapped = make([]Swap, maxSwapped+1) }), "series_too_many_swapped"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CodeOf(row.s.Validate()); got != row.code {
				t.Errorf("got %q, want %q", got, row.code)
			}
		})
	}
}

func TestSeriesSkipAndSwap(t *testing.T) {
	s := series("FREQ=WEEKLY;BYDAY=TU;COUNT=4", "2026-06-02T10:00")
	all := "06-02T10:00 06-09T10:00 06-16T10:00 06-23T10:00"
	june := func(s Series) string { return strings.Join(starts(t, s, "2026-06-01T00:00", "2026-07-01T00:00"), " ") }

	skipped, err := s.Skip("2026-06-09")
	if err != nil || june(skipped) != "06-02T10:00 06-16T10:00 06-23T10:00" {
		t.Errorf("skip drops one and keeps the rest: %s, %v", june(skipped), err)
	}
	swapped, err := s.Swap("2026-06-09", "2026-06-11T14:30")
	if err != nil || june(swapped) != "06-02T10:00 06-11T14:30 06-16T10:00 06-23T10:00" {
		t.Errorf("swap moves one and keeps the rest: %s, %v", june(swapped), err)
	}
	again, err := swapped.Swap("2026-06-09", "2026-06-17T09:00")
	if err != nil || june(again) != "06-02T10:00 06-16T10:00 06-17T09:00 06-23T10:00" || len(again.Swapped) != 1 {
		t.Errorf("a second swap replaces the first: %s, %v", june(again), err)
	}
	dropped, err := swapped.Skip("2026-06-09")
	if err != nil || june(dropped) != june(skipped) || len(dropped.Swapped) != 0 {
		t.Errorf("skip forgets the swap: %s, %v", june(dropped), err)
	}
	if june(s) != all || len(s.Skipped)+len(s.Swapped) != 0 {
		t.Errorf("the series it began with changed: %s", june(s))
	}
	for name, row := range map[string]struct {
		act  func() (Series, error)
		code string
	}{
		"skip refuses a day the rule does not give": {func() (Series, error) { return s.Skip("2026-06-10") }, "occurrence_not_found"},
		"skip refuses a day after the last":         {func() (Series, error) { return s.Skip("2026-06-30") }, "occurrence_not_found"},
		"skip refuses a word":                       {func() (Series, error) { return s.Skip("tuesday") }, "occurrence_not_found"},
		"skip refuses a second time":                {func() (Series, error) { return skipped.Skip("2026-06-09") }, "occurrence_skipped"},
		"swap refuses a skipped occurrence":         {func() (Series, error) { return skipped.Swap("2026-06-09", "2026-06-10T10:00") }, "occurrence_skipped"},
		"swap refuses the day it was moved to":      {func() (Series, error) { return swapped.Swap("2026-06-11", "2026-06-12T10:00") }, "occurrence_not_found"},
		"swap refuses a time that is none":          {func() (Series, error) { return s.Swap("2026-06-09", "noon") }, "local_time_invalid"},
		"swap refuses another season":               {func() (Series, error) { return s.Swap("2026-06-09", "2026-12-09T10:00") }, "swap_too_far"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := row.act(); CodeOf(err) != row.code {
				t.Errorf("got %v, want %s", err, row.code)
			}
		})
	}
}

func TestSeriesSwapAcrossTheStretchAsked(t *testing.T) {
	s := series("FREQ=WEEKLY;BYDAY=TU", "2026-06-02T10:00")
	out, err := s.Swap("2026-06-09", "2026-07-01T09:00")
	if err != nil {
		t.Fatal(err)
	}
	if got := starts(t, out, "2026-06-08T00:00", "2026-06-15T00:00"); got != nil {
		t.Errorf("an occurrence moved out of its week is gone from it: %v", got)
	}
	found, err := out.Occurrences(nl("2026-07-01T00:00"), nl("2026-07-02T00:00"))
	if err != nil || len(found) != 1 || found[0].Date != "2026-06-09" || !found[0].Swapped {
		t.Errorf("and appears where it went, under its own name: %v, %v", found, err)
	}
	in, err := s.Swap("2026-08-04", "2026-06-10T09:00")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(starts(t, in, "2026-06-08T00:00", "2026-06-15T00:00"), " "); got != "06-09T10:00 06-10T09:00" {
		t.Errorf("an occurrence moved in from later is listed: %v", got)
	}
}

func TestSeriesFinished(t *testing.T) {
	twice := series("FREQ=WEEKLY;COUNT=2", "2026-06-02T10:00")
	onlyOne, _ := twice.Skip("2026-06-09")
	later, _ := twice.Swap("2026-06-09", "2026-07-01T10:00")
	for name, row := range map[string]struct {
		s    Series
		at   string
		want bool
	}{
		"not at the start of the last":        {twice, "2026-06-09T10:00", false},
		"a minute after the last has started": {twice, "2026-06-09T10:01", true},
		"once the last was skipped":           {onlyOne, "2026-06-02T10:01", true},
		"not while the last is swapped later": {later, "2026-06-15T00:00", false},
		"never where nothing ends it":         {series("FREQ=DAILY", "2026-06-02T10:00"), "2040-01-01T00:00", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := row.s.Finished(nl(row.at)); err != nil || got != row.want {
				t.Errorf("got %v, %v; want %v", got, err, row.want)
			}
		})
	}
}

func TestSeriesOccurrencesRefuseMoreThanAYear(t *testing.T) {
	s := series("FREQ=DAILY", "2026-06-02T10:00")
	if _, err := s.Occurrences(nl("2026-06-02T10:00"), nl("2028-06-02T10:00")); CodeOf(err) != "interval_too_long" {
		t.Errorf("got %v", err)
	}
	if _, err := s.Occurrences(nl("2026-06-02T10:00"), nl("2026-06-02T10:00")); CodeOf(err) != "interval_invalid" {
		t.Errorf("got %v", err)
	}
}

func TestSeriesTwinHasTheSameCalendar(t *testing.T) {
	for year := 2000; year <= 2070; year++ {
		far := twin(year)
		if far+seriesLasts > 9999 {
			t.Fatalf("%d: twin %d leaves less than %d years", year, far, seriesLasts)
		}
		for n := range seriesLasts + 1 {
			a, b := time.Date(year+n, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(far+n, 1, 1, 0, 0, 0, 0, time.UTC)
			if a.Weekday() != b.Weekday() || a.AddDate(1, 0, -1).YearDay() != b.AddDate(1, 0, -1).YearDay() {
				t.Fatalf("%d and %d differ", a.Year(), b.Year())
			}
		}
	}
}

// A weekly rule told by hand: the same days of the week, at the same reading of the clock.
func TestSeriesAgreesWithACalendarRead(t *testing.T) {
	names := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID[int]).Draw(t, "days")
		var byDay []string
		for _, d := range days {
			byDay = append(byDay, names[d])
		}
		start := time.Date(2026, 1, 1, rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 15, 30, 45}).Draw(t, "minute"), 0, 0, time.UTC)
		start = start.AddDate(0, 0, rapid.IntRange(0, 700).Draw(t, "start"))
		s := series("FREQ=WEEKLY;BYDAY="+strings.Join(byDay, ","), start.Format(localLayout))
		from := start.AddDate(0, 0, rapid.IntRange(-10, 300).Draw(t, "from"))
		found, err := s.Occurrences(from, from.AddDate(0, 0, 60))
		if err != nil {
			t.Fatal(err)
		}
		zone, _ := LoadZone(dutch)
		var want []string
		for day := from.AddDate(0, 0, -2); day.Before(from.AddDate(0, 0, 62)); day = day.AddDate(0, 0, 1) {
			wall := time.Date(day.Year(), day.Month(), day.Day(), start.Hour(), start.Minute(), 0, 0, time.UTC)
			at := resolve(wall, zone)
			if !wall.Before(start) && slices.Contains(days, int(wall.Weekday())) && !at.Before(from) && at.Before(from.AddDate(0, 0, 60)) {
				want = append(want, wall.Format(time.DateOnly))
			}
		}
		var got []string
		for _, o := range found {
			got = append(got, o.Date)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// FuzzSeriesRule looks for a rule that panics, hangs, or is accepted and gives nothing or disorder.
func FuzzSeriesRule(f *testing.F) {
	for _, rule := range []string{
		"FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=53MO",
		"FREQ=YEARLY;BYDAY=-5SU;BYMONTH=12", "FREQ=DAILY;INTERVAL=9999;UNTIL=99991231", "FREQ=YEARLY;BYEASTER=999", "FREQ=DAILY;BYSETPOS=-366",
		"FREQ=WEEKLY;WKST=SU;BYSETPOS=7;BYDAY=MO,TU", "FREQ=YEARLY;INTERVAL=10000;BYMONTH=12;BYMONTHDAY=-31",
	} {
		f.Add(rule, 0)
	}
	f.Fuzz(func(t *testing.T, rule string, startDay int) {
		start := time.Date(2000, 1, 1, 2, 30, 0, 0, time.UTC).AddDate(0, 0, ((startDay%25900)+25900)%25900)
		s := series(rule, start.Format(localLayout))
		if s.Validate() != nil {
			return
		}
		var found []Occurrence
		for year := range firstWithin {
			more, err := s.Occurrences(start.AddDate(year, 0, -1), start.AddDate(year+1, 0, -1))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, more...)
		}
		if !slices.IsSortedFunc(found, func(a, b Occurrence) int { return strings.Compare(a.Date, b.Date) }) {
			t.Fatal("out of order")
		}
		if len(found) == 0 {
			more, err := s.Occurrences(start.AddDate(firstWithin, 0, -1), start.AddDate(firstWithin, 0, 1))
			if err != nil || len(more) == 0 {
				t.Fatalf("accepted, yet gives nothing: %v", err)
			}
		} else if _, err := s.Skip(found[0].Date); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Finished(start); err != nil {
			t.Fatal(err)
		}
	})
}
