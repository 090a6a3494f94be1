package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"naober/api/app"
	"naober/api/offline"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// The hard cases of pages and cookies, by their numbers.

// library shows what a test says, to everybody.
type library struct {
	offline.Library
	size    int
	changed atomic.Int64 // how often something in it was changed
	restive bool         // something changes at each reading
}

func (l *library) Documents(context.Context, app.Caller) ([]offline.Document, error) {
	n := l.changed.Load()
	if l.restive {
		n = l.changed.Add(1)
	}
	docs := make([]offline.Document, l.size)
	for i := range docs {
		version := (n + int64(l.size) - int64(i) - 1) / int64(l.size) // one document after the other
		value := fmt.Sprintf(`{"nonce":"nonce-%020d","name":"request.ask","status":"rejected","code":"version_%d","at":"2026-11-24T09:00:00.000Z"}`, i, version)
		docs[i] = offline.Document{Key: fmt.Sprintf("outcome/nonce-%020d", i), Value: json.RawMessage(value)}
	}
	return docs, nil
}

// shelved puts a library in place of the service's own.
func (w *world) shelved(size int) *library {
	l := &library{Library: w.server.offline.Library, size: size}
	w.server.offline.Library = l
	return l
}

// at is a copy of a phone, as it is before it hears an answer.
func (p *phone) at() *phone {
	q := *p
	q.docs, q.last = maps.Clone(p.docs), maps.Clone(p.last)
	return &q
}

func TestCase03AnAnswerToAPullIsLost(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.pullAll()
		p.says(200, "applied", p.asks())
		before := p.at()
		lost := before.at().pulled(0)
		p.says(200, "applied", p.asks())
		page := p.pulled(0) // with the cookie of before
		if len(page.Patch) < len(lost.Patch) || page.Cookie.Order < lost.Cookie.Order || len(p.of("request")) != 2 || p.last[p.writer] != 2 {
			t.Errorf("%+v after %+v", page, lost)
		}
		same := p.at().pulled(0)
		if again := p.pulled(0); again.Cookie != same.Cookie {
			t.Errorf("%+v and %+v", again, same)
		}
	})
}

func TestCase36ABigFirstSync(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		for _, size := range []int{1000, 5000} {
			w.shelved(size)
			p := w.phone("Anna")
			pages := 1
			for page := p.pulled(200); page.HasMore; page = p.pulled(200) {
				if pages++; len(p.docs) != min(size, 200*(pages-1)) || page.Check != nil || len(page.LastMutationIDChanges) > 0 {
					t.Fatalf("after page %d it holds %d: check %v", pages-1, len(p.docs), page.Check)
				}
			}
			if page := p.pulled(200); len(p.docs) != size || pages != size/200 || page.Check == nil || page.Check.N != size {
				t.Errorf("%d of %d in %d pages", len(p.docs), size, pages)
			}
		}
	})
}

func TestCase37EveryThirdPageIsLost(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.shelved(600)
		p := w.phone("Anna")
		asked := 0
		for more := true; more; {
			if asked++; asked%3 == 0 {
				p.at().pulled(50) // nobody hears it
				continue
			}
			page := p.pulled(50)
			if more = page.HasMore; asked > 1 && len(page.Patch) > 0 && page.Patch[0].Op == "clear" {
				t.Fatalf("page %d begins anew", asked)
			}
		}
		if len(p.docs) != 600 || asked > 18 {
			t.Errorf("%d documents after %d pages", len(p.docs), asked)
		}
	})
}

func TestCase38DocumentsChangeFasterThanPages(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		shelf := w.shelved(60)
		shelf.restive = true
		p := w.phone("Anna")
		pages := 1
		for p.pull(7) {
			if pages++; pages > 30 {
				t.Fatal("it does not end")
			}
		}
		shelf.restive = false
		p.pullAll()
		fresh := w.phone("Anna")
		if fresh.pullAll(); !maps.EqualFunc(p.docs, fresh.docs, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Error("it holds something else than a new device")
		}
	})
}

