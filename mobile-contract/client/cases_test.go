package client

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

func TestCase42APageThatIsLateIsLeft(t *testing.T) {
	t.Parallel()
	one, two := "["+fmt.Sprintf(put, "request/1", `{}`)+"]", "["+fmt.Sprintf(put, "request/2", `{}`)+"]"
	t.Run("another process stored a newer one meanwhile", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		o := b.other()
		b.during(0, func() { _, _ = o.sync(page(7, one, "{}")) })
		if r, err := b.sync(page(6, two, "{}")); err != nil || r.Complete || b.keys() != `["request/1"]` {
			t.Errorf("%+v %s %v", r, b.keys(), err)
		}
	})
	// The difference to nothing, laid over something else, would leave what the other one has.
	t.Run("and its order is no help", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		o := b.other()
		b.during(0, func() { _, _ = o.sync(page(7, one, "{}")) })
		if r, err := b.sync(page(8, two, "{}")); err != nil || r.Complete || b.keys() != `["request/1"]` {
			t.Errorf("%+v %s %v", r, b.keys(), err)
		}
		var pull sentPull
		_, _ = b.sync(page(9, "[]", "{}"))
		if b.body(0, &pull); !strings.Contains(string(pull.Cookie), `"order":7`) {
			t.Errorf("asked with %s", pull.Cookie)
		}
	})
	t.Run("a lower order in the same epoch", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		_, _ = b.sync(page(7, one, "{}"))
		if r, err := b.sync(page(6, `[{"op":"del","key":"request/1"}]`, "{}")); err != nil || r.Complete || b.keys() != `["request/1"]` {
			t.Errorf("%+v %s %v", r, b.keys(), err)
		}
	})
	t.Run("a store that has another name by now", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		o := b.other()
		b.during(0, func() { _, _ = o.sync(answer(409, `{"code":"group_ended"}`)) })
		if r, err := b.sync(page(6, two, "{}")); err != nil || r.Complete || b.keys() != `[]` {
			t.Errorf("%+v %s %v", r, b.keys(), err)
		}
	})
}

