package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"naober/api/port"
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
		if goes.Into() == into && has {
			return nil
		}
		if has && !stays.Gone() { // a claim given up, taken in by a process that woke up late
			err = a.dropAbsorbed(ctx, into, row)
		}
		return errors.Join(err, a.comeApart(ctx, from, into))
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
		return errors.Join(err, a.comeApart(ctx, from, into))
	case !has:
		return errors.Join(a.unalias(ctx, from, claim.Merge, claim.By), a.comeApart(ctx, from, into))
	case !row.UndoneAt.IsZero():
		return a.carryBack(ctx, from, into, row)
	case !row.Settled:
		return a.carryOver(ctx, from, into, row)
	}
	return nil
}

// pair reads two records as they stood at one moment: a claim that changed while the other was read is
// read again.
func (a *App) pair(ctx context.Context, from, into care.PersonID) (goes, stays care.Person, err error) {
	first, err := a.Stores.Persons.Get(ctx, from)
	for err == nil {
		var other, then port.Stored[care.Person]
		if other, err = a.Stores.Persons.Get(ctx, into); err != nil {
			break
		}
		if then, err = a.Stores.Persons.Get(ctx, from); err != nil {
			break
		}
		if claimOf(first.Value) == claimOf(then.Value) {
			return then.Value, other.Value, nil
		}
		first = then
	}
	return care.Person{}, care.Person{}, err
}

func claimOf(p care.Person) care.Alias {
	if p.Alias == nil {
		return care.Alias{}
	}
	return care.Alias{Merge: p.Alias.Merge, Firm: p.Alias.Firm}
}

// commitMerge is the second half of the claim, and makes it firm. Where the record that stays refuses,
// or the claim is gone by then, everything is as it was.
func (a *App) commitMerge(ctx context.Context, goes care.Person, into care.PersonID) error {
	now, id := a.clock(), goes.Alias.Merge
	_, err := a.Stores.Persons.Update(ctx, into, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Absorb(goes, now) })
	if refusal(err) {
		return errors.Join(a.unalias(ctx, goes.ID, id, goes.Alias.By), err)
	}
	if err != nil {
		return err
	}
	_, err = a.Stores.Persons.Update(ctx, goes.ID, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Firm(id, now) })
	if refusal(err) {
		return errors.Join(a.dropAbsorbed(ctx, into, care.Absorbed{ID: id, By: goes.Alias.By}), err)
	}
	a.rename(ctx, goes.ID)
	return err
}

func (a *App) unalias(ctx context.Context, p care.PersonID, id care.MergeID, by care.PersonID) error {
	now := a.clock()
	_, err := a.Stores.Persons.Update(ctx, p, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) { return p.Unalias(id, by, now) })
	return err
}

func (a *App) dropAbsorbed(ctx context.Context, into care.PersonID, row care.Absorbed) error {
	now, by := a.clock(), row.UndoneBy
	if by == "" {
		by = row.By
	}
	_, err := a.Stores.Persons.Update(ctx, into, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
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
// out and its book is closed first, so that nothing new begins under it meanwhile. A process that
// stalled on the way finds out before its next step that the merge was undone, and goes on from there;
// what its step did all the same is found by settleCarried.
func (a *App) carryOver(ctx context.Context, from, into care.PersonID, row care.Absorbed) error {
	for _, step := range []func() error{
		func() error { return a.tellMerge(ctx, row, "merged", row.By, row.At, from, into) },
		func() error { return a.endSessions(ctx, from, endedMerged) },
		func() error { return a.closeBook(ctx, from, into) },
		func() error { return a.clearBook(ctx, from) },
		func() error { return a.moveParts(ctx, from, care.Request.MergePart, care.Offer.MergePart, from, into) },
		func() error { return a.absorbBook(ctx, from, into, row.ID) },
		func() error { return a.keepAllApart(ctx, into, row) },
		func() error { return a.carryLife(ctx, into) },
		func() error { return a.seenDouble(ctx, from, into, row) },
	} {
		if same, err := a.stillSays(ctx, into, row); err != nil || !same {
			return again(err, func() error { return a.carryMerge(ctx, from, into) })
		}
		if err := step(); err != nil {
			return err
		}
	}
	stored, err := a.Stores.Persons.Update(ctx, into, port.Write{Quiet: true}, func(p care.Person) (care.Person, []care.Event, error) {
		return p.SettleMerge(row.ID)
	})
	if err != nil {
		return err
	}
	if now, has := stored.Value.AbsorbedOf(from); !has || now.ID != row.ID || !now.UndoneAt.Equal(row.UndoneAt) {
		return a.carryMerge(ctx, from, into)
	}
	a.refresh(ctx, from)
	a.refresh(ctx, into)
	a.rename(ctx, from)
	a.rename(ctx, into)
	if stored.Value.Gone() { // they asked to be forgotten while this was under way
		return errors.Join(a.forgetParts(ctx, into), a.forgetAbsorbed(ctx, into))
	}
	return nil
}

// stillSays reports whether a merge, or its undo, is still what the record that stays says.
func (a *App) stillSays(ctx context.Context, into care.PersonID, row care.Absorbed) (bool, error) {
	stays, err := a.Stores.Persons.Get(ctx, into)
	if err != nil {
		return false, err
	}
	now, has := stays.Value.AbsorbedOf(row.Person)
	return has && now.ID == row.ID && now.UndoneAt.Equal(row.UndoneAt), nil
}

// again goes on with something else, unless there was an error.
func again(err error, f func() error) error {
	if err != nil {
		return err
	}
	return f()
}

// closeBook lets nothing more be asked or agreed under the record that goes.
func (a *App) closeBook(ctx context.Context, from, into care.PersonID) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, from, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.CloseBook(into, now) })
	return absentIsDone(err)
}

