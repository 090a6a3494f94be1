package mongostore

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

const roelie = care.PersonID("01KAS0GR0110000000000000AB")

func registered(id care.PersonID) []care.Event {
	return []care.Event{{Type: care.PersonRegistered, At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Person: id}}
}

func rename(to string) port.Change[care.Person] {
	return func(p care.Person) (care.Person, []care.Event, error) {
		p.FirstName = to
		return p, nil, nil
	}
}

func TestIDsAreNeverOperators(t *testing.T) {
	s := openStore(t, newDatabase(t), testOptions())
	persons, ctx := s.Stores().Persons, t.Context()
	if _, err := persons.Insert(ctx, roelie, care.Person{ID: roelie, FirstName: "Roelie"}, registered(roelie), port.Write{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []care.PersonID{`{"$ne":null}`, `{"$gt":""}`, "$ne", "", "$where", `/.*/`, "ObjectId()"} {
		t.Run(fmt.Sprintf("%q", id), func(t *testing.T) {
			if _, err := persons.Get(ctx, id); !care.IsKind(err, care.NotFound) {
				t.Errorf("get: %v, want not found", err)
			}
			if _, err := persons.Update(ctx, id, port.Write{}, rename("Geen")); !care.IsKind(err, care.NotFound) {
				t.Errorf("update: %v, want not found", err)
			}
			for _, key := range []port.Key{{Name: app.ByContact, Value: string(id)}, {Name: string(id), Value: string(id)}} {
				if found, err := persons.Find(ctx, key, port.Page{Limit: 10}); err != nil || len(found) != 0 {
					t.Errorf("find %v: %d documents, %v", key, len(found), err)
				}
			}
			if has, err := s.Stores().Feed.Has(ctx, port.DocRef{Kind: string(id), ID: string(id)}, 1); err != nil || has {
				t.Errorf("has: %t, %v", has, err)
			}
			if id == "" {
				return
			}
			made, err := persons.Insert(ctx, id, care.Person{ID: id, FirstName: "Zelf"}, nil, port.Write{})
			if err != nil {
				t.Fatal(err)
			}
			if read, err := persons.Get(ctx, id); err != nil || read.Value.ID != id || made.ID != string(id) {
				t.Errorf("an id of any content is that string: %v, %v", read.Value.ID, err)
			}
		})
	}
	if read, err := persons.Get(ctx, roelie); err != nil || read.Rev != 1 {
		t.Errorf("the other document is at rev %d, %v", read.Rev, err)
	}
	for _, kind := range []string{"", "leases", "system.views", "$cmd", "migrations"} {
		if err := s.Stores().Feed.Drain(ctx, port.DocRef{Kind: kind, ID: string(roelie)}, 9); err == nil {
			t.Errorf("drain went into the collection %q", kind)
		}
	}
}

func TestStoredShape(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 123_456_789, time.FixedZone("winter", 3600))
	opts, wrote := testOptions(), 0
	opts.Now = func() time.Time { return now }
	opts.Wrote = func() { wrote++ }
	s := openStore(t, newDatabase(t), opts)
	ctx, ports := t.Context(), s.Stores()

	person := care.Person{ID: roelie, FirstName: "Roelie", CreatedAt: now, Contacts: []care.Contact{{Value: "roelie@example.org"}}}
	if _, err := ports.Persons.Insert(ctx, roelie, person, registered(roelie), port.Write{Nonce: "account/1"}); err != nil {
		t.Fatal(err)
	}
	doc := rawDocument(t, s, "persons", string(roelie))
	ms := primitive.NewDateTimeFromTime(now.Truncate(time.Millisecond))
	for field, want := range map[string]any{"rev": int64(1), "ver": int64(1), "seq": int64(1), "pending": ms, "due": nil, "expires": nil, "point": nil} {
		if doc[field] != want {
			t.Errorf("%s is %v (%T), want %v", field, doc[field], doc[field], want)
		}
	}
	if raw := fmt.Sprint(doc); doc["keys"] != nil || strings.Contains(raw, "Roelie") || strings.Contains(raw, "roelie@") {
		t.Errorf("a person is found or read in what is stored: %v", doc)
	}
	if got := doc["state"].(bson.M)["createdAt"]; got != ms {
		t.Errorf("the time is stored as %v, want %v", got, ms)
	}
	if wrote != 1 {
		t.Errorf("the mover was told %d times, want once", wrote)
	}

	read, err := ports.Persons.Get(ctx, roelie)
	if err != nil {
		t.Fatal(err)
	}
	if at := read.Value.CreatedAt; !at.Equal(now.Truncate(time.Millisecond)) || at.Location() != time.UTC {
		t.Errorf("the time came back as %v, want %v in UTC", at, now.Truncate(time.Millisecond))
	}

	if err := ports.Feed.Drain(ctx, port.DocRef{Kind: "persons", ID: string(roelie)}, 1); err != nil {
		t.Fatal(err)
	}
	doc = rawDocument(t, s, "persons", string(roelie))
	if _, waits := doc["pending"]; waits || doc["rev"] != int64(2) || doc["ver"] != int64(1) || doc["seq"] != int64(1) {
		t.Errorf("after the last event left: %v", doc)
	}
	if _, err := ports.Persons.Update(ctx, roelie, port.Write{}, rename("Jantje")); err != nil {
		t.Fatal(err)
	}
	if wrote != 1 {
		t.Errorf("a write without pending events told the mover")
	}
}

func TestZeroTimesStayZero(t *testing.T) {
	s := openStore(t, newDatabase(t), testOptions())
	sessions := s.Stores().Sessions
	if _, err := sessions.Insert(t.Context(), "01KAS0GR0110000000000000AC", app.Session{ID: "01KAS0GR0110000000000000AC"}, nil, port.Write{}); err != nil {
		t.Fatal(err)
	}
	read, err := sessions.Get(t.Context(), "01KAS0GR0110000000000000AC")
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]time.Time{"CreatedAt": read.Value.CreatedAt, "UsedAt": read.Value.UsedAt, "EndedAt": read.Value.EndedAt} {
		if !at.IsZero() {
			t.Errorf("%s came back as %v, want zero", name, at)
		}
	}
	if doc := rawDocument(t, s, "sessions", "01KAS0GR0110000000000000AC"); doc["expires"] != nil {
		t.Errorf("a session without a begin would be removed at %v", doc["expires"])
	}
}

