package demo

import (
	"context"
	"slices"
	"strings"
	"sync"

	"naober/matching/care"
)

// Stillness tells when the loops have done everything there is to do, so that a script never
// sleeps. It is told of each pass that found nothing; see app.LoopSettings.Idle.
type Stillness struct {
	// Loops are the names of the loops that must be still.
	Loops []string
	// Worked counts what the loops did so far; it changes with each thing they do.
	Worked func() int64
	// Waiting reports whether anything waits that no count shows yet.
	Waiting func(context.Context) (bool, error)

	mu      sync.Mutex
	passes  map[string]int
	changed chan struct{} // closed and replaced at each pass
}

// NewStillness makes one that has seen no pass. Its fields are set before Settle is called.
func NewStillness() *Stillness {
	return &Stillness{passes: map[string]int{}, changed: make(chan struct{})}
}

// Idle counts a pass of a loop that found nothing to do. It never waits.
func (s *Stillness) Idle(loop string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passes[loop]++
	close(s.changed)
	s.changed = make(chan struct{})
}

// Settle returns once everything that was due or written when it was called has had all its
// effects: every loop passed twice with nothing to do, nothing was done meanwhile, and nothing
// waits. Two passes, for the first may have begun before the call. Where the context ends first the
// error names the loops that were not still.
func (s *Stillness) Settle(ctx context.Context) error {
	for {
		before := s.Worked()
		if busy := s.await(ctx); len(busy) > 0 {
			return care.E(care.Unavailable, "not_settled", "still at work: %s", strings.Join(busy, ", "))
		}
		waiting, err := s.Waiting(ctx)
		if err != nil {
			return err
		}
		if !waiting && s.Worked() == before {
			return nil
		}
	}
}

// await waits until each loop has passed twice more; it names those that had not when the context
// ended.
func (s *Stillness) await(ctx context.Context) []string {
	s.mu.Lock()
	goal := make(map[string]int, len(s.Loops))
	for _, l := range s.Loops {
		goal[l] = s.passes[l] + 2
	}
	s.mu.Unlock()
	for {
		s.mu.Lock()
		changed := s.changed
		busy := slices.DeleteFunc(slices.Clone(s.Loops), func(l string) bool { return s.passes[l] >= goal[l] })
		s.mu.Unlock()
		if len(busy) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return busy
		}
	}
}
