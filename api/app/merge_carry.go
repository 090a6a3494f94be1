package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"naober/matching/care"
)

// carryMerge brings a merge, or its undo, on from wherever it stands. Every step may be repeated and
// any two processes may do so at once. An error that is a verdict means that there is no merge.
func (a *App) carryMerge(ctx context.Context, from, into care.PersonID) error {
	goes, stays, err := a.pair(ctx, from, into)
	if err != nil {
		return absentIsDone(err)
	}
	row, has := stays.AbsorbedOf(from)
	if goes.Gone() {
		if has && !stays.Gone() && goes.Into() != into { // a claim given up, taken in by a process that woke up late
			return a.dropAbsorbed(ctx, into, row)
		}
		return nil
	}
	if claim := goes.Alias; claim != nil && claim.Into == into && !claim.Firm {
		if err := a.commitMerge(ctx, goes, into); err != nil {
			return err
		}
		if goes, stays, err = a.pair(ctx, from, into); err != nil {
			return err
		}
		row, has = stays.AbsorbedOf(from)
	}
	claim := goes.Alias
	switch {
	case claim == nil || claim.Into != into || has && claim.Merge != row.ID:
		if has { // of a claim that was given up, by a process that woke up late
			err = a.dropAbsorbed(ctx, into, row)
		}
		return errors.Join(err, a.standAlone(ctx, from, into))
	case !has:
		return errors.Join(a.unalias(ctx, from, claim.Merge, claim.By), a.standAlone(ctx, from, into))
	case !row.UndoneAt.IsZero():
		return a.carryBack(ctx, from, into, row)
	case !row.Settled:
		return a.carryOver(ctx, from, into, row)
	}
	return nil
}

func (a *App) pair(ctx context.Context, from, into care.PersonID) (care.Person, care.Person, error) {
	goes, err := a.Stores.Persons.Get(ctx, from)
	if err != nil {
		return care.Person{}, care.Person{}, err
	}
	stays, err := a.Stores.Persons.Get(ctx, into)
	return goes.Value, stays.Value, err
}

// commitMerge is the second half of the claim, and makes it firm. Where the record that stays refuses,
// or the claim is gone by then, everything is as it was.
func (a *App) commitMerge(ctx context.Context, goes care.Person, into care.PersonID) error {
	now, id := a.clock(), goes.Alias.Merge
	_, err := a.Stores.Persons.Update(ctx, into, Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Absorb(goes, now) })
	if refusal(err) {
		return errors.Join(a.unalias(ctx, goes.ID, id, goes.Alias.By), err)
	}
	if err != nil {
		return err
	}
	_, err = a.Stores.Persons.Update(ctx, goes.ID, Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Firm(id, now) })
	if refusal(err) {
		return errors.Join(a.dropAbsorbed(ctx, into, care.Absorbed{ID: id, By: goes.Alias.By}), err)
	}
	a.rename(ctx, goes.ID)
	return err
}

func (a *App) unalias(ctx context.Context, p care.PersonID, id care.MergeID, by care.PersonID) error {
	now := a.clock()
	_, err := a.Stores.Persons.Update(ctx, p, Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Unalias(id, by, now) })
	return err
}

func (a *App) dropAbsorbed(ctx context.Context, into care.PersonID, row care.Absorbed) error {
	now, by := a.clock(), row.UndoneBy
	if by == "" {
		by = row.By
	}
	_, err := a.Stores.Persons.Update(ctx, into, Write{}, func(p care.Person) (care.Person, []care.Event, error) {
		return p.DropAbsorbed(row.ID, by, now)
	})
	return err
}

// standAlone lets two records that are none of one person, or no more, go on by themselves.
func (a *App) standAlone(ctx context.Context, from, into care.PersonID) error {
	a.rename(ctx, from)
	a.rename(ctx, into)
	return errors.Join(a.carryLife(ctx, from), a.carryLife(ctx, into))
}

