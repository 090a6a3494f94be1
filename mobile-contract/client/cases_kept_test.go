package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The hard cases of what a device keeps, shows and sends again, by their numbers.

func (b *bench) whole(replies ...Reply) *Report {
	b.t.Helper()
	r, err := b.sync(replies...)
	if err != nil || !r.Complete {
		b.t.Fatalf("%+v %v", r, err)
	}
	return r
}

// written is one page that puts a document.
func written(key, value string) string { return "[" + fmt.Sprintf(put, key, value) + "]" }

func TestCase02And03AnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	nonce := b.act("request.ask", `{}`)
	_, _ = b.sync() // it arrived, and nobody heard
	r, err := b.sync(b.told(200, 1, `"status":"duplicate","of":"applied"`))
	var push sentPush
	if b.body(0, &push); err == nil || r.Sent != 1 || push.Mutations[0].Nonce != nonce || push.Mutations[0].ID != 1 {
		t.Fatalf("%+v, sent %+v: %v", r, push, err)
	}
	if left := b.left(); len(left) != 1 || left[0].Status != "applied" {
		t.Fatalf("before a pull: %+v", left)
	}
	b.whole(page(1, "[]", fmt.Sprintf(`{%q:1}`, b.writer)))
	var pull sentPull
	if b.body(0, &pull); string(pull.Cookie) != "null" || len(b.left()) != 0 {
		t.Errorf("asked with %s, left %+v", pull.Cookie, b.left())
	}
}

func TestCase13And15ARefusalIsShownUntilItIsTaken(t *testing.T) {
	t.Parallel()
	b := open(t)
	first, second := b.act("request.ask", `{}`), b.act("request.withdraw", `{}`)
	refusal := func(nonce, code string) string {
		return fmt.Sprintf(put, "outcome/"+nonce, fmt.Sprintf(`{"nonce":%q,"code":%q}`, nonce, code))
	}
	said := answer(200, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":1,"status":"rejected","code":"words_invalid"},{"clientID":%q,"id":2,"status":"rejected","code":"request_not_found"}]}`, b.writer, b.writer))
	b.whole(said, page(1, "["+refusal(first, "words_invalid")+","+refusal(second, "request_not_found")+"]", fmt.Sprintf(`{%q:2}`, b.writer)))
	if keys, err := b.Keys("outcome"); err != nil || strings.Count(keys, "outcome/") != 2 || len(b.left()) != 0 {
		t.Fatalf("shown %s, left %+v: %v", keys, b.left(), err)
	}
	b.whole(page(2, fmt.Sprintf(`[{"op":"del","key":%q}]`, "outcome/"+first), "{}")) // dismissed elsewhere
	if keys, _ := b.Keys("outcome"); strings.Contains(keys, first) || !strings.Contains(keys, second) {
		t.Errorf("shown %s", keys)
	}
}

func TestCase18TwoAccountsOnOneDevice(t *testing.T) {
	t.Parallel()
	ans := open(t)
	bea := &bench{t: t, link: &scripted{}, now: ans.now, path: filepath.Join(filepath.Dir(ans.path), "bea.db")}
	c, err := Open(bea.path, "bea", testKey, bea.link)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	bea.Client = c
	hers, his := bea.act("request.ask", `{"of":"bea"}`), ans.act("request.ask", `{"of":"ans"}`)
	for _, row := range []struct {
		b    *bench
		mine string
	}{{ans, his}, {bea, hers}, {ans, his}} {
		_, _ = row.b.sync()
		if got := row.b.resent(); !slices.Equal(got, []string{row.mine}) {
			t.Errorf("sent %v, not %s", got, row.mine)
		}
	}
	if _, err := Open(ans.path, "bea", testKey, bea.link); err == nil {
		t.Error("the store of one opened for the other")
	}
	if len(ans.left()) != 1 || len(bea.left()) != 1 {
		t.Errorf("left %d and %d", len(ans.left()), len(bea.left()))
	}
}

func TestCase21AForkNumbersAnewAndLaterLeavesTheStore(t *testing.T) {
	t.Parallel()
	b := open(t)
	want := []string{b.act("request.ask", `{}`), b.act("request.ask", `{}`)}
	first := b.writer
	_, _ = b.sync(answer(409, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":1,"status":"forked"}]}`, first)))
	var push, next sentPush
	var pull sentPull
	b.body(0, &push)
	_, _ = b.sync(answer(200, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":1,"status":"applied"},{"clientID":%q,"id":2,"status":"duplicate","of":"applied"}]}`, b.writer, b.writer)),
		page(1, "[]", fmt.Sprintf(`{%q:2,%q:9}`, b.writer, first)))
	b.body(0, &next)
	if got := b.resent(); !slices.Equal(got, want) || next.Mutations[0].ClientID == first || next.Mutations[1].ID != 2 || next.ClientGroupID != push.ClientGroupID {
		t.Errorf("sent %v under %+v", got, next)
	}
	b.whole(page(1, "[]", "{}"))
	if b.body(0, &pull); pull.ClientGroupID == push.ClientGroupID || string(pull.Cookie) != "null" {
		t.Errorf("goes on as %s from %s", pull.ClientGroupID, pull.Cookie)
	}
}

func TestCase26ACountThatWentBackSendsAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	want := b.done(1, 3)
	writer := b.writer
	_, _ = b.sync(page(9, "[]", fmt.Sprintf(`{%q:1}`, writer))) // and its epoch is the old one
	_, _ = b.sync()
	if got := b.resent(); !slices.Equal(got, want) {
		t.Errorf("sent again %v, not %v", got, want)
	}
}

func TestCase27AJournalThatIsTooShort(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.done(1, 3)
	b.whole(at(page(4, "[]", "{}"), b.now.AddDate(0, 0, 20))) // what was confirmed is forgotten by now
	writer, nonce := b.writer, b.act("request.ask", `{}`)
	gap := answer(409, fmt.Sprintf(`{"epoch":"a","results":[{"clientID":%q,"id":4,"status":"gap","expectedID":2}]}`, writer))
	r, err := b.sync(gap)
	var push sentPush
	if b.body(1, &push); err == nil || !r.Lost || len(push.Mutations) != 1 || push.Mutations[0].Nonce != nonce || push.Mutations[0].ID != 1 || push.Mutations[0].ClientID == writer {
		t.Errorf("%+v, sent %+v", r, push)
	}
	if r, _ := b.sync(); r.Lost {
		t.Error("told twice")
	}
}

func TestCase32And43WhatIsSentStaysUntilAPullHasIt(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.whole(page(1, written("request/1", `{}`), "{}"))
	nonce := b.act("request.withdraw", `{"request":"1"}`)
	// The pull was computed before the push, and the document is gone in it.
	r, err := b.sync(b.told(200, 1, `"status":"rejected","code":"request_not_found"`), page(2, `[{"op":"del","key":"request/1"}]`, "{}"))
	if left := b.left(); err != nil || !r.Complete || b.keys() != "[]" || len(left) != 1 || left[0].Nonce != nonce || left[0].Status != "rejected" {
		t.Fatalf("%+v %s %+v %v", r, b.keys(), left, err)
	}
	b.whole(page(3, "[]", fmt.Sprintf(`{%q:1}`, b.writer)))
	if left := b.left(); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
}

func TestCase36And37PagesAreKeptOneByOne(t *testing.T) {
	t.Parallel()
	b := open(t)
	more := func(r Reply) Reply {
		r.Body = []byte(strings.Replace(string(r.Body), `"hasMore":false`, `"hasMore":true`, 1))
		return r
	}
	r, err := b.sync(more(page(1, `[{"op":"clear"},`+written("request/1", `{}`)[1:], "{}")), more(page(2, written("request/2", `{}`), "{}")))
	if err == nil || r.Complete || b.keys() != `["request/1","request/2"]` {
		t.Fatalf("before the end: %+v %s", r, b.keys())
	}
	o := b.other() // the app was killed
	o.whole(page(3, written("request/3", `{}`), "{}"))
	var pull sentPull
	if o.body(0, &pull); !strings.Contains(string(pull.Cookie), `"order":2`) || o.keys() != `["request/1","request/2","request/3"]` {
		t.Errorf("goes on from %s: %s", pull.Cookie, o.keys())
	}
}

func TestCase44And46VersionsThatAreNotSpoken(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.whole(page(1, written("request/1", `{}`), "{}"))
	b.act("request.ask", `{}`)
	r, err := b.sync(b.told(200, 1, `"status":"applied"`), answer(200, `{"error":"VersionNotSupported","versionType":"schema","min":"2","max":"5"}`))
	if err != nil || r.Sent != 1 || r.Outdated != "schema" || b.keys() != `["request/1"]` {
		t.Errorf("%+v %s %v", r, b.keys(), err)
	}
	// An older app over the same store: its cookie is taken for none, and what waits stays.
	b.act("request.ask", `{}`)
	_, _ = b.sync(b.told(503, 2, `"status":"retry"`), page(2, `[{"op":"clear"},`+written("request/2", `{}`)[1:], "{}"))
	if n, err := b.Unsent(); err != nil || n != 1 || b.keys() != `["request/2"]` {
		t.Errorf("%d unsent, holds %s: %v", n, b.keys(), err)
	}
}

func TestCase48WhatAnAppDoesNotKnow(t *testing.T) {
	t.Parallel()
	b := open(t)
	odd := page(1, written("marvel/1", `{"of":"tomorrow"}`), "{}")
	odd.Body = []byte(strings.Replace(string(odd.Body), "{", `{"news":[1,{"a":null}],`, 1))
	b.whole(odd)
	if got, err := b.Document("marvel/1"); err != nil || got != `{"of":"tomorrow"}` {
		t.Errorf("%q %v", got, err)
	}
	b.act("request.ask", `{}`)
	r, err := b.sync(b.told(200, 1, `"status":"pondered"`), page(2, "[]", "{}")) // and then there is no connection
	if left := b.left(); err == nil || r.Sent != 0 || len(left) != 1 || left[0].Status != "waiting" {
		t.Errorf("a status that nobody knows: %+v %+v %v", r, left, err)
	}
}

func TestCase49And53ATokenEndsAndARefreshFails(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range 150 {
		b.act("outcome.dismiss", `{}`)
	}
	var results []string
	for i := 1; i <= 100; i++ {
		results = append(results, fmt.Sprintf(`{"clientID":%q,"id":%d,"status":"applied"}`, b.writer, i))
	}
	first := answer(200, `{"epoch":"a","results":[`+strings.Join(results, ",")+`]}`)
	for range 3 { // a storm of them
		r, err := b.sync(first, answer(401, `{}`))
		if err != nil || !r.SignIn || r.Waiting != 50 {
			t.Fatalf("%+v %v", r, err)
		}
		first = answer(401, `{}`)
	}
	b.link.fresh = true
	_, _ = b.sync(answer(401, `{}`))
	var push sentPush
	if b.body(1, &push); len(push.Mutations) != 50 || push.Mutations[0].ID != 101 {
		t.Errorf("after a refresh %d are sent", len(push.Mutations))
	}
}

func TestCase57WhatWasSavedSurvivesAKill(t *testing.T) {
	t.Parallel()
	b := open(t)
	nonce := b.act("request.ask", `{"words":"Melk"}`)
	folder := t.TempDir() // the file as a kill leaves it: nothing was closed
	for _, end := range []string{"", "-wal"} {
		raw, err := os.ReadFile(b.path + end)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "store.db"+end), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.path = filepath.Join(folder, "store.db")
	o := b.other()
	if left := o.left(); len(left) != 1 || left[0].Nonce != nonce || left[0].Args != `{"words":"Melk"}` {
		t.Errorf("%+v", left)
	}
}

func TestCase58AFullDiskAndAStoreThatIsGone(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.act("request.ask", `{}`)
	var pages int
	if err := errors.Join(b.disk.db.QueryRow(`PRAGMA page_count`).Scan(&pages), b.disk.db.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)).Scan(&pages)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Do("request.ask", `{"words":"`+strings.Repeat("m", 60_000)+`"}`); err == nil {
		t.Fatal("a full disk kept it")
	}
	if n, err := b.Unsent(); err != nil || n != 1 {
		t.Fatalf("%d are kept: %v", n, err)
	}
	if err := b.disk.db.QueryRow(`PRAGMA max_page_count = 1000000`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	b.act("request.ask", `{}`)
	if ids := []int64{b.left()[0].ID, b.left()[1].ID}; ids[0] != 1 || ids[1] != 2 {
		t.Errorf("a number was lost: %v", ids)
	}
	gone := open(t) // a store that is not there any more is a new one
	gone.whole(page(1, "[]", "{}"))
	var pull sentPull
	if gone.body(0, &pull); string(pull.Cookie) != "null" {
		t.Errorf("asked with %s", pull.Cookie)
	}
	spoilt := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(spoilt, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Open(spoilt, "ans", testKey, b.link); err == nil {
		t.Errorf("what is no store was opened: %v", c.Close())
	}
}

// accepting answers every push with applied, and every pull with a page that counts.
type accepting struct {
	pushes, most, last int
	writer             string
	out                bool // of order
}

func (a *accepting) Post(path string, body []byte) (*Reply, error) {
	if strings.HasSuffix(path, "/pull") {
		r := page(a.pushes+1, "[]", fmt.Sprintf(`{%q:%d}`, a.writer, a.last))
		return &r, nil
	}
	var push sentPush
	if err := json.Unmarshal(body, &push); err != nil {
		return nil, err
	}
	if len(body) > 1<<20 {
		r := answer(413, `{}`)
		return &r, nil
	}
	a.pushes++
	a.most = max(a.most, len(push.Mutations))
	var results []string
	for _, m := range push.Mutations {
		a.out = a.out || m.ID != a.last+1
		a.last, a.writer = m.ID, m.ClientID
		results = append(results, fmt.Sprintf(`{"clientID":%q,"id":%d,"status":"applied"}`, m.ClientID, m.ID))
	}
	r := answer(200, `{"epoch":"a","results":[`+strings.Join(results, ",")+`]}`)
	return &r, nil
}

func (*accepting) Delete(string) (*Reply, error) { return nil, errors.New("no connection") }

func (*accepting) Refresh() (bool, error) { return false, nil }

func TestCase59TenThousandThatWaitedForMonths(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.act("outcome.dismiss", `{}`)
	err := b.disk.change(func(t tx) error { // in one transaction, for each alone waits for the disk
		for i := range 9_999 {
			if err := t.add(entry{Writer: b.writer, Nonce: fmt.Sprintf("nonce-of-months-%06d", i), Name: "outcome.dismiss", Args: `{}`}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	link := &accepting{}
	b.Client.link = link
	r, err := b.Sync()
	if err != nil || !r.Complete || r.Sent != 10_000 || link.pushes != 100 || link.most != 100 || link.out || len(b.left()) != 0 {
		t.Errorf("%+v in %d pushes of at most %d, out of order %t: %v", r, link.pushes, link.most, link.out, err)
	}
}

func TestCase61AnyTextAndTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	b := open(t)
	words := "👩‍👩‍👧 שלום \u202e __proto__ \x00 e\u0301 " + strings.Repeat("m", 32<<10)
	args, err := json.Marshal(map[string]any{"words": words, "__proto__": map[string]any{"a": []any{[]any{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	b.act("request.ask", string(args))
	_, _ = b.sync()
	var push struct {
		Mutations []struct{ Args struct{ Words string } }
	}
	if b.body(0, &push); push.Mutations[0].Args.Words != words {
		t.Errorf("%d letters of %d", len(push.Mutations[0].Args.Words), len(words))
	}
	// U+FF5E comes before U+1F600 by its bytes, and after it by those of UTF-16.
	keys := []string{"a/__proto__", "a/\uff5e", "a/\U0001F600", "a/" + strings.Repeat("k", 198)}
	slices.Sort(keys)
	var steps []string
	for _, key := range keys {
		raw, _ := json.Marshal(key)
		steps = append(steps, fmt.Sprintf(`{"op":"put","key":%s,"value":{}}`, raw))
	}
	slices.Reverse(steps)
	r, err := b.sync(b.told(503, 1, `"status":"retry"`), checked(page(1, "["+strings.Join(steps, ",")+"]", "{}"), len(keys), keysOf(keys...)))
	if err != nil || !r.Complete || r.Mismatch {
		t.Errorf("%+v %v", r, err)
	}
}

func TestCase63ACheckThatDoesNotFit(t *testing.T) {
	t.Parallel()
	b := open(t)
	odd := func(order int) Reply {
		return checked(page(order, written("request/1", `{}`), "{}"), 7, "0011223344556677")
	}
	r, err := b.sync(odd(1), odd(2), odd(3))
	if err != nil || !r.Mismatch || len(b.link.asked) != 2 {
		t.Fatalf("%+v after %d calls: %v", r, len(b.link.asked), err)
	}
	if _, _ = b.sync(odd(3), odd(4)); len(b.link.asked) != 1 {
		t.Errorf("%d calls within the hour", len(b.link.asked))
	}
	b.now = b.now.Add(time.Hour + time.Second)
	if r, err := b.sync(at(odd(4), b.now), at(checked(page(5, "[]", "{}"), 1, keysOf("request/1")), b.now)); err != nil || !r.Mismatch || !r.Complete {
		t.Errorf("an hour later: %+v %v", r, err)
	}
}
