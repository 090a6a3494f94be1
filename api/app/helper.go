package app

import (
	"context"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// ApplyAsHelper asks a village's association for approval. For a member of the village.
func (a *App) ApplyAsHelper(ctx context.Context, c Caller, in care.CommunityID) error {
	if err := a.belongs(ctx, c.Person, in); err != nil {
		return err
	}
	if err := a.ensureHelper(ctx, c.Person, in); err != nil {
		return err
	}
	return a.onHelper(ctx, c, "helper.apply", in, c.Person, func(h care.Helper, now time.Time) (care.Helper, []care.Event, error) {
		return h.Apply(in, now)
	})
}

// ApproveHelper lets a volunteer be asked in one community. For its moderators.
func (a *App) ApproveHelper(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID, d care.Decision) error {
	return a.decide(ctx, c, "helper.approve", in, p, d, care.Helper.Approve)
}

// RefuseHelper turns an approval down, or ends one. For the community's moderators.
func (a *App) RefuseHelper(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID, d care.Decision) error {
	return a.decide(ctx, c, "helper.refuse", in, p, d, care.Helper.TurnDown)
}

// PauseHelper keeps a volunteer from helping in the community until the decision ends. It works at
// the next call of every process; open questions and planned visits are given back before the
// answer leaves, and once more by the feed. For the community's moderators.
func (a *App) PauseHelper(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID, d care.Decision) error {
	p = a.resolve(p)
	if err := a.decide(ctx, c, "helper.pause", in, p, d, care.Helper.Pause); err != nil {
		return err
	}
	if err := a.giveAllBack(ctx, p, in, notAvailable); err != nil {
		a.Log.Warn("a paused helper's visits left to the feed", "error", care.CodeOf(err))
	}
	return nil
}

// ResumeHelper ends a pause before its time. For the community's moderators.
func (a *App) ResumeHelper(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID) error {
	p = a.resolve(p)
	if err := a.moderatesHelper(ctx, c.Person, in, p); err != nil {
		return err
	}
	return a.onHelper(ctx, c, "helper.resume", []any{in, p}, p, func(h care.Helper, now time.Time) (care.Helper, []care.Event, error) {
		return h.Resume(in, c.Person, now)
	})
}

func (a *App) decide(ctx context.Context, c Caller, name string, in care.CommunityID, p care.PersonID, d care.Decision,
	f func(care.Helper, care.CommunityID, care.Decision, time.Time) (care.Helper, []care.Event, error)) error {
	p = a.resolve(p)
	if err := a.moderatesHelper(ctx, c.Person, in, p); err != nil {
		return err
	}
	if err := noBSN(d.Rule, d.Reason); err != nil {
		return err
	}
	d.By = c.Person
	args := []any{in, p, d}
	return a.onHelper(ctx, c, name, args, p, func(h care.Helper, now time.Time) (care.Helper, []care.Event, error) {
		d.ID = care.DeriveID[care.DecisionID](now, string(c.Person), string(c.Nonce))
		return f(h, in, d, now)
	})
}

// moderates refuses whoever is no moderator of the community; a stranger to it learns nothing.
func (a *App) moderates(ctx context.Context, p care.PersonID, in care.CommunityID) error {
	mine, err := a.rights(ctx, p)
	if err == nil && !mine.in(in, care.Moderator) {
		err = care.E(care.Forbidden, "not_a_moderator", "only the village's moderators can do that")
	}
	return err
}

// moderatesHelper is moderates for what is decided about one helper: of somebody who neither lives
// nor helps there an association decides nothing, and learns nothing.
func (a *App) moderatesHelper(ctx context.Context, by care.PersonID, in care.CommunityID, p care.PersonID) error {
	if err := a.moderates(ctx, by, in); err != nil {
		return err
	}
	h, err := a.Stores.Helpers.Get(ctx, p)
	if err != nil {
		return err
	}
	return a.knownHere(ctx, h.Value, in)
}

// VetHelper records that a requirement was seen. For the moderators and the desk of the community.
func (a *App) VetHelper(ctx context.Context, c Caller, in care.CommunityID, p care.PersonID, v care.Vetting) error {
	mine, err := a.rights(ctx, c.Person)
	if err != nil {
		return err
	}
	if !mine.in(in, care.Moderator, care.DeskWorker) {
		return care.E(care.Forbidden, "not_a_moderator", "only the village's moderators and its desk can do that")
	}
	p = a.resolve(p)
	if err := a.belongs(ctx, p, in); err != nil {
		return veil(err, care.E(care.NotFound, "helper_not_found", "there is no such helper here"))
	}
	v.SeenBy = c.Person
	return a.onHelper(ctx, c, "helper.vet", []any{p, v}, p, func(h care.Helper, now time.Time) (care.Helper, []care.Event, error) {
		return h.Vet(v, now)
	})
}

// SetQuiet changes when the caller may be disturbed and how many questions a month are welcome.
func (a *App) SetQuiet(ctx context.Context, c Caller, q care.Quiet) error {
	// A wish that is refused opens no book.
	if err := q.Validate(); err != nil {
		return err
	}
	if err := a.openBook(ctx, c.Person, homeZone); err != nil {
		return err
	}
	return a.onHelper(ctx, c, "helper.quiet", q, c.Person, func(h care.Helper, now time.Time) (care.Helper, []care.Event, error) {
		return h.SetQuiet(q, now)
	})
}

// BlockPerson keeps the caller and another person apart for good. Both halves are written and what
// lies between the two is given back before the answer leaves; the feed repeats it. Nobody but the
// caller can ever read it.
func (a *App) BlockPerson(ctx context.Context, c Caller, in care.CommunityID, other care.PersonID) error {
	other = a.resolve(other)
	if err := a.belongs(ctx, c.Person, in); err != nil {
		return err
	}
	for _, p := range []care.PersonID{c.Person, other} {
		if err := a.belongs(ctx, p, in); err != nil {
			return veil(err, care.E(care.NotFound, "person_not_found", "there is no such person here"))
		}
	}
	for _, p := range []care.PersonID{c.Person, other} {
		if err := a.ensureHelper(ctx, p, in); err != nil {
			return err
		}
	}
	err := a.onHelper(ctx, c, "person.block", other, c.Person, func(h care.Helper, now time.Time) (care.Helper, []care.Event, error) {
		return h.Block(other, now)
	})
	if err != nil {
		return err
	}
	return a.keepApart(ctx, c.Person, other)
}

func (a *App) onHelper(ctx context.Context, c Caller, name string, args any, p care.PersonID,
	f func(care.Helper, time.Time) (care.Helper, []care.Event, error)) error {
	now := a.clock()
	err := change(ctx, a, c, name, args, a.Stores.Helpers, p, func(h care.Helper) (care.Helper, []care.Event, error) {
		return f(h, now)
	})
	if err == nil {
		a.refresh(ctx, p)
	}
	return err
}

// Book shows a helper's own book: approvals, pauses, agreed hours. Claims and what others keep from
// them are left out.
func (a *App) Book(ctx context.Context, c Caller) (port.Stored[care.Helper], error) {
	h, err := a.Stores.Helpers.Get(ctx, c.Person)
	if care.IsKind(err, care.NotFound) {
		// Who never helped sees the same as somebody whose book others have written in.
		empty := care.Helper{Person: c.Person, Quiet: care.DefaultQuiet(homeZone)}
		return port.Stored[care.Helper]{ID: string(c.Person), Value: empty, Ver: 1}, nil
	}
	h.Value.Claims, h.Value.BlockedBy = nil, nil
	return h, err
}
