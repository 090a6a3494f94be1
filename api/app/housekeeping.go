package app

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// FeedKept is how long a row of the feed lives at least.
const FeedKept = 7 * 24 * time.Hour

const (
	expireBatch = 500
	sweepEvery  = 24 * time.Hour // between two looks at all contact entries
	sweepBatch  = 10_000
)

// Expirer removes documents whose time is over. Nothing relies on it: whoever reads an expiring
// thing compares the time itself.
type Expirer interface {
	// Expire removes at most limit documents that may go now and tells how many went.
	Expire(ctx context.Context, now time.Time, limit int) (int, error)
}

// housekeeper keeps the store from growing without end.
type housekeeper struct {
	app       *App
	expirer   Expirer  // nil where the store forgets by itself
	consumers []string // the stored ones: what they have not read stays
	swept     time.Time
}

// step trims the feed and removes one batch of what has expired; it tells how many went.
func (k *housekeeper) step(ctx context.Context) (int, error) {
	err := errors.Join(k.trim(ctx), k.app.cutAudit(ctx), k.sweep(ctx))
	if k.expirer == nil {
		return 0, err
	}
	gone, other := k.expirer.Expire(ctx, k.app.clock(), expireBatch)
	return gone, errors.Join(err, other)
}

// sweep takes persons out of contact entries that they no longer have. Nothing relies on it.
func (k *housekeeper) sweep(ctx context.Context) error {
	now := k.app.clock()
	if k.app.Vault == nil || now.Sub(k.swept) < sweepEvery { // a test may have no key store
		return nil
	}
	_, err := k.app.Vault.Sweep(ctx, sweepBatch)
	if err == nil {
		k.swept = now
	}
	return err
}

// trim drops old rows that every stored consumer has read, and nothing while an event as old is
// still on its way: the mover tells by the feed whether it brought that one already.
func (k *housekeeper) trim(ctx context.Context) error {
	before := k.app.clock().Add(-FeedKept)
	waiting, err := k.app.Stores.Feed.Pending(ctx, moverDocs)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if slices.ContainsFunc(p.Events, func(e port.Numbered) bool { return !e.Event.At.After(before) }) {
			k.app.Log.Error("feed not trimmed", "kind", p.Doc.Kind, "id", p.Doc.ID, "error", "event_not_moved")
			return nil
		}
	}
	for _, name := range k.consumers {
		unread, err := k.firstUnread(ctx, name)
		if err != nil {
			return err
		}
		if unread.Before(before) {
			k.app.Log.Warn("feed kept for a slow consumer", "consumer", name, "since", unread)
			before = unread
		}
	}
	return k.app.Stores.Feed.Trim(ctx, before)
}

// firstUnread is when the first row was appended that the consumer has not read; far ahead where it
// has read everything.
func (k *housekeeper) firstUnread(ctx context.Context, name string) (time.Time, error) {
	lease, err := k.app.Stores.Leases.Get(ctx, leaseOf(name))
	if err != nil && !care.IsKind(err, care.NotFound) {
		return time.Time{}, err
	}
	rows, err := k.app.Stores.Feed.Read(ctx, lease.Value.Cursor, 1)
	if err != nil {
		return time.Time{}, err
	}
	if len(rows) == 0 {
		return k.app.clock().Add(FeedKept), nil
	}
	return rows[0].At, nil
}

// compact moves slots that were settled long ago from a request to its history. The history is
// written first: a kill in between leaves a slot in both, and the next time writes it anew.
func (a *App) compact(ctx context.Context, id care.RequestID) error {
	before := a.clock().Add(-settledKept)
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return err
	}
	_, past := r.Value.Compact(before)
	if len(past.Slots) == 0 {
		return nil
	}
	for _, h := range perSlot(past) {
		if err := a.keepHistory(ctx, h.Slots[0].ID, h); err != nil {
			return err
		}
	}
	_, err = a.Stores.Requests.Update(ctx, id, port.Write{Quiet: true}, func(r care.Request) (care.Request, []care.Event, error) {
		next, now := r.Compact(before)
		if !reflect.DeepEqual(now, past) {
			return r, nil, care.E(care.Unavailable, "settled_changed", "a settled slot changed meanwhile; the next tick comes back")
		}
		return next, nil, nil
	})
	return err
}

func (a *App) keepHistory(ctx context.Context, id care.SlotID, h care.History) error {
	_, err := a.Stores.Histories.Insert(ctx, id, h, nil, port.Write{Quiet: true})
	if care.CodeOf(err) != "id_taken" {
		return err
	}
	_, err = a.Stores.Histories.Update(ctx, id, port.Write{Quiet: true}, func(care.History) (care.History, []care.Event, error) { return h, nil, nil })
	return err
}

// perSlot splits a history into one for each slot.
func perSlot(h care.History) []care.History {
	parts := make([]care.History, 0, len(h.Slots))
	for _, s := range h.Slots {
		one := care.History{Request: h.Request, For: h.For, Slots: []care.Slot{s}}
		for _, ask := range h.Asks {
			if ask.Slot == s.ID {
				one.Asks = append(one.Asks, ask)
			}
		}
		for _, v := range h.Visits {
			if v.Slot == s.ID {
				one.Visits = append(one.Visits, v)
			}
		}
		parts = append(parts, one)
	}
	return parts
}
