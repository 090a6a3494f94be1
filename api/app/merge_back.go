package app

import (
	"context"
	"errors"

	"naober/api/port"
	"naober/matching/care"
)

// carryBack is carryOver the other way round. The books come last but for the records themselves:
// whoever is kept from one of the two is kept from both until then.
func (a *App) carryBack(ctx context.Context, from, into care.PersonID, row care.Absorbed) error {
	for _, step := range []func() error{
		func() error { return a.tellMerge(ctx, row, "unmerged", row.UndoneBy, row.UndoneAt, from, into) },
		func() error { return a.partsBack(ctx, from, into) },
		func() error { return a.booksApart(ctx, from, into, row, "") },
		func() error { return a.reopenBook(ctx, from, into) },
		func() error { return a.dropAbsorbed(ctx, into, row) },
	} {
		if same, err := a.stillSays(ctx, into, row); err != nil || !same {
			return again(err, func() error { return a.carryMerge(ctx, from, into) })
		}
		if err := step(); err != nil {
			return err
		}
	}
	if err := a.unalias(ctx, from, row.ID, row.UndoneBy); err != nil {
		return err
	}
	a.refresh(ctx, from)
	a.refresh(ctx, into)
	return a.standAlone(ctx, from, into)
}

// partsBack gives the requests and offers of a record back to it, from wherever merges of the record
// that stayed have carried them since.
func (a *App) partsBack(ctx context.Context, from, into care.PersonID) error {
	for found, passed := into, 0; passed < 64; passed++ {
		if err := a.moveParts(ctx, found, care.Request.UnmergePart, care.Offer.UnmergePart, from, into); err != nil {
			return err
		}
		p, err := a.Stores.Persons.Get(ctx, found)
		if err != nil || p.Value.Into() == found {
			return absentIsDone(err)
		}
		found = p.Value.Into()
	}
	return nil
}

// booksApart takes out of the book of the record that stayed what came from the other one, but for what
// came with the merge to keep. While it undoes a merge, row is what the record that stayed says of it.
func (a *App) booksApart(ctx context.Context, from, into care.PersonID, row care.Absorbed, keep care.MergeID) error {
	h, err := a.Stores.Helpers.Get(ctx, into)
	if err != nil {
		return absentIsDone(err)
	}
	now := a.clock()
	for _, b := range h.Value.Absorbed {
		if b.Person != from || b.Merge == keep {
			continue
		}
		others := h.Value.CameApart(b.Merge)
		if err := a.releaseApart(ctx, into, others, row); err != nil {
			return err
		}
		_, err := a.Stores.Helpers.Update(ctx, into, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.DropBook(b.Merge, now) })
		if err != nil {
			return absentIsDone(err)
		}
		for _, other := range others {
			if err := a.halfBlock(ctx, into, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// releaseApart takes the other half of the blocks that came with a merge out of other people's books.
func (a *App) releaseApart(ctx context.Context, into care.PersonID, others []care.PersonID, row care.Absorbed) error {
	for _, other := range others {
		if row.ID != "" {
			if same, err := a.stillSays(ctx, into, row); err != nil || !same {
				return err
			}
		}
		_, err := a.Stores.Helpers.Update(ctx, other, port.Write{Quiet: true}, func(h care.Helper) (care.Helper, []care.Event, error) {
			return h.ForgetBlockedBy(into)
		})
		if absentIsDone(err) != nil {
			return err
		}
		a.refresh(ctx, other)
	}
	return nil
}

func (a *App) reopenBook(ctx context.Context, from, into care.PersonID) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, from, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.ReopenBook(into, now) })
	return absentIsDone(err)
}

// comeApart brings back what was carried over for a merge that does not stand, and lets each record go
// on by itself, or where another merge has led it since.
func (a *App) comeApart(ctx context.Context, from, into care.PersonID) error {
	err := errors.Join(a.partsBack(ctx, from, into), a.booksApart(ctx, from, into, care.Absorbed{}, ""), a.reopenBook(ctx, from, into))
	if err != nil {
		return err
	}
	goes, stays, err := a.pair(ctx, from, into)
	if err != nil {
		return absentIsDone(err)
	}
	for _, p := range []care.Person{goes, stays} {
		if p.Gone() {
			err = errors.Join(err, a.forgetParts(ctx, p.ID))
		}
	}
	if next := goes.Into(); next != from {
		return errors.Join(err, a.carryAgain(ctx, from, next))
	}
	return errors.Join(err, a.standAlone(ctx, from, into))
}

// carryAgain carries a merge over once more, after it was done, where something was brought back since.
func (a *App) carryAgain(ctx context.Context, from, into care.PersonID) error {
	goes, stays, err := a.pair(ctx, from, into)
	if err != nil {
		return absentIsDone(err)
	}
	if row, stands := standing(goes, stays); stands {
		return a.carryOver(ctx, from, into, row)
	}
	return a.carryMerge(ctx, from, into)
}

// standing is the row of a merge that counts: firm, and not being undone.
func standing(goes, stays care.Person) (care.Absorbed, bool) {
	row, has := stays.AbsorbedOf(goes.ID)
	return row, has && row.UndoneAt.IsZero() && goes.Into() == stays.ID && goes.Alias.Merge == row.ID
}

// settleCarried looks at a part that went over from one record to another, or back. A process that
// stalled on the way may have done that after a whole undo, or after a merge made anew: then the part
// goes where the two records say by now.
func (a *App) settleCarried(ctx context.Context, e care.Event) error {
	from, into := e.Person, e.Helper
	goes, stays, err := a.pair(ctx, from, into)
	if err != nil {
		return absentIsDone(err)
	}
	row, stands := standing(goes, stays)
	next := goes.Into()
	switch over := e.Type == care.PersonCarriedOver; {
	case over && stands:
		return a.booksApart(ctx, from, into, care.Absorbed{}, row.ID) // of a merge before this one
	case over:
		return a.carryMerge(ctx, from, into)
	case stands || next != from && next != into:
		return a.carryAgain(ctx, from, next)
	}
	return nil
}
