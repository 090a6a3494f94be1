package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// The hard cases of size, attack, clocks and processes, by their numbers.

// contractNames are the mutations in the table of sync.md.
func contractNames(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../../mobile-contract/sync.md")
	must(t, err)
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+\\.[a-z_0-9.]+)` \\|").FindAllStringSubmatch(string(raw), -1) {
		names = append(names, row[1])
	}
	return names
}

// The device's clock is told and decides nothing: neither what is done nor when.
func TestCase28TheDevicesClockDecidesNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		for _, years := range []int{-10, 10, 0, -50} {
			m := p.asks()
			then := w.clock().AddDate(years, 0, 0)
			m.Timestamp = float64(then.UnixMilli())
			raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", ClientNow: then.Add(-time.Hour).UnixMilli(), Mutations: []wire.Mutation{m}})
			must(t, err)
			var said wire.PushAnswer
			must(t, json.Unmarshal(w.call("Anna", "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""}).want(200).body, &said))
			if got := statuses(said); got != "applied" || said.ServerNow != w.clock().UnixMilli() {
				t.Errorf("%d years off: %s at %d", years, got, said.ServerNow)
			}
			var args struct{ ID string }
			must(t, json.Unmarshal(m.Args, &args))
			r, err := w.stores.Requests.Get(t.Context(), care.RequestID(args.ID))
			must(t, err)
			if !r.Value.CreatedAt.Equal(w.clock()) {
				t.Errorf("%d years off: made at %s", years, r.Value.CreatedAt)
			}
		}
	})
}

func TestCase49ATokenEndsDuringAPushOf300(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		d := w.device(t, "Anna")
		id := d.NewID()
		d.do("request.ask", w.needs(id))
		for range 299 {
			d.do("outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`)
		}
		d.cord.staleAfter = 1
		d.cord.locked = true // and the refresh is refused: the person has to sign in
		if r, err := d.Sync(); err != nil || !r.SignIn || r.Sent != 100 || r.Waiting != 200 {
			t.Fatalf("%+v %v", r, err)
		}
		d.cord.locked, d.cord.staleAfter = false, 0
		d.rest()
		if n := w.asksIn("Anna"); n != 1 || d.cord.refreshs < 2 {
			t.Errorf("%d stand there after %d refreshes", n, d.cord.refreshs)
		}
	})
}

// A thousand intents in one go are refused as too many; in pushes of a hundred they are taken in order.
func TestCase59WhatWaitedForMonthsIsTakenInOrder(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		var waiting []wire.Mutation
		for range 1000 {
			waiting = append(waiting, p.dismisses())
		}
		raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: waiting})
		must(t, err)
		w.call("Anna", "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""}).refused(400, "push_too_large")
		pushes := 0
		for len(waiting) > 0 {
			if pushes++; pushes > 40 {
				t.Fatal("it does not end")
			}
			said := w.hands(p, waiting[:min(100, len(waiting))]...)
			for _, r := range said.Results {
				if r.Status != "applied" || r.ID != waiting[0].ID {
					t.Fatalf("%+v for %d", r, waiting[0].ID)
				}
				waiting = waiting[1:]
			}
			if len(said.Results) == 0 {
				w.pass(time.Minute)
			}
		}
		if p.pullAll(); p.last[p.writer] != 1000 {
			t.Errorf("told %v", p.last)
		}
	})
}

