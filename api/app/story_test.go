package app_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestARequestFromAskToFulfilled(t *testing.T) {
	t.Parallel()
	eachStore(t, theARequestFromAskToFulfilled)
}

func theARequestFromAskToFulfilled(t *testing.T, v *village) {
	ctx := t.Context()
	anna := v.person("Anna", 1)
	first, second, third := v.driver("Berend", 2), v.driver("Corrie", 4), v.driver("Dirk", 6)
	id := v.ride(anna, thursday())
	if got := v.open(id); len(got) != 2 || got[0] != first || got[1] != second {
		t.Fatalf("asked %v, want the two nearest", got)
	}
	v.must(v.DeclineAsk(ctx, v.as(first), v.askOf(id, first).ID, "busy"))
	v.run()
	if got := v.open(id); len(got) != 2 || got[1] != third {
		t.Fatalf("asked %v, want the third in the place of the no", got)
	}
	_, err := v.AcceptAsk(ctx, v.as(second), v.askOf(id, second).ID, time.Time{})
	v.must(err)
	v.run()
	r := v.request(id)
	if len(r.Visits) != 1 || r.Visits[0].State != care.VisitSet || r.State(v.clock()) != care.Arranged {
		t.Fatalf("visits %+v", r.Visits)
	}
	if a := r.Asks[2]; a.State != care.StoodDown {
		t.Fatalf("the one still open is %s", a.State)
	}
	visit := r.Visits[0].ID
	_, err = v.RevealAddress(ctx, v.as(first), visit)
	v.refused(err, "visit_not_found")
	address, err := v.RevealAddress(ctx, v.as(second), visit)
	v.must(err)
	seen, err := v.Views(ctx, v.as(anna), page())
	v.must(err)
	if address.Place.Street == "" || len(seen) != 1 || seen[0].By != second || seen[0].What != "address" {
		t.Fatalf("address %+v, log %+v", address, seen)
	}
	v.at(r.Visits[0].At.From)
	v.must(v.StartVisit(ctx, v.as(second), visit))
	v.at(r.Visits[0].At.Until)
	v.must(v.FinishVisit(ctx, v.as(second), visit))
	_, err = v.GiveFeedback(ctx, v.as(second), visit, true, true, "")
	v.must(err)
	_, err = v.GiveFeedback(ctx, v.as(anna), visit, true, true, "")
	v.must(err)
	v.run()
	if r := v.request(id); r.Phase != care.Ended || r.Outcome != care.Fulfilled {
		t.Fatalf("%s %s, next %s", r.Phase, r.Outcome, r.NextAction)
	}
}

func TestTwoAcceptAtTheSameInstant(t *testing.T) {
	t.Parallel()
	eachStore(t, theTwoAcceptAtTheSameInstant)
}

func theTwoAcceptAtTheSameInstant(t *testing.T, v *village) {
	anna := v.person("Anna", 1)
	helpers := []care.PersonID{v.driver("Berend", 2), v.driver("Corrie", 4)}
	id := v.ride(anna, thursday())
	v.together(v.yes(helpers[0], id), v.yes(helpers[1], id))
	v.run()
	states := map[care.AskState]int{}
	for _, a := range v.request(id).Asks {
		states[a.State]++
	}
	if visits := v.request(id).Visits; len(visits) != 1 || states[care.Accepted] != 1 || states[care.Reserved]+states[care.StoodDown] != 1 {
		t.Fatalf("visits %+v, asks %v", visits, states)
	}
}

func TestOneDriverSaysYesToTwoOverlappingRides(t *testing.T) {
	t.Parallel()
	eachStore(t, theOneDriverSaysYesToTwoOverlappingRides)
}

func theOneDriverSaysYesToTwoOverlappingRides(t *testing.T, v *village) {
	anna, bep := v.person("Anna", 1), v.person("Bep", 1)
	driver := v.driver("Berend", 2)
	first := v.ride(anna, thursday())
	v.at(v.clock().Add(21 * time.Hour)) // the next question may come a day later
	second := v.ride(bep, thursday().Add(time.Hour))
	errs := v.together(v.yes(driver, first), v.yes(driver, second))
	v.run()
	held := 0
	for _, id := range []care.RequestID{first, second} {
		held += len(v.request(id).Visits)
	}
	if held != 1 || (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("%d visits, answers %v", held, errs)
	}
}

func TestAPauseInTheMiddleOfAQuestion(t *testing.T) {
	t.Parallel()
	eachStore(t, theAPauseInTheMiddleOfAQuestion)
}

