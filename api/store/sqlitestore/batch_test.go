package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// together runs writes that all wait while a first one holds the turn, so that they share a batch.
func together(t *testing.T, w *writer, writes ...func(*transaction) error) []error {
	t.Helper()
	errs := make([]error, len(writes))
	var group sync.WaitGroup
	err := w.run(t.Context(), func(*transaction) error {
		for i, f := range writes {
			group.Go(func() { errs[i] = w.run(t.Context(), f) })
		}
		for w.waiting.Load() < int64(len(writes)) {
			runtime.Gosched()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	group.Wait()
	return errs
}

func TestBatch(t *testing.T) {
	errNo := errors.New("no")
	put := func(ids ...string) func(*transaction) error {
		return func(tx *transaction) error {
			for _, id := range ids {
				if _, err := tx.exec(context.Background(), `INSERT INTO things (id) VALUES (?)`, id); err != nil {
					return err
				}
			}
			return nil
		}
	}
	fresh := func(t *testing.T) *writer {
		pool := must[*pool](t)(connect(filepath.Join(t.TempDir(), "x.db"), 1, "_txlock=immediate"))
		t.Cleanup(func() { _ = pool.Close() })
		must[sql.Result](t)(pool.ExecContext(t.Context(), `CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL) STRICT`))
		return &writer{pool: pool}
	}
	stand := func(t *testing.T, w *writer, want int) {
		t.Helper()
		var n int
		if err := w.pool.DB.QueryRowContext(t.Context(), `SELECT count(*) FROM things`).Scan(&n); err != nil || n != want {
			t.Errorf("%d rows stand, want %d: %v", n, want, err)
		}
	}

	t.Run("writes that wait share one transaction, and no more than most", func(t *testing.T) {
		w, seen := fresh(t), map[*sql.Tx]int{}
		var writes []func(*transaction) error
		for range most + 10 {
			writes = append(writes, func(tx *transaction) error {
				seen[tx.tx]++ // under the writer's turn
				return put("id" + string(rune(0x100+len(seen)*1000+seen[tx.tx])))(tx)
			})
		}
		for _, err := range together(t, w, writes...) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if stand(t, w, most+10); len(seen) != 2 {
			t.Errorf("%d transactions for %d writes", len(seen), most+10)
		}
		for _, n := range seen {
			if n > most {
				t.Errorf("%d writes in one", n)
			}
		}
	})
	t.Run("one that fails leaves nothing and takes nobody along", func(t *testing.T) {
		w := fresh(t)
		errs := together(t, w, put("a"), func(tx *transaction) error { return errors.Join(put("b", "c")(tx), errNo) }, put("d", "d"), put("e"))
		if errs[0] != nil || errs[3] != nil || !errors.Is(errs[1], errNo) || errs[2] == nil {
			t.Fatalf("answers %v", errs)
		}
		stand(t, w, 2)
	})
	t.Run("a panic is its own caller's", func(t *testing.T) {
		w, caught := fresh(t), make(chan any, 1)
		errs := together(t, w, put("a"), func(tx *transaction) error {
			return func() (err error) {
				defer func() { caught <- recover(); err = errNo }()
				return w.within(w.batch, func(tx *transaction) error {
					_ = put("b")(tx)
					panic("of this write")
				})
			}()
		}, put("c"))
		if errs[0] != nil || !errors.Is(errs[1], errNo) || errs[2] != nil || <-caught != "of this write" {
			t.Fatalf("answers %v", errs)
		}
		stand(t, w, 2)
	})
	t.Run("a transaction that the database gave up fails all in it, and the next begins anew", func(t *testing.T) {
		w := fresh(t)
		errs := together(t, w, put("a"), func(tx *transaction) error { return tx.tx.Rollback() }, put("b"))
		failedOnes := 0
		for _, err := range errs {
			if err != nil {
				failedOnes++
			}
		}
		var n int
		if err := w.pool.DB.QueryRowContext(t.Context(), `SELECT count(*) FROM things`).Scan(&n); err != nil || n+failedOnes != len(errs) || errs[1] == nil {
			t.Errorf("%d rows stand and %v", n, errs)
		}
		if err := w.run(t.Context(), put("z")); err != nil {
			t.Error(err)
		}
	})
	t.Run("a call whose time is over before its turn writes nothing", func(t *testing.T) {
		w := fresh(t)
		late, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.run(late, put("a")); err == nil {
			t.Error("it wrote")
		}
		stand(t, w, 0)
	})
	t.Run("the last who waits commits for all, also where its own time is over", func(t *testing.T) {
		w := fresh(t)
		late, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		err := w.run(t.Context(), func(tx *transaction) error {
			go func() { errs <- w.run(late, put("b")) }()
			for w.waiting.Load() < 1 {
				runtime.Gosched()
			}
			cancel()
			return put("a")(tx)
		})
		if err != nil || <-errs == nil {
			t.Errorf("%v", err)
		}
		stand(t, w, 1)
	})
}
