package app

import (
	"context"
	"errors"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// carryDeath ends what was of somebody who died: first the tasks to tell people by voice, then visits,
// requests, offers, roles and sessions. The desk keeps them as a resident, so that a mistake can be
// corrected.
func (a *App) carryDeath(ctx context.Context, id, by care.PersonID) error {
	if err := a.tellHelpers(ctx, id); err != nil {
		return err
	}
	now := a.clock()
	owner := care.Actor{Person: by, Party: care.Owner}
	return errors.Join(
		a.eachRequestFor(ctx, id, func(r care.Request) (care.Request, []care.Event, error) { return r.Withdraw(owner, endedByDesk, now) }),
		a.endOffers(ctx, id, ""),
		// What ties them to a village stays: its desk corrects what was wrong, and forgets them.
		a.endRoles(ctx, id, by, func(m care.Membership) bool { return m.Role != care.Resident && m.Role != care.Volunteer }),
		a.endSessions(ctx, id, endedByDesk))
}

// tellHelpers gives the desk one call for each helper who is still to come to the person.
func (a *App) tellHelpers(ctx context.Context, id care.PersonID) error {
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByFor, Value: string(id)})
	if err != nil {
		return err
	}
	for _, r := range requests {
		for _, v := range r.Visits {
			if r.Phase != care.Live || !v.Upcoming() {
				continue
			}
			if err := a.give(ctx, tell(r, v.ID, v.Helper, id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellResident gives the desk the call to a resident whose helper died, as their visit goes back. The
// reader of the visit's return calls it.
func (a *App) tellResident(ctx context.Context, e care.Event) error {
	gone, err := a.dead(ctx, e.Helper)
	if err != nil || !gone {
		return err
	}
	r, err := a.Stores.Requests.Get(ctx, e.Request)
	if err != nil {
		return err
	}
	return a.give(ctx, tell(r.Value, e.Visit, r.Value.For, e.Helper))
}

func tell(r care.Request, v care.VisitID, whom, of care.PersonID) care.Task {
	return care.Task{ID: care.DeriveID[care.TaskID](time.UnixMilli(0), "tell", string(v), string(whom)), Community: r.Community,
		Kind: care.TaskTell, Person: whom, Other: of, Request: r.ID, Visit: v}
}

// endOffers takes back a helper's offers in one community, or everywhere.
func (a *App) endOffers(ctx context.Context, id care.PersonID, in care.CommunityID) error {
	offers, err := findAll(ctx, a.Stores.Offers, port.Key{Name: ByPerson, Value: string(id)})
	if err != nil {
		return err
	}
	for _, o := range offers {
		if !o.EndedAt.IsZero() || (in != "" && o.Community != in) {
			continue
		}
		_, err := a.Stores.Offers.Update(ctx, o.ID, port.Write{}, func(o care.Offer) (care.Offer, []care.Event, error) {
			return o.End(id, a.clock())
		})
		if err != nil && !refusal(err) {
			return err
		}
	}
	a.refresh(ctx, id)
	return nil
}

// endRoles ends memberships, whoever else there is: a chair is never left to somebody who is gone.
func (a *App) endRoles(ctx context.Context, id, by care.PersonID, which func(care.Membership) bool) error {
	members, err := findAll(ctx, a.Stores.Memberships, port.Key{Name: ByPerson, Value: string(id)})
	if err != nil {
		return err
	}
	for _, m := range members {
		if !m.EndedAt.IsZero() || !which(m) {
			continue
		}
		_, err := a.Stores.Memberships.Update(ctx, m.ID, port.Write{}, func(m care.Membership) (care.Membership, []care.Event, error) {
			return m.End(by, a.clock())
		})
		if err != nil && !refusal(err) {
			return err
		}
	}
	a.rename(ctx, id)
	return nil
}

func (a *App) endSessions(ctx context.Context, id care.PersonID, reason string) error {
	sessions, err := findAll(ctx, a.Stores.Sessions, port.Key{Name: ByPerson, Value: string(id)})
	if err != nil {
		return err
	}
	now := a.clock()
	for _, s := range sessions {
		_, err := a.Stores.Sessions.Update(ctx, s.ID, port.Write{}, func(s Session) (Session, []care.Event, error) {
			if !s.EndedAt.IsZero() {
				return s, nil, nil
			}
			return s.end(reason, now), nil, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
