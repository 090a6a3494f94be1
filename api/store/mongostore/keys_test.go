package mongostore

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"

	"naober/api/port"
	"naober/matching/care"
)

// TestKeysHaveAConnectionOfTheirOwn names the key store's server apart: no key lies in the data's
// database, a second handle opens what the first wrote, and both connections end.
func TestKeysHaveAConnectionOfTheirOwn(t *testing.T) {
	uri, name, ctx := serverURI(t), newDatabase(t), t.Context()
	options := testOptions()
	options.KeysURI, options.Keys = uri, name+"_keys"
	person := care.Person{ID: care.DeriveID[care.PersonID](time.Now(), "geesje"), FirstName: "Geesje"}
	for round := range 2 {
		s, err := Open(ctx, uri, name, options)
		if err != nil {
			t.Fatal(err)
		}
		if !s.keysElsewhere() {
			t.Fatal("the key store shares the data's connection")
		}
		if round == 0 {
			if _, err := s.Stores().Persons.Insert(ctx, person.ID, person, nil, port.Write{}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Stores().Persons.Get(ctx, person.ID)
		if err != nil || got.Value.FirstName != person.FirstName {
			t.Errorf("round %d reads %q: %v", round, got.Value.FirstName, err)
		}
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
		names, err := s.db.ListCollectionNames(ctx, bson.D{})
		if err != nil || slices.Contains(names, "rings") || slices.Contains(names, "contacts") {
			t.Errorf("the data's database holds %v: %v", names, err)
		}
		keys := s.keys
		if err := s.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
		if keys.Check(ctx) == nil {
			t.Error("the key store's connection is still open")
		}
	}
}

// TestWithoutTheServerOfItsKeysNothingOpens refuses to open without the key store's server.
func TestWithoutTheServerOfItsKeysNothingOpens(t *testing.T) {
	options := testOptions()
	options.KeysURI = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
	options.Timeout = time.Second
	s, err := Open(t.Context(), serverURI(t), newDatabase(t), options)
	if care.CodeOf(err) != "store_unavailable" {
		t.Fatalf("opened %v: %v", s != nil, err)
	}
}

// TestAnotherKeyStoreIsRefused opens data beside a key store that is new: nothing is made in its place.
func TestAnotherKeyStoreIsRefused(t *testing.T) {
	uri, name, ctx := serverURI(t), newDatabase(t), t.Context()
	s := openStore(t, name, testOptions())
	person := care.Person{ID: care.DeriveID[care.PersonID](time.Now(), "geesje"), FirstName: "Geesje"}
	if _, err := s.Stores().Persons.Insert(ctx, person.ID, person, nil, port.Write{}); err != nil {
		t.Fatal(err)
	}
	options := testOptions()
	options.Keys = newDatabase(t)
	for range 2 { // what the first opening left must not be taken for the key store by the second
		if other, err := Open(ctx, uri, name, options); err == nil || !strings.Contains(err.Error(), "lacks a key") {
			if err == nil {
				err = other.Close(ctx)
			}
			t.Fatalf("another key store: %v", err)
		}
	}
}
