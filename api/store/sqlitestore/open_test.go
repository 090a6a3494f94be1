package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

// serviceKey wraps the keys of every store here: nothing in a test is anybody's.
func serviceKey() []byte { return []byte("a service key of thirty-two bytes")[:32] }

func monday() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// opened is a fresh store that closes with the test.
func opened(t *testing.T, path string, opts Options) *Store {
	t.Helper()
	opts.Key = serviceKey()
	s, err := Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func fresh(t *testing.T) *Store {
	t.Helper()
	return opened(t, filepath.Join(t.TempDir(), "naober.db"), Options{Now: monday})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestSettings(t *testing.T) {
	s := fresh(t)
	tests := []struct{ pragma, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "5000"},
		{"secure_delete", "1"}, {"trusted_schema", "0"},
	}
	for name, pool := range map[string]*sql.DB{"write": s.write.DB, "read": s.read.DB} {
		connections := pool.Stats().MaxOpenConnections
		for range connections { // held until the end, so that each round sees another one
			conn := must[*sql.Conn](t)(pool.Conn(t.Context()))
			defer conn.Close()
			for _, tt := range tests {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+tt.pragma).Scan(&got); err != nil || got != tt.want {
					t.Errorf("%s connection: %s is %q, want %q (%v)", name, tt.pragma, got, tt.want, err)
				}
			}
		}
	}
}

func TestOneWriterAndReadersThatOnlyRead(t *testing.T) {
	s := fresh(t)
	if got := s.write.Stats().MaxOpenConnections; got != 1 {
		t.Errorf("%d writers", got)
	}
	if _, err := s.read.ExecContext(t.Context(), `DELETE FROM requests`); err == nil {
		t.Error("a reader could write")
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "naober.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := opened(t, path, Options{})
	must[port.Stored[feed.Lease]](t)(s.Stores().Leases.Insert(t.Context(), "mover", feed.Lease{Name: "mover"}, nil, port.Write{}))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info := must[os.FileInfo](t)(os.Stat(name))
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(name), info.Mode().Perm())
		}
	}
}

func TestOpen(t *testing.T) {
	for _, name := range []string{"naober.db", "a b.db", "50%.db", "what?.db", "one#two.db", "een&ander=1.db"} {
		t.Run("takes the path as it is: "+name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			s := opened(t, path, Options{})
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if info := must[os.FileInfo](t)(os.Stat(path)); info.Size() == 0 {
				t.Error("the data went into another file")
			}
		})
	}
	t.Run("needs a hash for contacts", func(t *testing.T) {
		if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), Options{}); err == nil {
			t.Error("opened")
		}
	})
	t.Run("refuses a file that is no database", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, []byte("a letter to the municipality, long enough to be read as a header of a hundred bytes, which is what SQLite has"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), path, Options{Key: serviceKey()}); err == nil || care.IsKind(err, care.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCheckWhileAnotherHoldsTheFile(t *testing.T) {
	s := fresh(t)
	other := must[*Store](t)(Open(t.Context(), pathOf(t, s), Options{Key: serviceKey()}))
	defer other.Close()
	tx := must[*sql.Tx](t)(other.write.BeginTx(t.Context(), nil))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := s.Check(ctx)
	if !care.IsKind(err, care.Unavailable) || care.CodeOf(err) != "store_unavailable" {
		t.Errorf("got %v, want unavailable", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("after the other let go: %v", err)
	}
}

func pathOf(t *testing.T, s *Store) string {
	t.Helper()
	var path string
	if err := s.write.QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFailuresKeepTheirCause(t *testing.T) {
	s := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Stores().Requests.Get(ctx, "x")
	if care.CodeOf(err) != "store_unavailable" || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
