package fleet

import (
	"context"
	"maps"
	"reflect"
	"sync"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
)

// harm is what befalls a call to a store.
type harm int

const (
	none    harm = iota
	away         // it fails, and nothing is done
	lost         // it is done, and its answer lost
	dead         // the process ends before it: every later call fails too
	deadly       // the process ends after it
	between      // something else happens before it
	judged       // the process ends right after an intent has changed a document, before its verdict is written
)

// tap stands between the service and its stores: it harms one call, and counts what each intent changed.
type tap struct {
	mu      sync.Mutex
	at      int // calls until the harm; below 0 there is none
	what    harm
	ended   bool
	other   func()
	changed map[string]int // nonce and document -> how often it was changed by that intent
}

func newTap() *tap { return &tap{at: -1, changed: map[string]int{}} }

// plan harms the call after so many others.
func (t *tap) plan(after int, what harm, other func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.what, t.other = after, what, other
}

// calm takes back a harm that has not come about.
func (t *tap) calm() {
	t.plan(-1, none, nil)
}

func (t *tap) died() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

func (t *tap) revive() {
	t.calm()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = false
}

func (t *tap) met() harm {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return dead
	}
	if t.at < 0 || t.what == judged {
		return none
	}
	if t.at--; t.at >= 0 {
		return none
	}
	t.ended = t.what == dead || t.what == deadly
	return t.what
}

// note counts a change, and tells whether the process ends with it.
func (t *tap) note(kind, id string, w port.Write) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed[string(w.Nonce)+" "+kind+"/"+id]++
	t.ended = t.ended || t.what == judged && t.at >= 0 && kind != "helper"
	return t.ended
}

func (t *tap) kept() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.changed)
}

func (t *tap) goBack(to map[string]int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed = maps.Clone(to)
}

// through makes one call, with what befalls it.
func through[A any](t *tap, call func() (A, error)) (A, error) {
	var nothing A
	broken := care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
	switch t.met() {
	case none:
		return call()
	case between:
		t.other()
		return call()
	case lost, deadly:
		_, _ = call() // its answer is what gets lost
	}
	return nothing, broken
}

// tapped is one kind of documents behind a tap.
type tapped[K ~string, T any] struct {
	port.Documents[K, T]
	kind string
	tap  *tap
}

func (d tapped[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	return through(d.tap, func() (port.Stored[T], error) { return d.Documents.Get(ctx, id) })
}

func (d tapped[K, T]) Insert(ctx context.Context, id K, v T, events []care.Event, w port.Write) (port.Stored[T], error) {
	return through(d.tap, func() (port.Stored[T], error) { return d.Documents.Insert(ctx, id, v, events, w) })
}

func (d tapped[K, T]) Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	return through(d.tap, func() (port.Stored[T], error) {
		changes := false // as the last run of the change has it
		s, err := d.Documents.Update(ctx, id, w, func(old T) (T, []care.Event, error) {
			next, events, err := change(old)
			changes = err == nil && !reflect.DeepEqual(old, next)
			return next, events, err
		})
		if err == nil && changes && w.Nonce != "" && d.tap.note(d.kind, string(id), w) {
			return s, care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
		}
		return s, err
	})
}

func (d tapped[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	return through(d.tap, func() ([]port.Stored[T], error) { return d.Documents.Find(ctx, key, page) })
}

func (t *tap) stores(s app.Stores) app.Stores {
	s.Persons = tapped[care.PersonID, care.Person]{s.Persons, "person", t}
	s.Helpers = tapped[care.PersonID, care.Helper]{s.Helpers, "helper", t}
	s.Memberships = tapped[care.MembershipID, care.Membership]{s.Memberships, "membership", t}
	s.Offers = tapped[care.OfferID, care.Offer]{s.Offers, "offer", t}
	s.Requests = tapped[care.RequestID, care.Request]{s.Requests, "request", t}
	s.Messages = tapped[care.MessageID, care.Message]{s.Messages, "message", t}
	s.Ledger = tapped[app.LedgerKey, app.LedgerRow]{s.Ledger, "ledger", t}
	return s
}

func (t *tap) offline(s offline.Stores) offline.Stores {
	s.Groups = tapped[offline.GroupID, offline.Group]{s.Groups, "group", t}
	s.Writers = tapped[offline.WriterID, offline.Writer]{s.Writers, "writer", t}
	s.Snapshots = tapped[string, offline.Snapshot]{s.Snapshots, "snapshot", t}
	s.Outcomes = tapped[app.LedgerKey, offline.Outcome]{s.Outcomes, "outcome", t}
	return s
}