func TestCase61AnyTextIsKeptOrRefused(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		for what, words := range map[string]string{
			"faces": "Brood 👩‍👩‍👧 één 🦆", "right to left": "\u202eשלום melk", "names of JavaScript": "__proto__ constructor", "marks": "e\u0301 <b>&amp;</b>",
			"SQL": "'; DROP TABLE requests; --", "operators": `{"$where":"1"}`,
		} {
			id := p.newID()
			if got := statuses(p.push(200, p.does("request.ask", strings.Replace(w.needs(id), `"Melk en brood"`, quoted(t, words), 1)))); got != "applied" {
				t.Errorf("%s: %s", what, got)
				continue
			}
			var shown wire.Request
			p.pullAll()
			if must(t, json.Unmarshal(p.docs["request/"+id], &shown)); shown.Words != words {
				t.Errorf("%s: %q instead of %q", what, shown.Words, words)
			}
		}
		stood := w.asksIn("Anna")
		for what, args := range map[string]string{
			"a line of JavaScript": strings.Replace(w.needs(p.newID()), "Melk", `\u2028Melk`, 1),
			"a NUL":                strings.Replace(w.needs(p.newID()), "Melk", `\u0000Melk`, 1),
			"32 KiB":               strings.Replace(w.needs(p.newID()), "Melk", strings.Repeat("m", 32<<10), 1),
			"a prototype":          strings.Replace(w.needs(p.newID()), "{", `{"__proto__":{"publish":true},`, 1),
			"deep JSON":            strings.Replace(w.needs(p.newID()), `"Melk en brood"`, strings.Repeat("[", 40)+strings.Repeat("]", 40), 1),
			"a long id":            strings.Replace(w.needs(p.newID()), `"id":"`, `"id":"`+strings.Repeat("A", 200), 1),
			"half a letter":        strings.Replace(w.needs(p.newID()), "Melk", `\ud800Melk`, 1),
		} {
			m := p.does("request.ask", args)
			said := p.push400(m)
			if said == nil { // the whole call was refused, so nothing was counted
				p.next--
			} else if len(said.Results) != 1 || said.Results[0].Status != "rejected" {
				t.Errorf("%s: %s", what, statuses(*said))
			}
		}
		if p.pullAll(); w.asksIn("Anna") != stood {
			t.Errorf("%d stand there instead of %d", w.asksIn("Anna"), stood)
		}
	})
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	must(t, err)
	return string(raw)
}

// push400 pushes what may be refused as a whole; nil then.
func (p *phone) push400(m wire.Mutation) *wire.PushAnswer {
	p.w.t.Helper()
	body := fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1","mutations":[{"clientID":%q,"id":%d,"nonce":%q,"name":%q,"args":%s}]}`,
		p.group, m.ClientID, m.ID, m.Nonce, m.Name, m.Args)
	a := p.w.call(p.who, "POST", "/sync/v1/push", body, header{"Idempotency-Key", ""})
	if a.status == 400 {
		return nil
	}
	var said wire.PushAnswer
	must(p.w.t, json.Unmarshal(a.want(200).body, &said))
	return &said
}

// counting counts the calls to a kind of documents.
type counting[K ~string, T any] struct {
	port.Documents[K, T]
	n *atomic.Int64
}

