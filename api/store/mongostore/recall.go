package mongostore

import (
	"context"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/vault"
)

const (
	recallBytes = 32 << 20 // of stored text; what it is translated to takes two or three times that
	recallCalls = 20_000
	recallDocs  = 500 // in one call; what it reads beyond is read each time
	recallLists = 20  // likewise
)

// recall remembers what each call that reads has read, so that the same call, made again, asks the
// server one question in place of a dozen in a row: which revisions all of that has now (revision.go).
// What still has the same is not read again. So it is exact: whatever anybody wrote before the call
// began shows in it. Nothing is held longer than a data key is lent.
//
// What it hands out is shared: nobody may change it in place.
type recall struct {
	lent time.Duration

	mu    sync.Mutex
	calls map[app.CallName]*reading // the last of each
	bytes int
	turn  int // how often everything was forgotten
}

// reading is what one call has read, or the last call of that name where it is still so. A nil
// reading remembers nothing.
type reading struct {
	of    *recall // whose lock guards all of this
	name  app.CallName
	turn  int // in which it began: a reading of an earlier one remembers nothing any more
	ended bool
	docs  map[port.DocRef]*held
	lists map[listKey]*heldList
	bytes int
}

// held is one document: port.Stored of its kind.
type held struct {
	value  any
	rev    int64
	size   int
	until  time.Time
	used   bool // by this call; what is not is forgotten with it
	listed bool // came in a list, whose revisions tell of it
}

type heldList struct {
	ids  []string
	used bool
}

type listKey struct {
	kind string
	key  port.Key
	page port.Page
}

// remembered reports whether documents of a kind are read by many calls, and written so that no two
// of their contents ever have one id and one revision.
func remembered(kind string) bool {
	switch kind {
	case "persons", "helpers", "communities", "organizations", "memberships", "offers", "requests", "messages", "sessions":
		return true
	}
	return false
}

// prelude reports whether documents of a kind say who somebody is, and what they may do.
func prelude(kind string) bool {
	switch kind {
	case "persons", "communities", "organizations", "memberships", "sessions":
		return true
	}
	return false
}

// inward reports whether documents of a kind are the service's own notes on calls: writing one
// changes nothing that another call could meet.
func inward(kind string) bool { return kind == "ledger" || kind == "tallies" || kind == "views" }

func newRecall(lent time.Duration) *recall {
	if lent == 0 {
		lent = vault.Lent
	}
	return &recall{lent: lent, calls: map[app.CallName]*reading{}}
}

// forget drops everything: a key is gone, and with it what it opened.
func (m *recall) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	for _, r := range m.calls {
		m.remove(r)
	}
}

func (m *recall) remove(r *reading) {
	m.bytes -= r.bytes
	delete(m.calls, r.name)
	r.docs, r.lists, r.bytes = map[port.DocRef]*held{}, map[listKey]*heldList{}, 0
}

// begun is what was read in a moment; nil where nothing was.
func (s *Store) begun(moment *app.Moment) *reading {
	r, _ := moment.Seen(s.recall).(*reading)
	return r
}

// reading is what the call has read in a moment; nil where there is none. The first reading asks what
// of the last call still is so.
func (s *Store) reading(ctx context.Context, moment *app.Moment) *reading {
	if moment == nil || s.recall == nil {
		return nil
	}
	if r := s.begun(moment); r != nil {
		return r
	}
	r := s.recall.open(moment.Call())
	if last := s.recall.last(r.name); last.saves() {
		// Where the question fails everything is read, and whoever reads is told.
		if now, err := s.revisions(ctx, last); err == nil {
			r.adopt(last, now)
		}
	}
	s.recall.begin(r)
	moment.Note(s.recall, r)
	return r
}

func (m *recall) open(name app.CallName) *reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &reading{of: m, name: name, turn: m.turn, docs: map[port.DocRef]*held{}, lists: map[listKey]*heldList{}}
}

// begin puts a reading in the place of the last one of its call.
func (m *recall) begin(r *reading) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.turn != m.turn {
		return
	}
	if last, ok := m.calls[r.name]; ok {
		m.bytes -= last.bytes
	}
	m.calls[r.name] = r
	m.bytes += r.bytes
	m.makeRoom(r)
}

// makeRoom forgets calls, whichever they are, until the rest is small enough.
func (m *recall) makeRoom(but *reading) {
	for _, r := range m.calls {
		if m.bytes <= recallBytes && len(m.calls) <= recallCalls {
			return
		}
		if r != but {
			m.remove(r)
		}
	}
}

// doc finds a document that has been read.
func (r *reading) doc(of port.DocRef) (any, bool) {
	if r == nil {
		return nil, false
	}
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	h, ok := r.docs[of]
	if !ok || r.over() || !time.Now().Before(h.until) {
		return nil, false
	}
	h.used = true
	return h.value, true
}

// list finds the documents under a key.
func (r *reading) list(key listKey) ([]any, bool) {
	if r == nil {
		return nil, false
	}
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	l, ok := r.lists[key]
	if !ok || r.over() {
		return nil, false
	}
	now, values := time.Now(), make([]any, len(l.ids))
	for i, id := range l.ids {
		h, ok := r.docs[port.DocRef{Kind: key.kind, ID: id}]
		if !ok || !now.Before(h.until) {
			return nil, false
		}
		values[i], h.used = h.value, true
	}
	l.used = true
	return values, true
}

// over reports whether the reading remembers nothing any more.
func (r *reading) over() bool { return r.ended || r.turn != r.of.turn }

// end makes the call read everything anew from here on. The next call still expects what it read.
func (r *reading) end() {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.ended = true
}

// keep remembers a document that was read. One that is remembered stays as it was: what is read as of
// one moment does not change under a call.
func (r *reading) keep(of port.DocRef, value any, doc document) {
	if r == nil {
		return
	}
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	size := len(doc.State)
	for _, b := range doc.Boxes {
		size += len(b.Sealed)
	}
	if _, there := r.docs[of]; there || r.over() || len(r.docs) >= recallDocs || size > recallBytes/100 {
		return
	}
	r.docs[of] = &held{value: value, rev: doc.Rev, size: size, until: time.Now().Add(r.of.lent), used: true}
	r.grow(size)
}

// keepList remembers which documents stand under a key.
func (r *reading) keepList(key listKey, docs []document) {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if r.over() || len(r.lists) >= recallLists {
		return
	}
	ids := make([]string, len(docs))
	for i, doc := range docs {
		h, ok := r.docs[port.DocRef{Kind: key.kind, ID: doc.ID}]
		if !ok || h.rev != doc.Rev {
			return
		}
		ids[i], h.listed, h.used = doc.ID, true, true
	}
	r.lists[key] = &heldList{ids: ids, used: true}
}

func (r *reading) grow(size int) {
	r.bytes += size
	if r.of.calls[r.name] == r {
		r.of.bytes += size
		r.of.makeRoom(r)
	}
}

// drop forgets what was read of a kind.
func (r *reading) drop(kind string) {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	for of, h := range r.docs {
		if of.Kind == kind {
			delete(r.docs, of)
			r.grow(-h.size)
		}
	}
	for key := range r.lists {
		if key.kind == kind {
			delete(r.lists, key)
		}
	}
}
