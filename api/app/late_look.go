package app

import (
	"context"
	"errors"
	"time"

	"naober/api/feed"
	"naober/matching/care"
)

const (
	lookRows  = 2_000       // of the feed, in one step
	lookEvery = time.Minute // between two steps that find nothing
)

// lateLook looks once more at whoever was forgotten, merged away, or said to have died, so long after that
// word came. Sessions and flows tell the feed nothing, so settleLate does not see one that a stalled
// process wrote and was killed over. It reads the feed from its first row in each process, so it is
// repeated after a start; nothing relies on it to keep anybody out.
type lateLook struct {
	after  time.Duration
	cursor int64
}

// newLateLooks are one when no call of that time is under way any more, for a call has ten seconds, and
// one for a machine that stood still for hours.
func newLateLooks() []*lateLook {
	return []*lateLook{{after: time.Minute}, {after: 24 * time.Hour}}
}

// lookAgain takes a step of each look; it tells how many people were looked at, or that there is more.
func (k *housekeeper) lookAgain(ctx context.Context) (int, error) {
	now := k.app.clock()
	if now.Sub(k.looked) < lookEvery {
		return 0, nil
	}
	all, failed := 0, error(nil)
	for _, l := range k.looks {
		n, err := l.step(ctx, k.app, now.Add(-l.after))
		all, failed = all+n, errors.Join(failed, err)
	}
	if all == 0 && failed == nil {
		k.looked = now
	}
	return all, failed
}

// step looks at whom the next rows name, up to those that came after a moment. A row at which it fails
// comes again.
func (l *lateLook) step(ctx context.Context, a *App, before time.Time) (looked int, failed error) {
	rows, err := a.Stores.Feed.Read(ctx, l.cursor, lookRows)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if row.At.After(before) {
			return looked, failed
		}
		switch row.Event.Type {
		case care.PersonForgotten, care.PersonMerged, care.PersonDied:
			looked++
			failed = errors.Join(failed, feed.Guarded(a.Log, "late look", func() error { return a.settleGone(ctx, row.Event.Person) }))
		}
		if failed == nil {
			l.cursor = row.ID
		}
	}
	if len(rows) == lookRows {
		looked++
	}
	return looked, failed
}

// settleGone ends what goes on of somebody who is gone; of who died, or was merged away, their sessions alone.
func (a *App) settleGone(ctx context.Context, id care.PersonID) error {
	p, err := a.Stores.Persons.Get(ctx, id)
	switch {
	case err != nil:
		return absentIsDone(err)
	case p.Value.Gone():
		return a.forgetAll(ctx, id)
	case !there(p.Value):
		return a.dropSessions(ctx, id, endedByDesk)
	}
	return nil
}
