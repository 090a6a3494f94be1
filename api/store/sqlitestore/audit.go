package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"naober/api/app"
	"naober/api/store/record"
	"naober/matching/care"
)

// audits serves app.Audits.
type audits struct{ store *Store }

// auditSchema refuses, in the file itself, to change a row.
func auditSchema() string {
	return `
CREATE TABLE audit (
	id     INTEGER PRIMARY KEY,
	source TEXT NOT NULL UNIQUE,
	row    TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_stands BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`
}

// Append implements app.Audits.
func (a audits) Append(ctx context.Context, row app.AuditRow) error {
	raw, err := json.Marshal(record.ToAudit(row))
	if err != nil {
		return failed(err)
	}
	stood := false
	err = a.store.writing(ctx, func(tx *transaction) error {
		var last int64
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM audit`).Scan(&last); err != nil {
			return failed(err)
		}
		if row.ID != last+1 {
			return nil
		}
		stood, err = affected(tx.exec(ctx, `INSERT INTO audit (id, source, row) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, row.ID, row.Source, string(raw)))
		return err
	})
	if err == nil && !stood {
		return care.E(care.Conflict, "audit_moved", "another process was faster")
	}
	return err
}

// Last implements app.Audits.
func (a audits) Last(ctx context.Context) (app.AuditRow, error) {
	var raw string
	err := a.store.read.QueryRowContext(ctx, `SELECT row FROM audit ORDER BY id DESC LIMIT 1`).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return app.AuditRow{}, nil
	}
	if err != nil {
		return app.AuditRow{}, failed(err)
	}
	return auditRow(raw)
}

// Has implements app.Audits.
func (a audits) Has(ctx context.Context, source string) (bool, error) {
	var has bool
	err := a.store.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM audit WHERE source = ?)`, source).Scan(&has)
	return has, failed(err)
}

// Read implements app.Audits. The number comes from the key, so that a row that was moved shows.
func (a audits) Read(ctx context.Context, after int64, limit int) ([]app.AuditRow, error) {
	rows, err := a.store.read.QueryContext(ctx, `SELECT id, row FROM audit WHERE id > ? ORDER BY id LIMIT ?`, after, bounded(limit))
	if err != nil {
		return nil, failed(err)
	}
	defer rows.Close()
	var all []app.AuditRow
	for rows.Next() {
		var id int64
		var raw string
		if err := rows.Scan(&id, &raw); err != nil {
			return nil, failed(err)
		}
		row, err := auditRow(raw)
		if err != nil {
			return nil, err
		}
		row.ID = id
		all = append(all, row)
	}
	return all, failed(rows.Err())
}

// Cut implements app.Audits.
func (a audits) Cut(ctx context.Context, upTo int64) error {
	return a.store.writing(ctx, func(tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM audit WHERE id <= ? AND id < (SELECT max(id) FROM audit)`, upTo)
		return failed(err)
	})
}

func auditRow(raw string) (app.AuditRow, error) {
	var r record.AuditRecord
	if err := json.Unmarshal([]byte(raw), &r); err != nil {
		return app.AuditRow{}, fmt.Errorf("sqlitestore: audit: %w", err)
	}
	return record.FromAudit(r), nil
}
