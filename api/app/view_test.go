package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// looks is a village with one request and somebody in every relation to it.
type looks struct {
	*village
	id     care.RequestID
	people map[string]care.PersonID
}

func newLooks(t *testing.T, v *village) looks {
	l := looks{village: v, people: map[string]care.PersonID{}}
	ctx := t.Context()
	elsewhere, err := v.CreateCommunity(ctx, care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.98, Lon: 6.64}, Zone: "Europe/Amsterdam"})
	v.must(err)
	l.people["for"], l.people["moderator"], l.people["staff"] = v.person("Anna", 1), v.mod, v.worker
	l.people["stranger"], l.people["desk elsewhere"] = v.person("Vreemd", 9), v.person("Desk", 9)
	_, err = v.GrantFirstRole(ctx, care.Membership{Person: l.people["desk elsewhere"], Community: elsewhere, Role: care.DeskWorker})
	v.must(err)
	for i, name := range []string{"agreed", "reserve", "declined", "lapsed", "later"} {
		l.people[name] = v.driver("Helper", i+2)
	}
	v.run()
	n := rideOf(thursday())
	n.Community = v.here
	l.id, err = v.AskForHelp(ctx, v.as(l.people["for"]), n)
	v.must(err)
	asks := map[string]care.AskID{}
	for _, name := range []string{"agreed", "reserve", "declined", "lapsed", "later"} {
		asks[name] = care.AskID(v.as("").Nonce)
		lapses := v.clock().Add(48 * time.Hour)
		if name == "lapsed" {
			lapses = v.clock().Add(time.Minute)
		}
		p := l.people[name]
		_, err := v.Stores.Requests.Update(ctx, l.id, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
			return r.AskHelper(care.Ask{ID: asks[name], Slot: r.Slots[0].ID, Helper: p, Offer: v.offerOf(p), Wave: 1,
				AskFrom: v.clock(), LapsesAt: lapses, Nonce: care.Nonce("question-" + asks[name])}, v.clock())
		})
		v.must(err)
	}
	v.must(v.DeclineAsk(ctx, v.as(l.people["declined"]), asks["declined"], "busy"))
	v.pass(2 * time.Minute)
	v.run()
	v.must(accept(v, v.App, v.as(l.people["agreed"]), asks["agreed"]))
	v.must(accept(v, v.App, v.as(l.people["reserve"]), asks["reserve"]))
	v.run()
	return l
}

func TestWhoSeesWhatOfARequest(t *testing.T) {
	t.Parallel()
	eachStore(t, whoSeesWhat)
}

func whoSeesWhat(t *testing.T, v *village) {
	l := newLooks(t, v)
	_, absent := v.Request(t.Context(), v.as(l.people["stranger"]), care.RequestID(v.as("").Nonce))
	for name, want := range map[string]struct {
		relation app.Relation // empty: as if it were not there
		words    bool
		exact    bool
		asks     int
		others   bool // reads last names of helpers whom one may not know
	}{
		"for":            {app.RelRequester, true, true, 2, false},
		"staff":          {app.RelOwner, true, true, 5, true},
		"agreed":         {app.RelAgreed, true, false, 1, false},
		"reserve":        {app.RelAsked, true, false, 1, false},
		"moderator":      {app.RelModerator, false, false, 0, false},
		"declined":       {},
		"lapsed":         {},
		"later":          {}, // stood down when the seat was taken
		"stranger":       {},
		"desk elsewhere": {},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Request(t.Context(), v.as(l.people[name]), l.id)
			if want.relation == "" {
				if err == nil || err.Error() != absent.Error() {
					t.Fatalf("answered %v, and %v for what is not there", err, absent)
				}
				return
			}
			v.must(err)
			r := got.Request
			if got.Relation != want.relation || (r.Words != "") != want.words || len(r.Asks) != want.asks {
				t.Errorf("relation %s, words %q, %d asks", got.Relation, r.Words, len(r.Asks))
			}
			if exact := r.Where.Street != "" || r.Where.Point != (care.Point{}) || (r.Ride != nil && r.Ride.To.Point != (care.Point{})); exact != want.exact || got.Exact != want.exact {
				t.Errorf("exact places: %v, said %v", exact, got.Exact)
			}
			if !want.exact && got.For != nil && got.For.LastName != "" {
				t.Errorf("the last name of the requester is shown")
			}
			for p, person := range got.People {
				if !want.exact && p != l.people[name] {
					t.Errorf("another helper is shown")
				}
				if p == l.people["declined"] && !want.others {
					t.Errorf("who said no is shown")
				}
				if person.LastName != "" && p != l.people["agreed"] && !want.others {
					t.Errorf("the last name of somebody who is not agreed is shown")
				}
			}
			if len(r.Voids) > 0 {
				t.Errorf("voids are nobody's")
			}
		})
	}
}

