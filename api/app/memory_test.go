package app

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"naober/matching/care"
)

// memoryDocs are documents in a map. Find answers by keys, Due by due; fail may refuse a call.
type memoryDocs[K ~string, T any] struct {
	mu   sync.Mutex
	rows map[string]Stored[T]
	keys func(T) []Key
	due  func(T) time.Time
	fail func(op string) error
}

func newMemoryDocs[K ~string, T any]() *memoryDocs[K, T] {
	return &memoryDocs[K, T]{rows: map[string]Stored[T]{}}
}

func (m *memoryDocs[K, T]) refuse(op string) error {
	if m.fail == nil {
		return nil
	}
	return m.fail(op)
}

func (m *memoryDocs[K, T]) Get(_ context.Context, id K) (Stored[T], error) {
	if err := m.refuse("get"); err != nil {
		return Stored[T]{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.rows[string(id)]
	if !ok {
		return s, care.E(care.NotFound, "not_found", "no such document")
	}
	return s, nil
}

func (m *memoryDocs[K, T]) Insert(_ context.Context, id K, value T, _ []care.Event, _ Write) (Stored[T], error) {
	if err := m.refuse("insert"); err != nil {
		return Stored[T]{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.rows[string(id)]; taken {
		return Stored[T]{}, care.E(care.Conflict, "id_taken", "the id is taken")
	}
	s := Stored[T]{ID: string(id), Value: value, Rev: 1, Ver: 1}
	m.rows[string(id)] = s
	return s, nil
}

func (m *memoryDocs[K, T]) Update(_ context.Context, id K, _ Write, change Change[T]) (Stored[T], error) {
	if err := m.refuse("update"); err != nil {
		return Stored[T]{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.rows[string(id)]
	if !ok {
		return s, care.E(care.NotFound, "not_found", "no such document")
	}
	next, _, err := change(s.Value)
	if err != nil {
		return s, err
	}
	s.Value, s.Rev = next, s.Rev+1
	m.rows[string(id)] = s
	return s, nil
}

func (m *memoryDocs[K, T]) sorted() []Stored[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.rows), func(a, b Stored[T]) int { return cmp.Compare(a.ID, b.ID) })
}

func (m *memoryDocs[K, T]) Find(_ context.Context, key Key, page Page) ([]Stored[T], error) {
	if err := m.refuse("find"); err != nil {
		return nil, err
	}
	var found []Stored[T]
	for _, s := range m.sorted() {
		if s.ID > page.After && len(found) < page.Limit && slices.Contains(m.keys(s.Value), key) {
			found = append(found, s)
		}
	}
	return found, nil
}

func (m *memoryDocs[K, T]) Each(_ context.Context, visit func(Stored[T]) error) error {
	for _, s := range m.sorted() {
		if err := visit(s); err != nil {
			return err
		}
	}
	return nil
}

func (m *memoryDocs[K, T]) Due(_ context.Context, now time.Time, limit int) ([]Stored[T], error) {
	if m.due == nil {
		return nil, nil
	}
	if err := m.refuse("due"); err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(m.sorted(), func(s Stored[T]) bool {
		return m.due(s.Value).IsZero() || m.due(s.Value).After(now)
	})
	slices.SortStableFunc(found, func(a, b Stored[T]) int { return m.due(a.Value).Compare(m.due(b.Value)) })
	return found[:min(limit, len(found))], nil
}

// memoryFeed is a feed with the documents whose events it carries. before may refuse a call, which
// then does nothing; after may refuse it once its effect stands: the two ways of being killed.
type memoryFeed struct {
	mu            sync.Mutex
	pending       map[DocRef][]Numbered
	rows          []Row
	last          int64
	before, after func(op string) error
}

func newMemoryFeed() *memoryFeed { return &memoryFeed{pending: map[DocRef][]Numbered{}} }

// note adds a document's next event.
func (f *memoryFeed) note(doc DocRef, seq int64, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending[doc] = append(f.pending[doc], Numbered{Seq: seq, Event: care.Event{Type: care.RequestChanged, At: at}})
}

func (f *memoryFeed) call(op string, act func() error) error {
	if f.before != nil {
		if err := f.before(op); err != nil {
			return err
		}
	}
	f.mu.Lock()
	err := act()
	f.mu.Unlock()
	if f.after != nil && err == nil {
		err = f.after(op)
	}
	return err
}

func (f *memoryFeed) Pending(_ context.Context, limit int) (found []Pending, err error) {
	err = f.call("pending", func() error {
		docs := slices.SortedFunc(maps.Keys(f.pending), func(a, b DocRef) int { return cmp.Compare(a.ID, b.ID) })
		for _, d := range docs[:min(limit, len(docs))] {
			found = append(found, Pending{Doc: d, Events: slices.Clone(f.pending[d])})
		}
		return nil
	})
	return found, err
}

func (f *memoryFeed) Has(_ context.Context, doc DocRef, seq int64) (has bool, err error) {
	err = f.call("has", func() error {
		has = slices.ContainsFunc(f.rows, func(r Row) bool { return r.Doc == doc && r.Seq == seq })
		return nil
	})
	return has, err
}

// Append stores row by row, as a store without transactions does: each is a step of its own.
func (f *memoryFeed) Append(_ context.Context, rows []Row) error {
	for _, r := range rows {
		err := f.call("append", func() error {
			if slices.ContainsFunc(f.rows, func(other Row) bool { return other.ID == r.ID }) {
				return care.E(care.Conflict, "feed_moved", "another mover was faster")
			}
			f.rows, f.last = append(f.rows, r), max(f.last, r.ID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *memoryFeed) Drain(_ context.Context, doc DocRef, seq int64) error {
	return f.call("drain", func() error {
		left := slices.DeleteFunc(slices.Clone(f.pending[doc]), func(n Numbered) bool { return n.Seq <= seq })
		if f.pending[doc] = left; len(left) == 0 {
			delete(f.pending, doc)
		}
		return nil
	})
}

func (f *memoryFeed) Read(_ context.Context, after int64, limit int) (found []Row, err error) {
	err = f.call("read", func() error {
		for _, r := range f.rows {
			if r.ID > after && len(found) < limit {
				found = append(found, r)
			}
		}
		return nil
	})
	return found, err
}

func (f *memoryFeed) Bounds(context.Context) (first, last int64, err error) {
	err = f.call("bounds", func() error {
		if last = f.last; len(f.rows) > 0 {
			first = f.rows[0].ID
		} else if last > 0 {
			first = last + 1
		}
		return nil
	})
	return first, last, err
}

func (f *memoryFeed) Trim(_ context.Context, before time.Time) error {
	return f.call("trim", func() error {
		f.rows = slices.DeleteFunc(f.rows, func(r Row) bool { return r.At.Before(before) && r.ID != f.last })
		return nil
	})
}

// handTime is a monotonic clock that tests move. Whoever waits is woken by the move that reaches
// their moment; asked tells each wait that begins.
type handTime struct {
	mu    sync.Mutex
	now   time.Duration
	waits map[chan time.Time]time.Duration
	asked chan time.Duration
}

func newHandTime() *handTime { return &handTime{waits: map[chan time.Time]time.Duration{}} }

func (h *handTime) Elapsed() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *handTime) After(d time.Duration) (<-chan time.Time, func()) {
	c := make(chan time.Time, 1)
	h.mu.Lock()
	h.waits[c] = h.now + d
	h.mu.Unlock()
	if h.asked != nil {
		h.asked <- d
	}
	return c, func() {
		h.mu.Lock()
		delete(h.waits, c)
		h.mu.Unlock()
	}
}

func (h *handTime) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now += d
	for c, at := range h.waits {
		if at <= h.now {
			delete(h.waits, c)
			c <- time.Time{}
		}
	}
}

// briskTime is a monotonic clock whose waits are over at once: for quick tries in between.
type briskTime struct{ *handTime }

func (b briskTime) After(time.Duration) (<-chan time.Time, func()) {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c, func() {}
}

func quietLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func parkedDocs() *memoryDocs[string, Parked] {
	docs := newMemoryDocs[string, Parked]()
	docs.keys = func(p Parked) []Key { return []Key{{Name: ByConsumer, Value: p.Consumer}} }
	return docs
}

// memoryAudits is an audit log in a slice.
type memoryAudits struct {
	mu   sync.Mutex
	rows []AuditRow
}

func (m *memoryAudits) Append(_ context.Context, row AuditRow) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if row.ID != int64(len(m.rows))+1 {
		return care.E(care.Conflict, "audit_moved", "taken")
	}
	m.rows = append(m.rows, row)
	return nil
}

func (m *memoryAudits) Last(context.Context) (AuditRow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rows) == 0 {
		return AuditRow{}, nil
	}
	return m.rows[len(m.rows)-1], nil
}

func (m *memoryAudits) Has(_ context.Context, source string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.rows, func(r AuditRow) bool { return r.Source == source }), nil
}

func (m *memoryAudits) Read(_ context.Context, after int64, limit int) ([]AuditRow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.rows[min(int(after), len(m.rows)):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (m *memoryAudits) Cut(context.Context, int64) error { return nil }
