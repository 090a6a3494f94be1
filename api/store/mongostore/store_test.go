package mongostore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/matching/care"
)

// serverURI names the server of these tests. deploy/test.sh always sets it.
func serverURI(t *testing.T) string {
	t.Helper()
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		t.Skip("needs a MongoDB-compatible server: set NAOBER_MONGO_URI, or run under deploy/mongo.sh with")
	}
	return uri
}

// newDatabase names a database of the test's own and drops it afterwards.
func newDatabase(t *testing.T) string {
	t.Helper()
	uri := serverURI(t)
	sum := sha256.Sum256([]byte(t.Name() + time.Now().String()))
	name := "naober_test_" + hex.EncodeToString(sum[:8])
	t.Cleanup(func() { dropDatabase(t, uri, name) })
	return name
}

// dropDatabase goes around Open, so that it also clears a database that Open refuses.
func dropDatabase(t *testing.T, uri, name string) {
	t.Helper()
	ctx := context.Background() // the test's own has ended when it cleans up
	db := rawDatabase(t, uri, name)
	if err := errors.Join(db.db.Drop(ctx), db.client.Database(name+"_keys").Drop(ctx), db.Close(ctx)); err != nil {
		t.Errorf("dropping %s: %v", name, err)
	}
}

// rawDatabase is a store without migrations.
func rawDatabase(t *testing.T, uri, name string) *Store {
	t.Helper()
	s, err := connect(context.Background(), uri, name, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testOptions() Options {
	return Options{Key: []byte("a service key of thirty-two bytes")[:32]}
}

// openStore opens the database and closes it with the test.
func openStore(t *testing.T, database string, opts Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), serverURI(t), database, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpenRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		uri, database string
		opts          Options
	}{
		"no database":        {"mongodb://127.0.0.1:1/", "", testOptions()},
		"no key":             {"mongodb://127.0.0.1:1/", "naober", Options{}},
		"no address":         {"", "naober", testOptions()},
		"another protocol":   {"https://127.0.0.1/", "naober", testOptions()},
		"an unescaped slash": {"mongodb://u:geheim/x@127.0.0.1:1/", "naober", testOptions()},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), row.uri, row.database, row.opts)
			if err == nil {
				t.Fatal("it opened")
			}
			if got := err.Error(); len(row.uri) > 0 && (strings.Contains(got, row.uri) || strings.Contains(got, "geheim")) {
				t.Errorf("the error quotes the address: %s", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	s := openStore(t, newDatabase(t), testOptions())
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a server that answers: %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); !care.IsKind(err, care.Unavailable) {
		t.Errorf("after Close: %v, want unavailable", err)
	}
}

// TestCheckWrites: the document of the probe is written, once however often it is asked; and a server that
// answers and takes no write, here because an index forbids it, is not ready.
func TestCheckWrites(t *testing.T) {
	s := openStore(t, newDatabase(t), testOptions())
	for range 5 {
		if err := s.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.db.Collection(probes).CountDocuments(t.Context(), bson.D{}); err != nil || n != 1 {
		t.Errorf("%d documents, %v", n, err)
	}
	opts := testOptions()
	opts.Now = func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }
	other := openStore(t, newDatabase(t), opts)
	taken := other.db.Collection(probes)
	if _, err := taken.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "another"}, {Key: "at", Value: opts.Now()}}); err != nil {
		t.Fatal(err)
	}
	if _, err := taken.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "at", Value: 1}}, Options: options.Index().SetUnique(true)}); err != nil {
		t.Fatal(err)
	}
	if err := other.Check(t.Context()); err == nil {
		t.Error("a server that takes no write is ready")
	}
}

// rawDocument reads what is stored, past every translation.
func rawDocument(t *testing.T, s *Store, kind, id string) bson.M {
	t.Helper()
	var doc bson.M
	if err := s.db.Collection(kind).FindOne(t.Context(), byID(id)).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}
