package app_test

import (
	"fmt"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// asked puts a question for somebody's ride to a helper past the dispatcher, which would not put
// twenty in one week.
func (v *village) asked(resident, helper care.PersonID, offer care.OfferID, from time.Time) (care.RequestID, care.AskID) {
	v.t.Helper()
	ctx := v.t.Context()
	n := rideOf(from)
	n.Community = v.here
	id, err := v.AskForHelp(ctx, v.as(resident), n)
	v.must(err)
	ask := care.AskID(v.as(helper).Nonce)
	_, err = v.Stores.Requests.Update(ctx, id, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.AskHelper(care.Ask{ID: ask, Slot: r.Slots[0].ID, Helper: helper, Offer: offer, Wave: 1,
			AskFrom: v.clock(), LapsesAt: v.clock().Add(24 * time.Hour), Nonce: care.Nonce("question-" + ask)}, v.clock())
	})
	v.must(err)
	return id, ask
}

func (v *village) offerOf(p care.PersonID) care.OfferID {
	v.t.Helper()
	found, err := v.Offers(v.t.Context(), v.as(p), page())
	v.must(err)
	return care.OfferID(found[len(found)-1].ID)
}

func (v *village) holding(p care.PersonID) int {
	v.t.Helper()
	n := 0
	v.must(v.Stores.Requests.Each(v.t.Context(), func(r port.Stored[care.Request]) error {
		for _, x := range r.Value.Visits {
			if x.Helper == p && x.Upcoming() {
				n++
			}
		}
		return nil
	}))
	return n
}

func accept(v *village, a *app.App, c app.Caller, ask care.AskID) error {
	_, err := a.AcceptAsk(v.t.Context(), c, ask, time.Time{})
	return err
}

func TestOneHelperTwentyOverlappingYesesTwoProcessesOneFrozen(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	driver := v.driver("Berend", 2)
	v.run()
	offer := v.offerOf(driver)
	var asks []care.AskID
	for i := range 20 {
		_, ask := v.asked(v.person("Anna", 1), driver, offer, thursday().Add(time.Duration(i)*5*time.Minute))
		asks = append(asks, ask)
	}
	c := v.as(driver)
	wake := v.frozen(func(a *app.App) error { return accept(v, a, c, asks[0]) })
	v.pass(app.ClaimGrace) // its claim is overdue
	processes := []*app.App{v.App, v.second()}
	var calls []func() error
	for i, ask := range asks[1:] {
		c := v.as(driver)
		calls = append(calls, func() error { return accept(v, processes[i%2], c, ask) })
	}
	yes := 0
	for _, err := range v.together(calls...) {
		switch {
		case err == nil:
			yes++
		case care.CodeOf(err) != "helper_busy" && care.CodeOf(err) != "claim_pending":
			t.Errorf("answered %v", err)
		}
	}
	if yes != 1 {
		t.Errorf("%d of nineteen said yes", yes)
	}
	v.refused(wake(), "helper_busy")
	v.pass(2 * app.ClaimGrace)
	v.run()
	if n := v.holding(driver); n != 1 {
		t.Errorf("%d visits at once", n)
	}
	v.sound()
}

