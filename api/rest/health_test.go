package rest

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/store/sqlitestore"
)

// heard notes why the service said that it was not ready.
type heard struct{ reasons []string }

func (*heard) Call(string, string, int, time.Duration) {}

func (*heard) Intent(string) {}

func (*heard) Pulled(string) {}

func (*heard) Streams(func() int) {}

func (h *heard) NotReady(reason string) { h.reasons = append(h.reasons, reason) }

// TestAServerWithTheFormerServiceKeyIsNotReady changes the service key beside a server that was not
// restarted with the new one: what it cannot open any more is no error of the call, and log and figures
// name the reason.
func TestAServerWithTheFormerServiceKeyIsNotReady(t *testing.T) {
	var store *sqlitestore.Store
	w := newWorldOn(t, func(w *world, key []byte) ground {
		var err error
		w.file = filepath.Join(t.TempDir(), "naober.db")
		store, err = sqlitestore.Open(t.Context(), w.file, sqlitestore.Options{Now: w.clock, Key: key})
		must(t, err)
		t.Cleanup(func() { must(t, store.Close()) })
		return store
	})
	h := &heard{}
	watched := New(w.app, store, w.settings.Log, nil)
	watched.Watch(h)
	w.serve(watched)
	geesje := w.arrive("Geesje")
	w.call("", "GET", "/health/ready", "").want(200)
	w.call("Geesje", "GET", "/v1/me", "").want(200)

	former := bytes.Repeat([]byte{7}, 32)
	other, err := sqlitestore.Open(t.Context(), w.file, sqlitestore.Options{Key: bytes.Repeat([]byte{8}, 32), OldKeys: [][]byte{former}, Lent: time.Millisecond})
	must(t, err)
	_, err = other.Vault().Rewrap(t.Context(), nil)
	must(t, err)
	must(t, other.Close())

	w.settings.Vault.Forget(geesje.id) // a minute later
	w.call("", "GET", "/health/ready", "").refused(503, "not_ready")
	w.call("Geesje", "GET", "/v1/me", "").refused(503, "store_unavailable")
	if !slices.Equal(h.reasons, []string{"keys_closed"}) {
		t.Errorf("the figures heard %q", h.reasons)
	}
	if n := strings.Count(w.log.String(), `"reason":"keys_closed"`); n != 2 {
		t.Errorf("the log names the reason %d times, want once for each of the two", n)
	}
	w.call("", "GET", "/health/live", "").want(200)
}
