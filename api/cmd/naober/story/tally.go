package story

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Tally counts what came over a line. Safe for concurrent use.
type Tally struct {
	mu       sync.Mutex
	calls    int
	retries  int
	statuses map[int]int
	failed   []string // answers that say the server itself failed
	took     []time.Duration
}

func (t *Tally) again() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retries++
}

func (t *Tally) answered(c call, status int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	t.statuses[status]++
	if c.side == api {
		t.took = append(t.took, took)
	}
	if status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable {
		t.failed = append(t.failed, fmt.Sprintf("%s %s: %d", c.method, c.path, status))
	}
}

// Failed lists the answers with a status from 500 on, but for "come back later".
func (t *Tally) Failed() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.failed)
}

// Calls is how many answers came.
func (t *Tally) Calls() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls
}

// String tells how many calls there were, how they ended, and how long the API took.
func (t *Tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := fmt.Sprintf("%d answers, %d retries", t.calls, t.retries)
	for _, status := range slices.Sorted(maps.Keys(t.statuses)) {
		text += fmt.Sprintf(", %d×%d", t.statuses[status], status)
	}
	took := slices.Sorted(slices.Values(t.took))
	if len(took) == 0 {
		return text
	}
	at := func(share int) time.Duration { return took[len(took)*share/100].Round(100 * time.Microsecond) }
	return text + fmt.Sprintf("; API p50 %s, p99 %s", at(50), at(99))
}
