package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/store/mongostore"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
	"naober/notifications"
)

// store is what the wiring needs of either store.
type store interface {
	Stores() app.Stores
	Deliveries() app.Documents[string, notifications.Delivery]
	Check(ctx context.Context) error
}

// openStore opens the embedded store in a folder, or a MongoDB database. close ends it.
func openStore(ctx context.Context, where, database string, now func() time.Time, hash func(care.Contact) string, wrote func()) (s store, closeIt func() error, err error) {
	if strings.HasPrefix(where, "mongodb://") || strings.HasPrefix(where, "mongodb+srv://") {
		m, err := mongostore.Open(ctx, where, database, mongostore.Options{Now: now, Wrote: wrote, HashContact: hash})
		if err != nil {
			return nil, nil, err
		}
		return m, func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			return m.Close(ctx)
		}, nil
	}
	if err := os.MkdirAll(where, 0o700); err != nil {
		return nil, nil, err
	}
	l, err := sqlitestore.Open(ctx, filepath.Join(where, "naober.db"), sqlitestore.Options{Now: now, Wrote: wrote, HashContact: hash})
	if err != nil {
		return nil, nil, err
	}
	return l, l.Close, nil
}
