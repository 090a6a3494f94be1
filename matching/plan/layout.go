package plan

import (
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/ride"
)

// undrivenWay is what leaving out a ride costs for each unit of its weight, in seconds: more than all
// drivers of a day are on the way.
const undrivenWay = 1 << 24

// layout is a day as ride.Make takes it: the wishes, each with its way back, then what every driver has
// agreed to, and the hours at which something else keeps them at home or elsewhere.
type layout struct {
	day    ride.Day
	wish   []int // by ride: its wish, or -1
	driver []int // by vehicle; of a driver with two cars, who is in one of them at a time, only the rules know
}

func (b *carpool) layOut() layout {
	var l layout
	hours := b.hours()
	for i, w := range b.Wishes {
		if w.Need.Request.Ride == nil {
			continue
		}
		there := len(l.day.Rides)
		for k, leg := range legsOf(w.Need, w.Need.Slot.Start, w.Need.Request.LatestStart(w.Need.Slot)) {
			leg.ride.Undriven = 1
			if k == 0 {
				leg.ride.Undriven = undrivenWay * weight(w.Need.Request.Urgency)
			} else {
				l.day.Pairs = append(l.day.Pairs, [2]int{there, there + k})
			}
			l.day.Rides, l.wish = append(l.day.Rides, leg.ride), append(l.wish, i)
		}
	}
	for _, v := range b.drivers {
		for _, c := range b.empty[v].cars {
			l.addCar(c, hours)
			l.driver = append(l.driver, v)
		}
	}
	l.day.Metric, l.day.Undriven = seconds, undrivenWay
	l.day.May = func(ride, vehicle int) bool { return l.wish[ride] >= 0 && b.may[l.wish[ride]][l.driver[vehicle]] }
	return l
}

// hours is from when to when anybody may be on the way.
func (b *carpool) hours() care.Interval {
	var all care.Interval
	add := func(at care.Interval, back time.Time) {
		if all.IsZero() {
			all = at
		}
		all = spanning(all, at)
		if back.After(at.Until) {
			all.Until = later(all.Until, back)
		}
	}
	for _, w := range b.Wishes {
		add(care.Interval{From: w.Need.Slot.Start, Until: w.Need.Slot.End}, backOf(w.Need))
	}
	for _, with := range b.Drivers {
		for _, d := range with.Agreed {
			add(d.At, backOf(d.Need))
		}
	}
	return all.Widen(inDay, inDay)
}

// backOf is when a ride goes back, where that belongs to it.
func backOf(n matching.Need) time.Time {
	if r := n.Request.Ride; r != nil && r.Returns(n.Slot) {
		return r.ReturnAt
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// addCar adds a vehicle with what its driver has agreed to.
func (l *layout) addCar(c car, hours care.Interval) {
	home := onPlane(c.Home)
	v := ride.Vehicle{Start: home, End: home, From: hours.From.Unix(), To: hours.Until.Unix(), Longest: int64(hours.Until.Sub(hours.From) / time.Second),
		Room: roomOf(c.Offer.Vehicle)}
	o := outing{trip: ride.Trip{Vehicle: v}}
	if len(c.drives) > 0 {
		o, _ = dayOf(c.Candidate, c.drives) // measured before
		o.trip.Vehicle = v
	}
	for _, at := range c.elsewhere(hours) {
		stop := func(t time.Time) ride.Stop { return ride.Stop{At: home, From: t.Unix(), To: t.Unix()} }
		away := ride.Ride{Pickup: stop(at.From), Dropoff: stop(at.Until), Longest: int64(at.Until.Sub(at.From) / time.Second), Load: v.Room}
		if next, _, ok := insert(o.trip, away, v.Longest); ok {
			o.trip = next // otherwise the rules alone keep it free
		}
	}
	first := len(l.day.Rides)
	for i, k := range o.trip.Rides {
		if i > 0 && i < len(o.legs) && o.legs[i].back && o.legs[i].drive == o.legs[i-1].drive {
			l.day.Pairs = append(l.day.Pairs, [2]int{first + i - 1, first + i})
		}
		l.day.Rides, l.wish = append(l.day.Rides, k), append(l.wish, -1)
	}
	visits := slices.Clone(o.trip.Visits)
	for i := range visits {
		visits[i].Ride += first
	}
	l.day.Vehicles, l.day.Agreed = append(l.day.Vehicles, v), append(l.day.Agreed, visits)
}

// elsewhere is when something else than these drives stands in the book, ways included.
func (c car) elsewhere(hours care.Interval) []care.Interval {
	var all []care.Interval
	for _, a := range c.Helper.Agreed {
		if driveOf(c.drives, a.Request, a.Slot) < 0 && a.At.Overlaps(hours) {
			all = append(all, care.Interval{From: later(a.At.From, hours.From), Until: a.At.Until})
		}
	}
	slices.SortFunc(all, func(x, y care.Interval) int { return x.From.Compare(y.From) })
	var apart []care.Interval
	for _, at := range all {
		if at.Until.After(hours.Until) {
			at.Until = hours.Until
		}
		if n := len(apart); n > 0 && at.Overlaps(apart[n-1]) {
			apart[n-1] = spanning(apart[n-1], at)
			continue
		}
		apart = append(apart, at)
	}
	return apart
}

// propose plans the day by ride.Make and judges what each driver gets. What fails is forbidden to them
// from now on; it tells whether anything did.
func (b *carpool) propose(l layout, seed uint64) (lineup, bool) {
	step, steps := 0, max(leastSteps, min(mostSteps, 40*mostSteps/max(1, len(b.Wishes))))
	steps = max(leastSteps, min(steps, mostSteps*300/max(1, len(b.Wishes)*len(b.drivers))))
	p := ride.Make(l.day, seed, func() float64 {
		step++
		return float64(step-1) / float64(steps)
	})
	next, failed := b.lineup(), false
	for _, v := range b.drivers {
		var wishes []int
		for k, route := range p.Routes {
			for _, x := range route {
				if i := l.wish[x.Ride]; l.driver[k] == v && i >= 0 && !slices.Contains(wishes, i) {
					wishes = append(wishes, i)
				}
			}
		}
		r := b.asked(v, wishes)
		next.rotas[v] = r
		for _, p := range r.asked {
			next.with[p.wish] = v
		}
		for _, i := range wishes {
			if next.with[i] != v {
				b.may[i][v], failed = false, true
			}
		}
	}
	b.weigh(&next)
	return next, failed
}

// asked is a driver's rota with as many of these wishes as can be asked in some order: as they are
// fetched, each of the others first, or the last first.
func (b *carpool) asked(v int, wishes []int) rota {
	best := b.inOrder(v, wishes)
	for first := range wishes {
		if len(best.asked) == len(wishes) {
			return best
		}
		order := slices.Insert(slices.Delete(slices.Clone(wishes), first, first+1), 0, wishes[first])
		if first == 0 {
			slices.Reverse(order)
		}
		if r := b.inOrder(v, order); len(r.asked) > len(best.asked) {
			best = r
		}
	}
	return best
}

func (b *carpool) inOrder(v int, wishes []int) rota {
	r := b.empty[v]
	for _, i := range wishes {
		if next, ok := b.with(r, i); ok {
			r = next
		}
	}
	return r
}
