package app_test

import (
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// A driver brings Anna early in the one car and Gerda later in the other. Dina joins Gerda, so what counts is
// the car that Gerda sits in: for what the desk is shown, for the question, and for the yes.
func TestARideJoinsByTheCarOfItsJourney(t *testing.T) {
	bus, small := care.Vehicle{Seats: 3, Walker: true}, care.Vehicle{Seats: 1, Walker: true}
	for name, row := range map[string]struct {
		early, late care.Vehicle
		joins       bool
	}{
		"the early car is the bus": {bus, small, false},
		"the late car is the bus":  {small, bus, true},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			ctx := t.Context()
			s := shared{village: v, anna: v.person("Anna", 1), dina: v.person("Dina", 2), berend: v.often(v.driver("Berend", 0))}
			gerda := v.person("Gerda", 1)
			mine, err := v.Offers(ctx, v.as(s.berend), page())
			v.must(err)
			first := mine[0].Value
			first.Vehicle = row.early
			v.must(v.EditOffer(ctx, v.as(s.berend), first.ID, first))
			early := thursday().Add(-90 * time.Minute)
			n := rideOf(early)
			n.Community, n.Ride.ReturnAt, n.Slots[0].End = v.here, time.Time{}, early.Add(30*time.Minute)
			v.drives(s.berend, s.anna, n)

			off := first
			off.Kinds = []care.Kind{care.CompanyKind}
			v.must(v.EditOffer(ctx, v.as(s.berend), first.ID, off))
			other := first
			other.Vehicle = row.late
			second, err := v.MakeOffer(ctx, v.as(s.berend), other)
			v.must(err)
			v.run()
			n = rideOf(thursday())
			n.Community = v.here
			late := v.drives(s.berend, gerda, n)
			if ask := v.request(late).Asks[0]; ask.Offer != second {
				t.Fatalf("Gerda's ride is agreed by offer %s, want %s", ask.Offer, second)
			}
			v.must(v.EditOffer(ctx, v.as(s.berend), first.ID, first))
			s.visit = s.comes(late)
			s.wish = v.wish(s.dina, thursday())
			v.run()
			s.slot = v.request(s.wish).Slots[0].ID
			v.pass(5 * time.Minute)

			if found := s.look(); (len(found) == 1 && found[0].Visit == s.visit.ID) != row.joins || len(found) > 1 {
				t.Errorf("the desk is shown %+v", found)
			}
			if !row.joins {
				_, err := v.AskJourney(ctx, v.as(v.worker), s.wish, s.slot, s.visit.ID)
				v.refused(err, "journey_changed")
				return
			}
			ask := s.join()
			if ask.Offer != second {
				t.Errorf("asked for offer %s, want %s", ask.Offer, second)
			}
			v.at(ask.AskFrom)
			v.must(accept(v, v.App, v.as(s.berend), ask.ID))
			v.run()
			if got := s.comes(s.wish); got.State != care.VisitSet {
				t.Errorf("Dina's visit is %+v", got)
			}
		})
	}
}

// drives lets a driver say yes to a ride.
func (v *village) drives(driver, resident care.PersonID, n app.NewRequest) care.RequestID {
	v.t.Helper()
	id, err := v.AskForHelp(v.t.Context(), v.as(resident), n)
	v.must(err)
	v.run()
	v.pass(5 * time.Minute)
	v.must(accept(v, v.App, v.as(driver), v.askOf(id, driver).ID))
	v.run()
	return id
}

