package fleet

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/store/mongostore"
	"naober/api/store/sqlitestore"
	"naober/api/store/vault"
)

// backend is an open store.
type backend interface {
	Stores() app.Stores
	Offline() offline.Stores
	Vault() *vault.Vault
	Check(ctx context.Context) error
}

// ground is where the data of one schedule lie.
type ground interface {
	// open opens the data; close ends it.
	open(ctx context.Context, now func() time.Time) (b backend, closeIt func() error, err error)
	// save copies the data as an operator does, while the store is open; the keys are not in it.
	save(ctx context.Context, b backend) error
	// restore puts back what was saved last, while the store is closed.
	restore(ctx context.Context) error
	// drop removes everything.
	drop(ctx context.Context) error
}

// folder is a ground on the embedded store.
type folder struct {
	path  string
	saved int
}

func (f *folder) file() string { return filepath.Join(f.path, "naober.db") }

func (f *folder) open(ctx context.Context, now func() time.Time) (backend, func() error, error) {
	s, err := sqlitestore.Open(ctx, f.file(), sqlitestore.Options{Now: now, Key: secret()})
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

func (f *folder) save(ctx context.Context, b backend) error {
	f.saved++
	_, err := b.(*sqlitestore.Store).Backup(ctx, f.backup())
	return err
}

func (f *folder) backup() string { return filepath.Join(f.path, fmt.Sprint("backup-", f.saved)) }

func (f *folder) restore(ctx context.Context) error {
	kept, err := sqlitestore.Restore(ctx, f.backup(), f.file())
	if err != nil || kept == "" {
		return err
	}
	return os.Remove(kept) // or the same backup would not be restored again
}

func (f *folder) drop(context.Context) error { return os.RemoveAll(f.path) }

// copyFolder copies the files of a folder, without the folders in it.
func copyFolder(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	all, err := os.ReadDir(from)
	for _, e := range all {
		if e.IsDir() || err != nil {
			continue
		}
		var raw []byte
		if raw, err = os.ReadFile(filepath.Join(from, e.Name())); err == nil {
			err = os.WriteFile(filepath.Join(to, e.Name()), raw, 0o600)
		}
	}
	return err
}

// database is a ground on a MongoDB server.
type database struct {
	uri, name string
	saved     map[string][]any
}

func newDatabase(uri string) *database {
	return &database{uri: uri, name: "fleet_" + strings.ToLower(rand.Text())}
}

func (d *database) open(ctx context.Context, now func() time.Time) (backend, func() error, error) {
	s, err := mongostore.Open(ctx, d.uri, d.name, mongostore.Options{Key: secret(), Now: now})
	if err != nil {
		return nil, nil, err
	}
	return s, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return s.Close(ctx)
	}, nil
}

// on runs f on the server's own view of the data.
func (d *database) on(ctx context.Context, f func(*mongo.Database) error) error {
	c, err := mongo.Connect(ctx, options.Client().ApplyURI(d.uri))
	if err != nil {
		return err
	}
	return errors.Join(f(c.Database(d.name)), c.Disconnect(ctx))
}

func (d *database) save(ctx context.Context, _ backend) error {
	d.saved = map[string][]any{}
	return d.on(ctx, func(db *mongo.Database) error {
		names, err := db.ListCollectionNames(ctx, bson.D{})
		for _, name := range names {
			var all []bson.Raw
			found, failed := db.Collection(name).Find(ctx, bson.D{})
			if err = errors.Join(err, failed); err == nil {
				err = found.All(ctx, &all)
			}
			for _, raw := range all {
				d.saved[name] = append(d.saved[name], raw)
			}
		}
		return err
	})
}

func (d *database) restore(ctx context.Context) error {
	return d.on(ctx, func(db *mongo.Database) error {
		names, err := db.ListCollectionNames(ctx, bson.D{})
		for _, name := range names {
			if err == nil {
				_, err = db.Collection(name).DeleteMany(ctx, bson.D{})
			}
			if err == nil && len(d.saved[name]) > 0 {
				_, err = db.Collection(name).InsertMany(ctx, d.saved[name])
			}
		}
		return err
	})
}

func (d *database) drop(ctx context.Context) error {
	return d.on(ctx, func(db *mongo.Database) error {
		return errors.Join(db.Drop(ctx), db.Client().Database(d.name+"_keys").Drop(ctx))
	})
}
