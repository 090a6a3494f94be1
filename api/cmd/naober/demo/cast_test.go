package demo

import (
	"testing"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
)

// storyRide is to the hospital on the first Thursday at ten, back at noon, with a walking frame, for
// somebody who lives so many metres from the centre of the stage.
func storyRide(w *World, now time.Time, metres, angle float64, c care.Circumstances) matching.Need {
	centre := place.ByName(stage)[0].Point
	start := thursdays(now, 1)[0].Add(30 * time.Minute)
	s := care.Slot{ID: "slot", Start: start, End: start.Add(3 * time.Hour), Seats: 1}
	hospital := Hospital()
	r := care.Request{ID: "request", Community: w.Cast[0].Community, For: "newcomer", Kind: care.RideKind, Circumstances: c,
		Where: care.Place{Point: place.CellOf(away(centre, metres, angle)).Centre, Town: stage}, Urgency: care.Ordinary, Phase: care.Live, Slots: []care.Slot{s},
		Ride: &care.Ride{To: care.Place{Point: hospital.Point, Town: hospital.Town}, ReturnAt: start.Add(2 * time.Hour), Passengers: 1, Walker: true}}
	return matching.Need{Request: r, Slot: s, Now: now}
}

func pool(w *World, in care.CommunityID) []matching.Candidate {
	homes, helpers := map[care.PersonID]care.Person{}, map[care.PersonID]care.Helper{}
	for _, p := range w.Persons {
		homes[p.ID] = p
	}
	for _, h := range w.Helpers {
		helpers[h.Person] = h
	}
	var all []matching.Candidate
	for _, o := range w.Offers {
		if o.Community == in {
			p := homes[o.Helper]
			all = append(all, matching.Candidate{Person: p.ID, Home: place.CellOf(p.Home.Point).Centre, Gender: p.Gender, Helper: helpers[o.Helper], Offer: o})
		}
	}
	return all
}

// The story's ride fits three drivers in a fixed order, and keeps each other one of the cast out by
// the rule that the cast names; nobody else of the village fits.
func TestTheCastPlaysTheStorysRide(t *testing.T) {
	alone := care.Circumstances{AloneIndoors: true}
	for name, tc := range map[string]struct {
		seed   uint64
		now    time.Time
		metres float64
		around care.Circumstances
	}{
		"on a Monday":                         {1, founded, 0, alone},
		"on the Wednesday before":             {1, founded.AddDate(0, 0, 2).Add(5 * time.Hour), 0, alone},
		"on a Sunday":                         {1, founded.AddDate(0, 0, -1), 0, alone},
		"in another world":                    {99, founded, 0, alone},
		"at the last of a month":              {1, time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC), 0, alone},
		"from the edge of the village":        {3, founded, 250, alone},
		"where the summer has another hour":   {1, time.Date(2026, 7, 6, 8, 0, 0, 0, time.UTC), 0, alone},
		"where no paper is asked for a ride":  {1, founded, 0, care.Circumstances{}},
		"two days after the demo was started": {5, founded.AddDate(0, 0, 1), 0, alone},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.seed, tc.now)
			n := storyRide(w, tc.now, tc.metres, 1, tc.around)
			ranking := matching.Rank(n, pool(w, n.Request.Community))
			parts, rules := map[care.PersonID]Part{}, map[care.PersonID]matching.RuleCode{}
			for _, p := range w.Cast {
				parts[p.Person] = p
			}
			var fitting []string
			for _, f := range ranking.Fitting {
				fitting = append(fitting, parts[f.Candidate.Person].Name)
			}
			if len(fitting) != 3 || fitting[0] != "driver_near" || fitting[1] != "driver_second" || fitting[2] != "driver_third" {
				t.Errorf("fitting: %v", fitting)
			}
			for _, x := range ranking.RuledOut {
				rules[x.Person] = x.Rule
			}
			for _, p := range w.Cast {
				want := p.RuledOut
				if want == matching.VettingMissing && !tc.around.AloneIndoors {
					want = matching.VehicleUnfit
				}
				if rules[p.Person] != want {
					t.Errorf("%s is ruled out by %q, want %q", p.Name, rules[p.Person], want)
				}
			}
		})
	}
}

func TestEveryPartIsThereOnce(t *testing.T) {
	w := newWorld(t, 1, founded)
	names, people, mails := map[string]bool{}, map[care.PersonID]bool{}, map[string]bool{}
	for _, p := range w.Cast {
		if names[p.Name] || people[p.Person] || mails[p.Mail] || p.Person == "" || p.Mail == "" {
			t.Errorf("part %+v", p)
		}
		names[p.Name], people[p.Person], mails[p.Mail] = true, true, true
	}
	for _, name := range []string{"resident", "fixed_worker", "deputy", "desk_worker", "moderator", "administrator", "professional", "formal_care"} {
		if !names[name] {
			t.Errorf("nobody plays the %s", name)
		}
	}
	for _, s := range w.Phones {
		if people[s.Person] {
			t.Errorf("the cast has a phone of its own: %s", s.Device)
		}
	}
}

func TestOnlyTheCastDrivesOnTheStage(t *testing.T) {
	w := newWorld(t, 1, founded)
	stageID := w.Cast[0].Community
	people := map[care.PersonID]bool{}
	for _, p := range w.Cast {
		people[p.Person] = true
	}
	for _, o := range w.Offers {
		if o.Community == stageID && !people[o.Helper] {
			for _, k := range o.Kinds {
				if k == care.RideKind {
					t.Errorf("a helper outside the cast offers rides: %s", o.Helper)
				}
			}
		}
	}
}
