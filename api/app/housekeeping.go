package app

import (
	"context"
	"errors"
	"reflect"
	"time"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

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
	app     *App
	trimmer feed.Trimmer
	expirer Expirer // nil where the store forgets by itself
	swept   time.Time
	looks   []*lateLook
	looked  time.Time
}

// step ends what came late of who is gone, trims the feed and removes one batch of what has expired; it
// tells how many went.
func (k *housekeeper) step(ctx context.Context) (int, error) {
	late, err := k.lookAgain(ctx)
	err = errors.Join(err, k.trimmer.Trim(ctx), k.app.cutAudit(ctx), k.sweep(ctx))
	if k.expirer == nil {
		return late, err
	}
	gone, other := k.expirer.Expire(ctx, k.app.clock(), expireBatch)
	return late + gone, errors.Join(err, other)
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
