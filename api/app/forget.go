package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// forgetting is the permanent name of both commands.
const forgetting = "person.forget"

// ForgetMe forgets the caller for good: name is their first name once more. What they said of themselves is gone
// when this returns, and so are their sessions; a device whose answer was lost finds itself signed
// out. The last administrator of a place finds a successor first.
func (a *App) ForgetMe(ctx context.Context, c Caller, name string) error {
	return a.forgetOnce(ctx, c, c.Person, name)
}

// ForgetPerson forgets somebody without the app, at their word. For the fixed worker of their
// village. Once it has begun nobody stands near that person any more, so a resend is known by its
// ledger row: it was written after the rights were found.
func (a *App) ForgetPerson(ctx context.Context, c Caller, id care.PersonID, name string) error {
	id, err := a.survivor(ctx, id)
	if err != nil {
		return err
	}
	begun, err := a.begun(ctx, c, forgetting, string(id))
	if err == nil && !begun {
		err = a.mayForget(ctx, c, id)
	}
	if err != nil {
		return err
	}
	return a.forgetOnce(ctx, c, id, name)
}

// survivor follows a person's records to the one that stays, as they are stored now. A list that is a
// moment old would do for whoever reads, and not for what cannot be taken back.
func (a *App) survivor(ctx context.Context, id care.PersonID) (care.PersonID, error) {
	for range 64 {
		p, err := a.Stores.Persons.Get(ctx, id)
		switch {
		case care.IsKind(err, care.NotFound):
			return id, nil // whoever looks at their rights says so
		case err != nil:
			return "", err
		case p.Value.Into() == id:
			return id, nil
		}
		id = p.Value.Into()
	}
	return id, nil
}

// mayForget says whether the caller may forget somebody at their word.
func (a *App) mayForget(ctx context.Context, c Caller, id care.PersonID) error {
	rel, theirs, err := a.relationToPerson(ctx, c.Person, id)
	if err != nil {
		return err
	}
	p, err := a.Stores.Persons.Get(ctx, id)
	if err != nil {
		return err
	}
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return err
	}
	fixed := slices.ContainsFunc(theirs.communities(care.Resident, care.Volunteer), func(in care.CommunityID) bool {
		return mine.in(in, care.FixedWorker)
	})
	if rel != RelStaff || !fixed || !p.Value.WithoutApp {
		return care.E(care.Forbidden, "forget_by_oneself", "who has the app does this there; for others the fixed worker does")
	}
	return nil
}

// forgetOnce writes the wish into the person, from where the steward carries it everywhere, whatever
// ends meanwhile. It carries it itself first, so that the answer finds it done.
func (a *App) forgetOnce(ctx context.Context, c Caller, p care.PersonID, name string) error {
	now := a.clock()
	if err := a.mayGo(ctx, p, name, now); err != nil {
		return err
	}
	err := change(ctx, a, c, forgetting, name, a.Stores.Persons, p, func(p care.Person) (care.Person, []care.Event, error) {
		return p.Forget(name, c.Person, now)
	})
	if err != nil {
		return err
	}
	a.refresh(ctx, p) // from now on nobody is proposed who is to be forgotten
	if err := a.forget(ctx, p); err != nil {
		a.Log.Warn("forgetting goes on by the feed", "person", string(p), "error", care.CodeOf(err))
	}
	return nil
}

