package app

import (
	"context"
	"crypto/sha256"
	"strings"
	"sync"
)

type momentKey struct{}

// Moment lets a store answer every reading of one call as of one moment within that call, so that it
// looks only once whether anything has changed. It is for calls that read, and ends with them.
type Moment struct {
	call CallName
	mu   sync.Mutex
	seen map[any]any
}

// CallName is the same for two calls that ask the same, on behalf of the same device. It lets a store
// expect what a call will read, and proves nothing: it is a hash, for what it is made of may be secret.
type CallName [sha256.Size]byte

// WithMoment begins a moment of a call, which is named by its parts: what is asked, and by whom. It
// must not outlive the call: whatever others change after it began may not be seen.
func WithMoment(ctx context.Context, call ...string) context.Context {
	return context.WithValue(ctx, momentKey{}, &Moment{call: sha256.Sum256([]byte(strings.Join(call, "\x00")))})
}

// Call names the call that the moment is of.
func (m *Moment) Call() CallName { return m.call }

type preludeKey struct{}

// WithPrelude begins the prelude of a call that changes something: what it reads of who calls and what
// they may do, before it has changed anything. A store may answer that as of one moment within the
// call. It ends with the first change of the call that others can see.
func WithPrelude(ctx context.Context, call ...string) context.Context {
	return context.WithValue(ctx, preludeKey{}, &Moment{call: sha256.Sum256([]byte(strings.Join(call, "\x00")))})
}

// PreludeOf is the prelude of a call; nil where it has none.
func PreludeOf(ctx context.Context) *Moment {
	m, _ := ctx.Value(preludeKey{}).(*Moment)
	return m
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
