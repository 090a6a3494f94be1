package app

import (
	"context"
	"strconv"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Memberships lists the caller's memberships that give rights now.
func (a *App) Memberships(ctx context.Context, c Caller) ([]care.Membership, error) {
	mine, err := a.rights(ctx, c.Person)
	return mine.members, err
}

// Join makes the caller a resident or volunteer of a community. Whether a volunteer is asked is the
// association's approval to say.
func (a *App) Join(ctx context.Context, c Caller, in care.CommunityID, as care.Role) (care.MembershipID, error) {
	if !as.Known() {
		return "", care.Amiss("role", "role_unknown", "there is no such role")
	}
	if as != care.Resident && as != care.Volunteer {
		return "", care.E(care.Forbidden, "role_not_yours", "one joins as resident or volunteer; other roles are given")
	}
	if _, err := a.Stores.Communities.Get(ctx, in); err != nil {
		return "", err
	}
	return a.startMembership(ctx, c, "membership.join", care.Membership{Person: c.Person, Community: in, Role: as})
}

// Leave ends the caller's own membership, whatever its role; the last administrator of a place
// stays until there is another.
func (a *App) Leave(ctx context.Context, c Caller, id care.MembershipID) error {
	m, err := a.Stores.Memberships.Get(ctx, id)
	if err != nil {
		return err
	}
	if m.Value.Person != c.Person {
		return membershipNotFound()
	}
	return a.endMembership(ctx, c, "membership.leave", m)
}

// Grant is a role that an administrator gives.
type Grant struct {
	Person       care.PersonID
	Community    care.CommunityID
	Organization care.OrganizationID
	Role         care.Role
	Deputy       bool
}

// GrantRole gives somebody a role of trust. For administrators of every place it is held in: of the
// community, or of its association, and of the organisation.
func (a *App) GrantRole(ctx context.Context, c Caller, g Grant) (care.MembershipID, error) {
	if g.Role == care.Resident || g.Role == care.Volunteer {
		return "", care.Amiss("role", "role_not_granted", "residents and volunteers join by themselves")
	}
	g.Person = a.resolve(g.Person)
	m := care.Membership{Person: g.Person, Community: g.Community, Organization: g.Organization, Role: g.Role, Deputy: g.Deputy}
	if err := a.administers(ctx, c.Person, m); err != nil {
		return "", err
	}
	p, err := a.Stores.Persons.Get(ctx, g.Person)
	if err == nil && p.Value.Gone() {
		err = care.E(care.NotFound, "person_not_found", "there is no such person")
	}
	if err != nil {
		return "", err
	}
	return a.startMembership(ctx, c, "membership.grant", m)
}

// EndMembership takes a role away: its rights are gone at the next call. For administrators of the
// place, and for desk and fixed worker where a resident or volunteer of theirs leaves.
func (a *App) EndMembership(ctx context.Context, c Caller, id care.MembershipID) error {
	m, err := a.Stores.Memberships.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := a.mayEnd(ctx, c.Person, m.Value); err != nil {
		return err
	}
	return a.endMembership(ctx, c, "membership.end", m)
}

// SetLeave says from when until when the holder of a role is away; a deputy acts meanwhile. Two
// zero times end the leave. For the holder and for administrators of the place.
func (a *App) SetLeave(ctx context.Context, c Caller, id care.MembershipID, from, until time.Time) error {
	m, err := a.Stores.Memberships.Get(ctx, id)
	if err != nil {
		return err
	}
	if m.Value.Person != c.Person {
		if err := a.administers(ctx, c.Person, m.Value); err != nil {
			return hidden(err)
		}
	}
	from, until = from.UTC().Truncate(time.Millisecond), until.UTC().Truncate(time.Millisecond)
	return change(ctx, a, c, "membership.leave_of_absence", []time.Time{from, until}, a.Stores.Memberships, id,
		func(m care.Membership) (care.Membership, []care.Event, error) { return m.SetLeave(from, until) })
}

// administers checks that somebody is administrator of every place that a membership is held in.
func (a *App) administers(ctx context.Context, p care.PersonID, m care.Membership) error {
	none := care.E(care.Forbidden, "not_an_administrator", "this is for the administrators of that place")
	mine, err := a.rights(ctx, p)
	if err != nil {
		return err
	}
	if m.Community == "" && m.Organization == "" {
		return care.E(care.Invalid, "membership_nowhere", "a membership is of a community or an organisation")
	}
	if m.Organization != "" && !mine.at(m.Organization, care.Administrator) {
		return none
	}
	if m.Community == "" || mine.in(m.Community, care.Administrator) {
		return nil
	}
	community, err := a.Stores.Communities.Get(ctx, m.Community)
	if err != nil {
		return err
	}
	if !mine.at(community.Value.Association, care.Administrator) {
		return none
	}
	return nil
}

func (a *App) mayEnd(ctx context.Context, p care.PersonID, m care.Membership) error {
	if m.Role == care.Resident || m.Role == care.Volunteer {
		mine, err := a.rights(ctx, p)
		if err != nil || mine.in(m.Community, care.DeskWorker, care.FixedWorker) {
			return err
		}
	}
	return hidden(a.administers(ctx, p, m))
}

// startMembership begins a membership that does not stand already. Its id says who, where, as what
// and for the how manieth time, so that of two who start it at once one succeeds.
func (a *App) startMembership(ctx context.Context, c Caller, name string, m care.Membership) (care.MembershipID, error) {
	taken := care.E(care.Conflict, "already_member", "that membership stands already")
	now := a.clock()
	earlier, err := findAll(ctx, a.Stores.Memberships, port.Key{Name: ByPerson, Value: string(m.Person)})
	if err != nil {
		return "", err
	}
	before, active := 0, care.MembershipID("")
	for _, e := range earlier {
		if e.Community == m.Community && e.Organization == m.Organization && e.Role == m.Role {
			before++
			if e.Active(now) {
				active = e.ID
			}
		}
	}
	act := func(subject string, w port.Write) error {
		if active != "" && string(active) != subject {
			return taken
		}
		m.ID = care.MembershipID(subject)
		started, events, err := m.Start(c.Person, now)
		if err != nil {
			return err
		}
		w.IfVer = 0
		_, err = a.Stores.Memberships.Insert(ctx, m.ID, started, events, w)
		if care.CodeOf(err) == "id_taken" {
			return taken
		}
		return err
	}
	subject := membershipID(m.Person, string(m.Community)+"/"+string(m.Organization), m.Role, before)
	id, err := a.once(ctx, c, intent{name: name, args: m, subject: string(subject)}, act, nil)
	if err == nil {
		a.rename(ctx, m.Person)
	}
	return care.MembershipID(id), err
}

// membershipID is the id of somebody's membership in a place and role, for the nth time.
func membershipID(p care.PersonID, place string, role care.Role, n int) care.MembershipID {
	return care.DeriveID[care.MembershipID](time.UnixMilli(0), "membership", string(p), place, string(role), strconv.Itoa(n))
}

// endMembership ends a membership, but for the last administrator's: a place without one can never
// get staff again.
func (a *App) endMembership(ctx context.Context, c Caller, name string, stored port.Stored[care.Membership]) error {
	m := stored.Value
	if m.Role == care.Administrator && (c.IfVer == 0 || c.IfVer == stored.Ver) {
		if err := a.giveUp(ctx, m, true); err != nil {
			return err
		}
	}
	now := a.clock()
	err := change(ctx, a, c, name, nil, a.Stores.Memberships, m.ID, func(m care.Membership) (care.Membership, []care.Event, error) {
		return m.End(c.Person, now)
	})
	if err == nil {
		a.rename(ctx, m.Person)
	}
	return err
}

// hidden turns a refusal into absence: who may do nothing with a membership does not learn of it.
func hidden(err error) error {
	if care.IsKind(err, care.Forbidden) {
		return membershipNotFound()
	}
	return err
}

func membershipNotFound() error {
	return care.E(care.NotFound, "membership_not_found", "there is no such membership")
}
