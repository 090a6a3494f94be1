package notifications

import (
	"context"
	"slices"

	"naober/matching/care"
)

// after goes on with a delivery that was just written, where it reached nobody.
func (r *Relay) after(ctx context.Context, d Delivery, err error) error {
	if err != nil {
		return err
	}
	if d.State == Unreachable || d.State == Telling {
		r.log.Warn("message reached nobody", "key", d.Key, "why", d.Why)
	}
	if d.State != Telling {
		return nil
	}
	return r.tell(ctx, d)
}

// tell lets others act on a message that reached nobody: the wave asks the next helper, or the owner
// phones. That it is sent no more was stored first, so that a question is never both: told as
// undelivered, and sent. A kill in between tells it twice, which changes nothing.
func (r *Relay) tell(ctx context.Context, d Delivery) error {
	act := r.askToCall
	if d.Key == askNew {
		act = func(ctx context.Context, d Delivery) error { return r.directory.Undelivered(ctx, d.Request, d.Ask) }
	}
	if err := act(ctx, d); err != nil {
		return r.putOff(ctx, d, err)
	}
	now := r.now()
	_, err := r.change(ctx, d, func(d *Delivery) { d.finish(Unreachable, d.Why, now) })
	return err
}

// askToCall writes a message to the owners that this one has to be told by phone. Where it was for
// the resident's side and somebody else of that side has a phone, they were told already.
func (r *Relay) askToCall(ctx context.Context, d Delivery) error {
	told, err := r.otherSideReached(ctx, d)
	if err != nil || told {
		return err
	}
	owners, err := r.directory.Owners(ctx, d.Request)
	if err != nil {
		return err
	}
	now := r.now()
	for _, owner := range owners {
		if owner == d.Person {
			continue
		}
		call := Delivery{ID: d.ID + "/" + callPrefix + string(owner), Person: owner, Key: callPrefix + d.Key, Class: Duty,
			Request: d.Request, Ask: d.Ask, Visit: d.Visit, VisitAt: d.VisitAt, State: Waiting, Why: "written", DueAt: now,
			ExpiresAt: later(d.ExpiresAt, now.Add(keepFor)), CreatedAt: now}
		if err := r.deliveries.Add(ctx, call); err != nil {
			return err
		}
	}
	return nil
}

func (r *Relay) otherSideReached(ctx context.Context, d Delivery) (bool, error) {
	side, err := r.directory.Requesters(ctx, d.Request)
	if err != nil || !slices.Contains(side, d.Person) {
		return false, err
	}
	for _, other := range side {
		if other == d.Person {
			continue
		}
		reach, err := r.directory.Reach(ctx, other)
		if err != nil || len(reach.Devices) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// codeOf names an error for a log line: its text may quote what it failed on.
func codeOf(err error) string {
	if code := care.CodeOf(err); code != "" {
		return code
	}
	return "internal"
}
