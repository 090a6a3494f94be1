package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// migrations are the steps from an empty file to the present schema. A step that was released is
// never changed: further ones follow it. Its number is its place in the list, from 1.
func migrations() []string {
	return []string{firstSchema(), kindTable("tasks"), auditSchema(),
		tables("groups", "writers", "snapshots", "outcomes", "letters", "epochs")}
}

// keyMigrations are those of the key store.
func keyMigrations() []string {
	return []string{tables("rings", "contacts") + docKeys()}
}

// tables has one table per kind. Strictly typed; instants are milliseconds since 1970; state,
// events and nonces are JSON, NULL where there is none. The partial indexes hold only the rows
// that are waiting for something.
func tables(kinds ...string) string {
	var b strings.Builder
	for _, kind := range kinds {
		b.WriteString(kindTable(kind))
	}
	return b.String()
}

// docKeys is what documents are found by.
func docKeys() string {
	return `
CREATE TABLE doc_keys (
	kind  TEXT NOT NULL,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	id    TEXT NOT NULL,
	PRIMARY KEY (kind, name, value, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX doc_keys_doc ON doc_keys (kind, id);
`
}

// firstSchema is that of the data.
func firstSchema() string {
	return tables(
		"persons", "helpers", "communities", "organizations", "memberships", "offers", "requests", "histories",
		"messages", "feedbacks", "reports", "referrals", "sessions", "flows", "signing_keys", "ledger", "tallies",
		"views", "leases", "parked", "deliveries",
	) + docKeys() + `
CREATE TABLE feed (
	id    INTEGER PRIMARY KEY,
	kind  TEXT NOT NULL,
	doc   TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	event TEXT NOT NULL,
	at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_event ON feed (kind, doc, seq);
CREATE INDEX feed_at ON feed (at);

CREATE TABLE feed_meta (
	only INTEGER PRIMARY KEY CHECK (only = 1),
	last INTEGER NOT NULL
) STRICT;
INSERT INTO feed_meta (only, last) VALUES (1, 0);
`
}

// kindTable is the table of one kind of document with its indexes.
func kindTable(kind string) string {
	return strings.ReplaceAll(`
CREATE TABLE kind (
	id      TEXT PRIMARY KEY NOT NULL,
	rev     INTEGER NOT NULL,
	ver     INTEGER NOT NULL,
	seq     INTEGER NOT NULL,
	state   TEXT NOT NULL,
	events  TEXT,
	nonces  TEXT,
	due     INTEGER,
	expires INTEGER
) STRICT;
CREATE INDEX kind_pending ON kind (id) WHERE events IS NOT NULL;
CREATE INDEX kind_due ON kind (due, id) WHERE due IS NOT NULL;
CREATE INDEX kind_expires ON kind (expires) WHERE expires IS NOT NULL;
`, "kind", kind)
}

// migrate takes the steps that the file lacks, each in a transaction with its number. Two
// processes that open the same file at once take each step once.
func migrate(ctx context.Context, db *sql.DB, steps []string) error {
	for {
		done, err := step(ctx, db, steps)
		if err != nil || done {
			return err
		}
	}
}

func step(ctx context.Context, db *sql.DB, steps []string) (done bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, failed(err)
	}
	defer func() { err = errors.Join(err, rolledBack(tx)) }()
	var version int
	if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return false, failed(err)
	}
	switch {
	case version > len(steps):
		return false, fmt.Errorf("sqlitestore: the file has schema %d and this program knows up to %d", version, len(steps))
	case version == len(steps):
		return true, nil
	}
	if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
		return false, fmt.Errorf("sqlitestore: migration %d: %w", version+1, failed(err))
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, version+1)); err != nil {
		return false, failed(err)
	}
	return false, failed(tx.Commit())
}
