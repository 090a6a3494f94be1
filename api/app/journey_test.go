package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// shared is a village in which Berend drives Anna to Assen on Thursday, and Dina, who lives on his way,
// finds nobody for the same hours.
type shared struct {
	*village
	anna, dina, berend care.PersonID
	visit              care.Visit
	wish               care.RequestID
	slot               care.SlotID
}

func sharing(v *village) shared { return sharingFrom(v, 1, 2) }

// sharingFrom lets Anna and Dina live so many kilometres east of the church.
func sharingFrom(v *village, anna, dina int) shared {
	v.t.Helper()
	s := shared{village: v, anna: v.person("Anna", anna), dina: v.person("Dina", dina), berend: v.driver("Berend", 0)}
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.MinGap = time.Minute
	v.must(v.SetQuiet(v.t.Context(), v.as(s.berend), q))
	s.visit = v.planned(s.anna, s.berend)
	s.wish = v.wish(s.dina, thursday())
	v.run()
	s.slot = v.request(s.wish).Slots[0].ID
	return s
}

func (s shared) look() []app.JourneyView {
	s.t.Helper()
	found, err := s.Journeys(s.t.Context(), s.as(s.worker), s.wish, s.slot)
	s.must(err)
	return found
}

func (s shared) join() care.Ask {
	s.t.Helper()
	id, err := s.AskJourney(s.t.Context(), s.as(s.worker), s.wish, s.slot, s.visit.ID)
	s.must(err)
	ask := s.askOf(s.wish, s.berend)
	if ask.ID != id || ask.Joins != s.visit.ID {
		s.t.Fatalf("asked %+v, answered %s", ask, id)
	}
	return ask
}

func (s shared) book() []care.Agreed {
	s.t.Helper()
	h, err := s.Stores.Helpers.Get(s.t.Context(), s.berend)
	s.must(err)
	return h.Value.Agreed
}

func (s shared) comes(id care.RequestID) care.Visit {
	s.t.Helper()
	visits := s.request(id).Visits
	if len(visits) == 0 {
		s.t.Fatal("nobody comes")
	}
	return visits[len(visits)-1]
}

// TestTheDeskJoinsTwoRides: nobody is free for Dina, joining costs some minutes, Berend is asked for just
// that, says yes, and comes to both.
func TestTheDeskJoinsTwoRides(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		s, ctx := sharing(v), t.Context()
		if asks := v.open(s.wish); len(asks) != 0 {
			t.Fatalf("asked for Dina: %v", asks)
		}
		found := s.look()
		if len(found) != 1 || found[0].Visit != s.visit.ID || found[0].Driver.ID != s.berend || found[0].Detour <= 0 || found[0].Detour > 20*time.Minute || len(found[0].Stops) != 8 {
			t.Fatalf("found %+v", found)
		}
		if seen, err := v.Views(ctx, v.as(s.berend), page()); err != nil || !slices.ContainsFunc(seen, func(l app.SeenView) bool { return l.What == "candidate" && l.Request == s.wish }) {
			t.Errorf("Berend's log has %+v, %v", seen, err)
		}
		ask := s.join()
		_, why, err := v.WhyAsked(ctx, v.as(s.berend), ask.ID)
		if v.must(err); why[0].Key != matching.ReasonJourney || why[0].Params["visit"] != string(s.visit.ID) || why[0].Params["minutes"] == "0" {
			t.Errorf("asked because of %+v", why)
		}
		v.run()
		v.must(accept(v, v.App, v.as(s.berend), ask.ID))
		v.run()
		if got := s.comes(s.wish); got.State != care.VisitSet || got.Helper != s.berend || !got.At.From.Equal(thursday()) {
			t.Errorf("Dina's visit is %+v", got)
		}
		if got := s.comes(s.visit0()); got != s.visit {
			t.Errorf("Anna's visit has become %+v", got)
		}
		if book := s.book(); len(book) != 2 || !slices.Equal(book[1].Joins, []care.VisitID{s.visit.ID}) || !book[1].At.Contains(book[0].At) {
			t.Errorf("the book has %+v", book)
		}
		if left := s.look(); len(left) != 0 {
			t.Errorf("a ride that is arranged joins %+v", left)
		}
	})
}

func (s shared) visit0() care.RequestID {
	s.t.Helper()
	found, err := s.Stores.Requests.Find(s.t.Context(), port.Key{Name: app.ByVisit, Value: string(s.visit.ID)}, port.Page{Limit: 1})
	s.must(err)
	return found[0].Value.ID
}

