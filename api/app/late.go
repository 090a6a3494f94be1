package app

import (
	"context"

	"naober/matching/care"
)

// settleLate looks at whose something is that begins or changes. A process may stall between its look
// at a person and its write until everything of theirs has ended: then what it wrote ends as well. The
// look is made after the write, so that of the two one sees the other.
func (a *App) settleLate(ctx context.Context, e care.Event) error {
	who, forget := a.lateOf(e)
	if who == "" {
		return nil
	}
	p, err := a.Stores.Persons.Get(ctx, who)
	switch {
	case care.IsKind(err, care.NotFound):
		return nil
	case err != nil:
		return err
	case p.Value.Gone():
		return forget(ctx, who)
	case p.Value.Life.State == care.Died:
		return a.carryLife(ctx, who)
	case e.Type == care.MembershipStarted && e.Code == string(care.Resident):
		return a.checkDouble(ctx, e, p.Value)
	case e.Type == care.RequestPublished: // they may have left, or come back, since its author looked
		return a.onRequest(ctx, e.Request, func(r care.Request) (care.Request, []care.Event, error) { return r.RestWith(p.Value.Life, a.clock()) })
	}
	return nil
}

// lateOf says whose an event's document is, and what to do with it where they were forgotten.
// Messages, feedback and worries are left as they are: without the key of their author they are as
// empty as those written before.
func (a *App) lateOf(e care.Event) (who care.PersonID, forget func(context.Context, care.PersonID) error) {
	switch e.Type {
	case care.RequestDrafted, care.RequestPublished:
		return e.Person, func(ctx context.Context, _ care.PersonID) error {
			return a.onRequest(ctx, e.Request, func(r care.Request) (care.Request, []care.Event, error) { return r.Forget(a.clock()) })
		}
	case care.OfferMade:
		return e.Helper, a.forgetOffers
	case care.HelperApplied, care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed, care.HelperBlocked, care.HelperChanged:
		return e.Helper, a.forgetBook
	case care.ReferralRequested:
		return e.Person, a.forgetReferrals
	case care.MembershipStarted:
		return e.Person, a.forgetMemberships
	}
	return "", nil
}