func theAPauseInTheMiddleOfAQuestion(t *testing.T, v *village) {
	ctx := t.Context()
	anna := v.person("Anna", 1)
	paused, next := v.driver("Berend", 2), v.driver("Corrie", 4)
	v.driver("Dirk", 6)
	id := v.ride(anna, thursday())
	ask := v.askOf(id, paused)
	v.must(v.PauseHelper(ctx, v.as(v.mod), v.here, paused, care.Decision{Rule: "house_rules.3@1", Reason: "a worry is being looked at", Until: v.clock().AddDate(0, 1, 0)}))
	_, err := v.AcceptAsk(ctx, v.as(paused), ask.ID, time.Time{})
	v.refused(err, "ask_not_open")
	v.run()
	if got := v.open(id); len(got) != 2 || got[0] != next {
		t.Fatalf("open questions %v", got)
	}
}

func TestAVisitThatNobodyStarts(t *testing.T) {
	t.Parallel()
	eachStore(t, theAVisitThatNobodyStarts)
}

func theAVisitThatNobodyStarts(t *testing.T, v *village) {
	ctx := t.Context()
	anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
	id := v.ride(anna, thursday())
	_, err := v.AcceptAsk(ctx, v.as(driver), v.askOf(id, driver).ID, time.Time{})
	v.must(err)
	v.run()
	visit := v.request(id).Visits[0]
	v.at(visit.At.From.Add(15 * time.Minute))
	if r := v.request(id); r.Todo != care.TodoNotStarted || r.Visits[0].AskedStart.IsZero() {
		t.Fatalf("todo %q", r.Todo)
	}
	v.must(v.ReportNoShow(ctx, v.as(v.worker), visit.ID))
	v.run()
	if r := v.request(id); r.Visits[0].State != care.VisitMissed || r.NextActionAt.IsZero() {
		t.Fatalf("visit %s", r.Visits[0].State)
	}
}

func TestARequestThatNobodyCanServe(t *testing.T) {
	t.Parallel()
	eachStore(t, theARequestThatNobodyCanServe)
}

func theARequestThatNobodyCanServe(t *testing.T, v *village) {
	ctx := t.Context()
	anna := v.person("Anna", 1)
	id := v.ride(anna, thursday().AddDate(0, 0, 7))
	r := v.request(id)
	if r.NextActionAt.IsZero() || r.Owner.Kind != care.ChairWorker {
		t.Fatalf("owner %+v next %s", r.Owner, r.NextActionAt)
	}
	v.at(r.PromiseAt)
	if r = v.request(id); r.Owner.Kind != care.ChairGuarantor {
		t.Fatalf("owner %+v after the promise lapsed", r.Owner)
	}
	referral, err := v.ReferRequest(ctx, v.as(v.nurse), newReferral(id, v.clinic))
	v.must(err)
	v.run()
	if r = v.request(id); r.Handover == nil || r.Phase != care.Live {
		t.Fatalf("phase %s handover %+v", r.Phase, r.Handover)
	}
	v.carerSees(anna, false)
	v.must(v.AcceptReferral(ctx, v.as(v.intake), referral))
	v.run()
	if r = v.request(id); r.Outcome != care.HandedOver {
		t.Fatalf("outcome %q", r.Outcome)
	}
	v.carerSees(anna, true)
	v.must(v.StartReferral(ctx, v.as(v.intake), referral))
	v.carerSees(anna, true)
	v.must(v.CompleteReferral(ctx, v.as(v.intake), referral))
	v.carerSees(anna, false)
	views, err := v.Views(ctx, v.as(anna), page())
	v.must(err)
	if n := len(slices.DeleteFunc(views, func(seen app.SeenView) bool { return seen.By != v.intake || seen.What != "person" })); n != 2 {
		t.Errorf("her log has %d readings of her by formal care, want 2", n)
	}
}

// carerSees says whether formal care may learn who somebody is, and where.
func (v *village) carerSees(who care.PersonID, want bool) {
	v.t.Helper()
	p, err := v.Person(v.t.Context(), v.as(v.intake), who)
	switch {
	case want && (err != nil || p.Value.FirstName == "" || p.Value.Home.Town == "" || p.Value.Registered != ""):
		v.t.Errorf("formal care sees %+v, %v", p.Value, err)
	case !want && care.CodeOf(err) != "person_not_found":
		v.t.Errorf("formal care sees %+v, %v of somebody who is not with them", p.Value, err)
	}
}

// yes prepares a yes of a helper, to be given later.
func (v *village) yes(p care.PersonID, id care.RequestID) func() error {
	caller, ask := v.as(p), v.askOf(id, p).ID
	return func() error {
		_, err := v.AcceptAsk(v.t.Context(), caller, ask, time.Time{})
		return err
	}
}

// together starts calls at the same instant and collects their answers.
func (v *village) together(calls ...func() error) []error {
	errs := make([]error, len(calls))
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	for i, call := range calls {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-begin
			errs[i] = call()
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
	return errs
}

func page() port.Page { return port.Page{Limit: 50} }

func newReferral(id care.RequestID, to care.OrganizationID) app.NewReferral {
	return app.NewReferral{Request: id, To: to, Theme: care.RideKind, Urgency: care.Ordinary, Words: "needs help", Consent: care.Spoken}
}
