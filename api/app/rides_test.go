package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/matching"
	"naober/matching/care"
	"naober/matching/plan"
)

// often lets a driver be asked every minute.
func (v *village) often(p care.PersonID) care.PersonID {
	v.t.Helper()
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.MinGap = time.Minute
	v.must(v.SetQuiet(v.t.Context(), v.as(p), q))
	return p
}

// party is a ride for so many that nobody was asked for yet.
func (v *village) party(resident care.PersonID, from time.Time, passengers int) care.RequestID {
	v.t.Helper()
	n := rideOf(from)
	n.Community, n.Ride.Passengers = v.here, passengers
	id, err := v.AskForHelp(v.t.Context(), v.as(resident), n)
	v.must(err)
	return id
}

// ridesOn is Thursday as the desk plans it, and holds what is true of every plan: who is proposed has all
// stops of the ride in the one journey, in order, and each ride has one state.
func (v *village) ridesOn() app.RidesView {
	v.t.Helper()
	view, err := v.PlanRides(v.t.Context(), v.as(v.worker), v.here, thursday())
	v.must(err)
	planned := map[care.RequestID]bool{}
	for _, tour := range view.Tours {
		for _, r := range tour.Rides {
			var stops []app.JourneyStop
			for _, s := range tour.Stops {
				if s.Request == r.Request {
					stops = append(stops, s)
				}
			}
			for i, s := range stops {
				if want := (app.JourneyStop{Request: r.Request, Back: i >= 2, Out: i%2 == 1, At: s.At}); s != want || i > 0 && s.At.Before(stops[i-1].At) {
					v.t.Errorf("the stops of %s are %+v", r.Request, stops)
				}
			}
			if len(stops) != 4 && v.request(r.Request).Ride.Returns(v.request(r.Request).Slots[0]) || planned[r.Request] {
				v.t.Errorf("%s has %d stops, or two journeys", r.Request, len(stops))
			}
			planned[r.Request] = true
		}
	}
	for _, t := range view.Rides {
		if planned[t.Request] != (t.State == app.PlanProposed) {
			v.t.Errorf("%s is %s", t.Request, t.State)
		}
	}
	return view
}

func (v *village) state(view app.RidesView, id care.RequestID) app.PlannedTime {
	v.t.Helper()
	i := slices.IndexFunc(view.Rides, func(t app.PlannedTime) bool { return t.Request == id })
	if i < 0 {
		v.t.Fatalf("%s is no ride of %+v", id, view.Rides)
	}
	return view.Rides[i]
}

// carry asks and joins all that a plan says, one turn after the other, with everybody saying yes.
func (v *village) carry() {
	v.t.Helper()
	ctx := v.t.Context()
	for range 10 {
		view := v.ridesOn()
		done := true
		for _, tour := range view.Tours {
			for _, r := range tour.Rides {
				var ask care.AskID
				switch {
				case r.Step == plan.StepAsk:
					answers, err := v.AskPlanned(ctx, v.as(v.worker), v.here, []app.PlannedAsk{{Request: r.Request, Slot: r.Slot, Helper: tour.Driver.ID, Offer: tour.Offer}})
					if v.must(err); answers[0].Refused != "" {
						v.t.Fatalf("%+v is refused: %s", r, answers[0].Refused)
					}
					ask = answers[0].Ask
				case r.Step == plan.StepJoin && r.Visit != "":
					var err error
					ask, err = v.AskJourney(ctx, v.as(v.worker), r.Request, r.Slot, r.Visit)
					v.must(err)
				default:
					continue
				}
				done = false
				v.pass(2 * time.Minute)
				v.must(accept(v, v.App, v.as(tour.Driver.ID), ask))
				break // the next one is worked out on what is agreed by then
			}
		}
		if done {
			return
		}
	}
	v.t.Fatal("there is always one more to ask")
}

