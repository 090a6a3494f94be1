package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/event"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/store/mongostore"
)

// grounds lends out the places on a server where scenarios are played. Making the collections and
// their indexes takes as long as ten worlds, so whoever ends a scenario leaves them to the next.
type grounds struct {
	t      *testing.T
	uri    string
	client *mongo.Client
	mu     sync.Mutex
	free   []*ground
}

// ground is two databases: a village is prepared in one, and its worlds are laid into the other, one
// after the other.
type ground struct {
	client   *mongo.Client
	uri      string
	from, to string
	picture  map[string]map[string][]any // database's suffix -> collection -> documents
	mu       sync.Mutex
	stirred  map[string]map[string]bool // database -> collections in which something was written
}

// suffixes are what the names of data and key database end in.
func suffixes() []string { return []string{"", "_keys"} }

func newGrounds(t *testing.T, uri string) *grounds {
	t.Helper()
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	all := &grounds{t: t, uri: uri, client: client}
	t.Cleanup(func() {
		for _, g := range all.free {
			for _, suffix := range suffixes() {
				err = errors.Join(err, client.Database(g.from+suffix).Drop(context.Background()), client.Database(g.to+suffix).Drop(context.Background()))
			}
		}
		if err = errors.Join(err, client.Disconnect(context.Background())); err != nil {
			t.Error(err)
		}
	})
	return all
}

// borrow gives a ground that nobody uses until the test ends.
func (all *grounds) borrow(t *testing.T) *ground {
	all.mu.Lock()
	defer all.mu.Unlock()
	var g *ground
	if last := len(all.free) - 1; last >= 0 {
		g, all.free = all.free[last], all.free[:last]
	} else {
		name := "crash_" + rand.Text()
		g = &ground{client: all.client, uri: all.uri, from: name, to: name + "_w", stirred: map[string]map[string]bool{}}
	}
	t.Cleanup(func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.free = append(all.free, g)
	})
	return g
}

// village makes an empty village on a ground.
func (all *grounds) village(t *testing.T) *village {
	t.Helper()
	g := all.borrow(t)
	v := &village{t: t, now: monday(), posted: map[string]string{}, mongo: g}
	for _, suffix := range suffixes() {
		v.must(g.clear(t.Context(), g.from+suffix, suffix))
	}
	v.App = v.process(v.onDatabase(g.from).Stores())
	v.must(v.LoadKeys(t.Context()))
	v.settleVillage()
	return v
}

// onDatabase is one handle on a database of the village's ground.
func (v *village) onDatabase(name string) *mongostore.Store {
	v.t.Helper()
	s, err := mongostore.Open(v.t.Context(), v.mongo.uri, name, mongostore.Options{Key: villageSecret(), Now: v.clock,
		Monitor: &event.CommandMonitor{Started: v.mongo.watch}})
	v.must(err)
	v.t.Cleanup(func() { _ = s.Close(context.Background()) })
	v.vault, v.letters = s.Vault(), s.Deliveries()
	return s
}

// watch notes in which collections something is written.
func (g *ground) watch(_ context.Context, e *event.CommandStartedEvent) {
	switch e.CommandName {
	case "insert", "update", "delete", "findAndModify":
		g.stir(e.DatabaseName, e.Command.Lookup(e.CommandName).StringValue())
	}
}

func (g *ground) stir(database, collection string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stirred[database] == nil {
		g.stirred[database] = map[string]bool{}
	}
	g.stirred[database][collection] = true
}

// clear empties what was written in, but for the mark that says which indexes there are.
func (g *ground) clear(ctx context.Context, database, suffix string) error {
	for name := range g.taken(database) {
		if suffix == "" && name == "migrations" {
			continue
		}
		if _, err := g.client.Database(database).Collection(name).DeleteMany(ctx, bson.D{}); err != nil {
			return err
		}
	}
	return nil
}

// taken hands over the collections in which something was written, and forgets them.
func (g *ground) taken(database string) map[string]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	stirred := g.stirred[database]
	delete(g.stirred, database)
	return stirred
}

// take pictures what stands, and makes the place where its worlds are laid.
func (g *ground) take(ctx context.Context) error {
	s, err := mongostore.Open(ctx, g.uri, g.to, mongostore.Options{Key: villageSecret(), Monitor: &event.CommandMonitor{Started: g.watch}})
	if err != nil {
		return err
	}
	if err := s.Close(ctx); err != nil {
		return err
	}
	g.picture = map[string]map[string][]any{}
	for _, suffix := range suffixes() {
		g.picture[suffix] = map[string][]any{}
		db := g.client.Database(g.from + suffix)
		names, err := db.ListCollectionNames(ctx, bson.D{})
		if err != nil {
			return err
		}
		for _, name := range names {
			found, err := db.Collection(name).Find(ctx, bson.D{})
			if err != nil {
				return err
			}
			var raws []bson.Raw
			if err := found.All(ctx, &raws); err != nil {
				return err
			}
			for _, raw := range raws {
				g.picture[suffix][name] = append(g.picture[suffix][name], raw)
			}
			g.stir(g.to+suffix, name) // what stands there is of another picture
		}
	}
	return nil
}

// lay puts the picture where worlds are, and nothing else.
func (g *ground) lay(ctx context.Context) error {
	for _, suffix := range suffixes() {
		db := g.client.Database(g.to + suffix)
		for name := range g.taken(g.to + suffix) {
			if _, err := db.Collection(name).DeleteMany(ctx, bson.D{}); err != nil {
				return err
			}
			docs := g.picture[suffix][name]
			if len(docs) == 0 {
				continue
			}
			if _, err := db.Collection(name).InsertMany(ctx, docs); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachGround runs a test that makes worlds, on the embedded store, and on MongoDB where a server is named.
func eachGround(t *testing.T, test func(t *testing.T, v *village)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newVillage(t)) })
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		return
	}
	all := newGrounds(t, uri)
	t.Run("mongo", func(t *testing.T) { test(t, all.village(t)) })
}
