package app_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// first is who is asked first for a new ride of somebody: by the index with its check, by a look at
// everybody who is stored, as the desk is explained it, and as a plan proposes. All have to agree.
func (v *village) first(a *app.App, resident care.PersonID) care.PersonID {
	v.t.Helper()
	ctx := v.t.Context()
	id := v.wish(resident, thursday())
	r := v.request(id)
	got, need, err := app.Ranked(ctx, a, r, r.Slots[0].ID)
	v.must(err)
	if want := v.everybody(need, nil); !reflect.DeepEqual(matching.Plan(need, got, 0), matching.Plan(need, want, 0)) {
		v.t.Errorf("asked are %v, want %v", names(got), names(want))
	}
	who := got.Fitting[0].Candidate.Person
	seen, err := a.ViewCandidates(ctx, v.as(v.worker), id, r.Slots[0].ID)
	if v.must(err); seen.Fitting[0].Person.ID != who {
		v.t.Errorf("%s is asked first, %s explained", who, seen.Fitting[0].Person.ID)
	}
	planned, err := a.PlanDays(ctx, v.as(v.worker), v.here, app.Period{From: day(26), Days: 1})
	if v.must(err); len(planned.Times) != 1 || planned.Times[0].Helpers[0].Person.ID != who {
		v.t.Errorf("%s is asked first, planned is %+v", who, planned.Times)
	}
	v.must(v.WithdrawRequest(ctx, v.as(resident), id, "changed_mind"))
	return who
}

// TestAVillageWeighsForItself: Berend lives next door and was asked the day before yesterday, Corrie
// lives far and was never asked. What counts more decides, at once, in every process and after a start.
func TestAVillageWeighsForItself(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, berend := v.person("Anna", 1), v.driver("Berend", 1)
	v.run()
	asked := v.ride(anna, thursday().AddDate(0, 0, 1))
	v.must(v.DeclineAsk(ctx, v.as(berend), v.askOf(asked, berend).ID, ""))
	v.must(v.WithdrawRequest(ctx, v.as(anna), asked, "changed_mind"))
	corrie := v.driver("Corrie", 12)
	v.run()
	v.pass(21 * time.Hour)
	other := v.second()
	v.must(other.Rebuild(ctx))
	for _, step := range []struct {
		weights care.Weights
		first   care.PersonID
	}{
		{care.Weights{Nearness: 100, Fairness: 1}, berend},
		{care.Weights{Nearness: 1, Time: 10, Familiarity: 20, Fairness: 100}, corrie},
		{care.Weights{Nearness: 100, Time: 1, Fairness: 1, Reciprocity: 100}, berend},
	} {
		v.must(v.WeighCommunity(ctx, v.as(v.mod), v.here, step.weights))
		if got := v.first(v.App, anna); got != step.first {
			t.Errorf("under %+v %s is first", step.weights, got)
		}
		v.must(other.Follow(ctx, port.Row{Event: care.Event{Type: care.CommunityWeighed, Community: v.here, At: v.clock()}}))
		if got := v.first(other, anna); got != step.first {
			t.Errorf("under %+v %s is first for another process", step.weights, got)
		}
		begun := v.second()
		v.must(begun.Rebuild(ctx))
		if got := v.first(begun, anna); got != step.first {
			t.Errorf("under %+v %s is first after a start", step.weights, got)
		}
	}
}

func TestWeightsAreForTheBoard(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	w := care.Weights{Nearness: 5, Fairness: 5}
	for _, p := range []care.PersonID{v.person("Anna", 1), v.driver("Berend", 2), v.worker, v.nurse, v.intake} {
		err := v.WeighCommunity(ctx, v.as(p), v.here, w)
		if v.refused(err, "not_an_administrator"); !strings.Contains(err.Error(), "moderators") {
			t.Errorf("it says %v, and moderators may", err)
		}
	}
	v.refused(v.WeighCommunity(ctx, v.as(v.mod), v.here, care.Weights{Nearness: 101, Fairness: 1}), "weights_invalid")
	v.must(v.WeighCommunity(ctx, v.as(v.mod), v.here, w))
	if got, err := v.Community(ctx, v.here); err != nil || got.Value.Weights != w {
		t.Errorf("%+v, %v", got.Value.Weights, err)
	}
	v.run()
	found := false
	for _, row := range v.rows {
		found = found || row.Event.Type == care.CommunityWeighed && row.Event.By == v.mod && row.Event.Code == "5_0_0_5_0"
	}
	if !found {
		t.Error("no event tells of it")
	}
}

func weightScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"WeighCommunity": func(v *village) scenario {
			c := v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error {
				return a.WeighCommunity(ctx, c, v.here, care.Weights{Nearness: 5, Fairness: 5})
			})
		},
	}
}
