// Package porttest holds the ports of a store in memory, and a clock that tests move: for tests that
// break a call, or look at what lies in the store. It promises neither durability nor one write.
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

// Documents are documents in a map. Find answers by Keys, Due by DueAt; Fail may refuse a call before
// it does anything. Rows may be touched only while nobody calls.
type Documents[K ~string, T any] struct {
	mu    sync.Mutex
	Rows  map[string]port.Stored[T]
	Keys  func(T) []port.Key
	DueAt func(T) time.Time
	Fail  func(op string) error
}

// NewDocuments holds nothing yet; without DueAt nothing is ever due.
func NewDocuments[K ~string, T any]() *Documents[K, T] {
	return &Documents[K, T]{Rows: map[string]port.Stored[T]{}}
}

func (m *Documents[K, T]) refuse(op string) error {
	if m.Fail == nil {
		return nil
	}
	return m.Fail(op)
}

// Get implements port.Documents.
func (m *Documents[K, T]) Get(_ context.Context, id K) (port.Stored[T], error) {
	if err := m.refuse("get"); err != nil {
		return port.Stored[T]{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.Rows[string(id)]
	if !ok {
		return s, care.E(care.NotFound, "not_found", "no such document")
	}
	return s, nil
}

// Insert implements port.Documents. It drops the events and knows no nonce.
func (m *Documents[K, T]) Insert(_ context.Context, id K, value T, _ []care.Event, _ port.Write) (port.Stored[T], error) {
	if err := m.refuse("insert"); err != nil {
		return port.Stored[T]{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.Rows[string(id)]; taken {
		return port.Stored[T]{}, care.E(care.Conflict, "id_taken", "the id is taken")
	}
	s := port.Stored[T]{ID: string(id), Value: value, Rev: 1, Ver: 1}
	m.Rows[string(id)] = s
	return s, nil
}

// Update implements port.Documents. It drops the events and runs the change once.
func (m *Documents[K, T]) Update(_ context.Context, id K, _ port.Write, change port.Change[T]) (port.Stored[T], error) {
	if err := m.refuse("update"); err != nil {
		return port.Stored[T]{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.Rows[string(id)]
	if !ok {
		return s, care.E(care.NotFound, "not_found", "no such document")
	}
	next, _, err := change(s.Value)
	if err != nil {
		return s, err
	}
	s.Value, s.Rev = next, s.Rev+1
	m.Rows[string(id)] = s
	return s, nil
}

// Sorted lists every document by ascending id; Fail does not refuse it.
func (m *Documents[K, T]) Sorted() []port.Stored[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.Rows), func(a, b port.Stored[T]) int { return cmp.Compare(a.ID, b.ID) })
}

// Find implements port.Documents. It needs Keys.
func (m *Documents[K, T]) Find(_ context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	if err := m.refuse("find"); err != nil {
		return nil, err
	}
	var found []port.Stored[T]
	for _, s := range m.Sorted() {
		if s.ID > page.After && len(found) < page.Limit && slices.Contains(m.Keys(s.Value), key) {
			found = append(found, s)
		}
	}
	return found, nil
}

// Each implements port.Documents.
func (m *Documents[K, T]) Each(_ context.Context, visit func(port.Stored[T]) error) error {
	for _, s := range m.Sorted() {
		if err := visit(s); err != nil {
			return err
		}
	}
	return nil
}

// Due implements port.Documents.
func (m *Documents[K, T]) Due(_ context.Context, now time.Time, limit int) ([]port.Stored[T], error) {
	if m.DueAt == nil {
		return nil, nil
	}
	if err := m.refuse("due"); err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(m.Sorted(), func(s port.Stored[T]) bool {
		return m.DueAt(s.Value).IsZero() || m.DueAt(s.Value).After(now)
	})
	slices.SortStableFunc(found, func(a, b port.Stored[T]) int { return m.DueAt(a.Value).Compare(m.DueAt(b.Value)) })
	return found[:min(limit, len(found))], nil
}
