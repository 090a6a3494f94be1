package feed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"naober/api/port"
	"naober/matching/care"
)

const (
	consumerBatch = 200 // rows read at once; the cursor is saved after each batch
	quickTries    = 3   // before a row is parked
	quickWait     = 50 * time.Millisecond
	handleTime    = 10 * time.Second // that one row may take
	seenMost      = 50_000           // documents remembered twice over, to skip what is not newer
)

// reader is one consumer at work. Only its own goroutine touches it, and within a batch those that it
// waits for; but for the counters.
type reader struct {
	Consumer
	feed port.Feed
	lot  lot
	time Monotonic
	now  func() time.Time
	log  *slog.Logger

	begun bool // cursor and parked rows were loaded

	mu         sync.Mutex // for what follows and the lot, while a batch is at work
	cursor     int64
	seen, past map[port.DocRef]int64

	cursorNow, lag, handled, parked, failed, rebuilt atomic.Int64
}

func (r *reader) counts() ConsumerCounts {
	return ConsumerCounts{Cursor: r.cursorNow.Load(), Lag: r.lag.Load(), Handled: r.handled.Load(),
		Parked: r.parked.Load(), Failed: r.failed.Load(), Rebuilt: r.rebuilt.Load()}
}

// begin loads what an earlier holder left. A local consumer begins once in its life.
func (r *reader) begin(ctx context.Context, held *Held) error {
	if r.begun {
		return nil
	}
	if err := r.lot.load(ctx); err != nil {
		return err
	}
	r.parked.Store(int64(r.lot.size()))
	r.seen, r.past = map[port.DocRef]int64{}, nil
	switch {
	case held != nil:
		r.move(held.Cursor())
	case r.From >= 0:
		r.move(r.From)
	default:
		if err := r.rebuild(ctx); err != nil {
			return err
		}
	}
	r.begun = true
	return nil
}

// step reads one batch after the cursor and tells how many rows it took. The cursor is saved also
// where the batch ends early; held is nil for a local consumer.
func (r *reader) step(ctx context.Context, held *Held) (int, error) {
	if err := r.begin(ctx, held); err != nil {
		return 0, err
	}
	rows, err := r.read(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	began := r.cursor
	err = r.takeAll(ctx, held, rows)
	if held != nil && r.cursor > began {
		save, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		err = errors.Join(err, held.SaveCursor(save, r.cursor))
	}
	return int(r.cursor - began), err
}

// read lists the next rows without a gap. The first gap of all means that rows were trimmed.
func (r *reader) read(ctx context.Context) ([]port.Row, error) {
	rows, err := r.feed.Read(ctx, r.cursor, consumerBatch)
	if err != nil {
		return nil, err
	}
	whole := 0
	for whole < len(rows) && rows[whole].ID == r.cursor+int64(whole)+1 {
		whole++
	}
	first, last, err := r.feed.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	r.lag.Store(max(0, last-r.cursor))
	if whole == 0 && (r.cursor < first-1 || r.cursor > last) {
		return nil, r.skip(ctx, first, last)
	}
	return rows[:whole], nil
}

// skip goes on where the feed does not join the cursor any more: rows in between are gone, or the
// feed was restored from before the cursor.
func (r *reader) skip(ctx context.Context, first, last int64) error {
	r.rebuilt.Add(1)
	r.seen, r.past = map[port.DocRef]int64{}, nil
	r.log.Error("feed rows missing", "consumer", r.Name, "cursor", r.cursor, "first", first, "last", last)
	if !r.Stored {
		return r.rebuild(ctx)
	}
	if r.Rebuild != nil {
		if err := r.Rebuild(ctx); err != nil {
			return err
		}
	}
	r.move(max(0, first-1))
	return nil
}

// rebuild moves a local consumer to the end of the feed as it was before the documents are read:
// whatever is written during the reading comes again as a row.
func (r *reader) rebuild(ctx context.Context) error {
	_, last, err := r.feed.Bounds(ctx)
	if err != nil {
		return err
	}
	if r.Rebuild != nil {
		if err := r.Rebuild(ctx); err != nil {
			return err
		}
	}
	r.move(last)
	return nil
}

func (r *reader) move(cursor int64) {
	if was := r.cursorNow.Swap(cursor); was < cursor {
		r.lag.Store(max(0, r.lag.Load()-(cursor-was)))
	}
	r.cursor = cursor
}

// takeAll takes the rows of a batch and moves the cursor over all that lie before the first that was not taken.
// The first error lets the others finish the row in hand.
func (r *reader) takeAll(ctx context.Context, held *Held, rows []port.Row) error {
	lanes, ctx := errgroup.WithContext(ctx)
	lanes.SetLimit(max(1, r.AtOnce))
	taken := make([]bool, len(rows))
	for _, lane := range r.lanes(rows) {
		lanes.Go(func() error {
			for _, i := range lane {
				if err := r.take(ctx, held, rows[i]); err != nil {
					return err
				}
				r.taken(rows, taken, i)
			}
			return nil
		})
	}
	return lanes.Wait()
}

// lanes are the places of the rows that must wait for each other.
func (r *reader) lanes(rows []port.Row) [][]int {
	var all [][]int
	of := map[port.DocRef]int{}
	for i, row := range rows {
		lane, known := of[row.Doc]
		if r.AtOnce <= 1 {
			lane, known = 0, i > 0
		}
		if !known {
			lane = len(all)
			all = append(all, nil)
		}
		of[row.Doc] = lane
		all[lane] = append(all[lane], i)
	}
	return all
}

// taken moves the cursor as far as all rows are taken.
func (r *reader) taken(rows []port.Row, taken []bool, i int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken[i] = true
	for i := r.cursor - rows[0].ID + 1; i < int64(len(rows)) && taken[i]; i++ {
		r.move(rows[i].ID)
	}
}

// take hands one row over, or parks it. An error means that neither could be done: the row stays.
func (r *reader) take(ctx context.Context, held *Held, row port.Row) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	newer, waits := r.look(row)
	if !newer {
		return nil
	}
	err := care.E(care.Conflict, "behind_parked", "an earlier event of this document waits")
	if !waits {
		err = r.try(ctx, row)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		err = r.park(ctx, held, row, LogCode(err))
	}
	if err != nil {
		return err
	}
	r.remember(row)
	return nil
}

// look reports whether the row lies after what this process has handed over of its document, and whether
// an earlier one of that waits, or may.
func (r *reader) look(row port.Row) (newer, waits bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return row.Seq > max(r.seen[row.Doc], r.past[row.Doc]), r.lot.mayHold(row.Doc)
}

// try calls the owner a few times with short waits in between.
func (r *reader) try(ctx context.Context, row port.Row) error {
	var err error
	for n := 1; n <= quickTries; n++ {
		if err = r.call(ctx, row); err == nil {
			r.handled.Add(1)
			return nil
		}
		if n < quickTries && !await(ctx, r.time, quickWait<<(2*n-2), nil) {
			break
		}
	}
	return err
}

// call hands a row to its owner once. A panic is a failure like another.
func (r *reader) call(ctx context.Context, row port.Row) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTime)
	defer cancel()
	defer func() {
		if err != nil {
			r.failed.Add(1)
		}
	}()
	return Guarded(r.log, r.Name, func() error { return r.Handle(ctx, row) })
}

// remember keeps two generations, so that what was seen lately is never forgotten at once.
func (r *reader) remember(row port.Row) {
	if len(r.seen) >= seenMost {
		r.seen, r.past = map[port.DocRef]int64{}, r.seen
	}
	r.seen[row.Doc] = row.Seq
}
