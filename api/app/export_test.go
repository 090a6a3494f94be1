package app

import (
	"context"
	"errors"
	"time"

	"naober/api/port/porttest"
)

// Machinery is the loops of one process, the service's own, stepped by hand: mover, consumers, clock
// and housekeeping under their leases.
type Machinery struct {
	loops *Loops
	time  *porttest.HandTime
	held  map[string]*Held
}

// NewMachinery is a new process's: a holder of leases of its own. The consumers and works of the
// wiring's own come after those of the commands.
func (a *App) NewMachinery(consumers []Consumer, works []Work) (*Machinery, error) {
	hand := porttest.NewHandTime()
	brisk := porttest.BriskTime{HandTime: hand}
	l, err := a.NewLoops(LoopSettings{Time: brisk, Hold: NewHold(time.Now, brisk), Works: works, Consumers: append([]Consumer{
		{Name: "steward", Stored: true, Handle: a.Steward},
		{Name: "dispatcher", Stored: true, Handle: a.Dispatch},
		{Name: "audit", Stored: true, Handle: a.Audit},
		{Name: "index", From: -1, Handle: a.Follow, Rebuild: a.Rebuild},
	}, consumers...)})
	return &Machinery{loops: l, time: hand, held: map[string]*Held{}}, err
}

// lead takes a lease, also one whose holder is gone, as the service does after the term.
func (m *Machinery) lead(ctx context.Context, name string) (*Held, error) {
	h := m.held[name]
	if h == nil {
		h = m.loops.leaser.Lease(name)
		m.held[name] = h
	}
	if h.Holds() {
		return h, nil
	}
	ok, err := h.Step(ctx)
	if !ok && err == nil {
		m.time.Advance(LeaseTerm)
		ok, err = h.Step(ctx)
	}
	if !ok && err == nil {
		err = leaseLost()
	}
	return h, err
}

// StartAt lets the stored consumers begin after a row, and frees every lease.
func (m *Machinery) StartAt(ctx context.Context, cursor int64) error {
	for _, r := range m.loops.readers {
		if !r.Stored {
			continue
		}
		h, err := m.lead(ctx, leaseOf(r.Name))
		if err != nil {
			return err
		}
		if err := errors.Join(h.SaveCursor(ctx, cursor), h.Release(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// Round lets each loop take one step and tells how much they did. A loop that fails keeps no other
// from its work.
func (m *Machinery) Round(ctx context.Context) (int, error) {
	worked := 0
	var failed error
	pass := func(lease string, s func(*Held) (int, error)) {
		var h *Held
		var err error
		if lease != "" {
			h, err = m.lead(ctx, lease)
		}
		if err == nil {
			var n int
			n, err = s(h)
			worked += n
		}
		failed = errors.Join(failed, err)
	}
	pass(loopMover, func(h *Held) (int, error) { return m.loops.mover.run(ctx, h) })
	for _, r := range m.loops.readers {
		lease := ""
		if r.Stored {
			lease = leaseOf(r.Name)
		}
		pass(lease, func(h *Held) (int, error) {
			read, err := r.step(ctx, h)
			retried, other := r.retry(ctx)
			return read + retried, errors.Join(err, other)
		})
	}
	for _, w := range m.loops.Works {
		pass(w.Name, func(*Held) (int, error) { return w.Step(ctx) })
	}
	return worked, failed
}

// Patience is how long the loops set aside what failed.
func (m *Machinery) Patience(d time.Duration) { m.time.Advance(d) }
