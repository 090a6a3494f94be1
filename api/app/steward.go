package app

import (
	"context"
	"errors"

	"naober/api/port"
	"naober/matching/care"
)

// Steward is the consumer of the feed that carries effects from one document to others. The feed
// brings an event at least once, so every effect may be repeated.
func (a *App) Steward(ctx context.Context, row port.Row) error {
	e := row.Event
	if err := a.settleLate(ctx, e); err != nil {
		return err
	}
	switch e.Type {
	case care.AskAccepted, care.AskReserved:
		return a.settleClaim(ctx, e.Helper, e.Request, e.Nonce)
	case care.AskMade:
		return errors.Join(a.settleClaim(ctx, e.Helper, e.Request, e.Nonce), a.checkJoin(ctx, e))
	case care.VisitMoved:
		return a.settleClaim(ctx, e.Helper, e.Request, e.Nonce)
	case care.VisitReturned:
		return errors.Join(a.tellResident(ctx, e), a.endVisit(ctx, e))
	case care.VisitCancelled, care.VisitNoShow, care.VisitFollowUp:
		return a.endVisit(ctx, e)
	case care.PersonLeft, care.PersonReturned, care.PersonMoved, care.PersonDied:
		return a.carryLife(ctx, e.Person)
	case care.PersonMerging, care.PersonMerged, care.PersonUnmerging, care.PersonUnmerged:
		return unlessRefused(a.carryMerge(ctx, e.Person, e.Helper)) // then there is no merge, and everything is as it was
	case care.PersonCarriedOver, care.PersonCarriedBack:
		return unlessRefused(a.settleCarried(ctx, e))
	case care.AskUndelivered:
		return a.uncount(ctx, e)
	case care.HelperPaused, care.HelperRefused:
		return a.giveAllBack(ctx, e.Helper, e.Community, notAvailable)
	case care.PersonForgetting:
		return a.forget(ctx, e.Person)
	case care.HelperBlocked:
		return a.keepApart(ctx, e.Helper, e.Person)
	case care.FeedbackGiven:
		return a.noteFeedback(ctx, e)
	case care.ReferralRequested:
		return a.beginHandover(ctx, e)
	case care.ReferralAccepted:
		return a.onRequest(ctx, e.Request, func(r care.Request) (care.Request, []care.Event, error) {
			return r.HandoverAccepted(e.Referral, a.clock())
		})
	case care.ReferralRejected:
		return a.onRequest(ctx, e.Request, func(r care.Request) (care.Request, []care.Event, error) {
			return r.HandoverRejected(e.Referral, a.clock())
		})
	}
	return nil
}

// endVisit frees the hours of a visit that ended, and takes back the questions to come along on it.
func (a *App) endVisit(ctx context.Context, e care.Event) error {
	return errors.Join(a.release(ctx, e.Helper, e.Visit), a.withdrawJoins(ctx, e.Helper, e.Visit))
}

// onRequest applies an effect that the request itself may find pointless by now: a refusal of the
// rules ends it, a failure of the machine is tried again by the feed.
func (a *App) onRequest(ctx context.Context, id care.RequestID, f port.Change[care.Request]) error {
	_, err := a.Stores.Requests.Update(ctx, id, port.Write{}, f)
	return unlessRefused(err)
}

func unlessRefused(err error) error {
	if refusal(err) {
		return nil
	}
	return err
}

func (a *App) uncount(ctx context.Context, e care.Event) error {
	r, err := a.Stores.Requests.Get(ctx, e.Request)
	if err != nil {
		return err
	}
	ask, err := r.Value.Ask(e.Ask)
	if err != nil {
		return nil
	}
	_, err = a.Stores.Helpers.Update(ctx, e.Helper, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.UncountQuestion(ask.AskFrom)
	})
	return err
}

// giveAllBack clears a helper's desk in one community, or everywhere: open questions go to others,
// upcoming visits to their owners. Questions whose claim is still on its way are settled first.
func (a *App) giveAllBack(ctx context.Context, helper care.PersonID, in care.CommunityID, reason string) error {
	if err := a.reconcile(ctx, helper, 0); err != nil {
		return err
	}
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByHelper, Value: string(helper)})
	if err != nil {
		return err
	}
	for _, r := range requests {
		if r.Phase == care.Live && (in == "" || r.Community == in) {
			if err := a.giveBack(ctx, r.ID, helper, reason); err != nil {
				return err
			}
		}
	}
	a.refresh(ctx, helper)
	return nil
}

// keepApart writes the other half of a block and takes the two out of each other's requests, and out of one
// car. The blocked person has no book where they never helped; then there is nothing to write.
func (a *App) keepApart(ctx context.Context, by, other care.PersonID) error {
	_, err := a.Stores.Helpers.Update(ctx, other, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
		return h.NoteBlockedBy(by)
	})
	if err != nil && !care.IsKind(err, care.NotFound) {
		return err
	}
	for _, pair := range [][2]care.PersonID{{by, other}, {other, by}} {
		if err := a.reconcile(ctx, pair[0], 0); err != nil && !care.IsKind(err, care.NotFound) {
			return err
		}
		requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByHelper, Value: string(pair[0])})
		if err != nil {
			return err
		}
		for _, r := range requests {
			if r.Phase == care.Live && r.For == pair[1] {
				if err := a.giveBack(ctx, r.ID, pair[0], notAvailable); err != nil {
					return err
				}
			}
		}
		a.refresh(ctx, pair[0])
	}
	return a.partDrives(ctx, by)
}

func (a *App) noteFeedback(ctx context.Context, e care.Event) error {
	f, err := a.Stores.Feedbacks.Get(ctx, e.Feedback)
	if err != nil {
		return err
	}
	return a.onRequest(ctx, e.Request, func(r care.Request) (care.Request, []care.Event, error) {
		return r.NoteFeedback(f.Value.Visit, f.Value.Side, f.Value.Good, f.Value.At)
	})
}

func (a *App) beginHandover(ctx context.Context, e care.Event) error {
	return a.onRequest(ctx, e.Request, func(r care.Request) (care.Request, []care.Event, error) {
		return r.HandOver(e.Referral, care.Actor{Person: e.By, Party: care.Owner}, e.At)
	})
}