func TestAListIsTheSameView(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	l := newLooks(t, v)
	for name, want := range map[string]int{"agreed": 1, "reserve": 1, "declined": 0, "lapsed": 0, "later": 0} {
		got, _, err := v.RequestsBy(t.Context(), v.as(l.people[name]), "helping", "", page())
		v.must(err)
		if len(got) != want {
			t.Errorf("%s helps in %d, want %d", name, len(got), want)
		}
	}
	for name, want := range map[string]int{"staff": 1, "moderator": 1, "stranger": 0, "desk elsewhere": 0, "agreed": 0} {
		got, next, err := v.RequestsBy(t.Context(), v.as(l.people[name]), "community", v.here, port.Page{Limit: 1})
		v.must(err)
		if len(got) != want || (want == 0 && next != "") {
			t.Errorf("%s sees %d in the village, want %d; cursor %q", name, len(got), want, next)
		}
	}
	seen, err := v.Views(t.Context(), v.as(l.people["for"]), page())
	v.must(err)
	for _, who := range []care.PersonID{v.worker, l.people["agreed"], l.people["reserve"]} {
		n := 0
		for _, s := range seen {
			if s.By == who && s.What == "request" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d readings by %s in %+v", n, who, seen)
		}
	}
}

func TestAPageMayBeShortButNothingIsSkipped(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		driver := v.driver("Berend", 2)
		v.run()
		offer := v.offerOf(driver)
		var visible []care.RequestID
		for i := range 6 {
			id, ask := v.asked(v.person("Anna", 1), driver, offer, thursday().AddDate(0, 0, i))
			if i%3 == 2 {
				visible = append(visible, id)
				continue
			}
			v.must(v.DeclineAsk(t.Context(), v.as(driver), ask, "busy"))
		}
		var got []care.RequestID
		p := port.Page{Limit: 2}
		for pages := 0; ; pages++ {
			views, next, err := v.RequestsBy(t.Context(), v.as(driver), "helping", "", p)
			v.must(err)
			for _, view := range views {
				got = append(got, view.Request.ID)
			}
			if next == "" || pages > 10 {
				break
			}
			p.After = next
		}
		slices.Sort(visible)
		if !slices.Equal(got, visible) {
			t.Fatalf("listed %v, want %v", got, visible)
		}
	})
}

func TestTheVillageListHoldsWhatIsNotClosed(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	anna := v.person("Anna", 1)
	id := v.ride(anna, thursday())
	v.ride(anna, thursday().AddDate(0, 0, 1))
	v.must(v.WithdrawRequest(t.Context(), v.as(anna), id, "solved"))
	v.run()
	got, _, err := v.RequestsBy(t.Context(), v.as(v.worker), "community", v.here, page())
	v.must(err)
	if len(got) != 1 || got[0].Request.ID == id {
		t.Fatalf("%d requests", len(got))
	}
}

// TestWhoSeesWhatElse is the table of the smaller documents: whoever is not named sees nothing, in
// the very words of what is not there.
func TestWhoSeesWhatElse(t *testing.T) {
	t.Parallel()
	eachStore(t, whoSeesWhatElse)
}

