package app

import (
	"context"
	"strconv"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// requestOfVisit finds the request that holds a visit, for somebody who is a party of it.
func (a *App) requestOfVisit(ctx context.Context, p care.PersonID, id care.VisitID) (care.Request, care.Visit, care.Actor, error) {
	found, err := a.Stores.Requests.Find(ctx, port.Key{Name: ByVisit, Value: string(id)}, port.Page{Limit: 1})
	if err != nil {
		return care.Request{}, care.Visit{}, care.Actor{}, err
	}
	if len(found) == 0 {
		return care.Request{}, care.Visit{}, care.Actor{}, visitNotFound()
	}
	r := found[0].Value
	v, err := r.Visit(id)
	if err != nil {
		return care.Request{}, care.Visit{}, care.Actor{}, visitNotFound()
	}
	by, err := a.visitActor(ctx, p, r, v)
	if care.IsKind(err, care.NotFound) {
		return care.Request{}, care.Visit{}, care.Actor{}, visitNotFound()
	}
	return r, v, by, err
}

func visitNotFound() error { return care.E(care.NotFound, "visit_not_found", "there is no such visit") }

// onVisit runs a change of a visit by one of its parties.
func (a *App) onVisit(ctx context.Context, c Caller, name string, args any, id care.VisitID,
	f func(care.Request, care.Actor, time.Time) (care.Request, []care.Event, error)) error {
	_, _, err := a.changeVisit(ctx, c, name, args, id, f)
	return err
}

// changeVisit is onVisit with the request and the visit as they were before.
func (a *App) changeVisit(ctx context.Context, c Caller, name string, args any, id care.VisitID,
	f func(care.Request, care.Actor, time.Time) (care.Request, []care.Event, error)) (care.Request, care.Visit, error) {
	r, v, by, err := a.requestOfVisit(ctx, c.Person, id)
	if err != nil {
		return care.Request{}, care.Visit{}, err
	}
	now := a.clock()
	return r, v, change(ctx, a, c, name, []any{id, args}, a.Stores.Requests, r.ID,
		func(r care.Request) (care.Request, []care.Event, error) { return f(r, by, now) })
}

// ConfirmVisit is the resident's own yes to a helper. For the requester's side and the owner.
func (a *App) ConfirmVisit(ctx context.Context, c Caller, id care.VisitID) error {
	r, v, _, err := a.requestOfVisit(ctx, c.Person, id)
	if err != nil {
		return err
	}
	h, err := a.Stores.Helpers.Get(ctx, v.Helper)
	if err != nil {
		return err
	}
	if v.State == care.VisitAgreed && !h.Value.Holds(id, r.Community, r.For, a.clock()) {
		return care.E(care.Unavailable, "claim_pending", "the helper's answer is still being worked on")
	}
	return a.onVisit(ctx, c, "visit.confirm", nil, id,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.ConfirmVisit(id, by, now)
		})
}

// MoveVisit agrees another hour inside a flexible window: the helper's book first, the request
// second, as for a yes. For both sides and the owner.
func (a *App) MoveVisit(ctx context.Context, c Caller, id care.VisitID, at time.Time) error {
	r, v, by, err := a.requestOfVisit(ctx, c.Person, id)
	if err != nil {
		return err
	}
	in := intent{name: "visit.move", args: []any{id, at}, subject: string(r.ID)}
	_, err = a.once(ctx, c, in, func(_ string, w port.Write) error {
		return a.move(ctx, r.ID, v, at, by, w)
	}, marksOf(a.Stores.Requests))
	return err
}

