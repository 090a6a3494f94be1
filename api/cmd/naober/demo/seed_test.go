package demo

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

func openStore(t *testing.T, file string) app.Stores {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), file, sqlitestore.Options{Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.Stores()
}

func openFolder(t *testing.T) *Folder {
	t.Helper()
	f, err := OpenFolder(filepath.Join(t.TempDir(), "demo"), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func count[K ~string, T any](t *testing.T, docs port.Documents[K, T]) (n int, revs int64) {
	t.Helper()
	err := docs.Each(t.Context(), func(d port.Stored[T]) error {
		n, revs = n+1, revs+d.Rev
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, revs
}

func TestBegin(t *testing.T) {
	f, s := openFolder(t), openStore(t, filepath.Join(t.TempDir(), "naober.db"))
	w, err := Begin(t.Context(), f, s, founded, 800)
	if err != nil {
		t.Fatal(err)
	}
	people, revs := count(t, s.Persons)
	if people != len(w.Persons) || people < 800 {
		t.Fatalf("%d of %d persons stand", people, len(w.Persons))
	}
	t.Run("a second time changes nothing and keeps the moment", func(t *testing.T) {
		again, err := Begin(t.Context(), f, s, founded.AddDate(0, 0, 3), 800)
		if err != nil || !again.At.Equal(w.At) || again.Cast[0].Person != w.Cast[0].Person {
			t.Fatalf("founded at %s: %v", again.At, err)
		}
		if n, r := count(t, s.Persons); n != people || r != revs {
			t.Errorf("%d persons with %d writes, before %d with %d", n, r, people, revs)
		}
	})
	t.Run("an emptied store gets a world that begins now", func(t *testing.T) {
		later := founded.AddDate(0, 1, 0)
		w, err := Begin(t.Context(), f, openStore(t, filepath.Join(t.TempDir(), "naober.db")), later, 800)
		if err != nil || !w.At.Equal(later) {
			t.Fatalf("founded at %s: %v", w.At, err)
		}
	})
}

// A seeding that ends anywhere is known as begun and goes on with the same world.
func TestBeginGoesOnAfterAKill(t *testing.T) {
	for _, after := range []int{1, 1_000, 2_400} {
		f, s := openFolder(t), openStore(t, filepath.Join(t.TempDir(), "naober.db"))
		killed := s
		var left atomic.Int64
		left.Store(int64(after))
		killed.Persons = dying[care.PersonID, care.Person]{s.Persons, &left}
		killed.Memberships = dying[care.MembershipID, care.Membership]{s.Memberships, &left}
		if _, err := Begin(t.Context(), f, killed, founded, 800); !errors.Is(err, errKilled) {
			t.Fatalf("after %d: %v", after, err)
		}
		w, err := Begin(t.Context(), f, s, founded.AddDate(0, 0, 1), 800)
		if err != nil || !w.At.Equal(founded) {
			t.Fatalf("after %d: founded at %s: %v", after, w.At, err)
		}
		people, _ := count(t, s.Persons)
		members, _ := count(t, s.Memberships)
		if people != len(w.Persons) || members != len(w.Memberships) {
			t.Errorf("after %d: %d of %d persons, %d of %d memberships", after, people, len(w.Persons), members, len(w.Memberships))
		}
	}
}

var errKilled = errors.New("killed")

// dying takes a number of documents, shared between kinds, and then none.
type dying[K ~string, T any] struct {
	port.Documents[K, T]
	left *atomic.Int64
}

func (d dying[K, T]) Insert(ctx context.Context, id K, value T, events []care.Event, w port.Write) (port.Stored[T], error) {
	if d.left.Add(-1) < 0 {
		return port.Stored[T]{}, errKilled
	}
	return d.Documents.Insert(ctx, id, value, events, w)
}
