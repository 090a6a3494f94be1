package mongostore

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/event"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// recorder keeps every command that the driver sent.
type recorder struct {
	mu       sync.Mutex
	commands map[string][]bson.Raw
}

func (r *recorder) monitor() *event.CommandMonitor {
	r.commands = map[string][]bson.Raw{}
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.commands[e.CommandName] = append(r.commands[e.CommandName], append(bson.Raw(nil), e.Command...))
	}}
}

// workload uses every method of the ports that talks to the server, migrations included.
func workload(t *testing.T, s *Store) {
	t.Helper()
	ctx, ports := t.Context(), s.Stores()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	village := care.Community{ID: "01KAS0GR0110000000000000AA", Name: "Grolloo", Point: care.Point{Lat: 52.93, Lon: 6.67}}
	_, err := ports.Communities.Insert(ctx, village.ID, village, nil, port.Write{})
	check(err)
	_, err = ports.Communities.Near(ctx, village.Point, 3)
	check(err)

	person := care.Person{ID: "01KAS0GR0110000000000000AB", FirstName: "Roelie"}
	made := []care.Event{{Type: care.PersonRegistered, At: time.Now(), Person: person.ID}}
	_, err = ports.Persons.Insert(ctx, person.ID, person, made, port.Write{Nonce: "account/1"})
	check(err)
	_, err = ports.Persons.Insert(ctx, person.ID, person, made, port.Write{Nonce: "account/1"})
	check(err)
	for _, name := range []string{"Geesje", "Jantje"} {
		_, err = ports.Persons.Update(ctx, person.ID, port.Write{Nonce: care.Nonce("account/" + name)}, func(p care.Person) (care.Person, []care.Event, error) {
			p.FirstName = name
			return p, nil, nil
		})
		check(err)
	}
	_, err = ports.Persons.Find(ctx, port.Key{Name: app.ByCommunity, Value: string(village.ID)}, port.Page{Limit: 5})
	check(err)
	check(ports.Persons.Each(ctx, func(port.Stored[care.Person]) error { return nil }))
	_, err = ports.Requests.Due(ctx, time.Now(), 5)
	check(err)
	_, err = s.remember(ctx, []mark{{Nonce: "account/1", At: time.Now().Add(-time.Hour)}}, "account/2")
	check(err)

	pending, err := ports.Feed.Pending(ctx, 5)
	check(err)
	if len(pending) != 1 || len(pending[0].Events) != 1 {
		t.Fatalf("pending is %v, want the one event", pending)
	}
	first := pending[0]
	check(ports.Feed.Append(ctx, []port.Row{{ID: 1, Doc: first.Doc, Seq: first.Events[0].Seq, Event: first.Events[0].Event, At: time.Now()}}))
	_, err = ports.Feed.Has(ctx, first.Doc, 1)
	check(err)
	check(ports.Feed.Drain(ctx, first.Doc, 1))
	_, err = ports.Feed.Read(ctx, 0, 5)
	check(err)
	_, _, err = ports.Feed.Bounds(ctx)
	check(err)
	check(ports.Feed.Trim(ctx, time.Now().Add(time.Hour)))
	check(s.Check(ctx))
}

func TestEveryCommandAsksForMajority(t *testing.T) {
	var seen recorder
	opts := testOptions()
	opts.Monitor = seen.monitor()
	// An address that asks for less changes nothing.
	uri := serverURI(t)
	weak := "?"
	if strings.Contains(uri, "?") {
		weak = "&"
	}
	database := newDatabase(t)
	s, err := Open(t.Context(), uri+weak+"w=1&journal=false&readConcernLevel=local&readPreference=secondaryPreferred", database, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(context.Background()) }()
	workload(t, s)

	seen.mu.Lock()
	defer seen.mu.Unlock()
	for _, name := range []string{"insert", "update", "delete", "createIndexes"} {
		if len(seen.commands[name]) == 0 {
			t.Errorf("the workload sent no %s", name)
		}
		for _, c := range seen.commands[name] {
			w, _ := c.Lookup("writeConcern", "w").StringValueOK()
			j, _ := c.Lookup("writeConcern", "j").BooleanOK()
			if w != "majority" || !j {
				t.Errorf("%s with w %q and j %t, want majority and true", name, w, j)
			}
		}
	}
	for _, name := range []string{"find", "aggregate"} {
		for _, c := range seen.commands[name] {
			if level, _ := c.Lookup("readConcern", "level").StringValueOK(); level != "majority" {
				t.Errorf("%s with read concern %q, want majority", name, level)
			}
			if mode, err := c.LookupErr("$readPreference", "mode"); err == nil && !strings.HasPrefix(mode.StringValue(), "primary") {
				t.Errorf("%s with read preference %s, want the primary", name, mode)
			}
		}
		if len(seen.commands[name]) == 0 {
			t.Errorf("the workload sent no %s", name)
		}
	}
	for name := range seen.commands {
		switch name {
		case "insert", "update", "delete", "createIndexes", "find", "aggregate", "ping", "endSessions":
		case "getMore": // goes on with what find asked for, and may say no concern of its own
		default:
			t.Errorf("%s was sent, and nothing here asserts its concerns", name)
		}
	}
}
