package matching

import (
	"fmt"
	"time"

	"naober/matching/care"
)

// The world of these tests: Monday 23 November 2026, ten in the morning in Grolloo.
var (
	now     = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	grolloo = care.Point{Lat: 52.935, Lon: 6.67222}
	assen   = care.Point{Lat: 52.993, Lon: 6.549}
)

const village = care.CommunityID("village")

func north(metres float64) care.Point {
	return care.Point{Lat: grolloo.Lat + metres/111_195.0802, Lon: grolloo.Lon}
}

// at is an hour of local time so many days from now; the zone is an hour ahead of UTC.
func at(days, hour, minute int) time.Time {
	return time.Date(2026, 11, 23+days, hour-1, minute, 0, 0, time.UTC)
}

// company is an hour's company on Thursday at two.
func company() Need {
	return on(care.Request{Kind: care.CompanyKind}, care.Slot{Start: at(3, 14, 0), End: at(3, 15, 0)})
}

// ride is to the hospital in Assen on Thursday at ten, back at noon, with a walking frame.
func ride() Need {
	return on(care.Request{Kind: care.RideKind, Ride: &care.Ride{To: care.Place{Point: assen, Town: "Assen"},
		ReturnAt: at(3, 12, 0), Passengers: 1, Walker: true}}, care.Slot{Start: at(3, 10, 0), End: at(3, 12, 30)})
}

func on(r care.Request, s care.Slot) Need {
	r.ID, r.Community, r.For, r.Phase, r.Urgency = "request", village, "resident", care.Live, care.Ordinary
	r.Where = care.Place{Point: grolloo, Town: "Grolloo"}
	s.ID, s.Seats = "slot", 1
	r.Slots = []care.Slot{s}
	return Need{Request: r, Slot: s, Now: now}
}

// neighbour fits company and ride: a driver a kilometre away, free all week, with everything in order.
func neighbour() Candidate {
	person := care.PersonID("neighbour")
	quiet := care.DefaultQuiet("Europe/Amsterdam")
	return Candidate{Person: person, Home: north(1_000), Gender: care.Woman,
		Helper: care.Helper{Person: person, Quiet: quiet,
			Approvals: []care.Approval{{Community: village, State: care.Approved}},
			Vettings:  []care.Vetting{{Kind: "vog", SeenBy: "desk", SeenAt: at(-100, 12, 0), ValidUntil: at(100, 12, 0)}}},
		Offer: care.Offer{ID: "offer", Helper: person, Community: village, Kinds: []care.Kind{care.CompanyKind, care.RideKind},
			Availability: always(), Radius: 5_000, Travel: care.ByBike, Languages: []string{"nl"}, Skills: []string{"dementia"},
			Vehicle: care.Vehicle{Seats: 3, Walker: true}}}
}

func always() care.Availability {
	a := care.Availability{Zone: "Europe/Amsterdam"}
	for day := range 7 {
		a.Weekly = append(a.Weekly, care.Window{Day: time.Weekday(day), Start: 0, End: 24 * 60})
	}
	return a
}

// thursdays are the hours of an offer for that day only.
func thursdays(from, until int) care.Availability {
	return care.Availability{Zone: "Europe/Amsterdam",
		Weekly: []care.Window{{Day: time.Thursday, Start: care.Clock(from * 60), End: care.Clock(until * 60)}}}
}

// named gives the candidate another name, and a home so many metres from Grolloo.
func (c Candidate) named(person string, metres float64) Candidate {
	c.Person, c.Helper.Person, c.Offer.Helper = care.PersonID(person), care.PersonID(person), care.PersonID(person)
	c.Offer.ID, c.Home = care.OfferID("offer of "+person), north(metres)
	return c
}

// street is a pool of n neighbours, each a hundred metres further than the one before.
func street(n int) []Candidate {
	var pool []Candidate
	for i := range n {
		pool = append(pool, neighbour().named(fmt.Sprintf("p%02d", i), float64(100*(i+1))))
	}
	return pool
}

func booked(from, until time.Time) care.Agreed {
	return care.Agreed{Nonce: "n", Visit: "other", At: care.Interval{From: from, Until: until}}
}
