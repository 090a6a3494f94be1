package app_test

import (
	"slices"
	"testing"
	"time"

	"naober/matching/care"
)

// A wave for Dina is full: Berend, who passes anyway, is the desk's own choice and asked besides, once.
func TestTheDeskAsksBesideAFullWave(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		anna, dina, emma := v.person("Anna", 1), v.person("Dina", 2), v.person("Emma", 2)
		berend := v.driver("Berend", 0)
		s := shared{village: v, anna: anna, dina: dina, berend: berend, visit: v.planned(anna, berend)}
		v.driver("Corrie", 1)
		v.driver("Dirk", 2)
		s.wish = v.ride(dina, thursday())
		s.slot = v.request(s.wish).Slots[0].ID
		if asks := v.open(s.wish); len(asks) != 2 || slices.Contains(asks, berend) {
			t.Fatalf("asked for Dina: %v", asks)
		}
		if found := s.look(); len(found) != 1 || found[0].Driver.ID != berend {
			t.Fatalf("found %+v", found)
		}
		ask := s.join()
		if asks := v.open(s.wish); len(asks) != 3 {
			t.Errorf("with Berend %v are asked", asks)
		}
		_, err := v.AskJourney(t.Context(), v.as(v.worker), s.wish, s.slot, s.visit.ID)
		v.refused(err, "asked_already")
		second := v.driver("Fokke", 1)
		other := v.planned(emma, second)
		if found := s.look(); len(found) != 0 {
			t.Errorf("while Berend is asked the desk is shown %+v", found)
		}
		_, err = v.AskJourney(t.Context(), v.as(v.worker), s.wish, s.slot, other.ID)
		v.refused(err, "wave_full")
		v.at(ask.AskFrom)
		v.must(accept(v, v.App, v.as(berend), ask.ID))
		v.run()
		if got := s.comes(s.wish); got.State != care.VisitSet || got.Helper != berend || len(v.open(s.wish)) != 0 {
			t.Errorf("Dina's visit is %+v, asked still %v", got, v.open(s.wish))
		}
	})
}

// Berend is asked for Anna and for Dina, and says yes to Anna. His question for Dina, to which he can say
// no yes any more, becomes one to take her along.
func TestAnOpenQuestionBecomesOneToJoin(t *testing.T) {
	for name, gap := range map[string]time.Duration{"that he has read": time.Minute, "that has not reached him": 20 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				s := shared{village: v, anna: v.person("Anna", 1), dina: v.person("Dina", 2), berend: v.driver("Berend", 0)}
				q := care.DefaultQuiet("Europe/Amsterdam")
				q.MinGap = gap
				v.must(v.SetQuiet(t.Context(), v.as(s.berend), q))
				first := v.ride(s.anna, thursday())
				s.wish = v.ride(s.dina, thursday())
				s.slot = v.request(s.wish).Slots[0].ID
				old := v.askOf(s.wish, s.berend)
				v.pass(5 * time.Minute)
				unread := old.AskFrom.After(v.clock())
				if unread != (gap > time.Hour) {
					t.Fatalf("asked from %v, it is %v", old.AskFrom, v.clock())
				}
				v.must(accept(v, v.App, v.as(s.berend), v.askOf(first, s.berend).ID))
				v.run()
				s.visit = s.comes(first)
				v.refused(accept(v, v.App, v.as(s.berend), old.ID), "helper_busy")
				if found := s.look(); len(found) != 1 || found[0].Driver.ID != s.berend {
					t.Fatalf("found %+v", found)
				}
				questions := len(s.helper().Questions)
				id, err := v.AskJourney(t.Context(), v.as(v.worker), s.wish, s.slot, s.visit.ID)
				v.must(err)
				r := v.request(s.wish)
				was, _ := r.Ask(old.ID)
				ask, _ := r.Ask(id)
				if was.State != care.StoodDown || was.Reason != "asked_to_join" || ask.State != care.Asked || ask.Joins != s.visit.ID || len(v.open(s.wish)) != 1 {
					t.Fatalf("%+v has become %+v", was, ask)
				}
				if more := len(s.helper().Questions) - questions; unread && (more != 0 || !ask.AskFrom.Equal(old.AskFrom)) || !unread && more != 1 {
					t.Errorf("it counts %d more, and comes at %v in place of %v", more, ask.AskFrom, old.AskFrom)
				}
				v.run()
				v.refused(accept(v, v.App, v.as(s.berend), old.ID), "ask_not_open")
				v.at(ask.AskFrom)
				v.must(accept(v, v.App, v.as(s.berend), id))
				v.run()
				for _, one := range []care.RequestID{first, s.wish} {
					if got := s.comes(one); got.State != care.VisitSet || got.Helper != s.berend {
						t.Errorf("a visit is %+v", got)
					}
				}
			})
		})
	}
}

// Whoever is not to be asked is not offered either, and the refusal says why, as far as the desk may know.
func TestTheDeskIsToldWhyADriverIsNotAsked(t *testing.T) {
	for name, row := range map[string]struct {
		before func(s shared) error
		code   string
	}{
		"they said no": {func(s shared) error {
			return s.DeclineAsk(s.t.Context(), s.as(s.berend), s.join().ID, "")
		}, "asked_already"},
		"they do not meet": {func(s shared) error { return s.BlockPerson(s.t.Context(), s.as(s.berend), s.here, s.dina) }, "not_available_now"},
		"they take no ride any more": {func(s shared) error {
			mine, err := s.Offers(s.t.Context(), s.as(s.berend), page())
			s.must(err)
			o := mine[0].Value
			o.Kinds = []care.Kind{care.CompanyKind}
			return s.EditOffer(s.t.Context(), s.as(s.berend), o.ID, o)
		}, "kind_not_offered"},
		"they are to be asked no more this month": {func(s shared) error {
			q := care.DefaultQuiet("Europe/Amsterdam")
			q.MonthlyLimit = 1
			return s.SetQuiet(s.t.Context(), s.as(s.berend), q)
		}, "not_available_now"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			s := sharing(v)
			v.must(row.before(s))
			if found := s.look(); len(found) != 0 {
				t.Errorf("the desk is shown %+v", found)
			}
			_, err := v.AskJourney(t.Context(), v.as(v.worker), s.wish, s.slot, s.visit.ID)
			v.refused(err, row.code)
		})
	}
}

func (s shared) helper() care.Helper {
	s.t.Helper()
	h, err := s.Stores.Helpers.Get(s.t.Context(), s.berend)
	s.must(err)
	return h.Value
}
