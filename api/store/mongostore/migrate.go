package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// schemaID names the one document in which a database says how far it was brought.
const schemaID = "schema"

// migrationTries bounds how often a step is tried again. Servers refuse one of two processes that
// make the same collection or index at the same moment, and a moment later it is simply there.
const migrationTries = 5

// migration is one step of the schema. It may run twice, and in two processes at once, so it must
// lead to the same end from wherever another run has come.
type migration func(context.Context) error

// migrations lists the steps; the number of a step is its place, from 1. A step that was released
// is never changed: what comes later is appended.
func (s *Store) migrations() []migration {
	// The second makes what the first made before the audit log was, the third before deliveries were
	// found by their person, the fourth before villages put events into the feed, the fifth before devices sent
	// what was done without a connection.
	return []migration{s.makeIndexes, s.makeIndexes, s.makeIndexes, s.makeIndexes, s.makeIndexes}
}

// schema is the stored version.
type schema struct {
	Version int `bson:"version"`
}

// migrate brings the database to the version of this program. A newer one is refused: this program
// would write documents that the newer one no longer understands.
func (s *Store) migrate(ctx context.Context) error {
	steps := s.migrations()
	present, err := s.version(ctx)
	if err != nil {
		return err
	}
	if present > len(steps) {
		return fmt.Errorf("mongostore: the database has schema %d and this program knows %d: use a newer program", present, len(steps))
	}
	for n := present; n < len(steps); n++ {
		if err := again(ctx, steps[n]); err != nil {
			return fmt.Errorf("mongostore: migration %d: %w", n+1, err)
		}
		note := func(ctx context.Context) error { return s.setVersion(ctx, n+1) }
		if err := again(ctx, note); err != nil {
			return fmt.Errorf("mongostore: migration %d: %w", n+1, err)
		}
	}
	return nil
}

// version reads how far the database was brought; an empty one is at 0.
func (s *Store) version(ctx context.Context) (int, error) {
	var found schema
	err := s.db.Collection(migrationsName).FindOne(ctx, byID(schemaID)).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	return found.Version, failure("read", migrationsName, err)
}

// setVersion never takes a database back: the faster of two programs may be the newer one.
func (s *Store) setVersion(ctx context.Context, n int) error {
	raise := bson.D{{Key: "$max", Value: bson.D{{Key: "version", Value: n}}}}
	_, err := s.db.Collection(migrationsName).UpdateOne(ctx, byID(schemaID), raise, options.Update().SetUpsert(true))
	return failure("write", migrationsName, err)
}

// makeIndexes makes the collections' indexes; one that is there already is left as it is.
func (s *Store) makeIndexes(ctx context.Context) error {
	for _, k := range kinds() {
		models := make([]mongo.IndexModel, len(k.indexes))
		for i, x := range k.indexes {
			models[i] = x.model()
		}
		if len(models) == 0 {
			continue
		}
		if _, err := s.db.Collection(k.name).Indexes().CreateMany(ctx, models); err != nil {
			return failure("index", k.name, err)
		}
	}
	return nil
}

// again runs a step until it succeeds, a few times, with growing waits between.
func again(ctx context.Context, step migration) error {
	var err error
	for try := range migrationTries {
		if err = step(ctx); err == nil {
			return nil
		}
		if waited := wait(ctx, try); waited != nil {
			return errors.Join(err, waited)
		}
	}
	return err
}
