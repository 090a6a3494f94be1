package notifications

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// How the relay tries again: after 2 s, doubled with each try up to 15 minutes, give or take half.
const (
	firstWait = 2 * time.Second
	mostWait  = 15 * time.Minute
	leastTTL  = time.Minute
)

// pushFailed is why a message waits that a push service did not take.
const pushFailed = "push_failed"

// result is what became of one round of calls.
type result struct {
	sentTo  []string
	failed  bool          // at least one device should be tried again
	again   time.Duration // not before this
	refused bool          // at least one device will never take this message
}

// send marks the delivery, calls the devices and stores what became of it. A kill before the mark
// leaves it waiting, one after it leaves it sending; either way it is sent again.
func (r *Relay) send(ctx context.Context, d Delivery, reach Reach, why string) error {
	now := r.now()
	d, err := r.change(ctx, d, func(d *Delivery) {
		d.State, d.Tries, d.DueAt = Sending, d.Tries+1, now.Add(sendingTime)
	})
	if err != nil {
		return err
	}
	got := r.call(ctx, d, reach)
	now = r.now()
	d, err = r.change(ctx, d, func(d *Delivery) {
		d.SentTo = got.sentTo
		switch {
		case got.failed:
			d.State, d.Why, d.DueAt = Waiting, pushFailed, now.Add(max(backOff(d.Tries), got.again))
			if d.DueAt.After(d.ExpiresAt) {
				d.DueAt = d.ExpiresAt // then it is dropped, and whoever waits for that is told
			}
		case len(got.sentTo) > 0:
			d.State, d.Why, d.DoneAt = Sent, why, now
		case got.refused:
			d.lose("push_refused", now)
		default:
			d.lose("no_device", now)
		}
	})
	return r.after(ctx, d, err)
}

// call tries every device that has not taken the message yet.
func (r *Relay) call(ctx context.Context, d Delivery, reach Reach) result {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	got := result{sentTo: slices.Clone(d.SentTo)}
	for _, device := range reach.Devices {
		if slices.Contains(got.sentTo, device.ID) {
			continue
		}
		err := r.push.Push(ctx, Message{Token: device.Token, Key: d.Key, Params: d.params(), Collapse: d.collapse(),
			TTL: max(d.ExpiresAt.Sub(r.now()), leastTTL), High: d.Class != Notice})
		var f *Failure
		switch {
		case err == nil:
			got.sentTo = append(got.sentTo, device.ID)
		case !errors.As(err, &f):
			got.failed = true
		case f.Class == Gone:
			r.forget(ctx, device)
		case f.Class == Permanent:
			got.refused = true
			r.log.Error("message refused by the push service", "key", d.Key, "code", f.Code)
		default:
			got.failed, got.again = true, max(got.again, f.RetryAfter)
		}
	}
	return got
}

// forget drops a device on the push service's own word. Where that fails the next message does it.
func (r *Relay) forget(ctx context.Context, device Device) {
	if err := r.directory.Forget(ctx, device); err != nil {
		r.log.Warn("dead device kept", "error", codeOf(err))
	}
}

// backOff is the wait before the next try.
func backOff(tries int) time.Duration {
	d := mostWait
	if tries < 10 {
		d = min(firstWait<<max(tries-1, 0), mostWait)
	}
	return d/2 + rand.N(d)
}
