package app

import (
	"context"
	"sync"
)

type momentKey struct{}

// Moment lets a store answer every reading of one call as of one moment within that call, so that it
// looks only once whether anything has changed. It is for calls that read, and ends with them.
type Moment struct {
	mu   sync.Mutex
	seen map[any]any
}

// WithMoment begins a moment. It must not outlive the call: whatever others change after it began
// may not be seen.
func WithMoment(ctx context.Context) context.Context {
	return context.WithValue(ctx, momentKey{}, &Moment{})
}

// MomentOf is the moment of a call; nil where it has none.
func MomentOf(ctx context.Context) *Moment {
	m, _ := ctx.Value(momentKey{}).(*Moment)
	return m
}

// Seen is what a store noted under a key of its own; nil where there is nothing, or no moment.
func (m *Moment) Seen(key any) any {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[key]
}

// Note keeps something for the rest of the call.
func (m *Moment) Note(key, value any) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[any]any{}
	}
	m.seen[key] = value
}