// TestADayOfRidesIsPlannedTogether: each of the two drivers could take one of three rides. Together they
// take all three, which the desk asks for by what it has, and which they have in their books afterwards.
func TestADayOfRidesIsPlannedTogether(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna, dina, emma := v.person("Anna", 1), v.person("Dina", 2), v.person("Emma", -6)
		berend, corrie := v.often(v.driver("Berend", 0)), v.often(v.driver("Corrie", -5))
		wishes := []care.RequestID{v.party(anna, thursday(), 1), v.party(dina, thursday(), 1), v.party(emma, thursday(), 2)}
		view := v.ridesOn()
		if len(view.Tours) != 2 || len(view.Rides) != 3 {
			t.Fatalf("planned %+v", view)
		}
		for _, tour := range view.Tours {
			var steps []plan.Step
			for i, r := range tour.Rides {
				steps = append(steps, r.Step)
				if r.Turn != i+1 || r.Visit != "" || r.Step == plan.StepAsk && r.Detour != 0 || r.Detour > 20*time.Minute {
					t.Errorf("the ride is %+v", r)
				}
			}
			switch tour.Driver.ID {
			case berend:
				if !slices.Equal(steps, []plan.Step{plan.StepAsk, plan.StepJoin}) || tour.Together >= tour.Apart || tour.Together%time.Minute != 0 {
					t.Errorf("Berend drives %+v", tour)
				}
			case corrie:
				if !slices.Equal(steps, []plan.Step{plan.StepAsk}) || tour.Together != tour.Apart || tour.Rides[0].Request != wishes[2] {
					t.Errorf("Corrie drives %+v", tour)
				}
			}
		}
		for p, reads := range map[care.PersonID]int{berend: 2, corrie: 1} {
			if seen, err := v.Views(ctx, v.as(p), page()); err != nil || len(seen) != reads || seen[0].What != "candidate" {
				t.Errorf("the log has %+v, %v", seen, err)
			}
		}
		v.carry()
		v.run()
		books := map[care.PersonID]int{}
		for _, id := range wishes {
			visits := v.request(id).Visits
			if len(visits) != 1 || visits[0].State != care.VisitSet || !visits[0].At.From.Equal(thursday()) {
				t.Errorf("the visits are %+v", visits)
				continue
			}
			books[visits[0].Helper]++
		}
		if books[berend] != 2 || books[corrie] != 1 {
			t.Errorf("they drive %v", books)
		}
		v.apartInBook(berend)
		if left := v.ridesOn(); len(left.Rides) != 0 || len(left.Tours) != 0 {
			t.Errorf("planned once more: %+v", left)
		}
	})
}

func (v *village) apartInBook(p care.PersonID) {
	v.t.Helper()
	h, err := v.Stores.Helpers.Get(v.t.Context(), p)
	v.must(err)
	for i, one := range h.Value.Agreed {
		for _, other := range h.Value.Agreed[:i] {
			joined := slices.Contains(one.Joins, other.Visit) || slices.Contains(other.Joins, one.Visit)
			if one.At.Overlaps(other.At) && !joined {
				v.t.Errorf("%+v overlaps %+v", one, other)
			}
		}
	}
}

// What is agreed stays, and is what another one joins at once; whoever drives nobody else is proposed too.
func TestARideJoinsWhatIsAgreed(t *testing.T) {
	v := newVillage(t)
	s := sharing(v)
	view := v.ridesOnly(s.wish, app.PlanProposed)
	rides := view.Tours[0].Rides
	want := app.TourRide{Request: s.visit0(), Slot: s.visit.Slot, Step: plan.StepAgreed, Hour: s.visit.At, Visit: s.visit.ID}
	if len(view.Tours) != 1 || len(rides) != 2 || rides[0] != want || rides[1].Step != plan.StepJoin || rides[1].Visit != s.visit.ID || rides[1].Turn != 1 {
		t.Fatalf("planned %+v", view)
	}
	if one := s.look(); one[0].Detour != rides[1].Detour || one[0].Hour != rides[1].Hour || !slices.Equal(one[0].Stops, view.Tours[0].Stops) {
		t.Errorf("planned %+v, as a journey it is %+v", view.Tours[0], one)
	}
	v.carry()
	v.run()
	if got := s.comes(s.wish); got.Helper != s.berend || got.State != care.VisitSet {
		t.Errorf("Dina's visit is %+v", got)
	}
	if got := s.comes(s.visit0()); got != s.visit {
		t.Errorf("Anna's visit has become %+v", got)
	}
	v.apartInBook(s.berend)
}

// ridesOnly is Thursday with one open ride that is in this state, and with a journey where it is proposed.
func (v *village) ridesOnly(id care.RequestID, state app.PlanState) app.RidesView {
	v.t.Helper()
	view := v.ridesOn()
	if got := v.state(view, id); got.State != state || (state == app.PlanProposed) != (len(view.Tours) > 0) {
		v.t.Fatalf("%s is %+v of %+v", id, got, view)
	}
	return view
}

