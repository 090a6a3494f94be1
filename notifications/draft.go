package notifications

import (
	"context"
	"slices"

	"naober/matching/care"
)

// Handle is the consumer of the feed: it writes down every message that a fact calls for, and sends
// and judges nothing. ref names the fact; handling it again adds nothing.
func (r *Relay) Handle(ctx context.Context, ref string, e care.Event) error {
	lines := tellings(e.Type)
	if len(lines) == 0 {
		return nil
	}
	f, err := r.facts(ctx, e.Request, e.Ask, e.Visit)
	if err != nil {
		return err
	}
	if e.Type == care.AskAccepted && !f.Visit.PersonalYes {
		return nil
	}
	if e.Type == care.AskStoodDown {
		if err := r.hurry(ctx, questionID(e.Ask)); err != nil {
			return err
		}
		if e.Code == care.AskedToJoin {
			return nil // nobody is thanked for a question that comes anew
		}
	}
	for _, line := range lines {
		people, err := r.people(ctx, line.to, e, f)
		if err != nil {
			return err
		}
		for _, p := range people {
			if p == "" || (p == e.By && !line.own && line.to != toOwner) {
				continue // nobody is told what they have just done
			}
			if err := r.deliveries.Add(ctx, r.draft(ref, line, p, e, f)); err != nil {
				return err
			}
		}
	}
	return nil
}

// draft counts the time that a message is of use from the fact, however late the feed brings it.
func (r *Relay) draft(ref string, line telling, p care.PersonID, e care.Event, f Facts) Delivery {
	now, keep := r.now(), line.keep
	if keep == 0 {
		keep = keepFor
	}
	d := Delivery{ID: ref + "/" + string(p) + "/" + line.key, Person: p, Key: line.key, Class: line.class, Request: e.Request,
		Ask: e.Ask, Visit: e.Visit, State: Waiting, Why: "written", DueAt: now, ExpiresAt: e.At.Add(keep), CreatedAt: now}
	switch {
	case line.key == askNew:
		// Half of the answering time must be left when it arrives; otherwise the wave goes on.
		d.ID, d.ExpiresAt = questionID(e.Ask), f.Ask.AskFrom.Add(f.Ask.LapsesAt.Sub(f.Ask.AskFrom)/2)
	case line.key == askAgain:
		d.ExpiresAt = f.Ask.LapsesAt
	case line.door && e.Visit != "" && !f.Visit.At.From.IsZero():
		d.VisitAt = f.Visit.At.From
		if over := d.VisitAt.Add(care.SafetyWithin); line.keep == 0 && over.After(d.ExpiresAt) {
			d.ExpiresAt = over
		}
	}
	return d
}

func (r *Relay) people(ctx context.Context, to audience, e care.Event, f Facts) ([]care.PersonID, error) {
	switch to {
	case toHelper:
		return []care.PersonID{e.Helper}, nil
	case toPerson:
		return []care.PersonID{e.Person}, nil
	case toRequester:
		return r.directory.Requesters(ctx, e.Request)
	case toReceivers:
		return r.directory.Receivers(ctx, e.Organization)
	case toModerators:
		if e.Type == care.ReportFiled {
			return r.impartial(ctx, e, f)
		}
		return r.directory.Moderators(ctx, e.Community)
	}
	return r.directory.Owners(ctx, e.Request)
}

// impartial are the moderators who have no part in the visit that a worry is about: nobody hears
// of a worry about themselves. Where no moderator is left the request's owner sees to it.
func (r *Relay) impartial(ctx context.Context, e care.Event, f Facts) ([]care.PersonID, error) {
	parties, err := r.directory.Requesters(ctx, e.Request)
	if err != nil {
		return nil, err
	}
	parties = append(slices.Clone(parties), f.Visit.Helper, e.Person)
	isParty := func(p care.PersonID) bool { return slices.Contains(parties, p) }
	moderators, err := r.directory.Moderators(ctx, e.Community)
	if err != nil {
		return nil, err
	}
	if rest := slices.DeleteFunc(slices.Clone(moderators), isParty); len(rest) > 0 {
		return rest, nil
	}
	owners, err := r.directory.Owners(ctx, e.Request)
	return slices.DeleteFunc(slices.Clone(owners), isParty), err
}

// hurry has a message that waits judged at the next step, because what it says is over.
func (r *Relay) hurry(ctx context.Context, id string) error {
	now := r.now()
	_, err := r.deliveries.Change(ctx, id, func(d Delivery) (Delivery, error) {
		if d.State == Waiting && d.DueAt.After(now) {
			d.DueAt = now
		}
		return d, nil
	})
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	return err
}

func (r *Relay) facts(ctx context.Context, request care.RequestID, ask care.AskID, visit care.VisitID) (Facts, error) {
	if request == "" {
		return Facts{}, nil
	}
	return r.directory.Facts(ctx, request, ask, visit)
}