// Whichever of the two is called off, the other stays as it was agreed, and takes its own hours only.
func TestOneOfTwoWhoShareIsCalledOff(t *testing.T) {
	for _, gone := range []string{"the one who joined", "the one who was joined"} {
		t.Run(gone, func(t *testing.T) {
			v := newVillage(t)
			s := sharingFrom(v, 6, 2)
			v.must(accept(v, v.App, v.as(s.berend), s.join().ID))
			v.run()
			whole := s.book()
			off, by, left := s.comes(s.wish), s.dina, s.visit.ID
			if gone != "the one who joined" {
				off, by, left = s.visit, s.anna, s.comes(s.wish).ID
			}
			v.must(v.CancelVisit(t.Context(), v.as(by), off.ID, "ill"))
			v.run()
			book := s.book()
			if len(book) != 1 || book[0].Visit != left || len(book[0].Joins) != 0 || !whole[1].At.Contains(book[0].At) {
				t.Fatalf("the book has %+v", book)
			}
			if gone != "the one who joined" && book[0].At == whole[1].At {
				t.Error("Dina alone takes what both took")
			}
			found, err := v.Stores.Requests.Find(t.Context(), port.Key{Name: app.ByVisit, Value: string(left)}, port.Page{Limit: 1})
			v.must(err)
			if stays, err := found[0].Value.Visit(left); err != nil || stays.State != care.VisitSet {
				t.Errorf("what is left is %+v, %v", stays, err)
			}
		})
	}
}

// A yes is to the journey as it stands by then.
func TestAYesToAJourneyIsJudgedAnew(t *testing.T) {
	for name, meanwhile := range map[string]func(s shared) error{
		"the other one is called off": func(s shared) error {
			return s.CancelVisit(s.t.Context(), s.as(s.anna), s.visit.ID, "ill")
		},
		"the other one blocks them": func(s shared) error {
			return s.BlockPerson(s.t.Context(), s.as(s.anna), s.here, s.dina)
		},
		"the car has become too small": func(s shared) error {
			mine, err := s.Offers(s.t.Context(), s.as(s.berend), page())
			s.must(err)
			o := mine[0].Value
			o.Vehicle.Seats = 1
			return s.EditOffer(s.t.Context(), s.as(s.berend), o.ID, o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			s := sharing(v)
			ask := s.join()
			s.must(meanwhile(s))
			c := v.as(s.berend)
			v.refused(accept(v, v.App, c, ask.ID), "journey_changed")
			v.refused(accept(v, v.process(v.Stores), c, ask.ID), "journey_changed")
			if got, err := v.request(s.wish).Ask(ask.ID); err != nil || got.State != care.StoodDown || got.Reason != "journey_changed" {
				t.Errorf("the question is %+v, %v", got, err)
			}
			v.run()
			if len(v.request(s.wish).Visits) != 0 {
				t.Error("somebody comes all the same")
			}
		})
	}
}

// A question to join a visit is taken back when that ends, whoever ends it, and a yes that crosses it is
// refused for the same reason as one that comes before.
func TestAQuestionToJoinEndsWithItsJourney(t *testing.T) {
	for name, end := range map[string]func(s shared) error{
		"the resident calls it off": func(s shared) error { return s.CancelVisit(s.t.Context(), s.as(s.anna), s.visit.ID, "ill") },
		"the driver calls it off":   func(s shared) error { return s.CancelVisit(s.t.Context(), s.as(s.berend), s.visit.ID, "ill") },
		"the request is withdrawn":  func(s shared) error { return s.WithdrawRequest(s.t.Context(), s.as(s.anna), s.visit0(), "solved") },
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				s := sharing(v)
				ask := s.join()
				v.run()
				v.must(end(s))
				v.run()
				if got, err := v.request(s.wish).Ask(ask.ID); err != nil || got.State != care.StoodDown || got.Reason != care.JourneyGone {
					t.Fatalf("the question is %+v, %v", got, err)
				}
				c := v.as(s.berend)
				v.refused(accept(v, v.App, c, ask.ID), "journey_changed")
				v.refused(accept(v, v.process(v.Stores), c, ask.ID), "journey_changed")
				if len(v.request(s.wish).Visits) != 0 {
					t.Error("somebody comes all the same")
				}
				if a := v.request(s.wish); a.FreeSeats(s.slot, v.clock()) != 1 {
					t.Errorf("the ride is not open any more: %+v", a)
				}
			})
		})
	}
}