// carryOver gives everything of the record that goes to the record that stays. Its devices are signed
// out and its book is closed first, so that nothing new begins under it meanwhile.
func (a *App) carryOver(ctx context.Context, from, into care.PersonID, row care.Absorbed) error {
	for _, step := range []func() error{
		func() error { return a.tellMerge(ctx, row, "merged", row.By, row.At, from, into) },
		func() error { return a.endSessions(ctx, from, endedMerged) },
		func() error { return a.closeBook(ctx, from, into) },
		func() error { return a.moveParts(ctx, from, care.Request.MergePart, care.Offer.MergePart, from, into) },
		func() error { return a.absorbBook(ctx, from, into, row.ID) },
		func() error { return a.carryLife(ctx, into) },
		func() error { return a.seenDouble(ctx, from, into, row) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	stored, err := a.Stores.Persons.Update(ctx, into, Write{Quiet: true}, func(p care.Person) (care.Person, []care.Event, error) {
		return p.SettleMerge(row.ID)
	})
	if err != nil {
		return err
	}
	a.refresh(ctx, from)
	a.refresh(ctx, into)
	a.rename(ctx, from)
	a.rename(ctx, into)
	if stored.Value.Gone() { // they asked to be forgotten while this was under way
		return errors.Join(a.forgetBook(ctx, into), a.forgetOffers(ctx, into), a.forgetRequests(ctx, into), a.forgetAbsorbed(ctx, into))
	}
	return nil
}

// closeBook lets nothing more be asked or agreed under the record that goes: its questions go to
// others, its visits back to their owners.
func (a *App) closeBook(ctx context.Context, from, into care.PersonID) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, from, Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.CloseBook(into, now) })
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.giveAllBack(ctx, from, "", notAvailable)
}

// absorbBook holds the record that stays to the rules of both, and keeps apart who is kept from either.
func (a *App) absorbBook(ctx context.Context, from, into care.PersonID, id care.MergeID) error {
	theirs, err := a.Stores.Helpers.Get(ctx, from)
	switch {
	case err == nil:
		if err := a.openBook(ctx, into, theirs.Value.Quiet.Zone); err != nil {
			return err
		}
		now := a.clock()
		_, err = a.Stores.Helpers.Update(ctx, into, Write{}, func(h care.Helper) (care.Helper, []care.Event, error) {
			return h.AbsorbBook(id, theirs.Value, now)
		})
		if err != nil {
			return err
		}
	case !care.IsKind(err, care.NotFound):
		return err
	}
	mine, err := a.Stores.Helpers.Get(ctx, into)
	if err != nil {
		return absentIsDone(err)
	}
	if err := a.giveRefusedBack(ctx, into); err != nil {
		return err
	}
	for _, other := range slices.Concat(mine.Value.Blocks, mine.Value.BlockedBy) {
		if err := a.keepApart(ctx, into, other); err != nil {
			return err
		}
	}
	return nil
}

// giveRefusedBack gives back what a helper may no longer do by the rules of their book.
func (a *App) giveRefusedBack(ctx context.Context, helper care.PersonID) error {
	if err := a.reconcile(ctx, helper, 0); err != nil {
		return err
	}
	h, err := a.Stores.Helpers.Get(ctx, helper)
	if err != nil {
		return err
	}
	requests, err := findAll(ctx, a.Stores.Requests, Key{ByHelper, string(helper)})
	if err != nil {
		return err
	}
	for _, r := range requests {
		if r.Phase != care.Live || h.Value.MayServe(r.Community, r.For, a.clock()) == nil {
			continue
		}
		if err := a.giveBack(ctx, r.ID, helper, notAvailable); err != nil {
			return err
		}
	}
	return nil
}

type (
	requestPart func(care.Request, care.PersonID, care.PersonID, time.Time) (care.Request, []care.Event, error)
	offerPart   func(care.Offer, care.PersonID, care.PersonID, time.Time) (care.Offer, []care.Event, error)
)

