package care

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// FuzzAvailabilityByMinute looks for a week, a change of the clocks in it or a midnight, of which the
// windows are not what looking at every minute finds.
func FuzzAvailabilityByMinute(f *testing.F) { f.Fuzz(rapid.MakeFuzz(agreesWithEveryMinute)) }

// FuzzIntervalByMinute does the same for the arithmetic of intervals, and for the hours at which a visit
// can begin in a slot.
func FuzzIntervalByMinute(f *testing.F) { f.Fuzz(rapid.MakeFuzz(intervalsAgreeWithEveryMinute)) }

func TestIntervalsAgreeWithEveryMinute(t *testing.T) { rapid.Check(t, intervalsAgreeWithEveryMinute) }

// daylong is as long as intervals are drawn, in minutes, from a midnight on which clocks change.
const daylong = 26 * 60

func drawIntervals(t *rapid.T, label string) []Interval {
	list := make([]Interval, rapid.IntRange(0, 6).Draw(t, label))
	for i := range list {
		list[i] = drawInterval(t, label)
	}
	return list
}

// drawInterval may draw an empty one, and one that ends before it begins.
func drawInterval(t *rapid.T, label string) Interval {
	midnight := time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC)
	at := func(what string) time.Time {
		return midnight.Add(time.Duration(rapid.IntRange(0, daylong).Draw(t, label+what)) * time.Minute)
	}
	return Interval{From: at(" from"), Until: at(" until")}
}

func anyHolds(list []Interval, at time.Time) bool {
	return slices.ContainsFunc(list, func(i Interval) bool { return !at.Before(i.From) && at.Before(i.Until) })
}

func intervalsAgreeWithEveryMinute(t *rapid.T) {
	free, busy := drawIntervals(t, "free"), drawIntervals(t, "busy")
	one, other := drawInterval(t, "one"), drawInterval(t, "other")
	merged, left := Merge(free), Subtract(free, busy)
	shared, outside := false, false
	for minute := -1; minute <= daylong+1; minute++ {
		at := time.Date(2026, 10, 24, 22, minute, 0, 0, time.UTC)
		is, taken := anyHolds(free, at), anyHolds(busy, at)
		if anyHolds(merged, at) != is || anyHolds(left, at) != (is && !taken) {
			t.Fatalf("at %v: free %t, busy %t; merged %v, left %v", at, is, taken, merged, left)
		}
		in, too := anyHolds([]Interval{one}, at), anyHolds([]Interval{other}, at)
		shared, outside = shared || in && too, outside || too && !in
	}
	for _, list := range [][]Interval{merged, left} {
		for i, x := range list {
			if !x.From.Before(x.Until) || i > 0 && !list[i-1].Until.Before(x.From) {
				t.Fatalf("%v are not apart and in order", list)
			}
		}
	}
	if one.Overlaps(other) != shared {
		t.Fatalf("%v and %v share a minute: %t", one, other, shared)
	}
	if other.From.Before(other.Until) && one.From.Before(one.Until) && one.Contains(other) == outside {
		t.Fatalf("%v reaches out of %v: %t", other, one, outside)
	}
	slotAgreesWithEveryMinute(t, one)
}

// slotAgreesWithEveryMinute finds the last minute at which a visit begins that still fits in.
func slotAgreesWithEveryMinute(t *rapid.T, window Interval) {
	if !window.From.Before(window.Until) {
		return
	}
	length := int(window.Duration() / time.Minute)
	s := Slot{Start: window.From, End: window.Until, Duration: time.Duration(rapid.IntRange(0, length).Draw(t, "takes")) * time.Minute}
	last := s.Start
	for at := s.Start; at.Before(s.End); at = at.Add(time.Minute) {
		if !at.Add(s.Takes()).After(s.End) {
			last = at
		}
	}
	if !s.LatestStart().Equal(last) || !window.Contains(s.Earliest()) || s.Earliest().Duration() != s.Takes() {
		t.Fatalf("%v: the last start is %v, want %v; the earliest visit %v", s, s.LatestStart(), last, s.Earliest())
	}
}
