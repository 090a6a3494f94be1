package app

import (
	"context"
	"errors"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// endedByDesk is the reason under which everything of somebody who died ends. It says nothing to
// whoever reads it before they were told by a person.
const endedByDesk = "ended_by_desk"

// LifeOf shows where somebody is in their life to themselves, their desk and fixed worker; moderators
// see whether a death was reported, which they may confirm.
func (a *App) LifeOf(ctx context.Context, c Caller, id care.PersonID) (port.Stored[care.Person], Relation, error) {
	id = a.resolve(id)
	rel, _, err := a.relationToPerson(ctx, c.Person, id)
	if err != nil {
		return port.Stored[care.Person]{}, "", err
	}
	if rel == RelCarer {
		return port.Stored[care.Person]{}, "", care.E(care.NotFound, "person_not_found", "there is no such person")
	}
	p, err := a.Stores.Persons.Get(ctx, id)
	if err == nil && rel != RelSelf {
		err = a.logView(ctx, View{Whose: id, By: c.Person, As: care.Party(rel), What: "life"})
	}
	l := p.Value.Life
	if rel == RelModerator {
		l = care.Life{ProposedBy: l.ProposedBy, ProposedAt: l.ProposedAt}
		if p.Value.Life.State == care.Died {
			l.State = care.Died
		}
	}
	p.Value = care.Person{ID: id, Life: l}
	return p, rel, err
}

// LeaveFor says that somebody is away or in hospital: their series rest, visits go back, and nothing is
// ended. Refused while another absence stands that it does not replace. For themselves, their desk and
// fixed worker.
func (a *App) LeaveFor(ctx context.Context, c Caller, id care.PersonID, absence care.Absence) error {
	rest := &absence.Rest
	rest.From, rest.Until = rest.From.UTC().Truncate(time.Millisecond), rest.Until.UTC().Truncate(time.Millisecond)
	return a.onLife(ctx, c, "life.leave", []any{absence}, id, mayLeave, func(p care.Person, now time.Time) (care.Person, []care.Event, error) {
		return p.Leave(absence, c.Person, now)
	})
}

// ReturnFrom says that somebody is back; everything resumes. For themselves, their desk and fixed worker.
func (a *App) ReturnFrom(ctx context.Context, c Caller, id care.PersonID) error {
	return a.onLife(ctx, c, "life.return", nil, id, mayLeave, func(p care.Person, now time.Time) (care.Person, []care.Event, error) {
		return p.Return(c.Person, now)
	})
}

// ReportDeath, ConfirmDeath and TakeBackDeath are for the desk, fixed worker and moderators of a
// community of the person. From the confirmation on, which a second one gives, no message goes out.
func (a *App) ReportDeath(ctx context.Context, c Caller, id care.PersonID) error {
	return a.onLife(ctx, c, "life.report_death", nil, id, mayRecord, func(p care.Person, now time.Time) (care.Person, []care.Event, error) {
		return p.ReportDeath(c.Person, now)
	})
}

// ConfirmDeath: see ReportDeath.
func (a *App) ConfirmDeath(ctx context.Context, c Caller, id care.PersonID) error {
	return a.onLife(ctx, c, "life.confirm_death", nil, id, mayRecord, func(p care.Person, now time.Time) (care.Person, []care.Event, error) {
		return p.ConfirmDeath(c.Person, now)
	})
}

// TakeBackDeath undoes a report, or corrects a confirmation that was wrong.
func (a *App) TakeBackDeath(ctx context.Context, c Caller, id care.PersonID) error {
	return a.onLife(ctx, c, "life.take_back_death", nil, id, mayRecord, func(p care.Person, now time.Time) (care.Person, []care.Event, error) {
		return p.TakeBackDeath(c.Person, now)
	})
}

// MoveTo says that somebody lives elsewhere now. For themselves, their desk and fixed worker. They keep
// nothing of the old village but their requests, which go along and wait for the new owner's decision.
func (a *App) MoveTo(ctx context.Context, c Caller, id care.PersonID, from, to care.CommunityID, home care.Place) error {
	if err := noBSN(home.Street, home.Town); err != nil {
		return err
	}
	if _, err := a.Stores.Communities.Get(ctx, to); err != nil {
		return err
	}
	id = a.resolve(id)
	theirs, err := a.rights(ctx, id)
	if err != nil {
		return err
	}
	lives := theirs.in(from, care.Resident, care.Volunteer)
	return a.onLife(ctx, c, "life.move", []any{from, to, home}, id, mayLeave, func(p care.Person, now time.Time) (care.Person, []care.Event, error) {
		if !lives && p.Life.MovedFrom != from {
			return p, nil, care.E(care.Conflict, "not_living_there", "the person does not live in that community")
		}
		return p.Move(from, to, home, c.Person, now)
	})
}

func mayLeave(rel Relation) bool { return rel == RelSelf || rel == RelStaff }

func mayRecord(rel Relation) bool {
	return rel == RelSelf || rel == RelStaff || rel == RelModerator // of oneself the rules refuse it
}

// onLife changes a life and carries it on before the answer leaves; the feed does so once more.
func (a *App) onLife(ctx context.Context, c Caller, name string, args any, id care.PersonID, may func(Relation) bool,
	f func(care.Person, time.Time) (care.Person, []care.Event, error)) error {
	id = a.resolve(id)
	rel, _, err := a.relationToPerson(ctx, c.Person, id)
	switch {
	case err != nil:
		return err
	case rel == RelCarer:
		return care.E(care.NotFound, "person_not_found", "there is no such person")
	case !may(rel):
		return care.E(care.Forbidden, "desk_only", "this is for the person and their desk")
	}
	now := a.clock()
	err = change(ctx, a, c, name, args, a.Stores.Persons, id, func(p care.Person) (care.Person, []care.Event, error) { return f(p, now) })
	if err != nil {
		return err
	}
	if err := a.carryLife(ctx, id); err != nil {
		a.Log.Warn("a life left to the feed", "error", care.CodeOf(err))
	}
	return nil
}

// carryLife brings everything that hangs on a person into the state that their life asks for. It reads
// that state anew and may be repeated at any time: a crash in between loses nothing.
func (a *App) carryLife(ctx context.Context, id care.PersonID) error {
	p, err := a.Stores.Persons.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	l := p.Value.Life
	if err := a.absent(ctx, id, l.Rest()); err != nil {
		return err
	}
	if l.State == care.Died {
		return a.carryDeath(ctx, id, l.By)
	}
	if err := a.carryMove(ctx, p.Value); err != nil {
		return err
	}
	return a.restRequests(ctx, id, l)
}

// absent notes in the book that a helper is not there, and gives back what falls into that time.
func (a *App) absent(ctx context.Context, id care.PersonID, rest *care.Rest) error {
	now := a.clock()
	_, err := a.Stores.Helpers.Update(ctx, id, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) { return h.Absent(rest, now) })
	if care.IsKind(err, care.NotFound) {
		return nil // never helped
	}
	if err != nil || rest == nil {
		a.refresh(ctx, id)
		return err
	}
	if err := a.reconcile(ctx, id, 0); err != nil {
		return err
	}
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByHelper, Value: string(id)})
	if err != nil {
		return err
	}
	for _, r := range requests {
		if r.Phase != care.Live {
			continue
		}
		err := a.onRequest(ctx, r.ID, func(r care.Request) (care.Request, []care.Event, error) {
			return r.GiveBack(id, *rest, notAvailable, now)
		})
		if err != nil {
			return err
		}
	}
	a.refresh(ctx, id)
	return nil
}

