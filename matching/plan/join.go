package plan

import (
	"math"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
	"naober/matching/ride"
)

// Drive is a ride that a driver has agreed to: the need, and the hour that was agreed.
type Drive struct {
	Need matching.Need
	At   care.Interval
}

const (
	// grace is how long somebody waits to be fetched beyond the time they asked for, and for the way back.
	// Assumed: a quarter of an hour, with whom a neighbour drives, and half an hour after an appointment.
	grace, graceBack = 15 * time.Minute, 30 * time.Minute
	// boarding is how long getting in or out takes. Assumed.
	boarding = 2 * time.Minute
	// mostDetour is what one ride more may cost a driver at most, there and back together. Assumed.
	mostDetour = 20 * time.Minute
	// inDay is how long before the first and after the last ride a driver's day may begin and end.
	inDay = 4 * time.Hour
)

// Join is how much longer a driver is on the way who takes one ride more along with those agreed on the
// same day, there and back: rounded up to the minute. False where it does not fit: a rule keeps them out
// for another reason than the hours of these rides, the car is too small, somebody would be fetched more
// than a quarter of an hour late or be under way half as long again and ten minutes, or the detour is
// more than twenty minutes.
//
// The way there goes to its best place among the stops as they stand, the way back to its best after
// that, and the other way round; the shorter counts. The agreed stops keep their order.
func Join(n matching.Need, driver matching.Candidate, agreed []Drive) (time.Duration, bool) {
	if n.Request.Ride == nil || len(agreed) == 0 || !mayDrive(n, driver, agreed) {
		return 0, false
	}
	trip, ok := tripOf(driver, agreed)
	if !ok {
		return 0, false
	}
	legs := legsOf(n, n.Slot.Start, n.Slot.LatestStart())
	best, some := mostDetour+1, false
	for _, order := range orders(legs) {
		if cost, ok := insertAll(trip, order); ok && cost < best {
			best, some = cost, true
		}
	}
	return (best + time.Minute - 1).Truncate(time.Minute), some
}

// mayDrive asks the rules with the agreed rides out of the driver's book.
func mayDrive(n matching.Need, driver matching.Candidate, agreed []Drive) bool {
	var book []care.Agreed
	for _, a := range driver.Helper.Agreed {
		if !drives(agreed, a.Request, a.Slot) {
			book = append(book, a)
		}
	}
	driver.Helper.Agreed = book
	_, ok := matching.Suit(n, driver)
	return ok
}

func drives(agreed []Drive, r care.RequestID, s care.SlotID) bool {
	for _, d := range agreed {
		if d.Need.Request.ID == r && d.Need.Slot.ID == s {
			return true
		}
	}
	return false
}

func orders(legs []ride.Ride) [][]ride.Ride {
	if len(legs) < 2 {
		return [][]ride.Ride{legs}
	}
	return [][]ride.Ride{legs, {legs[1], legs[0]}}
}

// tripOf lays out a driver's day, from their home and back.
func tripOf(driver matching.Candidate, agreed []Drive) (ride.Trip, bool) {
	from, until := agreed[0].At.From, agreed[0].At.Until
	for _, d := range agreed {
		if d.At.From.Before(from) {
			from = d.At.From
		}
		if back := d.Need.Request.Ride.ReturnAt; back.After(until) {
			until = back
		}
		if d.At.Until.After(until) {
			until = d.At.Until
		}
	}
	home := onPlane(driver.Home)
	trip := ride.Trip{Vehicle: ride.Vehicle{Start: home, End: home, From: from.Add(-inDay).Unix(), To: until.Add(inDay).Unix(),
		Longest: int64(until.Sub(from)/time.Second) + 2*int64(inDay/time.Second), Room: roomOf(driver.Offer.Vehicle)}}
	for _, d := range agreed {
		for _, leg := range legsOf(d.Need, d.At.From, d.At.From) {
			var ok bool
			if trip, _, ok = insert(trip, leg, math.MaxInt32); !ok {
				return trip, false
			}
		}
	}
	return trip, true
}

