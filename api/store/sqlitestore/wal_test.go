package sqlitestore

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// step512 is the unit in which a disk writes: a power cut leaves a WAL that ends at such a border.
const step512 = 512

// TestCutWAL cuts the WAL of a small life at every 512 bytes, as a power cut would. Each piece opens
// as a store in which only whole commits are seen and every invariant holds; no commit that an
// earlier cut showed is missing from a later one.
func TestCutWAL(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "naober.db")
	s := opened(t, path, Options{Now: monday})
	for _, setting := range []string{`wal_checkpoint(TRUNCATE)`, `wal_autocheckpoint(0)`} {
		if _, err := s.write.ExecContext(t.Context(), `PRAGMA `+setting); err != nil {
			t.Fatal(err)
		}
	}
	commits := life(t, s)
	db, wal := must[[]byte](t)(os.ReadFile(path)), must[[]byte](t)(os.ReadFile(path+"-wal"))
	if len(wal) < 100*step512 {
		t.Fatalf("the WAL has %d bytes: there is nothing to cut", len(wal))
	}
	seen := 0
	for cut := 0; cut < len(wal)+step512; cut += step512 {
		cut := min(cut, len(wal))
		at := seenAt(t, filepath.Join(dir, "cut.db"), db, wal[:cut])
		i := slices.Index(commits, at)
		if i < seen {
			t.Fatalf("cut at %d: state %d is no commit, or older than commit %d", cut, at, seen)
		}
		seen = i
	}
	if seen != len(commits)-1 {
		t.Errorf("the whole WAL shows commit %d of %d", seen, len(commits)-1)
	}
	t.Logf("%d cuts over %d commits", len(wal)/step512+2, len(commits)-1)
}

// life makes documents, changes their keys, moves their events and drains them. It gives the
// progress after each commit, from before the first.
func life(t *testing.T, s *Store) []int64 {
	stores := s.Stores()
	var commits []int64
	commit := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		commits = append(commits, progress(t, s))
	}
	commit(nil)
	event := care.Event{Type: care.RequestChanged, At: monday()}
	for i := range 2 {
		id := care.RequestID(fmt.Sprint("r", i))
		r := care.Request{ID: id, For: "p", Community: "c", Words: "koffie", NextActionAt: monday()}
		_, err := stores.Requests.Insert(t.Context(), id, r, []care.Event{event}, port.Write{Nonce: "made"})
		commit(err)
		_, err = stores.Requests.Update(t.Context(), id, port.Write{Nonce: "closed"}, func(r care.Request) (care.Request, []care.Event, error) {
			r.Phase, r.NextActionAt = care.Ended, monday().AddDate(0, 0, 1)
			r.Visits = append(r.Visits, care.Visit{ID: care.VisitID("v" + string(id)), Helper: "h"})
			return r, []care.Event{event, event}, nil
		})
		commit(err)
		waiting := must[[]port.Pending](t)(stores.Feed.Pending(t.Context(), 10))
		_, last, err := stores.Feed.Bounds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var rows []port.Row
		for _, n := range waiting[0].Events {
			rows = append(rows, port.Row{ID: last + int64(len(rows)) + 1, Doc: waiting[0].Doc, Seq: n.Seq, Event: n.Event, At: monday()})
		}
		commit(stores.Feed.Append(t.Context(), rows))
		commit(stores.Feed.Drain(t.Context(), waiting[0].Doc, rows[1].Seq))
		_, err = stores.Persons.Insert(t.Context(), care.PersonID(fmt.Sprint("p", i)), care.Person{ID: care.PersonID(fmt.Sprint("p", i)), Contacts: []care.Contact{{Value: "shared"}}}, nil, port.Write{})
		commit(err)
		commit(stores.Feed.Drain(t.Context(), waiting[0].Doc, rows[2].Seq))
	}
	return commits
}

// progress grows with every commit of life: all revs and the last number of the feed.
func progress(t *testing.T, s *Store) int64 {
	t.Helper()
	var sum int64
	err := s.read.QueryRowContext(t.Context(), `SELECT (SELECT coalesce(sum(rev), 0) FROM requests) +
		(SELECT coalesce(sum(rev), 0) FROM persons) + last FROM feed_meta`).Scan(&sum)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// seenAt opens a copy of the files, checks it and tells its progress.
func seenAt(t *testing.T, path string, db, wal []byte) int64 {
	t.Helper()
	for name, raw := range map[string][]byte{path: db, path + "-wal": wal} {
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := must[*Store](t)(Open(t.Context(), path, Options{Key: serviceKey()}))
	defer func() {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	newCollection[care.RequestID](s, record.Requests()).keysRight(t)
	denseEvents(t, s)
	return progress(t, s)
}

// keysRight holds that the stored keys of every document are those of its value, and that no key
// points at nothing.
func (c collection[K, T, R]) keysRight(t *testing.T) {
	t.Helper()
	var documents, owners int
	for _, r := range must[[]row](t)(c.table.list(t.Context(), c.store.read, `SELECT `+columns+` FROM `+string(c.table)+` d`)) {
		told := must[port.Stored[T]](t)(c.stored(t.Context(), r))
		want, got := c.codec.Facts(told.Value).Keys, must[[]port.Key](t)(c.table.keys(t.Context(), c.store.read, r.id))
		byValue := func(a, b port.Key) int { return slices.Compare([]string{a.Name, a.Value}, []string{b.Name, b.Value}) }
		slices.SortFunc(want, byValue)
		slices.SortFunc(got, byValue)
		if !reflect.DeepEqual(got, []port.Key(want)) {
			t.Fatalf("%s %s has the keys %v, want %v", c.table, r.id, got, want)
		}
		documents++
	}
	err := c.store.read.QueryRowContext(t.Context(), `SELECT count(DISTINCT id) FROM doc_keys WHERE kind = ?`, string(c.table)).Scan(&owners)
	if err != nil || owners != documents {
		t.Fatalf("%d %s, keys of %d (%v)", documents, c.table, owners, err)
	}
}

// denseEvents holds that the feed has no gap, and that every event of a document stands in the feed
// or waits in the document.
func denseEvents(t *testing.T, s *Store) {
	t.Helper()
	known := map[string]map[int64]bool{}
	note := func(id string, seq int64) {
		if known[id] == nil {
			known[id] = map[int64]bool{}
		}
		known[id][seq] = true
	}
	rows := must[[]port.Row](t)(s.Stores().Feed.Read(t.Context(), 0, maxPage))
	for i, r := range rows {
		if r.ID != int64(i)+1 {
			t.Fatalf("row %d of the feed has number %d", i, r.ID)
		}
		note(r.Doc.ID, r.Seq)
	}
	if _, last, err := s.Stores().Feed.Bounds(t.Context()); err != nil || last != int64(len(rows)) {
		t.Fatalf("the feed ends at %d with %d rows (%v)", last, len(rows), err)
	}
	for _, r := range must[[]row](t)(table("requests").list(t.Context(), s.read, `SELECT `+columns+` FROM requests d`)) {
		for _, e := range r.events {
			note(r.id, e.Seq)
		}
		if int64(len(known[r.id])) != r.seq {
			t.Fatalf("%s made %d events, %d are known", r.id, r.seq, len(known[r.id]))
		}
	}
}
