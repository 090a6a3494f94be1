package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

// scripted answers with what it is told to, one after the other.
type scripted struct {
	replies []Reply
	asked   []string
	fresh   bool           // a refresh helps
	during  map[int]func() // what is done while a call is on its way
}

func (s *scripted) Post(path string, body []byte) (*Reply, error) {
	if do := s.during[len(s.asked)]; do != nil {
		delete(s.during, len(s.asked))
		do()
	}
	s.asked = append(s.asked, path+" "+string(body))
	if len(s.replies) == 0 {
		return nil, errors.New("no connection")
	}
	r := s.replies[0]
	s.replies = s.replies[1:]
	return &r, nil
}

func (s *scripted) Delete(path string) (*Reply, error) {
	s.asked = append(s.asked, "DELETE "+path)
	return nil, errors.New("no connection")
}

func (s *scripted) Refresh() (bool, error) { return s.fresh, nil }

// testKey is what the service gave these devices.
const testKey = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"

func answer(status int, body string) Reply {
	return Reply{Status: status, JSON: true, Body: []byte(body)}
}

// page is a complete pull.
func page(order int, patch, counts string) Reply {
	return answer(200, fmt.Sprintf(`{"epoch":"a","serverNow":1795510800000,"cookie":{"order":%d,"v":"v","e":"a"},"lastMutationIDChanges":%s,"patch":%s,"hasMore":false,"leaseMs":2592000000}`,
		order, counts, patch))
}

type bench struct {
	*Client
	t    testing.TB
	link *scripted
	now  time.Time
	path string
}

func open(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, link: &scripted{}, now: time.UnixMilli(1795510800000), path: filepath.Join(t.TempDir(), "store.db")}
	c, err := Open(b.path, "ans", testKey, b.link)
	if err != nil {
		t.Fatal(err)
	}
	c.clock = func() time.Time { return b.now }
	t.Cleanup(func() { _ = c.Close() })
	b.Client = c
	return b
}

func (b *bench) sync(replies ...Reply) (*Report, error) {
	b.link.replies, b.link.asked = replies, nil
	return b.Sync()
}

func (b *bench) keys() string {
	b.t.Helper()
	keys, err := b.Keys("")
	if err != nil {
		b.t.Fatal(err)
	}
	return keys
}

const put = `{"op":"put","key":"%s","value":%s}`

func TestCase62And68WhatEndsIsForgottenInTime(t *testing.T) {
	t.Parallel()
	b := open(t)
	until := b.now.Add(2 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	patch := "[" + fmt.Sprintf(put, "address/1", `{"until":"`+until+`"}`) + "," + fmt.Sprintf(put, "request/1", `{}`) + "]"
	if r, err := b.sync(page(1, patch, "{}")); err != nil || !r.Complete {
		t.Fatalf("%+v %v", r, err)
	}
	for _, row := range []struct {
		what   string
		passed time.Duration
		want   string
	}{
		{"before its end", 2*time.Hour - time.Second, `["address/1","request/1"]`},
		{"the clock of the device went back: not shown", -time.Hour, `["request/1"]`},
		{"and right again", time.Hour, `["address/1","request/1"]`},
		{"at its end", 2 * time.Hour, `["request/1"]`},
		{"for ever", time.Hour, `["request/1"]`},
		{"at the end of the lease", 30 * 24 * time.Hour, `["request/1"]`},
		{"after it", 30*24*time.Hour + time.Second, `[]`},
	} {
		b.now = time.UnixMilli(1795510800000).Add(row.passed)
		if got := b.keys(); got != row.want {
			t.Errorf("%s: %s, want %s", row.what, got, row.want)
		}
	}
}

// What is no answer of the service neither wipes nor counts, and what asks for patience gets it.
func TestCase53And54AnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what    string
		replies []Reply
		fails   bool
		check   func(*Report) bool
	}{
		{"a hotel's network", []Reply{{Status: 200, Body: []byte("<html>")}}, true, func(r *Report) bool { return r.Waiting == 1 }},
		{"no connection", nil, true, func(r *Report) bool { return r.Waiting == 1 }},
		{"not signed in", []Reply{answer(401, `{}`)}, false, func(r *Report) bool { return r.SignIn && r.Waiting == 1 }},
		{"another account's store", []Reply{answer(403, `{"code":"client_group_forbidden"}`)}, true, func(r *Report) bool { return r.Waiting == 1 && !r.Gone }},
		{"too often", []Reply{{Status: 429, JSON: true, RetryAfter: 7, Body: []byte(`{}`)}}, false, func(r *Report) bool { return r.RetryAfter == 7 && r.Waiting == 1 }},
		{"not now", []Reply{{Status: 503, JSON: true, Body: []byte(`{"code":"store_unavailable"}`)}}, false, func(r *Report) bool { return r.RetryAfter > 0 && r.Waiting == 1 }},
		{"a version that is no longer spoken", []Reply{answer(200, `{"error":"VersionNotSupported","versionType":"push","min":"2","max":"5"}`)}, false,
			func(r *Report) bool { return r.Outdated == "push" && r.Waiting == 1 }},
		{"gone, says somebody", []Reply{answer(410, `{}`)}, true, func(r *Report) bool { return !r.Gone && r.Waiting == 1 }},
		{"gone", []Reply{answer(410, `{"error":"AccountGone","wipe":true}`)}, false, func(r *Report) bool { return r.Gone }},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			if _, err := b.Do("request.ask", `{}`); err != nil {
				t.Fatal(err)
			}
			r, err := b.sync(row.replies...)
			if (err != nil) != row.fails || !row.check(r) {
				t.Fatalf("%+v %v", r, err)
			}
		})
	}
}

