package app

import (
	"cmp"
	"context"
	"slices"

	"naober/api/port"
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
	if err := noBSN(n.Words); err != nil {
		return "", err
	}
	return create(ctx, a, c, "referral.make", n, a.Stores.Referrals, func(id care.ReferralID) (care.Referral, []care.Event, error) {
		return a.newReferral(ctx, c.Person, n, id)
	})
}

func (a *App) newReferral(ctx context.Context, p care.PersonID, n NewReferral, id care.ReferralID) (care.Referral, []care.Event, error) {
	none, now := care.Referral{}, a.clock()
	r, err := a.Stores.Requests.Get(ctx, n.Request)
	if err != nil {
		return none, nil, err
	}
	by, err := a.ownerActor(ctx, p, r.Value)
	if err != nil {
		return none, nil, err
	}
	mine, err := a.rights(ctx, p)
	if err != nil {
		return none, nil, err
	}
	from := mine.organizations(care.ProfessionalRole, care.GuarantorRole)
	if by.Party != care.Owner || len(from) == 0 {
		return none, nil, care.E(care.Forbidden, "not_a_professional", "a professional who owns the request refers it")
	}
	to, err := a.Stores.Organizations.Get(ctx, n.To)
	if err != nil {
		return none, nil, err
	}
	if to.Value.Kind != care.FormalCare {
		return none, nil, care.Amiss("to", "receiver_invalid", "a referral goes to an organisation of formal care")
	}
	// A trial run: the request must be able to be handed over as it stands.
	if _, _, err := r.Value.HandOver(id, by, now); err != nil {
		return none, nil, err
	}
	return care.Referral{ID: id, Request: n.Request, Community: r.Value.Community, For: r.Value.For, By: p, From: from[0],
		To: n.To, Theme: n.Theme, Urgency: n.Urgency, Words: n.Words,
		Consent: care.Consent{Basis: n.Consent, RecordedBy: p, At: now}}.Refer(now)
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

func (a *App) onReferral(ctx context.Context, c Caller, name string, args any, id care.ReferralID, f port.Change[care.Referral]) error {
	found, side, err := a.referral(ctx, c, id)
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
// organisation. What each of them sees differs: see visibleReferral. A reading of personal data by
// either organisation is written into the person's log.
func (a *App) Referral(ctx context.Context, c Caller, id care.ReferralID) (port.Stored[care.Referral], Side, error) {
	f, side, err := a.referral(ctx, c, id)
	if err == nil {
		err = a.logReferral(ctx, c, f.Value, side)
	}
	if err != nil {
		return port.Stored[care.Referral]{}, "", err
	}
	f.Value = visibleReferral(f.Value, side)
	return f, side, nil
}

// referral finds a referral and how the caller stands to it, and shows it to nobody.
func (a *App) referral(ctx context.Context, c Caller, id care.ReferralID) (port.Stored[care.Referral], Side, error) {
	none := port.Stored[care.Referral]{}
	f, err := a.Stores.Referrals.Get(ctx, id)
	if err != nil {
		return none, "", err
	}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return none, "", err
	}
	side := sideOf(mine, f.Value)
	if side == "" {
		return none, "", care.E(care.NotFound, "referral_not_found", "there is no such referral")
	}
	return f, side, nil
}

// logReferral writes the reading into the person's log, where the side sees who it is about.
func (a *App) logReferral(ctx context.Context, c Caller, f care.Referral, side Side) error {
	if visibleReferral(f, side).For == "" || c.Person == a.resolve(f.For) {
		return nil
	}
	body := f.From
	if side == Receiver {
		body = f.To
	}
	return a.logView(ctx, View{Whose: f.For, By: c.Person, As: care.Party(side), What: "referral", Request: f.Request, Organization: body})
}

// sideOf goes by what somebody is today: who left the referring organisation sees its referrals no
// more.
func sideOf(mine rights, f care.Referral) Side {
	switch {
	case mine.at(f.To, care.ProfessionalRole):
		return Receiver
	case mine.at(f.From, care.ProfessionalRole, care.GuarantorRole):
		return Sender
	case mine.is(f.For):
		return Subject
	}
	return ""
}

// Referrals lists the referrals for the caller, or sent by or to the organisations they work at, by
// ascending id.
func (a *App) Referrals(ctx context.Context, c Caller, side Side, page port.Page) ([]care.Referral, error) {
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return nil, err
	}
	var keys []port.Key
	switch side {
	case Subject:
		for _, p := range mine.records {
			keys = append(keys, port.Key{Name: ByFor, Value: string(p)})
		}
	case Receiver:
		keys = keysOf(ByOrganization, mine.organizations(care.ProfessionalRole))
	case Sender:
		keys = keysOf(ByFrom, mine.organizations(care.ProfessionalRole, care.GuarantorRole))
	default:
		return nil, care.Amiss("side", "side_unknown", "side is receiver, sender or subject")
	}
	var all []care.Referral
	for _, key := range keys {
		found, err := a.Stores.Referrals.Find(ctx, key, page)
		if err != nil {
			return nil, err
		}
		all = append(all, values(found)...)
	}
	slices.SortFunc(all, func(x, y care.Referral) int { return cmp.Compare(x.ID, y.ID) })
	all = all[:min(len(all), max(page.Limit, 1))]
	for i, f := range all {
		if err := a.logReferral(ctx, c, f, side); err != nil {
			return nil, err
		}
		all[i] = visibleReferral(f, side)
	}
	return all, nil
}

// keysOf names each organisation once, however many roles somebody holds there.
func keysOf(name string, all []care.OrganizationID) []port.Key {
	slices.Sort(all)
	var keys []port.Key
	for _, o := range slices.Compact(all) {
		keys = append(keys, port.Key{Name: name, Value: string(o)})
	}
	return keys
}
