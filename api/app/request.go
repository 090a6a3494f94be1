package app

import (
	"context"
	"strconv"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// NewRequest is what a person says they need. For is empty where they ask for themselves.
type NewRequest struct {
	Community     care.CommunityID
	For           care.PersonID
	Channel       care.Channel
	Consent       care.ConsentBasis
	Kind          care.Kind
	Words         string
	Needs         care.Needs
	Circumstances care.Circumstances
	Where         *care.Place // nil means at home
	Ride          *care.Ride
	Series        *care.Series
	Slots         []NewSlot
	Urgency       care.Urgency
	PersonalYes   bool
	// Publish sends it to the village at once; a draft otherwise. Words that sound like an emergency
	// stay a draft until NoEmergency is said.
	Publish     bool
	NoEmergency bool
}

// NewSlot is one time that is asked for.
type NewSlot struct {
	Start    time.Time
	End      time.Time
	Duration time.Duration
	Seats    int
}

// AskForHelp makes a request: by a resident for themselves, or by desk, fixed worker or a
// professional of the community on somebody's behalf, with the ground of consent. It belongs to the
// community's fixed worker from this moment.
func (a *App) AskForHelp(ctx context.Context, c Caller, n NewRequest) (care.RequestID, error) {
	if err := noBSN(requestTexts(n)...); err != nil {
		return "", err
	}
	return create(ctx, a, c, "request.create", n, a.Stores.Requests, func(id care.RequestID) (care.Request, []care.Event, error) {
		now := a.clock()
		actor, behalf, err := a.asking(ctx, c.Person, n, now)
		if err != nil {
			return care.Request{}, nil, err
		}
		person, err := a.alive(ctx, actor.subject)
		if err != nil {
			return care.Request{}, nil, err
		}
		where := person.Home // the help is needed there, unless they say otherwise
		if n.Where != nil {
			where = *n.Where
		}
		village, err := a.Stores.Communities.Get(ctx, n.Community)
		if err != nil {
			return care.Request{}, nil, err
		}
		r := care.Request{ID: id, Community: n.Community, Zone: village.Value.Zone, For: actor.subject, OnBehalf: behalf, Kind: n.Kind, Words: n.Words,
			Needs: n.Needs, Circumstances: n.Circumstances, Where: where, Ride: n.Ride, Series: n.Series,
			Urgency: n.Urgency, PersonalYes: n.PersonalYes, Slots: slots(c.Nonce, id, n.Slots)}
		r, events, err := care.DraftRequest(r, actor.Actor, now)
		if err != nil || !n.Publish || (r.Emergency.Pending() && !n.NoEmergency) {
			return r, events, err
		}
		r, more, err := r.PublishWith(person.Life, actor.Actor, n.NoEmergency, now)
		return r, append(events, more...), err
	})
}

// requestTexts are the words in a request that a person typed.
func requestTexts(n NewRequest) []string {
	texts := append([]string{n.Words}, n.Needs.Skills...)
	if n.Where != nil {
		texts = append(texts, n.Where.Street, n.Where.Town)
	}
	if n.Ride != nil {
		texts = append(texts, n.Ride.To.Street, n.Ride.To.Town)
	}
	return texts
}

// asker is who asks, as which party, and for whom.
type asker struct {
	care.Actor
	subject care.PersonID
}

// asking checks that the caller may ask here for this person.
func (a *App) asking(ctx context.Context, by care.PersonID, n NewRequest, now time.Time) (asker, *care.OnBehalf, error) {
	n.For = a.resolve(n.For)
	mine, err := a.rights(ctx, by)
	if err != nil {
		return asker{}, nil, err
	}
	me := asker{care.Actor{Person: by, Party: care.Requester}, by}
	if n.For == "" || n.For == by {
		if !mine.in(n.Community, care.Resident, care.Volunteer) {
			return asker{}, nil, care.E(care.Forbidden, "not_a_member", "help is asked in a village that one belongs to")
		}
		return me, nil, nil
	}
	theirs, err := a.rights(ctx, n.For)
	if err != nil {
		return asker{}, nil, err
	}
	if !mine.staff(n.Community) || !theirs.in(n.Community, care.Resident) {
		return asker{}, nil, care.E(care.NotFound, "person_not_found", "there is no such person here")
	}
	me.subject = n.For
	behalf := care.OnBehalf{By: by, Channel: n.Channel, Consent: care.Consent{Basis: n.Consent, RecordedBy: by, At: now}}
	return me, &behalf, nil
}

// slots names the times after the intent that asks for them and their place in its list: a resend
// after a crash makes the same ones, and a time that was skipped can be asked for again.
func slots(by care.Nonce, id care.RequestID, times []NewSlot) []care.Slot {
	made := make([]care.Slot, len(times))
	for i, t := range times {
		made[i] = care.Slot{ID: care.DeriveID[care.SlotID](t.Start, string(by), string(id), strconv.Itoa(i)),
			Start: t.Start.UTC(), End: t.End.UTC(), Duration: t.Duration, Seats: max(t.Seats, 0)}
	}
	return made
}

// onOwnRequest runs a change of a request by one of its parties. The party is resolved outside the
// change; what it may do is the transition's to say.
func (a *App) onOwnRequest(ctx context.Context, c Caller, name string, args any, id care.RequestID, asOwner bool,
	f func(care.Request, care.Actor, time.Time) (care.Request, []care.Event, error)) error {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return err
	}
	return a.onFound(ctx, c, name, args, r.Value, asOwner, f)
}

