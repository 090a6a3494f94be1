package app_test

import (
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// arranged is a ride on Thursday with a helper who agreed and is planned.
func (v *village) arranged(resident, driver care.PersonID) care.RequestID {
	v.t.Helper()
	v.run()
	id := v.ride(resident, thursday())
	_, err := v.AcceptAsk(v.t.Context(), v.as(driver), v.askOf(id, driver).ID, time.Time{})
	v.must(err)
	v.run()
	if got := v.request(id).State(v.clock()); got != care.Arranged {
		v.t.Fatalf("the ride is %s", got)
	}
	return id
}

func (v *village) sessionOf(p care.PersonID) app.Session {
	v.t.Helper()
	s := app.Session{ID: app.SessionID(care.DeriveID[care.PersonID](v.clock(), "session", string(p))), Person: p, PushToken: "t", CreatedAt: v.clock()}
	_, err := v.Stores.Sessions.Insert(v.t.Context(), s.ID, s, nil, port.Write{})
	v.must(err)
	return s
}

func TestAResidentGoesToHospitalAndComesBack(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		resident, driver := v.person("Anna", 1), v.driver("Berend", 2)
		id := v.arranged(resident, driver)
		v.must(v.LeaveFor(ctx, v.as(v.worker), resident, care.Absence{State: care.InHospital}))
		v.run()
		r := v.request(id)
		if r.Phase != care.Live || !r.Slots[0].Rested || r.Visits[0].State != care.VisitCalledOff || r.NextActionAt.IsZero() {
			t.Fatalf("it ended or stayed: %+v", r)
		}
		if h, err := v.Stores.Helpers.Get(ctx, driver); err != nil || len(h.Value.Agreed) != 0 {
			t.Fatalf("the helper is not free: %+v, %v", h.Value.Agreed, err)
		}
		v.must(v.ReturnFrom(ctx, v.as(resident), resident))
		v.run()
		r = v.request(id)
		if r.Slots[0].Cancelled() || r.Rest != nil || r.FreeSeats(r.Slots[0].ID, v.clock()) != 1 {
			t.Fatalf("it did not resume: %+v", r.Slots)
		}
	})
}

func TestAHelperIsAway(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		resident, driver := v.person("Anna", 1), v.driver("Berend", 2)
		id := v.arranged(resident, driver)
		v.refused(v.LeaveFor(ctx, v.as(resident), driver, care.Absence{State: care.Away, Rest: care.Rest{Until: v.clock().AddDate(0, 0, 9)}}), "person_not_found")
		v.must(v.LeaveFor(ctx, v.as(driver), driver, care.Absence{State: care.Away, Rest: care.Rest{Until: v.clock().AddDate(0, 0, 9)}}))
		v.run()
		r := v.request(id)
		if r.Visits[0].State != care.VisitCalledOff || r.Todo != care.TodoReturned || len(v.open(id)) != 0 {
			t.Fatalf("the visit stays, or they are asked: %s, todo %s, asked %v", r.Visits[0].State, r.Todo, v.open(id))
		}
		later := v.ride(resident, v.clock().AddDate(0, 0, 12))
		if asked := v.open(later); len(asked) != 0 {
			t.Fatalf("asked while away: %v", asked)
		}
		v.at(v.clock().AddDate(0, 0, 10))
		if asked := v.open(later); !slices.Contains(asked, driver) {
			t.Fatalf("back, and not asked: %v", asked)
		}
	})
}

