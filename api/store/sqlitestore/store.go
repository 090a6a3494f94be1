package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/api/store/record"
	"naober/api/store/vault"
	"naober/matching/care"
	"naober/notifications"
)

// readers is how many readings go on at once; in WAL mode they never wait for the writer.
const readers = 4

// Options are what a store needs besides its file.
type Options struct {
	// Key is the service key: 32 bytes under which the key store's keys are wrapped. Required.
	Key []byte
	// OldKeys are former service keys that still open what they wrapped.
	OldKeys [][]byte
	// Keys is the file of the key store; keys.db beside the data where it is empty. It must never lie
	// in a backup of the data.
	Keys string
	// Lent is how long an opened data key is used again without reading; 0 is a minute.
	Lent time.Duration
	// Now is the clock that dates nonces; time.Now where it is nil.
	Now func() time.Time
	// Wrote is called after each commit that leaves a document with events to move into the feed. It
	// runs on the writer's own goroutine and must return at once. May be nil.
	Wrote func()
}

// Store is one open file. It is safe for concurrent use; several stores, also in several
// processes, may have the same file open.
type Store struct {
	write  *pool // one connection: SQLite has one writer
	read   *pool
	writer *writer
	memo   *memo // nil in the key store, whose keys the vault lends
	path   string
	opts   Options
	probe  *app.Probe
	vault  *vault.Vault // nil in the key store itself

	keys     *Store  // the key store beside the data; nil in the key store itself
	expiring []table // whose documents are removed by time
}

// Open opens the file at path, creates it where it is absent, readable for its owner alone, and
// brings its schema up to date. A file with a newer schema than this program knows is refused.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s, err := openFile(ctx, path, opts, migrations())
	if err != nil {
		return nil, err
	}
	s.expiring = expiring()
	if err = s.remembers(ctx); err == nil {
		err = s.openKeys(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openFile opens one file and brings it to the last of the steps.
func openFile(ctx context.Context, path string, opts Options, steps []string) (*Store, error) {
	if err := private(path); err != nil {
		return nil, fmt.Errorf("sqlitestore: %w", err)
	}
	s := &Store{path: path, opts: opts, probe: &app.Probe{}}
	var err error
	if s.write, err = connect(path, 1, "_txlock=immediate"); err != nil {
		return nil, err
	}
	s.writer = &writer{pool: s.write}
	if err = awake(ctx, s.write.DB); err == nil {
		err = migrate(ctx, s.write.DB, steps)
	}
	if err == nil {
		s.read, err = connect(path, readers, "_pragma=query_only(1)")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close waits for what is under way and closes the file.
func (s *Store) Close() error {
	var errs []error
	if s.keys != nil {
		errs = append(errs, s.keys.Close())
	}
	errs = append(errs, s.memo.close())
	for _, db := range []*pool{s.read, s.write} { // the writer last: its end empties the WAL
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Check reports whether the store and its keys can be read and written now, and opened with the service
// key. At most every few seconds it writes the version of the schema anew, which changes nothing and fails where the disk is full.
func (s *Store) Check(ctx context.Context) error {
	var version int
	if err := s.read.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return failed(err)
	}
	// Of a caller that gives up, nothing is to be held against the disk.
	err := s.probe.Check(time.Now(), func() error {
		return s.writing(context.WithoutCancel(ctx), func(t *transaction) error {
			_, err := t.exec(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, version))
			return failed(err)
		})
	})
	if err == nil && s.keys != nil {
		if err = s.keys.Check(ctx); err == nil {
			err = s.vault.Check(ctx)
		}
	}
	return err
}

// Stores are the ports of package app on this file.
func (s *Store) Stores() app.Stores {
	return app.Stores{
		Persons:       s.vault.Persons(newCollection[care.PersonID](s, record.Persons())),
		Helpers:       newCollection[care.PersonID](s, record.Helpers()),
		Communities:   communities{newCollection[care.CommunityID](s, record.Communities())},
		Organizations: newCollection[care.OrganizationID](s, record.Organizations()),
		Memberships:   newCollection[care.MembershipID](s, record.Memberships()),
		Offers:        newCollection[care.OfferID](s, record.Offers()),
		Requests:      newCollection[care.RequestID](s, record.Requests()),
		Histories:     newCollection[care.SlotID](s, record.Histories()),
		Messages:      newCollection[care.MessageID](s, record.Messages()),
		Feedbacks:     newCollection[care.FeedbackID](s, record.Feedbacks()),
		Reports:       newCollection[care.ReportID](s, record.Reports()),
		Tasks:         newCollection[care.TaskID](s, record.Tasks()),
		Referrals:     newCollection[care.ReferralID](s, record.Referrals()),
		Sessions:      newCollection[app.SessionID](s, record.Sessions()),
		Flows:         newCollection[app.FlowID](s, record.Flows()),
		SigningKeys:   newCollection[string](s, record.SigningKeys()),
		Ledger:        newCollection[app.LedgerKey](s, record.Ledger()),
		Tallies:       newCollection[string](s, record.Tallies()),
		Views:         newCollection[string](s, record.Views()),
		Leases:        newCollection[string](s, record.Leases()),
		Parked:        newCollection[string](s, record.Parked()),
		Feed:          feedRows{s},
		Audits:        audits{s},
		Pushes:        record.Pushes{Deliveries: s.Deliveries()},
	}
}

// Offline are the ports of package offline.
func (s *Store) Offline() offline.Stores {
	return offline.Stores{
		Groups:    newCollection[offline.GroupID](s, record.Groups()),
		Writers:   newCollection[offline.WriterID](s, record.Writers()),
		Snapshots: newCollection[string](s, record.Snapshots()),
		Outcomes:  newCollection[app.LedgerKey](s, record.Outcomes()),
		Letters:   newCollection[app.LedgerKey](s, record.Letters()),
		Epochs:    newCollection[string](s, record.Epochs()),
	}
}

// Deliveries are the messages of package notifications on this file.
func (s *Store) Deliveries() port.Documents[string, notifications.Delivery] {
	return newCollection[string](s, record.Deliveries())
}

// writing runs f in a transaction that holds the write lock from its begin, and comes back when what
// it wrote is durable. The error of f comes back as it is, and nothing stands.
func (s *Store) writing(ctx context.Context, f func(*transaction) error) error {
	return s.writer.run(ctx, f)
}

// rolledBack drops a transaction. One that a cancelled context ended already is dropped too.
func rolledBack(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return failed(err)
	}
	return nil
}
