package demo

import (
	"cmp"
	"slices"
	"strconv"

	"naober/matching/care"
	"naober/matching/place"
)

// team is the staff of one village and of the smaller ones around it.
type team struct {
	seat                                      *village
	worker, deputy, desk, moderator, director care.PersonID
}

// employ gives every village its staff, every municipality its professionals, and the province its
// formal care. The staff live in the village where they sit.
func (w *World) employ(all []*village) {
	var teams []*team
	for _, v := range all {
		if v.own >= teamFrom {
			teams = append(teams, w.newTeam(v))
		}
	}
	for _, v := range all {
		v.team = slices.MinFunc(teams, func(a, b *team) int {
			return cmp.Compare(place.Distance(v.place.Point, a.seat.place.Point), place.Distance(v.place.Point, b.seat.place.Point))
		})
		w.staff(v)
	}
	w.guarantee(all)
	w.formalCare(all)
}

func (w *World) newTeam(seat *village) *team {
	t := &team{seat: seat}
	for i, who := range []*care.PersonID{&t.worker, &t.deputy, &t.desk, &t.moderator, &t.director} {
		*who = w.worker(seat, "staff", i)
	}
	return t
}

// worker invents somebody who works for a village and lives there.
func (w *World) worker(v *village, as string, n int) care.PersonID {
	r := dice(w.Seed, as, v.place.Label(), strconv.Itoa(n))
	p := w.person(r, v, as, n, 30+r.IntN(34))
	w.Persons = append(w.Persons, p)
	w.join(care.Membership{Person: p.ID, Community: v.id, Role: care.Resident}, 900)
	return p.ID
}

// staff seats the team in one village.
func (w *World) staff(v *village) {
	t := v.team
	w.join(care.Membership{Person: t.worker, Community: v.id, Role: care.FixedWorker}, 800)
	w.join(care.Membership{Person: t.deputy, Community: v.id, Role: care.FixedWorker, Deputy: true}, 800)
	w.join(care.Membership{Person: t.desk, Community: v.id, Role: care.DeskWorker}, 800)
	w.join(care.Membership{Person: t.moderator, Community: v.id, Organization: v.association, Role: care.Moderator}, 800)
	w.join(care.Membership{Person: t.director, Community: v.id, Organization: v.association, Role: care.Administrator}, 800)
}

// guarantee gives each municipality a district nurse who works in all its villages and must answer
// where nobody else did, and a colleague who deputises.
func (w *World) guarantee(all []*village) {
	seats := map[string]*village{}
	for _, v := range all {
		if s := seats[v.place.Municipality]; s == nil || v.own > s.own {
			seats[v.place.Municipality] = v
		}
	}
	nurses := map[string][2]care.PersonID{}
	for _, v := range all {
		town := v.place.Municipality
		team := id[care.OrganizationID](w, "professional", town)
		if _, there := nurses[town]; !there {
			nurses[town] = [2]care.PersonID{w.worker(seats[town], "professional", 0), w.worker(seats[town], "professional", 1)}
			w.join(care.Membership{Person: nurses[town][0], Organization: team, Role: care.GuarantorRole}, 800)
			w.join(care.Membership{Person: nurses[town][1], Organization: team, Role: care.GuarantorRole, Deputy: true}, 800)
		}
		for _, nurse := range nurses[town] {
			w.join(care.Membership{Person: nurse, Community: v.id, Organization: team, Role: care.ProfessionalRole}, 800)
		}
	}
}

// providers are the invented organisations of formal care, and the town where they sit.
func providers() [][2]string {
	return [][2]string{{"Thuiszorg De Hondsrug", "Assen"}, {"Zorggroep Zuidenveld", "Emmen"}}
}

func (w *World) formalCare(all []*village) {
	for _, name := range providers() {
		o := care.Organization{ID: id[care.OrganizationID](w, "formal_care", name[0]), Kind: care.FormalCare, Name: name[0], CreatedAt: w.ago(2_000)}
		w.Organizations = append(w.Organizations, o)
		seat := all[slices.IndexFunc(all, func(v *village) bool { return v.place.Name == name[1] })]
		w.join(care.Membership{Person: w.worker(seat, "formal_care", 0), Organization: o.ID, Role: care.ProfessionalRole}, 800)
	}
}
