package mongostore

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/bson"

	"naober/api/store/record"
)

// indexesOf lists a collection's indexes by name, as the server tells them.
func indexesOf(t *testing.T, s *Store, name string) map[string]bson.M {
	t.Helper()
	cursor, err := s.db.Collection(name).Indexes().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []bson.M
	if err := cursor.All(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	found := map[string]bson.M{}
	for _, i := range all {
		found[i["name"].(string)] = i
	}
	delete(found, "_id_")
	return found
}

func TestMigrationsMakeTheIndexes(t *testing.T) {
	s := openStore(t, newDatabase(t), testOptions())
	want := map[index]struct {
		fields  []string
		partial string
	}{
		byKey:     {fields: []string{"_id", "keys"}},
		byDue:     {fields: []string{"_id", "due"}, partial: "due"},
		byPending: {fields: []string{"_id", "pending"}, partial: "pending"},
		byExpiry:  {fields: []string{"expires"}},
		byPoint:   {fields: []string{"point"}},
		byEvent:   {fields: []string{"doc", "event.seq", "kind"}},
		bySource:  {fields: []string{"source"}},
	}
	for _, k := range kinds() {
		found := indexesOf(t, s, k.name)
		if len(found) != len(k.indexes) {
			t.Errorf("%s has indexes %v, want %v", k.name, slices.Collect(maps.Keys(found)), k.indexes)
		}
		for _, x := range k.indexes {
			is := found[string(x)]
			if is == nil {
				t.Errorf("%s has no index %s", k.name, x)
				continue
			}
			if got := slices.Sorted(maps.Keys(is["key"].(bson.M))); !slices.Equal(got, want[x].fields) {
				t.Errorf("%s index %s is over %v, want %v", k.name, x, got, want[x].fields)
			}
			partial, _ := is["partialFilterExpression"].(bson.M)
			if _, ok := partial[want[x].partial]; ok != (want[x].partial != "") {
				t.Errorf("%s index %s has the filter %v", k.name, x, partial)
			}
			if x == byExpiry && is["expireAfterSeconds"] == nil {
				t.Errorf("%s: nothing expires: %v", k.name, is)
			}
			if is["unique"] == true {
				t.Errorf("%s index %s is unique: that does not hold over shards", k.name, x)
			}
		}
	}
}

// TestKindsFollowTheRecords holds the table of collections against the codecs: every kind is there,
// and the mover looks through exactly those with events.
func TestKindsFollowTheRecords(t *testing.T) {
	events := map[string]bool{feedName: false, auditName: false}
	note := func(name string, has bool) { events[name] = has }
	for _, c := range []struct {
		name string
		has  bool
	}{
		of(record.Persons()), of(record.Helpers()), of(record.Communities()), of(record.Organizations()),
		of(record.Memberships()), of(record.Offers()), of(record.Requests()), of(record.Histories()), of(record.Messages()),
		of(record.Feedbacks()), of(record.Reports()), of(record.Referrals()), of(record.Sessions()), of(record.Flows()),
		of(record.SigningKeys()), of(record.Ledger()), of(record.Tallies()), of(record.Views()), of(record.Leases()), of(record.Parked()),
		of(record.Deliveries()), of(record.Tasks()), of(record.Groups()), of(record.Writers()), of(record.Snapshots()), of(record.Outcomes()),
		of(record.Letters()), of(record.Epochs()),
	} {
		note(c.name, c.has)
	}
	for _, k := range kinds() {
		has, known := events[k.name]
		if !known {
			t.Errorf("no codec writes the collection %s", k.name)
		}
		if has != slices.Contains(k.indexes, byPending) {
			t.Errorf("%s: events %t, and the index of pending events says otherwise", k.name, has)
		}
		delete(events, k.name)
	}
	if len(events) > 0 {
		t.Errorf("the table of collections lacks %v", events)
	}
}

func of[T, R any](c record.Codec[T, R]) struct {
	name string
	has  bool
} {
	return struct {
		name string
		has  bool
	}{c.Kind, c.Events}
}

func TestMigrationsRunTwice(t *testing.T) {
	database := newDatabase(t)
	s := openStore(t, database, testOptions())
	before := indexesOf(t, s, "requests")
	for n := range s.migrations() {
		if err := s.migrations()[n](t.Context()); err != nil {
			t.Errorf("migration %d a second time: %v", n+1, err)
		}
	}
	again := openStore(t, database, testOptions())
	if after := indexesOf(t, again, "requests"); len(after) != len(before) {
		t.Errorf("a second run left %d indexes, the first %d", len(after), len(before))
	}
	if v, err := again.version(t.Context()); err != nil || v != len(s.migrations()) {
		t.Errorf("the database is at schema %d (%v), want %d", v, err, len(s.migrations()))
	}
}

func TestMigrationsRunInSeveralProcessesAtOnce(t *testing.T) {
	database, uri := newDatabase(t), serverURI(t)
	const processes = 4
	begin, done := make(chan struct{}), make(chan error, processes)
	for range processes {
		go func() {
			<-begin
			s, err := Open(t.Context(), uri, database, testOptions())
			if err == nil {
				err = errors.Join(s.Check(t.Context()), s.Close(t.Context()))
			}
			done <- err
		}()
	}
	close(begin)
	for range processes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	s := openStore(t, database, testOptions())
	for _, k := range kinds() {
		if found := indexesOf(t, s, k.name); len(found) != len(k.indexes) {
			t.Errorf("%s has %d indexes, want %d", k.name, len(found), len(k.indexes))
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	database := newDatabase(t)
	s := openStore(t, database, testOptions())
	newer := len(s.migrations()) + 1
	if err := s.setVersion(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), serverURI(t), database, testOptions())
	if err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("opening schema %d: %v, want a refusal that says so", newer, err)
	}
	if err := s.setVersion(t.Context(), newer-1); err != nil {
		t.Fatal(err)
	}
	if v, err := s.version(t.Context()); err != nil || v != newer {
		t.Errorf("an older program took the database back to %d (%v)", v, err)
	}
}
