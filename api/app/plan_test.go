package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/matching"
	"naober/matching/care"
)

// wish is a ride that nobody was asked for yet.
func (v *village) wish(resident care.PersonID, from time.Time) care.RequestID {
	v.t.Helper()
	n := rideOf(from)
	n.Community = v.here
	id, err := v.AskForHelp(v.t.Context(), v.as(resident), n)
	v.must(err)
	return id
}

// nearby is a driver who goes no further than so many metres.
func (v *village) nearby(name string, east, radius int) care.PersonID {
	v.t.Helper()
	ctx, p := v.t.Context(), v.driver(name, east)
	mine, err := v.Offers(ctx, v.as(p), page())
	v.must(err)
	o := mine[0].Value
	o.Radius = radius
	v.must(v.EditOffer(ctx, v.as(p), o.ID, o))
	return p
}

func (v *village) planWeek() app.PlanView {
	v.t.Helper()
	view, err := v.PlanDays(v.t.Context(), v.as(v.worker), v.here, app.Period{Days: 7})
	v.must(err)
	return view
}

// day is a date of November 2026.
func day(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }

// proposed lists what a plan proposes.
func (v *village) proposed(view app.PlanView) []app.PlannedAsk {
	var asks []app.PlannedAsk
	for _, t := range view.Times {
		for _, h := range t.Helpers {
			asks = append(asks, app.PlannedAsk{Request: t.Request, Slot: t.Slot.ID, Helper: h.Person.ID})
		}
	}
	return asks
}

// TestAWeekIsPlannedTogether: Berend lives next door to both, and Corrie comes to one of them only.
// Asked one by one Berend would go to Anna, and nobody could come to Dina.
func TestAWeekIsPlannedTogether(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, dina := v.person("Anna", 1), v.person("Dina", -6)
		berend, corrie := v.nearby("Berend", 0, 20_000), v.nearby("Corrie", 3, 4_000)
		to := map[care.PersonID]care.RequestID{anna: v.wish(anna, thursday()), dina: v.wish(dina, thursday())}
		view := v.planWeek()
		want := map[care.RequestID]care.PersonID{to[anna]: corrie, to[dina]: berend}
		asks := v.proposed(view)
		if len(asks) != 2 || !view.Exact {
			t.Fatalf("planned %+v", view)
		}
		for _, k := range asks {
			if want[k.Request] != k.Helper {
				t.Errorf("%s is proposed for %s", k.Helper, k.Request)
			}
		}
		if seen, err := v.Views(ctx, v.as(corrie), page()); err != nil || len(seen) != 1 || seen[0].What != "candidate" {
			t.Errorf("Corrie's log has %+v, %v", seen, err)
		}
		c := v.as(v.worker)
		answers, err := v.AskPlanned(ctx, c, v.here, asks)
		v.must(err)
		for i, k := range asks {
			ask := v.askOf(k.Request, k.Helper)
			if answers[i].Ask != ask.ID || answers[i].Refused != "" || ask.State != care.Asked {
				t.Errorf("answer %+v, ask %+v", answers[i], ask)
			}
		}
		again, err := v.process(v.Stores).AskPlanned(ctx, c, v.here, asks)
		if v.must(err); !slices.Equal(again, answers) {
			t.Errorf("answered %+v, and then %+v", answers, again)
		}
		if n := len(v.request(to[anna]).Asks) + len(v.request(to[dina]).Asks); n != 2 {
			t.Errorf("%d asks after a repetition", n)
		}
		_, err = v.AskPlanned(ctx, c, v.here, asks[:1])
		if care.CodeOf(err) != "key_reused" {
			t.Errorf("another list under the same key: %v", err)
		}
		v.run()
		v.must(accept(v, v.App, v.as(corrie), v.askOf(to[anna], corrie).ID))
	})
}

