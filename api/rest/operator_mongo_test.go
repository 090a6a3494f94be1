package rest

import (
	"context"
	"crypto/rand"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/event"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/store/mongostore"
)

// poisons are what somebody sends who would like to write a filter or an update of ours. Each has the
// word poison, so that it is known again wherever it turns up.
func poisons() []string {
	return []string{`{"$ne":null}`, `{"$gt":"","$where":"poison"}`, `{"$where":"poison"}`, `{"poison.key":{"$poison":1}}`, `["$poison"]`, `"$poison"`, `"$$ROOT.poison.$[x]"`}
}

// TestNoValueOfAClientIsAnOperator makes every call as it should be, notes where a $ stands in what the
// server of MongoDB is sent, and then puts poison into every field of every body and every parameter of
// path and query: no $ may stand anywhere new, no key may be the client's, and no expression may hold a
// text of theirs.
func TestNoValueOfAClientIsAnOperator(t *testing.T) {
	t.Parallel()
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		t.Skip("needs a MongoDB-compatible server: set NAOBER_MONGO_URI, or run under deploy/mongo.sh with")
	}
	cable := &tap{seen: map[string]bool{}}
	right := newPoisoned(t, uri, cable)
	for _, r := range right.routes() {
		for range 2 { // what was read before is asked of the server in another way
			right.make(r.method+" "+r.path, right.where(r.method+" "+r.path), right.fill(bodies()[r.method+" "+r.path]))
		}
	}
	right.settle()
	if cable.commands < 500 || len(cable.seen) < 8 {
		t.Fatalf("%d commands with a $ at %v", cable.commands, slices.Sorted(maps.Keys(cable.seen)))
	}
	// What was made above may have ended sessions, so the poison goes to people of its own.
	p := newPoisoned(t, uri, cable)
	cable.judge(t)
	for _, r := range p.routes() {
		p.poison(r)
	}
	p.settle()
	if p.calls < 1_500 || p.strangers*10 > p.calls {
		t.Errorf("of %d calls %d were nobody's", p.calls, p.strangers)
	}
	t.Logf("figure: operators: %d poisoned calls, %d commands to the server, a $ at %d places alone", p.calls, cable.commands, len(cable.seen))
}

func newPoisoned(t *testing.T, uri string, cable *tap) *poisoned {
	t.Helper()
	database := "operators_" + rand.Text()
	w := newWorldOn(t, func(w *world, key []byte) ground {
		store, err := mongostore.Open(t.Context(), uri, database, mongostore.Options{Key: key, Now: w.clock, Monitor: cable.monitor()})
		must(t, err)
		keepLapsed(t, uri, database)
		t.Cleanup(func() { must(t, store.Close(context.Background())) })
		return store
	})
	p := &poisoned{badInput: badInput{matrix: newMatrixOn(t, w), test: t, allowed: allowedOf(t)}, tap: cable}
	p.furnishMore()
	return p
}

// keepLapsed takes the server's own clock out of the play: by it, what this world has just begun may
// have lapsed for days, and the server would clear it away.
func keepLapsed(t *testing.T, uri, database string) {
	t.Helper()
	ctx := t.Context()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	must(t, err)
	defer func() { must(t, client.Disconnect(ctx)) }()
	names, err := client.Database(database).ListCollectionNames(ctx, bson.D{})
	must(t, err)
	dropped := 0
	for _, name := range names {
		all, err := client.Database(database).Collection(name).Indexes().ListSpecifications(ctx)
		must(t, err)
		for _, one := range all {
			if one.ExpireAfterSeconds != nil {
				_, err := client.Database(database).Collection(name).Indexes().DropOne(ctx, one.Name)
				must(t, err)
				dropped++
			}
		}
	}
	if dropped == 0 {
		t.Fatal("nothing lapses by the server's clock any more")
	}
}

// poisoned is a village on MongoDB whose calls are spoiled. What succeeds stays: only the place of
// each $ is judged.
type poisoned struct {
	badInput
	tap              *tap
	calls, strangers int
}

// routes puts those last that end an account or a session: nobody else could make a call after them.
func (p *poisoned) routes() []route {
	last := func(r route) bool {
		return strings.Contains(r.path, "forget") || strings.Contains(r.path, "device") || strings.Contains(r.path, "died") || strings.Contains(r.path, "deaths")
	}
	all := slices.Clone(p.server.routes())
	slices.SortStableFunc(all, func(x, y route) int {
		switch {
		case last(x) == last(y):
			return 0
		case last(x):
			return 1
		}
		return -1
	})
	return all
}

func (p *poisoned) make(name, path, body string, heads ...header) {
	by := p.allowed[name]
	if by == "nobody" {
		by = ""
	}
	method, _, _ := strings.Cut(name, " ")
	p.tap.told(name + " at " + path + " with " + body)
	a := p.bare(by, method, path, body, heads...)
	p.calls++
	if by != "" && a.status == 401 {
		p.strangers++
	}
	if a.status >= 500 {
		p.test.Errorf("%s: status %d: %s", a.call, a.status, a.body)
	}
}

func (p *poisoned) poison(r route) {
	name := r.method + " " + r.path
	op, ok := p.spec.operation(r.method, p.where(name))
	if !ok {
		p.test.Fatalf("openapi.yaml has no %s", name)
	}
	body := p.fill(bodies()[name])
	for _, raw := range poisons() {
		text := badValue{raw: raw}.text()
		for _, field := range p.spec.fields(op.RequestBody.Content["application/json"].Schema, nil) {
			if body != "" {
				p.make(name, p.where(name), p.spec.spoiled(p.test, body, op.RequestBody.Content["application/json"].Schema, field, raw))
			}
		}
		for _, in := range op.Parameters {
			if ref, is := strings.CutPrefix(in.Ref, "#/components/parameters/"); is {
				in = p.spec.Components.Parameters[ref]
			}
			path := p.where(name)
			switch in.In {
			case "path":
				p.make(name, p.fill(p.path(strings.Replace(r.path, ":"+in.Name, strings.ReplaceAll(url.PathEscape(text), ":", "%3A"), 1))), body)
			case "query":
				p.make(name, path+"?"+url.Values{in.Name: {text}}.Encode(), body)
				p.make(name, path+"?"+url.Values{in.Name + "[$poison]": {text}, in.Name + ".$poison": {text}}.Encode(), body)
			case "header":
				p.make(name, path, body, header{in.Name, text})
			}
		}
		p.make(name, p.where(name)+"?"+url.Values{"$where": {"poison"}, "poison": {text}}.Encode(), body)
	}
}

// tap sees each command on its way to the server. Until judge it learns where a $ stands; from then
// on it holds each command to that.
type tap struct {
	mu       sync.Mutex
	seen     map[string]bool
	commands int
	t        *testing.T // nil while it learns
	call     string
}

func (p *tap) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.commands++
		for _, found := range judgeCommand(e.Command, p.seen, p.t == nil) {
			p.t.Errorf("%s: %s: %s", p.call, e.CommandName, found)
		}
	}}
}

func (p *tap) judge(t *testing.T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t = t
}

// told names the call whose commands come next.
func (p *tap) told(call string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.call = call
}