func TestEventsOfAKindWithoutEvents(t *testing.T) {
	s := openStore(t, newDatabase(t), testOptions())
	_, err := s.Stores().Tallies.Insert(t.Context(), "codes/x", app.Tally{Key: "codes/x"}, registered(roelie), port.Write{})
	if err == nil {
		t.Fatal("an event was stored where no mover looks")
	}
	if _, err := s.Stores().Tallies.Get(t.Context(), "codes/x"); !care.IsKind(err, care.NotFound) {
		t.Errorf("the document was stored all the same: %v", err)
	}
}

// TestCrowdOnOneDocument has more writers at once than a village has phones in one hall.
func TestCrowdOnOneDocument(t *testing.T) {
	const writers, turns = 24, 5
	s := openStore(t, newDatabase(t), testOptions())
	tallies, ctx := s.Stores().Tallies, t.Context()
	if _, err := tallies.Insert(ctx, "k", app.Tally{Key: "k"}, nil, port.Write{}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range turns {
				_, err := tallies.Update(ctx, "k", port.Write{}, func(v app.Tally) (app.Tally, []care.Event, error) {
					v.Count++
					return v, nil, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	read, err := tallies.Get(ctx, "k")
	if err != nil || read.Value.Count != writers*turns || read.Rev != 1+writers*turns {
		t.Errorf("counted %d at rev %d (%v), want %d", read.Value.Count, read.Rev, err, writers*turns)
	}
}
