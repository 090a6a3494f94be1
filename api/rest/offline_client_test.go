package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"naober/matching/care"
	"naober/mobile-contract/client"
)

// cord is the link of a client to this world's server, which breaks when it is told to.
type cord struct {
	w        *world
	who      string
	cut      bool // no call arrives
	deaf     bool // calls arrive, and no answer comes back
	stale    bool // the access token has run out
	refreshs int
	posts    int
	// staleAfter is after how many calls the access token runs out; 0 for never. locked refuses to refresh it.
	staleAfter int
	locked     bool
}

var errCut = errors.New("no connection")

func (c *cord) Post(path string, body []byte) (*client.Reply, error) {
	if c.posts++; c.cut {
		return nil, errCut
	}
	req, err := http.NewRequestWithContext(c.w.t.Context(), "POST", c.w.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	token := c.w.bearer(c.who)
	if c.stale = c.stale || c.staleAfter > 0 && c.posts > c.staleAfter; c.stale {
		token += "x"
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	if c.deaf {
		return nil, errCut
	}
	wait, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	return &client.Reply{Status: res.StatusCode, JSON: strings.Contains(res.Header.Get("Content-Type"), "json"), RetryAfter: wait, Body: raw}, nil
}

func (c *cord) Delete(path string) (*client.Reply, error) {
	if c.cut {
		return nil, errCut
	}
	a := c.w.bare(c.who, "DELETE", path, "", header{"Idempotency-Key", ""})
	return &client.Reply{Status: a.status, JSON: true, Body: a.body}, nil
}

func (c *cord) Refresh() (bool, error) {
	c.refreshs++
	c.stale = c.locked
	return !c.locked, nil
}

// testKey is what devices seal their stores with here.
const testKey = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"

// device is a client with its file.
type device struct {
	*client.Client
	t    *testing.T
	path string
	cord *cord
}

func (w *world) device(t *testing.T, who string) *device {
	t.Helper()
	d := &device{t: t, path: filepath.Join(t.TempDir(), "store.db"), cord: &cord{w: w, who: who}}
	d.start()
	return d
}

// start is the app that begins, after a kill or for the first time.
func (d *device) start() {
	d.t.Helper()
	c, err := client.Open(d.path, d.cord.who, testKey, d.cord)
	must(d.t, err)
	d.Client = c
	d.t.Cleanup(func() { _ = c.Close() })
}

func (d *device) do(name, args string) {
	d.t.Helper()
	_, err := d.Do(name, args)
	must(d.t, err)
}

func (d *device) sync() *client.Report {
	d.t.Helper()
	r, err := d.Sync()
	must(d.t, err)
	return r
}

// rest is a sync after which nothing may be left.
func (d *device) rest() {
	d.t.Helper()
	if r := d.sync(); !r.Complete || r.Waiting != 0 || r.Mismatch {
		d.t.Fatalf("not at rest: %+v", r)
	}
	if left, err := d.Outbox(); err != nil || left != "[]" {
		d.t.Fatalf("left in the outbox: %s %v", left, err)
	}
}

func (d *device) keys(kind string) []string {
	d.t.Helper()
	raw, err := d.Keys(kind)
	must(d.t, err)
	var all []string
	must(d.t, json.Unmarshal([]byte(raw), &all))
	return all
}

// copied is the file as a backup of the phone would have it.
func (d *device) copied(t *testing.T) *device {
	t.Helper()
	must(t, d.Close())
	raw, err := os.ReadFile(d.path)
	must(t, err)
	other := &device{t: t, path: filepath.Join(t.TempDir(), "store.db"), cord: &cord{w: d.cord.w, who: d.cord.who}}
	must(t, os.WriteFile(other.path, raw, 0o600))
	d.start()
	other.start()
	return other
}

func TestClientKeepsWhatWasDoneWithoutAConnection(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		d := w.device(t, "Anna")
		d.cord.cut = true
		id := d.NewID()
		d.do("request.ask", w.needs(id))
		d.do("request.withdraw", fmt.Sprintf(`{"request":%q}`, id))
		if r, err := d.Sync(); !errors.Is(err, errCut) || r.Waiting != 2 {
			t.Fatalf("%+v %v", r, err)
		}
		must(t, d.Close())
		d.start() // the app was killed
		d.cord.cut, d.cord.deaf = false, true
		if _, err := d.Sync(); !errors.Is(err, errCut) {
			t.Fatal("an answer came")
		}
		d.cord.deaf, d.cord.stale = false, true
		d.do("request.withdraw", fmt.Sprintf(`{"request":%q}`, d.NewID()))
		d.rest()
		if d.cord.refreshs != 1 || len(d.keys("request")) != 1 || len(d.keys("outcome")) != 1 {
			t.Fatalf("%d refreshed, holds %v", d.cord.refreshs, d.keys(""))
		}
		w.call("Anna", "GET", "/v1/requests/"+id, "").want(200)
	})
}

