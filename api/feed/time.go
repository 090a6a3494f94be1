package feed

import (
	"context"
	"time"
)

// Monotonic is time that runs at its own pace, whatever happens to the machine's calendar. Leases,
// waits and back-off go by it, so that a moved clock neither gives a lease away nor stops a loop.
type Monotonic interface {
	// Elapsed is the time since one fixed moment.
	Elapsed() time.Duration
	// After fires once after d. stop frees what waits; it may be called at any time.
	After(d time.Duration) (fired <-chan time.Time, stop func())
}

// SystemTime is the Monotonic of the machine.
func SystemTime() Monotonic { return systemTime{start: time.Now()} }

type systemTime struct{ start time.Time }

func (s systemTime) Elapsed() time.Duration { return time.Since(s.start) }

func (s systemTime) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// await waits for d, for a wake or for the end of the context, whichever comes first; it reports
// whether the context goes on. A nil wake never wakes.
func await(ctx context.Context, m Monotonic, d time.Duration, wake <-chan struct{}) bool {
	fired, stop := m.After(d)
	defer stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-fired:
	}
	return ctx.Err() == nil
}

// BackOff is the wait after so many tries before this one: the first, doubled with each, and never beyond the last.
func BackOff(tries int, first, last time.Duration) time.Duration {
	for ; tries > 0 && first < last; tries-- {
		first *= 2
	}
	return min(first, last)
}
