package feed

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Kept is how long a row of the feed lives at least.
const Kept = 7 * 24 * time.Hour

// Trimmer keeps the feed from growing without end.
type Trimmer struct {
	Feed      port.Feed
	Leases    port.Documents[string, Lease]
	Consumers []Consumer // what the stored ones have not read stays
	Now       func() time.Time
	Log       *slog.Logger
}

// Trim drops old rows that every stored consumer has read, and nothing while an event as old is
// still on its way: the mover tells by the feed whether it brought that one already.
func (t Trimmer) Trim(ctx context.Context) error {
	before := t.now().Add(-Kept)
	waiting, err := t.Feed.Pending(ctx, moverDocs)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if slices.ContainsFunc(p.Events, func(e port.Numbered) bool { return !e.Event.At.After(before) }) {
			t.Log.Error("feed not trimmed", "kind", p.Doc.Kind, "id", p.Doc.ID, "error", "event_not_moved")
			return nil
		}
	}
	for _, c := range t.Consumers {
		if !c.Stored {
			continue
		}
		unread, err := t.firstUnread(ctx, c.Name)
		if err != nil {
			return err
		}
		if unread.Before(before) {
			t.Log.Warn("feed kept for a slow consumer", "consumer", c.Name, "since", unread)
			before = unread
		}
	}
	return t.Feed.Trim(ctx, before)
}

// firstUnread is when the first row was appended that the consumer has not read; far ahead where it
// has read everything.
func (t Trimmer) firstUnread(ctx context.Context, name string) (time.Time, error) {
	lease, err := t.Leases.Get(ctx, LoopOf(name))
	if err != nil && !care.IsKind(err, care.NotFound) {
		return time.Time{}, err
	}
	rows, err := t.Feed.Read(ctx, lease.Value.Cursor, 1)
	if err != nil {
		return time.Time{}, err
	}
	if len(rows) == 0 {
		return t.now().Add(Kept), nil
	}
	return rows[0].At, nil
}

func (t Trimmer) now() time.Time { return t.Now().UTC().Truncate(time.Millisecond) }