func TestCase39CookiesThatAreNone(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		p, berend := w.phone("Anna"), w.phone("Berend")
		p.says(200, "applied", p.asks())
		berend.says(200, "applied", berend.asks())
		p.pullAll()
		berend.pullAll()
		tablet := w.phone("Anna")
		tablet.pullAll()
		evicted := *p.cookie
		for range 12 {
			p.says(200, "applied", p.dismisses())
			p.pullAll()
		}
		want := p.at()
		for what, cookie := range map[string]wire.Cookie{
			"unknown":                  {Order: 3, V: "AAAAAAAAAAAAAAAAAAAAAA", E: p.cookie.E},
			"evicted":                  evicted,
			"forged":                   {Order: p.cookie.Order, V: p.cookie.V[:20] + "AA", E: p.cookie.E},
			"another account's":        *berend.cookie,
			"of one's own other store": *tablet.cookie,
			"with a huge order":        {Order: 1 << 60, V: "forged", E: p.cookie.E},
			"with a negative order":    {Order: -1 << 60, V: "forged", E: p.cookie.E},
		} {
			q := want.at()
			q.docs["request/forged"] = json.RawMessage(`{}`)
			q.cookie = &cookie
			page := q.pulled(0)
			if len(page.Patch) == 0 || page.Patch[0].Op != "clear" || page.Cookie.Order >= 1<<40 || page.Cookie.Order < 1 {
				t.Errorf("%s: %+v", what, page.Cookie)
			}
			if !maps.EqualFunc(q.docs, want.docs, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
				t.Errorf("%s: it holds %s instead of %s", what, q.docs, want.docs)
			}
		}
	})
}

func TestCase40CountsAdvanceAndNoDocumentChanges(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.pullAll()
		before := *p.cookie
		p.says(200, "applied", p.dismisses())
		page := p.pulled(0)
		if page.Cookie == before || page.Cookie.Order <= before.Order || len(page.Patch) != 0 || page.LastMutationIDChanges[p.writer] != 1 {
			t.Errorf("%+v", page)
		}
	})
}

func TestCase41NothingHasChanged(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		sizes := map[int]bool{}
		for _, size := range []int{1, 40, 900} {
			w.shelved(size)
			p := w.phone("Anna")
			p.pullAll()
			before := *p.cookie
			page := p.pulled(0)
			if page.Cookie != before || len(page.Patch) != 0 || len(page.LastMutationIDChanges) != 0 || page.HasMore {
				t.Errorf("%d documents: %+v", size, page)
			}
			page.Check.N = 0
			raw, err := json.Marshal(page)
			must(t, err)
			sizes[len(raw)] = true
		}
		if len(sizes) != 1 {
			t.Errorf("answers of %v bytes", sizes)
		}
	})
}

// A pull reads the counts, then a push commits, then it reads the documents: what it shows already is confirmed by
// the next one, and is not taken back before that.
func TestCase43APushCommitsInTheMiddleOfAPull(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.says(200, "applied", p.asks())
		p.pullAll()
		own := w.server.offline.Library
		for what, when := range map[string]offline.Library{
			"after the documents": &meddled{own, func() { p.says(200, "applied", p.asks()) }},
			"before them":         &early{own, func() { p.says(200, "applied", p.asks()) }},
		} {
			w.server.offline.Library = when
			told, held := p.last[p.writer], len(p.of("request"))
			p.pullAll()
			shown := len(p.of("request"))
			if p.last[p.writer] != told || shown < held {
				t.Errorf("%s: told %d after %d, shown %d after %d", what, p.last[p.writer], told, shown, held)
			}
			if p.pullAll(); p.last[p.writer] != told+1 || len(p.of("request")) != held+1 || shown > held+1 {
				t.Errorf("%s, and at the next: told %d, shown %d", what, p.last[p.writer], len(p.of("request")))
			}
		}
	})
}

// early does something once, before a library is read.
type early struct {
	offline.Library
	before func()
}

func (e *early) Documents(ctx context.Context, c app.Caller) ([]offline.Document, error) {
	if do := e.before; do != nil {
		e.before = nil
		do()
	}
	return e.Library.Documents(ctx, c)
}

func TestCase44AnAppThatIsTooOldToPullStillHandsIn(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		for _, body := range []string{`"pullVersion":1,"schemaVersion":"0"`, `"pullVersion":0,"schemaVersion":"1"`} {
			a := w.call("Anna", "POST", "/sync/v1/pull", fmt.Sprintf(`{%s,"clientGroupID":%q,"cookie":null}`, body, p.group), header{"Idempotency-Key", ""}).want(200)
			if a.text("error") != "VersionNotSupported" || strings.Contains(string(a.body), "patch") {
				t.Errorf("%s", a.body)
			}
		}
		raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "0", Mutations: []wire.Mutation{p.asks()}})
		must(t, err)
		var said wire.PushAnswer
		must(t, json.Unmarshal(w.call("Anna", "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""}).want(200).body, &said))
		if got := statuses(said); got != "applied" || w.asksIn("Anna") != 1 {
			t.Error(got)
		}
	})
}

// Every name that the contract has ever had runs: what an old app left in its outbox is judged.
func TestCase45OldNamesStillRun(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		names := contractNames(t)
		if len(names) < 50 {
			t.Fatalf("%d names", len(names))
		}
		var sent []wire.Mutation
		for _, name := range names {
			sent = append(sent, p.does(name, `{}`))
		}
		for i, r := range p.push(200, sent...).Results {
			if r.Code == "mutation_unknown" {
				t.Errorf("%s is known no more", names[i])
			}
		}
	})
}
