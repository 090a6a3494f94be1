package app

import (
	"context"
	"errors"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// Rebuild fills the index, and the names beside it, by streaming the store. It is called before the first request is served
// and whenever the feed no longer reaches back to what this process has seen.
func (a *App) Rebuild(ctx context.Context) error {
	turn := a.index.begin()
	a.familiar.forget()
	offers := map[care.PersonID][]matching.Candidate{}
	err := a.Stores.Offers.Each(ctx, func(o port.Stored[care.Offer]) error {
		if o.Value.EndedAt.IsZero() {
			offers[o.Value.Helper] = append(offers[o.Value.Helper], matching.Candidate{Offer: o.Value})
		}
		return nil
	})
	if err != nil {
		return err
	}
	books := make(map[care.PersonID]care.Helper, len(offers))
	err = a.Stores.Helpers.Each(ctx, func(h port.Stored[care.Helper]) error {
		if len(offers[h.Value.Person]) > 0 {
			books[h.Value.Person] = h.Value
		}
		return nil
	})
	if err != nil {
		return err
	}
	all := make(map[care.PersonID][]matching.Candidate, len(offers))
	err = a.Stores.Persons.Each(ctx, func(p port.Stored[care.Person]) error {
		h, ok := books[p.Value.ID]
		if !ok || !helps(p.Value, h) {
			return nil
		}
		for _, c := range offers[p.Value.ID] {
			all[p.Value.ID] = append(all[p.Value.ID], candidateOf(p.Value, h, c.Offer))
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.index.replace(all, turn)
	if err := a.rebuildWeights(ctx); err != nil {
		return err
	}
	return a.rebuildNames(ctx)
}

// refresh reads one helper anew. It follows this process's own writes at once; a failure is
// mended by the feed.
func (a *App) refresh(ctx context.Context, p care.PersonID) {
	if err := a.reload(ctx, p); err != nil {
		a.Log.Warn("index entry left to the feed", "error", care.CodeOf(err))
	}
}

func (a *App) reload(ctx context.Context, p care.PersonID) error {
	turn := a.index.begin()
	h, err := a.Stores.Helpers.Get(ctx, p)
	if care.IsKind(err, care.NotFound) {
		a.index.put(p, turn, nil)
		return nil
	}
	if err != nil {
		return err
	}
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return err
	}
	if !helps(person.Value, h.Value) {
		a.index.put(p, turn, nil)
		return nil
	}
	found, err := findAll(ctx, a.Stores.Offers, port.Key{Name: ByPerson, Value: string(p)})
	if err != nil {
		return err
	}
	var offers []matching.Candidate
	for _, o := range found {
		if o.EndedAt.IsZero() {
			offers = append(offers, candidateOf(person.Value, h.Value, o))
		}
	}
	a.index.put(p, turn, offers)
	return nil
}

// Follow is the consumer of the feed for index and names: whoever something happened to is read anew.
func (a *App) Follow(ctx context.Context, row port.Row) error {
	if err := a.follow(ctx, row.Event); err != nil {
		return err
	}
	a.index.applied.Store(row.Event.At.UnixMilli())
	return nil
}

func (a *App) follow(ctx context.Context, e care.Event) error {
	switch e.Type {
	case care.HelperApplied, care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed,
		care.HelperBooked, care.HelperFreed, care.HelperChanged,
		care.OfferMade, care.OfferChanged, care.OfferEnded, care.AskMade, care.AskUndelivered:
		return a.reload(ctx, e.Helper)
	case care.CommunityWeighed:
		return a.reloadWeights(ctx, e.Community)
	case care.VisitDone:
		a.familiar.met(a.resolve(e.Person), a.resolve(e.Helper))
		return nil
	case care.HelperBlocked:
		// The other half of a block is written without an event of its own.
		return errors.Join(a.reload(ctx, e.Helper), a.reload(ctx, e.Person))
	case care.PersonForgetting, care.PersonForgotten:
		a.Vault.Forget(e.Person)
		a.familiar.forget()
		return errors.Join(a.reload(ctx, e.Person), a.reloadName(ctx, e.Person))
	case care.PersonChanged, care.PersonMoved, care.PersonDied:
		return errors.Join(a.reload(ctx, e.Person), a.reloadName(ctx, e.Person))
	case care.PersonMerged, care.PersonUnmerged:
		one, other := e.Person, e.Helper
		err := errors.Join(a.reload(ctx, one), a.reload(ctx, other), a.reloadName(ctx, one), a.reloadName(ctx, other))
		a.familiar.forget()
		return err
	case care.PersonRegistered, care.MembershipStarted, care.MembershipEnded:
		return a.reloadName(ctx, e.Person)
	}
	return nil
}
