package feed

import (
	"sync"
	"time"
)

// How far the two clocks may part, and how long they must then agree again.
const (
	clockStep   = 5 * time.Minute
	steadyAfter = 10 * time.Minute
)

// Hold stops the work that acts on the date when the machine's calendar has jumped, and after a
// restore: a clock that is wrong by a month would let every question lapse at once. A person ends
// the hold, or ten steady minutes do. It is safe for concurrent use.
//
// It compares the machine's own two clocks. The clock of the demo, which people move on purpose,
// is another one and starts no hold.
type Hold struct {
	wall func() time.Time
	time Monotonic

	mu     sync.Mutex
	apart  time.Duration // what the calendar was ahead of the monotonic clock when last trusted
	reason string        // code; empty while nothing is held
	since  time.Duration // when the hold began or was last disturbed
}

// The reasons for a hold.
const (
	HoldClock   = "clock_stepped"
	HoldRestore = "restored"
)

// NewHold trusts the clocks as they stand. wall is the machine's own calendar: time.Now.
func NewHold(wall func() time.Time, m Monotonic) *Hold {
	h := &Hold{wall: wall, time: m}
	h.apart, _ = h.read()
	return h
}

// Check reads both clocks and reports why work is held, or "" where it is not. Whoever acts on the
// date calls it before each pass; small steps add up, because the first reading stays the measure.
func (h *Hold) Check() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	apart, now := h.read()
	switch {
	case (apart - h.apart).Abs() > clockStep:
		h.begin(HoldClock, apart, now)
	case h.reason != "" && now-h.since >= steadyAfter:
		h.reason = ""
	}
	return h.reason
}

// Begin holds work for a reason of the caller's: HoldRestore.
func (h *Hold) Begin(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	apart, now := h.read()
	h.begin(reason, apart, now)
}

// Release ends the hold because a person says that the calendar is right as it stands now. It
// reports whether anything was held.
func (h *Hold) Release() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.reason != ""
	h.apart, _ = h.read()
	h.reason = ""
	return held
}

func (h *Hold) begin(reason string, apart, now time.Duration) {
	h.reason, h.apart, h.since = reason, apart, now
}

// read measures the calendar from a moment that has no monotonic reading of its own: Sub would use
// that instead, and no step would ever show.
func (h *Hold) read() (apart, now time.Duration) {
	now = h.time.Elapsed()
	return h.wall().Sub(time.Unix(0, 0)) - now, now
}
