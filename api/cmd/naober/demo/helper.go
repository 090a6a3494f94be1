package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"naober/matching/care"
)

// life is how somebody's days look, and so when and with what they help.
type life struct {
	kinds []care.Kind
	hours []care.Window
	most  int // kinds of help they offer
}

// addHelper makes a resident a helper of their village: a book, an approval, an offer.
func (w *World) addHelper(r *rand.Rand, v *village, p care.Person, age int) {
	w.join(care.Membership{Person: p.ID, Community: v.id, Role: care.Volunteer}, 400)
	h := care.NewHelper(p.ID, quietOf(r), w.ago(400))
	h.Approvals = []care.Approval{{Community: v.id, State: care.Applied, AppliedAt: w.ago(2 + r.IntN(8))}}
	state := r.IntN(100)
	if state >= 7 {
		h.Approvals = []care.Approval{w.approval(v, p.ID, 30+r.IntN(360))}
		if chance(r, 82) {
			h.Vettings = []care.Vetting{w.vog(v, 30+r.IntN(360))}
		}
	}
	if state >= 96 {
		h.Pauses = []care.Pause{w.pause(v, p.ID, 10+r.IntN(40))}
	}
	w.Helpers = append(w.Helpers, h)
	w.Offers = append(w.Offers, w.offer(r, v, p, age))
}

func (w *World) approval(v *village, of care.PersonID, days int) care.Approval {
	return care.Approval{Community: v.id, State: care.Approved, AppliedAt: w.ago(days + 5),
		Decision: care.Decision{ID: id[care.DecisionID](w, "approval", string(v.id), string(of)), Rule: "welkom.1@1", Reason: "Kennismaking aan huis.", By: v.team.moderator, At: w.ago(days)}}
}

func (w *World) vog(v *village, days int) care.Vetting {
	return care.Vetting{Kind: care.VettingKind(care.RequireVOG), SeenBy: v.team.moderator, SeenAt: w.ago(days), ValidUntil: w.ago(days).AddDate(3, 0, 0)}
}

func (w *World) pause(v *village, of care.PersonID, days int) care.Pause {
	return care.Pause{Community: v.id, Decision: care.Decision{ID: id[care.DecisionID](w, "pause", string(v.id), string(of)), Rule: "huisregels.3@1",
		Reason: "Eerst een gesprek over afspraken die niet doorgingen.", By: v.team.moderator, At: w.ago(5), Until: w.At.AddDate(0, 0, days)}}
}

// quietOf is the rest somebody wants: mostly what everybody gets.
func quietOf(r *rand.Rand) care.Quiet {
	q := care.DefaultQuiet(zone)
	q.MonthlyLimit = pick(r, []int{4, 8, 8, 8, 12})
	if chance(r, 15) {
		q.Night = care.Night{Start: 22 * 60, End: 7 * 60}
	}
	return q
}

func (w *World) offer(r *rand.Rand, v *village, p care.Person, age int) care.Offer {
	days := lifeOf(r, age)
	o := care.Offer{ID: id[care.OfferID](w, "offer", string(p.ID)), Helper: p.ID, Community: v.id,
		Availability: care.Availability{Zone: zone, Weekly: days.hours}, Languages: languages(r), CreatedAt: w.ago(60 + r.IntN(300))}
	o.Kinds = some(r, 1+r.IntN(days.most), days.kinds)
	drives := age >= 22 && age < 84 && chance(r, 75)
	switch {
	case drives:
		o.Travel, o.Radius = pick(r, []care.TravelMode{care.ByCar, care.ByCar, care.ByBike}), 5_000+1_000*r.IntN(16)
		o.Vehicle = care.Vehicle{Seats: 1 + r.IntN(4), Walker: chance(r, 60), Wheelchair: chance(r, 6)}
	case chance(r, 75):
		o.Travel, o.Radius = care.ByBike, 2_000+500*r.IntN(10)
	default:
		o.Travel, o.Radius = care.OnFoot, 1_000+250*r.IntN(5)
	}
	// Rides in the village of the story are for its cast alone.
	if drives && v.place.Name != stage && chance(r, 55) {
		o.Kinds = append(o.Kinds, care.RideKind)
	}
	return o
}

func languages(r *rand.Rand) []string {
	spoken := []string{"nl"}
	for _, other := range []string{"de", "en", "pl", "ar"} {
		if chance(r, 12) {
			spoken = append(spoken, other)
		}
	}
	return spoken
}

// lifeOf draws the days of somebody of an age: school, work, work in part, or none any more.
func lifeOf(r *rand.Rand, age int) life {
	working := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	switch {
	case age < 23:
		return life{kinds: []care.Kind{care.DigitalKind, care.PetKind, care.GardenKind, care.GroceriesKind}, most: 2,
			hours: hours(some(r, 2, working), "15:30", "18:30", weekend("10:00", "17:00")...)}
	case age >= 67:
		return life{kinds: []care.Kind{care.GroceriesKind, care.CompanyKind, care.GardenKind, care.MealKind, care.PaperworkKind, care.DigitalKind, care.CheckInKind},
			most: 4, hours: hours(some(r, 2+r.IntN(4), working), pick(r, []string{"09:00", "09:30", "10:00"}), pick(r, []string{"12:30", "16:00", "17:30"}))}
	case chance(r, 35):
		return life{kinds: []care.Kind{care.GroceriesKind, care.CompanyKind, care.MealKind, care.PetKind, care.HouseholdKind, care.CheckInKind, care.DayActivityKind},
			most: 3, hours: hours(some(r, 2, working), "09:00", "14:30")}
	}
	return life{kinds: []care.Kind{care.GroceriesKind, care.OddJobKind, care.GardenKind, care.PaperworkKind, care.DigitalKind, care.PetKind}, most: 3,
		hours: hours(some(r, 1+r.IntN(3), working), "18:30", "21:00", weekend("09:00", "17:00")...)}
}

// hours are the same hours on some days, and others beside.
func hours(days []time.Weekday, from, until string, more ...care.Window) []care.Window {
	var all []care.Window
	for _, d := range days {
		all = append(all, window(d, from, until))
	}
	return slices.Concat(all, more)
}

func weekend(from, until string) []care.Window {
	return []care.Window{window(time.Saturday, from, until)}
}

// window is written with clock times that are constants of this package, so none fails to parse; a
// wrong one gives an offer that the world's own test refuses.
func window(day time.Weekday, from, until string) care.Window {
	start, _ := care.ParseClock(from)
	end, _ := care.ParseClock(until)
	return care.Window{Day: day, Start: start, End: end}
}
