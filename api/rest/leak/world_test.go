// Package leak_test plays whole villages over real HTTP and looks for what somebody may not learn: a
// word, a number, or any difference at all between two worlds that differ in nothing they may know.
package leak_test

import (
	"bytes"
	"context"
	"hash/fnv"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"naober/api/app"
	"naober/api/contact"
	"naober/api/feed"
	"naober/api/offline"
	"naober/api/port"
	"naober/api/rest"
	"naober/api/store/sqlitestore"
	"naober/api/token"
	"naober/api/watch"
	"naober/matching/care"
)

// startOf is when every world begins: ten on a winter's morning in the Netherlands, on the day that
// NAOBER_LEAK_START names.
func startOf(t *testing.T) time.Time {
	t.Helper()
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if text := os.Getenv("NAOBER_LEAK_START"); text != "" {
		var err error
		if day, err = time.Parse(time.DateOnly, text); err != nil {
			t.Fatal(err)
		}
	}
	return day.Add(9 * time.Hour)
}

// world is the real service on the embedded store, reached over connections in memory, with a clock
// that the test moves and randomness that it can repeat.
type world struct {
	*testing.T
	app    *app.App
	stores app.Stores
	line   *fasthttp.HostClient
	log    *lockedBuffer
	actors []*actor
	ids    pools
	seed   uint64
	post   app.Postman // nil where codes arrive here
	birds  *aviary
	whole  bool              // one random stream for the whole test: no other world is held against it
	heirs  int               // how many took the place of somebody who is gone
	drawn  bool              // calls are drawn, so that whoever is gone has an heir
	steps  map[string]uint64 // calls so far, by village
	store  *sqlitestore.Store
	watch  *watch.Watch
	// listen hears every row of the feed, and deliver works once on what waits to be sent; nil where
	// nobody has a phone.
	listen  func(context.Context, port.Row)
	deliver func(context.Context) (int, error)

	mu    sync.Mutex
	now   time.Time
	codes map[string]string // contact -> the last code sent
}

// SendCode implements app.Postman: the code arrives at once.
func (w *world) SendCode(ctx context.Context, to care.Contact, language, code string) error {
	if w.post != nil {
		if err := w.post.SendCode(ctx, to, language, code); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codes[to.Value] = code
	return nil
}

func (w *world) code(contact string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.codes[contact]
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

// newWorld starts the service with nobody in it. Two worlds of one seed draw the same random bytes
// for the same calls.
func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{T: t, now: startOf(t), codes: map[string]string{}, log: &lockedBuffer{}, ids: pools{}, birds: newAviary(), seed: seed, steps: map[string]uint64{}}
	w.redraw("begin")
	secret := bytes.Repeat([]byte{7}, 32)
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "naober.db"),
		sqlitestore.Options{Now: w.clock, Key: secret})
	w.must(err)
	t.Cleanup(func() { w.must(store.Close()) })
	issuer, err := token.NewIssuer("https://naober.example", "naober")
	w.must(err)
	refresher, err := token.NewRefresher(token.Secret{ID: "1", Value: secret})
	w.must(err)
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.store, w.watch = store, watch.New()
	w.stores = w.watch.Stores(store.Stores())
	w.app = app.New(app.Settings{Room: 1_000, Stores: w.stores, Now: w.clock, Log: log, Postman: w, Issuer: issuer, Refresher: refresher,
		Secret: store.Vault().Secret(), Vault: store.Vault(), Region: contact.HomeRegion,
		Forgetters: []app.Forgetter{offline.Forgetter{Stores: store.Offline(), Now: w.clock}}})
	w.must(w.app.LoadKeys(t.Context()))
	server := rest.New(w.app, store, log, []string{"0.0.0.0"})
	server.Watch(w.watch)
	w.serve(server)
	return w
}

func (w *world) serve(s *rest.Server) {
	l := fasthttputil.NewInmemoryListener()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	w.Cleanup(func() {
		w.line.CloseIdleConnections()
		w.must(s.Shutdown(context.Background()))
		w.must(<-done)
	})
	w.line = &fasthttp.HostClient{Addr: "naober", Dial: func(string) (net.Conn, error) { return l.Dial() }}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// redraw begins the random stream anew, at a place that its name gives.
func (w *world) redraw(name string) {
	if w.whole {
		return
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatUint(w.seed, 10) + " " + name))
	cryptotest.SetGlobalRandom(w.T, h.Sum64())
}

// settle carries events to everybody who reads the feed until none is left, as the loops do.
func (w *world) settle() {
	w.Helper()
	ctx := w.Context()
	for range 200 {
		pending, err := w.stores.Feed.Pending(ctx, 100)
		w.must(err)
		if len(pending) == 0 {
			return
		}
		for _, doc := range pending {
			for _, n := range doc.Events {
				row := port.Row{Doc: doc.Doc, Seq: n.Seq, Event: n.Event, At: w.clock()}
				w.redraw(doc.Doc.ID + strconv.FormatInt(n.Seq, 10))
				w.must(w.app.Steward(ctx, row))
				w.must(w.app.Dispatch(ctx, row))
				w.must(w.app.Follow(ctx, row))
				if w.listen != nil {
					w.listen(ctx, row)
				}
				w.must(w.stores.Feed.Drain(ctx, doc.Doc, n.Seq))
			}
		}
	}
	w.Fatal("events beget events without end")
}

// tick lets time take effect on what is due.
func (w *world) tick() {
	w.Helper()
	clockwork := w.app.NewClockwork(feed.SystemTime())
	for range 50 {
		worked, err := clockwork.Step(w.Context())
		w.must(err)
		w.settle()
		if w.deliver != nil {
			sent, err := w.deliver(w.Context())
			w.must(err)
			worked += sent
			w.settle()
		}
		if worked == 0 {
			return
		}
	}
	w.Fatal("the clock never comes to rest")
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

// take gives what was written since the last time.
func (b *lockedBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.text.Reset()
	return b.text.String()
}