func TestAFrozenYes(t *testing.T) {
	t.Parallel()
	pause := func(v *village, driver care.PersonID) {
		v.must(v.PauseHelper(v.t.Context(), v.as(v.mod), v.here, driver, care.Decision{Rule: "house_rules.3@1",
			Reason: "a worry is being looked at", Until: v.clock().AddDate(0, 1, 0)}))
	}
	for name, row := range map[string]struct {
		meanwhile func(v *village, driver, resident care.PersonID)
		code      string
	}{
		"loses against a pause": {func(v *village, driver, _ care.PersonID) { pause(v, driver) }, "ask_not_open"},
		"loses against a block by the resident": {func(v *village, driver, resident care.PersonID) {
			v.must(v.BlockPerson(v.t.Context(), v.as(resident), v.here, driver))
		}, "ask_not_open"},
		"loses against a withdrawal": {func(v *village, driver, resident care.PersonID) {
			mine, _, err := v.RequestsBy(v.t.Context(), v.as(resident), "mine", "", page())
			v.must(err)
			v.must(v.WithdrawRequest(v.t.Context(), v.as(resident), mine[0].Request.ID, "solved"))
		}, "ask_not_open"},
		"wins after its claim was made void and nothing else came": {func(v *village, _, _ care.PersonID) {
			v.pass(2 * app.ClaimGrace)
			v.run()
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			ask, c := v.askOf(v.ride(anna, thursday()), driver).ID, v.as(driver)
			wake := v.frozen(func(a *app.App) error { return accept(v, a, c, ask) })
			row.meanwhile(v, driver, anna)
			v.refused(wake(), row.code)
			v.pass(2 * app.ClaimGrace)
			v.run()
			if n := v.holding(driver); (n == 1) != (row.code == "") {
				t.Errorf("%d visits", n)
			}
			v.sound()
		})
	}
}

func TestTheLastQuestionOfTheMonthTwoDispatchersOneFrozen(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	driver := v.driver("Berend", 2)
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.MonthlyLimit = 1
	v.must(v.SetQuiet(ctx, v.as(driver), q))
	v.run()
	var ids []care.RequestID
	for _, name := range []string{"Anna", "Bep"} {
		n := rideOf(thursday())
		n.Community = v.here
		id, err := v.AskForHelp(ctx, v.as(v.person(name, 1)), n)
		v.must(err)
		ids = append(ids, id)
	}
	row := func(id care.RequestID) port.Row {
		return port.Row{Event: care.Event{Type: care.RequestPublished, Request: id}}
	}
	wake := v.frozen(func(a *app.App) error { return a.Dispatch(ctx, row(ids[0])) })
	v.pass(app.ClaimGrace)
	v.must(v.Dispatch(ctx, row(ids[1])))
	v.must(wake())
	v.run()
	asked := len(v.request(ids[0]).Asks) + len(v.request(ids[1]).Asks)
	if asked != 1 {
		t.Fatalf("%d questions in a month of one", asked)
	}
	v.sound()
}

func TestTheLastSeatOfAJourneyTwoYesesOneFrozen(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	driver := v.driver("Berend", 2)
	offer, err := v.MakeOffer(ctx, v.as(driver), care.Offer{Community: v.here, Kinds: []care.Kind{care.RideKind}, Radius: 20_000, Travel: care.ByCar,
		Vehicle: care.Vehicle{Seats: 3, Walker: true}, Languages: []string{"nl"},
		Boxed: &care.Boxed{At: care.Interval{From: thursday().Add(-time.Hour), Until: thursday().Add(4 * time.Hour)}, From: "Grolloo", To: "Assen", Seats: 2}})
	v.must(err)
	v.run()
	var asks []care.AskID
	for i := range 4 {
		_, ask := v.asked(v.person(fmt.Sprint("Anna", i), 1), driver, offer, thursday())
		asks = append(asks, ask)
	}
	v.must(accept(v, v.App, v.as(driver), asks[0]))
	c := v.as(driver)
	wake := v.frozen(func(a *app.App) error { return accept(v, a, c, asks[1]) })
	v.pass(app.ClaimGrace)
	v.must(accept(v, v.App, v.as(driver), asks[2]))
	v.refused(wake(), "offer_full")
	v.refused(accept(v, v.App, v.as(driver), asks[3]), "offer_full")
	v.pass(2 * app.ClaimGrace)
	v.run()
	if n := v.holding(driver); n != 2 {
		t.Fatalf("%d passengers on two seats", n)
	}
	v.sound()
}

