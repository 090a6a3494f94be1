package storetest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

type fault struct {
	dropsEvents, forgetsNonce, splitsWrite, lastWins, loses, seconds, loud, anyVer, takesAll, offsets, latestDue,
	keepsFailed, neverBusy, skipsFence, forgetsVoids, deaf, backwards, allFound, remembers bool
}

type brokenDocs[K ~string, T any] struct {
	port.Documents[K, T]
	fault

	updates atomic.Int64
	mu      sync.Mutex
	read    int // documents handed out since the first page
	first   map[K]port.Stored[T]
}

// Get hands out what it read first, where it remembers.
func (d *brokenDocs[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, read := d.first[id]; read && d.remembers {
		return s, nil
	}
	s, err := d.Documents.Get(ctx, id)
	if err == nil && d.remembers {
		if d.first == nil {
			d.first = map[K]port.Stored[T]{}
		}
		d.first[id] = s
	}
	return s, err
}

func (d *brokenDocs[K, T]) write(w port.Write, events []care.Event) (port.Write, []care.Event) {
	if d.dropsEvents {
		events = nil
	}
	if d.forgetsNonce {
		w.Nonce = ""
	}
	if d.loud {
		w.Quiet = false
	}
	if d.anyVer {
		w.IfVer = 0
	}
	return w, events
}

func (d *brokenDocs[K, T]) Insert(ctx context.Context, id K, value T, events []care.Event, w port.Write) (port.Stored[T], error) {
	ctx = d.hear(ctx)
	w, events = d.write(w, events)
	if d.seconds {
		value = eachTime(value, func(t time.Time) time.Time { return t.Truncate(time.Second) })
	}
	stored, err := d.Documents.Insert(ctx, id, value, events, w)
	if d.takesAll && care.CodeOf(err) == "id_taken" {
		return d.Get(ctx, id)
	}
	return stored, err
}

func (d *brokenDocs[K, T]) Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	ctx = d.hear(ctx)
	w, _ = d.write(w, nil)
	switch {
	case d.loses && d.updates.Add(1)%3 == 0:
		return d.lose(ctx, id, change)
	case d.lastWins:
		return d.overwrite(ctx, id, w, change)
	case d.skipsFence && w.Quiet && w.Nonce != "":
		w.Nonce = ""
		return d.Documents.Update(ctx, id, w, change)
	case d.splitsWrite:
		return d.split(ctx, id, w, change)
	}
	stored, err := d.Documents.Update(ctx, id, w, func(v T) (T, []care.Event, error) {
		next, events, err := change(v)
		if d.keepsFailed {
			err = nil
		}
		_, events = d.write(w, events)
		return d.forget(next), events, err
	})
	if d.neverBusy && care.IsKind(err, care.Unavailable) {
		return d.Documents.Update(ctx, id, port.Write{}, change)
	}
	return stored, err
}

// hear drops the end of a context.
func (d *brokenDocs[K, T]) hear(ctx context.Context) context.Context {
	if d.deaf {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// forget drops the void claims of a request.
func (d *brokenDocs[K, T]) forget(v T) T {
	r, ok := any(v).(care.Request)
	if !ok || !d.forgetsVoids {
		return v
	}
	r.Voids = nil
	next, _ := any(r).(T) // T is care.Request here
	return next
}

// lose acknowledges a change that it never stores.
func (d *brokenDocs[K, T]) lose(ctx context.Context, id K, change port.Change[T]) (port.Stored[T], error) {
	s, err := d.Get(ctx, id)
	if err != nil {
		return s, err
	}
	s.Value, _, err = change(s.Value)
	s.Rev, s.Ver = s.Rev+1, s.Ver+1
	return s, err
}

// overwrite computes the next value from what was read before, whatever stands there now.
func (d *brokenDocs[K, T]) overwrite(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	s, err := d.Get(ctx, id)
	if err != nil {
		return s, err
	}
	runtime.Gosched() // others read the same value meanwhile
	next, events, err := change(s.Value)
	if err != nil {
		return s, err
	}
	return d.Documents.Update(ctx, id, w, func(T) (T, []care.Event, error) { return next, events, nil })
}

// split stores the state first and its events after.
func (d *brokenDocs[K, T]) split(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	var late []care.Event
	s, err := d.Documents.Update(ctx, id, w, func(v T) (T, []care.Event, error) {
		next, events, err := change(v)
		late = events
		return next, nil, err
	})
	if err != nil || len(late) == 0 {
		return s, err
	}
	return d.Documents.Update(ctx, id, port.Write{}, func(v T) (T, []care.Event, error) { return v, late, nil })
}

func (d *brokenDocs[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	switch {
	case d.allFound:
		return d.everything(ctx)
	case !d.offsets:
		return d.Documents.Find(ctx, key, page)
	}
	all, err := d.Documents.Find(ctx, key, port.Page{Limit: 1000})
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if page.After == "" {
		d.read = 0
	}
	from := min(d.read, len(all))
	until := min(from+page.Limit, len(all))
	d.read = until
	return all[from:until], nil
}

func (d *brokenDocs[K, T]) everything(ctx context.Context) ([]port.Stored[T], error) {
	var all []port.Stored[T]
	err := d.Documents.Each(d.hear(ctx), func(s port.Stored[T]) error {
		all = append(all, s)
		return nil
	})
	return all, err
}

func (d *brokenDocs[K, T]) Each(ctx context.Context, visit func(port.Stored[T]) error) error {
	if !d.backwards && !d.deaf {
		return d.Documents.Each(ctx, visit)
	}
	all, err := d.everything(ctx)
	if d.backwards {
		slices.Reverse(all)
	}
	for _, s := range all {
		err = errors.Join(err, visit(s))
	}
	return err
}

func (d *brokenDocs[K, T]) Due(ctx context.Context, now time.Time, limit int) ([]port.Stored[T], error) {
	due, err := d.Documents.Due(ctx, now, limit)
	if d.latestDue {
		slices.Reverse(due)
	}
	return due, err
}