func roomOf(v care.Vehicle) ride.Load {
	room := ride.Load{Seats: v.Seats}
	if v.Wheelchair {
		room.Wheelchairs = 1
	}
	return room
}

// insertAll is by how much the rides lengthen a trip, one after the other at its best place.
func insertAll(trip ride.Trip, legs []ride.Ride) (time.Duration, bool) {
	total := int64(0)
	for _, leg := range legs {
		next, detour, ok := insert(trip, leg, int64(mostDetour/time.Second)-total)
		if !ok {
			return 0, false
		}
		trip, total = next, total+detour
	}
	return time.Duration(total) * time.Second, true
}

func insert(trip ride.Trip, leg ride.Ride, most int64) (ride.Trip, int64, bool) {
	f := ride.NewFleet(seconds, perMetre, 5_000, 3600)
	if _, ok := f.Add(trip); !ok {
		return trip, 0, false
	}
	at, ok := f.NewFinder().Best(leg, most)
	if !ok {
		return trip, 0, false
	}
	k := len(trip.Rides)
	next := ride.Trip{Vehicle: trip.Vehicle, Rides: append(append([]ride.Ride{}, trip.Rides...), leg)}
	next.Visits = append(next.Visits, trip.Visits[:at.Pickup]...)
	next.Visits = append(next.Visits, ride.Visit{Ride: k})
	next.Visits = append(next.Visits, trip.Visits[at.Pickup:at.Dropoff]...)
	next.Visits = append(next.Visits, ride.Visit{Ride: k, Dropoff: true})
	next.Visits = append(next.Visits, trip.Visits[at.Dropoff:]...)
	return next, at.Detour, true
}

// legsOf is a ride as the way there, fetched in a window, and the way back where there is one.
func legsOf(n matching.Need, from, latest time.Time) []ride.Ride {
	d := n.Request.Ride
	if until := from.Add(grace); until.After(latest) {
		latest = until
	}
	load := ride.Load{Seats: d.Passengers}
	if d.Wheelchair {
		load.Wheelchairs = 1
	}
	home, there := onPlane(n.Request.Where.Point), onPlane(d.To.Point)
	legs := []ride.Ride{leg(home, there, from, latest, load)}
	if d.ReturnAt.After(from) && d.ReturnAt.Sub(from) < 24*time.Hour {
		legs = append(legs, leg(there, home, d.ReturnAt, d.ReturnAt.Add(graceBack), load))
	}
	return legs
}

func leg(from, to ride.Point, earliest, latest time.Time, load ride.Load) ride.Ride {
	longest := seconds(from, to)*3/2 + 600
	service := int64(boarding / time.Second)
	return ride.Ride{Pickup: ride.Stop{At: from, From: earliest.Unix(), To: latest.Unix(), Service: service},
		Dropoff: ride.Stop{At: to, From: earliest.Unix(), To: latest.Unix() + service + longest, Service: service}, Longest: longest, Load: load}
}

// perMetre is how many seconds a metre takes at least: by car at 50 kilometres an hour, along roads that
// are 1.3 times the straight line, as matching takes both.
const perMetre = 1.3 * 3.6 / 50

func seconds(a, b ride.Point) int64 { return int64(math.Ceil(math.Hypot(a.X-b.X, a.Y-b.Y) * perMetre)) }

// onPlane lays a place on a plane in metres, good to a thousandth as far as anybody is driven: east and
// north of the middle of the province.
func onPlane(p care.Point) ride.Point {
	middle := care.Point{Lat: 52.86, Lon: 6.6}
	x := place.Distance(middle, care.Point{Lat: middle.Lat, Lon: p.Lon})
	y := place.Distance(middle, care.Point{Lat: p.Lat, Lon: middle.Lon})
	return ride.Point{X: math.Copysign(x, p.Lon-middle.Lon), Y: math.Copysign(y, p.Lat-middle.Lat)}
}
