package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/cmd/naober/demo"
	"naober/api/port"
	"naober/api/store/mongostore"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

// TestNothingOfTheCastLiesOpenly lives a while in the demo and then searches every byte of its folder,
// data, keys and log, and its figures, for what its people are called, where they live, how they are reached and what
// they said.
func TestNothingOfTheCastLiesOpenly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	words, figures := liveAWhile(t, dir)
	folder, secret := demoOf(t, dir)
	s, err := sqlitestore.Open(t.Context(), filepath.Join(folder.Store(), "naober.db"), sqlitestore.Options{Key: secret})
	if err != nil {
		t.Fatal(err)
	}
	texts := append(said(t, s.Stores()), words)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p := newProof(t, texts)
	p.searchFolder(dir)
	p.search("the figures", figures)
	p.foundVillage()
}

// TestNothingOfTheCastLiesOpenlyOnMongo searches the demo's folder and log likewise, and every
// document of every collection, data and keys, as it lies on a MongoDB server.
func TestNothingOfTheCastLiesOpenlyOnMongo(t *testing.T) {
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		t.Skip("needs a MongoDB-compatible server: set NAOBER_MONGO_URI, or run under deploy/mongo.sh with")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	words, figures := liveAWhile(t, dir, "--store", uri)
	folder, secret := demoOf(t, dir)
	s, err := mongostore.Open(t.Context(), uri, folder.Facts.Database, mongostore.Options{Key: secret})
	if err != nil {
		t.Fatal(err)
	}
	texts := append(said(t, s.Stores()), words)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	data, keys := client.Database(folder.Facts.Database), client.Database(folder.Facts.Database+"_keys")
	t.Cleanup(func() {
		ctx := context.Background() // the test's own has ended
		if err := errors.Join(data.Drop(ctx), keys.Drop(ctx), client.Disconnect(ctx)); err != nil {
			t.Error(err)
		}
	})
	p := newProof(t, texts)
	p.searchFolder(dir)
	p.search("the figures", figures)
	p.village = false // it is to be found in the database
	if n := p.searchDatabase(keys); n < 1000 {
		t.Errorf("the key store has only %d documents", n)
	}
	if n := p.searchDatabase(data); n < 1000 {
		t.Errorf("the data has only %d documents", n)
	}
	p.foundVillage()
}

// liveAWhile founds a demo in which the resident asks for help in the words that it returns, with the
// figures of the process after that.
func liveAWhile(t *testing.T, dir string, more ...string) (string, []byte) {
	t.Helper()
	const words = "Met de rollator naar de oogarts in Assen"
	r := startDemo(t, dir, append([]string{"--no-neighbours"}, more...)...)
	access := r.signIn("resident", false)
	start := time.Now().UTC().Truncate(time.Hour).Add(72 * time.Hour)
	if status := r.call(access, "POST", r.ports.API+"/v1/requests", map[string]any{"community": r.cast["resident"].Community, "kind": "groceries", "words": words,
		"urgency": "ordinary", "slots": []map[string]any{{"start": start, "end": start.Add(time.Hour)}}}, nil); status != http.StatusCreated {
		t.Fatalf("the resident asks: %d", status)
	}
	answer, err := http.Get(r.ports.Control + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	figures, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(figures, []byte(`naober_http_seconds_count{method="POST",route="/v1/requests",status="201"} 1`)) {
		t.Fatalf("the figures do not know of the request: %.500s", figures)
	}
	r.stop()
	return words, figures
}

// demoOf opens the folder of a demo that has ended.
func demoOf(t *testing.T, dir string) (*demo.Folder, []byte) {
	t.Helper()
	folder, err := demo.OpenFolder(dir, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := folder.Secret()
	if err != nil {
		t.Fatal(err)
	}
	return folder, secret
}

// proof searches bytes for texts, and for a village, which is public: a search that does not even
// find that one proves nothing.
type proof struct {
	t       *testing.T
	texts   []string
	village bool
}

func newProof(t *testing.T, texts []string) *proof {
	t.Helper()
	if len(texts) < 100 {
		t.Fatalf("only %d texts to search for", len(texts))
	}
	return &proof{t: t, texts: texts}
}

func (p *proof) search(where string, in []byte) {
	for _, text := range p.texts {
		if bytes.Contains(in, []byte(text)) {
			p.t.Errorf("%q lies openly in %s", text, where)
		}
	}
	p.village = p.village || bytes.Contains(in, []byte("Grolloo"))
}

func (p *proof) searchFolder(dir string) {
	p.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "cast.json" {
			return err
		}
		in, err := os.ReadFile(path)
		p.search(filepath.Base(path), in)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// searchDatabase reads every document as the server keeps it, and tells how many there are.
func (p *proof) searchDatabase(db *mongo.Database) int {
	p.t.Helper()
	ctx, n := p.t.Context(), 0
	names, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, name := range names {
		found, err := db.Collection(name).Find(ctx, bson.D{})
		if err != nil {
			p.t.Fatal(err)
		}
		var all bytes.Buffer
		for ; found.Next(ctx); n++ {
			all.Write(found.Current)
		}
		if err := errors.Join(found.Err(), found.Close(ctx)); err != nil {
			p.t.Fatal(err)
		}
		p.search(name, all.Bytes())
	}
	return n
}

func (p *proof) foundVillage() {
	p.t.Helper()
	if !p.village {
		p.t.Error("the search does not even find a village")
	}
}

// said is every text that a demo's people have in their profiles, as far as it is long enough to be
// no chance.
func said(t *testing.T, s app.Stores) []string {
	t.Helper()
	var texts []string
	err := s.Persons.Each(t.Context(), func(p port.Stored[care.Person]) error {
		for _, text := range []string{p.Value.FirstName, p.Value.LastName, p.Value.BirthDate, p.Value.Home.Street, p.Value.Home.PostCode} {
			if len(text) >= 6 {
				texts = append(texts, text)
			}
		}
		for _, c := range p.Value.Contacts {
			texts = append(texts, c.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
