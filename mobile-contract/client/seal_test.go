package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const otherKey = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"

// lies reports whether a text stands in any file of the store.
func (b *bench) lies(text string) bool {
	b.t.Helper()
	files, err := filepath.Glob(b.path + "*")
	if err != nil || len(files) == 0 {
		b.t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			b.t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(text)) {
			return true
		}
	}
	return false
}

func (b *bench) reopen(key string) error {
	if b.Client != nil {
		_ = b.Close()
	}
	c, err := Open(b.path, "ans", key, b.link)
	b.Client = c
	return err
}

// What a person wrote and what they may see lies sealed on the device, in every file and at every time; it is whole
// for whoever has the key, and locked for whoever has not.
func TestCase51WhatIsStoredIsSealed(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(1, `[{"op":"put","key":"me/1","value":{"name":"Zeldzame naam"}}]`, `{}`)); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Document("me/1"); err != nil || got != `{"name":"Zeldzame naam"}` {
		t.Fatalf("%q %v", got, err)
	}
	if _, err := b.Do("request.ask", `{"words":"Zeldzame woorden"}`); err != nil {
		t.Fatal(err)
	}
	if b.lies("Zeldzame") || b.lies("request.ask") {
		t.Error("what is stored can be read by anybody who has the file")
	}
	if err := b.reopen(otherKey); !errors.Is(err, ErrLocked) {
		t.Fatalf("another key opens it: %v", err)
	}
	if n, err := UnsentIn(b.path); n != 1 || err != nil {
		t.Errorf("a locked store tells %d unsent, %v", n, err)
	}
	if err := b.reopen(testKey); err != nil {
		t.Fatal(err)
	}
	if out, err := b.Outbox(); err != nil || !strings.Contains(out, "Zeldzame woorden") || !strings.Contains(out, "request.ask") {
		t.Errorf("%s %v", out, err)
	}
	for _, bad := range []string{"", "short", testKey + "A", strings.Repeat("!", 43)} {
		if _, err := Open(filepath.Join(t.TempDir(), "s.db"), "ans", bad, b.link); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
}

// A store of an app from before there were keys is sealed when it is opened, and nothing of it stays behind.
func TestAnOpenStoreIsSealedWhenItIsOpened(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.Do("request.ask", `{"words":"Zeldzame woorden"}`); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`DELETE FROM meta WHERE name = 'sealed'`, `UPDATE outbox SET name = 'request.ask', args = '{"words":"Zeldzame woorden"}'`,
		`INSERT INTO docs VALUES ('me/1', '{"name":"Zeldzame naam"}', NULL)`, `INSERT INTO journal (nonce, seq, writer, id, name, args, at, status, code, confirmed) SELECT nonce || 'j', seq, writer, id, name, args, at, 'applied', '', 0 FROM outbox`,
	} {
		if _, err := b.disk.db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if !b.lies("Zeldzame") {
		t.Fatal("nothing lies open: nothing would be tried")
	}
	if err := b.reopen(testKey); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Document("me/1"); err != nil || got != `{"name":"Zeldzame naam"}` {
		t.Errorf("%q %v", got, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b.lies("Zeldzame") {
		t.Error("what lay open before still does")
	}
	if err := b.reopen(testKey); err != nil {
		t.Fatal(err)
	}
}

// Signing out with something unsent is the person's choice: nothing goes unless they say so, and then all of it.
func TestCase51SigningOutWithUnsentIntents(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.Do("request.ask", `{}`); err != nil {
		t.Fatal(err)
	}
	if err := b.Leave(); !errors.Is(err, ErrUnsent) || len(b.link.asked) != 0 {
		t.Fatalf("left with something unsent: %v %q", err, b.link.asked)
	}
	if n, _ := b.Unsent(); n != 1 {
		t.Fatal("it is gone all the same")
	}
	group := ""
	if err := b.disk.change(func(t tx) (err error) { group, err = t.meta(metaGroup); return err }); err != nil {
		t.Fatal(err)
	}
	if err := b.Discard(); err != nil {
		t.Fatal(err)
	}
	if len(b.link.asked) != 1 || b.link.asked[0] != "DELETE /sync/v1/groups/"+group {
		t.Errorf("asked %q", b.link.asked)
	}
	if n, err := b.Unsent(); n != 0 || err != nil || b.keys() != "[]" {
		t.Errorf("%d unsent, holds %s, %v", n, b.keys(), err)
	}
	if _, err := b.Do("request.ask", `{}`); err != nil {
		t.Errorf("whoever comes back begins anew: %v", err)
	}
	if err := b.reopen(testKey); err != nil {
		t.Errorf("the emptied store does not open: %v", err)
	}
	if err := b.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := b.Leave(); err != nil {
		t.Errorf("nothing is unsent: %v", err)
	}
}

// What is worth something only until a moment is listed while it waits, however often it is numbered anew or comes
// back out of the journal, and no longer once it has its result.
func TestWhatIsUrgentIsListedWhileItWaits(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(1, `[]`, `{}`)); err != nil {
		t.Fatal(err)
	}
	at := b.now.Add(3 * time.Hour).UnixMilli()
	for _, before := range []int64{at + 1000, 0, at} {
		if _, err := b.DoBefore("visit.cancel", `{"visit":"v"}`, before); err != nil {
			t.Fatal(err)
		}
	}
	listed := func() (left []int64) {
		t.Helper()
		raw, err := b.Urgent()
		var all []struct{ Left, Before int64 }
		if err := errors.Join(err, json.Unmarshal([]byte(raw), &all)); err != nil {
			t.Fatal(err)
		}
		for _, u := range all {
			left = append(left, u.Left)
		}
		return left
	}
	b.now = b.now.Add(time.Hour)
	hour := time.Hour.Milliseconds()
	if got := listed(); !slices.Equal(got, []int64{2 * hour, 2*hour + 1000}) {
		t.Errorf("left %v", got)
	}
	if err := b.disk.change(func(t tx) error { return b.startWriter(t, 0) }); err != nil {
		t.Fatal(err)
	}
	if got := listed(); len(got) != 2 {
		t.Errorf("numbered anew, left %v", got)
	}
	if err := b.disk.change(func(t tx) error { return t.run(`UPDATE outbox SET status = 'applied'`) }); err != nil {
		t.Fatal(err)
	}
	if got := listed(); len(got) != 0 {
		t.Errorf("with their results, left %v", got)
	}
	err := b.disk.change(func(t tx) error {
		return errors.Join(t.run(`UPDATE writers SET last = 9`), t.confirm(b.now.UnixMilli()), b.newHistory(t, "other", 0))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := listed(); len(got) != 2 {
		t.Errorf("out of the journal, left %v", got)
	}
}