// Who may not drive is not proposed, two who do not meet share no car, and the desk learns why nobody comes.
func TestADayOfRidesKeepsToTheRules(t *testing.T) {
	for name, c := range map[string]struct {
		state app.PlanState
		make  func(s shared) care.RequestID
	}{
		"what joins": {app.PlanProposed, func(s shared) care.RequestID { return s.wish }},
		"who blocked the other": {app.PlanNobody, func(s shared) care.RequestID {
			s.must(s.BlockPerson(s.t.Context(), s.as(s.anna), s.here, s.dina))
			return s.wish
		}},
		"a driver who blocked them": {app.PlanNobody, func(s shared) care.RequestID {
			s.must(s.BlockPerson(s.t.Context(), s.as(s.berend), s.here, s.dina))
			return s.wish
		}},
		"a paused driver": {app.PlanNobody, func(s shared) care.RequestID {
			pause := care.Decision{Rule: "house_rules.3@1", Reason: "rest", Until: s.clock().AddDate(0, 1, 0)}
			s.must(s.PauseHelper(s.t.Context(), s.as(s.mod), s.here, s.berend, pause))
			return s.wish
		}},
		"a driver who was asked": {app.PlanAsked, func(s shared) care.RequestID {
			s.join()
			return s.wish
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sharing(newVillage(t))
			s.ridesOnly(c.make(s), c.state)
		})
	}
}

func TestADayOfRidesSaysWhyNobodyComes(t *testing.T) {
	v := newVillage(t)
	anna, dina := v.person("Anna", 1), v.person("Dina", 2)
	one := v.wish(anna, thursday())
	v.ridesOnly(one, app.PlanNobody)
	v.nearby("Corrie", 9, 1_000)
	if got := v.state(v.ridesOnly(one, app.PlanNobody), one); !slices.Equal(got.Counts, []matching.Count{{Rule: matching.TooFar, People: 1}}) {
		t.Errorf("Corrie goes a kilometre: %+v", got)
	}
	berend := v.driver("Berend", 0)
	two := v.party(dina, thursday(), 3) // with whom the car is full
	view := v.ridesOn()
	states := []app.PlanState{v.state(view, one).State, v.state(view, two).State}
	if slices.Sort(states); !slices.Equal(states, []app.PlanState{app.PlanProposed, app.PlanTaken}) {
		t.Errorf("two rides for one car: %v", states)
	}
	mine, err := v.Offers(t.Context(), v.as(berend), page())
	v.must(err)
	o := mine[0].Value
	o.Boxed = &care.Boxed{At: care.Interval{From: thursday().Add(-time.Hour), Until: thursday().Add(4 * time.Hour)}, From: "Grolloo", To: "Assen", Seats: 2}
	o.ID, o.Availability = "", care.Availability{}
	_, err = v.MakeOffer(t.Context(), v.as(berend), o)
	v.must(err)
	v.must(v.EndOffer(t.Context(), v.as(berend), mine[0].Value.ID))
	v.ridesOnly(one, app.PlanOffered)
}

// A day is refused that would take too long: of 60 rides it is planned, of one more it is not.
func TestADayOfRidesMayBeTooLarge(t *testing.T) {
	v := newVillage(t)
	n := rideOf(thursday())
	n.Community = v.here
	for len(n.Slots) < 20 {
		n.Slots = append(n.Slots, n.Slots[0])
	}
	for i := range 4 {
		if i == 3 {
			n.Slots = n.Slots[:1]
			if view := v.ridesOn(); len(view.Rides) != 60 {
				t.Errorf("%d rides", len(view.Rides))
			}
		}
		_, err := v.AskForHelp(t.Context(), v.as(v.person("Anna", i)), n)
		v.must(err)
	}
	_, err := v.PlanRides(t.Context(), v.as(v.worker), v.here, thursday())
	v.refused(err, "plan_too_large")
}

func TestADayOfRidesIsForTheDesk(t *testing.T) {
	v := newVillage(t)
	ctx := t.Context()
	anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
	v.wish(anna, thursday())
	for _, p := range []care.PersonID{anna, berend, v.mod, v.nurse, v.intake} {
		if _, err := v.PlanRides(ctx, v.as(p), v.here, thursday()); care.CodeOf(err) != "desk_only" {
			t.Errorf("%s plans: %v", p, err)
		}
	}
	there, err := v.CreateCommunity(ctx, care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.987, Lon: 6.647}, Zone: "Europe/Amsterdam"})
	v.must(err)
	elsewhere := v.person("Roelie", 9)
	_, err = v.GrantFirstRole(ctx, care.Membership{Person: elsewhere, Community: there, Role: care.DeskWorker})
	v.must(err)
	_, err = v.PlanRides(ctx, v.as(elsewhere), v.here, thursday())
	v.refused(err, "desk_only")
	if view, err := v.PlanRides(ctx, v.as(elsewhere), there, thursday()); err != nil || len(view.Rides) != 0 {
		t.Errorf("Rolde has %+v, %v", view, err)
	}
	view, err := v.PlanRides(ctx, v.as(v.worker), v.here, time.Time{})
	if v.must(err); len(view.Rides) != 0 || len(view.Tours) != 0 {
		t.Errorf("today has %+v", view)
	}
}

func ridesScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"PlanRides": func(v *village) scenario {
			s := sharing(v)
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.PlanRides(ctx, c, s.here, thursday())
				return err
			})
		},
	}
}
