package care

import (
	"slices"
	"time"
)

// Withdraw ends a request because it is no longer needed: questions are stood down with thanks,
// upcoming visits called off.
func (r Request) Withdraw(by Actor, reason string, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase == Ended:
		return r, nil, E(Conflict, "request_closed", "the request is closed already")
	case !isCode(reason):
		return r, nil, reasonInvalid()
	}
	next := r.clone()
	return next, next.end(Withdrawn, reason, by, now), nil
}

// Close ends a request as fulfilled, by the requester or the owner, when at least one visit was
// done and none is still to come. Days of a series that nobody filled are forgiven by this word.
func (r Request) Close(by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase != Live:
		return r, nil, E(Conflict, "request_not_live", "the request is %s", r.State(now))
	case r.anyVisit(func(v Visit) bool { return v.Upcoming() || v.State == VisitBegun }):
		return r, nil, E(Conflict, "visit_to_come", "a visit is still to come; call it off first")
	case !r.anyVisit(func(v Visit) bool { return v.State == VisitFinished }):
		return r, nil, E(Conflict, "nothing_done", "without a visit a request is withdrawn, not fulfilled")
	}
	next := r.clone()
	return next, next.end(Fulfilled, "", by, now), nil
}

// Refuse ends a request that the village may not take on. Only the owner can, with a reason, and
// only once the person was told by a person or a letter: told says how.
func (r Request) Refuse(by Actor, reason string, told Channel, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Owner):
		return r, nil, E(Forbidden, "not_the_owner", "only the owner can refuse a request")
	case r.Phase == Ended:
		return r, nil, E(Conflict, "request_closed", "the request is closed already")
	case reason == "":
		return r, nil, Amiss("reason", "reason_missing", "a refusal names its reason")
	case !isCode(reason):
		return r, nil, reasonInvalid()
	case !told.Known():
		return r, nil, Amiss("toldBy", "not_told", "a refusal stands only once the person was told; say how")
	}
	next := r.clone()
	next.ToldBy = told
	return next, next.end(Refused, reason, by, now), nil
}

// end changes the receiver in place; the caller holds a clone.
func (r *Request) end(o Outcome, reason string, by Actor, now time.Time) []Event {
	events := r.standDown(func(Ask) bool { return true }, by, "request_closed", now)
	for i := range r.Visits {
		if r.Visits[i].Upcoming() {
			events = append(events, r.endVisit(i, VisitCalledOff, VisitCancelled, by, "request_closed", now))
		}
	}
	r.Phase, r.Outcome, r.Reason, r.ClosedAt = Ended, o, reason, now
	r.clearDesk()
	r.schedule(now)
	e := r.event(RequestClosed, by, now)
	e.Code = string(o)
	return append(events, e)
}

// Compact splits off what has long been settled, so that a series of years stays a small document:
// slots that ended before the given moment with nothing left to do, with their asks and visits. The
// moment lies at least the time for feedback ago. While something waits for the owner, what they may
// want to see stays four weeks more; the last slot in which somebody helped always stays, for it is
// the proof that the series was of use.
// The store writes the returned part to the history first and this value afterwards.
func (r Request) Compact(before time.Time) (Request, History) {
	past := History{Request: r.ID, For: r.For}
	if r.Series == nil {
		return r, past
	}
	if r.Todo != TodoNone {
		before = before.Add(-deskKept)
	}
	last, gone := r.lastHelped(), map[SlotID]bool{}
	next := r
	series := r.Series.forget(before)
	next.Series = &series
	next.Slots, next.Asks, next.Visits, next.Voids = nil, nil, nil, nil
	for _, s := range r.Slots {
		if s.ID != last && s.End.Before(before) && r.slotSettled(s) {
			gone[s.ID] = true
			past.Slots = append(past.Slots, s)
			continue
		}
		next.Slots = append(next.Slots, s)
	}
	for _, a := range r.Asks {
		if gone[a.Slot] {
			past.Asks = append(past.Asks, a)
			continue
		}
		next.Asks = append(next.Asks, a)
	}
	for _, v := range r.Visits {
		if gone[v.Slot] {
			past.Visits = append(past.Visits, v)
			continue
		}
		next.Visits = append(next.Visits, v)
	}
	for _, v := range r.Voids {
		if v.At.After(before) {
			next.Voids = append(next.Voids, v)
		}
	}
	return next, past
}

// History is what was split off a request: settled slots with their asks and visits.
type History struct {
	Request RequestID
	For     PersonID // whom the request was for
	Slots   []Slot
	Asks    []Ask
	Visits  []Visit
}

// deskKept is how much longer a series keeps what is settled while its owner has a task.
const deskKept = 4 * 7 * 24 * time.Hour

// lastHelped is the latest slot with a visit that was done; empty where there was none.
func (r Request) lastHelped() SlotID {
	var last Visit
	for _, v := range r.Visits {
		if v.State == VisitFinished && v.At.From.After(last.At.From) {
			last = v
		}
	}
	return last.Slot
}

func (r Request) slotSettled(s Slot) bool {
	if !s.Cancelled() && s.MissedAt.IsZero() && r.freeSeats(s) > 0 {
		return false
	}
	for _, a := range r.Asks {
		if a.Slot == s.ID && a.Answerable() {
			return false
		}
	}
	for _, v := range r.Visits {
		if v.Slot == s.ID && (v.Upcoming() || v.State == VisitBegun || (v.State == VisitFinished && v.AskedHow.IsZero())) {
			return false
		}
	}
	return true
}

// forget drops the skipped and swapped dates that lie before a moment: they are history.
func (s Series) forget(before time.Time) Series {
	date := before.Add(-maxSwapAway).Format(time.DateOnly)
	s.Skipped = slices.DeleteFunc(slices.Clone(s.Skipped), func(d string) bool { return d < date })
	s.Swapped = slices.DeleteFunc(slices.Clone(s.Swapped), func(w Swap) bool { return w.Date < date })
	return s
}
