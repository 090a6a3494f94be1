package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// most is how many writes share one commit: enough that the disk is waited for rarely, few enough
// that the first of them does not wait long for the last.
const most = 64

// writer lets concurrent writes share a transaction, and so one wait for the disk. Each write runs
// by itself under a savepoint, and none is told that it stands before the commit of them all does.
type writer struct {
	pool    *pool
	memo    *memo        // told what every commit changed; nil where nothing is held
	foreign int64        // the version that only commits of others change
	waiting atomic.Int64 // writes that have not begun: the last of them commits

	slot   sync.Mutex // one write at a time; guards what follows
	batch  *batch
	wanted []string // queries to prepare while no transaction is open
}

// batch is one open transaction. err counts once done is closed.
type batch struct {
	tx      *sql.Tx
	size    int
	broken  bool // the database gave the transaction up
	changes []change
	turn    uint64 // of the memo, after the commit
	done    chan struct{}
	err     error
}

// run does one write and comes back when it is durable, or was undone. An error of f comes back as
// it is, and nothing of it stands. A context that ends while the write waits for its turn ends it
// before it began; one that has begun is carried through, for a statement that is interrupted would
// take the others' with it.
func (w *writer) run(ctx context.Context, f func(*transaction) error) error {
	_, err := w.runIn(ctx, f)
	return err
}

// runIn is run, and tells the turn in which the memo knows what was written.
func (w *writer) runIn(ctx context.Context, f func(*transaction) error) (turn uint64, err error) {
	b, err := w.take(ctx, f)
	if b == nil {
		return 0, err
	}
	<-b.done
	return b.turn, errors.Join(b.err, err)
}

// idle runs f while no transaction of ours is open, and none begins; it reports whether it could.
func (w *writer) idle(f func()) bool {
	if !w.slot.TryLock() {
		return false
	}
	defer w.slot.Unlock()
	if w.batch != nil {
		return false
	}
	f()
	return true
}

// take runs f in the open batch, or a new one, and commits where nobody else waits to.
func (w *writer) take(ctx context.Context, f func(*transaction) error) (_ *batch, err error) {
	w.waiting.Add(1)
	w.slot.Lock()
	defer w.slot.Unlock()
	left := w.waiting.Add(-1)
	defer func() {
		if b := w.batch; b != nil && (left == 0 || b.size >= most || b.broken) {
			w.end(b)
		}
	}()
	if ctx.Err() != nil {
		return nil, failed(ctx.Err())
	}
	if w.batch == nil {
		if err := w.begin(ctx); err != nil {
			return nil, err
		}
	}
	b := w.batch
	b.size++
	return b, w.within(b, f)
}

func (w *writer) begin(ctx context.Context) error {
	for _, query := range w.wanted {
		w.pool.statement(ctx, query)
	}
	w.wanted = nil
	tx, err := w.pool.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return failed(err)
	}
	w.batch = &batch{tx: tx, done: make(chan struct{})}
	return nil
}

// within runs f so that it alone can be undone. A panic of f undoes it too and goes on to its caller.
func (w *writer) within(b *batch, f func(*transaction) error) (err error) {
	t := &transaction{writer: w, tx: b.tx}
	ctx := context.Background()
	if _, err := t.exec(ctx, `SAVEPOINT one`); err != nil {
		b.broken = true
		return failed(err)
	}
	whole := false
	defer func() {
		if whole && err == nil {
			return
		}
		if _, undone := t.exec(ctx, `ROLLBACK TO one`); undone != nil {
			b.broken = true
		}
	}()
	err = f(t)
	whole = true
	if err == nil {
		_, err = t.exec(ctx, `RELEASE one`)
		err = failed(err)
	}
	if err == nil {
		b.changes = append(b.changes, t.changes...)
	}
	return err
}

// end commits a batch, or drops one that is broken, and tells everybody in it.
func (w *writer) end(b *batch) {
	w.batch = nil
	if b.broken {
		b.err = errors.Join(failed(sql.ErrTxDone), rolledBack(b.tx))
	} else {
		b.err = failed(b.tx.Commit())
	}
	if w.memo != nil {
		b.turn = w.tell(b)
	}
	close(b.done)
}

// tell lets the memo drop what a batch changed. The watcher is asked before our own connection is:
// where nobody else had committed by then, every commit that the watcher knew of was ours.
func (w *writer) tell(b *batch) uint64 {
	ctx := context.Background()
	version, err := w.memo.ask(ctx)
	foreign := w.foreign
	if err == nil && b.err == nil {
		err = w.pool.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&foreign)
	}
	if err != nil || b.err != nil || foreign != w.foreign {
		w.foreign = foreign
		w.memo.forget(version)
		return 0 // another may have replaced what was written here already: it is not to be kept
	}
	return w.memo.wrote(b.changes, version)
}

// transaction is what one write sees of its batch.
type transaction struct {
	writer  *writer
	tx      *sql.Tx
	changes []change // of documents, and of the lists they are found in
}

// changed notes what the memo has to drop once this stands.
func (t *transaction) changed(c change) { t.changes = append(t.changes, c) }

// statement is the prepared query within the transaction. One that is new is prepared before the
// next batch begins: the only connection is in use.
func (t *transaction) statement(query string) *sql.Stmt {
	if found, ok := t.writer.pool.prepared.Load(query); ok {
		return t.tx.StmtContext(context.Background(), found.(*sql.Stmt))
	}
	t.writer.wanted = append(t.writer.wanted, query)
	return nil
}

// exec runs a statement that gives no rows. What has begun is not interrupted. Who changes documents
// or their keys calls changed as well.
func (t *transaction) exec(_ context.Context, query string, args ...any) (sql.Result, error) {
	if s := t.statement(query); s != nil {
		return s.ExecContext(context.Background(), args...)
	}
	return t.tx.ExecContext(context.Background(), query, args...)
}

// QueryContext runs a query that gives rows.
func (t *transaction) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := t.statement(query); s != nil {
		return s.QueryContext(context.Background(), args...)
	}
	return t.tx.QueryContext(context.Background(), query, args...)
}

// QueryRowContext runs a query that gives one row.
func (t *transaction) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	if s := t.statement(query); s != nil {
		return s.QueryRowContext(context.Background(), args...)
	}
	return t.tx.QueryRowContext(context.Background(), query, args...)
}
