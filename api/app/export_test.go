package app

import (
	"context"
	"errors"
	"time"

	"naober/api/feed"
	"naober/api/port/porttest"
	"naober/matching/care"
)

// Machinery is the loops of one process, the service's own, stepped by hand: mover, consumers, clock
// and housekeeping under their leases.
type Machinery struct {
	loops  *Loops
	time   *porttest.HandTime
	leaser *feed.Leaser
	held   map[string]*feed.Held
}

// NewMachinery is a new process's: a holder of leases of its own. The consumers and works of the
// wiring's own come after those of the commands.
func (a *App) NewMachinery(consumers []feed.Consumer, works []feed.Work) (*Machinery, error) {
	hand := porttest.NewHandTime()
	brisk := porttest.BriskTime{HandTime: hand}
	l, err := a.NewLoops(LoopSettings{Time: brisk, Hold: feed.NewHold(time.Now, brisk), Works: works, Consumers: append([]feed.Consumer{
		{Name: "steward", Stored: true, Handle: a.Steward},
		{Name: "dispatcher", Stored: true, Handle: a.Dispatch},
		{Name: "audit", Stored: true, Handle: a.Audit},
		{Name: "index", From: -1, Handle: a.Follow, Rebuild: a.Rebuild},
	}, consumers...)})
	if err != nil {
		return nil, err
	}
	return &Machinery{loops: l, time: hand, held: map[string]*feed.Held{},
		leaser: &feed.Leaser{Docs: l.Leases, Holder: l.Holder, Term: l.Term, Time: l.Time, Log: l.Log}}, nil
}

// lead takes a lease, also one whose holder is gone, as the service does after the term.
func (m *Machinery) lead(ctx context.Context, name string) (*feed.Held, error) {
	h := m.held[name]
	if h == nil {
		h = m.leaser.Lease(name)
		m.held[name] = h
	}
	if h.Holds() {
		return h, nil
	}
	ok, err := h.Step(ctx)
	if !ok && err == nil {
		m.time.Advance(feed.LeaseTerm)
		ok, err = h.Step(ctx)
	}
	if !ok && err == nil {
		err = care.E(care.Conflict, "lease_lost", "another process holds this lease now")
	}
	return h, err
}

// StartAt lets the stored consumers begin after a row, and frees every lease.
func (m *Machinery) StartAt(ctx context.Context, cursor int64) error {
	for _, c := range m.loops.Consumers {
		if !c.Stored {
			continue
		}
		h, err := m.lead(ctx, feed.LoopOf(c.Name))
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
func (m *Machinery) Round(ctx context.Context) (int, error) { return m.loops.Round(ctx, m.lead) }

// Patience is how long the loops set aside what failed.
func (m *Machinery) Patience(d time.Duration) { m.time.Advance(d) }