// A question that is written after its journey was called off, by a process that had looked before, is taken
// back all the same; one to a journey that stands is not.
func TestAQuestionToJoinThatComesTooLate(t *testing.T) {
	for want, off := range map[care.AskState]bool{care.Asked: false, care.StoodDown: true} {
		v := newVillage(t)
		s := sharing(v)
		if off {
			v.must(v.CancelVisit(t.Context(), v.as(s.anna), s.visit.ID, "ill"))
			v.run()
		}
		wish := v.wish(v.person("Emma", 2), thursday())
		id := care.DeriveID[care.AskID](v.clock(), "late")
		_, err := v.Stores.Requests.Update(t.Context(), wish, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
			ask := care.Ask{ID: id, Slot: r.Slots[0].ID, Helper: s.berend, Nonce: care.Nonce(id), Joins: s.visit.ID, AskFrom: v.clock(), LapsesAt: v.clock().Add(time.Hour)}
			return r.AskHelper(ask, v.clock())
		})
		v.must(err)
		v.run()
		if got, err := v.request(wish).Ask(id); err != nil || got.State != want {
			t.Errorf("called off %v: the question is %+v, %v", off, got, err)
		}
	}
}

// Of two who could join, both of whom were asked for, the second has no seat left by then.
func TestTwoYesesToOneJourney(t *testing.T) {
	v := newVillage(t)
	s := sharing(v)
	emma := v.person("Emma", 2)
	n := rideOf(thursday())
	n.Community, n.Ride.Passengers = v.here, 2
	other, err := v.AskForHelp(t.Context(), v.as(emma), n)
	v.must(err)
	slot := v.request(other).Slots[0].ID
	first := s.join()
	v.pass(5 * time.Minute)
	second, err := v.AskJourney(t.Context(), v.as(v.worker), other, slot, s.visit.ID)
	v.must(err)
	v.must(accept(v, v.App, v.as(s.berend), second))
	v.refused(accept(v, v.second(), v.as(s.berend), first.ID), "journey_changed")
	if book := s.book(); len(book) != 2 {
		t.Errorf("the book has %+v", book)
	}
}

func TestJourneysAreForTheDesk(t *testing.T) {
	v := newVillage(t)
	s, ctx := sharing(v), t.Context()
	for who, code := range map[care.PersonID]string{s.dina: "desk_only", s.anna: "request_not_found", s.berend: "request_not_found", v.mod: "desk_only", v.intake: "request_not_found"} {
		if _, err := v.Journeys(ctx, v.as(who), s.wish, s.slot); care.CodeOf(err) != code {
			t.Errorf("%s looks: %v, want %s", who, err, code)
		}
		if _, err := v.AskJourney(ctx, v.as(who), s.wish, s.slot, s.visit.ID); care.CodeOf(err) != code {
			t.Errorf("%s asks: %v, want %s", who, err, code)
		}
	}
	_, err := v.AskJourney(ctx, v.as(v.worker), s.wish, s.slot, "01JDB8Q4M2ZT6R0V9XKFW3E7HN")
	v.refused(err, "visit_not_found")
	v.must(v.BlockPerson(ctx, v.as(s.dina), v.here, s.anna))
	if found := s.look(); len(found) != 0 {
		t.Errorf("two who do not meet share %+v", found)
	}
	_, err = v.AskJourney(ctx, v.as(v.worker), s.wish, s.slot, s.visit.ID)
	v.refused(err, "journey_changed")
}

func journeyScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"Journeys": func(v *village) scenario {
			s := sharing(v)
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.Journeys(ctx, c, s.wish, s.slot)
				return err
			})
		},
		"AskJourney": func(v *village) scenario {
			s := sharing(v)
			c := v.as(v.worker)
			return made(func(ctx context.Context, a *app.App) (care.AskID, error) {
				return a.AskJourney(ctx, c, s.wish, s.slot, s.visit.ID)
			})
		},
		"AcceptAsk/journey": func(v *village) scenario {
			s := sharing(v)
			ask, c := s.join(), v.as(s.berend)
			return made(func(ctx context.Context, a *app.App) (care.AskID, error) {
				return a.AcceptAsk(ctx, c, ask.ID, time.Time{})
			})
		},
	}
}
