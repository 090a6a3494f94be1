package app_test

import (
	"slices"
	"testing"

	"naober/api/app"
	"naober/matching/care"
)

// Dina goes along with Anna. Whichever of the two blocks the other, and whenever, Dina's visit falls out and
// Anna's stays, with its own hours.
func TestTwoWhoAreKeptApartShareNoCar(t *testing.T) {
	for name, annaBlocks := range map[string]bool{"Anna blocks": true, "Dina blocks": false} {
		block := func(s shared) error {
			if annaBlocks {
				return s.BlockPerson(s.t.Context(), s.as(s.anna), s.here, s.dina)
			}
			return s.BlockPerson(s.t.Context(), s.as(s.dina), s.here, s.anna)
		}
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				s := sharing(v)
				alone := s.book()
				v.must(accept(v, v.App, v.as(s.berend), s.join().ID))
				v.run()
				v.must(block(s))
				v.run()
				s.partedFrom(alone)
				v.must(block(s)) // said once more it changes nothing
				v.run()
				s.partedFrom(alone)
			})
		})
		t.Run(name+" before the yes is firm", func(t *testing.T) {
			eachStore(t, func(t *testing.T, v *village) {
				s := sharing(v)
				alone, ask := s.book(), s.join()
				wake := v.frozen(func(a *app.App) error { return accept(v, a, v.as(s.berend), ask.ID) })
				v.must(block(s))
				v.run()
				if err := wake(); err != nil {
					v.refused(err, "journey_changed")
				}
				v.run()
				s.partedFrom(alone)
			})
		})
	}
}

// partedFrom holds that Anna goes alone, as was agreed with her, and somebody is looked for for Dina.
func (s shared) partedFrom(alone []care.Agreed) {
	s.t.Helper()
	if book := s.book(); len(book) != 1 || book[0].At != alone[0].At || book[0].Visit != s.visit.ID || len(book[0].Joins) != 0 {
		s.t.Errorf("the book has %+v, want %+v", book, alone)
	}
	if got := s.comes(s.visit0()); got != s.visit {
		s.t.Errorf("Anna's visit has become %+v", got)
	}
	r := s.request(s.wish)
	if slices.ContainsFunc(r.Visits, care.Visit.Upcoming) || r.FreeSeats(s.slot, s.clock()) != 1 {
		s.t.Errorf("Dina's visits are %+v", r.Visits)
	}
	for _, x := range r.Visits {
		if x.State != care.VisitCalledOff || x.EndedBy != care.Server || x.Reason != "helper_unavailable" || r.Todo != care.TodoReturned {
			s.t.Errorf("Dina's visit is %+v, the owner has to look at %q", x, r.Todo)
		}
	}
	if found := s.look(); len(found) != 0 {
		s.t.Errorf("the desk is shown %+v", found)
	}
}