func (a *App) move(ctx context.Context, request care.RequestID, v care.Visit, at time.Time, by care.Actor, w port.Write) error {
	now := a.clock()
	r, err := a.Stores.Requests.Get(ctx, request)
	if err != nil {
		return err
	}
	s, err := r.Value.Slot(v.Slot)
	if err != nil {
		return err
	}
	ask, err := r.Value.Ask(v.Ask)
	if err != nil {
		return err
	}
	nonce := care.DeriveID[care.Nonce](v.AgreedAt, string(w.Nonce), strconv.FormatInt(at.UnixMilli(), 10))
	hour := care.Interval{From: at, Until: at.Add(s.Takes())}
	if _, _, err := r.Value.MoveVisit(v.ID, hour, nonce, by, now); err != nil {
		return err // it would be refused in the end: nothing is claimed
	}
	claim := a.seatClaim(r.Value, ask, s, nonce, at)
	claim.Purpose, claim.Visit = care.ForMove, v.ID
	if _, err := a.claim(ctx, v.Helper, claim); err != nil {
		return err
	}
	_, err = a.Stores.Requests.Update(ctx, request, w, func(r care.Request) (care.Request, []care.Event, error) {
		return r.MoveVisit(v.ID, hour, nonce, by, now)
	})
	if err != nil && !refusal(err) {
		return err
	}
	if settled := a.settleClaim(ctx, v.Helper, request, nonce); settled != nil {
		a.Log.Warn("claim left to the reconciler", "request", request, "error", care.CodeOf(settled))
	}
	return err
}

// StartVisit records that the helper has come. For both sides and the owner.
func (a *App) StartVisit(ctx context.Context, c Caller, id care.VisitID) error {
	return a.onVisit(ctx, c, "visit.start", nil, id,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.StartVisit(id, by, now)
		})
}

// FinishVisit records that a visit is done. For both sides and the owner.
func (a *App) FinishVisit(ctx context.Context, c Caller, id care.VisitID) error {
	r, v, err := a.changeVisit(ctx, c, "visit.finish", nil, id,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.FinishVisit(id, by, now)
		})
	if err == nil {
		a.familiar.met(a.resolve(r.For), a.resolve(v.Helper))
	}
	return err
}

// ReportNoShow records that the helper did not come. For the requester's side and the owner.
func (a *App) ReportNoShow(ctx context.Context, c Caller, id care.VisitID) error {
	return a.onVisit(ctx, c, "visit.no_show", nil, id,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.NoShow(id, by, now)
		})
}

// CancelVisit calls a visit off. For both sides and the owner.
func (a *App) CancelVisit(ctx context.Context, c Caller, id care.VisitID, reason string) error {
	return a.onVisit(ctx, c, "visit.cancel", reason, id,
		func(r care.Request, by care.Actor, now time.Time) (care.Request, []care.Event, error) {
			return r.CancelVisit(id, by, reason, now)
		})
}

// Address is where a visit takes place and how to reach the person, for its helper.
type Address struct {
	Visit    care.VisitID
	Name     string
	Place    care.Place
	To       *care.Place // of a ride
	Phone    string
	Until    time.Time // the device forgets it at this moment
	Revealed time.Time
}

// RevealAddress shows the exact place of a planned visit to its helper. It reads pause and blocks
// once more, and every reading is written into the person's log before the answer leaves. Of who was
// forgotten since there is nothing to show.
func (a *App) RevealAddress(ctx context.Context, c Caller, id care.VisitID) (Address, error) {
	r, v, by, err := a.requestOfVisit(ctx, c.Person, id)
	if err != nil {
		return Address{}, err
	}
	now := a.clock()
	if by.Party != care.HelperParty {
		return Address{}, care.E(care.Forbidden, "not_your_visit", "the address is for the helper of the visit")
	}
	h, err := a.Stores.Helpers.Get(ctx, c.Person)
	if err != nil {
		return Address{}, err
	}
	// The hours are released an hour after the visit, the address is kept for one more.
	firm := h.Value.Holds(id, r.Community, r.For, now) || !now.Before(v.At.Until)
	person, err := a.Stores.Persons.Get(ctx, r.For)
	if err != nil {
		return Address{}, err
	}
	if !v.Shown(now) || !firm || h.Value.MayServe(r.Community, r.For, now) != nil || person.Value.Gone() {
		return Address{}, care.E(care.Conflict, "address_hidden", "the address is shown for a planned visit until two hours after its end")
	}
	if err := a.logView(ctx, View{Whose: r.For, By: c.Person, As: care.Party(RelAgreed), What: "address", Request: r.ID}); err != nil {
		return Address{}, err
	}
	shown := Address{Visit: id, Name: person.Value.FirstName + " " + person.Value.LastName, Place: r.Where,
		Until: v.At.Until.Add(2 * time.Hour), Revealed: now}
	if r.Ride != nil {
		shown.To = &r.Ride.To
	}
	for _, contact := range person.Value.Contacts {
		if contact.Kind == care.Phone {
			shown.Phone = contact.Value
		}
	}
	return shown, nil
}
