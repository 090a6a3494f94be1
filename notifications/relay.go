package notifications

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"naober/matching/care"
)

// How the relay tries again: 2 s doubled with each try up to 15 minutes, with a jitter of a half.
const (
	firstWait = 2 * time.Second
	mostWait  = 15 * time.Minute
	batch     = 100
	// sendingTime is after how long a delivery marked as sending counts as cut off by a kill.
	sendingTime = time.Minute
)

// Relay writes messages down and sends them, at least once each.
type Relay struct {
	deliveries Deliveries
	directory  Directory
	push       Push
	now        func() time.Time
	log        *slog.Logger
}

// NewRelay wires a relay. now is the service's clock.
func NewRelay(d Deliveries, dir Directory, push Push, now func() time.Time, log *slog.Logger) *Relay {
	return &Relay{deliveries: d, directory: dir, push: push, now: now, log: log}
}

// Step sends what is due, and reports how many deliveries it looked at. It is the unit that the
// loop runs under its lease and that tests call.
func (r *Relay) Step(ctx context.Context) (int, error) {
	due, err := r.deliveries.Due(ctx, r.now(), batch)
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		if err := r.deliver(ctx, d.ID); err != nil {
			r.log.Warn("delivery put off", "key", d.Key, "error", care.CodeOf(err))
		}
		if ctx.Err() != nil {
			return len(due), ctx.Err()
		}
	}
	return len(due), nil
}

// deliver marks a delivery as sending, makes the calls, and stores what became of it.
func (r *Relay) deliver(ctx context.Context, id string) error {
	now := r.now()
	d, err := r.deliveries.Change(ctx, id, func(d Delivery) (Delivery, error) {
		if d.Final() || d.DueAt.After(now) {
			return d, errNotDue
		}
		d.State, d.Tries, d.DueAt = Sending, d.Tries+1, now.Add(sendingTime)
		return d, nil
	})
	if errors.Is(err, errNotDue) {
		return nil
	}
	if err != nil {
		return err
	}
	reach, err := r.directory.Reach(ctx, d.Person)
	if err != nil {
		return err
	}
	if d, ok := r.stale(ctx, d, reach); ok {
		return r.store(ctx, d)
	}
	return r.store(ctx, r.send(ctx, d, reach))
}

var errNotDue = errors.New("not due")

// stale takes out what came too late or is no longer true, and puts back what the person's quiet
// holds by now.
func (r *Relay) stale(ctx context.Context, d Delivery, reach Reach) (Delivery, bool) {
	now := r.now()
	if d.Class == Question {
		ask, _, err := r.directory.Facts(ctx, d.Request, d.Ask, "")
		if err != nil {
			d.State, d.DueAt = Waiting, now.Add(wait(d.Tries))
			return d, true
		}
		if !ask.Answerable() {
			d.State, d.Why, d.DoneAt = Dropped, "no_longer_asked", now
			return d, true
		}
	}
	due := d
	due.DueAt = now
	switch v := Decide(due, reach.Quiet, now); {
	case v.Drop:
		d.State, d.Why, d.DoneAt = Dropped, v.Why, now
		return d, true
	case v.At.After(now):
		d.State, d.Why, d.DueAt = Waiting, v.Why, v.At
		return d, true
	}
	return d, false
}

// send tries every device that has not taken the message yet.
func (r *Relay) send(ctx context.Context, d Delivery, reach Reach) Delivery {
	var again time.Duration
	failed := false
	for _, device := range reach.Devices {
		if slices.Contains(d.SentTo, device.ID) {
			continue
		}
		err := r.push.Push(ctx, Message{Token: device.Token, Key: d.Key, Params: d.params(), Collapse: d.collapse(),
			TTL: max(d.ExpiresAt.Sub(r.now()), time.Minute), High: d.Class == Question || d.Class == Pressing})
		var f *Failure
		switch {
		case err == nil:
			d.SentTo = append(d.SentTo, device.ID)
		case errors.As(err, &f) && f.Class == Gone:
			if err := r.directory.Forget(ctx, device); err != nil {
				r.log.Warn("dead device kept", "error", care.CodeOf(err))
			}
		case errors.As(err, &f) && f.Class == Permanent:
			r.log.Error("message refused by the push service", "key", d.Key, "code", f.Code)
		default:
			failed = true
			if f != nil {
				again = max(again, f.RetryAfter)
			}
		}
	}
	return r.outcome(d, failed, again)
}

func (r *Relay) outcome(d Delivery, failed bool, again time.Duration) Delivery {
	now := r.now()
	switch {
	case failed:
		d.State, d.DueAt = Waiting, now.Add(max(wait(d.Tries), again))
	case len(d.SentTo) > 0:
		d.State, d.DoneAt = Sent, now
	default:
		d.State, d.Why, d.DoneAt = Unreachable, "no_device", now
	}
	return d
}

// store writes the outcome, and tells the wave where a question reached nobody. The wave is told
// first: a kill in between tells it twice, which changes nothing.
func (r *Relay) store(ctx context.Context, next Delivery) error {
	lost := next.State == Unreachable || (next.State == Dropped && next.Why != "no_longer_asked")
	if next.Class == Question && lost {
		if err := r.directory.Undelivered(ctx, next.Request, next.Ask); err != nil {
			return err
		}
	}
	_, err := r.deliveries.Change(ctx, next.ID, func(Delivery) (Delivery, error) { return next, nil })
	return err
}

// wait is the back-off before the next try.
func wait(tries int) time.Duration {
	d := mostWait
	if tries < 10 {
		d = min(firstWait<<max(tries-1, 0), mostWait)
	}
	return d/2 + rand.N(d)
}