// A store that the service has given up goes on under another name: nothing of it is lost, and nothing comes twice.
func TestCase51AStoreThatWasGivenUpGoesOnUnderAnotherName(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what    string
		replies func(b *bench) []Reply
		pushed  int // the call that hands in again
	}{
		{"told at a push", func(*bench) []Reply { return []Reply{answer(409, `{"code":"group_ended"}`)} }, 1},
		{"told at a pull", func(b *bench) []Reply {
			return []Reply{answer(202, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":2,"status":"applied"}]}`, b.writer)),
				answer(503, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":3,"status":"retry"}]}`, b.writer)), answer(409, `{"code":"group_ended"}`)}
		}, 3},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			first := b.done(1, 1)
			if _, err := b.sync(page(2, "["+fmt.Sprintf(put, "request/1", `{}`)+"]", "{}")); err != nil {
				t.Fatal(err)
			}
			var before, after sentPull
			b.body(0, &before)
			nonces := []string{b.act("request.ask", `{}`), b.act("request.ask", `{}`)}
			writer := b.writer
			_, _ = b.sync(row.replies(b)...)
			_, err := b.sync(answer(200, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":1,"status":"duplicate","of":"applied"},{"clientID":%q,"id":2,"status":"applied"}]}`, b.writer, b.writer)),
				page(1, `[{"op":"clear"},`+fmt.Sprintf(put, "request/2", `{}`)+"]", fmt.Sprintf(`{%q:2}`, b.writer)))
			var push sentPush
			b.body(0, &push)
			b.body(1, &after)
			var again []string
			for i, m := range push.Mutations {
				if again = append(again, m.Nonce); m.ID != i+1 || m.ClientID == writer {
					t.Errorf("sent as %s/%d", m.ClientID, m.ID)
				}
			}
			if err != nil || !slices.Equal(again, nonces) || push.ClientGroupID == before.ClientGroupID || after.ClientGroupID != push.ClientGroupID || string(after.Cookie) != "null" {
				t.Errorf("sent %v of %v and not %v, under %s, pulled from %s: %v", again, nonces, first, push.ClientGroupID, after.Cookie, err)
			}
			if len(b.left()) != 0 || b.keys() != `["request/2"]` {
				t.Errorf("left %v, held %s", b.left(), b.keys())
			}
		})
	}
}

// ending gives up every store that it hears of.
type ending struct{ calls int }

func (e *ending) Post(string, []byte) (*Reply, error) {
	e.calls++
	r := answer(409, `{"code":"group_ended"}`)
	return &r, nil
}

func (*ending) Delete(string) (*Reply, error) { return nil, errors.New("no connection") }

func (*ending) Refresh() (bool, error) { return false, nil }

// A service that gives up each store at once is no reason to ask for ever.
func TestCase51AServiceThatGivesUpEveryStore(t *testing.T) {
	t.Parallel()
	b, link := open(t), &ending{}
	b.act("request.ask", `{}`)
	b.Client.link = link
	if r, err := b.Sync(); err != nil || r.Complete || r.Waiting != 1 || link.calls > 200 {
		t.Errorf("%+v after %d calls: %v", r, link.calls, err)
	}
}

// What was confirmed under a store that was given up belongs to no writer of the new one: sent again after a restore
// it gets new numbers, or the service would find a gap or another store's writer.
func TestCase25TheJournalOfAStoreThatWasGivenUpIsNumberedAnew(t *testing.T) {
	t.Parallel()
	b := open(t)
	nonces := b.done(1, 2)
	old := b.writer
	_, _ = b.sync(answer(409, `{"code":"group_ended"}`), page(1, "[]", "{}"))
	nonces = append(nonces, b.act("request.ask", `{}`))
	other := func(r Reply) Reply {
		r.Body = []byte(strings.Replace(string(r.Body), `"epoch":"a"`, `"epoch":"b"`, 1))
		return r
	}
	_, _ = b.sync(other(b.told(200, 1, `"status":"applied"`)))
	_, _ = b.sync()
	var push sentPush
	b.body(0, &push)
	if len(push.Mutations) != 3 {
		t.Fatalf("%d are sent again", len(push.Mutations))
	}
	for i, m := range push.Mutations {
		if m.Nonce != nonces[i] || m.ID != i+1 || m.ClientID != push.Mutations[0].ClientID || m.ClientID == old {
			t.Errorf("%d. is sent as %s/%d %s", i, m.ClientID, m.ID, m.Nonce)
		}
	}
}

// A device whose clock ran ahead forgets an address too early: it has the key, and the service would never send it
// again. A pull that leaves it there is what tells.
func TestCase28AClockThatRanAhead(t *testing.T) {
	t.Parallel()
	b := open(t)
	start := b.now
	until := start.Add(2 * time.Hour).UTC().Format(time.RFC3339Nano)
	patch := "[" + fmt.Sprintf(put, "address/1", `{"until":"`+until+`","street":"Kerkstraat"}`) + "]"
	if _, err := b.sync(page(1, patch, "{}")); err != nil || b.keys() != `["address/1"]` {
		t.Fatalf("%s %v", b.keys(), err)
	}
	b.now = start.AddDate(0, 0, 10)
	if b.keys() != "[]" {
		t.Fatalf("after ten days of the device: %s", b.keys())
	}
	b.now = start.Add(time.Minute)
	r, err := b.sync(at(page(1, "[]", "{}"), start.Add(time.Minute)), at(page(2, `[{"op":"clear"},`+patch[1:], "{}"), start.Add(time.Minute)))
	var pull sentPull
	if b.body(1, &pull); err != nil || !r.Complete || r.Mismatch || string(pull.Cookie) != "null" {
		t.Errorf("%+v, pulled from %s: %v", r, pull.Cookie, err)
	}
	if got, err := b.Document("address/1"); err != nil || !strings.Contains(got, "Kerkstraat") {
		t.Errorf("%q %v", got, err)
	}
	if left := b.keys(); left != `["address/1"]` {
		t.Errorf("%s", left)
	}
}

// A phone that begins with a clock that is ten years behind makes a writer that looks ten years old.
func TestCase28AFirstClockThatIsYearsBehind(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.now = b.now.AddDate(-10, 0, 0)
	nonces := []string{b.act("request.ask", `{}`), b.act("request.ask", `{}`)}
	old := b.writer
	_, _ = b.sync(answer(200, fmt.Sprintf(`{"epoch":"a","serverNow":1795510800000,"results":[{"clientID":%q,"id":1,"status":"rejected","code":"too_old"},{"clientID":%q,"id":2,"status":"rejected","code":"too_old"}]}`, old, old)))
	var push sentPush
	b.body(1, &push)
	made, err := ulid.ParseStrict(b.writer)
	if err != nil || made.Time() != 1795510800000 || len(push.Mutations) != 2 {
		t.Fatalf("a writer of %d, %d sent: %v", made.Time(), len(push.Mutations), err)
	}
	for i, m := range push.Mutations {
		if m.Nonce != nonces[i] || m.ClientID != b.writer || m.ID != i+1 {
			t.Errorf("%d. is sent as %+v", i, m)
		}
	}
	if left := b.left(); len(left) != 2 || left[0].Status != "waiting" {
		t.Errorf("left %+v", left)
	}
}

// Once the service has answered a store, what it calls too old is: the person is shown it, and no number follows it.
func TestCase60WhatIsTooOldIsShownAndMayBeDoneAnew(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(1, "[]", "{}")); err != nil {
		t.Fatal(err)
	}
	nonce := b.act("request.ask", `{}`)
	old := b.writer
	_, err := b.sync(b.told(200, 1, `"status":"rejected","code":"too_old"`), page(2, "[]", "{}"))
	if err != nil || len(b.left()) != 0 {
		t.Fatalf("left %+v: %v", b.left(), err)
	}
	if raw, err := b.TooOld(); err != nil || !strings.Contains(raw, nonce) {
		t.Errorf("listed %s %v", raw, err)
	}
	if b.act("request.ask", `{}`); b.writer == old {
		t.Error("the next one gets a number of a writer that is not taken any more")
	}
	_, _ = b.sync(answer(200, fmt.Sprintf(`{"epoch":"b","results":[{"clientID":%q,"id":1,"status":"applied"}]}`, b.writer)))
	_, _ = b.sync()
	if got := b.resent(); len(got) != 1 || got[0] == nonce {
		t.Errorf("another history has %v sent again", got)
	}
}

