package app

import (
	"context"
	"slices"
	"time"

	"naober/matching/care"
)

const duplicatesMost = 10 // shown at the desk

// duplicates are the people of a community who are probably the one described, but for that one.
func (a *App) duplicates(in care.CommunityID, p care.Person) []care.PersonID {
	traits := care.TraitsOf(p)
	return a.names.find(in, duplicatesMost, func(id care.PersonID, n named) bool {
		return id != p.ID && traits.Probably(n.traits)
	})
}

// Duplicates shows the desk and the fixed worker of a community who there is probably the person
// described. It is logged like a search, and for everybody shown as a reading.
func (a *App) Duplicates(ctx context.Context, c Caller, n NewPerson) ([]care.Person, error) {
	if err := a.atDesk(ctx, c.Person, n.Community); err != nil {
		return nil, err
	}
	p, _, err := a.newPerson(ctx, n, care.Person{WithoutApp: true, Registered: care.ByDesk}, a.clock())
	if err != nil {
		return nil, err
	}
	if err := a.count(ctx, searches, string(c.Person)); err != nil {
		return nil, err
	}
	if err := a.logSearch(ctx, c.Person, n.Community, RelStaff); err != nil {
		return nil, err
	}
	return a.shown(ctx, c.Person, n.Community, a.duplicates(n.Community, p), RelStaff, "duplicate_check")
}

func (a *App) atDesk(ctx context.Context, p care.PersonID, in care.CommunityID) error {
	mine, err := a.rights(ctx, p)
	if err == nil && !mine.in(in, care.DeskWorker, care.FixedWorker) {
		err = care.E(care.Forbidden, "desk_only", "this is done at the desk of that community")
	}
	return err
}

// checkDouble is the consumer's half of a registration in the app: the newcomer never learns that
// somebody like them is there, the desk gets a task to look.
func (a *App) checkDouble(ctx context.Context, e care.Event, p care.Person) error {
	if p.Registered != care.ByApp || p.Alias != nil {
		return nil
	}
	if err := a.reloadName(ctx, e.Person); err != nil {
		return err
	}
	for _, id := range a.duplicates(e.Community, p) {
		t := care.Task{ID: doubleTask(e.Community, e.Person, id), Community: e.Community, Kind: care.TaskDuplicate, Person: e.Person, Other: id}
		if err := a.give(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// doubleTask is the task to look at two records, whichever of them came first.
func doubleTask(in care.CommunityID, one, other care.PersonID) care.TaskID {
	pair := []care.PersonID{one, other}
	slices.Sort(pair)
	return care.DeriveID[care.TaskID](time.UnixMilli(0), "duplicate", string(in), string(pair[0]), string(pair[1]))
}