// Each proposal is judged at the moment at which it is carried out.
func TestPlannedAsksAreJudgedAnew(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, dina := v.person("Anna", 1), v.person("Dina", -6)
		berend, corrie := v.nearby("Berend", 0, 20_000), v.nearby("Corrie", 3, 4_000)
		ofAnna, ofDina := v.wish(anna, thursday()), v.wish(dina, thursday())
		asks := v.proposed(v.planWeek())
		v.must(v.BlockPerson(ctx, v.as(corrie), v.here, anna))
		asks = append(asks, app.PlannedAsk{Request: ofAnna, Slot: v.request(ofAnna).Slots[0].ID, Helper: anna},
			app.PlannedAsk{Request: ofDina, Slot: v.request(ofAnna).Slots[0].ID, Helper: berend},
			app.PlannedAsk{Request: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Slot: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Helper: berend},
			app.PlannedAsk{Request: ofDina, Slot: v.request(ofDina).Slots[0].ID, Helper: berend},
			app.PlannedAsk{Request: ofDina, Slot: v.request(ofDina).Slots[0].ID, Helper: corrie})
		c := v.as(v.worker)
		answers, err := v.AskPlanned(ctx, c, v.here, asks)
		v.must(err)
		var codes []string
		for _, k := range answers {
			if (k.Ask == "") == (k.Refused == "") {
				t.Errorf("both or neither: %+v", k)
			}
			if k.Helper == berend && k.Refused == "" && v.askOf(ofDina, berend).ID != k.Ask {
				t.Errorf("Berend was not asked: %+v", k)
			}
			codes = append(codes, k.Refused)
		}
		slices.Sort(codes)
		// Anna lives with herself; she offers nothing, so she is nobody to ask.
		if want := []string{"", "asked_already", "not_available_now", "not_available_now", "request_not_found", "slot_not_found", "too_far"}; !slices.Equal(codes, want) {
			t.Errorf("refused with %q, want %q", codes, want)
		}
		v.must(v.Rebuild(ctx))
		again, err := v.AskPlanned(ctx, c, v.here, asks)
		if v.must(err); !slices.Equal(again, answers) {
			t.Errorf("answered %+v, and then %+v", answers, again)
		}
	})
}

func TestPlanIsForTheDesk(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
	id := v.wish(anna, thursday())
	k := []app.PlannedAsk{{Request: id, Slot: v.request(id).Slots[0].ID, Helper: berend}}
	for _, p := range []care.PersonID{anna, berend, v.mod, v.nurse, v.intake} {
		if _, err := v.PlanDays(ctx, v.as(p), v.here, app.Period{Days: 1}); care.CodeOf(err) != "desk_only" {
			t.Errorf("%s plans: %v", p, err)
		}
		if _, err := v.AskPlanned(ctx, v.as(p), v.here, k); care.CodeOf(err) != "desk_only" {
			t.Errorf("%s asks: %v", p, err)
		}
	}
	for _, days := range []int{-1, 0, 8} {
		if _, err := v.PlanDays(ctx, v.as(v.worker), v.here, app.Period{Days: days}); care.CodeOf(err) != "plan_days_invalid" {
			t.Errorf("%d days: %v", days, err)
		}
	}
	if _, err := v.AskPlanned(ctx, v.as(v.worker), v.here, nil); care.CodeOf(err) != "asks_invalid" {
		t.Errorf("nobody asked: %v", err)
	}
	if _, err := v.AskPlanned(ctx, v.as(v.worker), v.here, make([]app.PlannedAsk, 101)); care.CodeOf(err) != "asks_invalid" {
		t.Errorf("101 asked: %v", err)
	}
}

