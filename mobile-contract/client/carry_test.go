package client

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"naober/mobile-contract/bundle"
)

const testSession = "01JDB8Q4M2ZT6R0V9XKFW3E7HN"

// brought is what the service would have sealed in answer to a bundle, with one page that it computed then.
func brought(t *testing.T, up []byte, computed time.Time, patch string) []byte {
	t.Helper()
	key, err := base64.RawURLEncoding.DecodeString(testKey)
	if err != nil {
		t.Fatal(err)
	}
	read, err := bundle.Read(up)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := bundle.Open(key, read, bundle.Up, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var sent bundle.Calls
	if err := json.Unmarshal(plain, &sent); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"epoch":"a","serverNow":%d,"cookie":{"order":7,"v":"w","e":"a"},"lastMutationIDChanges":{},"patch":%s,"hasMore":false,"leaseMs":2592000000}`, computed.UnixMilli(), patch)
	down := bundle.Answers{ClientGroupID: sent.Pull.ClientGroupID, Pushes: []bundle.Answer{}, Pulls: []bundle.Answer{{Status: 200, Body: json.RawMessage(body)}}}
	sealed, err := bundle.Seal(key, bundle.Head{Way: bundle.Down, Session: read.Session, Number: read.Number, Until: computed.Add(bundle.Life)}, down)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// An answer was hours on its way: what has an end ends when the service says, and not later by the time of the way.
func TestAnAnswerThatWasLongOnItsWay(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(1, `[]`, `{}`)); err != nil {
		t.Fatal(err)
	}
	began := b.now // of both clocks
	for name, row := range map[string]struct {
		wrong time.Duration // of the device's clock, since the bundle was made
		late  bool
	}{"a clock that is right": {0, true}, "a clock that jumped ahead": {48 * time.Hour, false}} {
		b.now = began
		up, err := b.Export(testSession, testKey)
		if err != nil {
			t.Fatal(err)
		}
		until := began.Add(4 * time.Hour)
		down := brought(t, up, began.Add(2*time.Hour), fmt.Sprintf(`[{"op":"clear"},{"op":"put","key":"address/1","value":{"until":%q}}]`, until.UTC().Format(time.RFC3339)))
		b.now = began.Add(3*time.Hour + row.wrong)
		if r, err := b.Import(testSession, testKey, down); err != nil || !r.Complete {
			t.Fatalf("%s: %+v %v", name, r, err)
		}
		b.now = until.Add(-time.Minute)
		if got := b.keys(); row.late && got != `["address/1"]` {
			t.Errorf("%s: a minute before its end there is %s", name, got)
		}
		b.now = until.Add(time.Minute + row.wrong)
		if got := b.keys(); got != "[]" {
			t.Errorf("%s: after its end there is %s", name, got)
		}
		if err := b.disk.change(func(t tx) error {
			return errors.Join(t.setMeta(metaServer, fmt.Sprint(began.UnixMilli())), t.setMeta(metaDevice, fmt.Sprint(began.UnixMilli())))
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// After thirty days an answer is too old, however wrong the device's clock always was.
func TestAnAnswerThatIsTooOld(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{0, 10 * 365 * 24 * time.Hour, -10 * 365 * 24 * time.Hour} {
		b := open(t)
		began := b.now
		b.now = began.Add(off)
		if _, err := b.sync(page(1, `[]`, `{}`)); err != nil {
			t.Fatal(err)
		}
		for day, want := range map[int]error{29: nil, 31: bundle.ErrExpired} {
			b.now = began.Add(off)
			up, err := b.Export(testSession, testKey)
			if err != nil {
				t.Fatal(err)
			}
			b.now = b.now.AddDate(0, 0, day)
			if _, err := b.Import(testSession, testKey, brought(t, up, began.Add(time.Hour), `[]`)); !errors.Is(err, want) {
				t.Errorf("%s off, on day %d: %v", off, day, err)
			}
		}
	}
}
