package app

import (
	"context"

	"naober/matching/care"
)

// NewReferral is what a professional passes on.
type NewReferral struct {
	Request care.RequestID
	To      care.OrganizationID
	Theme   care.Kind
	Urgency care.Urgency
	Words   string
	Consent care.ConsentBasis
}

// ReferRequest escalates a request to formal care. For its owner where they are a professional or a
// guarantor; the request closes only when the other side has acknowledged.
func (a *App) ReferRequest(ctx context.Context, c Caller, n NewReferral) (care.ReferralID, error) {
	r, err := a.Stores.Requests.Get(ctx, n.Request)
	if err != nil {
		return "", err
	}
	by, err := a.ownerActor(ctx, c.Person, r.Value)
	if err != nil {
		return "", err
	}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return "", err
	}
	from := mine.organizations(care.ProfessionalRole, care.GuarantorRole)
	if by.Party != care.Owner || len(from) == 0 {
		return "", care.E(care.Forbidden, "not_a_professional", "a professional who owns the request refers it")
	}
	to, err := a.Stores.Organizations.Get(ctx, n.To)
	if err != nil {
		return "", err
	}
	if to.Value.Kind != care.FormalCare {
		return "", care.E(care.Invalid, "receiver_invalid", "a referral goes to an organisation of formal care")
	}
	now := a.clock()
	return create(ctx, a, c, "referral.make", n, a.Stores.Referrals, func(id care.ReferralID) (care.Referral, []care.Event, error) {
		// A trial run: the request must be able to be handed over as it stands.
		if _, _, err := r.Value.HandOver(id, by, now); err != nil {
			return care.Referral{}, nil, err
		}
		return care.Referral{ID: id, Request: n.Request, Community: r.Value.Community, For: r.Value.For, By: c.Person, From: from[0],
			To: n.To, Theme: n.Theme, Urgency: n.Urgency, Words: n.Words,
			Consent: care.Consent{Basis: n.Consent, RecordedBy: c.Person, At: now}}.Refer(now)
	})
}

// AcceptReferral is the receiver's acknowledgement. For professionals of the receiving organisation.
func (a *App) AcceptReferral(ctx context.Context, c Caller, id care.ReferralID) error {
	return a.onReferral(ctx, c, "referral.accept", nil, id, func(f care.Referral) (care.Referral, []care.Event, error) {
		return f.Accept(c.Person, a.clock())
	})
}

// RejectReferral gives the need back with a reason. For professionals of the receiving organisation.
func (a *App) RejectReferral(ctx context.Context, c Caller, id care.ReferralID, reason string) error {
	return a.onReferral(ctx, c, "referral.reject", reason, id, func(f care.Referral) (care.Referral, []care.Event, error) {
		return f.Reject(c.Person, reason, a.clock())
	})
}

// StartReferral says that formal care has begun. For professionals of the receiving organisation.
func (a *App) StartReferral(ctx context.Context, c Caller, id care.ReferralID) error {
	return a.onReferral(ctx, c, "referral.start", nil, id, func(f care.Referral) (care.Referral, []care.Event, error) {
		return f.Start(c.Person, a.clock())
	})
}

// CompleteReferral says that formal care has done its part. For professionals of the receiver.
func (a *App) CompleteReferral(ctx context.Context, c Caller, id care.ReferralID) error {
	return a.onReferral(ctx, c, "referral.complete", nil, id, func(f care.Referral) (care.Referral, []care.Event, error) {
		return f.Complete(c.Person, a.clock())
	})
}

func (a *App) onReferral(ctx context.Context, c Caller, name string, args any, id care.ReferralID, f Change[care.Referral]) error {
	found, side, err := a.Referral(ctx, c, id)
	if err != nil {
		return err
	}
	if side != Receiver {
		return care.E(care.Forbidden, "not_the_receiver", "only the organisation it was sent to can do that")
	}
	return change(ctx, a, c, name, args, a.Stores.Referrals, found.Value.ID, f)
}

// Side is from where somebody looks at a referral.
type Side string

// The sides of a referral.
const (
	Receiver Side = "receiver"
	Sender   Side = "sender"
	Subject  Side = "subject"
)

// Referral shows a referral to the person it is for, to the referring and to the receiving
// organisation. What each of them sees differs: see ReferralView.
func (a *App) Referral(ctx context.Context, c Caller, id care.ReferralID) (Stored[care.Referral], Side, error) {
	f, err := a.Stores.Referrals.Get(ctx, id)
	if err != nil {
		return f, "", err
	}
	mine, err := a.rights(ctx, c.Person)
	switch {
	case err != nil:
		return f, "", err
	case mine.at(f.Value.To, care.ProfessionalRole):
		return f, Receiver, nil
	case f.Value.By == c.Person || mine.at(f.Value.From, care.ProfessionalRole, care.GuarantorRole):
		return f, Sender, nil
	case f.Value.For == c.Person:
		return f, Subject, nil
	}
	return Stored[care.Referral]{}, "", care.E(care.NotFound, "referral_not_found", "there is no such referral")
}

// Referrals lists referrals by key: those for the caller, sent by or to an organisation of theirs.
func (a *App) Referrals(ctx context.Context, c Caller, side Side, page Page) ([]care.Referral, error) {
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return nil, err
	}
	key := Key{ByFor, string(c.Person)}
	organizations := mine.organizations(care.ProfessionalRole, care.GuarantorRole)
	switch {
	case side == Subject:
	case len(organizations) == 0:
		return nil, nil
	case side == Receiver:
		key = Key{ByOrganization, string(organizations[0])}
	case side == Sender:
		key = Key{ByFrom, string(organizations[0])}
	default:
		return nil, care.E(care.Invalid, "side_unknown", "side is receiver, sender or subject")
	}
	found, err := a.Stores.Referrals.Find(ctx, key, page)
	return values(found), err
}
