package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"naober/matching/care"
)

// failed turns an error of the database into one of the port: what may pass by itself is
// Unavailable, with its cause kept; anything else stays a fault of ours.
func failed(err error) error {
	var known *care.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case passing(err):
		return fmt.Errorf("%w: %w", care.E(care.Unavailable, "store_unavailable", "the store cannot answer now"), err)
	}
	return fmt.Errorf("sqlitestore: %w", err)
}

func passing(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return true
	}
	return false
}
