package demo

import (
	"math"
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
)

// stage is the village in which the story is played.
const stage = "Grolloo"

// Part is one named person of the story, with a mail address that stays. Nobody of the cast acts
// by themselves.
type Part struct {
	Name      string              `json:"part"` // how a script calls it: "driver_near"
	Person    care.PersonID       `json:"person"`
	FirstName string              `json:"firstName"`
	LastName  string              `json:"lastName"`
	Mail      string              `json:"mail"`
	Town      string              `json:"town"`      // where they live
	Community care.CommunityID    `json:"community"` // the stage, whose staff or neighbour this is
	Works     care.OrganizationID `json:"organization,omitempty"`
	Roles     []care.Role         `json:"roles"`
	// RuledOut is the rule that keeps a driver from the story's ride; empty for the three who fit
	// and for everybody who is no driver.
	RuledOut matching.RuleCode `json:"ruledOut,omitempty"`
}

// driver is a helper of the stage with a car. A ride from the stage to Assen on a Thursday morning
// fits exactly those without a rule.
type driver struct {
	part, first, last string
	gender            care.Gender
	cell              int // of their home: how many of the village lie nearer to its centre
	rule              matching.RuleCode
	change            func(w *World, v *village, h *care.Helper, o *care.Offer) // what makes the rule true
}

// drivers begin with the three who fit, in the order in which they are asked: a home in a farther cell
// comes later.
func drivers() []driver {
	return []driver{
		{"driver_near", "Jan", "Hoving", care.Man, 0, "", nil},
		{"driver_second", "Grietje", "Oosting", care.Woman, 4, "", nil},
		{"driver_third", "Henk", "Mulder", care.Man, 5, "", nil},
		{"driver_applied", "Roelof", "Enting", care.Man, 0, matching.NotApproved, func(w *World, v *village, h *care.Helper, _ *care.Offer) {
			h.Approvals = []care.Approval{{Community: v.id, State: care.Applied, AppliedAt: w.ago(3)}}
		}},
		{"driver_paused", "Albert", "Brands", care.Man, 0, matching.Paused, func(w *World, v *village, h *care.Helper, _ *care.Offer) {
			h.Pauses = []care.Pause{w.pause(v, h.Person, 60)}
		}},
		{"driver_no_rides", "Aaltje", "Huizing", care.Woman, 0, matching.KindNotOffered, func(_ *World, _ *village, _ *care.Helper, o *care.Offer) {
			o.Kinds = []care.Kind{care.CompanyKind, care.GroceriesKind}
		}},
		// Small car and no VOG: ruled out by the paper where the ride asks for it, by the car where not.
		{"driver_no_vog", "Tinus", "Kamps", care.Man, 0, matching.VettingMissing, func(_ *World, _ *village, h *care.Helper, o *care.Offer) {
			h.Vettings, o.Vehicle.Walker = nil, false
		}},
		{"driver_small_car", "Fenna", "Lubbers", care.Woman, 0, matching.VehicleUnfit, func(_ *World, _ *village, _ *care.Helper, o *care.Offer) {
			o.Vehicle = care.Vehicle{Seats: 1}
		}},
		{"driver_to_emmen", "Harm", "Wolters", care.Man, 0, matching.JourneyElsewhere, toEmmen},
		{"driver_far", "Lammie", "Popken", care.Woman, 3, matching.TooFar, func(_ *World, _ *village, _ *care.Helper, o *care.Offer) {
			o.Radius = 1_000
		}},
		{"driver_mondays", "Geert", "Venema", care.Man, 0, matching.NotFreeWeekly, func(_ *World, _ *village, _ *care.Helper, o *care.Offer) {
			o.Availability.Weekly = hours([]time.Weekday{time.Monday, time.Tuesday}, "08:00", "18:00")
		}},
		// Every Thursday morning with a neighbour: see the errand.
		{"driver_visiting", "Klaas", "Nijboer", care.Man, 1, matching.VisitAgreed, nil},
		{"driver_at_limit", "Trijntje", "Smit", care.Woman, 0, matching.LimitReached, func(_ *World, _ *village, h *care.Helper, _ *care.Offer) {
			h.Quiet.MonthlyLimit = 0
		}},
		{"driver_resting", "Willem", "Dekker", care.Man, 0, matching.NoMomentToAsk, func(w *World, _ *village, h *care.Helper, _ *care.Offer) {
			h.Quiet.Paused = []care.Interval{{From: w.ago(2)}}
		}},
	}
}

// toEmmen makes the offer one journey, on the Thursday after next.
func toEmmen(w *World, _ *village, _ *care.Helper, o *care.Offer) {
	from := thursdays(w.At, 2)[1]
	o.Availability = care.Availability{}
	o.Boxed = &care.Boxed{At: care.Interval{From: from, Until: from.Add(4 * time.Hour)}, From: stage, To: "Emmen", Seats: 2}
}

// addCast puts the named people of the story on their stage.
func (w *World) addCast(all []*village) error {
	v := all[slices.IndexFunc(all, func(v *village) bool { return v.place.Name == stage })]
	w.nameStaff(v)
	resident := w.neighbour(v, "resident", "Roelie", "Boerma", care.Woman, 76, 0)
	w.enter(v, Part{Name: "resident", Person: resident.ID, Roles: []care.Role{care.Resident}})
	for n, d := range drivers() {
		w.addDriver(v, n, d)
	}
	visiting := slices.IndexFunc(w.Cast, func(p Part) bool { return p.Name == "driver_visiting" })
	return w.addErrand(resident, w.Cast[visiting].Person)
}

