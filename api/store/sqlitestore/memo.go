package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/vault"
)

const (
	memoBytes = 32 << 20 // of stored text; what it is translated to takes two or three times that
	memoLists = 20_000   // of ids
	memoLong  = 200      // ids in one list
	memoMarks = 20_000   // of what was changed lately
)

// memo keeps documents translated and their seals opened, so that a reading does neither again. It
// is exact: before it answers it asks SQLite whether any other connection has committed, which shows
// every write of every process. What this process wrote itself is dropped piece by piece, what
// another wrote makes it drop everything. Nothing is held longer than a data key is lent.
//
// What it hands out is shared: nobody may change it in place.
type memo struct {
	lent time.Duration

	look    sync.Mutex // one question at a time; guards the two below
	watcher *pool      // one connection, which never writes: every commit shows on it
	version *sql.Stmt

	mu    sync.Mutex
	seen  int64  // the watcher's version for which all that is held is true
	turn  uint64 // grows with every change that was met
	floor uint64 // marks up to here were thrown away
	docs  map[port.DocRef]held
	lists map[listKey]map[port.Page][]string
	count int // of lists
	bytes int
	marks map[any]uint64 // port.DocRef or listKey -> turn in which it changed last
}

// remembered reports whether documents of a kind are read often enough to be kept in memory.
func remembered(kind string) bool {
	switch kind {
	case "persons", "helpers", "communities", "organizations", "memberships", "offers", "requests", "messages", "sessions", "ledger":
		return true
	}
	return false
}

// held is one document: its row, and port.Stored of its kind.
type held struct {
	row   row
	value any
	until time.Time
}

type listKey struct {
	kind string
	key  port.Key
}

// change is a part of what a write did: to a document, or to the list under a key.
type change = any

// remembers gives the store its memo, before its first write.
func (s *Store) remembers(ctx context.Context) (err error) {
	if err := s.write.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&s.writer.foreign); err != nil {
		return failed(err)
	}
	watcher, err := connect(s.path, 1, "_pragma=query_only(1)")
	if err != nil {
		return err
	}
	s.memo, err = newMemo(ctx, watcher, s.opts.Lent)
	s.writer.memo = s.memo
	return failed(err)
}

func newMemo(ctx context.Context, watcher *pool, lent time.Duration) (*memo, error) {
	if lent == 0 {
		lent = vault.Lent
	}
	m := &memo{lent: lent, watcher: watcher}
	m.clear()
	// A pool may close a connection that failed and open another, on which the numbers start anew:
	// they then differ, and everything is dropped.
	var err error
	if m.version, err = m.watcher.PrepareContext(ctx, `PRAGMA data_version`); err == nil {
		m.seen, err = m.ask(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

func (m *memo) close() error {
	if m == nil {
		return nil
	}
	var err error
	if m.version != nil {
		err = m.version.Close()
	}
	return errors.Join(err, m.watcher.Close())
}

// ask reads the watcher's version: another number after every commit of anybody.
func (m *memo) ask(ctx context.Context) (version int64, err error) {
	m.look.Lock()
	defer m.look.Unlock()
	return version, m.version.QueryRowContext(ctx).Scan(&version)
}

// now is the turn whose contents are true now; ok is false where they may not be, and the file is to
// be read.
func (s *Store) now(ctx context.Context, moment *app.Moment) (turn uint64, ok bool) {
	m := s.memo
	if then, noted := moment.Seen(m).(uint64); noted && m.is(then) {
		return then, true
	}
	version, err := m.ask(ctx)
	if err != nil {
		return 0, false
	}
	if turn, ok = m.at(version); !ok {
		if !s.writer.idle(func() { turn = m.forget(version) }) {
			return 0, false // a write of ours is under way; its end will tell what it changed
		}
	}
	moment.Note(m, turn)
	return turn, true
}

func (m *memo) is(turn uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turn == turn
}

func (m *memo) at(version int64) (uint64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turn, m.seen == version
}

// forget drops everything, and starts anew with what is true at a version.
func (m *memo) forget(version int64) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	m.seen = version
	return m.turn
}

// drop drops everything and keeps the version: for what changes beside the file, a key that is gone.
func (m *memo) drop() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
}

func (m *memo) clear() {
	m.turn++
	m.floor = m.turn
	m.docs, m.lists, m.marks = map[port.DocRef]held{}, map[listKey]map[port.Page][]string{}, map[any]uint64{}
	m.count, m.bytes = 0, 0
}

// wrote drops what a commit of ours changed. version was read after the commit; it counts where
// nobody else has committed up to then.
func (m *memo) wrote(changes []change, version int64) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	if len(m.marks)+len(changes) > memoMarks {
		m.marks, m.floor = map[any]uint64{}, m.turn
	}
	for _, c := range changes {
		if m.marks[c] == m.turn {
			m.marks[c]++ // twice in one commit: the first of the two may not be kept as what stands
			continue
		}
		m.marks[c] = m.turn
		switch of := c.(type) {
		case port.DocRef:
			m.remove(of)
		case listKey:
			m.count -= len(m.lists[of])
			delete(m.lists, of)
		}
	}
	m.seen = version
	return m.turn
}

func (m *memo) remove(of port.DocRef) {
	if h, ok := m.docs[of]; ok {
		m.bytes -= len(h.row.state)
		delete(m.docs, of)
	}
}

// changed reports whether something was changed after a turn.
func (m *memo) changed(c change, turn uint64) bool { return turn < m.floor || m.marks[c] > turn }

// doc finds a document as it is in a turn.
func (m *memo) doc(of port.DocRef) (held, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.docs[of]
	return h, ok && time.Now().Before(h.until)
}

// keep holds a document that was read in a turn, where nobody has changed it since.
func (m *memo) keep(of port.DocRef, r row, value any, turn uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed(of, turn) {
		return
	}
	m.remove(of)
	for other := range m.docs {
		if m.bytes+len(r.state) <= memoBytes {
			break
		}
		m.remove(other)
	}
	if len(r.state) <= memoBytes/100 {
		m.docs[of] = held{row: r, value: value, until: time.Now().Add(m.lent)}
		m.bytes += len(r.state)
	}
}

// list finds the documents under a key, where all of them are held.
func (m *memo) list(key listKey, page port.Page) ([]held, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids, ok := m.lists[key][page]
	if !ok {
		return nil, false
	}
	now, found := time.Now(), make([]held, len(ids))
	for i, id := range ids {
		if found[i], ok = m.docs[port.DocRef{Kind: key.kind, ID: id}]; !ok || !now.Before(found[i].until) {
			return nil, false
		}
	}
	return found, true
}

// keepList holds which documents stand under a key.
func (m *memo) keepList(key listKey, page port.Page, ids []string, turn uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(ids) > memoLong || m.changed(key, turn) {
		return
	}
	if m.count >= memoLists {
		m.lists, m.count = map[listKey]map[port.Page][]string{}, 0
	}
	if m.lists[key] == nil {
		m.lists[key] = map[port.Page][]string{}
	}
	if _, there := m.lists[key][page]; !there {
		m.count++
	}
	m.lists[key][page] = ids
}