// moveParts gives the requests and offers that are found under one record to the other.
func (a *App) moveParts(ctx context.Context, found care.PersonID, r requestPart, o offerPart, from, into care.PersonID) error {
	now := a.clock()
	for _, key := range []string{ByFor, ByAsker} {
		err := onAll(ctx, a.Stores.Requests, Key{key, string(found)}, func(d care.Request) (care.Request, []care.Event, error) { return r(d, from, into, now) })
		if err != nil {
			return err
		}
	}
	return onAll(ctx, a.Stores.Offers, Key{ByPerson, string(found)}, func(d care.Offer) (care.Offer, []care.Event, error) { return o(d, from, into, now) })
}

// tellMerge puts what was done with two records into the log of each, once however often it is carried on.
func (a *App) tellMerge(ctx context.Context, row care.Absorbed, what string, by care.PersonID, at time.Time, people ...care.PersonID) error {
	for _, p := range people {
		v := View{ID: care.DeriveID[string](at, what, string(row.ID), string(p)), Whose: p, By: by, As: care.Party(RelStaff), What: what,
			Community: row.In, Basis: basisOf(care.Party(RelStaff)), At: at}
		if _, err := a.Stores.Views.Insert(ctx, v.ID, v, []care.Event{v.event()}, Write{}); keepStanding(err) != nil {
			return err
		}
	}
	return nil
}

// seenDouble closes the desk's task to look at the two.
func (a *App) seenDouble(ctx context.Context, from, into care.PersonID, row care.Absorbed) error {
	now := a.clock()
	_, err := a.Stores.Tasks.Update(ctx, doubleTask(row.In, from, into), Write{}, func(t care.Task) (care.Task, []care.Event, error) {
		if !t.Open() {
			return t, nil, nil
		}
		return t.Done(row.By, now)
	})
	return absentIsDone(err)
}

// carryBack is carryOver the other way round. The books come last but for the records themselves:
// whoever is kept from one of the two is kept from both until then.
func (a *App) carryBack(ctx context.Context, from, into care.PersonID, row care.Absorbed) error {
	now := a.clock()
	for _, step := range []func() error{
		func() error {
			return a.tellMerge(ctx, row, "unmerged", row.UndoneBy, row.UndoneAt, from, into)
		},
		func() error {
			return a.moveParts(ctx, into, care.Request.UnmergePart, care.Offer.UnmergePart, from, into)
		},
		func() error { return a.releaseApart(ctx, into, row.ID) },
		func() error {
			_, err := a.Stores.Helpers.Update(ctx, into, Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.DropBook(row.ID, now) })
			return absentIsDone(err)
		},
		func() error {
			_, err := a.Stores.Helpers.Update(ctx, from, Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.ReopenBook(now) })
			return absentIsDone(err)
		},
		func() error { return a.dropAbsorbed(ctx, into, row) },
		func() error { return a.unalias(ctx, from, row.ID, row.UndoneBy) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	a.refresh(ctx, from)
	a.refresh(ctx, into)
	return a.standAlone(ctx, from, into)
}

// releaseApart takes the other half of the blocks that came with a merge out of other people's books.
func (a *App) releaseApart(ctx context.Context, into care.PersonID, id care.MergeID) error {
	h, err := a.Stores.Helpers.Get(ctx, into)
	if err != nil {
		return absentIsDone(err)
	}
	for _, other := range h.Value.CameApart(id) {
		_, err := a.Stores.Helpers.Update(ctx, other, Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
			return h.ForgetBlockedBy(into)
		})
		if absentIsDone(err) != nil {
			return err
		}
		a.refresh(ctx, other)
	}
	return nil
}

// forgetAbsorbed forgets every record that a forgotten one stays in place of, each with its own key.
func (a *App) forgetAbsorbed(ctx context.Context, p care.PersonID) error {
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return err
	}
	now := a.clock()
	for _, m := range person.Value.Absorbed {
		_, err := a.Stores.Persons.Update(ctx, m.Person, Write{}, func(o care.Person) (care.Person, []care.Event, error) {
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