// onFound is onOwnRequest for a request that was read.
func (a *App) onFound(ctx context.Context, c Caller, name string, args any, r care.Request, asOwner bool,
	f func(care.Request, care.Actor, time.Time) (care.Request, []care.Event, error)) error {
	resolve := a.actor
	if asOwner {
		resolve = a.ownerActor
	}
	by, err := resolve(ctx, c.Person, r)
	if err != nil {
		return err
	}
	now, id := a.clock(), r.ID
	return change(ctx, a, c, name, args, a.Stores.Requests, id, func(r care.Request) (care.Request, []care.Event, error) {
		return f(r, by, now)
	})
}

// PublishRequest sends a draft to the village; while its person is not there it rests. For its requester
// or owner.
func (a *App) PublishRequest(ctx context.Context, c Caller, id care.RequestID, noEmergency bool) error {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return err
	}
	p, err := a.Stores.Persons.Get(ctx, a.resolve(r.Value.For))
	if err != nil {
		return err
	}
	return a.onFound(ctx, c, "request.publish", noEmergency, r.Value, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.PublishWith(p.Value.Life, by, noEmergency, now)
		})
}

// EditRequest replaces what a draft asks for. For its requester or owner.
func (a *App) EditRequest(ctx context.Context, c Caller, id care.RequestID, n NewRequest) error {
	if err := noBSN(requestTexts(n)...); err != nil {
		return err
	}
	return a.onOwnRequest(ctx, c, "request.edit", n, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			next := r
			next.Kind, next.Words, next.Needs, next.Circumstances = n.Kind, n.Words, n.Needs, n.Circumstances
			next.Ride, next.Series, next.Slots = n.Ride, n.Series, slots(c.Nonce, id, n.Slots)
			next.Urgency, next.PersonalYes = n.Urgency, n.PersonalYes
			if n.Where != nil {
				next.Where = *n.Where
			}
			return r.EditDraft(next, by, now)
		})
}

// WithdrawRequest ends a request that is no longer needed. For its requester or owner.
func (a *App) WithdrawRequest(ctx context.Context, c Caller, id care.RequestID, reason string) error {
	return a.onOwnRequest(ctx, c, "request.withdraw", reason, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.Withdraw(by, reason, now)
		})
}

// WithdrawConsent ends what was asked on the caller's behalf. Only for the person it is for.
func (a *App) WithdrawConsent(ctx context.Context, c Caller, id care.RequestID) error {
	return a.onOwnRequest(ctx, c, "request.withdraw_consent", nil, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.WithdrawConsent(by.Person, now)
		})
}

// CloseRequest ends a request as fulfilled. For its requester or owner.
func (a *App) CloseRequest(ctx context.Context, c Caller, id care.RequestID) error {
	return a.onOwnRequest(ctx, c, "request.close", nil, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.Close(by, now)
		})
}

// RefuseRequest ends a request that may not be taken on, once the person was told. For its owner.
func (a *App) RefuseRequest(ctx context.Context, c Caller, id care.RequestID, reason string, told care.Channel) error {
	return a.onOwnRequest(ctx, c, "request.refuse", []any{reason, told}, id, true,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.Refuse(by, reason, told, now)
		})
}

// SettleRequest takes what its owner has seen to off their desk. For its owner.
func (a *App) SettleRequest(ctx context.Context, c Caller, id care.RequestID) error {
	return a.onOwnRequest(ctx, c, "request.settle", nil, id, true,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.Settled(by, now)
		})
}

// AddSlots asks for further times. For the requester or owner.
func (a *App) AddSlots(ctx context.Context, c Caller, id care.RequestID, times []NewSlot) error {
	return a.onOwnRequest(ctx, c, "request.add_slots", times, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.AddSlots(slots(c.Nonce, id, times), by, now)
		})
}

// SkipSlot drops one occurrence and keeps the rest. For the requester or owner.
func (a *App) SkipSlot(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID, reason string) error {
	return a.onOwnRequest(ctx, c, "slot.skip", []any{slot, reason}, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.SkipSlot(slot, by, reason, now)
		})
}

// SwapSlot moves one occurrence of a series to another local time. For the requester or owner.
func (a *App) SwapSlot(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID, to care.LocalTime) error {
	return a.onOwnRequest(ctx, c, "slot.swap", []any{slot, to}, id, false,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.SwapSlot(slot, to, by, now)
		})
}

// Candidates says who could be asked for one slot of a request, which rules keep the others out and
// which change would help, and as whom the caller reads of it: names for the owner, the desk and the
// moderators of the community, counts for the requester and professionals.
func (a *App) Candidates(ctx context.Context, c Caller, id care.RequestID, slot care.SlotID) (matching.Explanation, matching.Viewer, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return matching.Explanation{}, "", err
	}
	viewer, err := a.viewerOf(ctx, c.Person, r.Value)
	if err != nil {
		return matching.Explanation{}, "", err
	}
	s, err := r.Value.Slot(slot)
	if err != nil {
		return matching.Explanation{}, "", err
	}
	known, err := a.tiesOf(ctx, r.Value.For)
	if err != nil {
		return matching.Explanation{}, "", err
	}
	return a.survey(r, s, known), viewer, nil
}
