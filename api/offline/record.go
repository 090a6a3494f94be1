package offline

import (
	"context"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// GroupID names one local database of one account on one device. It is a ULID that the device made.
type GroupID string

// WriterID names one numbered sequence of intents in a group: a ULID that the device made.
type WriterID string

// Group is one local database of one account, for ever.
type Group struct {
	ID      GroupID
	Account care.PersonID
	MadeAt  time.Time
	SeenAt  time.Time // to the day
	EndedAt time.Time // the device was wiped
	// Carried is the number of the newest bundle that was handed in, CarriedAt when it first was.
	Carried   int64
	CarriedAt time.Time
}

// Writer numbers intents 1, 2, 3 and so on.
type Writer struct {
	ID      WriterID
	Group   GroupID
	Account care.PersonID
	Last    int64 // the last that has its verdict
	// Failed is how often the next one made the program fail since FailedAt.
	Failed   int
	FailedAt time.Time
	MadeAt   time.Time
	SeenAt   time.Time // to the day
}

// Snapshot is what a device holds that presents the cookie of this name.
type Snapshot struct {
	ID     string // not to be guessed
	Group  GroupID
	Parent string
	Order  int64
	Schema string
	Epoch  string
	Told   map[WriterID]int64 // the counts that the device was told
	Held   []byte             // see pack
	MadeAt time.Time
	UsedAt time.Time // to the hour
	Gone   time.Time // it is never presented again
}

// Outcome is a refusal that every device of the account shows until it is dismissed.
type Outcome struct {
	Key       app.LedgerKey // account and nonce
	Account   care.PersonID
	Nonce     care.Nonce
	Name      string
	Subject   string
	Code      string
	Params    map[string]string
	At        time.Time
	Dismissed time.Time
}

// DeadLetter is an intent that made the program fail again and again. What was written in it is not kept.
type DeadLetter struct {
	Key    app.LedgerKey
	Writer WriterID
	Number int64
	Name   string
	At     time.Time
}

// Epoch names one history of the data. Data that come from a backup are another one.
type Epoch struct {
	ID   string // always the same: there is one
	Name string
	// Cause is the restore that began it; empty for the first.
	Cause string
}

// Stores are the ports of this package.
type Stores struct {
	Groups    port.Documents[GroupID, Group]
	Writers   port.Documents[WriterID, Writer]
	Snapshots port.Documents[string, Snapshot]
	Outcomes  port.Documents[app.LedgerKey, Outcome]
	Letters   port.Documents[app.LedgerKey, DeadLetter]
	Epochs    port.Documents[string, Epoch]
}

// The keys that documents are found by.
const (
	// ByGroup: writers, and snapshots that are not gone.
	ByGroup = "group"
	// ByAccount: groups, writers, snapshots and outcomes that are not dismissed.
	ByAccount = "account"
)

// each does something with all documents that have a key.
func each[K ~string, T any](ctx context.Context, docs port.Documents[K, T], of port.Key, do func(T) error) error {
	for page := (port.Page{Limit: 200}); ; {
		found, err := docs.Find(ctx, of, page)
		if err != nil {
			return err
		}
		for _, one := range found {
			page.After = one.ID
			if err := do(one.Value); err != nil {
				return err
			}
		}
		if len(found) < page.Limit {
			return nil
		}
	}
}

// absentIsDone takes what is gone meanwhile for ended.
func absentIsDone(err error) error {
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	return err
}
