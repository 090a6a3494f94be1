package app_test

import (
	"context"
	"crypto/rand"
	"hash/fnv"
	"os"
	"strconv"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/store/mongostore"
)

// TestCrashPointsOnMongo is TestCrashPoints on a MongoDB-compatible server. A world there costs thirty
// times as much, so deploy/soak.sh runs it and deploy/test.sh does not. It tries one scenario in
// NAOBER_CRASH_SHARE (10), whole, drawn from NAOBER_COMMIT; a share of 1 tries all.
func TestCrashPointsOnMongo(t *testing.T) {
	uri := os.Getenv("NAOBER_MONGO_URI")
	if uri == "" {
		t.Skip("needs a server: run under deploy/mongo.sh with")
	}
	share := crashShare()
	worlds, scenes := 0, 0
	for name, ready := range scenarios() {
		if !drawn(name, os.Getenv("NAOBER_COMMIT"), share) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			worlds, scenes = worlds+crashes(t, onMongo(t, uri), ready), scenes+1
		})
	}
	t.Logf("figure: crash points on MongoDB: %d worlds of %d scenarios, commit %q", worlds, scenes, os.Getenv("NAOBER_COMMIT"))
}

// crashShare is which part of the scenarios is tried: one in so many.
func crashShare() uint64 {
	share, err := strconv.ParseUint(os.Getenv("NAOBER_CRASH_SHARE"), 10, 32)
	if err != nil || share == 0 {
		return 10
	}
	return share
}

// drawn says whether a commit tries a scenario: every scenario comes in one commit of share.
func drawn(name, commit string, share uint64) bool {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(name + "\x00" + commit)) // a hash takes everything
	return sum.Sum64()%share == 0
}

func TestEveryScenarioIsDrawnForSomeCommit(t *testing.T) {
	for name := range scenarios() {
		times := 0
		for i := range 1000 {
			if drawn(name, strconv.Itoa(i), 10) {
				times++
			}
		}
		if times < 50 || times > 150 || !drawn(name, "any", 1) {
			t.Errorf("%s is tried by %d of 1,000 commits", name, times)
		}
	}
}

// mongoPicture is what stands in a database and in its keys, and the database that worlds are made in.
type mongoPicture struct {
	client   *mongo.Client
	uri      string
	from, to string
	docs     map[string]map[string][]any // database's suffix -> collection -> documents
}

// onMongo makes an empty village on the server, whose worlds share one other database in turn.
func onMongo(t *testing.T, uri string) *village {
	t.Helper()
	v := &village{t: t, now: monday(), posted: map[string]string{}}
	client, err := mongo.Connect(t.Context(), options.Client().ApplyURI(uri))
	v.must(err)
	name := "crash_" + rand.Text()
	v.mongo = &mongoPicture{client: client, uri: uri, from: name, to: name + "_w"}
	t.Cleanup(func() {
		for _, db := range []string{name, name + "_keys", name + "_w", name + "_w_keys"} {
			if err := client.Database(db).Drop(context.Background()); err != nil {
				t.Error(err)
			}
		}
		_ = client.Disconnect(context.Background())
	})
	_, stores := v.onDatabase(name)
	v.App = v.process(stores)
	v.must(v.LoadKeys(t.Context()))
	v.settleVillage()
	return v
}

// onDatabase is one handle on a database.
func (v *village) onDatabase(name string) (*mongostore.Store, app.Stores) {
	v.t.Helper()
	s, err := mongostore.Open(v.t.Context(), v.mongo.uri, name, mongostore.Options{Key: villageSecret(), Now: v.clock})
	v.must(err)
	v.t.Cleanup(func() { _ = s.Close(context.Background()) })
	v.vault = s.Vault()
	return s, s.Stores()
}

// take pictures what stands.
func (m *mongoPicture) take(ctx context.Context) error {
	m.docs = map[string]map[string][]any{}
	for _, suffix := range []string{"", "_keys"} {
		m.docs[suffix] = map[string][]any{}
		db := m.client.Database(m.from + suffix)
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
				m.docs[suffix][name] = append(m.docs[suffix][name], raw)
			}
		}
	}
	return nil
}

// lay puts the picture into the worlds' database, and nothing else.
func (m *mongoPicture) lay(ctx context.Context) error {
	for suffix, collections := range m.docs {
		db := m.client.Database(m.to + suffix)
		names, err := db.ListCollectionNames(ctx, bson.D{})
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := db.Collection(name).DeleteMany(ctx, bson.D{}); err != nil {
				return err
			}
		}
		for name, docs := range collections {
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
