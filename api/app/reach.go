package app

import (
	"context"
	"slices"

	"naober/matching/care"
)

// What follows answers whoever delivers messages. It is not reachable from outside and knows
// nothing of channels.

// Requesters are the person a request is for and, with standing consent, who asked on their
// behalf. A request that is gone has none.
func (a *App) Requesters(ctx context.Context, id care.RequestID) ([]care.PersonID, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	people := []care.PersonID{r.Value.For}
	if b := r.Value.OnBehalf; b != nil && b.Consent.Stands() {
		people = append(people, b.By)
	}
	return people, nil
}

// Owners sit in the request's chair today.
func (a *App) Owners(ctx context.Context, id care.RequestID) ([]care.PersonID, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return a.holders(ctx, r.Value.Owner)
}

// Moderators of a community who are present.
func (a *App) Moderators(ctx context.Context, in care.CommunityID) ([]care.PersonID, error) {
	members, err := findAll(ctx, a.Stores.Memberships, Key{ByCommunity, string(in)})
	if err != nil {
		return nil, err
	}
	var people []care.PersonID
	for _, m := range members {
		if m.Role == care.Moderator && m.Present(a.clock()) {
			people = append(people, m.Person)
		}
	}
	slices.Sort(people)
	return slices.Compact(people), nil
}

// PushSessions are the sessions of a person on devices that take pushes.
func (a *App) PushSessions(ctx context.Context, p care.PersonID) ([]Session, error) {
	sessions, err := findAll(ctx, a.Stores.Sessions, Key{ByPerson, string(p)})
	return slices.DeleteFunc(sessions, func(s Session) bool { return s.PushToken == "" || !s.EndedAt.IsZero() }), err
}

// ForgetPush drops a registration that the push service called gone, if the session still has it.
func (a *App) ForgetPush(ctx context.Context, id SessionID, token string) error {
	_, err := a.Stores.Sessions.Update(ctx, id, Write{}, func(s Session) (Session, []care.Event, error) {
		if s.PushToken == token {
			s.PushToken = ""
		}
		return s, nil, nil
	})
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	return err
}

// QuietOf is when a person may be disturbed: their own wish, or the usual.
func (a *App) QuietOf(ctx context.Context, p care.PersonID) (care.Quiet, error) {
	h, err := a.Stores.Helpers.Get(ctx, p)
	if care.IsKind(err, care.NotFound) {
		return care.DefaultQuiet(homeZone), nil
	}
	return h.Value.Quiet, err
}

// homeZone is the clock of people who are no helpers: the service runs in the Netherlands.
const homeZone = "Europe/Amsterdam"

// AskAndVisit reads an ask and a visit of a request as they stand; what is gone is a zero value.
func (a *App) AskAndVisit(ctx context.Context, id care.RequestID, ask care.AskID, visit care.VisitID) (care.Ask, care.Visit, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return care.Ask{}, care.Visit{}, nil
	}
	if err != nil {
		return care.Ask{}, care.Visit{}, err
	}
	// Not finding one of the two is an answer here.
	found, _ := r.Value.Ask(ask)
	v, _ := r.Value.Visit(visit)
	return found, v, nil
}
