package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// holders resolves who sits in a chair today: person, deputy, desk, administrator, in this order.
// Where the village has nobody present, its association's administrators answer, and last any
// administrator of the village, on leave or not: somebody always can act. The result is empty only
// where there is no administrator at all, which is the operator's to mend.
func (a *App) holders(ctx context.Context, ch care.Chair) ([]care.PersonID, error) {
	community, err := a.Stores.Communities.Get(ctx, ch.Community)
	if err != nil {
		return nil, err
	}
	if ch.Kind == care.ChairGuarantor && community.Value.Guarantor != "" {
		found, err := a.atOrganization(ctx, community.Value.Guarantor, care.GuarantorRole)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	members, err := findAll(ctx, a.Stores.Memberships, port.Key{Name: ByOffice, Value: string(ch.Community)})
	if err != nil {
		return nil, err
	}
	now, roles := a.clock(), []care.Role{care.FixedWorker, care.DeskWorker, care.Administrator}
	if ch.Kind == care.ChairDesk {
		roles = roles[1:]
	}
	for _, role := range roles {
		if found := present(members, role, now); len(found) > 0 {
			return found, nil
		}
	}
	if community.Value.Association != "" {
		found, err := a.atOrganization(ctx, community.Value.Association, care.Administrator)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	found := people(members, func(m care.Membership) bool { return m.Role == care.Administrator && m.Active(now) })
	if len(found) == 0 && a.hourly.due("chair/"+string(ch.Kind)+"/"+string(ch.Community), now) {
		a.Log.Warn("nobody sits in a chair", "community", string(ch.Community), "chair", string(ch.Kind))
	}
	return found, nil
}

func (a *App) atOrganization(ctx context.Context, o care.OrganizationID, role care.Role) ([]care.PersonID, error) {
	members, err := findAll(ctx, a.Stores.Memberships, port.Key{Name: ByOrganization, Value: string(o)})
	return present(members, role, a.clock()), err
}

// present lists who holds a role and is not on leave: the first holders, or else their deputies.
func present(members []care.Membership, role care.Role, now time.Time) []care.PersonID {
	for _, deputy := range []bool{false, true} {
		found := people(members, func(m care.Membership) bool { return m.Role == role && m.Deputy == deputy && m.Present(now) })
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func people(members []care.Membership, which func(care.Membership) bool) []care.PersonID {
	var found []care.PersonID
	for _, m := range members {
		if which(m) {
			found = append(found, m.Person)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// holds reports whether the person sits in the chair today.
func (a *App) holds(ctx context.Context, p care.PersonID, ch care.Chair) (bool, error) {
	return a.onlooker(p).holds(ctx, ch)
}

// ownerActor is actor for what only an owner does: the chair counts before any other part.
func (a *App) ownerActor(ctx context.Context, p care.PersonID, r care.Request) (care.Actor, error) {
	owner, err := a.holds(ctx, p, r.Owner)
	if err != nil {
		return care.Actor{}, err
	}
	if owner {
		return care.Actor{Person: p, Party: care.Owner}, nil
	}
	by, err := a.actor(ctx, p, r)
	if care.IsKind(err, care.Forbidden) {
		return care.Actor{Person: p}, nil // no party: what only an owner does is refused in its own words
	}
	return by, err
}

// actor resolves as which party a person acts on a request: the requester's side, the owner's
// chair, a helper who may still see it. Whoever may not see the request learns nothing.
func (a *App) actor(ctx context.Context, p care.PersonID, r care.Request) (care.Actor, error) {
	r = a.canonical(r)
	if r.PartyOf(p) == care.Requester {
		return care.Actor{Person: p, Party: care.Requester}, nil
	}
	owner, err := a.holds(ctx, p, r.Owner)
	switch {
	case err != nil:
		return care.Actor{}, err
	case owner:
		return care.Actor{Person: p, Party: care.Owner}, nil
	case helperRelation(p, r, a.clock()) != "":
		return care.Actor{Person: p, Party: care.HelperParty}, nil
	}
	if _, err := a.relationTo(ctx, p, r); err != nil {
		return care.Actor{}, err
	}
	return care.Actor{}, care.E(care.Forbidden, "not_your_request", "that is for the requester, the owner and the helper")
}

// visitActor resolves as which party a person acts on one visit. Its helper stays its helper also
// when it was called off, so that they can report a worry.
func (a *App) visitActor(ctx context.Context, p care.PersonID, r care.Request, v care.Visit) (care.Actor, error) {
	if a.canonical(r).PartyOf(p) != care.Requester && a.resolve(v.Helper) == p {
		return care.Actor{Person: v.Helper, Party: care.HelperParty}, nil // under the record that agreed
	}
	rel, err := a.relationTo(ctx, p, r)
	if err == nil && (rel == RelModerator || rel == RelAsked || rel == RelAgreed) {
		err = requestNotFound() // of somebody else's visit they know nothing
	}
	if err != nil {
		return care.Actor{}, err
	}
	return a.actor(ctx, p, r)
}