// What has come to its end is gone from the disk, and its key still counts: the service was not told, and its check
// has the key in it.
func TestCase68WhatEndedIsGoneWithoutAPull(t *testing.T) {
	t.Parallel()
	b := open(t)
	until := b.now.Add(2 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	patch := "[" + fmt.Sprintf(put, "address/1", `{"until":"`+until+`","street":"Kerkstraat"}`) + "," + fmt.Sprintf(put, "request/1", `{}`) + "]"
	if r, err := b.sync(checked(page(1, patch, "{}"), 2, keysOf("address/1", "request/1"))); err != nil || !r.Complete || r.Mismatch {
		t.Fatalf("%+v %v", r, err)
	}
	b.now = b.now.Add(2 * time.Hour)
	if got, err := b.Document("address/1"); err != nil || got != "" {
		t.Errorf("at its end: %q %v", got, err)
	}
	if b.keys() != `["request/1"]` || b.onDisk("Kerkstraat") {
		t.Errorf("held %s, on disk: %t", b.keys(), b.onDisk("Kerkstraat"))
	}
	r, err := b.sync(at(checked(page(1, "[]", "{}"), 2, keysOf("address/1", "request/1")), b.now))
	if err != nil || !r.Complete || r.Mismatch || len(b.link.asked) != 1 {
		t.Errorf("%+v after %d calls: %v", r, len(b.link.asked), err)
	}
	r, err = b.sync(at(checked(page(2, `[{"op":"del","key":"address/1"}]`, "{}"), 1, keysOf("request/1")), b.now))
	if err != nil || !r.Complete || r.Mismatch {
		t.Errorf("and when the service takes it: %+v %v", r, err)
	}
}

// More than one page comes after the lease; the first of them stays.
func TestCase62AfterTheLeaseAllPagesComeAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.sync(page(1, "["+fmt.Sprintf(put, "request/1", `{}`)+"]", "{}")); err != nil {
		t.Fatal(err)
	}
	b.act("request.ask", `{}`)
	b.now = b.now.AddDate(0, 0, 31)
	if b.keys() != "[]" || len(b.left()) != 1 {
		t.Fatalf("after the lease: %s and %v", b.keys(), b.left())
	}
	first := at(page(2, `[{"op":"clear"},`+fmt.Sprintf(put, "request/1", `{}`)+"]", "{}"), b.now)
	first.Body = []byte(strings.Replace(string(first.Body), `"hasMore":false`, `"hasMore":true`, 1))
	r, err := b.sync(b.told(200, 1, `"status":"applied"`), first, at(page(3, "["+fmt.Sprintf(put, "request/2", `{}`)+"]", fmt.Sprintf(`{%q:1}`, b.writer)), b.now))
	var pull sentPull
	if b.body(2, &pull); err != nil || !r.Complete || !strings.Contains(string(pull.Cookie), `"order":2`) || b.keys() != `["request/1","request/2"]` || len(b.left()) != 0 {
		t.Errorf("%+v, the second page by %s: %s %v", r, pull.Cookie, b.keys(), err)
	}
}

