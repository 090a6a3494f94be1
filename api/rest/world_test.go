package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/contact"
	"naober/api/offline"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/api/store/vault"
	"naober/api/token"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// witteveen is where the people of these tests live.
var witteveen = care.Point{Lat: 52.8167, Lon: 6.6833}

// tuesday is when their world begins: ten in the morning in the Netherlands.
var tuesday = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is the real service on the embedded store, with a clock that tests move.
type world struct {
	ground   ground // the store itself
	t        *testing.T
	app      *app.App
	settings app.Settings
	stores   app.Stores
	server   *Server
	base     string
	file     string // of the store
	log      *lockedBuffer
	village  care.CommunityID
	care     care.OrganizationID // formal care
	people   map[string]*account
	spec     spec

	mu    sync.Mutex
	now   time.Time
	codes map[string]string // contact -> the last code sent
	keys  int
}

// account is somebody who is signed in.
type account struct {
	id     care.PersonID
	tokens wire.Tokens
}

// SendCode implements app.Postman: the code arrives at once.
func (w *world) SendCode(_ context.Context, to care.Contact, _, code string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codes[to.Value] = code
	return nil
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// ground is a store under a world.
type ground interface {
	Store
	Stores() app.Stores
	Vault() *vault.Vault
}

// newWorld starts the service on the embedded store.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, func(w *world, key []byte) ground {
		w.file = filepath.Join(t.TempDir(), "naober.db")
		store, err := sqlitestore.Open(t.Context(), w.file, sqlitestore.Options{Now: w.clock, Key: key})
		must(t, err)
		t.Cleanup(func() { must(t, store.Close()) })
		return store
	})
}

// newWorldOn starts the service on a free port, with a village and an organisation of formal care.
func newWorldOn(t *testing.T, open func(w *world, key []byte) ground) *world {
	t.Helper()
	w := &world{t: t, now: tuesday, codes: map[string]string{}, people: map[string]*account{}, log: &lockedBuffer{}, spec: readSpec(t)}
	secret := bytes.Repeat([]byte{7}, 32)
	store := open(w, secret)
	issuer, err := token.NewIssuer("https://naober.example", "naober")
	must(t, err)
	refresher, err := token.NewRefresher(token.Secret{ID: "1", Value: secret})
	must(t, err)
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.ground, w.stores = store, store.Stores()
	w.settings = app.Settings{Room: 1_000, Stores: w.stores, Now: w.clock, Log: log, Postman: w, Issuer: issuer, Refresher: refresher,
		Secret: store.Vault().Secret(), Vault: store.Vault(), Region: contact.HomeRegion,
		Forgetters: []app.Forgetter{offline.Forgetter{Stores: store.Offline(), Now: w.clock}}}
	w.app = app.New(w.settings)
	must(t, w.app.LoadKeys(t.Context()))
	w.village, err = w.app.CreateCommunity(t.Context(), care.Community{Name: "Witteveen", Town: "Witteveen", Point: witteveen, Zone: "Europe/Amsterdam"})
	must(t, err)
	w.care, err = w.app.CreateOrganization(t.Context(), care.Organization{Kind: care.FormalCare, Name: "Thuiszorg"})
	must(t, err)
	w.serve(New(w.app, store, log, nil))
	return w
}

func (w *world) serve(s *Server) {
	w.server = s
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(w.t, err)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	w.t.Cleanup(func() {
		must(w.t, s.Shutdown(context.Background()))
		must(w.t, <-done)
	})
	w.base = "http://" + l.Addr().String()
}

// in lets a subtest fail by itself.
func (w *world) in(t *testing.T) {
	whole := w.t
	w.t = t
	t.Cleanup(func() { w.t = whole })
}

// settle carries events to the steward, the dispatcher and whoever listens until none is left, as the loops do.
func (w *world) settle() {
	w.t.Helper()
	for range 100 {
		pending, err := w.stores.Feed.Pending(w.t.Context(), 100)
		must(w.t, err)
		if len(pending) == 0 {
			return
		}
		for _, doc := range pending {
			for _, n := range doc.Events {
				row := port.Row{Doc: doc.Doc, Seq: n.Seq, Event: n.Event, At: w.clock()}
				must(w.t, w.app.Steward(w.t.Context(), row))
				must(w.t, w.app.Dispatch(w.t.Context(), row))
				must(w.t, w.server.Wake(w.t.Context(), row))
				must(w.t, w.stores.Feed.Drain(w.t.Context(), doc.Doc, n.Seq))
			}
		}
	}
	w.t.Fatal("events beget events without end")
}

