package sqlitestore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

const (
	tries   = 50 // of a change that loses races; each loss means that somebody else won
	maxPage = 1000
	stride  = 200 // documents that Each holds at a time
)

// collection serves port.Documents for one kind.
type collection[K ~string, T, R any] struct {
	store *Store
	codec record.Codec[T, R]
	seal  record.Sealer[T, R]
	table table
	kept  bool // in the memo
}

func newCollection[K ~string, T, R any](s *Store, c record.Codec[T, R]) collection[K, T, R] {
	return collection[K, T, R]{store: s, codec: c, seal: record.NewSealer(c, s.vault), table: table(c.Kind), kept: s.memo != nil && remembered(c.Kind)}
}

// Get implements port.Documents.
func (c collection[K, T, R]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	_, told, err := c.read(ctx, app.MomentOf(ctx), id)
	return told, err
}

// Insert implements port.Documents.
func (c collection[K, T, R]) Insert(ctx context.Context, id K, value T, events []care.Event, w port.Write) (port.Stored[T], error) {
	var none port.Stored[T]
	state, err := c.encode(ctx, id, c.codec.To(value))
	if err != nil {
		return none, err
	}
	r := row{id: string(id), rev: 1, ver: 1, state: state}
	if err := c.append(&r, events); err != nil {
		return none, err
	}
	if r.nonces, err = c.store.remember(ctx, r, w.Nonce, c.store.opts.Now()); err != nil {
		return none, err
	}
	inserted := false
	turn, err := c.store.writer.runIn(ctx, func(tx *transaction) error {
		inserted, err = c.table.insert(ctx, tx, r, c.codec.Facts(value))
		return err
	})
	if err != nil {
		return none, err
	}
	if inserted {
		c.store.wrote(r)
		return c.written(ctx, r, turn)
	}
	there, err := c.load(ctx, id)
	if err != nil {
		return none, err
	}
	if !there.holds(w.Nonce) {
		return none, care.E(care.Conflict, "id_taken", "there is another %s with this id", c.codec.Noun)
	}
	return c.stored(ctx, there)
}

// Update implements port.Documents.
func (c collection[K, T, R]) Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	for try := range tries {
		if err := pause(ctx, try); err != nil {
			return port.Stored[T]{}, err
		}
		told, done, err := c.attempt(ctx, id, w, change)
		if err != nil || done {
			return told, err
		}
	}
	return port.Stored[T]{}, care.E(care.Unavailable, "document_busy", "%d others changed the %s first", tries, c.codec.Noun)
}

// attempt is one round of load, change and replace; done is false where the race was lost.
func (c collection[K, T, R]) attempt(ctx context.Context, id K, w port.Write, change port.Change[T]) (told port.Stored[T], done bool, err error) {
	before, old, err := c.read(ctx, nil, id) // a moment that is over would lose every race
	switch {
	case err != nil:
		return told, false, err
	case before.holds(w.Nonce):
		return old, true, nil
	case w.IfVer != 0 && w.IfVer != before.ver:
		return told, false, care.E(care.Stale, "version_mismatch", "the %s has changed since", c.codec.Noun)
	}
	value, events, err := change(old.Value)
	if err != nil {
		return told, false, err
	}
	next, err := c.next(ctx, before, old.Value, value, events, w)
	if err != nil {
		return told, false, err
	}
	if next.rev == before.rev {
		return old, true, nil
	}
	turn, err := c.store.writer.runIn(ctx, func(tx *transaction) error {
		done, err = c.table.replace(ctx, tx, before.rev, next, c.codec.Facts(value))
		return err
	})
	if err != nil || !done {
		return told, false, err
	}
	c.store.wrote(next)
	told, err = c.written(ctx, next, turn)
	return told, true, err
}

