package care

import (
	"slices"
	"time"
)

// resting is the code under which times fall out while somebody is away or in hospital. It is the same
// for both: where somebody is, is nobody's business.
const resting = "resting"

// Rest is the time in which nothing of a request takes place, because its person is not there. Nothing
// is ended by it. A zero Until is open-ended: until somebody says that the person is back.
type Rest struct {
	From  time.Time
	Until time.Time
}

// covers reports whether any part of a slot falls into the rest.
func (r *Rest) covers(s Interval) bool {
	return r != nil && s.Until.After(r.From) && (r.Until.IsZero() || s.From.Before(r.Until))
}

// over reports whether the rest has come to its own end.
func (r *Rest) over(now time.Time) bool { return r != nil && !r.Until.IsZero() && !r.Until.After(now) }

// Pause lets a live request rest: times in it fall out with their questions and visits, kindly, and
// come back by themselves on return where they still lie ahead. Whoever has come already finishes.
// A new rest takes the place of the old one. Drafts and what is closed do not rest.
func (r Request) Pause(rest Rest, by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case r.Phase != Live:
		return r, nil, nil
	case !rest.Until.IsZero() && !rest.Until.After(now):
		return r, nil, nil
	case r.Rest != nil && r.Rest.From.Equal(rest.From) && r.Rest.Until.Equal(rest.Until):
		return r, nil, nil
	}
	next := r.clone()
	next.Rest = &rest
	events, err := next.wake(now)
	if err != nil {
		return r, nil, err
	}
	events = append(events, next.fallOut(by, now)...)
	next.schedule(now)
	return next, events, nil
}

// fallOut takes away the times that lie in the present rest, in place; the caller holds a clone.
func (r *Request) fallOut(by Actor, now time.Time) []Event {
	var events []Event
	for i, s := range r.Slots {
		whole := Interval{From: s.Start, Until: s.End}
		if s.Cancelled() || !r.Rest.covers(whole) || !s.LatestStart().After(now) || r.begun(s.ID) {
			continue
		}
		events = append(events, r.cancelSlot(i, by, resting, now)...)
		r.Slots[i].Rested = true
	}
	return events
}

// RestWith lets a request rest while its person is not there, and resume when they are; one that waits
// for a decision after a move goes on resting.
func (r Request) RestWith(l Life, now time.Time) (Request, []Event, error) {
	switch rest := l.Rest(); {
	case r.Todo == TodoMoved:
		return r, nil, nil
	case rest == nil:
		return r.Resume(now)
	default:
		return r.Pause(*rest, Actor{Person: l.By, Party: Owner}, now)
	}
}

// PublishWith is Publish for somebody with a life: what they ask for while they are not there rests in
// the same write, so that nobody is asked for a time at which nobody can come to them.
func (r Request) PublishWith(l Life, by Actor, noEmergency bool, now time.Time) (Request, []Event, error) {
	next, events, err := r.Publish(by, noEmergency, now)
	if err != nil {
		return r, nil, err
	}
	next, more, err := next.RestWith(l, now)
	if err != nil {
		return r, nil, err
	}
	return next, append(events, more...), nil
}

// Resume ends a rest: what fell out and still lies ahead is looked for again.
func (r Request) Resume(now time.Time) (Request, []Event, error) {
	if r.Phase != Live || r.Rest == nil {
		return r, nil, nil
	}
	next := r.clone()
	next.Rest = nil
	events, err := next.wake(now)
	if err != nil {
		return r, nil, err
	}
	if next.seeking(now) {
		next.WaveAt, next.PromiseAt = now.Add(waveSoon), time.Time{}
	}
	next.schedule(now)
	return next, events, nil
}

// wake brings back the times that only a rest had taken away and that the present rest does not cover,
// in place; the caller holds a clone.
func (r *Request) wake(now time.Time) ([]Event, error) {
	var events []Event
	for i := range r.Slots {
		s := &r.Slots[i]
		if !s.Rested || !s.LatestStart().After(now) || r.Rest.covers(Interval{From: s.Start, Until: s.End}) {
			continue
		}
		s.CancelledAt, s.Rested = time.Time{}, false
		e := r.event(SlotAdded, byClock(), now)
		e.Slot = s.ID
		events = append(events, e)
	}
	if r.Series == nil {
		return events, nil
	}
	added, err := r.layOut(now)
	return append(events, added...), err
}

// restsFor reports whether a time that rests still lies ahead: once none does, the owner hears of it.
func (r *Request) restsFor(now time.Time) bool {
	return r.Rest != nil && slices.ContainsFunc(r.Slots, func(s Slot) bool { return s.Rested && s.LatestStart().After(now) })
}

// tickRest ends a rest that has come to its own end.
func (r *Request) tickRest(now time.Time) ([]Event, error) {
	if r.Rest == nil || !r.Rest.over(now) {
		return nil, nil
	}
	r.Rest = nil
	return r.wake(now)
}
