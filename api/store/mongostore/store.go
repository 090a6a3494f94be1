package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/event"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"

	"naober/api/app"
	"naober/api/store/vault"
)

const (
	// answerTime bounds one operation with its retries where Options say nothing. A write of a
	// document of 4 MB took 0.3 s with the disk waited for.
	answerTime = 10 * time.Second
	// findTime is how long the driver looks for a primary: an election takes a few seconds.
	findTime = 5 * time.Second
)

// Options are what a store needs besides its address. Key is required.
type Options struct {
	// Key is the service key: 32 bytes under which the key store's keys are wrapped.
	Key []byte
	// OldKeys are former service keys that still open what they wrapped.
	OldKeys [][]byte
	// Keys is the database of the key store; the data's own name and "_keys" where it is empty. It
	// must never lie in a backup of the data.
	Keys string
	// KeysURI is the address of the server that holds the key store; the data's own where it is
	// empty.
	KeysURI string
	// Lent is how long an opened data key is used again without reading; 0 is a minute.
	Lent time.Duration
	// Now is the server's clock; nil means the machine's. Only the ages of nonces and the order of
	// pending events depend on it.
	Now func() time.Time
	// Wrote is called after each write that left events for the feed; nil means nobody waits. It
	// must return at once.
	Wrote func()
	// Timeout bounds one operation on the server, its retries included; 0 means ten seconds.
	Timeout time.Duration
	// Monitor sees every command that is sent, for figures and tests; nil means none.
	Monitor *event.CommandMonitor
	// Standing refuses a database in which nothing is, of the data or of the keys, before anything is
	// written: by default Open begins one.
	Standing bool
}

// Store is one handle on one database. It is safe for concurrent use, also by several processes on
// the same database.
type Store struct {
	opts   Options
	client *mongo.Client
	db     *mongo.Database
	keys   *Store       // the key store, here or on a server of its own; nil in the key store itself
	vault  *vault.Vault // nil in the key store itself
	recall *recall      // likewise
	probe  *app.Probe
}

// probes is the collection that Check writes to.
const probes = "probes"

// Open connects, brings the database to the schema of this program and hands out the store. A
// database with a newer schema is refused. Several processes may open the same database at once.
func Open(ctx context.Context, uri, database string, opts Options) (*Store, error) {
	s, err := connect(ctx, uri, database, opts)
	if err != nil {
		return nil, err
	}
	if err = s.stands(ctx, "store"); err == nil {
		err = s.migrate(ctx)
	}
	if err == nil {
		err = s.openKeys(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// stands refuses a database without a collection where one that stands was asked for.
func (s *Store) stands(ctx context.Context, what string) error {
	if !s.opts.Standing {
		return nil
	}
	names, err := s.db.ListCollectionNames(ctx, bson.D{})
	if err == nil && len(names) == 0 {
		return fmt.Errorf("mongostore: there is no %s in the database %s", what, s.db.Name())
	}
	return failure("list", "collections", err)
}

// connect makes a store that has not looked at its database yet.
func connect(ctx context.Context, uri, database string, opts Options) (*Store, error) {
	if database == "" || len(opts.Key) == 0 {
		return nil, errors.New("mongostore: a database name and a service key are required")
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Wrote == nil {
		opts.Wrote = func() {}
	}
	settings, err := clientOptions(uri, opts)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("mongostore: connect: %w", err)
	}
	return &Store{opts: opts, client: client, db: client.Database(database), recall: newRecall(opts.Lent), probe: &app.Probe{}}, nil
}

// clientOptions is the one place that says how durable a write is and what a read may see. It
// comes after the URI, so that no address can weaken it, and no call below overrides it.
//
// Retryable writes are asked for; the driver uses them where the server has them (replica sets and
// sharded clusters) and sends plain writes to a standalone one.
func clientOptions(uri string, opts Options) (*options.ClientOptions, error) {
	journal := true
	durable := writeconcern.Majority()
	durable.Journal = &journal
	settings := options.Client().
		ApplyURI(uri).
		SetAppName("naober").
		SetWriteConcern(durable).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).
		SetRetryReads(true).
		SetServerSelectionTimeout(findTime).
		SetTimeout(answerTime)
	if opts.Timeout > 0 {
		settings.SetTimeout(opts.Timeout)
	}
	if opts.Monitor != nil {
		settings.SetMonitor(opts.Monitor)
	}
	if settings.Validate() != nil {
		// The driver's words may quote the address, and the address may hold a password.
		return nil, errors.New("mongostore: the MongoDB address is not valid")
	}
	return settings, nil
}

// Check reports whether the primary answers now, and takes writes: at most every few seconds it writes one
// small document of its own, for a server whose disk is full still answers. The service key must open the
// key store. It says nothing about how loaded the server is.
func (s *Store) Check(ctx context.Context) error {
	err := failure("check", "server", s.client.Ping(ctx, readpref.Primary()))
	if err == nil {
		err = s.probe.Check(time.Now(), func() error {
			mark := bson.D{{Key: "$set", Value: bson.D{{Key: "at", Value: s.opts.Now()}}}}
			_, err := s.db.Collection(probes).UpdateByID(context.WithoutCancel(ctx), "ready", mark, options.Update().SetUpsert(true))
			return failure("check", probes, err)
		})
	}
	if err == nil && s.keysElsewhere() {
		err = s.keys.Check(ctx)
	}
	if err == nil && s.vault != nil {
		err = s.vault.Check(ctx)
	}
	return err
}

// keysElsewhere reports whether the key store has a connection of its own.
func (s *Store) keysElsewhere() bool { return s.keys != nil && s.keys.client != s.client }

// Close ends the connections, after those in use came back or ctx ended.
func (s *Store) Close(ctx context.Context) error {
	var errs []error
	if s.keysElsewhere() {
		errs = append(errs, s.keys.Close(ctx))
	}
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		errs = append(errs, fmt.Errorf("mongostore: close: %w", err))
	}
	return errors.Join(errs...)
}

// now is the present at the precision that BSON keeps.
func (s *Store) now() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }
