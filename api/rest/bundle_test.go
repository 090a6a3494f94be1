package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/bundle"
	"naober/mobile-contract/client"
	"naober/mobile-contract/wire"
)

// hall is a device in a village hall without a connection, and what its bundles are sealed with.
type hall struct {
	*device
	w            *world
	session, key string
}

// hall is a device that has signed in and pulled once, and has no connection from then on.
func (w *world) hall(t *testing.T, who string) *hall {
	t.Helper()
	h := &hall{device: w.device(t, who), w: w, session: w.people[who].tokens.Session}
	h.UseClock(clockOf{w})
	var keys wire.DeviceKeys
	must(t, json.Unmarshal(w.call(who, "POST", "/sync/v1/keys", "", header{"Idempotency-Key", ""}).want(200).body, &keys))
	h.key = keys.BundleKey
	h.rest()
	h.cord.cut = true
	return h
}

type clockOf struct{ w *world }

func (c clockOf) NowMillis() int64 { return c.w.clock().UnixMilli() }

func (h *hall) export() []byte {
	h.t.Helper()
	file, err := h.Export(h.session, h.key)
	must(h.t, err)
	return file
}

// hand is somebody with a connection who hands a file in, without an account.
func (w *world) hand(file []byte) answer {
	w.t.Helper()
	return w.call("", "POST", "/sync/v1/bundle", string(file))
}

func (h *hall) take(file []byte) *client.Report {
	h.t.Helper()
	r, err := h.Import(h.session, h.key, file)
	must(h.t, err)
	return r
}

// One round trip: what was done in the hall is done, what was refused is told, and the device holds what a device
// with a connection holds.
func TestBundleConvergesInOneRoundTrip(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		h := w.hall(t, "Anna")
		id := h.NewID()
		h.do("request.ask", strings.Replace(w.needs(id), "Melk en brood", "Zeldzame woorden", 1))
		h.do("request.withdraw", `{"request":"`+h.NewID()+`"}`)
		up := h.export()
		if bytes.Contains(up, []byte("Zeldzame")) || bytes.Contains(up, []byte("request")) {
			t.Fatal("whoever carries it can read it")
		}
		down := w.hand(up).want(200).body
		if bytes.Contains(down, []byte("Zeldzame")) {
			t.Fatal("whoever carries the answer can read it")
		}
		r := h.take(down)
		if r.Sent != 2 || r.Waiting != 0 || !r.Complete || r.Mismatch {
			t.Fatalf("%+v", r)
		}
		if left, _ := h.Outbox(); left != "[]" {
			t.Fatalf("left in the outbox: %s", left)
		}
		other := w.device(t, "Anna")
		other.rest()
		if mine, its := h.keys(""), other.keys(""); !slices.Equal(mine, its) || !slices.Contains(mine, "request/"+id) || len(h.keys("outcome")) != 1 {
			t.Fatalf("holds %v, and should %v", mine, its)
		}
		h.cord.cut = false
		h.rest()
	})
}

// Whatever is not what one side has sealed for the other changes nothing, on neither side.
func TestBundlesThatAreRefused(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Bert", care.Resident)
		h, b := w.hall(t, "Anna"), w.hall(t, "Bert")
		h.do("request.ask", w.needs(h.NewID()))
		up := h.export()
		requests := func() int {
			return strings.Count(string(w.call("Anna", "GET", "/v1/requests", "").want(200).body), `"kind"`)
		}
		for name, file := range spoiled(t, up) {
			a := w.hand(file)
			if a.status != 400 && a.status != 413 && a.status != 415 {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if code := w.hand(resealed(t, b.key, up, bundle.Up)).want(400).text("code"); code != "bundle_invalid" {
			t.Error("Bert's key opens Anna's bundle: " + code)
		}
		if n := requests(); n != 0 {
			t.Fatalf("%d requests came of bundles that were refused", n)
		}
		down := w.hand(up).want(200).body
		if _, err := b.Import(b.session, b.key, down); !errors.Is(err, bundle.ErrSeal) {
			t.Errorf("Bert's device takes Anna's answer: %v", err)
		}
		for name, file := range spoiled(t, down) {
			if _, err := h.Import(h.session, h.key, file); err == nil {
				t.Errorf("the device takes an answer with %s", name)
			}
		}
		if _, err := h.Import(h.session, h.key, up); err == nil {
			t.Error("the device takes its own bundle for an answer")
		}
		if n, _ := h.Unsent(); n != 1 {
			t.Fatalf("%d wait after answers that were refused", n)
		}
		h.take(down)
		if _, err := h.Import(h.session, h.key, down); err == nil {
			t.Error("an answer is taken in twice")
		}
	})
}

