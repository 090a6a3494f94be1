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

// AskJourney asks the driver of an agreed visit to take one more ride along on its journey. The ask is
// theirs to accept and comes when they may be disturbed, as in a wave. It is the desk's own choice: it may
// be made beside a wave that is full, once at a time, and takes the place of a wave's open question to the
// same driver. For the desk and the fixed worker of the community. Everything is judged anew at this moment,
// as Journeys judges it, and once more at their yes.
func (a *App) AskJourney(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID, visit care.VisitID) (care.AskID, error) {
	if _, _, err := a.openRide(ctx, c, id, slot); err != nil {
		return "", err
	}
	ask := care.DeriveID[care.AskID](time.Time{}, string(ledgerKey(c)))
	in := intent{name: "slot.join", args: []any{id, slot, visit}, subject: string(id)}
	_, err := a.once(ctx, c, in, func(_ string, w port.Write) error {
		return a.askOne(ctx, id, ask, w, func(r care.Request) (question, error) {
			if err := a.atDesk(ctx, c.Person, r.Community); err != nil {
				return question{}, err
			}
			return a.journeyQuestion(ctx, r, slot, visit)
		})
	}, marksOf(a.Stores.Requests))
	return ask, err
}

// journeyQuestion judges a journey at this moment.
func (a *App) journeyQuestion(ctx context.Context, r care.Request, slot care.SlotID, visit care.VisitID) (question, error) {
	s, err := r.Slot(slot)
	if err != nil {
		return question{}, err
	}
	need := a.need(r, s)
	drives, err := a.journeyOf(ctx, need, visit)
	if err != nil {
		return question{}, err
	}
	if r.Ride == nil {
		return question{}, notARide()
	}
	l, err := a.liftWith(ctx, need, a.resolve(drives[0].visit.Helper), drives)
	if err != nil {
		return question{}, err
	}
	if !l.shares(visit) {
		return question{}, care.JourneyChanged()
	}
	l.asked.Joins = visit
	return question{ask: l.asked, need: need}, nil
}

func notARide() error {
	return care.E(care.Conflict, "not_a_ride", "a ride joins the journey of another ride")
}

func (l lift) shares(visit care.VisitID) bool {
	return slices.ContainsFunc(l.With, func(k care.Agreed) bool { return k.Visit == visit })
}

// journeyOf lists the agreed rides that this one may join by the driver of a visit in the same car, that of the
// visit among them where it is one.
func (a *App) journeyOf(ctx context.Context, need matching.Need, visit care.VisitID) ([]agreedDrive, error) {
	in := need.Request.Community
	found, err := a.Stores.Requests.Find(ctx, port.Key{Name: ByVisit, Value: string(visit)}, port.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Value.Community != in {
		return nil, visitNotFound()
	}
	v, err := found[0].Value.Visit(visit)
	if err != nil {
		return nil, visitNotFound()
	}
	if found[0].Value.Ride == nil {
		return nil, notARide()
	}
	hours, err := a.rideHours(ctx, in, need.Slot.Start)
	if err != nil {
		return nil, err
	}
	book, err := a.Stores.Helpers.Get(ctx, a.resolve(v.Helper))
	if err != nil {
		return nil, err
	}
	drives, err := a.drivesIn(ctx, book.Value, in, hours)
	if err != nil {
		return nil, err
	}
	by := a.wheelOf(agreedDrive{found[0].Value, v})
	drives = slices.DeleteFunc(drives, func(d agreedDrive) bool { return a.wheelOf(d) != by })
	if len(drives) == 0 {
		return nil, care.JourneyChanged()
	}
	return drives, nil
}

// drivesIn lists the agreed rides in a helper's book that are for this village and begin in these hours.
func (a *App) drivesIn(ctx context.Context, book care.Helper, in care.CommunityID, hours care.Interval) ([]agreedDrive, error) {
	var drives []agreedDrive
	for _, k := range book.Agreed {
		if k.Community != in || !k.At.Overlaps(hours) {
			continue
		}
		r, err := a.Stores.Requests.Get(ctx, k.Request)
		if err != nil {
			return nil, err
		}
		v, err := r.Value.Visit(k.Visit)
		if err == nil && r.Value.Ride != nil && v.Upcoming() && hours.Holds(v.At.From) {
			drives = append(drives, agreedDrive{r.Value, v})
		}
	}
	return drives, nil
}

// claimYes claims what a yes takes of its helper's book. One to a journey is worked out anew on what is
// stored at this moment; where the book has moved on meanwhile, once more. A journey that has no room for
// it any more takes the question back, so that somebody else is asked; where only the hour does not suit that
// the driver wishes, the question stays open for another.
func (a *App) claimYes(ctx context.Context, p care.PersonID, r care.Request, ask care.Ask, slot care.Slot, nonce care.Nonce, at time.Time) (care.Claim, error) {
	if ask.Joins == "" {
		return a.claim(ctx, p, a.seatClaim(r, ask, slot, nonce, at))
	}
	for try := 0; ; try++ {
		c, err := a.journeyClaim(ctx, r, ask, slot, nonce, at)
		if err == nil {
			c, err = a.claim(ctx, p, c)
		}
		moved := care.CodeOf(err) == care.JourneyGone || care.CodeOf(err) == "helper_busy"
		if !moved {
			return c, err
		}
		if try < 2 {
			continue
		}
		if !at.IsZero() {
			switch _, err := a.journeyClaim(ctx, r, ask, slot, nonce, time.Time{}); {
			case err == nil:
				return c, care.HelperBusy()
			case !refusal(err):
				return c, err
			}
		}
		now := a.clock()
		if _, err := a.Stores.Requests.Update(ctx, r.ID, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
			return r.StandDownAsk(ask.ID, care.JourneyGone, now)
		}); err != nil {
			return c, err
		}
		return c, care.JourneyChanged()
	}
}