// clearBook gives the questions of a closed book to others, and its visits back to their owners.
func (a *App) clearBook(ctx context.Context, from care.PersonID) error {
	if _, err := a.Stores.Helpers.Get(ctx, from); err != nil {
		return absentIsDone(err)
	}
	return a.giveAllBack(ctx, from, "", notAvailable)
}

// absorbBook holds the record that stays to the rules of both.
func (a *App) absorbBook(ctx context.Context, from, into care.PersonID, id care.MergeID) error {
	theirs, err := a.Stores.Helpers.Get(ctx, from)
	switch {
	case err == nil:
		if err := a.openBook(ctx, into, theirs.Value.Quiet.Zone); err != nil {
			return err
		}
		now := a.clock()
		_, err = a.Stores.Helpers.Update(ctx, into, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) {
			return h.AbsorbBook(id, theirs.Value, now)
		})
		if err != nil {
			return err
		}
	case !care.IsKind(err, care.NotFound):
		return err
	}
	return nil
}

// keepAllApart gives back what may no longer be, and keeps apart who is kept from either record.
func (a *App) keepAllApart(ctx context.Context, into care.PersonID, row care.Absorbed) error {
	mine, err := a.Stores.Helpers.Get(ctx, into)
	if err != nil {
		return absentIsDone(err)
	}
	if err := a.giveRefusedBack(ctx, into); err != nil {
		return err
	}
	for _, other := range slices.Concat(mine.Value.Blocks, mine.Value.BlockedBy) {
		if same, err := a.stillSays(ctx, into, row); err != nil || !same {
			return err
		}
		if err := a.keepApart(ctx, into, other); err != nil {
			return err
		}
		if err := a.halfBlock(ctx, into, other); err != nil {
			return err
		}
	}
	return nil
}

// halfBlock makes the other half of a block what the first half says, and looks at that once more
// whenever it wrote something: its process may have stalled before it wrote.
func (a *App) halfBlock(ctx context.Context, by, other care.PersonID) error {
	for wrote := true; wrote; {
		h, err := a.Stores.Helpers.Get(ctx, by)
		if err != nil {
			return absentIsDone(err)
		}
		_, err = a.Stores.Helpers.Update(ctx, other, port.Write{Quiet: true}, func(o care.Helper) (care.Helper, []care.Event, error) {
			blocked := h.Value.Blocked(other)
			if wrote = blocked != slices.Contains(o.BlockedBy, by); !wrote {
				return o, nil, nil
			}
			if blocked {
				return o.NoteBlockedBy(by)
			}
			return o.ForgetBlockedBy(by)
		})
		if err != nil {
			return absentIsDone(err)
		}
	}
	a.refresh(ctx, other)
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
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByHelper, Value: string(helper)})
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
		err := onAll(ctx, a.Stores.Requests, port.Key{Name: key, Value: string(found)}, func(d care.Request) (care.Request, []care.Event, error) { return r(d, from, into, now) })
		if err != nil {
			return err
		}
	}
	return onAll(ctx, a.Stores.Offers, port.Key{Name: ByPerson, Value: string(found)}, func(d care.Offer) (care.Offer, []care.Event, error) { return o(d, from, into, now) })
}

// tellMerge puts what was done with two records into the log of each, once however often it is carried on.
func (a *App) tellMerge(ctx context.Context, row care.Absorbed, what string, by care.PersonID, at time.Time, people ...care.PersonID) error {
	for _, p := range people {
		v := View{ID: care.DeriveID[string](at, what, string(row.ID), string(p)), Whose: p, By: by, As: care.Party(RelStaff), What: what,
			Community: row.In, Basis: basisOf(care.Party(RelStaff)), At: at}
		if _, err := a.Stores.Views.Insert(ctx, v.ID, v, []care.Event{v.event()}, port.Write{}); keepStanding(err) != nil {
			return err
		}
	}
	return nil
}

// seenDouble closes the desk's task to look at the two.
func (a *App) seenDouble(ctx context.Context, from, into care.PersonID, row care.Absorbed) error {
	now := a.clock()
	_, err := a.Stores.Tasks.Update(ctx, doubleTask(row.In, from, into), port.Write{}, func(t care.Task) (care.Task, []care.Event, error) {
		if !t.Open() {
			return t, nil, nil
		}
		return t.Done(row.By, now)
	})
	return absentIsDone(err)
}
