package app

import (
	"context"
	"strings"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// The three commands below lay the ground of an installation: demo and `naober admin` call them, on
// the machine itself. They ask for no caller and check no right, so no route may lead to them.
// Given an id they may be repeated: what stands is kept.

// CreateCommunity stores a village. Operators only. Without an id it makes one.
func (a *App) CreateCommunity(ctx context.Context, c care.Community) (care.CommunityID, error) {
	_, err := time.LoadLocation(c.Zone)
	switch {
	case err != nil || c.Zone == "" || c.Zone == "Local":
		return "", care.E(care.Invalid, "zone_invalid", "a community needs an IANA time zone")
	case strings.TrimSpace(c.Name) == "" || strings.TrimSpace(c.Town) == "" || !c.Point.Valid():
		return "", care.E(care.Invalid, "community_invalid", "a community needs a name, a town and a point on earth")
	}
	if err := a.bodies(ctx, c); err != nil {
		return "", err
	}
	c.CreatedAt = a.clock()
	if c.ID == "" {
		c.ID = fresh[care.CommunityID](c.CreatedAt)
	}
	_, err = a.Stores.Communities.Insert(ctx, c.ID, c, nil, port.Write{})
	return c.ID, keepStanding(err)
}

// bodies checks that each body of a village is of the kind that can do what is asked of it: an association
// decides on volunteers, and professionals answer where the village finds nobody.
func (a *App) bodies(ctx context.Context, c care.Community) error {
	for _, b := range []struct {
		id      care.OrganizationID
		kind    care.OrganizationKind
		refusal error
	}{
		{c.Association, care.Association, care.E(care.Invalid, "association_invalid", "the association of a village is an organisation of that kind")},
		{c.Guarantor, care.Professional, care.E(care.Invalid, "guarantor_invalid", "a guarantor is an organisation of professionals")},
	} {
		if b.id == "" {
			continue
		}
		o, err := a.Stores.Organizations.Get(ctx, b.id)
		if err != nil {
			return err
		}
		if o.Value.Kind != b.kind {
			return b.refusal
		}
	}
	return nil
}

// CreateOrganization stores an association, a practice or a provider of care. Operators only.
// Without an id it makes one.
func (a *App) CreateOrganization(ctx context.Context, o care.Organization) (care.OrganizationID, error) {
	known := o.Kind == care.Association || o.Kind == care.Professional || o.Kind == care.FormalCare
	if strings.TrimSpace(o.Name) == "" || !known {
		return "", care.E(care.Invalid, "organization_invalid", "an organisation needs a name and a kind")
	}
	o.CreatedAt = a.clock()
	if o.ID == "" {
		o.ID = fresh[care.OrganizationID](o.CreatedAt)
	}
	_, err := a.Stores.Organizations.Insert(ctx, o.ID, o, nil, port.Write{})
	return o.ID, keepStanding(err)
}

// GrantFirstRole gives somebody a role that nobody is there to give yet, such as the first
// administrator. Operators only; once there is an administrator, GrantRole is the way. Without an
// id it makes one.
func (a *App) GrantFirstRole(ctx context.Context, m care.Membership) (care.MembershipID, error) {
	if _, err := a.Stores.Persons.Get(ctx, m.Person); err != nil {
		return "", err
	}
	now := a.clock()
	if m.ID == "" {
		m.ID = fresh[care.MembershipID](now)
	}
	started, events, err := m.Start("", now)
	if err != nil {
		return "", err
	}
	_, err = a.Stores.Memberships.Insert(ctx, m.ID, started, events, port.Write{})
	a.rename(ctx, m.Person)
	return m.ID, keepStanding(err)
}

// keepStanding takes "there already" for done.
func keepStanding(err error) error {
	if care.CodeOf(err) == "id_taken" {
		return nil
	}
	return err
}
