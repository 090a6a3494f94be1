package main

import (
	"context"
	"errors"
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

// openStore opens the embedded store in a folder, or a MongoDB database. close ends it.
func openStore(ctx context.Context, where, database string, now func() time.Time, k keys, wrote func()) (s store, closeIt func() error, err error) {
	if onServer(where) {
		m, err := mongostore.Open(ctx, where, database, mongostore.Options{Now: now, Wrote: wrote, Key: k.Secret, OldKeys: k.Old, KeysURI: k.Place})
		if err != nil {
			return nil, nil, err
		}
		return m, func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			return m.Close(ctx)
		}, nil
	}
	file := k.file(where)
	if err := errors.Join(os.MkdirAll(where, 0o700), os.MkdirAll(filepath.Dir(file), 0o700)); err != nil {
		return nil, nil, err
	}
	l, err := sqlitestore.Open(ctx, filepath.Join(where, "naober.db"), sqlitestore.Options{Now: now, Wrote: wrote, Key: k.Secret, OldKeys: k.Old, Keys: file})
	if err != nil {
		return nil, nil, err
	}
	return l, l.Close, nil
}

// onServer reports whether a store is a MongoDB database and not a folder.
func onServer(where string) bool {
	return strings.HasPrefix(where, "mongodb://") || strings.HasPrefix(where, "mongodb+srv://")
}
