package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// The merge of two records is a change of three kinds of document at least. It is claimed in the record
// that goes, committed in the record that stays, and then carried over by carryMerge, which the
// steward repeats until it is done; so is its undo.

// MergePersons makes one of two records of a person: from becomes an alias of into. For desk and fixed
// worker of a community in which both live, for records that the duplicate check takes for one person.
// Who holds a role of trust is not merged: nobody comes by that role through a second record. Devices
// that were signed in under the record that goes sign in anew; both find it in their log.
func (a *App) MergePersons(ctx context.Context, c Caller, in care.CommunityID, from, into care.PersonID) error {
	if err := a.atDesk(ctx, c.Person, in); err != nil {
		return err
	}
	now := a.clock()
	act := func(_ string, w port.Write) error {
		claim := care.Alias{Merge: care.DeriveID[care.MergeID](time.UnixMilli(0), "merge", string(w.Nonce)), Into: into, In: in, By: c.Person}
		if err := a.mergeable(ctx, claim, from, now); err != nil {
			return err
		}
		stored, err := a.Stores.Persons.Update(ctx, from, w, func(p care.Person) (care.Person, []care.Event, error) {
			return p.BecomeAlias(claim, now)
		})
		if err != nil {
			return err
		}
		if claimed := stored.Value.Alias; claimed == nil || claimed.Merge != claim.Merge {
			return care.E(care.Conflict, "merge_void", "the claim was given up")
		}
		return a.carryMerge(ctx, from, into)
	}
	_, err := a.once(ctx, c, intent{name: "person.merge", args: []any{in, from, into}, subject: string(from)}, act, nil)
	return err
}

// mergeable refuses before anything is written what could never be carried out. What has its claim
// already was looked at before.
func (a *App) mergeable(ctx context.Context, claim care.Alias, from care.PersonID, now time.Time) error {
	var people [2]care.Person
	var theirs [2]rights
	for i, id := range []care.PersonID{from, claim.Into} {
		if err := a.belongs(ctx, id, claim.In); err != nil {
			return veil(err, care.E(care.NotFound, "person_not_found", "there is no such person here"))
		}
		p, err := a.Stores.Persons.Get(ctx, id)
		if err != nil {
			return err
		}
		if people[i] = p.Value; i == 0 && p.Value.Alias != nil && p.Value.Alias.Merge == claim.Merge {
			return nil
		}
		if theirs[i], err = a.rights(ctx, id); err != nil {
			return err
		}
	}
	claimed, _, err := people[0].BecomeAlias(claim, now)
	if err == nil {
		_, _, err = people[1].Absorb(claimed, now)
	}
	switch {
	case err != nil:
		return err
	case theirs[0].trusted() || theirs[1].trusted():
		return care.E(care.Conflict, "merge_office_held", "who holds a role of trust is not merged; an administrator ends the role first")
	case !within(theirs[0], theirs[1]):
		return care.E(care.Conflict, "merge_elsewhere", "the record that goes lives in another community too")
	case !care.TraitsOf(people[0]).Probably(care.TraitsOf(people[1])):
		return care.E(care.Conflict, "not_duplicates", "these two are hardly one person")
	}
	return a.unrelated(ctx, from, claim.Into)
}

// within reports whether the first lives nowhere that the second does not.
func within(a, b rights) bool {
	for _, in := range a.communities(care.Resident, care.Volunteer) {
		if !b.in(in, care.Resident, care.Volunteer) {
			return false
		}
	}
	return true
}

// unrelated refuses two records of which one asked on behalf of the other: they are two people.
func (a *App) unrelated(ctx context.Context, x, y care.PersonID) error {
	for _, pair := range [][2]care.PersonID{{x, y}, {y, x}} {
		asked, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByAsker, Value: string(pair[0])})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(asked, func(r care.Request) bool { return r.For == pair[1] }) {
			return care.E(care.Conflict, "not_duplicates", "one of the two asked on behalf of the other")
		}
	}
	return nil
}

// UndoMerge takes two records apart again, for 30 days: each is as it was, and what happened since
// stays with the record that stayed. For desk and fixed worker of a community in which they live.
func (a *App) UndoMerge(ctx context.Context, c Caller, from care.PersonID) error {
	rel, _, err := a.relationToPerson(ctx, c.Person, from)
	switch {
	case err != nil:
		return err
	case rel == RelCarer:
		return care.E(care.NotFound, "person_not_found", "there is no such person")
	case rel != RelStaff:
		return care.E(care.Forbidden, "desk_only", "this is for the person's desk")
	}
	now := a.clock()
	act := func(_ string, w port.Write) error {
		stored, err := a.Stores.Persons.Update(ctx, from, w, func(p care.Person) (care.Person, []care.Event, error) {
			if p.Into() == p.ID {
				return p, nil, care.E(care.Conflict, "not_merged", "the record stands for itself")
			}
			return p, nil, nil
		})
		if err != nil || stored.Value.Alias == nil { // the latter: undone under this nonce before
			return err
		}
		claim := *stored.Value.Alias
		into := claim.Into
		_, err = a.Stores.Persons.Update(ctx, into, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
			if row, has := p.AbsorbedOf(from); !has || row.ID != claim.Merge {
				return p, nil, nil // an undo is almost done, or done and followed by another merge
			}
			return p.UndoMerge(from, c.Person, now)
		})
		if err != nil {
			return err
		}
		return a.carryMerge(ctx, from, into)
	}
	_, err = a.once(ctx, c, intent{name: "person.unmerge", args: from, subject: string(from)}, act, nil)
	return err
}

// Merges lists the records that a person's stays in place of, the last that came last: who did it,
// when, and until when it can be undone. For the person, their desk and fixed worker.
func (a *App) Merges(ctx context.Context, c Caller, id care.PersonID) ([]care.Absorbed, error) {
	id = a.resolve(id)
	rel, _, err := a.relationToPerson(ctx, c.Person, id)
	switch {
	case err != nil:
		return nil, err
	case rel == RelCarer:
		return nil, care.E(care.NotFound, "person_not_found", "there is no such person")
	case !mayLeave(rel):
		return nil, care.E(care.Forbidden, "desk_only", "this is for the person and their desk")
	}
	p, err := a.Stores.Persons.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(p.Value.Absorbed) == 0 {
		return nil, nil
	}
	return p.Value.Absorbed, a.logView(ctx, View{Whose: id, By: c.Person, As: care.Party(rel), What: "merges"})
}