func TestAVisitThatEndsBeforeItsHoursAreFirm(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
	id := v.ride(anna, thursday())
	ask, c := v.askOf(id, driver).ID, v.as(driver)
	g, other := newGate(), v.second()
	g.after = 1 // the claim passes; its settling has read that the seat is kept, and freezes
	other.Stores.Helpers = gated[care.PersonID, care.Helper]{other.Stores.Helpers, g}
	wake := v.freeze(g, func() error { return accept(v, other, c, ask) })
	v.must(v.CancelVisit(ctx, v.as(anna), v.request(id).Visits[0].ID, "solved"))
	v.must(wake())
	v.run()
	book, err := v.Book(ctx, v.as(driver))
	v.must(err)
	if len(book.Value.Agreed) != 0 {
		t.Fatalf("hours kept for a visit that is off: %+v", book.Value.Agreed)
	}
}

// agreedOnly lets a process die right after the second half of a yes.
func (v *village) agreedOnly(driver care.PersonID, ask care.AskID) {
	v.t.Helper()
	broken := v.second()
	broken.Stores = faultyStores(broken.Stores, &fault{at: 6, done: true, dead: true})
	v.refused(accept(v, broken, v.as(driver), ask), "store_unavailable")
}

func TestAPauseBetweenTheYesAndItsConfirmation(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
	id := v.ride(anna, thursday())
	v.agreedOnly(driver, v.askOf(id, driver).ID)
	_, err := v.Stores.Helpers.Update(ctx, driver, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.Pause(v.here, care.Decision{Rule: "r@1", Reason: "x", By: v.mod, Until: v.clock().AddDate(0, 1, 0)}, v.clock())
	})
	v.must(err)
	r := v.request(id).Visits[0]
	v.must(v.Steward(ctx, port.Row{Event: care.Event{Type: care.AskAccepted, Request: id, Helper: driver, Nonce: r.Nonce}}))
	if got := v.request(id).Visits[0].State; got != care.VisitCalledOff {
		t.Fatalf("the visit is %s", got)
	}
}

func TestTheAddress(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, driver, other := v.person("Anna", 1), v.driver("Berend", 2), v.driver("Corrie", 4)
	id := v.ride(anna, thursday())
	v.agreedOnly(driver, v.askOf(id, driver).ID)
	visit := v.request(id).Visits[0]
	reveal := func(p care.PersonID) error {
		_, err := v.RevealAddress(ctx, v.as(p), visit.ID)
		return err
	}
	v.refused(reveal(driver), "address_hidden") // agreed, its claim not firm
	v.run()
	v.must(reveal(driver))
	for _, p := range []care.PersonID{other, v.mod, v.intake} {
		v.refused(reveal(p), "visit_not_found")
	}
	for _, p := range []care.PersonID{anna, v.worker} {
		v.refused(reveal(p), "not_your_visit")
	}
	v.at(visit.At.Until.Add(2*time.Hour - time.Millisecond))
	v.must(reveal(driver))
	v.at(visit.At.Until.Add(2 * time.Hour))
	v.refused(reveal(driver), "address_hidden")
	seen, err := v.Views(ctx, v.as(anna), page())
	v.must(err)
	shown := 0
	for _, s := range seen {
		if s.What == "address" && s.By == driver && s.Request == id {
			shown++
		}
	}
	if shown != 2 {
		t.Fatalf("shown twice, logged %d times", shown)
	}
}

func TestTheAddressAfterAPauseOnTheWayHome(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
	visit := v.planned(anna, driver)
	v.at(visit.At.From)
	v.must(v.StartVisit(t.Context(), v.as(driver), visit.ID))
	v.at(visit.At.Until.Add(90 * time.Minute))
	_, err := v.RevealAddress(t.Context(), v.as(driver), visit.ID)
	v.must(err)
	v.must(v.PauseHelper(t.Context(), v.as(v.mod), v.here, driver, care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)}))
	_, err = v.RevealAddress(t.Context(), v.as(driver), visit.ID)
	v.refused(err, "address_hidden")
}

