package care

import "time"

// Action is what happens, or must be done, at a request's next-action time.
type Action string

// The actions.
const (
	ActAsks     Action = "asks_lapse"
	ActConfirm  Action = "confirm_visit"
	ActStart    Action = "has_visit_begun"
	ActFollowUp Action = "how_was_visit"
	ActFeedback Action = "close_after_feedback"
	ActPromise  Action = "promise"
	ActMissed   Action = "slot_passes"
	ActWave     Action = "next_wave"
	ActHandover Action = "handover_answer"
	ActOwner    Action = "owner"
	ActDraft    Action = "draft"
	ActSeries   Action = "lay_out_series"
)

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
)

// waveRetry is how long an open request without anybody to ask waits for a new look.
const waveRetry = 30 * time.Minute

// waveSoon is when the clock asks for a wave that an event should have brought already.
const waveSoon = time.Minute

// promiseTime is how long one stage of the chain has to find somebody.
func promiseTime(u Urgency) time.Duration {
	switch u {
	case Urgent:
		return 30 * time.Minute
	case Today:
		return 4 * time.Hour
	}
	return 48 * time.Hour
}

// ownerTime is how long an owner has for what is theirs before they are reminded.
func ownerTime(u Urgency) time.Duration {
	switch u {
	case Urgent:
		return 15 * time.Minute
	case Today:
		return 2 * time.Hour
	}
	return 24 * time.Hour
}

// confirmTime is how long a resident has to say yes to a helper before the owner helps.
func confirmTime(u Urgency) time.Duration { return ownerTime(u) / 2 }

// emergencyTime is how long a draft that sounds like an emergency waits for "it is none".
const emergencyTime = 2 * time.Minute

// promise is when the present stage must have found somebody: its own length, and an hour before
// the first open slot where that is sooner, but never less than a quarter of an hour from now.
func (r Request) promise(now time.Time) time.Time {
	at := now.Add(promiseTime(r.Urgency))
	for _, s := range r.Slots {
		if s.LatestStart().After(now) && r.freeSeats(s) > 0 && s.Start.Add(-time.Hour).Before(at) {
			at = s.Start.Add(-time.Hour)
		}
	}
	if floor := now.Add(15 * time.Minute); at.Before(floor) {
		return floor
	}
	return at
}

// todo puts a task on the owner's desk; it is due at once. A task that is there already stays.
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

// relieve takes off the owner's desk what a new helper has solved.
func (r *Request) relieve(now time.Time) {
	if !r.needsHelp(now) {
		r.done(TodoPromise)
		r.done(TodoReturned)
		r.done(TodoRejected)
	}
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
	next.clearDesk()
	events := append([]Event{e}, next.settle(now)...)
	next.schedule(now)
	return next, events, nil
}

// schedule computes when the clock looks at this request again, and why. There is always an
// answer until it is closed: nobody is dropped. What is overdue is due at once.
func (r *Request) schedule(now time.Time) { r.scheduleAfter(time.Time{}, now) }

// scheduleAfter passes over times up to done: a tick has seen to them already.
func (r *Request) scheduleAfter(done, now time.Time) {
	if r.Phase == Ended {
		r.NextAction, r.NextActionAt = "", time.Time{}
		return
	}
	best := earliest{done: done, action: ActOwner, at: now.Add(24 * time.Hour)}
	best.take(ActOwner, r.OwnerDue)
	if r.Phase == Drafted {
		wait := 24 * time.Hour
		if r.Emergency.Pending() && r.Emergency.OwnerTold.IsZero() {
			wait = emergencyTime
		}
		if r.OwnerDue.IsZero() {
			best.take(ActDraft, r.CreatedAt.Add(wait))
		}
		r.NextAction, r.NextActionAt = best.action, best.at
		return
	}
	r.scheduleSlots(&best, now)
	for _, a := range r.Asks {
		if a.Answerable() {
			best.take(ActAsks, a.LapsesAt)
		}
	}
	for _, v := range r.Visits {
		v.schedule(&best, r)
	}
	if r.Handover != nil {
		best.take(ActHandover, r.Handover.CheckAt)
	}
	if r.Series != nil {
		best.take(ActSeries, r.SeriesUntil.Add(24*time.Hour-horizon))
	}
	r.NextAction, r.NextActionAt = best.action, best.at
}

func (r *Request) scheduleSlots(best *earliest, now time.Time) {
	if r.needsHelp(now) {
		best.take(ActWave, r.WaveAt)
		if r.Handover == nil {
			best.take(ActPromise, r.PromiseAt)
		}
	}
	for _, s := range r.Slots {
		if !s.Cancelled() && s.MissedAt.IsZero() && r.freeSeats(s) > 0 {
			best.take(ActMissed, s.LatestStart())
		}
	}
}

func (v Visit) schedule(best *earliest, r *Request) {
	if v.State == VisitAgreed && v.PersonalYes && r.Todo == TodoNone {
		best.take(ActConfirm, v.AgreedAt.Add(confirmTime(r.Urgency)))
	}
	if v.Upcoming() && v.AskedStart.IsZero() {
		best.take(ActStart, v.At.From.Add(notStarted))
	}
	if (v.State == VisitSet || v.State == VisitBegun || v.State == VisitFinished) && v.AskedHow.IsZero() {
		best.take(ActFollowUp, v.At.Until.Add(followUp))
	}
	if v.State == VisitFinished && (v.SaidHelper.IsZero() || v.SaidResident.IsZero()) && r.Todo == TodoNone && r.Handover == nil {
		best.take(ActFeedback, v.At.Until.Add(feedbackTime))
	}
}

// earliest keeps the soonest of several times after done; a zero time is no time.
type earliest struct {
	done   time.Time
	action Action
	at     time.Time
}

func (e *earliest) take(a Action, at time.Time) {
	if !at.IsZero() && at.After(e.done) && at.Before(e.at) {
		e.action, e.at = a, at
	}
}
