package app_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// crash says what becomes of one call to a store.
type crash string

const (
	// killedBefore ends the process before the call, killedAfter when it has taken effect.
	killedBefore crash = "killed before"
	killedAfter  crash = "killed after"
	// The process goes on with an error and does not know whether the call took effect.
	unknownDone crash = "unknown answer, done"
	unknownNot  crash = "unknown answer, not done"
	// stalled: the process stands still before the call for as long as meanwhile takes. Of stalledLast it
	// is the last call: it is carried out, and the process killed.
	stalled     crash = "stalled before"
	stalledLast crash = "stalled before, killed after"
)

// storeCall is one call of a command or loop to a port.
type storeCall struct {
	port, method string
	writes       bool
}

func (c storeCall) String() string { return c.port + "." + c.method }

// tap records every call to the stores, and makes one of them go as its crash says. at counts from 1;
// 0 disturbs nothing.
type tap struct {
	at        int
	how       crash
	meanwhile func() // where it is stalled
	mu        sync.Mutex
	log       []storeCall
	dead      bool
}

func (t *tap) ended() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dead
}

// disarm lets every further call through, also where the planned one was never made.
func (t *tap) disarm() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = -1
}

func (t *tap) made() []storeCall {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.log)
}

// verdict notes a call and tells whether it is carried out and whether its answer arrives.
func (t *tap) verdict(c storeCall) (carried, answered bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return false, false
	}
	t.log = append(t.log, c)
	if t.at != len(t.log) {
		return true, true
	}
	if t.how == stalled || t.how == stalledLast {
		t.mu.Unlock()
		t.meanwhile()
		t.mu.Lock()
		t.dead = t.how == stalledLast
		return true, !t.dead
	}
	t.dead = t.how == killedBefore || t.how == killedAfter
	return t.how == killedAfter || t.how == unknownDone, false
}

func tapped[A any](t *tap, c storeCall, call func() (A, error)) (A, error) {
	var none A
	carried, answered := t.verdict(c)
	if carried {
		if value, err := call(); answered {
			return value, err
		}
	}
	return none, care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
}

// tapDocs are documents behind a tap. Like every tap it promotes no method, so that one that a port
// gets later does not compile until it can be disturbed.
type tapDocs[K ~string, T any] struct {
	docs port.Documents[K, T]
	tap  *tap
	port string
}

