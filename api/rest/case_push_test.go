package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// The hard cases of handing in, by their numbers; api/cases_test.go names all of them.

// asksIn counts what somebody asks for, as it stands in the store.
func (w *world) asksIn(name string) int {
	w.t.Helper()
	n := 0
	for _, r := range all(w, w.stores.Requests) {
		if r.For == w.people[name].id {
			n++
		}
	}
	return n
}

func (p *phone) asks() wire.Mutation { return p.does("request.ask", p.w.needs(p.newID())) }

func (p *phone) dismisses() wire.Mutation {
	return p.does("outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`)
}

// says pushes and reads the results as text.
func (p *phone) says(status int, want string, all ...wire.Mutation) {
	p.w.t.Helper()
	if got := statuses(p.push(status, all...)); got != want {
		p.w.t.Fatalf("%s, want %s", got, want)
	}
}

// actor runs intents, or does something else with them.
type actor struct {
	offline.Actor
	meanwhile func(name string, act func() error) error
}

func (a actor) Act(ctx context.Context, c app.Caller, name string, args json.RawMessage) error {
	return a.meanwhile(name, func() error { return a.Actor.Act(ctx, c, name, args) })
}

// acting puts something between a push and what it runs, until the function that comes back is called.
func (w *world) acting(meanwhile func(name string, act func() error) error) func() {
	before := w.server.offline.Actor
	w.server.offline.Actor = actor{before, meanwhile}
	return func() { w.server.offline.Actor = before }
}

func TestCase01TheSamePushTwiceAndAtOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		m := p.asks()
		raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: []wire.Mutation{m}})
		must(t, err)
		var wait sync.WaitGroup
		answers := make([]answer, 6)
		for i := range answers {
			wait.Go(func() {
				answers[i] = w.bare("Anna", "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""})
			})
		}
		wait.Wait()
		applied := 0
		for _, a := range answers {
			var said wire.PushAnswer
			must(t, json.Unmarshal(a.body, &said))
			switch got := statuses(said); got {
			case "applied":
				applied++
			case "duplicate of applied", "retry":
			default:
				t.Errorf("status %d: %s", a.status, got)
			}
		}
		if n := w.asksIn("Anna"); applied > 1 || n != 1 {
			t.Errorf("applied %d times, and %d stand there", applied, n)
		}
		w.pass(20 * time.Second) // where each of them met another one at work
		p.says(200, "duplicate of applied", m)
	})
}

func TestCase02AnAnswerToAPushIsLost(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		d := w.device(t, "Anna")
		d.do("request.ask", w.needs(d.NewID()))
		d.cord.deaf = true
		if _, err := d.Sync(); !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		if n := w.asksIn("Anna"); n != 1 {
			t.Fatalf("%d arrived", n)
		}
		d.cord.deaf = false
		d.rest()
		if n := w.asksIn("Anna"); n != 1 {
			t.Fatalf("%d stand there", n)
		}
	})
}

func TestCase04IDsOutOfOrderStopTheRest(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		first, second, third, other := p.asks(), p.asks(), p.asks(), p.asks()
		other.ClientID, other.ID = p.newID(), 1
		p.says(409, "applied, gap 2", first, third, second, other)
		if n := w.asksIn("Anna"); n != 1 {
			t.Fatalf("%d were done", n)
		}
		p.says(200, "applied, applied, applied", second, third, other)
	})
}

func TestCase05AnIntentFromTheFutureLeavesNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.next = 1
		early := p.asks()
		p.says(409, "gap 1", early)
		if n := w.keptOf(w.people["Anna"].id); n["groups"]+n["writers"]+n["outcomes"] != 0 || w.asksIn("Anna") != 0 {
			t.Fatalf("kept is %v", n)
		}
		key := app.KeyOf(app.Caller{Person: w.people["Anna"].id, Nonce: care.Nonce(early.Nonce)})
		if _, err := w.stores.Ledger.Get(t.Context(), key); !care.IsKind(err, care.NotFound) {
			t.Fatalf("the ledger knows it: %v", err)
		}
	})
}

func TestCase06IDsThatAreNone(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		good, err := json.Marshal(p.asks())
		must(t, err)
		for _, id := range []string{"0", "-1", "1.5", "9007199254740992", "1e300", `"1"`, "null", "true", "[1]"} {
			bad := strings.Replace(string(good), `"id":1,`, `"id":`+id+`,`, 1)
			body := fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1","mutations":[%s,%s]}`, p.group, good, bad)
			w.call("Anna", "POST", "/sync/v1/push", body, header{"Idempotency-Key", ""}).want(400)
		}
		if n := w.asksIn("Anna"); n != 0 {
			t.Fatalf("%d were done of calls that were refused", n)
		}
	})
}

func TestCase07WhatNobodyKnowsIsRefusedAndTheRestGoesOn(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.says(200, "rejected mutation_unknown, rejected id_invalid, rejected body_invalid, applied",
			p.does("nothing.known", `{}`), p.does("request.withdraw", `{"request":7}`), p.does("ask.accept", `[]`), p.asks())
		p.pullAll()
		if n := len(p.of("outcome")); n != 3 || p.last[p.writer] != 4 {
			t.Fatalf("%d refusals, told %v", n, p.last)
		}
	})
}

