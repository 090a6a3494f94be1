package plan

import (
	"math"
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
	"naober/matching/ride"
)

func orders(legs []leg) [][]leg {
	if len(legs) < 2 {
		return [][]leg{legs}
	}
	return [][]leg{legs, {legs[1], legs[0]}}
}

// outing is a driver's day with the rides of it.
type outing struct {
	trip ride.Trip
	legs []leg // by ride of the trip
}

// leg is which way of which drive a ride of a trip is.
type leg struct {
	drive int
	back  bool
	ride  ride.Ride
}

// dayOf lays out a driver's day, from their home and back.
func dayOf(driver matching.Candidate, agreed []Drive) (outing, bool) {
	from, until := agreed[0].At.From, agreed[0].At.Until
	for _, d := range agreed {
		span := care.Interval{From: d.At.From, Until: d.At.Until}
		span.Until = later(span.Until, backOf(d.Need))
		whole := spanning(care.Interval{From: from, Until: until}, span)
		from, until = whole.From, whole.Until
	}
	home := onPlane(driver.Home)
	o := outing{trip: ride.Trip{Vehicle: ride.Vehicle{Start: home, End: home, From: from.Add(-inDay).Unix(), To: until.Add(inDay).Unix(),
		Longest: int64(until.Sub(from)/time.Second) + 2*int64(inDay/time.Second), Room: roomOf(driver.Offer.Vehicle)}}}
	for i, d := range agreed {
		legs := legsOf(d.Need, d.At.From, d.At.From)
		for k := range legs {
			legs[k].drive = i
		}
		var ok bool
		if o, _, ok = o.with(legs, math.MaxInt32); !ok {
			return o, false
		}
	}
	return o, true
}

// with is a day with more rides, one after the other at its best place, and by how much they lengthen it.
func (o outing) with(legs []leg, most int64) (outing, int64, bool) {
	total := int64(0)
	for _, l := range legs {
		trip, detour, ok := insert(o.trip, l.ride, most-total)
		if !ok {
			return o, 0, false
		}
		o.trip, o.legs, total = trip, append(slices.Clip(o.legs), l), total+detour
	}
	return o, total, true
}

// halts are the stops of a day that can be driven, with their times.
func (o outing) halts() []Halt {
	times, _ := o.trip.Times(seconds)
	all := make([]Halt, len(o.trip.Visits))
	for i, v := range o.trip.Visits {
		l := o.legs[v.Ride]
		all[i] = Halt{Drive: l.drive, Back: l.back, Out: v.Dropoff, At: time.Unix(times[i+1], 0).UTC()}
	}
	return all
}

// span is from when the driver leaves home for the first stop of some drives until they are back from
// the last.
func (o outing) span(drives []int) care.Interval {
	times, _ := o.trip.Times(seconds)
	var span care.Interval
	for i, v := range o.trip.Visits {
		if !slices.Contains(drives, o.legs[v.Ride].drive) {
			continue
		}
		stop := o.trip.Rides[v.Ride].Pickup
		if v.Dropoff {
			stop = o.trip.Rides[v.Ride].Dropoff
		}
		way := seconds(o.trip.Vehicle.Start, stop.At)
		one := care.Interval{From: time.Unix(times[i+1]-way, 0).UTC(), Until: time.Unix(times[i+1]+stop.Service+way, 0).UTC()}
		if span.IsZero() {
			span = one
		}
		span = spanning(span, one)
	}
	return span
}

func roomOf(v care.Vehicle) ride.Load {
	room := ride.Load{Seats: v.Seats}
	if v.Wheelchair {
		room.Wheelchairs = 1
	}
	return room
}

func insert(trip ride.Trip, one ride.Ride, most int64) (ride.Trip, int64, bool) {
	f := ride.NewFleet(seconds, perMetre, 5_000, 3600)
	if _, ok := f.Add(trip); !ok {
		return trip, 0, false
	}
	at, ok := f.NewFinder().Best(one, most)
	if !ok {
		return trip, 0, false
	}
	k := len(trip.Rides)
	next := ride.Trip{Vehicle: trip.Vehicle, Rides: append(append([]ride.Ride{}, trip.Rides...), one)}
	next.Visits = append(next.Visits, trip.Visits[:at.Pickup]...)
	next.Visits = append(next.Visits, ride.Visit{Ride: k})
	next.Visits = append(next.Visits, trip.Visits[at.Pickup:at.Dropoff]...)
	next.Visits = append(next.Visits, ride.Visit{Ride: k, Dropoff: true})
	next.Visits = append(next.Visits, trip.Visits[at.Dropoff:]...)
	return next, at.Detour, true
}

// legsOf is a ride as the way there, fetched in a window, and the way back where there is one. The way there
// ends, at the latest, when the way back may begin: no order of stops then has somebody aboard twice, or
// takes them home before they were away.
func legsOf(n matching.Need, from, latest time.Time) []leg {
	d := n.Request.Ride
	if until := from.Add(grace); until.After(latest) {
		latest = until
	}
	load := ride.Load{Seats: d.Passengers}
	if d.Wheelchair {
		load.Wheelchairs = 1
	}
	home, there := onPlane(n.Request.Where.Point), onPlane(d.To.Point)
	out := leg{drive: Joining, ride: way(home, there, from, latest, load)}
	back := backOf(n)
	if back.IsZero() {
		return []leg{out}
	}
	// The rules round the way up to the minute; where the plane makes it longer, nobody is left behind for that.
	back = later(back, from.Add(boarding+time.Duration(seconds(home, there))*time.Second))
	out.ride.Dropoff.To = min(out.ride.Dropoff.To, back.Unix())
	return []leg{out, {drive: Joining, back: true, ride: way(there, home, back, back.Add(graceBack), load)}}
}

func way(from, to ride.Point, earliest, latest time.Time, load ride.Load) ride.Ride {
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