// What a plan says of a time that nobody is proposed for.
func TestPlanSaysWhyNot(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, dina := v.person("Anna", 1), v.person("Dina", 1)
	v.driver("Berend", 2)
	state := func(id care.RequestID, p app.Period) app.PlannedTime {
		t.Helper()
		view, err := v.PlanDays(ctx, v.as(v.worker), v.here, p)
		v.must(err)
		i := slices.IndexFunc(view.Times, func(t app.PlannedTime) bool { return t.Request == id })
		if i < 0 {
			return app.PlannedTime{}
		}
		return view.Times[i]
	}
	one := v.wish(anna, thursday())
	if got := state(one, app.Period{From: day(26), Days: 1}); got.State != app.PlanProposed {
		t.Errorf("Berend is not proposed: %+v", got)
	}
	for _, p := range []app.Period{{Days: 3}, {From: day(27), Days: 7}} {
		if got := state(one, p); got.State != "" {
			t.Errorf("Thursday lies in %+v", p)
		}
	}
	two := v.wish(dina, thursday())
	states := []app.PlanState{state(one, app.Period{Days: 7}).State, state(two, app.Period{Days: 7}).State}
	if slices.Sort(states); !slices.Equal(states, []app.PlanState{app.PlanProposed, app.PlanTaken}) {
		t.Errorf("one driver for two rides: %v", states)
	}
	v.run() // Berend is asked for one, and then for the other
	if got := state(one, app.Period{Days: 7}); got.State != app.PlanAsked || got.Questions != 1 {
		t.Errorf("after the wave: %+v", got)
	}
	away := rideOf(thursday())
	away.Community, away.Ride.ReturnAt = v.here, thursday().Add(4*time.Hour)
	far, err := v.AskForHelp(ctx, v.as(v.person("Emma", 90)), away)
	v.must(err)
	if got := state(far, app.Period{Days: 7}); got.State != app.PlanNobody || !slices.Equal(got.Counts, []matching.Count{{Rule: matching.TooFar, People: 1}}) {
		t.Errorf("too far away: %+v", got)
	}
	weekly, err := v.AskForHelp(ctx, v.as(anna), app.NewRequest{Community: v.here, Kind: care.CompanyKind, Words: "Koffie drinken", Urgency: care.Ordinary,
		Publish: true, Series: &care.Series{Rule: "FREQ=WEEKLY;COUNT=5", Start: "2026-11-26T10:00", Duration: time.Hour, Zone: "Europe/Amsterdam"}})
	v.must(err)
	v.run()
	last := v.request(weekly).Slots[4]
	if got := state(weekly, app.Period{From: day(24 + 30), Days: 1}); got.State != app.PlanLater {
		t.Errorf("four weeks ahead: %+v", got)
	}
	answers, err := v.AskPlanned(ctx, v.as(v.worker), v.here, []app.PlannedAsk{{Request: weekly, Slot: last.ID, Helper: v.worker}})
	if v.must(err); answers[0].Refused != "ask_too_early" {
		t.Errorf("asked four weeks ahead: %+v", answers)
	}
}

func planScenarios() map[string]func(v *village) scenario {
	ready := func(v *village) (app.Caller, care.RequestID, []care.PersonID) {
		anna := v.person("Anna", 1)
		drivers := []care.PersonID{v.driver("Berend", 2), v.driver("Corrie", 4), v.driver("Dirk", 6)}
		return v.as(v.worker), v.wish(anna, thursday()), drivers
	}
	return map[string]func(v *village) scenario{
		"PlanDays": func(v *village) scenario {
			c, _, _ := ready(v)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.PlanDays(ctx, c, v.here, app.Period{Days: 7})
				return err
			})
		},
		"AskPlanned": func(v *village) scenario {
			c, id, drivers := ready(v)
			slot := v.request(id).Slots[0].ID
			// Dirk is asked, and then not again: each has its own verdict.
			asks := []app.PlannedAsk{{Request: id, Slot: slot, Helper: drivers[2]}, {Request: id, Slot: slot, Helper: drivers[2]}}
			return made(func(ctx context.Context, a *app.App) (string, error) {
				answers, err := a.AskPlanned(ctx, c, v.here, asks)
				answer := ""
				for _, k := range answers {
					answer += string(k.Ask) + k.Refused + " "
				}
				return answer, err
			})
		},
	}
}
