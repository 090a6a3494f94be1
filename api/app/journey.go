package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
	"naober/matching/plan"
)

// shownJourneys is how many journeys are shown for one ride; each driver finds the look in their log.
const shownJourneys = 20

// JourneyView is a journey of the same day that could take a ride along, for the desk.
type JourneyView struct {
	Visit  care.VisitID // one of those whose journey it is: it names the journey
	Driver PersonView
	Detour time.Duration // how much longer the driver is on the way, in whole minutes
	Hour   care.Interval // of the ride that joins
	Stops  []JourneyStop // of all who share it, in order
}

// JourneyStop is where somebody of one request gets in, or out.
type JourneyStop struct {
	Request care.RequestID
	Back    bool // on the way back
	Out     bool
	At      time.Time
}

// lift is a journey with the driver who is asked for it.
type lift struct {
	plan.Journey
	fit   matching.Fit
	rides []care.RequestID // of the drives, as the journey numbers them
	asked care.Ask         // as it would be made now
}

// Journeys lists what one more ride costs the drivers of its day: agreed journeys, of that day or the next,
// that could take it along, within what everybody in the car may wait and be under way, the shortest detour first, and
// whose driver AskJourney would ask now. For the desk and the fixed worker of its community. It asks
// nobody.
func (a *App) Journeys(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID) ([]JourneyView, error) {
	r, need, err := a.openRide(ctx, c, id, slot)
	if err != nil || r.Ride == nil || r.FreeSeats(slot, need.Now) == 0 || r.Handover != nil {
		return nil, err
	}
	hours, err := a.rideHours(ctx, r.Community, need.Slot.Start)
	if err != nil {
		return nil, err
	}
	drives, err := a.drivesOn(ctx, r.Community, hours)
	if err != nil {
		return nil, err
	}
	var lifts []lift
	for by, all := range drives {
		l, err := a.liftWith(ctx, need, by.driver, all)
		if err != nil && !refusal(err) {
			return nil, err
		}
		if err == nil {
			lifts = append(lifts, l)
		}
	}
	slices.SortFunc(lifts, func(x, y lift) int {
		return cmp.Or(cmp.Compare(x.Detour, y.Detour), cmp.Compare(x.fit.Candidate.Person, y.fit.Candidate.Person),
			cmp.Compare(x.With[0].Visit, y.With[0].Visit))
	})
	var views []JourneyView
	for _, l := range firstOf(lifts, shownJourneys) {
		who, err := a.lookAt(ctx, c, l.fit.Candidate.Person, matching.ViewDesk, id)
		if err != nil {
			return nil, err
		}
		views = append(views, l.view(id, who))
	}
	return views, nil
}

func (l lift) view(id care.RequestID, who PersonView) JourneyView {
	v := JourneyView{Visit: l.With[0].Visit, Driver: who, Detour: l.Detour, Hour: l.Visit}
	for _, h := range l.Halts {
		stop := JourneyStop{Request: id, Back: h.Back, Out: h.Out, At: h.At}
		if h.Drive != plan.Joining {
			stop.Request = l.rides[h.Drive]
		}
		v.Stops = append(v.Stops, stop)
	}
	return v
}

// openRide is a time of a request for the desk of its community.
func (a *App) openRide(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID) (care.Request, matching.Need, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return care.Request{}, matching.Need{}, err
	}
	if err := a.atDesk(ctx, c.Person, r.Value.Community); err != nil {
		if _, unseen := a.relationTo(ctx, c.Person, r.Value); unseen != nil {
			err = unseen
		}
		return care.Request{}, matching.Need{}, err
	}
	s, err := r.Value.Slot(slot)
	return r.Value, a.need(r.Value, s), err
}

// agreedDrive is a ride that somebody has agreed to drive.
type agreedDrive struct {
	request care.Request
	visit   care.Visit
}

// wheel is a driver with one of their offers, which says what the car is. Who has two drives two journeys
// that nobody changes between.
type wheel struct {
	driver care.PersonID
	offer  care.OfferID
}

// wheelOf is what a ride was agreed with.
func (a *App) wheelOf(d agreedDrive) wheel {
	w := wheel{driver: a.resolve(d.visit.Helper)}
	if ask, err := d.request.Ask(d.visit.Ask); err == nil {
		w.offer = ask.Offer
	}
	return w
}

// drivesOn lists the agreed rides of a village that begin in these hours, by what they were agreed with.
func (a *App) drivesOn(ctx context.Context, in care.CommunityID, hours care.Interval) (map[wheel][]agreedDrive, error) {
	drives := map[wheel][]agreedDrive{}
	err := eachOf(ctx, a.Stores.Requests, port.Key{Name: ByCommunity, Value: string(in)}, func(r care.Request) {
		for _, v := range r.Visits {
			if r.Ride != nil && v.Upcoming() && hours.Holds(v.At.From) {
				d := agreedDrive{r, v}
				drives[a.wheelOf(d)] = append(drives[a.wheelOf(d)], d)
			}
		}
	})
	return drives, err
}

