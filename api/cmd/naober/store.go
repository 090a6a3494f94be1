package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/api/store/mongostore"
	"naober/api/store/sqlitestore"
	"naober/api/store/vault"
	"naober/notifications"
)

// store is what the wiring needs of either store.
type store interface {
	Stores() app.Stores
	Deliveries() port.Documents[string, notifications.Delivery]
	Offline() offline.Stores
	Check(ctx context.Context) error
	Vault() *vault.Vault
}

// keys are the service key, the former ones that still open what they wrapped, and where the key
// store lies.
type keys struct {
	Secret []byte
	Old    [][]byte
	Place  string // a folder or a mongodb:// URI, as the store's; empty for beside the data
}

// file is the key store's file for an embedded store in a folder.
func (k keys) file(where string) string {
	if k.Place != "" {
		where = k.Place
	}
	return filepath.Join(where, "keys.db")
}

// openStore opens the embedded store in a folder, or a MongoDB database, and begins one where there is
// none: for what serves alone. close ends it.
func openStore(ctx context.Context, where, database string, now func() time.Time, k keys, wrote func()) (s store, closeIt func() error, err error) {
	if onServer(where) {
		return openServer(ctx, where, database, mongostore.Options{Now: now, Wrote: wrote, Key: k.Secret, OldKeys: k.Old, KeysURI: k.Place})
	}
	file := k.file(where)
	if err := errors.Join(os.MkdirAll(where, 0o700), os.MkdirAll(filepath.Dir(file), 0o700)); err != nil {
		return nil, nil, err
	}
	l, err := sqlitestore.Open(ctx, dataFile(where), sqlitestore.Options{Now: now, Wrote: wrote, Key: k.Secret, OldKeys: k.Old, Keys: file})
	if err != nil {
		return nil, nil, err
	}
	return l, l.Close, nil
}

func openServer(ctx context.Context, where, database string, o mongostore.Options) (store, func() error, error) {
	m, err := mongostore.Open(ctx, where, database, o)
	if err != nil {
		return nil, nil, err
	}
	return m, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return m.Close(ctx)
	}, nil
}

// openStanding opens a store that serve or demo has begun, for everybody else: a slip in a setting would
// otherwise make a new one, of which every act says that all is well and no former key is needed.
func openStanding(ctx context.Context, c config) (store, func() error, error) {
	opened, closeIt, err := store(nil), (func() error)(nil), error(nil)
	if onServer(c.Store) {
		opened, closeIt, err = openServer(ctx, c.Store, c.Database, mongostore.Options{Key: c.Secret, OldKeys: c.Old, KeysURI: c.Place, Standing: true})
	} else if err = errors.Join(dataStands(c.Store), c.stand(c.Store)); err == nil {
		opened, closeIt, err = openStore(ctx, c.Store, "", time.Now, c.keys, func() {})
	}
	if err != nil {
		return nil, nil, err
	}
	if err := begun(ctx, opened.Stores(), c); err != nil {
		return nil, nil, errors.Join(err, closeIt())
	}
	return opened, closeIt, nil
}

// dataFile is the embedded store's file in its folder.
func dataFile(where string) string { return filepath.Join(where, "naober.db") }

// dataStands refuses a folder in which no embedded store lies.
func dataStands(where string) error {
	return lies(dataFile(where), "store", where, "NAOBER_STORE")
}

// stand refuses a folder in which no key store lies.
func (k keys) stand(where string) error {
	name, file := "NAOBER_STORE", k.file(where)
	if k.Place != "" {
		name = "NAOBER_KEY_STORE"
	}
	return lies(file, "key store", filepath.Dir(file), name)
}

func lies(file, what, folder, name string) error {
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s in %s: is %s right? serve and demo begin one", what, folder, name)
	}
	return err
}

// errSomething ends a reading that asked only whether there is something.
var errSomething = errors.New("something is there")

// begun refuses a store in which nothing was ever laid, as an earlier slip may have left it.
func begun(ctx context.Context, s app.Stores, c config) error {
	for _, err := range []error{anything(ctx, s.Organizations), anything(ctx, s.SigningKeys), anything(ctx, s.Persons)} {
		switch {
		case errors.Is(err, errSomething):
			return nil
		case err != nil:
			return err
		}
	}
	where := c.Store
	if onServer(where) {
		where = "the database " + c.Database // the address may hold a password
	}
	return fmt.Errorf("nothing was ever laid in %s: is NAOBER_STORE right? serve and demo begin a store", where)
}

// anything fails with errSomething where there is a document.
func anything[K ~string, T any](ctx context.Context, docs port.Documents[K, T]) error {
	return docs.Each(ctx, func(port.Stored[T]) error { return errSomething })
}

// onServer reports whether a store is a MongoDB database and not a folder.
func onServer(where string) bool {
	return strings.HasPrefix(where, "mongodb://") || strings.HasPrefix(where, "mongodb+srv://")
}
