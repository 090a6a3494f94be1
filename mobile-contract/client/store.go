package client

import (
	"crypto/cipher"
	"database/sql"
	"errors"
	"fmt"

	_ "modernc.org/sqlite" // registers the driver; database/sql offers no other way
)

// schema are the tables of one account's store. The outbox has what still awaits something, the journal what is
// confirmed and may be asked for again after the service was restored from a backup. A document whose time was over
// has no value any more and keeps its key, because the cookie says that the device has it; until is in milliseconds.
const schema = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS docs (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, until INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
	seq INTEGER PRIMARY KEY NOT NULL, writer TEXT NOT NULL, id INTEGER NOT NULL, nonce TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
	args TEXT NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL, before INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS journal (
	nonce TEXT PRIMARY KEY NOT NULL, seq INTEGER NOT NULL, writer TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,
	args TEXT NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL, confirmed INTEGER NOT NULL, before INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS writers (writer TEXT PRIMARY KEY NOT NULL, assigned INTEGER NOT NULL, last INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0) STRICT;
`

// added are columns that came later: what they say is taken from what a store has already.
var added = []struct{ table, column, with, fill string }{
	{"docs", "until", "INTEGER", `UPDATE docs SET until = CAST(round(unixepoch(json_extract(value, '$.until'), 'subsec') * 1000) AS INTEGER)`},
	{"writers", "closed", "INTEGER NOT NULL DEFAULT 0", ""},
	{"outbox", "before", "INTEGER NOT NULL DEFAULT 0", ""},
	{"journal", "before", "INTEGER NOT NULL DEFAULT 0", ""},
}

// disk is the store of one account. Every change is one transaction that is on disk when it returns. What documents
// and intents say lies there sealed.
type disk struct {
	db  *sql.DB
	box cipher.AEAD
}

func openDisk(path string, box cipher.AEAD) (disk, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_pragma=secure_delete(1)&_txlock=immediate")
	if err != nil {
		return disk{}, err
	}
	db.SetMaxOpenConns(1)
	d := disk{db, box}
	if err := d.change(tx.build); err != nil {
		return disk{}, errors.Join(fmt.Errorf("client: the store cannot be opened: %w", err), db.Close())
	}
	return d, nil
}

// build makes the tables, and what a store of an older app lacks of them.
func (t tx) build() error {
	if err := t.run(schema); err != nil {
		return err
	}
	for _, a := range added {
		there, err := t.number(`SELECT count(*) FROM pragma_table_info(?) WHERE name = ?`, a.table, a.column)
		if err == nil && there == 0 {
			err = errors.Join(t.run(`ALTER TABLE `+a.table+` ADD COLUMN `+a.column+` `+a.with), t.run(a.fill))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// change runs f in a transaction.
func (d disk) change(f func(tx) error) error {
	t, err := d.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx{t, d.box}); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit()
}

// tx is one transaction.
type tx struct {
	*sql.Tx
	box cipher.AEAD
}

func (t tx) run(query string, args ...any) error {
	_, err := t.Exec(query, args...)
	return err
}

// number reads one number; 0 where there is no row.
func (t tx) number(query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := t.QueryRow(query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return n.Int64, err
}

func (t tx) text(query string, args ...any) (string, error) {
	var s sql.NullString
	err := t.QueryRow(query, args...).Scan(&s)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return s.String, err
}

// meta reads a value by its name; empty where there is none.
func (t tx) meta(name string) (string, error) {
	return t.text(`SELECT value FROM meta WHERE name = ?`, name)
}

func (t tx) setMeta(name, value string) error {
	return t.run(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}

// The names in meta.
const (
	metaAccount = "account"
	metaGroup   = "group"
	metaCookie  = "cookie"
	metaEpoch   = "epoch"
	metaForked  = "forked" // another device has a copy of this store
	metaServer  = "server" // the service's clock at the last complete pull, in milliseconds
	metaDevice  = "device" // the device's clock then
	metaLease   = "lease"  // for how long documents are kept after that
	metaChecked = "checked"
	metaSealed  = "sealed"      // opens with the key that the store is sealed with
	metaBundle  = "bundle"      // number of the newest bundle that was made
	metaMade    = "bundleMade"  // the device\'s clock when it was made
	metaCarried = "carried"     // the cookie that it asks with
	metaOfGroup = "bundleGroup" // the store that it is of
	metaTaken   = "taken"       // number of the newest bundle whose answer was taken in
	metaLost    = "lost"        // the service lacks something that this store can send no more, and the person is not told yet
)
