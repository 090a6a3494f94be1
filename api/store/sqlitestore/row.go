package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"naober/api/port"
	"naober/api/store/record"
)

// row is a document as it stands in its table.
type row struct {
	id            string
	rev, ver, seq int64
	state         string
	events        []record.EventRecord
	nonces        []mark
}

// columns are what scan reads, in its order.
const columns = `d.id, d.rev, d.ver, d.seq, d.state, d.events, d.nonces`

type scanner interface{ Scan(...any) error }

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func scan(from scanner) (row, error) {
	var r row
	var events, nonces sql.NullString
	err := from.Scan(&r.id, &r.rev, &r.ver, &r.seq, &r.state, &events, &nonces)
	if err == nil && events.Valid {
		err = json.Unmarshal([]byte(events.String), &r.events)
	}
	if err == nil && nonces.Valid {
		err = json.Unmarshal([]byte(nonces.String), &r.nonces)
	}
	return r, err
}

// table reads and writes the rows of one kind.
type table string

func (t table) ref(id string) port.DocRef { return port.DocRef{Kind: string(t), ID: id} }

// load finds one row; found is false where there is none.
func (t table) load(ctx context.Context, q querier, id string) (r row, found bool, err error) {
	r, err = scan(q.QueryRowContext(ctx, fmt.Sprintf(`SELECT %s FROM %s d WHERE d.id = ?`, columns, t), id))
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, false, nil
	}
	return r, err == nil, failed(err)
}

// list runs a query over columns and holds what it gives: callers bound it.
func (t table) list(ctx context.Context, q querier, query string, args ...any) ([]row, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed(err)
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, failed(err)
		}
		all = append(all, r)
	}
	return all, failed(rows.Err())
}

// insert adds a row with its keys; it reports false where the id is taken.
func (t table) insert(ctx context.Context, tx *transaction, r row, f record.Facts) (bool, error) {
	events, nonces, err := r.encode()
	if err != nil {
		return false, err
	}
	done, err := tx.exec(ctx, fmt.Sprintf(`INSERT INTO %s (id, rev, ver, seq, state, events, nonces, due, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, t),
		r.id, r.rev, r.ver, r.seq, r.state, events, nonces, ms(f.Due), ms(f.Expires))
	if one, err := affected(done, err); err != nil || !one {
		return false, err
	}
	tx.changed(t.ref(r.id))
	return true, t.index(ctx, tx, r.id, f.Keys)
}

// replace stores the next value of a row where its rev is still the one before; it reports false
// where somebody else was faster.
func (t table) replace(ctx context.Context, tx *transaction, before int64, r row, f record.Facts) (bool, error) {
	events, nonces, err := r.encode()
	if err != nil {
		return false, err
	}
	done, err := tx.exec(ctx, fmt.Sprintf(`UPDATE %s SET rev = ?, ver = ?, seq = ?, state = ?, events = ?, nonces = ?,
		due = ?, expires = ? WHERE id = ? AND rev = ?`, t),
		r.rev, r.ver, r.seq, r.state, events, nonces, ms(f.Due), ms(f.Expires), r.id, before)
	if one, err := affected(done, err); err != nil || !one {
		return false, err
	}
	tx.changed(t.ref(r.id))
	return true, t.index(ctx, tx, r.id, f.Keys)
}

// index makes the stored keys of a document those given. It compares with what is stored, not with
// what the last value gave: the rule for keys may have changed since.
func (t table) index(ctx context.Context, tx *transaction, id string, want []port.Key) error {
	have, err := t.keys(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, k := range have {
		if !slices.Contains(want, k) {
			if _, err := tx.exec(ctx, `DELETE FROM doc_keys WHERE kind = ? AND name = ? AND value = ? AND id = ?`,
				string(t), k.Name, k.Value, id); err != nil {
				return failed(err)
			}
			tx.changed(listKey{string(t), k})
		}
	}
	for _, k := range want {
		if !slices.Contains(have, k) {
			if _, err := tx.exec(ctx, `INSERT INTO doc_keys (kind, name, value, id) VALUES (?, ?, ?, ?)`,
				string(t), k.Name, k.Value, id); err != nil {
				return failed(err)
			}
			tx.changed(listKey{string(t), k})
		}
	}
	return nil
}

func (t table) keys(ctx context.Context, q querier, id string) ([]port.Key, error) {
	rows, err := q.QueryContext(ctx, `SELECT name, value FROM doc_keys WHERE kind = ? AND id = ?`, string(t), id)
	if err != nil {
		return nil, failed(err)
	}
	defer rows.Close()
	var all []port.Key
	for rows.Next() {
		var k port.Key
		if err := rows.Scan(&k.Name, &k.Value); err != nil {
			return nil, failed(err)
		}
		all = append(all, k)
	}
	return all, failed(rows.Err())
}

// encode gives the JSON of events and nonces; NULL where there are none, which keeps the row out of
// the partial index.
func (r row) encode() (events, nonces sql.NullString, err error) {
	if events, err = list(r.events); err == nil {
		nonces, err = list(r.nonces)
	}
	return events, nonces, err
}

func list[E any](of []E) (sql.NullString, error) {
	if len(of) == 0 {
		return sql.NullString{}, nil
	}
	raw, err := json.Marshal(of)
	return sql.NullString{String: string(raw), Valid: true}, err
}

// ms is an instant in milliseconds since 1970; NULL for none.
func ms(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

func affected(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, failed(err)
	}
	n, err := done.RowsAffected()
	return n == 1, failed(err)
}