func (d tapDocs[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	return tapped(d.tap, storeCall{d.port, "get", false}, func() (port.Stored[T], error) { return d.docs.Get(ctx, id) })
}

func (d tapDocs[K, T]) Insert(ctx context.Context, id K, v T, events []care.Event, w port.Write) (port.Stored[T], error) {
	return tapped(d.tap, storeCall{d.port, "insert", true}, func() (port.Stored[T], error) { return d.docs.Insert(ctx, id, v, events, w) })
}

func (d tapDocs[K, T]) Update(ctx context.Context, id K, w port.Write, c port.Change[T]) (port.Stored[T], error) {
	return tapped(d.tap, storeCall{d.port, "update", true}, func() (port.Stored[T], error) { return d.docs.Update(ctx, id, w, c) })
}

func (d tapDocs[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	return tapped(d.tap, storeCall{d.port, "find", false}, func() ([]port.Stored[T], error) { return d.docs.Find(ctx, key, page) })
}

func (d tapDocs[K, T]) Each(ctx context.Context, visit func(port.Stored[T]) error) error {
	_, err := tapped(d.tap, storeCall{d.port, "each", false}, func() (struct{}, error) { return struct{}{}, d.docs.Each(ctx, visit) })
	return err
}

func (d tapDocs[K, T]) Due(ctx context.Context, now time.Time, limit int) ([]port.Stored[T], error) {
	return tapped(d.tap, storeCall{d.port, "due", false}, func() ([]port.Stored[T], error) { return d.docs.Due(ctx, now, limit) })
}

// tapVillages are communities behind a tap.
type tapVillages struct {
	tapDocs[care.CommunityID, care.Community] // Communities adds Near alone
	near                                      app.Communities
}

func (d tapVillages) Near(ctx context.Context, p care.Point, limit int) ([]port.Stored[care.Community], error) {
	return tapped(d.tap, storeCall{d.port, "near", false}, func() ([]port.Stored[care.Community], error) { return d.near.Near(ctx, p, limit) })
}

// tapFeed is the feed behind a tap.
type tapFeed struct {
	feed port.Feed
	tap  *tap
}

func (f tapFeed) Pending(ctx context.Context, limit int) ([]port.Pending, error) {
	return tapped(f.tap, storeCall{"feed", "pending", false}, func() ([]port.Pending, error) { return f.feed.Pending(ctx, limit) })
}

func (f tapFeed) Has(ctx context.Context, doc port.DocRef, seq int64) (bool, error) {
	return tapped(f.tap, storeCall{"feed", "has", false}, func() (bool, error) { return f.feed.Has(ctx, doc, seq) })
}

func (f tapFeed) Append(ctx context.Context, rows []port.Row) error {
	_, err := tapped(f.tap, storeCall{"feed", "append", true}, func() (struct{}, error) { return struct{}{}, f.feed.Append(ctx, rows) })
	return err
}

func (f tapFeed) Drain(ctx context.Context, doc port.DocRef, seq int64) error {
	_, err := tapped(f.tap, storeCall{"feed", "drain", true}, func() (struct{}, error) { return struct{}{}, f.feed.Drain(ctx, doc, seq) })
	return err
}

func (f tapFeed) Read(ctx context.Context, after int64, limit int) ([]port.Row, error) {
	return tapped(f.tap, storeCall{"feed", "read", false}, func() ([]port.Row, error) { return f.feed.Read(ctx, after, limit) })
}

func (f tapFeed) Bounds(ctx context.Context) (first, last int64, err error) {
	bounds, err := tapped(f.tap, storeCall{"feed", "bounds", false}, func() (b [2]int64, err error) {
		b[0], b[1], err = f.feed.Bounds(ctx)
		return b, err
	})
	return bounds[0], bounds[1], err
}

func (f tapFeed) Trim(ctx context.Context, before time.Time) error {
	_, err := tapped(f.tap, storeCall{"feed", "trim", true}, func() (struct{}, error) { return struct{}{}, f.feed.Trim(ctx, before) })
	return err
}

func tap1[K ~string, T any](t *tap, port string, d port.Documents[K, T]) port.Documents[K, T] {
	return tapDocs[K, T]{d, t, port}
}

// tapStores puts every port behind the tap.
func tapStores(s app.Stores, t *tap) app.Stores {
	s.Persons, s.Helpers = tap1(t, "persons", s.Persons), tap1(t, "helpers", s.Helpers)
	s.Communities = tapVillages{tapDocs[care.CommunityID, care.Community]{s.Communities, t, "communities"}, s.Communities}
	s.Organizations, s.Memberships = tap1(t, "organizations", s.Organizations), tap1(t, "memberships", s.Memberships)
	s.Offers, s.Requests, s.Histories = tap1(t, "offers", s.Offers), tap1(t, "requests", s.Requests), tap1(t, "histories", s.Histories)
	s.Messages, s.Feedbacks, s.Reports = tap1(t, "messages", s.Messages), tap1(t, "feedbacks", s.Feedbacks), tap1(t, "reports", s.Reports)
	s.Referrals, s.Sessions, s.Flows = tap1(t, "referrals", s.Referrals), tap1(t, "sessions", s.Sessions), tap1(t, "flows", s.Flows)
	s.SigningKeys, s.Ledger, s.Tallies = tap1(t, "signing_keys", s.SigningKeys), tap1(t, "ledger", s.Ledger), tap1(t, "tallies", s.Tallies)
	s.Views, s.Leases, s.Parked, s.Feed = tap1(t, "views", s.Views), tap1(t, "leases", s.Leases), tap1(t, "parked", s.Parked), tapFeed{s.Feed, t}
	s.Tasks, s.Audits = tap1(t, "tasks", s.Tasks), tapAudits{s.Audits, t}
	s.Pushes = tapPushes{s.Pushes, t}
	return s
}

// tapPushes is what reached somebody behind a tap.
type tapPushes struct {
	app.Pushes
	*tap
}

func (p tapPushes) Sent(ctx context.Context, records []care.PersonID, page port.Page) ([]app.Push, string, error) {
	next := ""
	sent, err := tapped(p.tap, storeCall{"pushes", "sent", false}, func() (sent []app.Push, err error) {
		sent, next, err = p.Pushes.Sent(ctx, records, page)
		return sent, err
	})
	return sent, next, err
}

// tapAudits is the audit log behind a tap.
type tapAudits struct {
	audits app.Audits
	tap    *tap
}

func (l tapAudits) Append(ctx context.Context, row app.AuditRow) error {
	_, err := tapped(l.tap, storeCall{"audits", "append", true}, func() (struct{}, error) { return struct{}{}, l.audits.Append(ctx, row) })
	return err
}

func (l tapAudits) Last(ctx context.Context) (app.AuditRow, error) {
	return tapped(l.tap, storeCall{"audits", "last", false}, func() (app.AuditRow, error) { return l.audits.Last(ctx) })
}

func (l tapAudits) Has(ctx context.Context, source string) (bool, error) {
	return tapped(l.tap, storeCall{"audits", "has", false}, func() (bool, error) { return l.audits.Has(ctx, source) })
}

func (l tapAudits) Read(ctx context.Context, after int64, limit int) ([]app.AuditRow, error) {
	return tapped(l.tap, storeCall{"audits", "read", false}, func() ([]app.AuditRow, error) { return l.audits.Read(ctx, after, limit) })
}

func (l tapAudits) Cut(ctx context.Context, upTo int64) error {
	_, err := tapped(l.tap, storeCall{"audits", "cut", true}, func() (struct{}, error) { return struct{}{}, l.audits.Cut(ctx, upTo) })
	return err
}

// tapVault is the key store behind a tap.
type tapVault struct {
	vault app.Vault
	tap   *tap
}

func (l tapVault) Destroy(ctx context.Context, p care.PersonID) error {
	_, err := tapped(l.tap, storeCall{"vault", "destroy", true}, func() (struct{}, error) { return struct{}{}, l.vault.Destroy(ctx, p) })
	return err
}

func (l tapVault) Destroyed(ctx context.Context, p care.PersonID) (bool, error) {
	return tapped(l.tap, storeCall{"vault", "destroyed", false}, func() (bool, error) { return l.vault.Destroyed(ctx, p) })
}

func (l tapVault) DeviceKey(ctx context.Context, p care.PersonID) ([]byte, error) {
	return tapped(l.tap, storeCall{"vault", "device_key", true}, func() ([]byte, error) { return l.vault.DeviceKey(ctx, p) })
}

func (l tapVault) Sweep(ctx context.Context, limit int) (int, error) {
	return tapped(l.tap, storeCall{"vault", "sweep", true}, func() (int, error) { return l.vault.Sweep(ctx, limit) })
}

// Forget drops what a process remembers; no store is called.
func (l tapVault) Forget(p care.PersonID) { l.vault.Forget(p) }

// point is one place where a journey is disturbed.
type point struct {
	at  int
	how crash
}

func (p point) String() string { return fmt.Sprintf("call %d %s", p.at, p.how) }

// points lists where a journey of these calls can be disturbed so that it matters. A killed process
// leaves what its writes left: killed before a reading is the same as killed before the next write,
// and killed after a write the same as killed before what follows. Each such state stands once in the
// list; of unknown answers each call has its own, a reading one and a write two.
func points(calls []storeCall) []point {
	var all []point
	for i, c := range calls {
		all = append(all, point{i + 1, unknownNot})
		if !c.writes {
			continue
		}
		all = append(all, point{i + 1, unknownDone}, point{i + 1, killedBefore})
	}
	if n := len(calls); n > 0 {
		all = append(all, point{n, killedAfter})
	}
	return all
}