// arrive makes somebody, with roles, and signs them in the way everybody does.
func (w *world) arrive(name string, roles ...care.Role) *account {
	w.t.Helper()
	mail := strings.ToLower(name) + "@example.org"
	person := care.Person{ID: care.DeriveID[care.PersonID](tuesday, name), FirstName: name, LastName: "Eising", BirthDate: "1948-03-12", Language: "nl",
		Contacts: []care.Contact{{Kind: care.Mail, Value: mail}}, Home: care.Place{Point: witteveen, Street: "Hoofdstraat 12", PostCode: "9439 TA", Town: "Witteveen"}}
	person, events, err := care.Register(person, w.clock())
	must(w.t, err)
	_, err = w.stores.Persons.Insert(w.t.Context(), person.ID, person, events, port.Write{})
	must(w.t, err)
	for _, role := range roles {
		m := care.Membership{Person: person.ID, Community: w.village, Role: role}
		if role == care.ProfessionalRole {
			m.Organization = w.care
		}
		_, err = w.app.GrantFirstRole(w.t.Context(), m)
		must(w.t, err)
	}
	a := &account{id: person.ID}
	w.people[name] = a
	w.signIn(a, mail)
	return a
}

func (w *world) signIn(a *account, mail string) {
	w.t.Helper()
	flow := w.call("", "POST", "/v1/sign-in/codes", fmt.Sprintf(`{"contact":%q}`, mail)).want(202)
	body := fmt.Sprintf(`{"flow":%q,"code":%q,"device":"Fairphone 5"}`, flow.text("flow"), w.codes[mail])
	var in wire.SignedIn
	must(w.t, json.Unmarshal(w.call("", "POST", "/v1/sign-in/tokens", body).want(200).body, &in))
	if in.Tokens == nil {
		w.t.Fatalf("no tokens: %+v", in)
	}
	a.tokens = *in.Tokens
}

// bearer is somebody's access token, refreshed where the clock has outrun it.
func (w *world) bearer(name string) string {
	w.t.Helper()
	a, ok := w.people[name]
	if !ok {
		w.t.Fatalf("nobody is called %s", name)
	}
	if !time.Time(a.tokens.ExpiresAt).After(w.clock()) {
		fresh := w.call("", "POST", "/v1/tokens", fmt.Sprintf(`{"refresh":%q}`, a.tokens.Refresh)).want(200)
		must(w.t, json.Unmarshal(fresh.body, &a.tokens))
	}
	return a.tokens.Access
}

// answer is what came back, already held to the contract.
type answer struct {
	t      *testing.T
	call   string
	status int
	head   http.Header
	body   []byte
}

// header is one more header of a call; an empty value leaves it out where call would set it.
type header struct{ name, value string }

// call sends one call. Changes by somebody get a new key; the answer is checked against openapi.yaml.
func (w *world) call(by, method, path, body string, extra ...header) answer {
	w.t.Helper()
	a := w.bare(by, method, path, body, extra...)
	if method != "HEAD" {
		w.spec.hold(w.t, method, path, a)
	}
	return a
}

// bare is call without the check.
func (w *world) bare(by, method, path, body string, extra ...header) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, strings.NewReader(body))
	must(w.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if by != "" {
		req.Header.Set("Authorization", "Bearer "+w.bearer(by))
		if method != "GET" && method != "HEAD" {
			req.Header.Set("Idempotency-Key", w.key())
		}
	}
	for _, h := range extra {
		if req.Header.Del(h.name); h.value != "" {
			req.Header.Set(h.name, h.value)
		}
	}
	res, err := http.DefaultClient.Do(req)
	must(w.t, err)
	defer func() { must(w.t, res.Body.Close()) }()
	raw, err := io.ReadAll(res.Body)
	must(w.t, err)
	return answer{t: w.t, call: method + " " + path + " by " + by, status: res.StatusCode, head: res.Header, body: raw}
}

func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return "key-of-these-tests-" + strconv.Itoa(w.keys)
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %s", a.call, a.status, status, a.body)
	}
	return a
}

// refused checks status and code of a problem.
func (a answer) refused(status int, code string) answer {
	a.t.Helper()
	a.want(status)
	if got := a.text("code"); got != code {
		a.t.Fatalf("%s: code %s, want %s: %s", a.call, got, code, a.body)
	}
	return a
}

// text reads one value by its path: "visits.0.id".
func (a answer) text(path string) string {
	a.t.Helper()
	v, ok := a.find(path)
	if !ok {
		a.t.Fatalf("%s: nothing at %s in %s", a.call, path, a.body)
	}
	return fmt.Sprint(v)
}

func (a answer) find(path string) (any, bool) {
	a.t.Helper()
	var v any
	must(a.t, json.Unmarshal(a.body, &v))
	for _, part := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[part]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer takes log lines from many goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
