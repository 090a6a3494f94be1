package feed

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// LeaseTerm is how long a challenger must see a lease stand still before it takes it.
const LeaseTerm = 10 * time.Second

// Lease lets one process do a work that only one should. Number grows with every new holder and
// fences the old one: every write under the lease is conditional on it, in this same document.
type Lease struct {
	Name   string
	Holder string
	Number int64
	Beat   int64 // grows with each renewal; what a challenger watches
	Cursor int64 // how far the holder has read the feed
}

// Leaser takes and keeps named leases for one process.
//
// A lease saves double work; it does not by itself prevent it. A holder may freeze and wake up
// long after another took its place, so whatever must not happen twice is a write that fails for
// the old number: Held.SaveCursor here, the dense ids of the feed, compare-and-set elsewhere.
type Leaser struct {
	Docs   port.Documents[string, Lease]
	Holder string // must be new for every start of a process: a holder takes its own leases back at once
	Term   time.Duration
	Time   Monotonic
	Log    *slog.Logger
}

// Lease begins to watch a name. It reads nothing yet; each name has one watcher in a process.
func (l *Leaser) Lease(name string) *Held { return &Held{leaser: l, name: name} }

// Run does the work while this process holds the lease, again and again until the context ends.
// The work's own context ends when the lease is lost. A lease is free at once after the work ended.
func (l *Leaser) Run(ctx context.Context, name string, work func(ctx context.Context, held *Held)) {
	h := l.Lease(name)
	for ctx.Err() == nil {
		held, err := h.Step(ctx)
		if err != nil && ctx.Err() == nil {
			l.Log.Warn("lease not read", "lease", name, "error", LogCode(err))
		}
		if held {
			h.whileHeld(ctx, work)
		}
		await(ctx, l.Time, l.Term/10, nil)
	}
}

// Held is one process's place at a lease: watching, or holding. It is safe for concurrent use.
type Held struct {
	leaser *Leaser
	name   string

	mu      sync.Mutex
	held    bool
	lease   Lease         // as last written while held, as last seen while watching
	seen    bool          // lease was read at least once
	touched time.Duration // held: before the last write that stood; watching: after lease was first seen
}

// Step renews the lease where it is held, and otherwise watches it and takes it where that is
// allowed. It reports whether the lease is held now. A holder calls it every third of the term.
func (h *Held) Step(ctx context.Context) (bool, error) {
	if h.Holds() {
		return h.beat(ctx)
	}
	return h.challenge(ctx)
}

func (h *Held) beat(ctx context.Context) (bool, error) {
	err := h.write(ctx, func(*Lease) {})
	return h.Holds(), err
}

// Holds reports whether the lease was held at the last write and its term has not run out since.
func (h *Held) Holds() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held && h.leaser.Time.Elapsed()-h.touched >= h.leaser.Term {
		h.held, h.seen = false, false
	}
	return h.held
}

// Cursor is how far the feed was read under this lease, by whoever held it last.
func (h *Held) Cursor() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease.Cursor
}

// SaveCursor stores how far the holder has read the feed; it renews the lease as well. It fails
// with care.Conflict "lease_lost", and writes nothing, where another process has taken over.
func (h *Held) SaveCursor(ctx context.Context, cursor int64) error {
	return h.write(ctx, func(l *Lease) { l.Cursor = cursor })
}

// Release frees the lease at once for whoever waits. Releasing what is not held does nothing.
func (h *Held) Release(ctx context.Context) error {
	h.mu.Lock()
	held := h.held
	h.mu.Unlock()
	if !held {
		return nil
	}
	err := h.write(ctx, func(l *Lease) { l.Holder = "" })
	h.mu.Lock()
	h.held, h.seen = false, false
	h.mu.Unlock()
	if care.CodeOf(err) == "lease_lost" {
		return nil
	}
	return err
}

// whileHeld runs the work beside a goroutine that renews, waits for both and releases.
func (h *Held) whileHeld(ctx context.Context, work func(ctx context.Context, held *Held)) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	var renewing sync.WaitGroup
	renewing.Go(func() {
		defer stop()
		h.renew(working)
	})
	work(working, h)
	stop()
	renewing.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := h.Release(ctx); err != nil {
		h.leaser.Log.Warn("lease not released", "lease", h.name, "error", LogCode(err))
	}
}

