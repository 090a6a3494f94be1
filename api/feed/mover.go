package feed

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

const (
	moverBatch = 500 // rows appended in one step
	moverDocs  = 100 // documents looked at in one step
)

// Mover carries the events that documents hold into the feed, each exactly once and each document's
// in their own order. Every step is safe against being killed anywhere, and against an older mover
// that wakes up in the middle: the feed's dense numbers let only one of the two append.
type Mover struct {
	Feed port.Feed
	Now  func() time.Time
}

// Step moves one batch and tells how many events left their documents; 0 means that none is
// waiting. care.Conflict "feed_moved" means that another mover appended meanwhile: nothing is lost,
// and the next step begins from what stands there.
func (m *Mover) Step(ctx context.Context) (int, error) {
	// The order of the readings is the fence. Whatever another mover appends after Bounds was read
	// takes the number we are about to use; whatever it appended before is seen by Has.
	_, last, err := m.Feed.Bounds(ctx)
	if err != nil {
		return 0, err
	}
	waiting, err := m.Feed.Pending(ctx, moverDocs)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	var rows []port.Row
	var batches []batch
	var failed error
	share := max(1, moverBatch/len(waiting))
	for _, p := range waiting {
		b, err := m.batch(ctx, p, share)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		rows = append(rows, b.rows...)
		batches = append(batches, b)
	}
	m.number(rows, last)
	if len(rows) > 0 {
		if err := m.Feed.Append(ctx, rows); err != nil {
			return 0, err
		}
	}
	moved := 0
	for _, b := range batches {
		if b.events == 0 {
			continue
		}
		if err := m.Feed.Drain(ctx, b.doc, b.until); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		moved += b.events
	}
	return moved, failed
}

// batch is one document's part of a step.
type batch struct {
	doc    port.DocRef
	rows   []port.Row // not in the feed yet
	events int        // to drain: rows, and those that an earlier mover appended and did not drain
	until  int64
}

// batch takes at most share events, so that a document with many lets the others through. What
// stands in the feed of one document is always the beginning of what is pending.
func (m *Mover) batch(ctx context.Context, p port.Pending, share int) (batch, error) {
	events := slices.SortedFunc(slices.Values(p.Events), func(a, b port.Numbered) int { return cmp.Compare(a.Seq, b.Seq) })
	b := batch{doc: p.Doc}
	for _, e := range events[:min(share, len(events))] {
		if len(b.rows) == 0 {
			moved, err := m.Feed.Has(ctx, p.Doc, e.Seq)
			if err != nil {
				return batch{}, err
			}
			if moved {
				b.events, b.until = b.events+1, e.Seq
				continue
			}
		}
		b.rows = append(b.rows, port.Row{Doc: p.Doc, Seq: e.Seq, Event: e.Event})
		b.events, b.until = b.events+1, e.Seq
	}
	return b, nil
}

func (m *Mover) number(rows []port.Row, last int64) {
	at := m.Now().UTC().Truncate(time.Millisecond)
	for i := range rows {
		rows[i].ID, rows[i].At = last+int64(i)+1, at
	}
}

// run moves until nothing is waiting. A lost race is no failure here: the lease tells who goes on.
func (m *Mover) run(ctx context.Context, held *Held) (int, error) {
	if !held.Holds() {
		return 0, leaseLost()
	}
	moved, err := m.Step(ctx)
	if care.CodeOf(err) != "feed_moved" {
		return moved, err
	}
	if ok, err := held.beat(ctx); !ok {
		return 0, err
	}
	return m.Step(ctx)
}
