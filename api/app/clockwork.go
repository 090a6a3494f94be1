package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

const (
	clockBatch  = 200             // documents of a kind in one step
	clockFirst  = 2 * time.Second // until a document that failed is tried again; then twice as long
	clockLast   = 10 * time.Minute
	settledKept = 3 * 24 * time.Hour // settled slots stay in their request so long
)

// Clockwork is the server's clock: it lets time take effect on what is due. It never depends on the
// feed. Running twice at once does no harm, for a tick that was done changes nothing; the lease
// only saves the work.
type Clockwork struct {
	app      *App
	time     feed.Monotonic
	requests backlog[care.RequestID]
	helpers  backlog[care.PersonID]

	ticked, failed, rounds atomic.Int64
}

// NewClockwork makes a clock that starts with a clean memory of failures.
func (a *App) NewClockwork(m feed.Monotonic) *Clockwork {
	return &Clockwork{app: a, time: m, requests: backlog[care.RequestID]{}, helpers: backlog[care.PersonID]{}}
}

// Step works once on what is due and tells on how many documents it acted. One that fails is left
// out for a growing time and never keeps the others waiting; only a failing reading is an error.
func (c *Clockwork) Step(ctx context.Context) (int, error) {
	c.rounds.Add(1)
	ticked, err := workDue(ctx, c, c.app.Stores.Requests, c.requests, "request", c.tick)
	settled, other := workDue(ctx, c, c.app.Stores.Helpers, c.helpers, "helper", func(ctx context.Context, id care.PersonID) error {
		return c.app.reconcile(ctx, id, ClaimGrace)
	})
	return ticked + settled, errors.Join(err, other)
}

// tick lets time take effect on one request. A request that stays due would come back for ever and
// is a failure.
func (c *Clockwork) tick(ctx context.Context, id care.RequestID) error {
	now := c.app.clock()
	stored, err := c.app.Stores.Requests.Update(ctx, id, port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.Tick(now)
	})
	if err != nil {
		return err
	}
	r := stored.Value
	if r.Phase != care.Ended && !r.NextActionAt.After(now) {
		return care.E(care.Conflict, "next_action_past", "the request is still due after its tick")
	}
	if _, past := r.Compact(now.Add(-settledKept)); len(past.Slots) == 0 {
		return nil
	}
	// The tick stands. Compacting comes back with the next one where it fails.
	if err := c.app.compact(ctx, id); err != nil {
		c.failed.Add(1)
		c.app.Log.Error("request not compacted", "id", string(id), "error", feed.LogCode(err))
	}
	return nil
}

// workDue acts on the documents of one kind that are due, but for those that failed lately.
func workDue[K ~string, T any](ctx context.Context, c *Clockwork, docs port.Documents[K, T], late backlog[K], noun string, act func(context.Context, K) error) (int, error) {
	now := c.time.Elapsed()
	late.forget(now)
	// Those left out are the longest overdue and come first: ask for as many more.
	due, err := docs.Due(ctx, c.app.clock(), clockBatch+len(late))
	if err != nil {
		return 0, err
	}
	worked := 0
	for _, d := range due {
		id := K(d.ID)
		if ctx.Err() != nil || worked == clockBatch {
			break
		}
		if late.waits(id, now) {
			continue
		}
		err := feed.Guarded(c.app.Log, "clock", func() error { return act(ctx, id) })
		switch {
		case err == nil:
			delete(late, id)
			worked++
			c.ticked.Add(1)
		case ctx.Err() == nil:
			wait := late.fail(id, now)
			c.failed.Add(1)
			c.app.Log.Error("clock failed", "noun", noun, "id", string(id), "error", feed.LogCode(err), "again", wait)
		}
	}
	return worked, nil
}

// backlog remembers which documents failed, how often, and until when they are left out.
type backlog[K ~string] map[K]setback

type setback struct {
	tries int
	until time.Duration // on the monotonic clock
}

func (b backlog[K]) waits(id K, now time.Duration) bool { return now < b[id].until }

func (b backlog[K]) fail(id K, now time.Duration) time.Duration {
	wait := feed.BackOff(b[id].tries, clockFirst, clockLast)
	b[id] = setback{tries: b[id].tries + 1, until: now + wait}
	return wait
}

// forget drops documents that were not due any more when their time came: others settled them.
func (b backlog[K]) forget(now time.Duration) {
	for id, s := range b {
		if now > s.until+clockLast {
			delete(b, id)
		}
	}
}
