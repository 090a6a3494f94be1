package app

import (
	"context"
	"slices"

	"naober/api/port"
	"naober/matching/care"
)

// Concern is whom an event may concern: people, and those who work in a village or an organisation. It may be
// more than those whose documents change, and says nothing of what changed.
type Concern struct {
	People  []care.PersonID
	Offices []string // ids of communities and organisations
}

// ConcernOf says whom a row of the feed concerns: whoever it names, everybody with a part in its request, and
// those who work where it happened.
func (a *App) ConcernOf(ctx context.Context, row port.Row) (Concern, error) {
	e := row.Event
	var c Concern
	c.add(a, e.By, e.Helper, e.Person)
	c.work(string(e.Community), string(e.Organization))
	if e.Referral != "" {
		f, err := a.Stores.Referrals.Get(ctx, e.Referral)
		if err != nil && !care.IsKind(err, care.NotFound) {
			return Concern{}, err
		}
		c.work(string(f.Value.From), string(f.Value.To))
	}
	if e.Request == "" {
		return c, nil
	}
	r, err := a.Stores.Requests.Get(ctx, e.Request)
	if err != nil {
		return c, absentIsDone(err)
	}
	c.add(a, r.Value.For)
	if b := r.Value.OnBehalf; b != nil {
		c.add(a, b.By)
	}
	for _, k := range r.Value.Asks {
		c.add(a, k.Helper)
	}
	for _, v := range r.Value.Visits {
		c.add(a, v.Helper)
	}
	village, err := a.Stores.Communities.Get(ctx, r.Value.Community)
	c.work(string(r.Value.Community), string(village.Value.Guarantor))
	return c, absentIsDone(err)
}

func (c *Concern) add(a *App, people ...care.PersonID) {
	for _, p := range people {
		if p = a.resolve(p); p != "" && !slices.Contains(c.People, p) {
			c.People = append(c.People, p)
		}
	}
}

func (c *Concern) work(offices ...string) {
	for _, o := range offices {
		if o != "" && !slices.Contains(c.Offices, o) {
			c.Offices = append(c.Offices, o)
		}
	}
}

// OfficesOf are the communities and organisations where somebody works, and not just lives or helps.
func (a *App) OfficesOf(ctx context.Context, p care.PersonID) ([]string, error) {
	mine, err := a.rights(ctx, p)
	if err != nil {
		return nil, err
	}
	var c Concern
	for _, m := range mine.members {
		if m.Role != care.Resident && m.Role != care.Volunteer {
			c.work(string(m.Community), string(m.Organization))
		}
	}
	return c.Offices, nil
}

// SessionLives reports whether a device is still signed in.
func (a *App) SessionLives(ctx context.Context, c Caller) error {
	_, err := a.sessionOf(ctx, c.Session, c.Person)
	return err
}
