package sqlitestore

import (
	"context"
	"database/sql"
	"sync"
)

// pool is a pool of connections that prepares each query once on each of them: parsing SQL took
// longer than running it. Queries here are few and constant; what varies is bound.
type pool struct {
	*sql.DB
	prepared sync.Map // query -> *sql.Stmt
}

// statement is the prepared query; nil where it cannot be prepared, which running it will explain.
func (p *pool) statement(ctx context.Context, query string) *sql.Stmt {
	if found, ok := p.prepared.Load(query); ok {
		return found.(*sql.Stmt)
	}
	made, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	if first, raced := p.prepared.LoadOrStore(query, made); raced {
		_ = made.Close() // it was never used
		return first.(*sql.Stmt)
	}
	return made
}

// QueryContext runs a query that gives rows.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := p.statement(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query that gives one row.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := p.statement(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}