// next is the row that a change leads to: the same rev where there is nothing to write.
func (c collection[K, T, R]) next(ctx context.Context, before row, old, value T, events []care.Event, w port.Write) (row, error) {
	next := before
	same, err := c.same(old, value)
	if err != nil {
		return before, err
	}
	unchanged := same && len(events) == 0
	if unchanged && w.Nonce == "" {
		return before, nil
	}
	if next.nonces, err = c.store.remember(ctx, before, w.Nonce, c.store.opts.Now()); err != nil {
		return before, err
	}
	if next.state, err = c.encode(ctx, K(before.id), c.codec.To(value)); err != nil {
		return before, err
	}
	next.rev++
	if !unchanged && !w.Quiet {
		next.ver++
	}
	return next, c.append(&next, events)
}

// append numbers events and puts them behind those that wait.
func (c collection[K, T, R]) append(r *row, events []care.Event) error {
	if len(events) == 0 {
		return nil
	}
	if !c.codec.Events {
		return fmt.Errorf("sqlitestore: %s put nothing into the feed", c.codec.Kind)
	}
	waiting := r.events[:len(r.events):len(r.events)]
	r.events = append(waiting, record.Number(r.seq, events)...)
	r.seq += int64(len(events))
	return nil
}

// Find implements port.Documents.
func (c collection[K, T, R]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	turn, ok := c.now(ctx, app.MomentOf(ctx))
	if !ok {
		_, told, err := c.find(ctx, key, page)
		return told, err
	}
	under := listKey{c.codec.Kind, key}
	if found, ok := c.store.memo.list(under, page); ok {
		told := make([]port.Stored[T], len(found))
		for i, h := range found {
			told[i] = h.value.(port.Stored[T])
		}
		return told, nil
	}
	rows, told, err := c.find(ctx, key, page)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
		c.store.memo.keep(c.table.ref(r.id), r, told[i], turn)
	}
	c.store.memo.keepList(under, page, ids, turn)
	return told, nil
}

// find is Find in the file.
func (c collection[K, T, R]) find(ctx context.Context, key port.Key, page port.Page) ([]row, []port.Stored[T], error) {
	return c.listed(ctx, fmt.Sprintf(`SELECT %s FROM doc_keys k JOIN %s d ON d.id = k.id
		WHERE k.kind = ? AND k.name = ? AND k.value = ? AND k.id > ? ORDER BY k.id LIMIT ?`, columns, c.table),
		c.codec.Kind, key.Name, key.Value, page.After, bounded(page.Limit))
}

// Each implements port.Documents. It holds no lock and no connection while visit runs, so that visit
// may read and write the store; what is written meanwhile may or may not be met.
func (c collection[K, T, R]) Each(ctx context.Context, visit func(port.Stored[T]) error) error {
	query := fmt.Sprintf(`SELECT %s FROM %s d WHERE d.id > ? ORDER BY d.id LIMIT ?`, columns, c.table)
	for last := ""; ; {
		_, page, err := c.listed(ctx, query, last, stride)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, told := range page {
			if err := ctx.Err(); err != nil {
				return failed(err)
			}
			if err := visit(told); err != nil {
				return err
			}
		}
		last = page[len(page)-1].ID
	}
}

// Due implements port.Documents.
func (c collection[K, T, R]) Due(ctx context.Context, now time.Time, limit int) ([]port.Stored[T], error) {
	_, told, err := c.listed(ctx, fmt.Sprintf(`SELECT %s FROM %s d INDEXED BY %s_due
		WHERE d.due <= ? ORDER BY d.due, d.id LIMIT ?`, columns, c.table, c.table), now.UnixMilli(), bounded(limit))
	return told, err
}

func (c collection[K, T, R]) load(ctx context.Context, id K) (row, error) {
	r, found, err := c.table.load(ctx, c.store.read, string(id))
	if err == nil && !found {
		err = care.E(care.NotFound, c.codec.Noun+"_not_found", "there is no such %s", c.codec.Noun)
	}
	return r, err
}