// liftWith works out how a driver takes a ride along, and the question to them, by what is stored of them
// now. Of their rides it takes those which are firm in their book. A refusal says what keeps them from being
// asked, as far as the desk may know it.
func (a *App) liftWith(ctx context.Context, need matching.Need, driver care.PersonID, all []agreedDrive) (lift, error) {
	if asksLater(need.Request, need.Slot, need.Now) {
		return lift{}, askTooEarly()
	}
	known, err := a.tiesOf(ctx, need.Request.For)
	if err != nil {
		return lift{}, err
	}
	car, ok, err := a.carOf(ctx, need, driver, all, known)
	if err != nil {
		return lift{}, err
	}
	l := lift{rides: car.rides}
	if ok {
		l.Journey, ok = plan.Together(need, car.driver, car.drives, time.Time{})
	}
	if !ok {
		return lift{}, care.JourneyChanged()
	}
	return l.asking(need, car)
}

// asking is the lift with the question to its driver. One of a wave that they have not answered makes way
// for it. Where that has not reached them yet, this one comes at its moment and counts in its stead.
func (l lift) asking(need matching.Need, c car) (lift, error) {
	old, open := need.Request.OpenQuestion(c.driver.Person, need.Slot.ID)
	unread := open && old.AskFrom.After(need.Now)
	rest := need
	rest.Request.Asks = slices.DeleteFunc(slices.Clone(need.Request.Asks), func(k care.Ask) bool { return open && k.ID == old.ID })
	if unread {
		c.driver.Helper, _, _ = c.driver.Helper.UncountQuestion(old.AskFrom)
	}
	ranking, err := onlyOf(plan.Judged(rest, c.driver, c.drives), c.driver.Person)
	if err != nil {
		return lift{}, err
	}
	if err := need.Request.MayAskToJoin(need.Slot.ID); err != nil {
		return lift{}, err
	}
	l.fit = ranking.Fitting[0]
	if unread {
		l.fit.AskFrom, l.asked.Nonce = old.AskFrom, old.Nonce
	}
	q, ok := matching.Single(need, l.fit)
	if !ok {
		return lift{}, notNow()
	}
	l.asked = care.Ask{Slot: need.Slot.ID, Helper: q.Person, Offer: q.Offer, Wave: waveNumber(need.Request, need.Slot.ID),
		AskFrom: q.AskFrom, LapsesAt: q.LapsesAt, Nonce: l.asked.Nonce, Joins: l.With[0].Visit, Detour: l.Detour}
	return l, nil
}

// car is a driver with the rides that they have agreed to.
type car struct {
	driver matching.Candidate
	drives []plan.Drive
	rides  []care.RequestID
}

// carOf is the driver with the one car that these rides were agreed with, as it is by now: one whose offer has
// ended drives on, and a yes to what was asked before counts, as it does for any other question. False where the
// driver helps no more, or somebody in the car is blocked for whoever would join.
func (a *App) carOf(ctx context.Context, need matching.Need, driver care.PersonID, all []agreedDrive, known ties) (car, bool, error) {
	c, firm, ok, err := a.carAs(ctx, need, driver, all, known)
	if err != nil || !ok {
		return car{}, false, err
	}
	for _, d := range firm {
		if apart, err := a.apart(ctx, need.Request.For, d.request.For); err != nil || apart {
			return car{}, false, err
		}
	}
	return c, true, nil
}

// carAs is carOf whoever would join, with the rides that are firm in the driver's book.
func (a *App) carAs(ctx context.Context, need matching.Need, driver care.PersonID, all []agreedDrive, known ties) (car, []agreedDrive, bool, error) {
	w := &round{App: a, need: need, known: known}
	found, ok, err := w.stored(ctx, matching.Candidate{Offer: care.Offer{ID: a.wheelOf(all[0]).offer}})
	if err != nil || !ok || found.Person != driver || found.Offer.Boxed != nil {
		return car{}, nil, false, err
	}
	c, still := car{driver: found}, []agreedDrive(nil)
	slices.SortFunc(all, func(x, y agreedDrive) int {
		return cmp.Or(x.visit.At.From.Compare(y.visit.At.From), cmp.Compare(x.visit.ID, y.visit.ID))
	})
	for _, d := range all {
		firm := slices.ContainsFunc(found.Helper.Agreed, func(k care.Agreed) bool { return k.Visit == d.visit.ID })
		slot, err := d.request.Slot(d.visit.Slot)
		if !firm || err != nil {
			continue
		}
		still = append(still, d)
		c.drives = append(c.drives, plan.Drive{Need: a.need(d.request, slot), At: d.visit.At})
		c.rides = append(c.rides, d.request.ID)
	}
	return c, still, true, nil
}

// apart reports whether one of two residents blocked the other: nobody puts them into one car.
func (a *App) apart(ctx context.Context, one, other care.PersonID) (bool, error) {
	one, other = a.resolve(one), a.resolve(other)
	for _, pair := range [][2]care.PersonID{{one, other}, {other, one}} {
		h, err := a.Stores.Helpers.Get(ctx, pair[0])
		if err != nil && !care.IsKind(err, care.NotFound) {
			return false, err
		}
		if err == nil && h.Value.Blocked(pair[1]) {
			return true, nil
		}
	}
	return false, nil
}
