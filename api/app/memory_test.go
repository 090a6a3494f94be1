package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"naober/api/feed"
	"naober/api/port"
	"naober/api/port/porttest"
	"naober/matching/care"
)

func quietLog() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var errKilled = errors.New("killed")

func docNamed(id string) port.DocRef { return port.DocRef{Kind: "requests", ID: id} }

func parkedDocs() *porttest.Documents[string, feed.Parked] {
	docs := porttest.NewDocuments[string, feed.Parked]()
	docs.Keys = func(p feed.Parked) []port.Key { return []port.Key{{Name: feed.ByConsumer, Value: p.Consumer}} }
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