func TestCase08AStoreThatIsAwayInTheMiddle(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		n, sent := 0, []wire.Mutation{p.asks(), p.asks(), p.asks()}
		whole := w.acting(func(_ string, act func() error) error {
			if n++; n == 2 {
				return care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
			}
			return act()
		})
		p.says(503, "applied, retry", sent...)
		whole()
		if n := w.asksIn("Anna"); n != 1 {
			t.Fatalf("%d were done", n)
		}
		p.says(200, "duplicate of applied, applied, applied", sent...)
		if p.pullAll(); p.last[p.writer] != 3 || w.asksIn("Anna") != 3 {
			t.Fatalf("told %v, %d stand there", p.last, w.asksIn("Anna"))
		}
	})
}

func TestCase09AnIntentThatFailsEachTimeIsGivenUp(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		bad, good := p.asks(), p.dismisses()
		defer w.acting(func(name string, act func() error) error {
			if name == bad.Name {
				return errors.New("the program is broken here")
			}
			return act()
		})()
		tries := 1
		for ; tries < 20; tries++ {
			if got := statuses(w.hands(p, bad, good)); got != "retry" {
				if got != "rejected internal, applied" {
					t.Fatal(got)
				}
				break
			}
			w.pass(3 * time.Minute)
		}
		if tries != 5 {
			t.Errorf("given up at try %d", tries)
		}
		letters := all(w, w.ground.Offline().Letters)
		if len(letters) != 1 || letters[0].Name != bad.Name || letters[0].Number != 1 {
			t.Errorf("dead letters %+v", letters)
		}
		if p.pullAll(); p.last[p.writer] != 2 || len(p.of("outcome")) != 1 {
			t.Errorf("told %v, shown %v", p.last, p.of("outcome"))
		}
	})
}

// hands pushes, whatever status comes back.
func (w *world) hands(p *phone, all ...wire.Mutation) wire.PushAnswer {
	w.t.Helper()
	raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: all})
	must(w.t, err)
	var said wire.PushAnswer
	must(w.t, json.Unmarshal(w.call(p.who, "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""}).body, &said))
	return said
}

// cutOff are requests whose next writing has an answer that is lost; done tells whether it was carried out.
type cutOff struct {
	port.Documents[care.RequestID, care.Request]
	done bool
	left int
}

func (c *cutOff) Insert(ctx context.Context, id care.RequestID, v care.Request, events []care.Event, w port.Write) (port.Stored[care.Request], error) {
	if c.left--; c.left != 0 {
		return c.Documents.Insert(ctx, id, v, events, w)
	}
	if c.done {
		_, _ = c.Documents.Insert(ctx, id, v, events, w) // its answer is what is lost
	}
	return port.Stored[care.Request]{}, care.E(care.Unavailable, "store_unavailable", "the store cannot answer now")
}

func TestCase10NobodyKnowsWhetherItWasCommitted(t *testing.T) {
	for what, done := range map[string]bool{"it was": true, "it was not": false} {
		t.Run(what, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, w *world) {
				w.arrive("Anna", care.Resident)
				p := w.phone("Anna")
				w.app.Stores.Requests = &cutOff{w.stores.Requests, done, 1}
				m := p.asks()
				p.says(503, "retry", m)
				got := statuses(w.hands(p, m))
				if n := w.asksIn("Anna"); n != 1 || got != "applied" && got != "duplicate of applied" {
					t.Fatalf("%s, and %d stand there", got, n)
				}
				p.says(200, "duplicate of applied", m)
			})
		})
	}
}

func TestCase12ARefusalWhoseAnswerIsLostComesByPull(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p, tablet := w.phone("Anna"), w.phone("Anna")
		m := p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, p.newID()))
		w.hands(p, m) // and nobody hears it
		for who, q := range map[string]*phone{"the phone": p, "the tablet": tablet} {
			var shown wire.Outcome
			q.pullAll()
			if raw := q.docs["outcome/"+m.Nonce]; json.Unmarshal(raw, &shown) != nil || shown.Code != "request_not_found" || shown.Name != m.Name {
				t.Errorf("%s shows %s", who, raw)
			}
		}
	})
}

func TestCase13ARefusalIsDismissedOnAnotherDevice(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p, tablet := w.phone("Anna"), w.phone("Anna")
		m := p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, p.newID()))
		p.says(200, "rejected request_not_found", m)
		p.pullAll()
		if tablet.pullAll(); len(tablet.of("outcome")) != 1 {
			t.Fatalf("the tablet shows %v", tablet.of("outcome"))
		}
		tablet.says(200, "applied", tablet.does("outcome.dismiss", fmt.Sprintf(`{"nonce":%q}`, m.Nonce)))
		p.says(200, "duplicate of rejected request_not_found", m) // late, and it does not return
		for who, q := range map[string]*phone{"the phone": p, "the tablet": tablet} {
			if q.pullAll(); len(q.of("outcome")) != 0 {
				t.Errorf("%s shows %v", who, q.of("outcome"))
			}
		}
	})
}

func TestCase15TheSecondIsJudgedByItself(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		id := p.newID()
		made := p.does("request.ask", strings.Replace(w.needs(id), `"kind":"groceries"`, `"kind":"magic"`, 1))
		closed := p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, id))
		said := p.push(200, made, closed)
		if len(said.Results) != 2 || said.Results[0].Status != "rejected" || said.Results[1].Code != "request_not_found" {
			t.Fatal(statuses(said))
		}
		if p.pullAll(); len(p.of("outcome")) != 2 {
			t.Errorf("shown are %v", p.of("outcome"))
		}
	})
}
