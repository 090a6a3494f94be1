package plan

import (
	"fmt"
	"math/rand/v2"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// The world of these tests: Monday 23 November 2026, ten in the morning in Grolloo.
var (
	now     = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	grolloo = care.Point{Lat: 52.935, Lon: 6.67222}
)

const village = care.CommunityID("village")

func east(metres float64) care.Point {
	return care.Point{Lat: grolloo.Lat, Lon: grolloo.Lon + metres/67_000}
}

// at is an hour of local time so many days from now; the zone is an hour ahead of UTC.
func at(days, hour, minute int) time.Time {
	return time.Date(2026, 11, 23+days, hour-1, minute, 0, 0, time.UTC)
}

// need is an hour's company for somebody, with one seat.
func need(name string, start time.Time, window time.Duration) matching.Need {
	s := care.Slot{ID: care.SlotID("slot of " + name), Start: start, End: start.Add(window), Duration: time.Hour, Seats: 1}
	r := care.Request{ID: care.RequestID("request of " + name), Community: village, For: care.PersonID(name), Phase: care.Live,
		Urgency: care.Ordinary, Kind: care.CompanyKind, Where: care.Place{Point: grolloo, Town: "Grolloo"}, Slots: []care.Slot{s}}
	return matching.Need{Request: r, Slot: s, Now: now}
}

// helper is a neighbour by bike who takes questions every hour, so many metres away, free all week.
func helper(name string, metres float64) matching.Candidate {
	person := care.PersonID(name)
	quiet := care.DefaultQuiet("Europe/Amsterdam")
	quiet.MinGap = time.Hour
	week := care.Availability{Zone: "Europe/Amsterdam"}
	for day := range 7 {
		week.Weekly = append(week.Weekly, care.Window{Day: time.Weekday(day), Start: 0, End: 24 * 60})
	}
	return matching.Candidate{Person: person, Home: east(metres),
		Helper: care.Helper{Person: person, Quiet: quiet, Approvals: []care.Approval{{Community: village, State: care.Approved}},
			Vettings: []care.Vetting{{Kind: "vog", SeenBy: "desk", SeenAt: at(-100, 12, 0), ValidUntil: at(100, 12, 0)}}},
		Offer: care.Offer{ID: care.OfferID("offer of " + name), Helper: person, Community: village,
			Kinds: []care.Kind{care.CompanyKind}, Availability: week, Radius: 20_000, Travel: care.ByBike, Languages: []string{"nl"}}}
}

// task is a need with everybody of a pool who fits.
func task(n matching.Need, pool ...matching.Candidate) Task {
	return Task{Need: n, Fitting: matching.Rank(n, pool).Fitting, Places: 1}
}

// draw makes a small world in which people are scarce and times meet.
func draw(r *rand.Rand, fixed bool) []Task {
	pool := make([]matching.Candidate, 1+r.IntN(4))
	for i := range pool {
		pool[i] = helper(fmt.Sprintf("helper %d", i), float64(200+r.IntN(8_000)))
		pool[i].Helper.Quiet.MonthlyLimit = 1 + r.IntN(4)
		pool[i].Offer.Radius = 2_000 + r.IntN(8_000)
		pool[i].KnownFace = r.IntN(3) == 0
		if r.IntN(3) == 0 {
			from := at(3, 8+r.IntN(8), 0)
			pool[i].Helper.Agreed = []care.Agreed{{Visit: "other", At: care.Interval{From: from, Until: from.Add(time.Hour)}}}
		}
	}
	tasks := make([]Task, 1+r.IntN(5))
	for i := range tasks {
		window := time.Hour
		if !fixed {
			window += time.Duration(r.IntN(5)) * time.Hour
		}
		n := need(fmt.Sprintf("resident %d", i), at(2+r.IntN(2), 9+r.IntN(4), 30*r.IntN(2)), window)
		n.Request.Urgency = []care.Urgency{care.Ordinary, care.Today, care.Urgent}[r.IntN(3)]
		if r.IntN(5) == 0 {
			n.Slot.Seats = 2
			n.Request.Slots[0].Seats = 2
		}
		tasks[i] = task(n, pool...)
		tasks[i].Places = n.Slot.Seats
		if r.IntN(4) == 0 {
			tasks[i].Face = pool[r.IntN(len(pool))].Person
		}
	}
	return tasks
}

// week is so many times among so many people, each free on some days.
func week(r *rand.Rand, times, people int) []Task {
	pool := make([]matching.Candidate, people)
	for i := range pool {
		pool[i] = helper(fmt.Sprintf("helper %03d", i), float64(200+r.IntN(12_000)))
		pool[i].Helper.Quiet = care.DefaultQuiet("Europe/Amsterdam")
		pool[i].Offer.Radius = 3_000 + r.IntN(10_000)
		pool[i].Offer.Availability.Weekly = pool[i].Offer.Availability.Weekly[:0]
		for day := range 7 {
			if r.IntN(2) == 0 {
				start := care.Clock(60 * (8 + r.IntN(6)))
				pool[i].Offer.Availability.Weekly = append(pool[i].Offer.Availability.Weekly, care.Window{Day: time.Weekday(day), Start: start, End: start + 5*60})
			}
		}
	}
	tasks := make([]Task, times)
	for i := range tasks {
		window := time.Duration(1+r.IntN(4)) * time.Hour
		tasks[i] = task(need(fmt.Sprintf("resident %03d", i), at(1+r.IntN(7), 9+r.IntN(8), 0), window), pool...)
	}
	return tasks
}
