package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// restoredMark says in the data's folder that it came from a backup and that nobody has yet said that
// clocks and messages may go on.
const restoredMark = "restored"

// Restore puts a backup that VerifyBackup has read in the place of the data at path. What stood there
// is kept beside it under the name that is told; the key store stays as it is, so that whoever was
// forgotten since stays forgotten. It refuses while any process has the data open.
func Restore(ctx context.Context, folder, path string) (kept string, err error) {
	m, err := ReadManifest(folder)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		if err := alone(ctx, path); err != nil {
			return "", err
		}
		kept = path + ".before-" + m.At.Format("20060102T150405Z")
		if _, err := os.Stat(kept); !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s is there already: this backup was restored before; move it away first", kept)
		}
	}
	fresh := path + ".restoring"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := copyFile(filepath.Join(folder, m.File), fresh); err != nil {
		return "", err
	}
	at := filepath.Dir(path)
	if err := os.WriteFile(filepath.Join(at, restoredMark), nil, 0o600); err != nil {
		return "", err
	}
	if kept != "" {
		if err := os.Rename(path, kept); err != nil {
			return "", err
		}
	}
	return kept, errors.Join(os.Rename(fresh, path), flush(at))
}

// alone brings the data out of WAL mode, which SQLite grants only to who has it open alone, and so
// empties the WAL into the file.
func alone(ctx context.Context, path string) error {
	db, err := connect(path, 1, "_pragma=busy_timeout(0)")
	if err != nil {
		return err
	}
	var mode string
	err = db.QueryRowContext(ctx, `PRAGMA journal_mode=DELETE`).Scan(&mode)
	if err == nil && mode != "delete" {
		err = fmt.Errorf("journal_mode is %s", mode)
	}
	if err != nil {
		err = fmt.Errorf("the data is open somewhere: stop the service first: %w", err)
	}
	return errors.Join(err, db.Close())
}

// Restored reports whether the data came from a backup and is still held.
func (s *Store) Restored() (bool, error) {
	_, err := os.Stat(s.mark())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Resumed forgets that the data came from a backup.
func (s *Store) Resumed() error {
	if err := os.Remove(s.mark()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s *Store) mark() string { return filepath.Join(filepath.Dir(s.path), restoredMark) }
