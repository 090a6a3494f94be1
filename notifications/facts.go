package notifications

import (
	"context"
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
)

// telling is one line of the table from facts to messages.
type telling struct {
	to    audience
	key   string
	class Class
}

// tellings is the table. A fact that is not here is nobody's message.
func tellings(t care.EventType) []telling {
	switch t {
	case care.AskMade:
		return []telling{{toHelper, "ask.new", Question}}
	case care.AskStoodDown:
		return []telling{{toHelper, "ask.stood_down_thanks", Notice}}
	case care.AskReserved:
		return []telling{{toHelper, "ask.reserve_thanks", Notice}}
	case care.VisitConfirmDue:
		return []telling{{toRequester, "visit.confirm_helper", Pressing}, {toOwner, "visit.confirm_helper", Duty}}
	case care.VisitPlanned:
		return []telling{{toHelper, "visit.planned_helper", Notice}, {toRequester, "visit.planned", Notice}}
	case care.VisitMoved:
		return []telling{{toHelper, "visit.moved", Pressing}, {toRequester, "visit.moved", Pressing}}
	case care.VisitCancelled:
		return []telling{{toHelper, "visit.cancelled", Pressing}, {toRequester, "visit.cancelled", Pressing}}
	case care.VisitReturned:
		return []telling{{toHelper, "visit.returned_helper", Pressing}, {toRequester, "visit.returned", Pressing}, {toOwner, "visit.returned_owner", Duty}}
	case care.VisitNotStarted:
		return []telling{{toHelper, "visit.has_it_begun", Pressing}, {toRequester, "visit.has_it_begun", Pressing}, {toOwner, "visit.not_started", Duty}}
	case care.VisitNoShow:
		return []telling{{toHelper, "visit.no_show_helper", Notice}, {toOwner, "visit.no_show", Duty}}
	case care.VisitFollowUp:
		return []telling{{toHelper, "visit.how_was_it", Notice}, {toRequester, "visit.how_was_it", Notice}}
	case care.MessageSent:
		return []telling{{toPerson, "message.new", Pressing}}
	}
	return officeTellings(t)
}

func officeTellings(t care.EventType) []telling {
	switch t {
	case care.RequestClosed:
		return []telling{{toRequester, "request.closed", Notice}}
	case care.RequestEmergency:
		return []telling{{toOwner, "request.emergency", Duty}}
	case care.RequestPromiseLapsed:
		return []telling{{toOwner, "request.promise_lapsed", Duty}, {toRequester, "request.with_guarantor", Notice}}
	case care.RequestDraftStale, care.RequestOwnerReminded, care.SlotMissed, care.RequestHandoverSilent, care.RequestHandoverFailed:
		return []telling{{toOwner, string(t), Duty}}
	case care.ReferralRequested, care.ReferralAccepted, care.ReferralRejected, care.ReferralStarted, care.ReferralCompleted:
		return []telling{{toRequester, string(t), Notice}}
	case care.HelperApplied:
		return []telling{{toModerators, "helper.applied", Notice}}
	case care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed:
		return []telling{{toHelper, string(t), Notice}}
	case care.ReportFiled:
		return []telling{{toModerators, "report.filed", Duty}}
	case care.ReportClosed:
		return []telling{{toPerson, "report.closed", Notice}}
	}
	return nil
}

// keepFor is how long a message is of use where nothing else ends it.
const keepFor = 24 * time.Hour

// Handle is the consumer of the feed: it writes down every message that a fact calls for, with the
// arbiter's word on each, and sends nothing. ref names the fact; handling it again adds nothing.
func (r *Relay) Handle(ctx context.Context, ref string, e care.Event) error {
	lines := tellings(e.Type)
	if len(lines) == 0 {
		return nil
	}
	ask, visit, err := r.directory.Facts(ctx, e.Request, e.Ask, e.Visit)
	if err != nil {
		return err
	}
	for _, line := range lines {
		people, err := r.people(ctx, line.to, e)
		if err != nil {
			return err
		}
		for _, p := range people {
			if p == e.By && line.to != toOwner {
				continue // nobody is told what they have just done
			}
			d := r.draft(ref, line, p, e, ask, visit)
			if err := r.add(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Relay) draft(ref string, line telling, p care.PersonID, e care.Event, ask care.Ask, visit care.Visit) Delivery {
	now := r.now()
	d := Delivery{ID: ref + "/" + string(p) + "/" + line.key, Person: p, Key: line.key, Class: line.class, Request: e.Request,
		Ask: e.Ask, Visit: e.Visit, VisitAt: visit.At.From, State: Waiting, DueAt: now, ExpiresAt: now.Add(keepFor), CreatedAt: now}
	if line.class == Question {
		// Half of the answering time must be left when it arrives; otherwise the wave goes on.
		d.DueAt, d.ExpiresAt = ask.AskFrom, ask.AskFrom.Add(ask.LapsesAt.Sub(ask.AskFrom)/2)
	}
	if line.class == Duty {
		d.ExpiresAt = now.Add(7 * keepFor)
	}
	return d
}

// add applies the arbiter and stores the message.
func (r *Relay) add(ctx context.Context, d Delivery) error {
	reach, err := r.directory.Reach(ctx, d.Person)
	if err != nil {
		return err
	}
	v := Decide(d, reach.Quiet, r.now())
	d.Why = v.Why
	if v.Drop {
		d.State, d.DoneAt = Dropped, r.now()
	} else {
		d.DueAt = v.At
	}
	return r.deliveries.Add(ctx, d)
}

func (r *Relay) people(ctx context.Context, to audience, e care.Event) ([]care.PersonID, error) {
	switch to {
	case toHelper:
		return []care.PersonID{e.Helper}, nil
	case toPerson:
		return []care.PersonID{e.Person}, nil
	case toRequester:
		return r.directory.Requesters(ctx, e.Request)
	case toModerators:
		return r.directory.Moderators(ctx, e.Community)
	}
	return r.directory.Owners(ctx, e.Request)
}
