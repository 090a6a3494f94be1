package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/api/store/vault"
	"naober/api/token"
	"naober/matching/care"
)

// secret is the service secret of every installation here.
var secret = []byte("0123456789abcdef0123456789abcdef")

// installation is the service on a store of its own, with a clock that the test moves and a postman
// who keeps the codes.
type installation struct {
	*app.App
	t      testing.TB
	stores app.Stores
	mail   *letterbox
	clock  *handClock
	calls  *calls
	vault  *vault.Vault
}

func install(t testing.TB) *installation {
	t.Helper()
	clock := &handClock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "naober.db"), sqlitestore.Options{Key: secret, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	seen := &calls{}
	in := &installation{t: t, stores: watch(store.Stores(), seen), mail: &letterbox{codes: map[string]string{}}, clock: clock, calls: seen}
	in.vault = store.Vault()
	in.App = in.process(in.vault.Secret())
	return in
}

// process is one more process on the same store.
func (in *installation) process(secret []byte) *app.App {
	in.t.Helper()
	issuer, err := token.NewIssuer("https://naober.example", "naober-api")
	if err != nil {
		in.t.Fatal(err)
	}
	refresher, err := token.NewRefresher(token.Secret{ID: "a", Value: secret})
	if err != nil {
		in.t.Fatal(err)
	}
	a := app.New(app.Settings{Stores: in.stores, Now: in.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Postman: in.mail, Issuer: issuer, Refresher: refresher, Secret: secret, Vault: in.vault, Region: "NL"})
	if err := a.LoadKeys(in.t.Context()); err != nil {
		in.t.Fatal(err)
	}
	return a
}

type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// letterbox keeps the last code that went to each contact.
type letterbox struct {
	mu    sync.Mutex
	codes map[string]string
	langs []string
	fail  error
}

func (l *letterbox) SendCode(_ context.Context, to care.Contact, language, code string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.codes[to.Value], l.langs = code, append(l.langs, language)
	return nil
}

// calls writes down what is asked of the stores, and lets one call fail.
type calls struct {
	mu     sync.Mutex
	log    []string
	failAt int  // counted from 1; 0 for never
	after  bool // fail after the store has done it: the answer is lost
}

var errAway = care.E(care.Unavailable, "store_away", "the store is away")

func (c *calls) next(name string) (before, after error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, name)
	switch {
	case len(c.log) != c.failAt:
		return nil, nil
	case c.after:
		return nil, errAway
	}
	return errAway, nil
}

// during runs f and returns the names of the calls it made.
func (c *calls) during(f func()) []string {
	c.start(0, false)
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log
}

func (c *calls) start(failAt int, after bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log, c.failAt, c.after = nil, failAt, after
}

// watched is one kind of documents under watch.
type watched[K ~string, T any] struct {
	port.Documents[K, T]
	kind  string
	calls *calls
}

func watched1[R any](c *calls, name string, f func() (R, error)) (R, error) {
	var none R
	before, after := c.next(name)
	if before != nil {
		return none, before
	}
	r, err := f()
	return r, errors.Join(err, after)
}