func TestDeathTakesTwoPeopleAndSilencesEverything(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		resident, driver := v.person("Anna", 1), v.driver("Berend", 2)
		id := v.arranged(resident, driver)
		session := v.sessionOf(resident)
		v.refused(v.ReportDeath(ctx, v.as(resident), resident), "own_case")
		v.refused(v.ReportDeath(ctx, v.as(driver), resident), "person_not_found")
		v.refused(v.ConfirmDeath(ctx, v.as(v.mod), resident), "death_not_reported")
		v.must(v.ReportDeath(ctx, v.as(v.worker), resident))
		v.refused(v.ConfirmDeath(ctx, v.as(v.worker), resident), "second_person_needed")
		v.must(v.TakeBackDeath(ctx, v.as(v.worker), resident))
		if r := v.request(id); r.Phase != care.Live || r.Visits[0].State != care.VisitSet {
			t.Fatal("a report alone changed something")
		}
		v.must(v.ReportDeath(ctx, v.as(v.worker), resident))
		v.must(v.ConfirmDeath(ctx, v.as(v.mod), resident))
		gone, err := v.Gone(ctx, resident)
		v.must(err)
		matter, err := v.MatterOf(ctx, id, "", v.request(id).Visits[0].ID)
		v.must(err)
		if !gone || !matter.Silenced {
			t.Fatal("messages still go out")
		}
		v.run()
		r := v.request(id)
		if r.Phase != care.Ended || r.Outcome != care.Withdrawn || r.Visits[0].State != care.VisitCalledOff {
			t.Fatalf("not ended properly: %s %s", r.Phase, r.Outcome)
		}
		tasks, err := v.Tasks(ctx, v.as(v.worker), v.here)
		v.must(err)
		calls := slices.DeleteFunc(tasks, func(k care.Task) bool { return k.Kind != care.TaskTell })
		if len(calls) != 1 || calls[0].Person != driver || calls[0].Other != resident {
			t.Fatalf("the desk calls %+v", calls)
		}
		stored, err := v.Stores.Sessions.Get(ctx, session.ID)
		v.must(err)
		if stored.Value.EndedAt.IsZero() || stored.Value.PushToken != "" {
			t.Fatal("a session goes on")
		}
		n := rideOf(thursday())
		n.Community, n.For, n.Consent = v.here, resident, care.Spoken
		_, err = v.AskForHelp(ctx, v.as(v.worker), n)
		v.refused(err, "life_ended")
		v.must(v.TakeBackDeath(ctx, v.as(v.mod), resident))
		if gone, err := v.Gone(ctx, resident); err != nil || gone {
			t.Fatalf("the correction does not count: %v", err)
		}
	})
}

func TestAHelperDies(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		resident, driver := v.person("Anna", 1), v.driver("Berend", 2)
		id := v.arranged(resident, driver)
		v.must(v.ReportDeath(ctx, v.as(v.worker), driver))
		v.must(v.ConfirmDeath(ctx, v.as(v.mod), driver))
		v.run()
		r := v.request(id)
		if r.Phase != care.Live || r.Todo != care.TodoReturned || len(v.open(id)) != 0 {
			t.Fatalf("the ride: %s, todo %s, asked %v", r.Phase, r.Todo, v.open(id))
		}
		tasks, err := v.Tasks(ctx, v.as(v.worker), v.here)
		v.must(err)
		if !slices.ContainsFunc(tasks, func(k care.Task) bool { return k.Kind == care.TaskTell && k.Person == resident && k.Other == driver }) {
			t.Fatalf("nobody calls the resident: %+v", tasks)
		}
		for _, row := range v.rows { // everything comes twice
			v.must(v.Steward(ctx, row))
		}
		again, err := v.Tasks(ctx, v.as(v.worker), v.here)
		v.must(err)
		if len(again) != len(tasks) {
			t.Fatalf("%d tasks became %d", len(tasks), len(again))
		}
	})
}

