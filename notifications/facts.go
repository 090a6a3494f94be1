package notifications

import (
	"time"

	"naober/matching/care"
)

// audience is to whom a fact is told.
type audience int

const (
	toHelper audience = iota
	toRequester
	toOwner
	toModerators
	toPerson
	toReceivers // professionals of the organisation that a referral goes to
)

// telling is one line of the table from facts to messages.
type telling struct {
	to    audience
	key   string
	class Class
	door  bool          // somebody may stand at a door over it: near its visit it breaks any rest
	own   bool          // told also to who caused it, who may have done so offline
	keep  time.Duration // of use for so long after the fact; zero is keepFor
}

const (
	// keepFor outlasts the longest rest that a person can set without a pause: six rest days, and
	// the nights around them.
	keepFor = 8 * 24 * time.Hour
	// hourLong is for what asks about the visit that is going on.
	hourLong = 4 * time.Hour
	// thanksFor is how late a thank-you still makes sense: a weekend.
	thanksFor = 60 * time.Hour
	// howWasItFor is as long as the answer counts: later a visit without one counts as good.
	howWasItFor = 47 * time.Hour
)

// tellings is the table. A fact that is not here is nobody's message.
func tellings(t care.EventType) []telling {
	switch t {
	case care.AskMade:
		return []telling{{to: toHelper, key: askNew, class: Question}}
	case care.AskDeferred:
		return []telling{{to: toHelper, key: askAgain, class: Question, own: true}}
	case care.AskStoodDown:
		return []telling{{to: toHelper, key: askThanks, class: Notice, keep: thanksFor}}
	case care.AskReserved:
		return []telling{{to: toHelper, key: "ask.reserve_thanks", class: Notice, own: true, keep: thanksFor}}
	case care.MessageSent:
		return []telling{{to: toPerson, key: "message.new", class: Pressing, door: true}}
	}
	if lines := visitTellings(t); lines != nil {
		return lines
	}
	return officeTellings(t)
}

func visitTellings(t care.EventType) []telling {
	switch t {
	case care.AskAccepted: // only where the resident wants to know the helper first
		return []telling{{to: toRequester, key: "visit.confirm_helper", class: Pressing}}
	case care.VisitConfirmDue:
		return []telling{{to: toRequester, key: "visit.confirm_helper", class: Pressing}, {to: toOwner, key: "visit.confirm_helper_owner", class: Duty}}
	case care.VisitPlanned:
		return []telling{{to: toHelper, key: "visit.planned_helper", class: Notice, door: true}, {to: toRequester, key: "visit.planned", class: Notice, door: true}}
	case care.VisitMoved:
		return []telling{{to: toHelper, key: "visit.moved", class: Pressing, door: true}, {to: toRequester, key: "visit.moved", class: Pressing, door: true}}
	case care.VisitCancelled:
		return []telling{{to: toHelper, key: "visit.cancelled", class: Pressing, door: true}, {to: toRequester, key: "visit.cancelled", class: Pressing, door: true}}
	case care.VisitReturned:
		return []telling{{to: toHelper, key: "visit.returned_helper", class: Pressing, door: true}, {to: toRequester, key: "visit.returned", class: Pressing, door: true},
			{to: toOwner, key: "visit.returned_owner", class: Duty, door: true}}
	case care.VisitNotStarted:
		return []telling{{to: toHelper, key: "visit.has_it_begun", class: Pressing, door: true, keep: hourLong},
			{to: toRequester, key: "visit.has_it_begun", class: Pressing, door: true, keep: hourLong}, {to: toOwner, key: "visit.not_started", class: Duty, door: true}}
	case care.VisitNoShow:
		return []telling{{to: toHelper, key: "visit.no_show_helper", class: Notice}, {to: toOwner, key: "visit.no_show", class: Duty, door: true}}
	case care.VisitFollowUp:
		return []telling{{to: toHelper, key: "visit.how_was_it", class: Notice, keep: howWasItFor}, {to: toRequester, key: "visit.how_was_it", class: Notice, keep: howWasItFor}}
	}
	return nil
}

func officeTellings(t care.EventType) []telling {
	switch t {
	case care.RequestClosed:
		return []telling{{to: toRequester, key: "request.closed", class: Notice}}
	case care.RequestEmergency:
		return []telling{{to: toOwner, key: "request.emergency", class: Duty}}
	case care.RequestPromiseLapsed:
		return []telling{{to: toOwner, key: "request.promise_lapsed", class: Duty}, {to: toRequester, key: "request.with_guarantor", class: Notice}}
	case care.RequestDraftStale, care.RequestOwnerReminded, care.SlotMissed, care.RequestHandoverSilent, care.RequestHandoverFailed:
		return []telling{{to: toOwner, key: string(t), class: Duty}}
	case care.ReferralRequested:
		return []telling{{to: toRequester, key: string(t), class: Notice}, {to: toReceivers, key: "referral.received", class: Duty}}
	case care.ReferralAccepted, care.ReferralRejected, care.ReferralStarted, care.ReferralCompleted:
		return []telling{{to: toRequester, key: string(t), class: Notice}}
	case care.HelperApplied:
		return []telling{{to: toModerators, key: "helper.applied", class: Notice}}
	case care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed:
		return []telling{{to: toHelper, key: string(t), class: Notice}}
	case care.ReportFiled:
		return []telling{{to: toModerators, key: "report.filed", class: Duty}}
	case care.ReportClosed:
		return []telling{{to: toPerson, key: "report.closed", class: Notice}}
	}
	return nil
}

// mustCall reports whether the owner must phone where a message reached nobody. The other visit
// messages have a line for the owner already, or are of no weight.
func mustCall(key string) bool {
	switch key {
	case "visit.planned", "visit.planned_helper", "visit.moved", "visit.cancelled", "message.new":
		return true
	}
	return false
}
