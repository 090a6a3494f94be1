package app_test

import (
	"testing"

	"naober/api/app"
	"naober/matching/care"
)

// TestWhatIsAskedForInHospitalWaits: whoever is in hospital, or for whom the desk asks meanwhile, has
// nobody sent to an empty house; back home, the village is asked.
func TestWhatIsAskedForInHospitalWaits(t *testing.T) {
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna := v.person("Anna", 1)
		v.driver("Berend", 2)
		v.must(v.LeaveFor(ctx, v.as(v.worker), anna, care.Absence{State: care.InHospital}))
		v.run()
		n := rideOf(thursday())
		n.Community = v.here
		atOnce, err := v.AskForHelp(ctx, v.as(anna), n)
		v.must(err)
		n.Publish = false
		later, err := v.AskForHelp(ctx, v.as(anna), n)
		v.must(err)
		v.must(v.PublishRequest(ctx, v.as(anna), later, false))
		n.Publish, n.For, n.Channel, n.Consent = true, anna, care.ByPhone, care.Spoken
		forHer, err := v.AskForHelp(ctx, v.as(v.worker), n)
		v.must(err)
		from := thursday().AddDate(0, 0, 1)
		v.must(v.AddSlots(ctx, v.as(anna), atOnce, []app.NewSlot{{Start: from, End: from.Add(n.Slots[0].End.Sub(n.Slots[0].Start)), Seats: 1}}))
		v.run()
		all := []care.RequestID{atOnce, later, forHer}
		for _, id := range all {
			if r := v.request(id); len(r.Asks) > 0 || r.Phase != care.Live || r.Rest == nil || !r.NextActionAt.After(v.clock()) {
				t.Fatalf("asked %v, phase %s, rest %v, next at %v", r.Asks, r.Phase, r.Rest, r.NextActionAt)
			}
		}
		v.must(v.ReturnFrom(ctx, v.as(anna), anna))
		v.run()
		asked := 0
		for _, id := range all {
			asked += len(v.open(id))
			if r := v.request(id); r.Rest != nil {
				t.Errorf("back, and it rests: %+v", r.Rest)
			}
		}
		if asked == 0 { // about which of the three comes first
			t.Error("back, and nobody is asked")
		}
	})
}

// TestALifeThatChangesBesideAPublication: a process stalls at each call of a publication while its
// person goes to hospital, or comes back. At rest the request is what their life asks for.
func TestALifeThatChangesBesideAPublication(t *testing.T) {
	for _, back := range []bool{false, true} {
		v := newVillage(t)
		p, s := prepare(v, func(v *village) scenario {
			anna := v.person("Anna", 1)
			v.driver("Berend", 2)
			if back {
				v.must(v.LeaveFor(t.Context(), v.as(v.worker), anna, care.Absence{State: care.InHospital}))
			}
			return draftOf(v, anna)
		})
		anna := v.called("Anna")
		for at := 1; ; at++ {
			w, end := p.world()
			other := w.machine(&tap{})
			late := &tap{at: at, how: stalled, meanwhile: func() {
				if back {
					w.must(other.ReturnFrom(t.Context(), w.as(anna), anna))
				} else {
					w.must(other.LeaveFor(t.Context(), w.as(w.worker), anna, care.Absence{State: care.InHospital}))
				}
				w.rest(other, &tap{})
			}}
			_, err := s.do(t.Context(), w.machine(late).App)
			w.must(err)
			w.rest(other, &tap{})
			for _, r := range eachOf(w, w.Stores.Requests) {
				if stalls := len(late.made()) >= at; stalls && (r.Rest == nil) != back {
					t.Errorf("stalled before call %d, back %v: rest %+v, asked %v", at, back, r.Rest, r.Asks)
				}
			}
			end()
			if len(late.made()) < at {
				break
			}
		}
	}
}
