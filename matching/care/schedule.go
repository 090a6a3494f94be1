package care

import (
	"slices"
	"time"
)

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
	ActRest     Action = "rest_ends"
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

// draftTime is how long any other draft waits before its owner hears of it.
const draftTime = 24 * time.Hour

// AskAhead is how far ahead of a visit of a series its helpers are asked. A series asks week by week,
// so that nobody is bound for months by one evening's question; a time asked for by itself is
// looked for at once, however far ahead it lies.
const AskAhead = 14 * 24 * time.Hour

// sought reports whether somebody is looked for to fill this slot now.
func (r *Request) sought(s Slot, now time.Time) bool {
	return s.LatestStart().After(now) && r.freeSeats(s) > 0 && !r.soughtFrom(s).After(now)
}

// soughtFrom is when the search for a slot begins; zero for at once.
func (r *Request) soughtFrom(s Slot) time.Time {
	if r.Series == nil {
		return time.Time{}
	}
	return s.Start.Add(-AskAhead)
}

// seeking reports whether the village looks for somebody now.
func (r *Request) seeking(now time.Time) bool {
	if r.Phase != Live || r.Handover != nil {
		return false
	}
	return slices.ContainsFunc(r.Slots, func(s Slot) bool { return r.sought(s, now) })
}

// seek sets the clocks of the search when it begins, and stops them when nobody is looked for.
func (r *Request) seek(now time.Time) {
	if !r.seeking(now) {
		r.PromiseAt, r.WaveAt = time.Time{}, time.Time{}
		return
	}
	if r.PromiseAt.IsZero() {
		r.PromiseAt = r.promise(now)
	}
	if r.WaveAt.IsZero() {
		r.WaveAt = now.Add(waveSoon)
	}
}

// promise is when the present stage must have found somebody: its own length from the first moment
// at which people may be disturbed, and an hour before the first open slot where that is sooner, but
// never less than a quarter of an hour from now.
func (r Request) promise(now time.Time) time.Time {
	from, ok := DefaultQuiet(r.Zone).NextMoment(now, r.Urgency)
	if !ok {
		from = now // without a zone no night is known
	}
	at := from.Add(promiseTime(r.Urgency))
	for _, s := range r.Slots {
		if r.sought(s, now) && s.Start.Add(-time.Hour).Before(at) {
			at = s.Start.Add(-time.Hour)
		}
	}
	if floor := now.Add(15 * time.Minute); at.Before(floor) {
		return floor
	}
	return at
}

// schedule puts the desk and the clocks of the search in order, and computes when the clock looks at
// this request again, and why. There is always an answer until it is closed: nobody is dropped.
// What is overdue is due at once.
func (r *Request) schedule(now time.Time) { r.scheduleAfter(time.Time{}, now) }

// scheduleAfter passes over times up to done: a tick has seen to them already.
func (r *Request) scheduleAfter(done, now time.Time) {
	best := earliest{done: done}
	if r.Phase != Ended {
		r.tidy(now)
		best.take(ActOwner, r.OwnerDue)
		if r.Handover != nil {
			best.take(ActHandover, r.Handover.CheckAt)
		}
	}
	switch r.Phase {
	case Drafted:
		r.scheduleDraft(&best, now)
	case Live:
		r.seek(now)
		r.scheduleLive(&best)
	case Ended:
		r.NextAction, r.NextActionAt = "", time.Time{}
		return
	}
	// Also while it rests, without an end or for long, and nothing in it is to come back.
	if day := now.Add(24 * time.Hour); best.at.IsZero() || best.at.After(day) && r.Todo == TodoNone && r.stranded(now) {
		best = earliest{action: ActOwner, at: day}
	}
	r.NextAction, r.NextActionAt = best.action, best.at
}

// scheduleDraft gives a draft a day, and one that sounds like an emergency two minutes, before its
// owner hears of it.
func (r *Request) scheduleDraft(best *earliest, now time.Time) {
	switch {
	case !r.OwnerDue.IsZero():
	case r.Emergency.Pending() && r.Emergency.OwnerTold.IsZero():
		best.take(ActDraft, r.CreatedAt.Add(emergencyTime))
	case r.CreatedAt.Add(draftTime).After(now):
		best.take(ActDraft, r.CreatedAt.Add(draftTime))
	default: // its owner has seen it
		best.take(ActDraft, now.Add(draftTime))
	}
}

func (r *Request) scheduleLive(best *earliest) {
	best.take(ActWave, r.WaveAt)
	best.take(ActPromise, r.PromiseAt)
	for _, s := range r.Slots {
		if !s.Cancelled() && s.MissedAt.IsZero() && r.freeSeats(s) > 0 {
			best.take(ActMissed, s.LatestStart())
			if r.WaveAt.IsZero() && r.Handover == nil {
				best.take(ActWave, r.soughtFrom(s))
			}
		}
	}
	for _, a := range r.Asks {
		if a.Answerable() {
			best.take(ActAsks, a.LapsesAt)
		}
	}
	for _, v := range r.Visits {
		v.schedule(best, r)
	}
	if r.Rest != nil {
		best.take(ActRest, r.Rest.Until)
		for _, s := range r.Slots {
			if s.Rested {
				best.take(ActRest, s.LatestStart())
			}
		}
	}
	if r.Series != nil {
		best.take(ActSeries, r.SeriesUntil.Add(24*time.Hour-horizon))
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
	if v.State == VisitFinished && !v.saidByBoth() && r.Todo == TodoNone && r.Handover == nil {
		best.take(ActFeedback, v.At.Until.Add(feedbackTime))
	}
}

// earliest keeps the soonest of several times after done; a zero time is no time, and its at is zero
// where there was none.
type earliest struct {
	done   time.Time
	action Action
	at     time.Time
}

func (e *earliest) take(a Action, at time.Time) {
	if !at.IsZero() && at.After(e.done) && (e.at.IsZero() || at.Before(e.at)) {
		e.action, e.at = a, at
	}
}