func whoSeesWhatElse(t *testing.T, v *village) {
	ctx := t.Context()
	l := newLooks(t, v)
	r := v.request(l.id)
	visit := r.Visits[0].ID
	report, err := v.FileReport(ctx, v.as(l.people["for"]), visit, "Ik maak me zorgen")
	v.must(err)
	message, err := v.SendMessage(ctx, v.as(l.people["for"]), visit, "Tot donderdag")
	v.must(err)
	offer := v.offerOf(l.people["agreed"])
	second := v.ride(l.people["for"], thursday().AddDate(0, 0, 7))
	v.at(v.request(second).PromiseAt)
	referral, err := v.ReferRequest(ctx, v.as(v.nurse), newReferral(second, v.clinic))
	v.must(err)
	l.people["nurse"], l.people["clinic"] = v.nurse, v.intake
	for name, row := range map[string]struct {
		read func(p care.PersonID) error
		none string
		see  []string
		told map[string]string // others who learn that it is there, and may not read it
	}{
		"offer": {func(p care.PersonID) error { _, err := v.Offer(ctx, v.as(p), offer); return err }, "offer_not_found",
			[]string{"agreed", "staff"}, nil},
		"report": {func(p care.PersonID) error { _, err := v.Report(ctx, v.as(p), report); return err }, "report_not_found",
			[]string{"for", "moderator"}, nil},
		"referral": {func(p care.PersonID) error { _, _, err := v.Referral(ctx, v.as(p), referral); return err }, "referral_not_found",
			[]string{"for", "nurse", "clinic"}, nil},
		"message": {func(p care.PersonID) error { _, err := v.Message(ctx, v.as(p), message); return err }, "message_not_found",
			[]string{"for", "agreed"}, nil},
		"messages": {func(p care.PersonID) error { _, err := v.Messages(ctx, v.as(p), visit, page()); return err }, "visit_not_found",
			[]string{"for", "agreed"}, map[string]string{"staff": "not_your_visit"}},
		"feedbacks": {func(p care.PersonID) error { _, err := v.Feedbacks(ctx, v.as(p), l.id); return err }, "request_not_found",
			[]string{"staff"}, map[string]string{"for": "not_the_owner", "agreed": "not_the_owner", "reserve": "not_the_owner", "moderator": "not_the_owner"}},
		"withdrawing": {func(p care.PersonID) error {
			err := v.WithdrawRequest(ctx, v.as(p), l.id, "not a code!")
			if care.CodeOf(err) == "reason_invalid" {
				return nil // may do it, and said it wrongly on purpose
			}
			return err
		}, "request_not_found", []string{"for", "staff"}, map[string]string{"agreed": "not_your_request", "reserve": "not_your_request", "moderator": "not_your_request"}},
	} {
		for who, p := range l.people {
			err := row.read(p)
			switch {
			case slices.Contains(row.see, who):
				if err != nil {
					t.Errorf("%s: %s is answered %v", name, who, err)
				}
			case row.told[who] != "":
				if care.CodeOf(err) != row.told[who] {
					t.Errorf("%s: %s is answered %v, want %s", name, who, err, row.told[who])
				}
			case care.CodeOf(err) != row.none:
				t.Errorf("%s: %s is answered %v, want %s", name, who, err, row.none)
			}
		}
	}
}

func TestTheModeratorsQueueHoldsNoWords(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna := v.person("Anna", 1)
	id := v.ride(anna, thursday())
	v.at(v.request(id).PromiseAt)
	applicant := v.person("Nieuw", 3)
	v.must(v.ApplyAsHelper(ctx, v.as(applicant), v.here))
	v.must(v.BlockPerson(ctx, v.as(applicant), v.here, anna))
	q, err := v.ModeratorQueue(ctx, v.as(v.mod), v.here)
	v.must(err)
	if len(q.Stuck) != 1 || q.Stuck[0].Words != "" || q.Stuck[0].Where.Town != "" || q.Stuck[0].For != "" || q.Stuck[0].Todo != care.TodoPromise {
		t.Errorf("stuck %+v", q.Stuck)
	}
	if len(q.Applications) != 1 || len(q.Applications[0].Blocks) != 0 {
		t.Errorf("applications %+v", q.Applications)
	}
}

func TestAServiceNumberIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, driver := v.person("Anna", 1), v.driver("Berend", 2)
	visit := v.planned(anna, driver)
	id := v.requestOf(visit)
	const words = "mijn bsn is 111222333"
	n := rideOf(thursday())
	n.Community, n.Words = v.here, words
	d := care.Decision{Rule: "r@1", Reason: words, Until: v.clock().AddDate(0, 1, 0)}
	ref := newReferral(id, v.clinic)
	ref.Words = words
	for name, call := range map[string]func() error{
		"words of a request":  func() error { _, err := v.AskForHelp(ctx, v.as(anna), n); return err },
		"edited words":        func() error { return v.EditRequest(ctx, v.as(anna), id, n) },
		"message":             func() error { _, err := v.SendMessage(ctx, v.as(anna), visit.ID, words); return err },
		"report":              func() error { _, err := v.FileReport(ctx, v.as(anna), visit.ID, words); return err },
		"answer to a report":  func() error { return v.CloseReport(ctx, v.as(v.mod), "any", words) },
		"feedback":            func() error { _, err := v.GiveFeedback(ctx, v.as(anna), visit.ID, true, true, words); return err },
		"words of a referral": func() error { _, err := v.ReferRequest(ctx, v.as(v.nurse), ref); return err },
		"offer":               func() error { _, err := v.MakeOffer(ctx, v.as(driver), care.Offer{Note: words}); return err },
		"edited offer":        func() error { return v.EditOffer(ctx, v.as(driver), v.offerOf(driver), care.Offer{Note: words}) },
		"reason of a pause":   func() error { return v.PauseHelper(ctx, v.as(v.mod), v.here, driver, d) },
		"reason of a no":      func() error { return v.RefuseHelper(ctx, v.as(v.mod), v.here, driver, d) },
	} {
		if err := call(); care.CodeOf(err) != "bsn_refused" || strings.Contains(err.Error(), "111222333") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
