package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// restoredMark says in the data's folder that it came from a backup and that nobody has yet said that
// clocks and messages may go on.
const restoredMark = "restored"

// Restore puts a backup that VerifyBackup has read in the place of the data at path. What stood there
// is kept beside it under the name that is told; the key store stays as it is, so that whoever was
// forgotten since stays forgotten. It refuses while any process has the data open.
//
// Whatever cuts it short, the former data or the restored stands at path, whole: a service that found
// nothing there would begin an empty store. It may be called again then.
func Restore(ctx context.Context, folder, path string) (kept string, err error) {
	m, err := ReadManifest(folder)
	if err != nil {
		return "", err
	}
	fresh, at := path+".restoring", filepath.Dir(path)
	steps := []func() error{
		func() error { return unless(fs.ErrNotExist, os.Remove(fresh)) }, // of a call that was cut short
		func() error { return copyFile(filepath.Join(folder, m.File), fresh) },
		func() error { return os.WriteFile(filepath.Join(at, restoredMark), nil, 0o600) },
		func() error { return errors.Join(os.Rename(fresh, path), flush(at)) },
	}
	if _, err := os.Stat(path); err == nil {
		if err := alone(ctx, path); err != nil {
			return "", err
		}
		kept = path + ".before-" + m.At.Format("20060102T150405Z")
		if err := keepable(path, kept); err != nil {
			return "", err
		}
		steps = slices.Insert(steps, 3, func() error { return unless(fs.ErrExist, os.Link(path, kept)) })
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if err := step(); err != nil {
			return "", err
		}
	}
	return kept, nil
}

// unless is the error, but for one that is no harm here.
func unless(harmless, err error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

// keepable refuses a name that holds other data than what is to be kept under it.
func keepable(path, kept string) error {
	there, err := os.Stat(kept)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	stands, other := os.Stat(path)
	if err = errors.Join(err, other); err == nil && !os.SameFile(there, stands) {
		err = fmt.Errorf("%s is there already: this backup was restored before; move it away first", kept)
	}
	return err
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