// renew keeps the lease until the context ends or the lease is lost. It never takes a lost lease
// back: others may have moved the cursor since, and the work beside it would not know.
func (h *Held) renew(ctx context.Context) {
	for await(ctx, h.leaser.Time, h.leaser.Term/3, nil) && h.Holds() {
		// No renewal may hang longer than the lease would live.
		call, cancel := context.WithTimeout(ctx, h.leaser.Term/3)
		held, err := h.beat(call)
		cancel()
		if err != nil && ctx.Err() == nil {
			h.leaser.Log.Warn("lease not renewed", "lease", h.name, "held", held, "error", LogCode(err))
		}
		if !held {
			return
		}
	}
}

// write changes the document while its number is still ours, and counts as a beat.
func (h *Held) write(ctx context.Context, change func(*Lease)) error {
	h.mu.Lock()
	mine, held := h.lease, h.held
	h.mu.Unlock()
	if !held {
		return leaseLost()
	}
	began := h.leaser.Time.Elapsed()
	stored, err := h.leaser.Docs.Update(ctx, h.name, port.Write{Quiet: true}, func(l Lease) (Lease, []care.Event, error) {
		if l.Number != mine.Number || l.Holder != mine.Holder {
			return l, nil, leaseLost()
		}
		l.Beat++
		change(&l)
		return l, nil, nil
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err == nil && stored.Value.Beat > h.lease.Beat:
		h.lease, h.touched = stored.Value, began
	case care.CodeOf(err) == "lease_lost" || care.IsKind(err, care.NotFound):
		h.held, h.seen = false, false
		return leaseLost()
	}
	return err
}

// challenge looks at a lease that is not held here, and takes it where it is free or has stood
// still for the whole term under our own eyes.
func (h *Held) challenge(ctx context.Context) (bool, error) {
	now := h.leaser.Time.Elapsed()
	stored, err := h.leaser.Docs.Get(ctx, h.name)
	if care.IsKind(err, care.NotFound) {
		return h.found(ctx)
	}
	if err != nil {
		return false, err
	}
	l := stored.Value
	h.mu.Lock()
	same := h.seen && l.Holder == h.lease.Holder && l.Number == h.lease.Number && l.Beat == h.lease.Beat
	if !same {
		// The moment counts from after the reading: the beat we saw is older than that.
		h.lease, h.seen, h.touched = l, true, h.leaser.Time.Elapsed()
	}
	still := now-h.touched >= h.leaser.Term
	h.mu.Unlock()
	if l.Holder != "" && l.Holder != h.leaser.Holder && !still {
		return false, nil
	}
	return h.take(ctx, l)
}

// found makes the lease's document. Who loses that race looks again at the next step.
func (h *Held) found(ctx context.Context) (bool, error) {
	began := h.leaser.Time.Elapsed()
	first := Lease{Name: h.name, Holder: h.leaser.Holder, Number: 1, Beat: 1}
	stored, err := h.leaser.Docs.Insert(ctx, h.name, first, nil, port.Write{Quiet: true})
	if care.CodeOf(err) == "id_taken" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h.hold(stored.Value, began)
	return true, nil
}

func (h *Held) take(ctx context.Context, seen Lease) (bool, error) {
	began := h.leaser.Time.Elapsed()
	stored, err := h.leaser.Docs.Update(ctx, h.name, port.Write{Quiet: true}, func(l Lease) (Lease, []care.Event, error) {
		if l.Holder != seen.Holder || l.Number != seen.Number || l.Beat != seen.Beat {
			return l, nil, care.E(care.Conflict, "lease_taken", "somebody else was faster")
		}
		l.Holder, l.Number, l.Beat = h.leaser.Holder, l.Number+1, l.Beat+1
		return l, nil, nil
	})
	if care.CodeOf(err) == "lease_taken" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h.hold(stored.Value, began)
	return true, nil
}

func (h *Held) hold(l Lease, began time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease, h.held, h.seen, h.touched = l, true, true, began
}

func leaseLost() error {
	return care.E(care.Conflict, "lease_lost", "another process holds this lease now")
}
