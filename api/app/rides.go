package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
	"naober/matching/plan"
)

// rideChoice is among how many people, the best of each ride, a plan of rides chooses; whoever drives on that
// day already comes on top.
const rideChoice = 20

// PlanOffered is a ride that nobody is planned for, and that fits a journey which somebody offers.
const PlanOffered PlanState = "offered"

// RidesView is the open rides of one day, and the journeys that would take them.
type RidesView struct {
	Rides []PlannedTime // in the order of their beginnings; their Helpers stay empty
	Tours []TourView
}

// TourView is one journey of a driver, from home to home, with everybody who shares it. For the desk.
type TourView struct {
	Driver PersonView
	Offer  care.OfferID // what they offered to drive with: who has two cars makes their journeys in one or the other
	Rides  []TourRide
	Stops  []JourneyStop // of all who share it, in order
	// Together is how long the driver is on the way, in whole minutes, and Apart how long they would be with
	// each ride on its own.
	Together, Apart time.Duration
}

// TourRide is one ride of a journey: agreed, or to be asked.
type TourRide struct {
	Request care.RequestID
	Slot    care.SlotID
	Step    plan.Step
	// Turn is the how manyth question of the day to this driver it is; zero for an agreed ride.
	Turn   int
	Hour   care.Interval
	Detour time.Duration // of a ride that joins
	// Visit is the agreed visit itself, or of a ride that joins the one by which it can be asked now; empty
	// while all that it joins is still to be agreed.
	Visit care.VisitID
}

// PlanRides plans the open rides of one day over all drivers together, with what they have agreed to: today
// where the date is zero. For the desk and the fixed worker of that community. It asks nobody: AskPlanned
// does for a ride that is to be asked, and AskJourney for one that joins. Every driver whose name is shown
// finds that in their log, for each ride they are proposed for.
func (a *App) PlanRides(ctx context.Context, c Caller, in care.CommunityID, date time.Time) (RidesView, error) {
	if err := a.atDesk(ctx, c.Person, in); err != nil {
		return RidesView{}, err
	}
	day, err := a.daysOf(ctx, in, Period{From: date, Days: 1})
	if err != nil {
		return RidesView{}, err
	}
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByCommunity, Value: string(in)})
	if err != nil {
		return RidesView{}, err
	}
	requests = slices.DeleteFunc(requests, func(r care.Request) bool { return r.Ride == nil })
	b := &rideBoard{App: a, in: in, times: a.openTimes(requests, day), drivers: map[wheel]*rideDriver{}}
	if err := planFits(len(b.times)*a.index.count(in), 0); err != nil {
		return RidesView{}, err
	}
	if err := b.lookFor(ctx, requests); err != nil {
		return RidesView{}, err
	}
	hours, err := a.rideHours(ctx, in, day.From)
	if err != nil {
		return RidesView{}, err
	}
	if err := b.drive(ctx, requests, hours); err != nil {
		return RidesView{}, err
	}
	return a.nameRides(ctx, c, b)
}

// nameRides plans what was looked at, with the names that the desk reads.
func (a *App) nameRides(ctx context.Context, c Caller, b *rideBoard) (RidesView, error) {
	roster, drivers := b.planned()
	view := RidesView{Rides: b.times}
	for _, tour := range roster.Tours {
		one, err := a.nameTour(ctx, c, b, tour, drivers[tour.Driver])
		if err != nil {
			return RidesView{}, err
		}
		view.Tours = append(view.Tours, one)
	}
	return view, nil
}

// nameTour writes one journey as the desk reads it.
func (a *App) nameTour(ctx context.Context, c Caller, b *rideBoard, t plan.Tour, d *rideDriver) (TourView, error) {
	view := TourView{Offer: d.Candidate.Offer.ID, Together: t.Together, Apart: t.Apart}
	for _, p := range t.Parts {
		one := TourRide{Step: p.Step, Turn: p.Turn, Hour: p.Hour, Detour: p.Detour, Visit: p.Visit}
		if p.Step == plan.StepAgreed {
			k := d.agreed[p.Ride]
			one.Request, one.Slot, one.Visit = k.request.ID, k.visit.Slot, k.visit.ID
			view.Rides = append(view.Rides, one)
			continue
		}
		asked := b.times[b.time[p.Ride]]
		one.Request, one.Slot = asked.Request, asked.Slot.ID
		view.Rides = append(view.Rides, one)
		var err error
		if view.Driver, err = a.lookAt(ctx, c, d.Candidate.Person, matching.ViewDesk, asked.Request); err != nil {
			return TourView{}, err
		}
	}
	for _, h := range t.Halts {
		view.Stops = append(view.Stops, JourneyStop{Request: view.Rides[h.Drive].Request, Back: h.Back, Out: h.Out, At: h.At})
	}
	return view, nil
}
