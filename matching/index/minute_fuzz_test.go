package index

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// FuzzFreeByMinute looks for somebody whom the index takes for free, or not, against what their clock on
// the wall says in every minute: in weeks in which clocks change, and over midnight and Sunday's end.
func FuzzFreeByMinute(f *testing.F) { f.Fuzz(rapid.MakeFuzz(freeAgreesWithEveryMinute)) }

func TestFreeAgreesWithEveryMinute(t *testing.T) { rapid.Check(t, freeAgreesWithEveryMinute) }

// wallOf is the minute of the week that a clock shows.
func wallOf(at time.Time) int {
	return ((int(at.Weekday())+6)%7*24+at.Hour())*60 + at.Minute()
}

// begins are Mondays, 0:00 UTC, of a week in which clocks go back, one in which they go forward, and a plain one.
func begins() []string { return []string{"2026-10-19", "2027-03-22", "2026-06-08"} }

func drawMinute(t *rapid.T) (v Volunteer, s Span, zone *time.Location) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	monday, err := time.Parse(time.DateOnly, rapid.SampledFrom(begins()).Draw(t, "week"))
	if err != nil {
		t.Fatal(err)
	}
	first := Quarter(monday.Unix() / (15 * 60))
	span := func(label string, most int) Span {
		from := rapid.IntRange(0, 8*96).Draw(t, label)
		if rapid.Bool().Draw(t, label+" in the night") { // in which clocks change
			from = 6*96 - 16 + rapid.IntRange(0, 32).Draw(t, label)
		}
		return Span{From: first + Quarter(from), To: first + Quarter(from+rapid.IntRange(0, most).Draw(t, label+" long"))}
	}
	for range rapid.IntRange(0, 4).Draw(t, "windows") {
		from := uint16(rapid.IntRange(0, Week-1).Draw(t, "begins"))
		v.Weekly = append(v.Weekly, Hours{From: from, To: uint16((int(from) + 1 + rapid.IntRange(0, 200).Draw(t, "long")) % (Week + 1))})
	}
	for range rapid.IntRange(0, 2).Draw(t, "busy") {
		v.Busy = append(v.Busy, span("taken", 12))
	}
	for range rapid.IntRange(0, 2).Draw(t, "free") {
		v.Free = append(v.Free, span("besides", 40))
	}
	s = span("visit", 24)
	s.To++ // at least a quarter
	return v, s, zone
}

// offers tells whether a weekly stretch holds a minute of the week.
func (h Hours) offers(minute int) bool {
	from, to := int(h.From)*15, int(h.To)*15
	if from < to {
		return from <= minute && minute < to
	}
	return minute >= from || minute < to
}

func freeAgreesWithEveryMinute(t *rapid.T) {
	v, s, zone := drawMinute(t)
	want := true
	for minute := int64(s.From) * 15; minute < int64(s.To)*15; minute++ {
		held := func(x Span) bool { return int64(x.From)*15 <= minute && minute < int64(x.To)*15 }
		free, taken := false, false
		for _, h := range v.Weekly {
			free = free || h.offers(wallOf(time.Unix(minute*60, 0).In(zone)))
		}
		for _, x := range v.Free {
			free = free || held(x)
		}
		for _, x := range v.Busy {
			taken = taken || held(x)
		}
		want = want && free && !taken
	}
	q := Query{K: 1, Span: s, Hours: Local(s, func(at Quarter) uint16 {
		return uint16(wallOf(time.Unix(int64(at)*15*60, 0).In(zone)) / 15)
	})}
	others := []Volunteer{{ID: 1, At: Point{X: 5}, Weekly: []Hours{{From: 0, To: Week}}, Busy: []Span{s}}, v}
	if got := q.Fits(v); got != want {
		t.Fatalf("%+v for %v: fits %t, want %t", v, q, got, want)
	}
	if got := len((&Finder{}).Nearest(Build(others), &q)) == 1; got != want {
		t.Fatalf("%+v for %v: found %t, want %t", v, q, got, want)
	}
}
