package notifications

import (
	"time"

	"naober/matching/care"
)

// Verdict is what the arbiter decided about a message: when it may go, or that it is dropped.
type Verdict struct {
	Drop bool
	At   time.Time
	Why  string
}

// Decide says when a message may disturb its receiver. It is pure: the person's quiet, the class,
// the clock and the times of the message are all it knows.
//
//   - A question comes at the moment its wave has chosen; the rule was applied when it was claimed.
//   - News about a visit within four hours comes at once: somebody waits at a door.
//   - Everything else waits for the person's hours, and what would be stale by then is dropped.
func Decide(d Delivery, q care.Quiet, now time.Time) Verdict {
	at, why := now, "sent_now"
	switch {
	case d.Class == Question:
		if d.DueAt.After(now) {
			at, why = d.DueAt, "held_for_question_time"
		}
	case !d.VisitAt.IsZero() && d.VisitAt.Sub(now) <= care.SafetyWithin && now.Sub(d.VisitAt) <= care.SafetyWithin:
		why = "sent_for_visit"
	default:
		from, ok := q.NextMoment(now, urgencyOf(d.Class))
		if !ok {
			return Verdict{Drop: true, Why: "no_moment_to_send"}
		}
		if from.After(now) {
			at, why = from, "held_for_quiet"
		}
	}
	if !d.ExpiresAt.IsZero() && !at.Before(d.ExpiresAt) {
		return Verdict{Drop: true, Why: "too_late_to_be_of_use"}
	}
	return Verdict{At: at, Why: why}
}

func urgencyOf(c Class) care.Urgency {
	switch c {
	case Pressing:
		return care.Today
	case Duty:
		return care.Urgent
	}
	return care.Ordinary
}
