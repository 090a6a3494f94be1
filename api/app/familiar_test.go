package app_test

import (
	"context"
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestWhoHelpedUnderAnotherRecordIsAKnownFace(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, other, driver := v.person("Anna", 1), v.driver("Berend", 3), v.driver("Berend", 2)
	v.run()
	visit := v.planned(anna, other)
	v.at(visit.At.Until)
	if known, err := app.KnownFaces(ctx, v.App, anna); err != nil || len(known) != 0 {
		t.Fatalf("known before the visit: %v, %v", known, err)
	}
	v.must(v.FinishVisit(ctx, v.as(other), visit.ID))
	if known, err := app.KnownFaces(ctx, v.App, anna); err != nil || !known[other] {
		t.Fatalf("known at once after the visit: %v, %v", known, err)
	}
	v.run()
	v.at(v.clock().AddDate(0, 0, 1))
	v.merge(other, driver)
	if known, err := app.KnownFaces(ctx, v.App, anna); err != nil || !known[driver] || known[other] {
		t.Fatalf("known after the merge: %v, %v", known, err)
	}
}

// TestWhomTheyHelpedComesBeforeAnEqual: Berend has helped Anna, and asks for help himself. Anna is asked
// before Corrie, who lives as near; and so it is for a process that reads it from the store.
func TestWhomTheyHelpedComesBeforeAnEqual(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, corrie, berend := v.driver("Anna", 2), v.driver("Corrie", 2), v.driver("Berend", 0)
	v.run()
	first := func(a *app.App) care.PersonID {
		t.Helper()
		n := rideOf(thursday().AddDate(0, 0, 7))
		n.Community = v.here
		id, err := a.AskForHelp(ctx, v.as(berend), n)
		v.must(err)
		r := v.request(id)
		got, _, err := app.Ranked(ctx, a, r, r.Slots[0].ID)
		v.must(err)
		seen, err := a.ViewCandidates(ctx, v.as(v.worker), id, r.Slots[0].ID)
		if v.must(err); seen.Fitting[0].Person.ID != got.Fitting[0].Candidate.Person {
			t.Errorf("asked is %s first, explained %s", got.Fitting[0].Candidate.Person, seen.Fitting[0].Person.ID)
		}
		return got.Fitting[0].Candidate.Person
	}
	other := anna
	if first(v.App) == anna {
		other = corrie // of equals the smaller id comes first
	}
	n := rideOf(thursday())
	n.Community = v.here
	id, err := v.AskForHelp(ctx, v.as(other), n)
	v.must(err)
	slot := v.request(id).Slots[0].ID
	answers, err := v.AskPlanned(ctx, v.as(v.worker), v.here, []app.PlannedAsk{{Request: id, Slot: slot, Helper: berend}})
	v.must(err)
	v.must(accept(v, v.App, v.as(berend), answers[0].Ask))
	visit := v.request(id).Visits[0]
	v.at(visit.At.Until)
	v.must(v.FinishVisit(ctx, v.as(berend), visit.ID))
	if first(v.App) != other || first(v.second()) != other {
		t.Error("whom he helped does not come first")
	}
	if helped, err := app.Helped(ctx, v.App, berend); err != nil || !helped[other] || len(helped) != 1 {
		t.Errorf("he helped %v, %v", helped, err)
	}
}

// countedFind counts the listings of a port.
type countedFind[K ~string, T any] struct {
	port.Documents[K, T]
	listed *int
}

func (d countedFind[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	*d.listed++
	return d.Documents.Find(ctx, key, page)
}

func TestAWaveDoesNotReadWhatAResidentAskedForBefore(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
	v.run()
	a, listed := v.second(), 0
	a.Stores.Requests = countedFind[care.RequestID, care.Request]{a.Stores.Requests, &listed}
	n := rideOf(thursday())
	n.Community = v.here
	id, err := v.AskForHelp(ctx, v.as(anna), n)
	v.must(err)
	row := port.Row{Event: care.Event{Type: care.RequestPublished, Request: id}}
	v.must(a.Dispatch(ctx, row))
	if listed != 2 || len(v.open(id)) != 1 {
		t.Fatalf("the first wave lists %d times and asks %d", listed, len(v.open(id)))
	}
	v.must(a.Follow(ctx, port.Row{Event: care.Event{Type: care.VisitDone, Person: anna, Helper: driver, At: v.clock()}}))
	v.must(a.Dispatch(ctx, row))
	known, err := app.KnownFaces(ctx, a, anna)
	if err != nil || listed != 2 || !known[driver] {
		t.Fatalf("the second wave lists %d times; known are %v, %v", listed, known, err)
	}
}
