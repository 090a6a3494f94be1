package app_test

import (
	"testing"
	"time"

	"naober/matching/care"
	"naober/matching/plan"
)

// apartInBook holds that nothing in a book overlaps but what was joined.
// Berend has a small car and a bus, and three rides of which none fits both: all are planned, the small car's
// with the small car, and all can be asked as written.
func TestADriverWithTwoCars(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, dina, emma, berend := v.person("Anna", 1), v.person("Dina", 1), v.person("Emma", 1), v.often(v.driver("Berend", 0))
		mine, err := v.Offers(ctx, v.as(berend), page())
		v.must(err)
		small := mine[0].Value
		bus := small
		small.Vehicle, bus.Vehicle = care.Vehicle{Seats: 1, Walker: true}, care.Vehicle{Seats: 3}
		v.must(v.EditOffer(ctx, v.as(berend), small.ID, small))
		second, err := v.MakeOffer(ctx, v.as(berend), bus)
		v.must(err)
		v.run()
		wishes := map[care.RequestID]care.OfferID{}
		for who, row := range map[care.PersonID]struct {
			hour, passengers int
			walker           bool
			with             care.OfferID
		}{anna: {0, 1, true, small.ID}, dina: {4, 2, false, second}, emma: {4, 1, false, second}} {
			n := rideOf(thursday().Add(time.Duration(row.hour) * time.Hour))
			n.Community, n.Ride.Passengers, n.Ride.Walker = v.here, row.passengers, row.walker
			id, err := v.AskForHelp(ctx, v.as(who), n)
			v.must(err)
			wishes[id] = row.with
		}
		for _, tour := range v.ridesOn().Tours {
			for _, r := range tour.Rides {
				if wishes[r.Request] != tour.Offer {
					t.Errorf("%s is driven with %s, want %s", r.Request, tour.Offer, wishes[r.Request])
				}
			}
		}
		v.carry()
		v.run()
		for id, offer := range wishes {
			r := v.request(id)
			if len(r.Visits) != 1 || r.Visits[0].State != care.VisitSet {
				t.Fatalf("the visits are %+v", r.Visits)
			}
			if ask, err := r.Ask(r.Visits[0].Ask); err != nil || ask.Offer != offer {
				t.Errorf("it was agreed with %s, want %s", ask.Offer, offer)
			}
		}
	})
}

// A ride that begins after midnight belongs to the day on which its time begins, for the plan, the question and
// the yes alike.
func TestARideAfterMidnightJoins(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, dina, berend := v.person("Anna", 1), v.person("Dina", 2), v.often(v.driver("Berend", 0))
		mine, err := v.Offers(ctx, v.as(berend), page())
		v.must(err)
		night := mine[0].Value
		night.Availability.Weekly = nil
		for day := range 7 {
			night.Availability.Weekly = append(night.Availability.Weekly, care.Window{Day: time.Weekday(day), Start: 0, End: 6 * 60})
		}
		v.must(v.EditOffer(ctx, v.as(berend), night.ID, night))
		v.run()
		eve := time.Date(thursday().Year(), thursday().Month(), thursday().Day(), 22, 30, 0, 0, time.UTC) // 23:30 there
		var wishes []care.RequestID
		for _, who := range []care.PersonID{anna, dina} {
			n := rideOf(eve)
			n.Community, n.Ride.ReturnAt, n.Slots[0].End = v.here, time.Time{}, eve.Add(150*time.Minute)
			n.Slots[0].Duration = 30 * time.Minute
			id, err := v.AskForHelp(ctx, v.as(who), n)
			v.must(err)
			wishes = append(wishes, id)
		}
		if view := v.ridesOn(); len(view.Tours) != 1 || len(view.Tours[0].Rides) != 2 || view.Tours[0].Rides[1].Step != plan.StepJoin {
			t.Fatalf("planned %+v", view)
		}
		v.carry()
		v.run()
		joined, late := 0, 0
		for _, id := range wishes {
			r := v.request(id)
			if len(r.Visits) != 1 || r.Visits[0].State != care.VisitSet {
				t.Fatalf("the visits are %+v", r.Visits)
			}
			if !r.Visits[0].At.From.Before(eve.Add(30 * time.Minute)) {
				late++
			}
			if ask, err := r.Ask(r.Visits[0].Ask); err != nil || ask.Joins != "" {
				joined++
			}
		}
		if joined != 1 || late == 0 {
			t.Errorf("%d of two rides joined, %d begin after midnight", joined, late)
		}
	})
}
