package app

import (
	"context"

	"naober/api/port"
	"naober/matching/care"
)

// carryMove carries the last move on: the new village's membership begins and its association approves
// anew, the old one's memberships and offers end, and what the person asked for goes along. A process
// that stalled on the way finds out before its next step that somebody else has brought it to its end.
func (a *App) carryMove(ctx context.Context, p care.Person) error {
	from, to := p.Life.MovedFrom, p.Life.MovedTo
	if to == "" {
		return nil
	}
	for _, step := range []func() error{
		func() error { return a.settleIn(ctx, p) },
		func() error { return a.moveBook(ctx, p.ID, from, to) },
		func() error { return a.endOffers(ctx, p.ID, from) },
		func() error { return a.moveRequests(ctx, p) },
		func() error {
			return a.endRoles(ctx, p.ID, p.ID, func(m care.Membership) bool {
				return m.Community == from && (m.Role == care.Resident || m.Role == care.Volunteer)
			})
		},
	} {
		if same, err := a.stillMoves(ctx, p); err != nil || !same {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	// From here on a new beginning in the old village is one.
	_, err := a.Stores.Persons.Update(ctx, p.ID, port.Write{Quiet: true}, func(p care.Person) (care.Person, []care.Event, error) {
		if p.Life.MovedFrom == from && p.Life.MovedTo == to {
			p.Life.MovedFrom, p.Life.MovedTo, p.Life.MovedHome = "", "", care.Place{}
		}
		return p, nil, nil
	})
	return err
}

// stillMoves reports whether a move is still being carried out.
func (a *App) stillMoves(ctx context.Context, p care.Person) (bool, error) {
	now, err := a.Stores.Persons.Get(ctx, p.ID)
	return now.Value.Life.MovedFrom == p.Life.MovedFrom && now.Value.Life.MovedTo == p.Life.MovedTo, err
}

// moveBook has the new association approve the helper, and gives back what they had agreed to before.
func (a *App) moveBook(ctx context.Context, p care.PersonID, from, to care.CommunityID) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, p, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.Moved(from, to, now) })
	if err == nil {
		err = a.giveAllBack(ctx, p, from, notAvailable)
	}
	return absentIsDone(err)
}

// settleIn makes somebody a resident where they moved to. Who lived there before begins anew: the
// membership of that time has ended and keeps its id. While the move goes on they have not left the new
// place again, so that their memberships are counted aright.
func (a *App) settleIn(ctx context.Context, p care.Person) error {
	in := p.Life.MovedTo
	members, err := findAll(ctx, a.Stores.Memberships, port.Key{Name: ByPerson, Value: string(p.ID)})
	if err != nil {
		return err
	}
	now, before := a.clock(), 0
	for _, m := range members {
		if m.Community != in || m.Organization != "" || m.Role != care.Resident {
			continue
		}
		if m.Active(now) {
			return nil
		}
		before++
	}
	if same, err := a.stillMoves(ctx, p); err != nil || !same {
		return err
	}
	id := membershipID(p.ID, string(in)+"/", care.Resident, before)
	m, events, err := care.Membership{ID: id, Person: p.ID, Community: in, Role: care.Resident}.Start(p.ID, now)
	if err != nil {
		return err
	}
	_, err = a.Stores.Memberships.Insert(ctx, id, m, events, port.Write{})
	return keepStanding(err)
}

// moveRequests takes along what the person asked for in the old village, drafts and series included.
// What is closed stays there: it is that village's history.
func (a *App) moveRequests(ctx context.Context, p care.Person) error {
	village, err := a.Stores.Communities.Get(ctx, p.Life.MovedTo)
	if err != nil {
		return err
	}
	owners, err := a.holders(ctx, care.Chair{Kind: care.ChairWorker, Community: p.Life.MovedTo})
	if err != nil {
		return err
	}
	now, from := a.clock(), p.Life.MovedFrom
	m := care.Move{To: p.Life.MovedTo, Zone: village.Value.Zone, OldHome: p.Life.MovedHome, NewHome: p.Home, NobodyIn: len(owners) == 0}
	return a.eachRequestFor(ctx, p.ID, func(r care.Request) (care.Request, []care.Event, error) {
		if r.Community != from {
			return r, nil, nil
		}
		return r.MoveAlong(m, care.Actor{Person: p.ID, Party: care.Owner}, now)
	})
}