// A phone was restored from its backup, or copied: both have the same unsent intent and go on by themselves.
func TestCase21ACopiedPhoneAndItsCopyComeToRest(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		d := w.device(t, "Anna")
		d.do("request.ask", w.needs(d.NewID()))
		d.rest()
		d.do("request.ask", w.needs(d.NewID()))
		other := d.copied(t)
		d.do("request.ask", w.needs(d.NewID()))
		other.do("request.ask", w.needs(other.NewID()))
		for range 3 {
			d.rest()
			other.rest()
		}
		if mine, its := d.keys("request"), other.keys("request"); len(mine) != 4 || len(its) != 4 {
			t.Fatalf("%v and %v", mine, its)
		}
		d.do("request.ask", w.needs(d.NewID()))
		other.do("request.ask", w.needs(other.NewID()))
		for range 3 {
			d.rest()
			other.rest()
		}
		if n := len(d.keys("request")); n != 6 {
			t.Fatalf("%d requests of six", n)
		}
	})
}

// The service comes back from a backup: documents, counts and ledger are those of yesterday. Devices are told by
// another epoch, or notice by themselves that a count went back.
func TestCase25And26TheServiceWasRestored(t *testing.T) {
	t.Parallel()
	for what, told := range map[string]bool{"and says so": true, "and says nothing": false} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.arrive("Anna", care.Resident)
			d := w.device(t, "Anna")
			d.do("request.ask", w.needs(d.NewID()))
			d.rest()
			backup := snapshotOf(t, w.file)
			d.do("request.ask", w.needs(d.NewID()))
			d.rest()
			d.do("request.ask", w.needs(d.NewID()))
			backup.restore(backup.differs())
			must(t, w.app.Rebuild(t.Context()))
			if told {
				must(t, w.server.Restored(t.Context(), "a test"))
			}
			d.rest()
			if n := len(d.keys("request")); n != 3 {
				t.Fatalf("%d requests of three", n)
			}
			n := 0
			for _, r := range all(w, w.stores.Requests) {
				if r.For == w.people["Anna"].id {
					n++
				}
			}
			if n != 3 {
				t.Fatalf("the service has %d of three", n)
			}
		})
	}
}

// Nothing is left to send, and the pull alone tells that a count went back.
func TestCase26ACountThatWentBackIsFoundByAPull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	d := w.device(t, "Anna")
	d.do("request.ask", w.needs(d.NewID()))
	d.rest()
	backup := snapshotOf(t, w.file)
	d.do("request.ask", w.needs(d.NewID()))
	d.rest()
	backup.restore(backup.differs())
	must(t, w.app.Rebuild(t.Context()))
	d.rest()
	if n := len(d.keys("request")); n != 2 {
		t.Fatalf("%d requests of two", n)
	}
}

func TestCase16And53AStoreIsOneAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	w.arrive("Berend", care.Resident)
	d := w.device(t, "Anna")
	d.do("request.ask", w.needs(d.NewID()))
	if _, err := client.Open(d.path, "Berend", testKey, d.cord); err == nil {
		t.Fatal("the store of Anna opened for Berend")
	}
	d.rest()
	d.do("request.ask", w.needs(d.NewID()))
	d.cord.who = "Berend" // tokens were mixed
	if r, err := d.Sync(); err == nil || r.Waiting != 1 {
		t.Fatalf("the group of another account was taken: %+v %v", r, err)
	}
	d.cord.who = "Anna"
	d.rest()
	if n := len(d.keys("request")); n != 2 {
		t.Fatalf("%d requests of two", n)
	}
}
