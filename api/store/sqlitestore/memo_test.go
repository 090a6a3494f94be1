package sqlitestore

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// twoProcesses are two stores on one file, as two processes have them.
func twoProcesses(t *testing.T) (one, other *Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "naober.db")
	return opened(t, path, Options{}), opened(t, path, Options{})
}

func TestWhatAnotherProcessEndedIsEndedAtTheNextReading(t *testing.T) {
	one, other := twoProcesses(t)
	ctx := t.Context()
	told := must[port.Stored[care.Membership]](t)
	mine, theirs := one.Stores().Memberships, other.Stores().Memberships
	told(mine.Insert(ctx, "m", care.Membership{ID: "m", Person: "p", Community: "c", Role: care.Resident, StartedAt: monday()}, nil, port.Write{}))
	key, page := port.Key{Name: app.ByPerson, Value: "p"}, port.Page{Limit: 10}
	list := must[[]port.Stored[care.Membership]](t)
	for range 3 { // the first fills the memo
		list(mine.Find(ctx, key, page))
		told(mine.Get(ctx, "m"))
	}
	if _, held := one.memo.doc(port.DocRef{Kind: "memberships", ID: "m"}); !held {
		t.Fatal("what was read is not in the memo: nothing is tested here")
	}
	told(theirs.Update(ctx, "m", port.Write{}, func(m care.Membership) (care.Membership, []care.Event, error) {
		m.EndedAt = monday()
		return m, nil, nil
	}))
	if got := told(mine.Get(ctx, "m")); got.Value.EndedAt.IsZero() {
		t.Error("the membership still stands")
	}
	if got := list(mine.Find(ctx, key, page)); len(got) != 1 || got[0].Value.EndedAt.IsZero() {
		t.Errorf("the list has %+v", got)
	}
	told(theirs.Insert(ctx, "n", care.Membership{ID: "n", Person: "p", Community: "d", Role: care.Resident, StartedAt: monday()}, nil, port.Write{}))
	if got := list(mine.Find(ctx, key, page)); len(got) != 2 {
		t.Errorf("%d memberships, not 2", len(got))
	}
}

func TestAListChangesWithItsOwnWrites(t *testing.T) {
	s := fresh(t)
	ctx, docs := t.Context(), s.Stores().Memberships
	told, list := must[port.Stored[care.Membership]](t), must[[]port.Stored[care.Membership]](t)
	for n := range 3 {
		id := care.MembershipID(fmt.Sprint("m", n))
		told(docs.Insert(ctx, id, care.Membership{ID: id, Person: "p", Community: "c", Role: care.Resident, StartedAt: monday()}, nil, port.Write{}))
		for range 2 {
			if got := list(docs.Find(ctx, port.Key{Name: app.ByPerson, Value: "p"}, port.Page{Limit: 10})); len(got) != n+1 {
				t.Fatalf("%d of %d", len(got), n+1)
			}
		}
	}
}

// TestNoReadingIsOlderThanAnAcknowledgedWrite races readers and writers of two processes.
func TestNoReadingIsOlderThanAnAcknowledgedWrite(t *testing.T) {
	one, other := twoProcesses(t)
	ctx := t.Context()
	must[port.Stored[care.Request]](t)(one.Stores().Requests.Insert(ctx, "r", care.Request{ID: "r"}, nil, port.Write{}))
	var acknowledged atomic.Int64
	var group sync.WaitGroup
	first, second := one.Stores().Requests, other.Stores().Requests
	for n, requests := range []port.Documents[care.RequestID, care.Request]{first, second, first, second} {
		group.Go(func() {
			for range 60 {
				done, err := requests.Update(ctx, "r", port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
					r.CreatedAt = r.CreatedAt.Add(time.Second)
					return r, nil, nil
				})
				if err != nil {
					t.Errorf("writer %d: %v", n, err)
					return
				}
				for old := acknowledged.Load(); done.Rev > old && !acknowledged.CompareAndSwap(old, done.Rev); old = acknowledged.Load() {
				}
			}
		})
		group.Go(func() {
			for range 400 {
				least := acknowledged.Load()
				if got, err := requests.Get(ctx, "r"); err != nil || got.Rev < least {
					t.Errorf("rev %d after %d was acknowledged, %v", got.Rev, least, err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestOfTwoChangesInOneCommitTheFirstIsNotKept(t *testing.T) {
	s := fresh(t)
	of := port.DocRef{Kind: "requests", ID: "r"}
	turn := s.memo.wrote([]change{of, of}, s.memo.seen)
	s.memo.keep(of, row{id: "r", rev: 2}, nil, turn)
	if _, held := s.memo.doc(of); held {
		t.Error("the value that the second change replaced is kept")
	}
}

func TestTheMemoIsBounded(t *testing.T) {
	s := fresh(t)
	state := string(make([]byte, memoBytes/100))
	for n := range 300 {
		id := fmt.Sprint(n)
		s.memo.keep(port.DocRef{Kind: "requests", ID: id}, row{id: id, state: state}, nil, s.memo.turn)
	}
	if len(s.memo.docs) > 100 || s.memo.bytes > memoBytes {
		t.Errorf("%d documents, %d bytes", len(s.memo.docs), s.memo.bytes)
	}
}

func TestForgettingEmptiesTheMemo(t *testing.T) {
	s := fresh(t)
	told := must[port.Stored[care.Person]](t)
	told(s.Stores().Persons.Insert(t.Context(), "p", care.Person{ID: "p", FirstName: "Geesje"}, nil, port.Write{}))
	if got := told(s.Stores().Persons.Get(t.Context(), "p")); got.Value.FirstName != "Geesje" {
		t.Fatalf("%+v", got)
	}
	if err := s.Vault().Destroy(t.Context(), "p"); err != nil {
		t.Fatal(err)
	}
	if got := told(s.Stores().Persons.Get(t.Context(), "p")); got.Value.FirstName != "" {
		t.Error("a forgotten person is read from memory")
	}
}
