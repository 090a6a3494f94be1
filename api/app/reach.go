package app

import (
	"context"
	"slices"

	"naober/api/port"
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
	return a.present(ctx, port.Key{Name: ByOffice, Value: string(in)}, care.Moderator)
}

// Professionals of an organisation who are present.
func (a *App) Professionals(ctx context.Context, o care.OrganizationID) ([]care.PersonID, error) {
	return a.present(ctx, port.Key{Name: ByOrganization, Value: string(o)}, care.ProfessionalRole)
}

func (a *App) present(ctx context.Context, key port.Key, role care.Role) ([]care.PersonID, error) {
	members, err := findAll(ctx, a.Stores.Memberships, key)
	if err != nil {
		return nil, err
	}
	var people []care.PersonID
	for _, m := range members {
		if m.Role == role && m.Present(a.clock()) {
			people = append(people, m.Person)
		}
	}
	slices.Sort(people)
	return slices.Compact(people), nil
}

// PushSessions are the live sessions of a person on devices that take pushes.
func (a *App) PushSessions(ctx context.Context, p care.PersonID) ([]Session, error) {
	sessions, err := findAll(ctx, a.Stores.Sessions, port.Key{Name: ByPerson, Value: string(a.resolve(p))})
	now := a.clock()
	return slices.DeleteFunc(sessions, func(s Session) bool { return s.PushToken == "" || !s.live(now) }), err
}

// ForgetPush drops a registration that the push service called gone, if the session still has it.
func (a *App) ForgetPush(ctx context.Context, id SessionID, token string) error {
	return a.dropPush(ctx, id, token)
}

// Gone reports whether somebody died, so that no message goes to them.
func (a *App) Gone(ctx context.Context, p care.PersonID) (bool, error) {
	return a.dead(ctx, a.resolve(p))
}

// QuietOf is when a person may be disturbed: their own wish, or the usual.
func (a *App) QuietOf(ctx context.Context, p care.PersonID) (care.Quiet, error) {
	h, err := a.Stores.Helpers.Get(ctx, a.resolve(p))
	if care.IsKind(err, care.NotFound) {
		return care.DefaultQuiet(homeZone), nil
	}
	if err == nil && h.Value.Quiet.Zone == "" {
		return care.DefaultQuiet(homeZone), nil
	}
	return h.Value.Quiet, err
}

// homeZone is the clock of people who are no helpers: the service runs in the Netherlands.
const homeZone = "Europe/Amsterdam"

// Matter is what a message is about, as it stands now; what is gone is a zero value.
type Matter struct {
	Ask     care.Ask
	Visit   care.Visit
	Urgency care.Urgency
	// Silenced: the person it is for, or its helper, died. Nobody but an owner hears of it by message.
	Silenced bool
	Barred   bool // the ask's helper may not serve this resident any more; why is nobody's business
}

// MatterOf reads an ask and a visit of a request.
func (a *App) MatterOf(ctx context.Context, id care.RequestID, ask care.AskID, visit care.VisitID) (Matter, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return Matter{}, nil
	}
	if err != nil {
		return Matter{}, err
	}
	m := Matter{Urgency: r.Value.Urgency}
	// Not finding one of the two is an answer here.
	m.Ask, _ = r.Value.Ask(ask)
	m.Visit, _ = r.Value.Visit(visit)
	for _, p := range []care.PersonID{r.Value.For, m.Ask.Helper, m.Visit.Helper} {
		gone, err := a.dead(ctx, p)
		if err != nil {
			return m, err
		}
		m.Silenced = m.Silenced || gone
	}
	if m.Ask.Answerable() {
		m.Barred, err = a.barred(ctx, m.Ask.Helper, r.Value)
	}
	return m, err
}

// barred reports whether a pause, a block or an approval that ended keeps a helper from a request.
// The feed withdraws their questions a moment later.
func (a *App) barred(ctx context.Context, p care.PersonID, r care.Request) (bool, error) {
	h, err := a.Stores.Helpers.Get(ctx, p)
	if care.IsKind(err, care.NotFound) {
		return true, nil
	}
	return err == nil && h.Value.MayServe(r.Community, r.For, a.clock()) != nil, err
}
