package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

// parks sets rows aside as a consumer does: one that failed, one that waits behind it, one that was handed
// over since.
func parks(t *testing.T, where, database string, k keys) {
	t.Helper()
	s, closeIt, err := openStore(t.Context(), where, database, time.Now, k, func() {})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for n, p := range []feed.Parked{{Tries: 5, RetryAt: at.Add(40 * time.Second)}, {RetryAt: at}, {Tries: 4}} {
		p.ID, p.Consumer, p.Code, p.At = string(rune('a'+n)), "steward", "claim_pending", at
		p.Row = port.Row{Doc: port.DocRef{Kind: "requests", ID: "01KAS0GR0110000000000000A" + string(rune('A'+n))}, Seq: 3, Event: care.Event{Type: care.RequestPublished}}
		if _, err := s.Stores().Parked.Insert(t.Context(), p.ID, p, nil, port.Write{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
}

// listsParked wants what parks set aside.
func (i installation) listsParked() {
	i.t.Helper()
	out, err := i.do("admin", "parked")
	if err != nil {
		i.t.Fatal(out, err)
	}
	var rows []string
	for line := range strings.Lines(out) {
		rows = append(rows, strings.Join(strings.Fields(line), " "))
	}
	if want := []string{"consumer kind id event code tries next try",
		"steward requests 01KAS0GR0110000000000000AA request.published claim_pending 5 2026-11-24T09:00:40Z",
		"steward requests 01KAS0GR0110000000000000AB request.published claim_pending 0 after the one before it"}; !slices.Equal(rows, want) {
		i.t.Errorf("it lists\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatIsParkedIsListed(t *testing.T) {
	i := newInstallation(t).begin()
	if out, err := i.do("admin", "parked"); err != nil || strings.TrimSpace(out) != "nothing is parked" {
		t.Errorf("%s %v", out, err)
	}
	parks(t, i.env["NAOBER_STORE"], "", keys{Secret: bytes.Repeat([]byte{7}, 32)})
	i.listsParked()
}

// TestOperatorsActOnMongo does on a server what the tests beside do in a folder: a database of a slip is
// refused and not begun, what is parked is listed, and people whose data is older than their key are counted.
func TestOperatorsActOnMongo(t *testing.T) {
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		t.Skip("needs a MongoDB-compatible server: set NAOBER_MONGO_URI, or run under deploy/mongo.sh with")
	}
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	i, k := newInstallation(t), keys{Secret: bytes.Repeat([]byte{7}, 32)}
	name := "naober_operator_" + strings.ToLower(rand.Text()[:10])
	i.env["NAOBER_STORE"], i.env["NAOBER_DATABASE"] = uri, name
	t.Cleanup(func() {
		ctx := context.Background() // the test's own has ended
		if err := errors.Join(client.Database(name).Drop(ctx), client.Database(name+"_keys").Drop(ctx), client.Disconnect(ctx)); err != nil {
			t.Error(err)
		}
	})
	for _, args := range [][]string{{"rotate-keys"}, {"verify-audit"}, {"parked"}, {"create-organization", "--kind", "association", "--name", "Dorpsbelang"}} {
		if out, err := i.do(append([]string{"admin"}, args...)...); err == nil || !strings.Contains(err.Error(), "there is no store in the database "+name) {
			t.Errorf("%v: %s %v", args, out, err)
		}
	}
	made, err := client.ListDatabaseNames(t.Context(), bson.D{})
	if err != nil || slices.Contains(made, name) || slices.Contains(made, name+"_keys") {
		t.Errorf("the server has %v, %v", made, err)
	}
	beginIn(t, uri, name, k)
	layIn(t, uri, name, k)
	parks(t, uri, name, k)
	i.listsParked()
	if out, err := i.do("admin", "verify-keys"); err != nil {
		t.Errorf("%s %v", out, err)
	}
	_, err = client.Database(name+"_keys").Collection("rings").UpdateByID(t.Context(), string(geesje().ID),
		bson.D{{Key: "$set", Value: bson.D{{Key: "state.newest", Value: 2}, {Key: "state.keys", Value: bson.A{}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := i.do("admin", "verify-keys"); err == nil || !strings.Contains(err.Error(), lostOne) {
		t.Errorf("%s %v", out, err)
	}
}