// journeyClaim is what a yes to a journey takes of the driver's book.
func (a *App) journeyClaim(ctx context.Context, r care.Request, ask care.Ask, slot care.Slot, nonce care.Nonce, at time.Time) (care.Claim, error) {
	c := care.Claim{Nonce: nonce, Purpose: care.ForSeat, Community: r.Community, Request: r.ID, Resident: r.For, Slot: ask.Slot, Ask: ask.ID}
	need := a.need(r, slot)
	drives, err := a.journeyOf(ctx, need, ask.Joins)
	if refusal(err) {
		return c, care.JourneyChanged()
	}
	if err != nil {
		return c, err
	}
	driver := a.resolve(ask.Helper)
	car, ok, err := a.carOf(ctx, need, driver, drives, ties{})
	if err != nil {
		return c, err
	}
	if !ok {
		return c, care.JourneyChanged()
	}
	j, ok := plan.Together(need, car.driver, car.drives, at)
	if l := (lift{Journey: j}); !ok || !l.shares(ask.Joins) {
		return c, care.JourneyChanged()
	}
	c.At, c.Hour, c.Alone = j.At, j.Visit, j.Alone
	for _, k := range j.With {
		c.Joins = append(c.Joins, care.Joined{Visit: k.Visit, At: k.At})
	}
	return c, nil
}

// withdrawJoins takes back the open questions to join a visit that has ended, so that somebody else is
// asked. They are its driver's.
func (a *App) withdrawJoins(ctx context.Context, driver care.PersonID, visit care.VisitID) error {
	drivers := []care.PersonID{driver}
	if self := a.resolve(driver); self != driver {
		drivers = append(drivers, self)
	}
	for _, d := range drivers {
		requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByHelper, Value: string(d)})
		if err != nil {
			return err
		}
		for _, r := range requests {
			for _, ask := range r.Asks {
				if ask.Joins != visit || !ask.Answerable() {
					continue
				}
				if err := a.withdrawJoin(ctx, r.ID, ask.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (a *App) withdrawJoin(ctx context.Context, request care.RequestID, ask care.AskID) error {
	now := a.clock()
	return a.onRequest(ctx, request, func(r care.Request) (care.Request, []care.Event, error) {
		return r.StandDownAsk(ask, care.JourneyGone, now)
	})
}

// checkJoin takes a question back that was written after the visit had ended which it joins. The look is
// made after the write, so that of the two one sees the other.
func (a *App) checkJoin(ctx context.Context, e care.Event) error {
	r, err := a.Stores.Requests.Get(ctx, e.Request)
	if err != nil {
		return absentIsDone(err)
	}
	ask, err := r.Value.Ask(e.Ask)
	if err != nil || ask.Joins == "" || !ask.Answerable() {
		return nil
	}
	found, err := a.Stores.Requests.Find(ctx, port.Key{Name: ByVisit, Value: string(ask.Joins)}, port.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		if v, err := found[0].Value.Visit(ask.Joins); err == nil && v.Upcoming() {
			return nil
		}
	}
	return a.withdrawJoin(ctx, e.Request, e.Ask)
}