func (w *World) addDriver(v *village, n int, d driver) {
	p := w.neighbour(v, d.part, d.first, d.last, d.gender, 58+n, d.cell)
	w.join(care.Membership{Person: p.ID, Community: v.id, Role: care.Volunteer}, 400)
	h := care.NewHelper(p.ID, alwaysReachable(), w.ago(400))
	h.Approvals, h.Vettings = []care.Approval{w.approval(v, p.ID, 200)}, []care.Vetting{w.vog(v, 200)}
	every := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
	o := care.Offer{ID: id[care.OfferID](w, "offer", string(p.ID)), Helper: p.ID, Community: v.id, Kinds: []care.Kind{care.RideKind, care.GroceriesKind},
		Availability: care.Availability{Zone: zone, Weekly: hours(every, "07:00", "20:00")}, Radius: 10_000, Travel: care.ByCar,
		Vehicle: care.Vehicle{Seats: 3, Walker: true}, Languages: []string{"nl"}, CreatedAt: w.ago(150)}
	if d.change != nil {
		d.change(w, v, &h, &o)
	}
	w.Helpers, w.Offers = append(w.Helpers, h), append(w.Offers, o)
	w.enter(v, Part{Name: d.part, Person: p.ID, Roles: []care.Role{care.Resident, care.Volunteer}, RuledOut: d.rule})
}

// alwaysReachable lets a script ask the same person twice in an hour, on any day and as often as it
// likes; the night stays.
func alwaysReachable() care.Quiet {
	q := care.DefaultQuiet(zone)
	q.RestDays, q.MonthlyLimit, q.MinGap = nil, 60, 0
	return q
}

// neighbour is somebody of the cast who lives on the stage, in one of its cells.
func (w *World) neighbour(v *village, part, first, last string, g care.Gender, age, cell int) care.Person {
	r := dice(w.Seed, "cast", part)
	p := w.person(r, v, "cast "+part, 0, age)
	p.Gender = g
	near := slices.DeleteFunc(place.Cells(place.CellOf(v.place.Point).Centre), func(c place.Cell) bool { return c.Place.ID != v.place.ID })
	home := near[cell]
	p.Home.Point = away(home.Centre, 400*r.Float64(), 2*math.Pi*r.Float64())
	w.Persons = append(w.Persons, p)
	w.rename(p.ID, first, last, stage)
	w.join(care.Membership{Person: p.ID, Community: v.id, Role: care.Resident}, 700)
	return p
}

// nameStaff gives the staff of the stage, who also serve the villages around it, their fixed names.
func (w *World) nameStaff(v *village) {
	guarantor := id[care.OrganizationID](w, "professional", v.place.Municipality)
	provider := id[care.OrganizationID](w, "formal_care", providers()[0][0])
	for _, s := range []struct {
		part, first, last string
		person            care.PersonID
		works             care.OrganizationID
		roles             []care.Role
	}{
		{"fixed_worker", "Marieke", "Tangenberg", v.team.worker, "", []care.Role{care.FixedWorker}},
		{"deputy", "Edwin", "Schuiling", v.team.deputy, "", []care.Role{care.FixedWorker}},
		{"desk_worker", "Jolanda", "Fokkens", v.team.desk, "", []care.Role{care.DeskWorker}},
		{"moderator", "Siert", "Hadders", v.team.moderator, v.association, []care.Role{care.Moderator}},
		{"administrator", "Petra", "Warring", v.team.director, v.association, []care.Role{care.Administrator}},
		{"professional", "Ilse", "Rozema", w.holder(guarantor, care.GuarantorRole), guarantor, []care.Role{care.ProfessionalRole, care.GuarantorRole}},
		{"formal_care", "Frank", "Meijering", w.holder(provider, care.ProfessionalRole), provider, []care.Role{care.ProfessionalRole}},
	} {
		w.rename(s.person, s.first, s.last, "werk."+stage)
		w.enter(v, Part{Name: s.part, Person: s.person, Works: s.works, Roles: s.roles})
	}
}

// holder finds who holds a role in an organisation, deputies aside.
func (w *World) holder(o care.OrganizationID, role care.Role) care.PersonID {
	i := slices.IndexFunc(w.Memberships, func(m care.Membership) bool { return m.Organization == o && m.Role == role && !m.Deputy })
	return w.Memberships[i].Person
}

func (w *World) rename(p care.PersonID, first, last, at string) {
	i := w.indexOf(p)
	w.Persons[i].FirstName, w.Persons[i].LastName = first, last
	w.Persons[i].Contacts = []care.Contact{{Kind: care.Mail, Value: mailName(first, last) + "@" + domain(at)}}
}

func (w *World) indexOf(p care.PersonID) int {
	return slices.IndexFunc(w.Persons, func(one care.Person) bool { return one.ID == p })
}

// enter completes a part with the person's name and mail.
func (w *World) enter(v *village, part Part) {
	p := w.Persons[w.indexOf(part.Person)]
	part.FirstName, part.LastName, part.Mail = p.FirstName, p.LastName, p.Contacts[0].Value
	part.Town, part.Community = p.Home.Town, v.id
	w.Cast = append(w.Cast, part)
}

// Hospital is where the story's ride goes.
func Hospital() place.Destination { return place.Destinations()[0] }