// Whoever helps in a village and lives nowhere here stays its desk's to correct and to forget.
func TestAVolunteerWhoDiedIsStillOfTheirVillage(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		driver := v.driver("Berend", 2)
		_, err := v.Join(ctx, v.as(driver), v.here, care.Volunteer)
		v.must(err)
		own, err := v.Memberships(ctx, v.as(driver))
		v.must(err)
		for _, m := range own {
			if m.Role == care.Resident {
				v.must(v.Leave(ctx, v.as(driver), m.ID))
			}
		}
		v.must(v.ReportDeath(ctx, v.as(v.worker), driver))
		v.must(v.ConfirmDeath(ctx, v.as(v.mod), driver))
		v.run()
		life, _, err := v.LifeOf(ctx, v.as(v.mod), driver)
		v.must(err)
		if life.Value.Life.State != care.Died {
			t.Fatalf("their life is %+v", life.Value.Life)
		}
		v.must(v.TakeBackDeath(ctx, v.as(v.mod), driver))
		if gone, err := v.Gone(ctx, driver); err != nil || gone {
			t.Fatalf("the correction does not count: %v", err)
		}
	})
}

// schoonloo is another village, with a fixed worker where it has one.
func (v *village) schoonloo(staffed bool) (care.CommunityID, care.PersonID) {
	v.t.Helper()
	next, err := v.CreateCommunity(v.t.Context(), care.Community{Name: "Schoonloo", Town: "Schoonloo", Point: care.Point{Lat: 52.9, Lon: 6.7}, Zone: "Europe/Amsterdam"})
	v.must(err)
	worker := v.person("Saskia", 9)
	if staffed {
		_, err = v.GrantFirstRole(v.t.Context(), care.Membership{Person: worker, Community: next, Role: care.FixedWorker})
		v.must(err)
	}
	return next, worker
}

func newHome() care.Place {
	return care.Place{Point: care.Point{Lat: 52.9, Lon: 6.7}, Street: "Hoofdweg 2", Town: "Schoonloo"}
}

func TestSomebodyMoves(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		next, worker := v.schoonloo(true)
		driver, other := v.driver("Berend", 2), v.driver("Corrie", 3)
		id := v.arranged(driver, other)
		elsewhere := rideOf(thursday().AddDate(0, 0, 1))
		elsewhere.Community, elsewhere.Where = v.here, &care.Place{Point: care.Point{Lat: 52.94, Lon: 6.68}, Street: "Kerkweg 3", Town: "Grolloo"}
		daughters, err := v.AskForHelp(ctx, v.as(driver), elsewhere)
		v.must(err)
		v.must(v.MoveTo(ctx, v.as(driver), driver, v.here, next, newHome()))
		v.run()
		for ride, where := range map[care.RequestID]string{id: "Hoofdweg 2", daughters: "Kerkweg 3"} {
			r := v.request(ride)
			if r.Phase != care.Live || r.Todo != care.TodoMoved || r.Rest == nil || len(v.open(ride)) != 0 || r.Where.Street != where ||
				r.Community != next || r.Owner != (care.Chair{Kind: care.ChairWorker, Community: next}) || r.NextActionAt.IsZero() {
				t.Errorf("the ride is %s, of %+v, at %s, todo %s, rest %v", r.Phase, r.Owner, r.Where.Street, r.Todo, r.Rest)
			}
		}
		if r := v.request(id); r.Visits[0].State != care.VisitCalledOff || len(v.bookOf(other).Agreed) != 0 {
			t.Errorf("the visit is %s, the helper's book %+v", r.Visits[0].State, v.bookOf(other).Agreed)
		}
		h := v.bookOf(driver)
		if h.ApprovedIn(v.here) || len(h.Approvals) != 1 || h.Approvals[0].Community != next || h.Approvals[0].State != care.Applied {
			t.Fatalf("approvals are %+v", h.Approvals)
		}
		members, err := v.Memberships(ctx, v.as(driver))
		v.must(err)
		if len(members) != 1 || members[0].Community != next || members[0].Role != care.Resident {
			t.Fatalf("memberships are %+v", members)
		}
		v.refused(v.MoveTo(ctx, v.as(driver), driver, v.here, next, newHome()), "not_living_there")
		if l := v.personDoc(driver).Life; l.MovedHome != (care.Place{}) || l.MovedTo != "" {
			t.Errorf("the move is still kept: %+v", l)
		}
		v.refused(v.SettleRequest(ctx, v.as(v.worker), id), "request_not_found")
		v.must(v.SettleRequest(ctx, v.as(worker), id))
		v.run()
		if r := v.request(id); r.Rest != nil || r.Slots[0].Cancelled() || r.FreeSeats(r.Slots[0].ID, v.clock()) != 1 || len(v.open(id)) != 0 {
			t.Errorf("its owner said that it goes on: %+v, asked of the old village %v", r.Slots, v.open(id))
		}
	})
}

