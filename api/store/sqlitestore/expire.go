package sqlitestore

import (
	"context"
	"fmt"
	"time"
)

// expiring are the kinds of the data whose documents are removed by time.
func expiring() []table {
	return []table{"sessions", "flows", "ledger", "tallies", "views", "parked", "deliveries", "groups", "writers", "snapshots", "outcomes", "letters"}
}

// Expire removes documents whose time is over at now, at most limit of them, and tells how many
// went. It is housekeeping: whoever reads an expiring thing compares the time itself.
func (s *Store) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	gone := 0
	for _, t := range s.expiring {
		if gone >= limit {
			break
		}
		n, err := s.expire(ctx, t, now, limit-gone)
		if err != nil {
			return gone, err
		}
		gone += n
	}
	return gone, nil
}

func (s *Store) expire(ctx context.Context, t table, now time.Time, limit int) (int, error) {
	due := fmt.Sprintf(`SELECT %s FROM %s d INDEXED BY %s_expires WHERE d.expires <= ? ORDER BY d.expires LIMIT ?`, columns, t, t)
	if rows, err := t.list(ctx, s.read, due, now.UnixMilli(), 1); err != nil || len(rows) == 0 {
		return 0, err // most of the time: nothing to lock for
	}
	gone := 0
	err := s.writing(ctx, func(tx *transaction) error {
		rows, err := t.list(ctx, tx, due, now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := t.remove(ctx, tx, r.id); err != nil {
				return err
			}
		}
		gone = len(rows)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return gone, nil
}

func (t table) remove(ctx context.Context, tx *transaction, id string) error {
	keys, err := t.keys(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, k := range keys {
		tx.changed(listKey{string(t), k})
	}
	tx.changed(t.ref(id))
	if _, err := tx.exec(ctx, `DELETE FROM doc_keys WHERE kind = ? AND id = ?`, string(t), id); err != nil {
		return failed(err)
	}
	_, err = tx.exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE id = ?`, t), id)
	return failed(err)
}
