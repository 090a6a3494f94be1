package porttest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Feed is a feed with the documents whose events it carries. Before may refuse a call, which
// then does nothing; After may refuse it once its effect stands: the two ways of being killed.
type Feed struct {
	mu            sync.Mutex
	Waiting       map[port.DocRef][]port.Numbered
	Rows          []port.Row
	Last          int64
	Before, After func(op string) error
}

// NewFeed is a feed to which nothing was ever appended.
func NewFeed() *Feed { return &Feed{Waiting: map[port.DocRef][]port.Numbered{}} }

// Note adds a document's next event.
func (f *Feed) Note(doc port.DocRef, seq int64, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Waiting[doc] = append(f.Waiting[doc], port.Numbered{Seq: seq, Event: care.Event{Type: care.RequestChanged, At: at}})
}

func (f *Feed) call(op string, act func() error) error {
	if f.Before != nil {
		if err := f.Before(op); err != nil {
			return err
		}
	}
	f.mu.Lock()
	err := act()
	f.mu.Unlock()
	if f.After != nil && err == nil {
		err = f.After(op)
	}
	return err
}

// Pending implements port.Feed.
func (f *Feed) Pending(_ context.Context, limit int) (found []port.Pending, err error) {
	err = f.call("pending", func() error {
		docs := slices.SortedFunc(maps.Keys(f.Waiting), func(a, b port.DocRef) int { return cmp.Compare(a.ID, b.ID) })
		for _, d := range docs[:min(limit, len(docs))] {
			found = append(found, port.Pending{Doc: d, Events: slices.Clone(f.Waiting[d])})
		}
		return nil
	})
	return found, err
}

// Has implements port.Feed.
func (f *Feed) Has(_ context.Context, doc port.DocRef, seq int64) (has bool, err error) {
	err = f.call("has", func() error {
		has = slices.ContainsFunc(f.Rows, func(r port.Row) bool { return r.Doc == doc && r.Seq == seq })
		return nil
	})
	return has, err
}

// Append implements port.Feed. It stores row by row, as a store without transactions does: each is a step of its own.
func (f *Feed) Append(_ context.Context, rows []port.Row) error {
	for _, r := range rows {
		err := f.call("append", func() error {
			if slices.ContainsFunc(f.Rows, func(other port.Row) bool { return other.ID == r.ID }) {
				return care.E(care.Conflict, "feed_moved", "another mover was faster")
			}
			f.Rows, f.Last = append(f.Rows, r), max(f.Last, r.ID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Drain implements port.Feed.
func (f *Feed) Drain(_ context.Context, doc port.DocRef, seq int64) error {
	return f.call("drain", func() error {
		left := slices.DeleteFunc(slices.Clone(f.Waiting[doc]), func(n port.Numbered) bool { return n.Seq <= seq })
		if f.Waiting[doc] = left; len(left) == 0 {
			delete(f.Waiting, doc)
		}
		return nil
	})
}

// Read implements port.Feed.
func (f *Feed) Read(_ context.Context, after int64, limit int) (found []port.Row, err error) {
	err = f.call("read", func() error {
		for _, r := range f.Rows {
			if r.ID > after && len(found) < limit {
				found = append(found, r)
			}
		}
		return nil
	})
	return found, err
}

// Bounds implements port.Feed.
func (f *Feed) Bounds(context.Context) (first, last int64, err error) {
	err = f.call("bounds", func() error {
		if last = f.Last; len(f.Rows) > 0 {
			first = f.Rows[0].ID
		} else if last > 0 {
			first = last + 1
		}
		return nil
	})
	return first, last, err
}

// Trim implements port.Feed.
func (f *Feed) Trim(_ context.Context, before time.Time) error {
	return f.call("trim", func() error {
		f.Rows = slices.DeleteFunc(f.Rows, func(r port.Row) bool { return r.At.Before(before) && r.ID != f.Last })
		return nil
	})
}
