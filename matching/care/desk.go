package care

import "time"

// Todo is what a request's owner has to see to; none where the clock alone goes on.
type Todo string

// The things an owner is called for.
const (
	TodoNone        Todo = ""
	TodoDraft       Todo = "finish_draft"
	TodoEmergency   Todo = "emergency"
	TodoConfirm     Todo = "confirm_helper"
	TodoNotStarted  Todo = "visit_not_started"
	TodoNotFinished Todo = "visit_not_finished"
	TodoReturned    Todo = "visit_returned"
	TodoMissed      Todo = "slot_missed"
	TodoPromise     Todo = "promise_lapsed"
	TodoHandover    Todo = "handover_silent"
	TodoRejected    Todo = "handover_rejected"
	TodoFeedback    Todo = "bad_feedback"
	TodoMoved       Todo = "person_moved"    // its person has moved: decide whether it goes on
	TodoStranded    Todo = "nothing_planned" // neither closed nor is anything to come
)

// todo puts a task on the owner's desk, to be seen to within the owner's time. The desk holds one
// task; what lies there already stays.
func (r *Request) todo(t Todo, now time.Time) {
	if r.Todo == TodoNone {
		r.Todo, r.OwnerDue = t, now.Add(ownerTime(r.Urgency))
	}
}

// done takes a task off the owner's desk.
func (r *Request) done(t Todo) {
	if r.Todo == t {
		r.clearDesk()
	}
}

func (r *Request) clearDesk() { r.Todo, r.OwnerDue = TodoNone, time.Time{} }

// tidy takes off the owner's desk what has lost its ground, and puts there what waited behind it.
func (r *Request) tidy(now time.Time) {
	if r.Todo == TodoNone || r.stands(r.Todo, now) {
		return
	}
	r.clearDesk()
	for _, t := range []Todo{TodoNotStarted, TodoNotFinished} {
		if r.stands(t, now) {
			r.todo(t, now)
			return
		}
	}
}

// stands reports whether a task still has its ground. What only a person can judge, such as a bad
// word or a day that passed, stands until the owner says that it was seen to.
func (r *Request) stands(t Todo, now time.Time) bool {
	switch t {
	case TodoConfirm:
		return r.anyVisit(func(v Visit) bool { return v.State == VisitAgreed && v.PersonalYes })
	case TodoNotStarted:
		return r.anyVisit(func(v Visit) bool { return v.Upcoming() && !v.AskedStart.IsZero() })
	case TodoNotFinished:
		return r.anyVisit(func(v Visit) bool {
			return (v.State == VisitSet || v.State == VisitBegun) && !v.AskedHow.IsZero()
		})
	case TodoPromise, TodoReturned, TodoRejected:
		return r.Phase != Live || r.seeking(now) || r.waitsForYes()
	case TodoStranded:
		return r.stranded(now)
	}
	return true
}

// waitsForYes reports whether a helper was found for whom the resident's side has still to say yes.
func (r *Request) waitsForYes() bool {
	return r.anyVisit(func(v Visit) bool { return v.State == VisitAgreed })
}

// stranded reports whether a live request has nothing to come that would move it on: no seat to
// fill, no visit to ask after, no handover, no further time of a series.
func (r *Request) stranded(now time.Time) bool {
	if r.Phase != Live || r.Handover != nil || r.restsFor(now) || r.seeking(now) || r.seriesGoesOn(now) {
		return false
	}
	return !r.anyVisit(func(v Visit) bool {
		switch v.State {
		case VisitAgreed:
			return v.AskedStart.IsZero()
		case VisitSet, VisitBegun:
			return v.AskedHow.IsZero()
		case VisitFinished:
			return v.AskedHow.IsZero() || v.awaitsFeedback(now)
		}
		return false
	})
}

func (r *Request) seriesGoesOn(now time.Time) bool {
	if r.Series == nil {
		return false
	}
	over, err := r.Series.Finished(now)
	return err == nil && !over
}

func (r *Request) anyVisit(is func(Visit) bool) bool {
	for _, v := range r.Visits {
		if is(v) {
			return true
		}
	}
	return false
}

// Settled records that the owner has seen to what was on their desk.
func (r Request) Settled(by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Owner):
		return r, nil, E(Forbidden, "not_the_owner", "only the owner can do that")
	case r.Phase == Ended:
		return r, nil, E(Conflict, "request_closed", "the request is closed")
	case r.Todo == TodoNone:
		return r, nil, E(Conflict, "nothing_to_do", "nothing waits for the owner")
	}
	next := r.clone()
	e := next.event(RequestChanged, by, now)
	e.Code = string(next.Todo)
	events := []Event{e}
	if next.Todo == TodoMoved { // it goes on in the village where it is now; an owner who does not want that withdraws it
		next.Rest = nil
		woken, err := next.wake(now)
		if err != nil {
			return r, nil, err
		}
		events = append(events, woken...)
	}
	next.clearDesk()
	events = append(events, next.settle(now)...)
	next.schedule(now)
	return next, events, nil
}