// Two processes of one app: the second numbers anew what the first has already given numbers for.
func TestCase24AWriterThatAnotherProcessClosedGivesOutNoNumber(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.act("request.ask", `{}`)
	first := b.writer
	o := b.other()
	_, _ = o.sync(answer(409, fmt.Sprintf(`{"epoch":"a","serverNow":1795510800000,"results":[{"clientID":%q,"id":1,"status":"forked"}]}`, first)))
	if b.act("request.ask", `{}`); b.writer == first {
		t.Error("the first process goes on under a number that a copy has used")
	}
	writers := map[string]int64{}
	for _, e := range b.left() {
		if writers[e.Writer]++; e.Writer == first || e.ID != writers[e.Writer] {
			t.Errorf("%+v", e)
		}
	}
}

// A store of an older app has what it had.
func TestCase45AStoreOfAnOlderAppIsTakenOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`CREATE TABLE docs (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT`,
		`CREATE TABLE writers (writer TEXT PRIMARY KEY NOT NULL, assigned INTEGER NOT NULL, last INTEGER NOT NULL) STRICT`,
		`CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT`,
		`INSERT INTO meta VALUES ('account', 'ans'), ('group', 'g'), ('server', '1795510800000'), ('device', '1795510800000'), ('lease', '2592000000')`,
		`INSERT INTO docs VALUES ('address/1', '{"until":"2026-11-24T11:00:00.007Z"}'), ('request/1', '{}')`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		c, err := Open(path, "ans", testKey, &scripted{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			at   int64
			want string
		}{{1795518000006, `["address/1","request/1"]`}, {1795518000007, `["request/1"]`}} {
			c.clock = func() time.Time { return time.UnixMilli(row.at) }
			if got, err := c.Keys(""); err != nil || got != row.want && i == 0 {
				t.Errorf("at %d: %s %v", row.at, got, err)
			}
		}
		if _, err := c.Do("request.ask", `{}`); err != nil {
			t.Error(err)
		}
		if n, err := c.Unsent(); err != nil || n != i+1 {
			t.Errorf("%d unsent: %v", n, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
