package porttest

import (
	"sync"
	"time"
)

// HandTime is a monotonic clock that tests move. Whoever waits is woken by the move that reaches
// their moment; Asked tells each wait that begins.
type HandTime struct {
	mu    sync.Mutex
	Now   time.Duration
	waits map[chan time.Time]time.Duration
	Asked chan time.Duration
}

// NewHandTime stands at zero until it is moved.
func NewHandTime() *HandTime { return &HandTime{waits: map[chan time.Time]time.Duration{}} }

// Elapsed is how far the clock was moved.
func (h *HandTime) Elapsed() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Now
}

// After fires once a move reaches d from now; stop frees what waits.
func (h *HandTime) After(d time.Duration) (<-chan time.Time, func()) {
	c := make(chan time.Time, 1)
	h.mu.Lock()
	h.waits[c] = h.Now + d
	h.mu.Unlock()
	if h.Asked != nil {
		h.Asked <- d
	}
	return c, func() {
		h.mu.Lock()
		delete(h.waits, c)
		h.mu.Unlock()
	}
}

// Advance moves the clock and wakes whoever waits until then.
func (h *HandTime) Advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Now += d
	for c, at := range h.waits {
		if at <= h.Now {
			delete(h.waits, c)
			c <- time.Time{}
		}
	}
}

// BriskTime is a monotonic clock whose waits are over at once: for quick tries in between.
type BriskTime struct{ *HandTime }

// After fires at once.
func (b BriskTime) After(time.Duration) (<-chan time.Time, func()) {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c, func() {}
}
