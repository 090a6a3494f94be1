package app

import (
	"context"
	"slices"
	"strconv"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// requestOfAsk finds the request that holds an ask. Only its helper learns that it exists.
func (a *App) requestOfAsk(ctx context.Context, p care.PersonID, id care.AskID) (port.Stored[care.Request], care.Ask, error) {
	none := care.E(care.NotFound, "ask_not_found", "there is no such ask")
	found, err := a.Stores.Requests.Find(ctx, port.Key{Name: ByAsk, Value: string(id)}, port.Page{Limit: 1})
	if err != nil {
		return port.Stored[care.Request]{}, care.Ask{}, err
	}
	if len(found) == 0 {
		return port.Stored[care.Request]{}, care.Ask{}, none
	}
	ask, err := found[0].Value.Ask(id)
	if err != nil || a.resolve(ask.Helper) != p {
		return port.Stored[care.Request]{}, care.Ask{}, none
	}
	return found[0], ask, nil
}

// AcceptAsk says yes for the ask's helper. It is claim, then commit: the helper's book first, the
// request second, and only then is the claim firm and the visit planned. at is when the visit is
// to be inside a flexible window; zero means its beginning. The answer is the ask's id: what became
// of it, seat or reserve, is read from the request.
func (a *App) AcceptAsk(ctx context.Context, c Caller, id care.AskID, at time.Time) (care.AskID, error) {
	r, _, err := a.requestOfAsk(ctx, c.Person, id)
	if err != nil {
		return "", err
	}
	request := care.RequestID(r.ID)
	in := intent{name: "ask.accept", args: []any{id, at}, subject: r.ID}
	_, err = a.once(ctx, c, in, func(_ string, w port.Write) error {
		return a.accept(ctx, c.Person, request, id, at, w)
	}, marksOf(a.Stores.Requests))
	return id, err
}

// accept is one yes under the nonce of its intent. Claims are named after that nonce, so that a
// resend meets the claim of the first try; one that was made void meanwhile is replaced.
func (a *App) accept(ctx context.Context, p care.PersonID, request care.RequestID, id care.AskID, at time.Time, w port.Write) error {
	for try := 0; ; try++ {
		now := a.clock()
		r, err := a.Stores.Requests.Get(ctx, request)
		if err != nil {
			return err
		}
		ask, err := r.Value.Ask(id)
		if err != nil {
			return err
		}
		nonce := care.DeriveID[care.Nonce](ask.AskedAt, string(w.Nonce), strconv.Itoa(try))
		// A yes that stands may be our own: the write below knows its nonce. One that is not is refused
		// before the book is asked, whose answer would tell of a block.
		ours := ask.State == care.Reserved || ask.State == care.Accepted && r.Value.Holds(nonce) != ""
		if _, err := ask.Accept(p, now); err != nil && !ours {
			return err
		}
		slot, err := r.Value.Slot(ask.Slot)
		if err != nil {
			return err
		}
		if wish := (care.Interval{From: at, Until: at.Add(slot.Takes())}); !at.IsZero() && !ours {
			if err := r.Value.Admits(slot, wish, now); err != nil {
				return err // it would be refused in the end: nothing is claimed
			}
		}
		claim, err := a.claimYes(ctx, p, r.Value, ask, slot, nonce, at)
		if err != nil {
			return err
		}
		_, err = a.Stores.Requests.Update(ctx, request, w, func(r care.Request) (care.Request, []care.Event, error) {
			return r.AcceptAsk(id, p, claim.Hour, nonce, now)
		})
		if err != nil && !refusal(err) {
			return err // unknown result: the reconciler or the resend settles the claim
		}
		if settled := a.settleClaim(ctx, p, request, nonce); settled != nil {
			a.Log.Warn("claim left to the reconciler", "request", request, "error", care.CodeOf(settled))
		}
		if care.CodeOf(err) != "claim_void" || try == 2 {
			return err
		}
	}
}

// seatClaim is what a yes takes of the helper's book: the visit with the way there and back, and
// the seats of a time-boxed ride. Without a wish for an hour it is the first of the window that suits.
func (a *App) seatClaim(r care.Request, ask care.Ask, slot care.Slot, nonce care.Nonce, at time.Time) care.Claim {
	c := care.Claim{Nonce: nonce, Purpose: care.ForSeat, Community: r.Community, Request: r.ID, Resident: r.For,
		Slot: ask.Slot, Ask: ask.ID, Hour: slot.Earliest()}
	if !at.IsZero() {
		c.Hour = care.Interval{From: at, Until: at.Add(slot.Takes())}
	}
	c.At = c.Hour
	offers := a.index.offers(ask.Helper, r.Community)
	i := slices.IndexFunc(offers, func(c matching.Candidate) bool { return c.Offer.ID == ask.Offer })
	if i < 0 {
		return c
	}
	candidate := offers[i]
	need := a.need(r, slot)
	if hour, suits := matching.Hour(need, candidate); at.IsZero() && suits {
		c.Hour = hour
	}
	c.At = matching.BoundAt(need, candidate, c.Hour)
	if boxed := candidate.Offer.Boxed; boxed != nil {
		c.Offer, c.Seats, c.OfferHas = candidate.Offer.ID, need.Seats(), boxed.Seats
	}
	return c
}

// DeclineAsk says no for the ask's helper; the dispatcher goes on to the next.
func (a *App) DeclineAsk(ctx context.Context, c Caller, id care.AskID, reason string) error {
	r, _, err := a.requestOfAsk(ctx, c.Person, id)
	if err != nil {
		return err
	}
	now := a.clock()
	return change(ctx, a, c, "ask.decline", []any{id, reason}, a.Stores.Requests, r.Value.ID,
		func(r care.Request) (care.Request, []care.Event, error) {
			return r.DeclineAsk(id, c.Person, reason, now)
		})
}

// DeferAsk says "ask me later" for the ask's helper; others are asked meanwhile.
func (a *App) DeferAsk(ctx context.Context, c Caller, id care.AskID, until time.Time) error {
	r, _, err := a.requestOfAsk(ctx, c.Person, id)
	if err != nil {
		return err
	}
	now := a.clock()
	return change(ctx, a, c, "ask.later", []any{id, until}, a.Stores.Requests, r.Value.ID,
		func(r care.Request) (care.Request, []care.Event, error) { return r.DeferAsk(id, c.Person, until, now) })
}

// AskUndelivered records that no channel reached the helper of an ask, so that the wave goes on.
// It is called by whoever delivers messages, never by a person.
func (a *App) AskUndelivered(ctx context.Context, request care.RequestID, id care.AskID) error {
	now := a.clock()
	_, err := a.Stores.Requests.Update(ctx, request, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.AskNotDelivered(id, now)
	})
	if refusal(err) {
		return nil // answered, lapsed or gone meanwhile
	}
	return err
}