func TestCase54APushIsHalvedWhereItIsTooLarge(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range 5 {
		if _, err := b.Do("request.ask", `{}`); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = b.sync(answer(413, `{}`), answer(413, `{}`))
	var last struct{ Mutations []struct{ ID int } }
	if err := json.Unmarshal([]byte(b.link.asked[2][len("/sync/v1/push "):]), &last); err != nil || len(last.Mutations) != 1 || last.Mutations[0].ID != 1 {
		t.Fatalf("%d in the third push: %v", len(last.Mutations), err)
	}
}

// A store that a copy of it has overtaken drops nothing: it numbers anew and sends under the same nonces.
func TestCase23ACountBeyondWhatWasGivenOut(t *testing.T) {
	t.Parallel()
	b := open(t)
	nonce, err := b.Do("request.ask", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	first := b.writer
	_, err = b.sync(Reply{Status: 503, JSON: true, Body: []byte(fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":1,"status":"retry"}]}`, first))},
		page(1, "[]", fmt.Sprintf(`{%q:4}`, first)))
	if err != nil || b.writer == first {
		t.Fatalf("numbered under %s as before: %v", b.writer, err)
	}
	left, err := b.Outbox()
	var all []entry
	if err := errors.Join(err, json.Unmarshal([]byte(left), &all)); err != nil || len(all) != 1 || all[0].Nonce != nonce || all[0].Writer != b.writer || all[0].ID != 1 {
		t.Fatalf("%s %v", left, err)
	}
}

func TestCase42And48APageThatIsLateOrUnknownIsLeft(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(7, "["+fmt.Sprintf(put, "request/1", `{}`)+"]", "{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.sync(page(6, `[{"op":"del","key":"request/1"}]`, "{}")); err != nil || b.keys() != `["request/1"]` {
		t.Fatalf("%s %v", b.keys(), err)
	}
	if r, err := b.sync(page(8, `[{"op":"shred","key":"request/1"}]`, "{}"), page(9, `[{"op":"clear"}]`, "{}")); err != nil || !r.Mismatch || b.keys() != "[]" {
		t.Fatalf("an unknown step: %+v %s %v", r, b.keys(), err)
	}
	if r, err := b.sync(page(10, `[{"op":"shred","key":"request/1"}]`, "{}")); err != nil || !r.Mismatch || r.Complete || len(b.link.asked) != 1 {
		t.Fatalf("and again within the hour: %+v after %d calls: %v", r, len(b.link.asked), err)
	}
}

func TestIntentsAreObjects(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, args := range []string{"", "null", "[]", "7", `"x"`, `{"a":`, `{} {}`} {
		if _, err := b.Do("request.ask", args); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
	if n, err := b.Unsent(); err != nil || n != 0 {
		t.Errorf("%d are kept: %v", n, err)
	}
}

// done does intents with these numbers, each in a round of its own, and returns their nonces in order.
func (b *bench) done(from, to int) []string {
	b.t.Helper()
	var nonces []string
	for i := from; i <= to; i++ {
		nonce, err := b.Do("request.ask", `{}`)
		if err != nil {
			b.t.Fatal(err)
		}
		nonces = append(nonces, nonce)
		at := fmt.Sprintf(`"clientID":%q,"id":%d`, b.writer, i)
		_, err = b.sync(answer(200, `{"epoch":"a","results":[{`+at+`,"status":"applied"}]}`), page(i, "[]", fmt.Sprintf(`{%q:%d}`, b.writer, i)))
		if left, failed := b.Outbox(); err != nil || failed != nil || left != "[]" {
			b.t.Fatalf("left %s: %v %v", left, err, failed)
		}
	}
	return nonces
}

// resent are the nonces of the first push, in its order.
func (b *bench) resent() []string {
	b.t.Helper()
	for _, asked := range b.link.asked {
		var push struct {
			Mutations []struct {
				ID    int
				Nonce string
			}
		}
		if raw, ok := strings.CutPrefix(asked, "/sync/v1/push "); ok {
			if err := json.Unmarshal([]byte(raw), &push); err != nil {
				b.t.Fatal(err)
			}
			var all []string
			for _, m := range push.Mutations {
				all = append(all, m.Nonce)
			}
			return all
		}
	}
	return nil
}

// The outbox was empty in between, as it mostly is; what comes back from the journal is still in the order of the
// acts, or the service would find a gap for ever. The device's clock does not make it forget any of it.
func TestCase25TheJournalComesBackInItsOrder(t *testing.T) {
	t.Parallel()
	b := open(t)
	want := b.done(1, 4)
	b.now = b.now.AddDate(10, 0, 0)
	want = append(want, b.done(5, 5)...)
	_, _ = b.sync(answer(200, strings.Replace(string(page(9, "[]", "{}").Body), `"epoch":"a"`, `"epoch":"b"`, 1)))
	_, _ = b.sync()
	if got := b.resent(); !slices.Equal(got, want) {
		t.Errorf("sent again: %v, want %v", got, want)
	}
}

// A writer that looks years old is taken for one that was forgotten: a clock that is years behind must not make one.
func TestCase28AWriterIsMadeByTheServicesClock(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(1, "[]", "{}")); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.AddDate(-10, 0, 0)
	if _, err := b.Do("request.ask", `{}`); err != nil {
		t.Fatal(err)
	}
	if made, err := ulid.ParseStrict(b.writer); err != nil || made.Time() != 1795510800000 {
		t.Errorf("made at %d: %v", made.Time(), err)
	}
}

// A store that holds something else than it should begins anew once an hour, also where its clock went back since.
func TestCase28And63ANewBeginningAfterTheClockWentBack(t *testing.T) {
	t.Parallel()
	b := open(t)
	odd := func(order int) Reply {
		return answer(200, strings.Replace(string(page(order, "[]", "{}").Body), `"hasMore"`, `"check":{"n":1,"h":"x"},"hasMore"`, 1))
	}
	_, _ = b.sync(odd(1))
	b.now = b.now.AddDate(-10, 0, 0)
	if _, _ = b.sync(odd(2)); len(b.link.asked) != 2 || !strings.Contains(b.link.asked[1], `"cookie":null`) {
		t.Errorf("asked %q", b.link.asked)
	}
}

// A service that is away says nothing about its history: no document goes, and nothing is sent again.
func TestToWaitIsNoOtherHistory(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.done(1, 2)
	if _, err := b.sync(page(3, "["+fmt.Sprintf(put, "request/1", `{}`)+"]", "{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Do("request.ask", `{}`); err != nil {
		t.Fatal(err)
	}
	busy := Reply{Status: 503, JSON: true, Body: []byte(`{"code":"store_unavailable"}`)}
	r, err := b.sync(busy, page(4, "[]", "{}"))
	if n, failed := b.Unsent(); b.keys() != `["request/1"]` || err != nil || failed != nil || n != 1 || r.RetryAfter == 0 || len(b.link.asked) != 1 {
		t.Errorf("%d unsent, asked %q: %+v %v", n, b.link.asked, r, err)
	}
}