// spoiled are files that are no bundle any more.
func spoiled(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"nothing": {}, "half": file[:len(file)/2], "all but its end": file[:len(file)-1], "something after it": append(slices.Clone(file), `{}`...)}
	change := func(name string, f func(*wire.Bundle)) {
		var b wire.Bundle
		must(t, json.Unmarshal(file, &b))
		f(&b)
		raw, err := json.Marshal(b)
		must(t, err)
		all[name] = raw
	}
	change("another number", func(b *wire.Bundle) { b.Number++ })
	change("a later end", func(b *wire.Bundle) { b.Until++ })
	change("another session", func(b *wire.Bundle) { b.Session = "01JDB8Q4M2ZT6R0V9XKFW3E7HN" })
	change("another way", func(b *wire.Bundle) { b.Way = map[string]string{bundle.Up: bundle.Down, bundle.Down: bundle.Up}[b.Way] })
	change("another form", func(b *wire.Bundle) { b.Bundle = 2 })
	change("half its seal", func(b *wire.Bundle) { b.Sealed = b.Sealed[:len(b.Sealed)/2] })
	for at := 0; at < len(file); at += max(1, len(file)/40) {
		var b wire.Bundle
		must(t, json.Unmarshal(file, &b))
		sealed := []byte(b.Sealed)
		i := at % len(sealed)
		sealed[i] = map[bool]byte{true: 'B', false: 'A'}[sealed[i] == 'A']
		change("letter "+string(rune('0'+at%10))+" changed", func(b *wire.Bundle) { b.Sealed = string(sealed) })
	}
	return all
}

// resealed is what somebody makes of a bundle who has another key.
func resealed(t *testing.T, key string, file []byte, way string) []byte {
	t.Helper()
	read, err := bundle.Read(file)
	must(t, err)
	sealed, err := bundle.Seal([]byte(key), bundle.Head{Way: way, Session: read.Session, Number: read.Number, Until: time.UnixMilli(read.Until)}, bundle.Calls{})
	must(t, err)
	raw, err := json.Marshal(sealed)
	must(t, err)
	return raw
}

// A bundle may be handed in again where its answer was lost, for a day, and nothing is done twice; an older one than
// the newest never.
func TestBundlesAreNotReplayed(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		h := w.hall(t, "Anna")
		h.do("request.ask", w.needs(h.NewID()))
		first := h.export()
		w.hand(first).want(200)
		again := w.hand(first).want(200).body
		h.do("request.ask", w.needs(h.NewID()))
		second := h.export()
		if _, err := h.Import(h.session, h.key, again); err == nil {
			t.Error("the answer to a bundle is taken in after a newer one was made")
		}
		down := w.hand(second).want(200).body
		if code := w.hand(first).want(409).text("code"); code != "bundle_replayed" {
			t.Error(code)
		}
		if r := h.take(down); r.Sent != 2 || r.Waiting != 0 || len(h.keys("request")) != 2 {
			t.Fatalf("%+v, holds %v", r, h.keys(""))
		}
		w.pass(25 * time.Hour)
		if code := w.hand(second).want(409).text("code"); code != "bundle_replayed" {
			t.Error(code)
		}
		late := h.export()
		w.pass(31 * 24 * time.Hour)
		if code := w.hand(late).want(400).text("code"); code != "bundle_expired" {
			t.Error(code)
		}
	})
}

// A device that was signed out, and one whose person was forgotten, learn that by the seal of the service; whoever
// carries the bundle learns nothing, and can make nobody's device wipe itself.
func TestBundleOfWhoIsGone(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		h := w.hall(t, "Anna")
		h.do("request.ask", w.needs(h.NewID()))
		up := h.export()
		w.call("Anna", "DELETE", "/v1/me/devices/"+h.session, "").want(204)
		if r := h.take(w.hand(up).want(200).body); !r.SignIn || r.Gone || r.Waiting != 1 {
			t.Fatalf("signed out: %+v", r)
		}
		w.signIn(w.people["Anna"], "anna@example.org")
		h.session = w.people["Anna"].tokens.Session
		var keys wire.DeviceKeys
		must(t, json.Unmarshal(w.call("Anna", "POST", "/sync/v1/keys", "", header{"Idempotency-Key", ""}).want(200).body, &keys))
		if keys.BundleKey == h.key {
			t.Fatal("another session has the same key")
		}
		h.key = keys.BundleKey
		up = h.export()
		w.call("Anna", "POST", "/v1/me/forget", `{"firstName":"Anna"}`).want(204)
		if r := h.take(w.hand(up).want(200).body); !r.Gone || len(h.keys("")) != 0 {
			t.Fatalf("forgotten: %+v", r)
		}
	})
}

// What was done meanwhile by the device itself is not undone by an answer that comes late, and what did not fit into
// one bundle goes with the next.
func TestBundleComesLateAndInParts(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		h := w.hall(t, "Anna")
		h.do("request.ask", w.needs(h.NewID()))
		down := w.hand(h.export()).want(200).body
		h.cord.cut = false
		h.do("request.ask", w.needs(h.NewID()))
		h.rest()
		before := h.keys("")
		if r := h.take(down); r.Waiting != 0 || !slices.Equal(before, h.keys("")) {
			t.Fatalf("%+v, holds %v, held %v", r, h.keys(""), before)
		}
		h.rest()
		h.cord.cut = true
		const many = 410
		for range many {
			h.do("outcome.dismiss", `{"nonce":"0123456789abcdef"}`)
		}
		trips := 0
		for n := many; n > 0; trips++ {
			r := h.take(w.hand(h.export()).want(200).body)
			if r.Waiting >= n {
				t.Fatalf("%d wait, %d before", r.Waiting, n)
			}
			n = r.Waiting
		}
		if trips < 2 {
			t.Errorf("%d went in %d trips: nothing was tried", many, trips)
		}
		if left, _ := h.Outbox(); left != "[]" {
			t.Fatalf("left in the outbox: %.100s", left)
		}
	})
}
