package care

import "time"

// NoShow records that the helper did not come. Only the resident's side and the owner say so, and
// not before a quarter of an hour has passed. The seat is free again while the slot lasts.
func (r Request) NoShow(id VisitID, by Actor, now time.Time) (Request, []Event, error) {
	i := r.visitIndex(id)
	if i < 0 {
		return r, nil, E(NotFound, "visit_not_found", "there is no such visit")
	}
	v := r.Visits[i]
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case v.State != VisitSet && v.State != VisitAgreed:
		return r, nil, visitState(&v)
	case now.Before(v.At.From.Add(notStarted)):
		return r, nil, E(Conflict, "visit_too_early", "somebody is late for a quarter of an hour before they are missing")
	}
	next := r.clone()
	events := []Event{next.endVisit(i, VisitMissed, VisitNoShow, by, "no_show", now)}
	events = append(events, next.reopened(v.Slot, now)...)
	next.returned(v.Slot, now)
	next.schedule(now)
	return next, events, nil
}

// CancelVisit calls a visit off, by either side. Where the helper cannot come, or the owner says so,
// the seat is free again; where the resident cancels, it is no longer needed: the slot goes with the
// visit, or only this seat of it where others are to come still.
func (r Request) CancelVisit(id VisitID, by Actor, reason string, now time.Time) (Request, []Event, error) {
	i := r.visitIndex(id)
	if i < 0 {
		return r, nil, E(NotFound, "visit_not_found", "there is no such visit")
	}
	v, s := r.Visits[i], r.slotIndex(r.Visits[i].Slot)
	switch {
	case !by.is(Requester, HelperParty, Owner):
		return r, nil, notYours()
	case by.is(HelperParty) && by.Person != v.Helper:
		return r, nil, notYourVisit()
	case !v.Upcoming():
		return r, nil, visitState(&v)
	case !isCode(reason):
		return r, nil, reasonInvalid()
	case by.is(Requester) && s >= 0 && r.seatsTaken(v.Slot) == 1:
		return r.skip(s, by, reason, now)
	}
	next := r.clone()
	if by.is(Requester) && s >= 0 {
		next.Slots[s].Seats--
	}
	events := []Event{next.endVisit(i, VisitCalledOff, VisitCancelled, by, reason, now)}
	events = append(events, next.reopened(v.Slot, now)...)
	next.schedule(now)
	return next, events, nil
}

// ReturnVisits gives the upcoming visits of a helper who may not or cannot go back to the owner.
func (r Request) ReturnVisits(helper PersonID, reason string, now time.Time) (Request, []Event, error) {
	return r.returnVisits(func(v Visit) bool { return v.Helper == helper }, reason, now)
}

// ReturnVisit gives one visit back to the owner, that the rules do not let take place. One that has begun
// or ended stays as it is.
func (r Request) ReturnVisit(id VisitID, reason string, now time.Time) (Request, []Event, error) {
	return r.returnVisits(func(v Visit) bool { return v.ID == id }, reason, now)
}

func (r Request) returnVisits(which func(Visit) bool, reason string, now time.Time) (Request, []Event, error) {
	next := r.clone()
	var events []Event
	for i, v := range next.Visits {
		if v.Upcoming() && which(v) {
			events = append(events, next.endVisit(i, VisitCalledOff, VisitReturned, byClock(), reason, now))
			events = append(events, next.reopened(v.Slot, now)...)
			next.returned(v.Slot, now)
		}
	}
	if len(events) == 0 {
		return r, nil, nil
	}
	next.schedule(now)
	return next, events, nil
}

// returned tells the owner that a helper fell away: there is somebody else to find, or no time left.
func (r *Request) returned(slot SlotID, now time.Time) {
	r.tidy(now)
	if r.FreeSeats(slot, now) > 0 {
		r.todo(TodoReturned, now)
	} else {
		r.todo(TodoMissed, now)
	}
}

// endVisit changes the receiver in place; the caller holds a clone.
func (r *Request) endVisit(i int, s VisitState, t EventType, by Actor, reason string, now time.Time) Event {
	v := &r.Visits[i]
	v.State, v.EndedAt, v.EndedBy, v.Reason = s, now, by.Party, reason
	return r.visitEvent(*v, t, by, now)
}

// reopened says that a seat is free again, where there is still time to fill it.
func (r *Request) reopened(slot SlotID, now time.Time) []Event {
	if r.FreeSeats(slot, now) == 0 {
		return nil
	}
	r.WaveAt = now.Add(waveSoon)
	if at := r.promise(now); r.PromiseAt.Before(at) {
		r.PromiseAt = at
	}
	e := r.event(SlotReopened, byClock(), now)
	e.Slot = slot
	return []Event{e}
}