// restRequests lets the person's requests rest, or resume.
func (a *App) restRequests(ctx context.Context, id care.PersonID, l care.Life) error {
	now := a.clock()
	return a.eachRequestFor(ctx, id, func(r care.Request) (care.Request, []care.Event, error) { return r.RestWith(l, now) })
}

func (a *App) eachRequestFor(ctx context.Context, id care.PersonID, f port.Change[care.Request]) error {
	requests, err := findAll(ctx, a.Stores.Requests, port.Key{Name: ByFor, Value: string(id)})
	if err != nil {
		return err
	}
	for _, r := range requests {
		if r.Phase != care.Ended {
			err = errors.Join(err, a.onRequest(ctx, r.ID, f))
		}
	}
	return err
}

// alive finds somebody for whom something new is to begin. Of who died or asked to be forgotten nothing
// begins any more.
func (a *App) alive(ctx context.Context, id care.PersonID) (care.Person, error) {
	p, err := a.Stores.Persons.Get(ctx, id)
	switch {
	case err != nil:
		return care.Person{}, err
	case p.Value.Gone():
		return care.Person{}, care.E(care.NotFound, "person_not_found", "there is no such person")
	case p.Value.Life.State == care.Died:
		return care.Person{}, care.E(care.Conflict, "life_ended", "the desk has recorded that this person died")
	}
	return p.Value, nil
}

// dead reports whether somebody died; one who is gone is not.
func (a *App) dead(ctx context.Context, id care.PersonID) (bool, error) {
	if id == "" {
		return false, nil
	}
	p, err := a.Stores.Persons.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return false, nil
	}
	return err == nil && p.Value.Life.State == care.Died, err
}