// Of who was forgotten after the visit nothing is left to be shown.
func TestTheAddressOfWhoWasForgotten(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
		visit := v.planned(anna, driver)
		v.at(visit.At.Until)
		v.must(v.FinishVisit(t.Context(), v.as(driver), visit.ID))
		v.must(v.ForgetMe(t.Context(), v.as(anna), "Anna"))
		for range 2 { // at once, and when all of theirs is gone
			if got, err := v.RevealAddress(t.Context(), v.as(driver), visit.ID); care.CodeOf(err) != "address_hidden" {
				t.Errorf("it shows %+v, %v", got, err)
			}
			v.run()
		}
	})
}

func TestMessagesAfterAVisit(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		later time.Duration // after its end
		block bool
		code  string
		reads int // messages that each of the two sees afterwards
	}{
		"are passed on for two days":                          {48*time.Hour - time.Millisecond, false, "", 2},
		"are not passed on after two days":                    {48 * time.Hour, false, "visit_state", 0},
		"are not passed on across a block, and nothing tells": {time.Hour, true, "", 1},
		"are passed on the same day":                          {time.Hour, false, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			ctx := t.Context()
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			visit := v.planned(anna, driver)
			v.at(visit.At.Until)
			v.must(v.FinishVisit(ctx, v.as(driver), visit.ID))
			v.at(visit.At.Until.Add(row.later))
			if row.block {
				v.must(v.BlockPerson(ctx, v.as(anna), v.here, driver))
			}
			for _, p := range []care.PersonID{anna, driver} {
				_, err := v.SendMessage(ctx, v.as(p), visit.ID, "Dank je wel")
				v.refused(err, row.code)
			}
			for _, p := range []care.PersonID{anna, driver} {
				seen, err := v.Messages(ctx, v.as(p), visit.ID, page())
				v.must(err)
				if len(seen) != row.reads {
					t.Errorf("%s reads %d messages, want %d", p, len(seen), row.reads)
				}
			}
		})
	}
}

func TestTheAddressAfterAPauseAndABlock(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(v *village, anna, driver care.PersonID) error{
		"pause": func(v *village, _, driver care.PersonID) error {
			return v.PauseHelper(v.t.Context(), v.as(v.mod), v.here, driver, care.Decision{Rule: "r@1", Reason: "x", Until: v.clock().AddDate(0, 1, 0)})
		},
		"block by the resident": func(v *village, anna, driver care.PersonID) error {
			return v.BlockPerson(v.t.Context(), v.as(anna), v.here, driver)
		},
		"block by the helper": func(v *village, anna, driver care.PersonID) error {
			return v.BlockPerson(v.t.Context(), v.as(driver), v.here, anna)
		},
		"approval ended": func(v *village, _, driver care.PersonID) error {
			return v.RefuseHelper(v.t.Context(), v.as(v.mod), v.here, driver, care.Decision{Rule: "r@1", Reason: "x"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
			visit := v.planned(anna, driver)
			v.must(act(v, anna, driver))
			_, err := v.RevealAddress(t.Context(), v.as(driver), visit.ID)
			v.refused(err, "address_hidden")
			v.run()
			_, err = v.RevealAddress(t.Context(), v.as(driver), visit.ID)
			v.refused(err, "address_hidden")
			_, err = v.Messages(t.Context(), v.as(driver), visit.ID, page())
			v.refused(err, "visit_not_found")
			_, err = v.SendMessage(t.Context(), v.as(driver), visit.ID, "Hallo")
			v.refused(err, "visit_state")
			if _, err := v.Request(t.Context(), v.as(driver), v.requestOf(visit)); !care.IsKind(err, care.NotFound) {
				t.Errorf("the request is still shown: %v", err)
			}
		})
	}
}

func (v *village) requestOf(visit care.Visit) care.RequestID {
	v.t.Helper()
	found, err := v.Stores.Requests.Find(v.t.Context(), port.Key{Name: app.ByVisit, Value: string(visit.ID)}, page())
	v.must(err)
	return found[0].Value.ID
}
