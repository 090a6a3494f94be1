package app_test

import (
	"testing"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// leaves lets somebody be away from so long from now on, and for how long.
func (v *village) leaves(p care.PersonID, in, long time.Duration) care.Rest {
	v.t.Helper()
	rest := care.Rest{From: v.clock().Add(in), Until: v.clock().Add(in + long)}
	v.must(v.LeaveFor(v.t.Context(), v.as(p), p, care.Absence{State: care.Away, Rest: rest}))
	v.run()
	return rest
}

// No question waits for an answer while its helper is away: one that is open when they say so goes to others,
// and none is made that would. After it they are asked.
func TestNoQuestionWaitsInATimeAway(t *testing.T) {
	const evening = 12*time.Hour + 30*time.Minute
	for name, row := range map[string]struct {
		hour     time.Duration // after the village begins its Monday
		in, long time.Duration
		open     bool // the question is there before
	}{
		"a question that is open":                 {0, 2 * time.Hour, 5 * 24 * time.Hour, true},
		"a question that comes in the time away":  {evening, 2 * time.Hour, 5 * 24 * time.Hour, true},
		"a question that would be open":           {0, 2 * time.Hour, 24 * time.Hour, false},
		"a question that would come in that time": {evening, 2 * time.Hour, 2 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				anna, berend := v.person("Anna", 1), v.driver("Berend", 0)
				v.run()
				v.at(v.clock().Add(row.hour))
				var id care.RequestID
				var rest care.Rest
				if row.open {
					id = v.ride(anna, thursday().AddDate(0, 0, 7))
					old := v.askOf(id, berend)
					rest = v.leaves(berend, row.in, row.long)
					if got, _ := v.request(id).Ask(old.ID); got.State != care.StoodDown {
						t.Errorf("asked from %s, away %v: %s", old.AskFrom, rest, got.State)
					}
				} else {
					rest = v.leaves(berend, row.in, row.long)
					id = v.ride(anna, thursday().AddDate(0, 0, 7))
				}
				for ; v.clock().Before(rest.Until); v.at(v.clock().Add(3 * time.Hour)) {
					if open := v.open(id); len(open) > 0 {
						t.Fatalf("at %s %v are asked; Berend is away %v", v.clock(), open, rest)
					}
				}
				for ; len(v.open(id)) == 0; v.at(v.clock().Add(3 * time.Hour)) {
					if v.clock().Sub(rest.Until) > 48*time.Hour { // with a night and a Sunday
						t.Fatalf("away until %s, not asked at %s", rest.Until, v.clock())
					}
				}
			})
		})
	}
}

// A plan proposes nobody whom it then refuses, because the question would wait while they are away.
func TestAPlanKnowsWhoIsAwayWhenAsked(t *testing.T) {
	v := newVillage(t)
	anna, berend := v.person("Anna", 1), v.driver("Berend", 0)
	v.run()
	v.at(monday().Add(12*time.Hour + 30*time.Minute)) // half past nine at night: the question comes tomorrow
	v.leaves(berend, 2*time.Hour, 24*time.Hour)
	id := v.wish(anna, thursday().AddDate(0, 0, 1))
	view := v.planWeek()
	if asks := v.proposed(view); len(asks) != 0 {
		t.Errorf("proposed: %+v", asks)
	}
	slot := v.request(id).Slots[0].ID
	answers, err := v.AskPlanned(t.Context(), v.as(v.worker), v.here, []app.PlannedAsk{{Request: id, Slot: slot, Helper: berend}})
	if v.must(err); answers[0].Refused != "not_available_now" {
		t.Errorf("asked all the same: %+v", answers)
	}
	v.at(v.clock().Add(36 * time.Hour))
	if asks := v.proposed(v.planWeek()); len(asks) != 1 && len(v.open(id)) == 0 {
		t.Errorf("after it, proposed %+v, asked %v", asks, v.open(id))
	}
}
