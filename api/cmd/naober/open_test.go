package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/cmd/naober/demo"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

// TestNothingOfTheCastLiesOpenly lives a while in the demo and then searches every byte of its folder,
// data, keys and log, for what its people are called, where they live, how they are reached and what
// they said.
func TestNothingOfTheCastLiesOpenly(t *testing.T) {
	const words = "Met de rollator naar de oogarts in Assen"
	dir := filepath.Join(t.TempDir(), "demo")
	r := startDemo(t, dir, "--no-neighbours")
	access := r.signIn("resident", false)
	start := time.Now().UTC().Truncate(time.Hour).Add(72 * time.Hour)
	if status := r.call(access, "POST", r.ports.API+"/v1/requests", map[string]any{"community": r.cast["resident"].Community, "kind": "groceries", "words": words,
		"urgency": "ordinary", "slots": []map[string]any{{"start": start, "end": start.Add(time.Hour)}}}, nil); status != http.StatusCreated {
		t.Fatalf("the resident asks: %d", status)
	}
	r.stop()

	texts := append(said(t, dir), words)
	raw, err := json.Marshal("Grolloo")
	if err != nil || len(texts) < 100 {
		t.Fatalf("only %d texts to search for: %v", len(texts), err)
	}
	control := false
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "cast.json" {
			return err
		}
		bytesOf, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(bytesOf, []byte(text)) {
				t.Errorf("%q lies openly in %s", text, filepath.Base(path))
			}
		}
		control = control || bytes.Contains(bytesOf, raw)
		return err
	})
	if err != nil || !control {
		t.Errorf("the search does not even find a village: %v", err)
	}
}

// said is every text that a demo's people have in their profiles, as far as it is long enough to be
// no chance.
func said(t *testing.T, dir string) []string {
	t.Helper()
	folder, err := demo.OpenFolder(dir, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := folder.Secret()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlitestore.Open(t.Context(), filepath.Join(folder.Store(), "naober.db"), sqlitestore.Options{Key: secret})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var texts []string
	err = s.Stores().Persons.Each(t.Context(), func(p app.Stored[care.Person]) error {
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
