package app

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/plan"
)

// rideBoard is a day's rides being planned.
type rideBoard struct {
	*App
	in      care.CommunityID
	times   []PlannedTime
	surveys []matching.Survey // by time, where somebody is looked for
	wishes  []plan.Wish
	time    []int // by wish: its time
	drivers map[wheel]*rideDriver
	apart   map[care.PersonID]care.Helper // by resident: their book, for whom they blocked
}

// rideDriver is somebody who may drive on the day, with one of their cars.
type rideDriver struct {
	plan.Driver
	agreed []agreedDrive // as Agreed numbers them
	fits   int           // how many rides it is the best for that they offer
}

// lookFor looks at the village for each ride that nobody is asked for.
func (b *rideBoard) lookFor(ctx context.Context, requests []care.Request) error {
	of := map[care.RequestID]care.Request{}
	for _, r := range requests {
		of[r.ID] = r
	}
	b.surveys = make([]matching.Survey, len(b.times))
	for i := range b.times {
		t := &b.times[i]
		if t.State == "" && t.Questions > 0 {
			t.State = PlanAsked
		}
		if t.State != "" {
			continue
		}
		r := of[t.Request]
		known, err := b.tiesOf(ctx, r.For)
		if err != nil {
			return err
		}
		need := b.need(r, t.Slot)
		b.surveys[i] = matching.Look(need, rideChoice, b.index.people(b.in, known))
		b.wishes, b.time = append(b.wishes, plan.Wish{Need: need, Faces: known.known}), append(b.time, i)
		for _, f := range b.surveys[i].Fitting {
			if f.Candidate.Offer.Boxed == nil {
				b.meet(f.Candidate)
			}
		}
	}
	if len(b.wishes) > plan.MostWishes {
		return planTooLarge()
	}
	return nil
}

// meet takes in somebody who may drive.
func (b *rideBoard) meet(c matching.Candidate) {
	with := wheel{c.Person, c.Offer.ID}
	if b.drivers[with] == nil {
		b.drivers[with] = &rideDriver{Driver: plan.Driver{Candidate: c}}
	}
	b.drivers[with].fits++
}

// drive adds what is agreed in these hours, with the car that it was agreed with.
func (b *rideBoard) drive(ctx context.Context, requests []care.Request, hours care.Interval) error {
	if len(b.wishes) == 0 {
		return nil
	}
	agreed := map[wheel][]agreedDrive{}
	for _, r := range requests {
		for _, v := range r.Visits {
			if v.Upcoming() && hours.Holds(v.At.From) {
				d := agreedDrive{r, v}
				agreed[b.wheelOf(d)] = append(agreed[b.wheelOf(d)], d)
			}
		}
	}
	for with, drives := range agreed {
		car, firm, ok, err := b.carAs(ctx, b.wishes[0].Need, with.driver, drives, ties{})
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if b.drivers[with] == nil {
			b.drivers[with] = &rideDriver{}
		}
		b.drivers[with].Driver, b.drivers[with].agreed = plan.Driver{Candidate: car.driver, Agreed: car.drives}, firm
	}
	if len(b.wishes)*len(b.drivers) > plan.MostPairs {
		return planTooLarge()
	}
	return b.blocks(ctx)
}

// blocks reads whom the residents of the day want nothing to do with.
func (b *rideBoard) blocks(ctx context.Context) error {
	b.apart = map[care.PersonID]care.Helper{}
	read := func(p care.PersonID) error {
		p = b.resolve(p)
		if _, known := b.apart[p]; known {
			return nil
		}
		h, err := b.Stores.Helpers.Get(ctx, p)
		b.apart[p] = h.Value
		return absentIsDone(err)
	}
	for _, w := range b.wishes {
		if err := read(w.Need.Request.For); err != nil {
			return err
		}
	}
	for _, d := range b.drivers {
		for _, k := range d.Agreed {
			if err := read(k.Need.Request.For); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *rideBoard) areApart(one, other care.PersonID) bool {
	one, other = b.resolve(one), b.resolve(other)
	return b.apart[one].Blocked(other) || b.apart[other].Blocked(one)
}

// inTurn orders the drivers, and of each the cars: first the one in which they have agreed to most, then the one
// that most rides fit.
func (b *rideBoard) inTurn() []wheel {
	return slices.SortedFunc(maps.Keys(b.drivers), func(x, y wheel) int {
		one, other := b.drivers[x], b.drivers[y]
		return cmp.Or(cmp.Compare(x.driver, y.driver), cmp.Compare(len(other.agreed), len(one.agreed)),
			cmp.Compare(other.fits, one.fits), cmp.Compare(x.offer, y.offer))
	})
}

// planned plans what was looked at, and says of each ride what became of it. Drivers are as the roster
// numbers them.
func (b *rideBoard) planned() (plan.Roster, []*rideDriver) {
	day := plan.RideDay{Wishes: b.wishes, Apart: b.areApart}
	var drivers []*rideDriver
	for _, with := range b.inTurn() {
		drivers = append(drivers, b.drivers[with])
		day.Drivers = append(day.Drivers, b.drivers[with].Driver)
	}
	roster := plan.Rides(day)
	for i, at := range b.time {
		t := &b.times[at]
		boxed := func(f matching.Fit) bool { return f.Candidate.Offer.Boxed != nil }
		switch {
		case !slices.Contains(roster.Left, i):
			t.State = PlanProposed
		case slices.ContainsFunc(b.surveys[at].Fitting, boxed):
			t.State = PlanOffered
		case slices.Contains(roster.Barred, i):
			t.State, t.Counts = PlanNobody, b.surveys[at].Counts(matching.ViewDesk)
		default:
			t.State = PlanTaken
		}
	}
	return roster, drivers
}