func (c counting[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	c.n.Add(1)
	return c.Documents.Get(ctx, id)
}

func (c counting[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	c.n.Add(1)
	return c.Documents.Find(ctx, key, page)
}

func (c counting[K, T]) Insert(ctx context.Context, id K, v T, events []care.Event, w port.Write) (port.Stored[T], error) {
	c.n.Add(1)
	return c.Documents.Insert(ctx, id, v, events, w)
}

func (c counting[K, T]) Update(ctx context.Context, id K, w port.Write, change port.Change[T]) (port.Stored[T], error) {
	c.n.Add(1)
	return c.Documents.Update(ctx, id, w, change)
}

// Whoever tries other people's nonces, stores and bodies learns nothing: what is there is answered like what is not,
// in the same number of bytes and after the same number of calls to the stores.
func TestCase64WhoGuessesLearnsNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		anna, berend := w.phone("Anna"), w.phone("Berend")
		mine := anna.asks()
		gone := anna.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, anna.newID()))
		anna.says(200, "applied, rejected request_not_found", mine, gone)
		anna.pullAll()
		berend.says(200, "applied", berend.dismisses())
		var calls atomic.Int64
		st := &w.server.offline.Stores
		st.Groups, st.Writers = counting[offline.GroupID, offline.Group]{st.Groups, &calls}, counting[offline.WriterID, offline.Writer]{st.Writers, &calls}
		st.Outcomes, st.Snapshots = counting[app.LedgerKey, offline.Outcome]{st.Outcomes, &calls}, counting[string, offline.Snapshot]{st.Snapshots, &calls}
		w.app.Stores.Ledger = counting[app.LedgerKey, app.LedgerRow]{w.app.Stores.Ledger, &calls}
		w.app.Stores.Requests = counting[care.RequestID, care.Request]{w.app.Stores.Requests, &calls}
		cost := func(do func() string) string {
			calls.Store(0)
			said := do()
			return fmt.Sprintf("%s, %d bytes after %d calls", said, len(said), calls.Load())
		}
		asked := func(body string) func() string {
			return func() string {
				a := w.call("Berend", "POST", "/sync/v1/push", body, header{"Idempotency-Key", ""})
				return fmt.Sprint(a.status, " ", blanked(a.body))
			}
		}
		push := func(group, writer string, id int64, nonce, name, args string) string {
			return fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1","mutations":[{"clientID":%q,"id":%d,"nonce":%q,"name":%q,"args":%s}]}`, group, writer, id, nonce, name, args)
		}
		var theirs struct{ ID string }
		must(t, json.Unmarshal(mine.Args, &theirs))
		id := berend.next
		next := func() int64 { id++; return id }
		for what, pair := range map[string][2]func() string{
			"a nonce that somebody used, and one that nobody did": {
				asked(push(berend.group, berend.writer, next(), mine.Nonce, "outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`)),
				asked(push(berend.group, berend.writer, next(), "nonce-that-nobody-has-1", "outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`))},
			"a refusal of somebody's, and none at all": {
				asked(push(berend.group, berend.writer, next(), "nonce-of-berend-dismisses-1", "outcome.dismiss", fmt.Sprintf(`{"nonce":%q}`, gone.Nonce))),
				asked(push(berend.group, berend.writer, next(), "nonce-of-berend-dismisses-2", "outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`))},
			"a request of somebody's, and none at all": {
				asked(push(berend.group, berend.writer, next(), "nonce-of-berend-withdraws-1", "request.withdraw", fmt.Sprintf(`{"request":%q}`, theirs.ID))),
				asked(push(berend.group, berend.writer, next(), "nonce-of-berend-withdraws-2", "request.withdraw", fmt.Sprintf(`{"request":%q}`, berend.newID())))},
			"a body of somebody's sent again, and another one under their store": {
				asked(push(anna.group, anna.writer, 1, mine.Nonce, mine.Name, string(mine.Args))),
				asked(push(anna.group, berend.newID(), 1, "nonce-that-nobody-has-2", "outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`))},
		} {
			there, absent := cost(pair[0]), cost(pair[1])
			if there != absent {
				t.Errorf("%s:\n%s\n%s", what, there, absent)
			}
		}
		if n := w.asksIn("Berend"); n != 0 || w.asksIn("Anna") != 1 {
			t.Errorf("%d and %d stand there", n, w.asksIn("Anna"))
		}
		anna.pullAll()
		if len(anna.of("outcome")) != 1 {
			t.Errorf("Anna's refusals are %v", anna.of("outcome"))
		}
	})
}

// blanked is an answer without what differs between any two: numbers, nonces and moments.
func blanked(raw []byte) string {
	text := regexp.MustCompile(`nonce-[a-z0-9-]+`).ReplaceAllString(string(raw), "NONCE")
	text = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}`).ReplaceAllString(text, "ULID")
	return regexp.MustCompile(`"(id|serverNow|instance|requestID)":("[^"]*"|\d+)|":\d+`).ReplaceAllString(text, "")
}

// frozenRequests are requests whose next change stands still before it is written, until the test lets it go on.
type frozenRequests struct {
	port.Documents[care.RequestID, care.Request]
	reached, wake chan struct{}
	once          atomic.Bool
}

func (f *frozenRequests) Update(ctx context.Context, id care.RequestID, w port.Write, change port.Change[care.Request]) (port.Stored[care.Request], error) {
	if f.once.CompareAndSwap(false, true) {
		close(f.reached)
		<-f.wake
	}
	return f.Documents.Update(context.WithoutCancel(ctx), id, w, change)
}

func TestCase65OneProcessIsFrozenBetweenJudgingAndWriting(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		id := p.newID()
		p.says(200, "applied", p.does("request.ask", w.needs(id)))
		frozen := &frozenRequests{Documents: w.stores.Requests, reached: make(chan struct{}), wake: make(chan struct{})}
		settings := w.settings
		settings.Stores.Requests = frozen
		other := New(app.New(settings), w.ground, w.server.log, nil).offline // another process over the same stores
		m := p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, id))
		in := intent(m)
		caller := app.Caller{Person: w.people["Anna"].id}
		type pushed struct {
			offline.Pushed
			err error
		}
		woken := make(chan pushed, 1)
		go func() {
			done, err := other.Push(context.WithoutCancel(t.Context()), caller, offline.GroupID(p.group), []offline.Intent{in})
			woken <- pushed{done, err}
		}()
		<-frozen.reached
		p.says(503, "retry", m) // the other one is at it
		w.pass(16 * time.Second)
		p.says(200, "applied", m)
		close(frozen.wake)
		late := <-woken
		if late.err != nil || len(late.Results) != 1 || late.Results[0].Status != offline.Applied && late.Results[0].Of != offline.Applied {
			t.Errorf("the one that was frozen says %+v %v", late.Results, late.err)
		}
		p.says(200, "duplicate of applied", m)
		n := 0
		rows, err := w.stores.Feed.Pending(t.Context(), 100)
		must(t, err)
		for _, doc := range rows {
			for _, e := range doc.Events {
				if strings.Contains(string(e.Event.Type), "withdrawn") || strings.Contains(string(e.Event.Type), "closed") {
					n++
				}
			}
		}
		if n > 1 {
			t.Errorf("it happened %d times", n)
		}
	})
}

// The process ends after the document was made and before its verdict: sent again it is the same document.
func TestCase66ACreateIsSentAgainBeforeItsVerdict(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		m := p.asks()
		w.app.Stores.Ledger = &deadLedger{Documents: w.stores.Ledger} // from the first verdict on
		p.says(503, "retry", m)
		w.app.Stores.Ledger = w.stores.Ledger
		if n := w.asksIn("Anna"); n != 1 {
			t.Fatalf("%d were made", n)
		}
		w.pass(16 * time.Second)
		got := statuses(w.hands(p, m))
		p.says(200, "duplicate of applied", m)
		if n := w.asksIn("Anna"); n != 1 || got != "applied" && got != "duplicate of applied" {
			t.Errorf("%s, and %d stand there", got, n)
		}
	})
}

// deadLedger takes rows in, and no verdict: the process has ended by then.
type deadLedger struct {
	port.Documents[app.LedgerKey, app.LedgerRow]
}

func (deadLedger) Update(context.Context, app.LedgerKey, port.Write, port.Change[app.LedgerRow]) (port.Stored[app.LedgerRow], error) {
	return port.Stored[app.LedgerRow]{}, care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
}

// refusals are as many as an outsider can hand in within a day or two.
const refusals = 10_000

// An outsider's refusals leave nothing in the document that they are about.
func TestCase67RefusalsDoNotGrowADocument(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		anna, berend := w.phone("Anna"), w.phone("Berend")
		id := anna.newID()
		anna.says(200, "applied", anna.does("request.ask", w.needs(id)))
		before, err := w.stores.Requests.Get(t.Context(), care.RequestID(id))
		must(t, err)
		// All ten thousand go through what stands behind a push, a hundred through the push itself.
		most := refusals
		if w.file == "" || underRace {
			most /= 20 // either takes its time
		}
		for range most {
			outsider := app.Caller{Person: w.people["Berend"].id, Nonce: care.Nonce(berend.dismisses().Nonce)}
			err := w.app.WithdrawRequest(t.Context(), outsider, care.RequestID(id), "")
			if care.CodeOf(err) != "request_not_found" {
				t.Fatal(err)
			}
		}
		berend.next = 0
		var sent []wire.Mutation
		for range 100 {
			sent = append(sent, berend.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, id)))
		}
		for _, r := range berend.push(200, sent...).Results {
			if r.Code != "request_not_found" {
				t.Fatalf("%+v", r)
			}
		}
		after, err := w.stores.Requests.Get(t.Context(), care.RequestID(id))
		must(t, err)
		was, err := json.Marshal(before)
		must(t, err)
		is, err := json.Marshal(after)
		must(t, err)
		if !bytes.Equal(was, is) || after.Rev != before.Rev {
			t.Errorf("of %d bytes at %d, and of %d at %d", len(was), before.Rev, len(is), after.Rev)
		}
	})
}