// read gives a document as it is now, from the memo where that may be.
func (c collection[K, T, R]) read(ctx context.Context, in *app.Moment, id K) (row, port.Stored[T], error) {
	turn, ok := c.now(ctx, in)
	of := c.table.ref(string(id))
	if ok {
		if h, found := c.store.memo.doc(of); found {
			return h.row, h.value.(port.Stored[T]), nil
		}
	}
	r, err := c.load(ctx, id)
	if err != nil {
		return row{}, port.Stored[T]{}, err
	}
	told, err := c.stored(ctx, r)
	if err == nil && ok {
		c.store.memo.keep(of, r, told, turn)
	}
	return r, told, err
}

// written translates what was just written, and keeps it for whoever reads it next.
func (c collection[K, T, R]) written(ctx context.Context, r row, turn uint64) (port.Stored[T], error) {
	told, err := c.stored(ctx, r)
	if err == nil && c.kept {
		c.store.memo.keep(c.table.ref(r.id), r, told, turn)
	}
	return told, err
}

// now is the turn of the memo that is true now; ok is false where the file is to be read.
func (c collection[K, T, R]) now(ctx context.Context, in *app.Moment) (turn uint64, ok bool) {
	if !c.kept {
		return 0, false
	}
	return c.store.now(ctx, in)
}

// encode is the stored text of a shape, its personal fields sealed.
func (c collection[K, T, R]) encode(ctx context.Context, id K, shape R) (string, error) {
	shape, boxes, err := c.seal.Seal(ctx, string(id), shape)
	if err != nil {
		return "", failed(err)
	}
	raw, err := record.WithBoxes(shape, boxes)
	return string(raw), failed(err)
}

// same compares what would be stored before it is sealed: no two seals are equal.
func (c collection[K, T, R]) same(old, next T) (bool, error) {
	before, err := json.Marshal(c.codec.To(old))
	if err != nil {
		return false, err
	}
	after, err := json.Marshal(c.codec.To(next))
	return bytes.Equal(before, after), err
}

// stored translates a row. Also what was just written goes through here, so that a write answers
// exactly what a later reading gives.
func (c collection[K, T, R]) stored(ctx context.Context, r row) (port.Stored[T], error) {
	all, err := c.all(ctx, []row{r})
	if err != nil {
		return port.Stored[T]{}, err
	}
	return all[0], nil
}

// listed runs a query over columns and translates what it gives.
func (c collection[K, T, R]) listed(ctx context.Context, query string, args ...any) ([]row, []port.Stored[T], error) {
	rows, err := c.table.list(ctx, c.store.read, query, args...)
	if err != nil {
		return nil, nil, err
	}
	told, err := c.all(ctx, rows)
	return rows, told, err
}

// all translates rows, with one reading of keys for them all.
func (c collection[K, T, R]) all(ctx context.Context, rows []row) ([]port.Stored[T], error) {
	shapes := make([]record.Opened[R], len(rows))
	for i, r := range rows {
		shapes[i].ID = r.id
		err := json.Unmarshal([]byte(r.state), &shapes[i].Shape)
		if err == nil && c.seal.Sealed() {
			shapes[i].Boxes, err = record.Boxes([]byte(r.state))
		}
		if err != nil {
			return nil, fmt.Errorf("sqlitestore: %s %s: %w", c.codec.Kind, r.id, err)
		}
	}
	if err := c.seal.Open(ctx, shapes); err != nil {
		return nil, err
	}
	told := make([]port.Stored[T], len(rows))
	for i, r := range rows {
		told[i] = port.Stored[T]{ID: r.id, Value: c.codec.From(shapes[i].Shape), Rev: r.rev, Ver: r.ver}
	}
	return told, nil
}

// wrote tells that events wait, once they are durable.
func (s *Store) wrote(r row) {
	if len(r.events) > 0 && s.opts.Wrote != nil {
		s.opts.Wrote()
	}
}

func bounded(limit int) int { return min(max(limit, 1), maxPage) }

// pause waits before another try, a random time that doubles up to 32 ms: those who lost the same
// race do not meet again at once.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	timer := time.NewTimer(rand.N(time.Millisecond << min(try, 5)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return failed(ctx.Err())
	case <-timer.C:
		return nil
	}
}
