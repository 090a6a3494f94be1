package plan

import (
	"cmp"
	"slices"
	"time"

	"naober/matching/care"
	"naober/matching/ride"
)

// shared groups a driver's drives by the hours that they take in the book: those that meet are one journey.
func (c car) shared() [][]int {
	type taken struct {
		drive int
		at    care.Interval
	}
	var all []taken
	for _, a := range c.Helper.Agreed {
		if i := driveOf(c.drives, a.Request, a.Slot); i >= 0 {
			all = append(all, taken{i, a.At})
		}
	}
	slices.SortFunc(all, func(x, y taken) int { return cmp.Or(x.at.From.Compare(y.at.From), cmp.Compare(x.drive, y.drive)) })
	var groups [][]int
	var until time.Time
	for _, t := range all {
		if len(groups) == 0 || !t.at.From.Before(until) {
			groups = append(groups, nil)
			until = t.at.Until
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], t.drive)
		if t.at.Until.After(until) {
			until = t.at.Until
		}
	}
	for _, g := range groups {
		slices.Sort(g)
	}
	return groups
}

// measure adds up the ways of all journeys; false where the day cannot be driven.
func (r rota) measure() (int64, bool) {
	total := int64(0)
	for _, c := range r.cars {
		if len(c.drives) == 0 {
			continue
		}
		o, ok := dayOf(c.Candidate, c.drives)
		if !ok {
			return 0, false
		}
		for _, g := range c.shared() {
			total += o.way(g)
		}
	}
	return total, true
}

// way is how long the driver is on the way with some drives alone: from home over their stops and back.
func (o outing) way(drives []int) int64 {
	total, at := int64(0), o.trip.Vehicle.Start
	for _, v := range o.trip.Visits {
		if !slices.Contains(drives, o.legs[v.Ride].drive) {
			continue
		}
		stop := o.stop(v)
		total += seconds(at, stop.At)
		at = stop.At
	}
	return total + seconds(at, o.trip.Vehicle.End)
}

func (o outing) stop(v ride.Visit) ride.Stop {
	if v.Dropoff {
		return o.trip.Rides[v.Ride].Dropoff
	}
	return o.trip.Rides[v.Ride].Pickup
}

// roster is what comes out of a lineup.
func (b *carpool) roster(l lineup) Roster {
	out := Roster{Added: time.Duration(l.cost.way) * time.Second}
	for i, v := range l.with {
		if v < 0 {
			out.Left = append(out.Left, i)
			if !slices.Contains(b.rules[i], true) {
				out.Barred = append(out.Barred, i)
			}
		}
	}
	for _, v := range b.drivers {
		for _, c := range l.rotas[v].cars {
			if len(l.rotas[v].asked) > 0 && len(c.drives) > 0 {
				out.Tours = append(out.Tours, l.rotas[v].tours(c)...)
			}
		}
	}
	return out
}

// tours are the journeys of one of a driver's cars in which something is proposed.
func (r rota) tours(c car) []Tour {
	o, _ := dayOf(c.Candidate, c.drives)
	halts := o.halts()
	var all []Tour
	for _, g := range c.shared() {
		if !slices.ContainsFunc(g, func(drive int) bool { return c.rides[drive] >= 0 }) {
			continue
		}
		t := Tour{Driver: c.number, Together: minutes(o.way(g))}
		apart := int64(0)
		for _, drive := range g {
			alone, _ := dayOf(c.Candidate, c.drives[drive:drive+1])
			apart += alone.way([]int{0})
		}
		t.Apart = minutes(apart)
		of := r.parts(&t, c, g)
		for _, h := range halts {
			if part, mine := of[h.Drive]; mine {
				h.Drive = part
				t.Halts = append(t.Halts, h)
			}
		}
		all = append(all, t)
	}
	return all
}

// parts writes the rides of a journey into it, and says which part each drive is.
func (r rota) parts(t *Tour, c car, drives []int) map[int]int {
	of := map[int]int{}
	for _, drive := range drives {
		if k := c.rides[drive]; k < 0 {
			of[drive] = len(t.Parts)
			t.Parts = append(t.Parts, Part{Step: StepAgreed, Ride: -1 - k, Hour: c.drives[drive].At})
		}
	}
	for turn, p := range r.asked {
		drive := slices.Index(c.rides, p.wish)
		if slices.Contains(drives, drive) {
			of[drive] = len(t.Parts)
			t.Parts = append(t.Parts, Part{Step: p.step, Ride: p.wish, Turn: turn + 1, Hour: p.hour, Detour: p.detour, Visit: p.visit})
		}
	}
	return of
}

// minutes rounds seconds up.
func minutes(seconds int64) time.Duration {
	return (time.Duration(seconds)*time.Second + time.Minute - 1).Truncate(time.Minute)
}
