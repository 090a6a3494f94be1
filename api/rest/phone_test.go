package rest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/store/mongostore"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// phone is one device of an account, as plain as can be: what it has to send and what it holds.
type phone struct {
	w      *world
	who    string
	group  string
	writer string
	next   int64
	nonces int
	cookie *wire.Cookie
	docs   map[string]json.RawMessage
	last   map[string]int64
}

func (w *world) phone(who string) *phone {
	p := &phone{w: w, who: who, docs: map[string]json.RawMessage{}, last: map[string]int64{}}
	p.group, p.writer = p.newID(), p.newID()
	return p
}

// newID makes a ULID as a device does.
func (p *phone) newID() string {
	p.w.mu.Lock()
	p.w.keys++
	n := p.w.keys
	p.w.mu.Unlock()
	return string(care.DeriveID[care.RequestID](p.w.clock(), p.who, fmt.Sprint(n)))
}

// does is the next intent of the phone, not sent yet.
func (p *phone) does(name, args string) wire.Mutation {
	p.next++
	p.nonces++
	return wire.Mutation{ClientID: p.writer, ID: p.next, Nonce: fmt.Sprintf("nonce-%s-%s-%d", strings.ToLower(p.who), p.group[18:], p.nonces), Name: name, Args: json.RawMessage(args)}
}

func (p *phone) push(status int, all ...wire.Mutation) wire.PushAnswer {
	p.w.t.Helper()
	raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: all})
	must(p.w.t, err)
	a := p.w.call(p.who, "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""}).want(status)
	var answer wire.PushAnswer
	if status != 403 && status != 400 {
		must(p.w.t, json.Unmarshal(a.body, &answer))
	}
	for i, r := range answer.Results {
		if err := p.w.spec.fitsArguments(all[i].Name, all[i].Args); err != nil && r.Status == "applied" {
			p.w.t.Error(err)
		}
	}
	return answer
}

// pull takes one page in, and reports whether there is more.
func (p *phone) pull(ops int) bool {
	p.w.t.Helper()
	return p.pulled(ops).HasMore
}

// pulled takes one page in.
func (p *phone) pulled(ops int) wire.PullAnswer {
	p.w.t.Helper()
	raw, err := json.Marshal(wire.Pull{PullVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Cookie: p.cookie, MaxOps: ops})
	must(p.w.t, err)
	var page wire.PullAnswer
	must(p.w.t, json.Unmarshal(p.w.call(p.who, "POST", "/sync/v1/pull", string(raw), header{"Idempotency-Key", ""}).want(200).body, &page))
	p.takes(page)
	return page
}

// takes applies a page.
func (p *phone) takes(page wire.PullAnswer) {
	for _, op := range page.Patch {
		switch op.Op {
		case "clear":
			clear(p.docs)
		case "del":
			delete(p.docs, op.Key)
		case "put":
			p.docs[op.Key] = op.Value
		}
	}
	maps.Copy(p.last, page.LastMutationIDChanges)
	p.cookie = &page.Cookie
}

func (p *phone) pullAll() {
	p.w.t.Helper()
	for p.pull(0) {
	}
}

// of lists the keys of one kind that the phone holds.
func (p *phone) of(kind string) []string {
	var keys []string
	for key := range p.docs {
		if strings.HasPrefix(key, kind+"/") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (w *world) needs(id string) string {
	at := w.clock().AddDate(0, 0, 1).UTC().Format(time.RFC3339)
	return fmt.Sprintf(`{"id":%q,"community":%q,"kind":"groceries","words":"Melk en brood","urgency":"ordinary","publish":true,"slots":[{"start":%q,"end":%q}]}`,
		id, w.village, at, w.clock().AddDate(0, 0, 1).Add(time.Hour).UTC().Format(time.RFC3339))
}

// onEachStore runs a test on the embedded store, and on a MongoDB-compatible server where there is one.
func onEachStore(t *testing.T, f func(*testing.T, *world)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, newWorld(t))
	})
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		return
	}
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		f(t, newWorldOn(t, func(w *world, key []byte) ground {
			database := "offline_" + rand.Text()
			store, err := mongostore.Open(t.Context(), uri, database, mongostore.Options{Key: key, Now: w.clock})
			must(t, err)
			keepLapsed(t, uri, database)
			t.Cleanup(func() { must(t, store.Close(context.Background())) })
			return store
		}))
	})
}

func statuses(a wire.PushAnswer) string {
	var all []string
	for _, r := range a.Results {
		s := r.Status
		if r.Of != "" {
			s += " of " + r.Of
		}
		if r.Code != "" {
			s += " " + r.Code
		}
		if r.ExpectedID != 0 {
			s += fmt.Sprint(" ", r.ExpectedID)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}
