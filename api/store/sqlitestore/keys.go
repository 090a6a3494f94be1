package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"naober/api/app"
	"naober/api/store/record"
	"naober/api/store/vault"
	"naober/matching/care"
)

// scrubTries bounds how often an erasure asks for the WAL to itself; each try waits as long as the
// busy timeout says.
const scrubTries = 5

// openKeys opens the key store beside the data, and the vault on it.
func (s *Store) openKeys(ctx context.Context) error {
	path := s.opts.Keys
	if path == "" {
		path = filepath.Join(filepath.Dir(s.path), "keys.db")
	}
	keys, err := openFile(ctx, path, Options{Now: s.opts.Now}, keyMigrations())
	if err != nil {
		return err
	}
	keys.expiring = []table{"contacts"}
	s.keys = keys
	s.vault, err = vault.Open(ctx, vault.Settings{
		Rings:    rings{newCollection[string](keys, record.Rings())},
		Contacts: newCollection[string](keys, record.ContactEntries()),
		Scrub:    keys.scrub,
		Reseal:   s.reseal,
		Owner:    s.anybody,
		Forgot:   s.memo.drop,
		Service:  s.opts.Key, Old: s.opts.OldKeys, Now: s.opts.Now, Lent: s.opts.Lent,
	})
	return err
}

// anybody names the person with the lowest id.
func (s *Store) anybody(ctx context.Context) (care.PersonID, error) {
	var id care.PersonID
	err := s.read.QueryRowContext(ctx, `SELECT id FROM persons ORDER BY id LIMIT 1`).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, failed(err)
}

// Vault is the key store of this data.
func (s *Store) Vault() *vault.Vault { return s.vault }

// rings adds the reading of many to the documents.
type rings struct {
	collection[string, app.Ring, record.RingRecord]
}

// Many implements vault.Rings.
func (r rings) Many(ctx context.Context, owners []string) ([]app.Ring, error) {
	list, err := json.Marshal(owners)
	if err != nil {
		return nil, err
	}
	_, found, err := r.listed(ctx, `SELECT `+columns+` FROM rings d WHERE d.id IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, err
	}
	all := make([]app.Ring, len(found))
	for i, f := range found {
		all[i] = f.Value
	}
	return all, nil
}

// scrub removes the entries that name nobody and empties the WAL into the file, where secure_delete
// has overwritten what went. It fails where a reader holds the WAL: then nothing may be promised.
func (s *Store) scrub(ctx context.Context) error {
	if _, err := s.Expire(ctx, s.opts.Now(), maxPage); err != nil {
		return err
	}
	for range scrubTries {
		var busy, inWAL, moved int
		err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &inWAL, &moved)
		switch {
		case err != nil:
			return failed(err)
		case busy == 0 && inWAL == 0:
			return s.emptyWAL()
		}
	}
	return care.E(care.Unavailable, "store_unavailable", "a reader holds what is to be erased")
}

// emptyWAL looks at the file itself: an erasure believes the disk alone. Frames that another
// process has written since are not those that were erased, and count as a reason to come again.
func (s *Store) emptyWAL() error {
	info, err := os.Stat(s.path + "-wal")
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Size() > 0:
		return care.E(care.Unavailable, "store_unavailable", "others write while this is erased")
	}
	return nil
}