// TestAMoveToWhereNobodySits: without anybody in the new village who could own a request, nobody is
// dropped: the old owner has it and decides.
func TestAMoveToWhereNobodySits(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		next, _ := v.schoonloo(false)
		anna := v.person("Anna", 1)
		id := v.arranged(anna, v.driver("Berend", 2))
		v.must(v.MoveTo(t.Context(), v.as(anna), anna, v.here, next, newHome()))
		v.run()
		r := v.request(id)
		if r.Community != v.here || r.Todo != care.TodoMoved || r.Rest == nil || r.Where != newHome() || r.Visits[0].State != care.VisitCalledOff {
			t.Fatalf("the ride is in %s at %s: todo %s, rest %v", r.Community, r.Where.Street, r.Todo, r.Rest)
		}
		v.must(v.SettleRequest(t.Context(), v.as(v.worker), id))
		if r := v.request(id); r.Rest != nil || r.Slots[0].Cancelled() {
			t.Fatal("its owner said that it goes on")
		}
	})
}

// TestAMoveThatWakesUpAfterTheNext: a process that stalls in the first move takes nobody back.
func TestAMoveThatWakesUpAfterTheNext(t *testing.T) {
	t.Parallel()
	eachGround(t, func(t *testing.T, v *village) {
		stalls(t, v, func(v *village) (do, more func(a *app.App) error) {
			next, _ := v.schoonloo(true)
			third, err := v.CreateCommunity(v.t.Context(), care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.985, Lon: 6.645}, Zone: "Europe/Amsterdam"})
			v.must(err)
			anna := v.person("Anna", 1)
			v.arranged(anna, v.driver("Berend", 2))
			c := v.as(anna)
			do = func(a *app.App) error { return a.MoveTo(v.t.Context(), c, anna, v.here, next, newHome()) }
			more = func(a *app.App) error { return a.MoveTo(v.t.Context(), v.as(anna), anna, next, third, newHome()) }
			return do, more
		})
	})
}

// TestMovingBackToAFormerVillage: who comes back is a resident there once more, and again.
func TestMovingBackToAFormerVillage(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		there, err := v.CreateCommunity(ctx, care.Community{Name: "Schoonloo", Town: "Schoonloo", Point: care.Point{Lat: 52.9, Lon: 6.7}, Zone: "Europe/Amsterdam"})
		v.must(err)
		n := v.newcomer("Geesje", "Meijer", "1941-05-02")
		p, err := v.RegisterAtDesk(ctx, v.as(v.worker), n)
		v.must(err)
		from, to := v.here, there
		for move := range 4 {
			v.pass(time.Hour)
			v.must(v.MoveTo(ctx, v.as(p), p, from, to, n.Home))
			v.run()
			members, err := v.Memberships(ctx, v.as(p))
			v.must(err)
			if len(members) != 1 || members[0].Community != to || members[0].Role != care.Resident {
				t.Fatalf("after move %d the memberships are %+v", move+1, members)
			}
			from, to = to, from
		}
		if _, err := v.Person(ctx, v.as(v.worker), p); err != nil {
			t.Fatalf("her old desk does not see her: %v", err)
		}
		ride := rideOf(v.clock().AddDate(0, 0, 3))
		ride.Community = v.here
		if _, err := v.AskForHelp(ctx, v.as(p), ride); err != nil {
			t.Fatalf("she may not ask where she lives again: %v", err)
		}
	})
}
