package notifications

import (
	"strings"
	"time"

	"naober/matching/care"
)

// Verdict is what the arbiter decided about a message: when it may go, or that it is dropped. Why
// is a code.
type Verdict struct {
	Drop bool
	At   time.Time
	Why  string
}

// recheck is when a thank-you asks again whether its question went out.
const recheck = 10 * time.Second

// Decide says when a message may disturb its receiver. It is pure: the message, what it is about as
// that stands now, the person's quiet and the time are all it knows. It is asked again each time
// before a message goes, so that a held one meets the rest that holds by then.
//
//   - Nothing goes to somebody who died. Of what was theirs only the owner hears: everybody else is told
//     by a person.
//   - What is no longer true is dropped.
//   - A question comes at its own moment or, where that was missed, at the next one that its
//     request's urgency allows.
//   - News that somebody may stand at a door over comes at once within four hours of the visit, and
//     no later than that.
//   - Being away or in hospital keeps nothing back: it says what can take place, not when a phone may ring.
//     There is no question then, for the book and the request hold none; whatever else is to be told is about
//     what was agreed or asked for before, and whoever is not at home wants to know it, and may be back only
//     when it is of no use. An absence without an end would hold it for ever.
//   - Everything else waits for the person's hours, and what is of no use by then is dropped.
func Decide(d Delivery, f Facts, q care.Quiet, now time.Time) Verdict {
	if f.Gone || f.Silenced && d.Class != Duty {
		return Verdict{Drop: true, Why: "life_ended"}
	}
	if why := untrue(d, f); why != "" {
		return Verdict{Drop: true, Why: why}
	}
	if d.Key == askThanks && f.Question != Sent {
		return Verdict{At: now.Add(recheck), Why: "held_for_question"}
	}
	at, why, ok := moment(d, f, q, now)
	switch {
	case !now.Before(d.ExpiresAt):
		return Verdict{Drop: true, Why: "too_late_to_be_of_use"}
	case !ok:
		return Verdict{Drop: true, Why: "no_moment_to_send"}
	case !at.Before(d.ExpiresAt):
		return Verdict{Drop: true, Why: "quiet_until_too_late"}
	}
	return Verdict{At: at, Why: why}
}

// moment is the first instant from now on at which the message may come.
func moment(d Delivery, f Facts, q care.Quiet, now time.Time) (at time.Time, why string, ok bool) {
	from := later(now, due(d, f.Ask))
	if !minds(d, f) {
		q.Paused = nil
	}
	at, ok = q.NextMoment(from, urgency(d, f))
	switch {
	case at.Equal(now):
		why = "sent_now"
	case at.Equal(from):
		why = "held_for_question_time"
	default:
		why = "held_for_quiet"
	}
	opens, closes := d.VisitAt.Add(-care.SafetyWithin), d.VisitAt.Add(care.SafetyWithin)
	if door := later(now, opens); !d.VisitAt.IsZero() && !now.After(closes) && (!ok || door.Before(at)) {
		at, why, ok = door, "sent_for_visit", true
		if door.After(now) {
			why = "held_until_near_visit"
		}
	}
	return at, why, ok
}

// due is a question's own moment.
func due(d Delivery, a care.Ask) time.Time {
	switch d.Key {
	case askNew:
		return a.AskFrom
	case askAgain:
		return a.RemindAt
	}
	return time.Time{}
}

// minds reports whether the person's own pause keeps the message back: it is a pause of helping, and
// says nothing about their own requests or the chair they sit in.
func minds(d Delivery, f Facts) bool {
	return d.Class != Duty && (d.Person == f.Ask.Helper || d.Person == f.Visit.Helper)
}

func urgency(d Delivery, f Facts) care.Urgency {
	switch d.Class {
	case Question:
		if f.Urgency.Known() {
			return f.Urgency
		}
	case Pressing:
		return care.Today
	case Duty:
		return care.Urgent
	}
	return care.Ordinary
}

// untrue gives the code of why a message would say what is no longer so, or "".
func untrue(d Delivery, f Facts) string {
	so, code := true, "no_longer_so"
	switch v := f.Visit; strings.TrimPrefix(d.Key, callPrefix) {
	case askNew:
		so, code = f.Ask.State == care.Asked && !f.Barred, "no_longer_asked"
	case askAgain:
		so, code = f.Ask.State == care.Deferred && !f.Barred, "no_longer_asked"
	case askThanks:
		so, code = f.Question == Sent || (f.Question != "" && !Delivery{State: f.Question}.Final()), "was_never_asked"
	case "visit.confirm_helper", "visit.confirm_helper_owner":
		so = v.State == care.VisitAgreed
	case "visit.planned", "visit.planned_helper":
		so = v.State == care.VisitSet || v.State == care.VisitBegun
	case "visit.moved", "visit.has_it_begun", "visit.not_started":
		so = v.Upcoming()
	case "visit.how_was_it":
		so = v.SaidResident.IsZero()
		if d.Person == v.Helper {
			so = v.SaidHelper.IsZero()
		}
	}
	if so {
		return ""
	}
	return code
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