// mayGo refuses the last administrator of a place, and has their places note that they go. Nothing is
// noted where the wish itself would be refused.
func (a *App) mayGo(ctx context.Context, p care.PersonID, name string, now time.Time) error {
	theirs, err := a.rights(ctx, p)
	if err != nil {
		return err
	}
	offices := slices.DeleteFunc(slices.Clone(theirs.members), func(m care.Membership) bool { return m.Role != care.Administrator })
	if len(offices) == 0 {
		return nil
	}
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return err
	}
	_, _, refused := person.Value.Forget(name, p, now)
	for _, note := range []bool{false, true} {
		for _, m := range offices {
			if err := a.giveUp(ctx, m, note && refused == nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget ends everything of a person who asked for it. Every step may be repeated, and the key goes
// last: whatever cuts this short, the person's word is still there to go on from.
func (a *App) forget(ctx context.Context, p care.PersonID) error {
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil || !person.Value.Gone() || !person.Value.ForgottenAt.IsZero() {
		return err
	}
	for _, step := range []func(context.Context, care.PersonID) error{a.forgetAbsorbed, a.forgetAll, a.Vault.Destroy} {
		if err := step(ctx, p); err != nil {
			return err
		}
	}
	now := a.clock()
	_, err = a.Stores.Persons.Update(ctx, p, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Forgotten(now) })
	return err
}

// forgetAll ends what stands under the person's own record.
func (a *App) forgetAll(ctx context.Context, p care.PersonID) error {
	steps := []func(context.Context, care.PersonID) error{
		a.forgetSessions, a.forgetFlows, a.forgetBook, a.forgetOffers, a.forgetRequests, a.forgetReferrals, a.forgetMemberships,
	}
	for _, f := range a.Forgetters {
		steps = append(steps, f.Forget)
	}
	for _, step := range steps {
		if err := step(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// forgetSessions signs every device out and forgets what it was called and where it is pushed to.
func (a *App) forgetSessions(ctx context.Context, p care.PersonID) error {
	return a.dropSessions(ctx, p, endedForgotten)
}

// dropSessions signs every device of a record out under which nobody is any more.
func (a *App) dropSessions(ctx context.Context, p care.PersonID, why string) error {
	now := a.clock()
	return onAll(ctx, a.Stores.Sessions, port.Key{Name: ByPerson, Value: string(p)}, func(s Session) (Session, []care.Event, error) {
		if s.EndedAt.IsZero() {
			s = s.end(why, now)
		}
		s.Device, s.PushToken = "", "" // by the salt a device is told for a while what became of its account
		return s, nil, nil
	})
}

// forgetFlows takes the person out of every attempt to sign in; there are as many as an hour has, and the
// codes on paper of a week.
func (a *App) forgetFlows(ctx context.Context, p care.PersonID) error {
	return a.Stores.Flows.Each(ctx, func(f port.Stored[Flow]) error {
		if !f.Value.names(p) {
			return nil
		}
		_, err := a.Stores.Flows.Update(ctx, f.Value.ID, port.Write{Quiet: true}, func(f Flow) (Flow, []care.Event, error) {
			return f.without(p), nil, nil
		})
		return absentIsDone(err)
	})
}

// forgetBook closes the helper's book before it clears their desk, so that nothing is agreed between.
func (a *App) forgetBook(ctx context.Context, p care.PersonID) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, p, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.Forget(now) })
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.giveAllBack(ctx, p, "", notAvailable)
}

func (a *App) forgetOffers(ctx context.Context, p care.PersonID) error {
	now := a.clock()
	return onAll(ctx, a.Stores.Offers, port.Key{Name: ByPerson, Value: string(p)}, func(o care.Offer) (care.Offer, []care.Event, error) {
		if !o.EndedAt.IsZero() {
			return o, nil, nil
		}
		return o.End(p, now)
	})
}

// forgetRequests withdraws what the person asked for. What they asked for somebody else goes on: it
// is that person's, and has its owner.
func (a *App) forgetRequests(ctx context.Context, p care.PersonID) error {
	now := a.clock()
	return onAll(ctx, a.Stores.Requests, port.Key{Name: ByFor, Value: string(p)}, func(r care.Request) (care.Request, []care.Event, error) { return r.Forget(now) })
}

// forgetParts forgets once more what a merge, or its undo, moves between records: a process that carries
// one may find the record forgotten when it comes to write.
func (a *App) forgetParts(ctx context.Context, p care.PersonID) error {
	return errors.Join(a.forgetBook(ctx, p), a.forgetOffers(ctx, p), a.forgetRequests(ctx, p))
}

func (a *App) forgetReferrals(ctx context.Context, p care.PersonID) error {
	now := a.clock()
	return onAll(ctx, a.Stores.Referrals, port.Key{Name: ByFor, Value: string(p)}, func(f care.Referral) (care.Referral, []care.Event, error) { return f.Forget(now) })
}

func (a *App) forgetMemberships(ctx context.Context, p care.PersonID) error {
	now := a.clock()
	return onAll(ctx, a.Stores.Memberships, port.Key{Name: ByPerson, Value: string(p)}, func(m care.Membership) (care.Membership, []care.Event, error) {
		if !m.EndedAt.IsZero() {
			return m, nil, nil
		}
		return m.End(p, now)
	})
}

// onAll changes every document under a key, page by page. What is gone meanwhile needs no change.
func onAll[K ~string, T any](ctx context.Context, docs port.Documents[K, T], key port.Key, f port.Change[T]) error {
	page := port.Page{Limit: 200}
	for {
		found, err := docs.Find(ctx, key, page)
		if err != nil {
			return err
		}
		for _, d := range found {
			if _, err := docs.Update(ctx, K(d.ID), port.Write{}, f); absentIsDone(err) != nil {
				return err
			}
		}
		if len(found) < page.Limit {
			return nil
		}
		page.After = found[len(found)-1].ID
	}
}

func absentIsDone(err error) error {
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	return err
}

// forgetAbsorbed forgets every record that a forgotten one stays in place of, each with its own key.
func (a *App) forgetAbsorbed(ctx context.Context, p care.PersonID) error {
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return err
	}
	now := a.clock()
	for _, m := range person.Value.Absorbed {
		_, err := a.Stores.Persons.Update(ctx, m.Person, port.Write{}, func(o care.Person) (care.Person, []care.Event, error) {
			return o.ForgetWith(p, now)
		})
		if err != nil {
			return err
		}
		if err := a.forget(ctx, m.Person); err != nil {
			return err
		}
	}
	return nil
}
