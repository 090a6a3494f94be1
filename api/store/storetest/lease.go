package storetest

import (
	"log/slog"
	"sync"
	"time"

	"naober/api/feed"
	"naober/matching/care"
)

func leasePromises() []Promise {
	return []Promise{
		{Name: "a lease passes on only after it stood still for its whole term", check: leasePasses},
		{Name: "of twenty challengers one takes the lease", check: leaseRace},
	}
}

// handClock is a Monotonic that only the test moves.
type handClock struct {
	mu      sync.Mutex
	elapsed time.Duration
}

func (c *handClock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// After never fires: the promises step by hand.
func (c *handClock) After(time.Duration) (<-chan time.Time, func()) { return nil, func() {} }

func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.elapsed += d
}

func (x *trial) lease(holder string) (*feed.Held, *handClock) {
	clock := &handClock{}
	l := &feed.Leaser{Docs: x.Leases, Holder: holder, Term: feed.LeaseTerm, Time: clock, Log: slog.New(slog.DiscardHandler)}
	return l.Lease("mover"), clock
}

func (x *trial) holds(h *feed.Held, want bool, when string) {
	x.Helper()
	got, err := h.Step(x.ctx)
	x.ok(err)
	if got != want {
		x.Errorf("%s: holds %t, want %t", when, got, want)
	}
}

func leasePasses(x *trial) {
	other := x.handle()
	defer other.close()
	first, firstClock := x.lease("first")
	second, secondClock := other.lease("second")
	x.holds(first, true, "the first comer")
	other.holds(second, false, "a challenger at first sight")
	for range 9 { // three terms in which the holder lives
		firstClock.pass(feed.LeaseTerm / 3)
		secondClock.pass(feed.LeaseTerm / 3)
		x.holds(first, true, "a holder that renews")
		other.holds(second, false, "a challenger of a living holder")
	}
	x.ok(first.SaveCursor(x.ctx, 41))
	other.holds(second, false, "a challenger that saw the last beat")
	secondClock.pass(feed.LeaseTerm - time.Millisecond)
	other.holds(second, false, "a challenger a millisecond before the term is over")
	secondClock.pass(time.Millisecond)
	other.holds(second, true, "a challenger after the whole term")
	if second.Cursor() != 41 {
		x.Errorf("the new holder begins at %d, want the cursor of the old one: 41", second.Cursor())
	}
	// The old holder was frozen: its own clock says that its term still runs.
	x.refused(first.SaveCursor(x.ctx, 99), care.Conflict, "lease_lost")
	if first.Holds() {
		x.Errorf("the old holder still believes that it holds")
	}
	read, err := x.Leases.Get(x.ctx, "mover")
	x.ok(err)
	if l := read.Value; l.Holder != "second" || l.Cursor != 41 || l.Number != 2 {
		x.Errorf("the lease is %+v, want second, number 2, cursor 41", l)
	}
}

func leaseRace(x *trial) {
	other := x.handle()
	defer other.close()
	for round, name := range []string{"nobody held it", "its holder is silent"} {
		holders := make([]*feed.Held, racers)
		for i := range holders {
			h := []*trial{x, other}[i%2]
			held, clock := h.lease(name + string(nonce(i)))
			if round > 0 {
				h.holds(held, false, "a challenger at first sight")
				clock.pass(feed.LeaseTerm)
			}
			holders[i] = held
		}
		for _, err := range together(x, other, racers, func(h *trial, i int) error {
			_, err := holders[i].Step(h.ctx)
			return err
		}) {
			x.ok(err)
		}
		held := 0
		for _, h := range holders {
			if h.Holds() {
				held++
			}
		}
		if held != 1 {
			x.Errorf("%s: %d of %d challengers hold the lease, want 1", name, held, racers)
		}
	}
}
