package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockWait is how long a connection waits for what another one holds.
const lockWait = 5 * time.Second

// private makes sure that only its owner can read the file. SQLite gives the WAL and its index
// the mode of the database; files of an earlier, looser life are tightened.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// connect opens a pool in which every connection has the settings that SQLite leaves off:
// durable commits, waiting for a lock, and erased rows overwritten.
func connect(path string, connections int, more ...string) (*pool, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	settings := append([]string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", lockWait.Milliseconds()),
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)",
		"_pragma=secure_delete(1)",
		"_pragma=trusted_schema(0)",
	}, more...)
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: strings.Join(settings, "&")}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &pool{DB: db}, nil
}

// awake waits for the first connection. A file that turns to its WAL, or that somebody else is the last to close,
// is busy at once: for that SQLite waits no time.
func awake(ctx context.Context, db *sql.DB) error {
	for end := time.Now().Add(lockWait); ; {
		err := db.PingContext(ctx)
		var said *sqlite.Error
		if !errors.As(err, &said) || said.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
