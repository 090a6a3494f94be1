package app

import (
	"context"
	"errors"
	"slices"

	"naober/api/port"
	"naober/matching/care"
)

// errMoved says that what a place says of its administrators is no longer what was read.
var errMoved = errors.New("another administrator of the place is leaving")

// giveUp refuses the last administrator of a place to go, and has the place note who goes. Where note is
// false it only looks. Who has gone already needs no leave: the change of their role says so.
func (a *App) giveUp(ctx context.Context, m care.Membership, note bool) error {
	for {
		// In this order: whoever is active below and not leaving above has not ended their role yet.
		said, err := a.leaving(ctx, m)
		if err != nil {
			return err
		}
		active, err := a.administrators(ctx, m)
		if err != nil || !slices.Contains(active, m.ID) {
			return err
		}
		next, err := care.GiveUp(said, m.ID, active)
		if err != nil || !note {
			return err
		}
		if err := a.noteLeaving(ctx, m, said, next); !errors.Is(err, errMoved) {
			return err
		}
	}
}

// leaving is what the place of a membership says of administrators who give their role up.
func (a *App) leaving(ctx context.Context, m care.Membership) ([]care.MembershipID, error) {
	if m.Community != "" {
		c, err := a.Stores.Communities.Get(ctx, m.Community)
		return c.Value.Leaving, err
	}
	o, err := a.Stores.Organizations.Get(ctx, m.Organization)
	return o.Value.Leaving, err
}

func (a *App) noteLeaving(ctx context.Context, m care.Membership, said, next []care.MembershipID) (err error) {
	if m.Community != "" {
		_, err = a.Stores.Communities.Update(ctx, m.Community, port.Write{Quiet: true}, func(c care.Community) (care.Community, []care.Event, error) {
			if !slices.Equal(c.Leaving, said) {
				return c, nil, errMoved
			}
			c.Leaving = next
			return c, nil, nil
		})
		return err
	}
	_, err = a.Stores.Organizations.Update(ctx, m.Organization, port.Write{Quiet: true}, func(o care.Organization) (care.Organization, []care.Event, error) {
		if !slices.Equal(o.Leaving, said) {
			return o, nil, errMoved
		}
		o.Leaving = next
		return o, nil, nil
	})
	return err
}

// administrators are the memberships by which a place is administered now.
func (a *App) administrators(ctx context.Context, m care.Membership) ([]care.MembershipID, error) {
	key := port.Key{Name: ByOffice, Value: string(m.Community)}
	if m.Community == "" {
		key = port.Key{Name: ByOrganization, Value: string(m.Organization)}
	}
	members, err := findAll(ctx, a.Stores.Memberships, key)
	if err != nil {
		return nil, err
	}
	now := a.clock()
	var active []care.MembershipID
	for _, other := range members {
		if other.Role == care.Administrator && other.Community == m.Community && other.Active(now) {
			active = append(active, other.ID)
		}
	}
	return active, nil
}
