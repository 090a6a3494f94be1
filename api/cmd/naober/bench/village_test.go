package bench

import (
	"testing"
	"time"
)

// TestEachVisitOfACallerLeavesTimeForTheWay: two that meet would be refused in the midst of a run.
func TestEachVisitOfACallerLeavesTimeForTheWay(t *testing.T) {
	zone, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	v := village{at: time.Date(2026, 10, 20, 23, 59, 0, 0, time.UTC)} // clocks go back within reach
	taken := map[int]map[time.Time]int{}
	for n := range Most {
		visit, by := v.visitTime(n), n%callers
		if taken[by] == nil {
			taken[by] = map[time.Time]int{}
		}
		for _, at := range []time.Time{visit.From.Add(-time.Hour), visit.From, visit.From.Add(time.Hour)} {
			if other, met := taken[by][at]; met {
				t.Fatalf("visits %d and %d of one caller: %s", other, n, visit.From)
			}
		}
		taken[by][visit.From] = n
		if from, until := visit.From.In(zone), visit.Until.In(zone); from.Hour() < 7 || until.Hour() > 22 || from.Day() != until.Day() || !visit.From.After(v.at.Add(24*time.Hour)) {
			t.Fatalf("visit %d is from %s until %s", n, from, until)
		}
	}
}
