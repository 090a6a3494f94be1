package feed

import (
	"context"
	"errors"
)

// Lead answers a process's place at the lease of that name, held.
type Lead func(ctx context.Context, lease string) (*Held, error)

// Round lets each loop take one step: mover, consumers, works, in that order and without a wait; what
// is parked and due is tried as well. It tells how much was done. A loop that fails, or whose lease
// cannot be had, keeps no other from its step.
//
// It is for whoever must know what happens when, such as a test that stops the process at each of its
// writes, and takes the place of Run: never beside it. It asks no Hold.
func (l *Loops) Round(ctx context.Context, lead Lead) (int, error) {
	worked := 0
	var failed error
	pass := func(lease string, alone bool, step func(*Held) (int, error)) {
		var h *Held
		var err error
		if alone {
			h, err = lead(ctx, lease)
		}
		if err == nil {
			var n int
			n, err = step(h)
			worked += n
		}
		failed = errors.Join(failed, err)
	}
	pass(MoverLoop, true, func(h *Held) (int, error) { return l.mover.run(ctx, h) })
	for _, r := range l.readers {
		pass(LoopOf(r.Name), r.Stored, func(h *Held) (int, error) {
			read, err := r.step(ctx, h)
			retried, other := r.retry(ctx)
			return read + retried, errors.Join(err, other)
		})
	}
	for _, w := range l.Works {
		pass(w.Name, true, func(*Held) (int, error) { return w.Step(ctx) })
	}
	return worked, failed
}