func (w watched[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	return watched1(w.calls, w.kind+".get", func() (port.Stored[T], error) { return w.Documents.Get(ctx, id) })
}

func (w watched[K, T]) Insert(ctx context.Context, id K, v T, events []care.Event, how port.Write) (port.Stored[T], error) {
	return watched1(w.calls, w.kind+".insert", func() (port.Stored[T], error) { return w.Documents.Insert(ctx, id, v, events, how) })
}

func (w watched[K, T]) Update(ctx context.Context, id K, how port.Write, f port.Change[T]) (port.Stored[T], error) {
	return watched1(w.calls, w.kind+".update", func() (port.Stored[T], error) { return w.Documents.Update(ctx, id, how, f) })
}

func (w watched[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	return watched1(w.calls, w.kind+".find", func() ([]port.Stored[T], error) { return w.Documents.Find(ctx, key, page) })
}

func watch(s app.Stores, c *calls) app.Stores {
	s.Persons = watched[care.PersonID, care.Person]{s.Persons, "persons", c}
	s.Memberships = watched[care.MembershipID, care.Membership]{s.Memberships, "memberships", c}
	s.Sessions = watched[app.SessionID, app.Session]{s.Sessions, "sessions", c}
	s.Flows = watched[app.FlowID, app.Flow]{s.Flows, "flows", c}
	s.Ledger = watched[app.LedgerKey, app.LedgerRow]{s.Ledger, "ledger", c}
	s.Tallies = watched[string, app.Tally]{s.Tallies, "tallies", c}
	s.Views = watched[string, app.View]{s.Views, "views", c}
	return s
}

const grolloo = care.CommunityID("01KAS0GR0110000000000000AA")

// must ends the test where something that always works does not.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// village makes Grolloo, once.
func (in *installation) village() care.CommunityID {
	in.t.Helper()
	c := care.Community{ID: grolloo, Name: "Grolloo", Town: "Grolloo", Zone: "Europe/Amsterdam", Point: care.Point{Lat: 52.93, Lon: 6.68}}
	return must[care.CommunityID](in.t)(in.CreateCommunity(in.t.Context(), c))
}

// describe is a person in words, with the contact given.
func describe(first string, born int, contacts ...string) app.NewPerson {
	return app.NewPerson{FirstName: first, LastName: "de Vries", BirthDate: time.Date(born, 5, 2, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		Language: "nl", Contacts: contacts, Community: grolloo,
		Home: care.Place{Point: care.Point{Lat: 52.9273, Lon: 6.6801}, Street: "Hoofdstraat 1", PostCode: "9444 PA", Town: "Grolloo"}}
}

// person stores somebody with contacts and roles in Grolloo, past all commands.
func (in *installation) person(first string, born int, contacts []string, roles ...care.Role) care.PersonID {
	in.t.Helper()
	in.village()
	id := care.DeriveID[care.PersonID](in.clock.Now(), first)
	p := care.Person{ID: id, FirstName: first, LastName: "de Vries", Language: "nl", WithoutApp: len(contacts) == 0, Registered: care.ByApp,
		BirthDate: describe(first, born).BirthDate, Home: describe(first, born).Home}
	for _, c := range contacts {
		kind := care.Phone
		if strings.Contains(c, "@") {
			kind = care.Mail
		}
		p.Contacts = append(p.Contacts, care.Contact{Kind: kind, Value: c})
	}
	p, events, err := care.Register(p, in.clock.Now())
	if err != nil {
		in.t.Fatal(err)
	}
	must[port.Stored[care.Person]](in.t)(in.stores.Persons.Insert(in.t.Context(), id, p, events, port.Write{}))
	for _, role := range roles {
		must[care.MembershipID](in.t)(in.GrantFirstRole(in.t.Context(), care.Membership{Person: id, Community: grolloo, Role: role}))
	}
	return id
}

// as is a call of a person under a nonce.
func as(p care.PersonID, nonce care.Nonce) app.Caller { return app.Caller{Person: p, Nonce: nonce} }

// code asks for a code and returns what the letterbox then holds.
func (in *installation) code(contact, address string) (app.FlowID, string) {
	in.t.Helper()
	flow := must[app.FlowID](in.t)(in.RequestCode(in.t.Context(), contact, address))
	in.mail.mu.Lock()
	defer in.mail.mu.Unlock()
	return flow, in.mail.codes[contact]
}

// signIn goes the whole way for somebody who has the contact alone.
func (in *installation) signIn(contact string) app.Tokens {
	in.t.Helper()
	flow, code := in.code(contact, "192.0.2.1")
	out := must[app.SignedIn](in.t)(in.RedeemCode(in.t.Context(), app.Redemption{Flow: flow, Code: code, Device: "Fairphone 5", Address: "192.0.2.1", Nonce: care.Nonce(flow)}))
	if out.Tokens == nil {
		in.t.Fatalf("signing in gave %+v", out)
	}
	return *out.Tokens
}

// codeIs fails the test where the error is not the refusal expected; an empty one expects success.
func codeIs(t testing.TB, err error, want string) {
	t.Helper()
	if got := care.CodeOf(err); got != want || (err != nil && want == "") {
		t.Errorf("got %v, want %q", err, want)
	}
}
