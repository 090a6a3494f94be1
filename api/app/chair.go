package app

import (
	"context"
	"slices"

	"naober/matching/care"
)

// holders resolves who sits in a chair today: person, deputy, desk, administrator, in this order.
// The result is empty only where a community has nobody at all, which Serve refuses at start.
func (a *App) holders(ctx context.Context, ch care.Chair) ([]care.PersonID, error) {
	var members []care.Membership
	community, err := a.Stores.Communities.Get(ctx, ch.Community)
	if err != nil {
		return nil, err
	}
	members, err = findAll(ctx, a.Stores.Memberships, Key{ByCommunity, string(ch.Community)})
	if err != nil {
		return nil, err
	}
	now := a.clock()
	here := func(deputy bool, roles ...care.Role) []care.PersonID {
		var found []care.PersonID
		for _, m := range members {
			if m.Present(now) && m.Deputy == deputy && hasRole(m, roles) {
				found = append(found, m.Person)
			}
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	if ch.Kind == care.ChairGuarantor && community.Value.Guarantor != "" {
		found, err := a.guarantors(ctx, community.Value.Guarantor)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	if ch.Kind != care.ChairDesk {
		if found := here(false, care.FixedWorker); len(found) > 0 {
			return found, nil
		}
		if found := here(true, care.FixedWorker); len(found) > 0 {
			return found, nil
		}
	}
	for _, deputy := range []bool{false, true} {
		if found := here(deputy, care.DeskWorker); len(found) > 0 {
			return found, nil
		}
	}
	return here(false, care.Administrator), nil
}

func (a *App) guarantors(ctx context.Context, o care.OrganizationID) ([]care.PersonID, error) {
	members, err := findAll(ctx, a.Stores.Memberships, Key{ByOrganization, string(o)})
	if err != nil {
		return nil, err
	}
	now := a.clock()
	for _, deputy := range []bool{false, true} {
		var found []care.PersonID
		for _, m := range members {
			if m.Present(now) && m.Role == care.GuarantorRole && m.Deputy == deputy {
				found = append(found, m.Person)
			}
		}
		if len(found) > 0 {
			slices.Sort(found)
			return slices.Compact(found), nil
		}
	}
	return nil, nil
}

// holds reports whether the person sits in the chair today.
func (a *App) holds(ctx context.Context, p care.PersonID, ch care.Chair) (bool, error) {
	found, err := a.holders(ctx, ch)
	return slices.Contains(found, p), err
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
	return a.actor(ctx, p, r)
}

// actor resolves as which party a person acts on a request: what the request itself says first,
// then the owner's chair. A stranger learns nothing.
func (a *App) actor(ctx context.Context, p care.PersonID, r care.Request) (care.Actor, error) {
	owner, err := a.holds(ctx, p, r.Owner)
	if err != nil {
		return care.Actor{}, err
	}
	party := r.PartyOf(p)
	switch {
	case party != "":
		return care.Actor{Person: p, Party: party}, nil
	case owner:
		return care.Actor{Person: p, Party: care.Owner}, nil
	}
	return care.Actor{}, care.E(care.NotFound, "request_not_found", "there is no such request")
}
