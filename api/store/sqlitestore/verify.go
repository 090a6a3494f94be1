package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"naober/api/port"
	"naober/api/store/vault"
)

// Verify reads everything: SQLite's own structure, each document to its last field, opened with the
// keys that there are, and the feed without a gap. It tells how many documents there were. SQLite has
// no sums over its pages: a changed bit inside a plain value shows in a backup's manifest alone.
//
// Where everything reads and only people are missing whose keys were rotated since, it fails with vault.Lost.
func (s *Store) Verify(ctx context.Context) (documents int, err error) {
	var said string
	if err := s.read.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&said); err != nil {
		return 0, fmt.Errorf("sqlitestore: integrity_check: %w", err)
	}
	if said != "ok" {
		return 0, fmt.Errorf("sqlitestore: integrity_check: %s", said)
	}
	for _, read := range s.readings() {
		n, err := read(ctx)
		if documents += n; err != nil {
			return documents, err
		}
	}
	if err := s.verifyFeed(ctx); err != nil {
		return documents, err
	}
	people, err := s.vault.Lost(ctx)
	if err == nil && people > 0 {
		err = vault.Lost(people)
	}
	return documents, err
}

// readings read all documents of one kind each, and count them.
func (s *Store) readings() []func(context.Context) (int, error) {
	p := s.Stores()
	return []func(context.Context) (int, error){
		whole(p.Persons), whole(p.Helpers), whole(p.Communities), whole(p.Organizations), whole(p.Memberships), whole(p.Offers), whole(p.Requests),
		whole(p.Histories), whole(p.Messages), whole(p.Feedbacks), whole(p.Reports), whole(p.Referrals), whole(p.Sessions), whole(p.Flows),
		whole(p.SigningKeys), whole(p.Ledger), whole(p.Tallies), whole(p.Views), whole(p.Leases), whole(p.Parked), whole(s.Deliveries()),
	}
}

// eacher is what Verify needs of a kind's documents.
type eacher[T any] interface {
	Each(ctx context.Context, visit func(port.Stored[T]) error) error
}

func whole[T any](docs eacher[T]) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		n := 0
		err := docs.Each(ctx, func(port.Stored[T]) error {
			n++
			return nil
		})
		return n, err
	}
}

func (s *Store) verifyFeed(ctx context.Context) error {
	f := feedRows{s}
	first, last, err := f.Bounds(ctx)
	if err != nil || last == 0 {
		return err
	}
	for next := first; next <= last; {
		rows, err := f.Read(ctx, next-1, maxPage)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fmt.Errorf("sqlitestore: the feed ends at %d, not at %d", next-1, last)
		}
		for _, row := range rows {
			if row.ID != next {
				return fmt.Errorf("sqlitestore: the feed has %d where %d was due", row.ID, next)
			}
			next++
		}
	}
	return nil
}

// VerifyBackup holds a backup to its manifest and reads a copy of it to the last field; opts name the
// keys. The backup itself is opened by nobody.
func VerifyBackup(ctx context.Context, folder string, opts Options) (m Manifest, documents int, err error) {
	if m, err = ReadManifest(folder); err != nil {
		return m, 0, err
	}
	scratch, err := os.MkdirTemp("", "naober-verify-")
	if err != nil {
		return m, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	file := filepath.Join(scratch, m.File)
	if err := copyFile(filepath.Join(folder, m.File), file); err != nil {
		return m, 0, err
	}
	s, err := Open(ctx, file, opts)
	if err != nil {
		return m, 0, err
	}
	documents, err = s.Verify(ctx)
	return m, documents, errors.Join(err, s.Close())
}

// copyFile copies a file that nobody writes, for its owner alone, and waits until it is on disk.
func copyFile(from, to string) error {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return err
	}
	out, err := os.OpenFile(filepath.Clean(to), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close(), in.Close())
}
