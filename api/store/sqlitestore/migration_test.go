package sqlitestore

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
)

func version(t *testing.T, db *sql.DB) int {
	t.Helper()
	var v int
	if err := db.QueryRowContext(t.Context(), `PRAGMA user_version`).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func bare(t *testing.T) *sql.DB {
	t.Helper()
	db := must[*pool](t)(connect(filepath.Join(t.TempDir(), "x.db"), 1, "_txlock=immediate"))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db.DB
}

func TestMigrate(t *testing.T) {
	one, two := `CREATE TABLE a (x INTEGER)`, `CREATE TABLE b (x INTEGER); INSERT INTO b VALUES (1)`
	t.Run("takes the steps that the file lacks, once", func(t *testing.T) {
		db := bare(t)
		for i, steps := range [][]string{{one}, {one}, {one, two}, {one, two}} {
			if err := migrate(t.Context(), db, steps); err != nil {
				t.Fatalf("round %d: %v", i, err)
			}
			if got := version(t, db); got != len(steps) {
				t.Errorf("round %d: version %d, want %d", i, got, len(steps))
			}
		}
	})
	t.Run("leaves nothing of a step that fails", func(t *testing.T) {
		db := bare(t)
		if err := migrate(t.Context(), db, []string{one, `CREATE TABLE b (x INTEGER); SELECT nothing`}); err == nil {
			t.Fatal("the broken step went through")
		}
		if got := version(t, db); got != 1 {
			t.Errorf("version %d, want that of the last whole step", got)
		}
		if err := migrate(t.Context(), db, []string{one, two}); err != nil {
			t.Errorf("the corrected step: %v", err)
		}
	})
	t.Run("refuses a file of a newer program", func(t *testing.T) {
		db := bare(t)
		if err := migrate(t.Context(), db, []string{one, two}); err != nil {
			t.Fatal(err)
		}
		if err := migrate(t.Context(), db, []string{one}); err == nil {
			t.Error("an older program opened it")
		}
	})
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	s := fresh(t)
	path := pathOf(t, s)
	if _, err := s.write.ExecContext(t.Context(), `PRAGMA user_version = 1000`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{Key: serviceKey()}); err == nil {
		t.Error("opened")
	}
	if got := version(t, s.write.DB); got != 1000 {
		t.Errorf("the refused file was changed: version %d", got)
	}
}

func TestOpenByManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "naober.db")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := Open(t.Context(), path, Options{Key: serviceKey()})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := version(t, opened(t, path, Options{}).write.DB); got != len(migrations()) {
		t.Errorf("version %d", got)
	}
}