// A yes with a wish for an hour keeps to it or is refused, one to a journey as one to any other question, and
// stays open for another hour.
func TestAYesWishesForAnHour(t *testing.T) {
	join := func(v *village, window time.Duration) care.Ask {
		s := shared{village: v, anna: v.person("Anna", 1), dina: v.person("Dina", 2), berend: v.often(v.driver("Berend", 0))}
		s.visit = v.planned(s.anna, s.berend)
		v.pass(5 * time.Minute)
		s.wish = v.within(s.dina, window)
		s.slot = v.request(s.wish).Slots[0].ID
		return s.join()
	}
	ordinary := func(v *village, window time.Duration) care.Ask {
		berend := v.driver("Berend", 0)
		return v.askOf(v.within(v.person("Dina", 2), window), berend)
	}
	for name, row := range map[string]struct {
		of     func(*village, time.Duration) care.Ask
		at     time.Time
		window time.Duration // before and after the hour
		code   string
	}{
		"a year ago":                              {ordinary, thursday().AddDate(-1, 0, 0), 0, "visit_past"},
		"in a year":                               {ordinary, thursday().AddDate(1, 0, 0), 0, "visit_outside_slot"},
		"before what was asked for":               {ordinary, thursday().Add(-10 * time.Minute), 0, "visit_outside_slot"},
		"the only hour":                           {ordinary, thursday(), 0, ""},
		"inside a window":                         {ordinary, thursday().Add(5 * time.Minute), 30 * time.Minute, ""},
		"to join a year ago":                      {join, thursday().AddDate(-1, 0, 0), 0, "visit_past"},
		"to join in a year":                       {join, thursday().AddDate(1, 0, 0), 0, "visit_outside_slot"},
		"to join before what was asked for":       {join, thursday().Add(-10 * time.Minute), 0, "visit_outside_slot"},
		"to join after what was asked for":        {join, thursday().Add(10 * time.Minute), 0, "visit_outside_slot"},
		"to join at the only hour":                {join, thursday(), 0, ""},
		"to join inside a window":                 {join, thursday().Add(5 * time.Minute), 30 * time.Minute, ""},
		"to join inside a window, yet not Anna's": {join, thursday().Add(50 * time.Minute), time.Hour, "helper_busy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVillage(t)
			ask := row.of(v, row.window)
			v.at(ask.AskFrom)
			request := v.requestOfAsk(ask.ID)
			c := v.as(ask.Helper)
			_, err := v.AcceptAsk(t.Context(), c, ask.ID, row.at)
			if care.CodeOf(err) != row.code {
				t.Fatalf("got %v, want %q", err, row.code)
			}
			v.run()
			if row.code != "" {
				if got, _ := v.request(request).Ask(ask.ID); got.State != care.Asked {
					t.Errorf("the question is %+v", got)
				}
				v.must(accept(v, v.App, v.as(ask.Helper), ask.ID))
				return
			}
			if visits := v.request(request).Visits; len(visits) != 1 || !visits[0].At.From.Equal(row.at) || visits[0].State != care.VisitSet {
				t.Errorf("agreed %+v, said %s", visits, row.at)
			}
			_, err = v.AcceptAsk(t.Context(), c, ask.ID, row.at)
			v.must(err) // sent again
		})
	}
}

// within is a ride on Thursday that begins at most so long before or after nine.
func (v *village) within(resident care.PersonID, window time.Duration) care.RequestID {
	v.t.Helper()
	n := rideOf(thursday())
	n.Community = v.here
	if window > 0 {
		n.Slots[0].Start, n.Slots[0].End, n.Slots[0].Duration = thursday().Add(-window), thursday().Add(window+2*time.Hour), 2*time.Hour
	}
	id, err := v.AskForHelp(v.t.Context(), v.as(resident), n)
	v.must(err)
	v.run()
	return id
}

func (v *village) requestOfAsk(id care.AskID) care.RequestID {
	v.t.Helper()
	found, err := v.Stores.Requests.Find(v.t.Context(), port.Key{Name: app.ByAsk, Value: string(id)}, port.Page{Limit: 1})
	v.must(err)
	return found[0].Value.ID
}

// Who said that they drive no more after they were asked, and says yes all the same, comes.
func TestAYesCountsAlthoughItsOfferHasEnded(t *testing.T) {
	for name, ask := range map[string]func(*village) care.Ask{
		"to a question": func(v *village) care.Ask {
			berend := v.driver("Berend", 0)
			return v.askOf(v.ride(v.person("Dina", 2), thursday()), berend)
		},
		"to a joint way": func(v *village) care.Ask { return sharing(v).join() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVillage(t)
			ask := ask(v)
			c := v.as(ask.Helper)
			mine, err := v.Offers(t.Context(), c, page())
			v.must(err)
			v.must(v.EndOffer(t.Context(), v.as(ask.Helper), mine[0].Value.ID))
			v.run()
			v.must(accept(v, v.App, c, ask.ID))
			v.run()
			if visits := v.request(v.requestOfAsk(ask.ID)).Visits; len(visits) != 1 || visits[0].State != care.VisitSet {
				t.Errorf("the visits are %+v", visits)
			}
		})
	}
}
