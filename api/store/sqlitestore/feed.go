package sqlitestore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// feedRows serves port.Feed.
type feedRows struct{ store *Store }

// eventful are the kinds whose documents put events into the feed.
func eventful() []table {
	return []table{"persons", "helpers", "communities", "memberships", "offers", "requests", "messages", "feedbacks", "reports", "referrals", "views"}
}

// Pending implements port.Feed. Those that wait longest come first.
func (f feedRows) Pending(ctx context.Context, limit int) ([]port.Pending, error) {
	var all []port.Pending
	for _, t := range eventful() {
		rows, err := t.list(ctx, f.store.read, fmt.Sprintf(`SELECT %s FROM %s d INDEXED BY %s_pending
			WHERE d.events IS NOT NULL ORDER BY d.id LIMIT ?`, columns, t, t), bounded(limit))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			p := port.Pending{Doc: port.DocRef{Kind: string(t), ID: r.id}}
			for _, e := range r.events {
				p.Events = append(p.Events, record.FromEvent(e))
			}
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b port.Pending) int { return a.Events[0].Event.At.Compare(b.Events[0].Event.At) })
	return all[:min(len(all), bounded(limit))], nil
}

// Has implements port.Feed.
func (f feedRows) Has(ctx context.Context, doc port.DocRef, seq int64) (bool, error) {
	var has bool
	err := f.store.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM feed WHERE kind = ? AND doc = ? AND seq = ?)`,
		doc.Kind, doc.ID, seq).Scan(&has)
	return has, failed(err)
}

// Append implements port.Feed. Also a number that would leave a gap, and an event that stands in the
// feed already, mean that the mover no longer knows where the feed is.
func (f feedRows) Append(ctx context.Context, rows []port.Row) error {
	moved := false
	err := f.store.writing(ctx, func(tx *transaction) error {
		var last int64
		if err := tx.QueryRowContext(ctx, `SELECT last FROM feed_meta`).Scan(&last); err != nil {
			return failed(err)
		}
		for _, r := range rows {
			stood, err := appendRow(ctx, tx, r, last)
			if err != nil {
				return err
			}
			if moved = !stood; moved {
				break
			}
			last = r.ID
		}
		_, err := tx.exec(ctx, `UPDATE feed_meta SET last = ?`, last)
		return failed(err)
	})
	if err == nil && moved {
		return care.E(care.Conflict, "feed_moved", "another mover was faster")
	}
	return err
}

func appendRow(ctx context.Context, tx *transaction, r port.Row, last int64) (bool, error) {
	if r.ID != last+1 {
		return false, nil
	}
	event, err := json.Marshal(record.ToRow(r).Event)
	if err != nil {
		return false, failed(err)
	}
	return affected(tx.exec(ctx, `INSERT INTO feed (id, kind, doc, seq, event, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, r.ID, r.Doc.Kind, r.Doc.ID, r.Seq, string(event), r.At.UnixMilli()))
}

// Drain implements port.Feed. A document that is gone has nothing to drain.
func (f feedRows) Drain(ctx context.Context, doc port.DocRef, seq int64) error {
	t := table(doc.Kind)
	if !slices.Contains(eventful(), t) {
		return fmt.Errorf("sqlitestore: %q puts nothing into the feed", doc.Kind)
	}
	return f.store.writing(ctx, func(tx *transaction) error {
		r, found, err := t.load(ctx, tx, doc.ID)
		if err != nil || !found {
			return err
		}
		before := len(r.events)
		r.events = slices.DeleteFunc(r.events, func(e record.EventRecord) bool { return e.Seq <= seq })
		if len(r.events) == before {
			return nil
		}
		events, err := list(r.events)
		if err != nil {
			return failed(err)
		}
		tx.changed(t.ref(doc.ID))
		_, err = tx.exec(ctx, fmt.Sprintf(`UPDATE %s SET events = ?, rev = rev + 1 WHERE id = ?`, t), events, doc.ID)
		return failed(err)
	})
}

// Read implements port.Feed.
func (f feedRows) Read(ctx context.Context, after int64, limit int) ([]port.Row, error) {
	rows, err := f.store.read.QueryContext(ctx, `SELECT id, kind, doc, event, at FROM feed WHERE id > ? ORDER BY id LIMIT ?`,
		after, bounded(limit))
	if err != nil {
		return nil, failed(err)
	}
	defer rows.Close()
	var all []port.Row
	for rows.Next() {
		var r record.FeedRecord
		var event string
		var at int64
		if err := rows.Scan(&r.ID, &r.Kind, &r.Doc, &event, &at); err != nil {
			return nil, failed(err)
		}
		if err := json.Unmarshal([]byte(event), &r.Event); err != nil {
			return nil, fmt.Errorf("sqlitestore: feed %d: %w", r.ID, err)
		}
		r.At = time.UnixMilli(at)
		all = append(all, record.FromRow(r))
	}
	return all, failed(rows.Err())
}

// Bounds implements port.Feed.
func (f feedRows) Bounds(ctx context.Context) (first, last int64, err error) {
	err = f.store.read.QueryRowContext(ctx, `SELECT coalesce((SELECT min(id) FROM feed), 0), last FROM feed_meta`).Scan(&first, &last)
	if first == 0 && last > 0 {
		first = last + 1
	}
	return first, last, failed(err)
}

// Trim implements port.Feed.
func (f feedRows) Trim(ctx context.Context, before time.Time) error {
	return f.store.writing(ctx, func(tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM feed WHERE at < ? AND id < (SELECT last FROM feed_meta)`, before.UnixMilli())
		return failed(err)
	})
}
