package record

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/matching/care"
)

const (
	deviceKept   = 400 * 24 * time.Hour // a writer of which nothing is known is refused after 365 days
	endedKept    = 30 * 24 * time.Hour  // a device that was wiped may send its farewell again
	snapshotKept = 60 * 24 * time.Hour  // unused; a device that comes later begins anew
	letterKept   = 365 * 24 * time.Hour
)

// GroupRecord is a stored offline.Group.
type GroupRecord struct {
	ID      offline.GroupID `json:"id" bson:"id"`
	Account care.PersonID   `json:"account,omitempty" bson:"account,omitempty"`
	MadeAt  time.Time       `json:"madeAt,omitzero" bson:"madeAt,omitempty"`
	SeenAt  time.Time       `json:"seenAt,omitzero" bson:"seenAt,omitempty"`
	EndedAt time.Time       `json:"endedAt,omitzero" bson:"endedAt,omitempty"`

	Carried   int64     `json:"carried,omitempty" bson:"carried,omitempty"`
	CarriedAt time.Time `json:"carriedAt,omitzero" bson:"carriedAt,omitempty"`
}

// WriterRecord is a stored offline.Writer.
type WriterRecord struct {
	ID       offline.WriterID `json:"id" bson:"id"`
	Group    offline.GroupID  `json:"group,omitempty" bson:"group,omitempty"`
	Account  care.PersonID    `json:"account,omitempty" bson:"account,omitempty"`
	Last     int64            `json:"last,omitempty" bson:"last,omitempty"`
	Failed   int              `json:"failed,omitempty" bson:"failed,omitempty"`
	FailedAt time.Time        `json:"failedAt,omitzero" bson:"failedAt,omitempty"`
	MadeAt   time.Time        `json:"madeAt,omitzero" bson:"madeAt,omitempty"`
	SeenAt   time.Time        `json:"seenAt,omitzero" bson:"seenAt,omitempty"`
}

// SnapshotRecord is a stored offline.Snapshot.
type SnapshotRecord struct {
	ID     string          `json:"id" bson:"id"`
	Group  offline.GroupID `json:"group,omitempty" bson:"group,omitempty"`
	Parent string          `json:"parent,omitempty" bson:"parent,omitempty"`
	Order  int64           `json:"order,omitempty" bson:"order,omitempty"`
	Schema string          `json:"schema,omitempty" bson:"schema,omitempty"`
	Epoch  string          `json:"epoch,omitempty" bson:"epoch,omitempty"`
	Told   []ToldRecord    `json:"told,omitempty" bson:"told,omitempty"`
	Held   []byte          `json:"held,omitempty" bson:"held,omitempty"`
	MadeAt time.Time       `json:"madeAt,omitzero" bson:"madeAt,omitempty"`
	UsedAt time.Time       `json:"usedAt,omitzero" bson:"usedAt,omitempty"`
	Gone   time.Time       `json:"gone,omitzero" bson:"gone,omitempty"`
}

// ToldRecord is the count of one writer that a device was told.
type ToldRecord struct {
	Writer offline.WriterID `json:"writer,omitempty" bson:"writer,omitempty"`
	Last   int64            `json:"last,omitempty" bson:"last,omitempty"`
}

// ParamRecord is one value that a code leaves open.
type ParamRecord struct {
	Name  string `json:"name,omitempty" bson:"name,omitempty"`
	Value string `json:"value,omitempty" bson:"value,omitempty"`
}

// OutcomeRecord is a stored offline.Outcome.
type OutcomeRecord struct {
	Key       app.LedgerKey `json:"key" bson:"key"`
	Account   care.PersonID `json:"account,omitempty" bson:"account,omitempty"`
	Nonce     care.Nonce    `json:"nonce,omitempty" bson:"nonce,omitempty"`
	Name      string        `json:"name,omitempty" bson:"name,omitempty"`
	Subject   string        `json:"subject,omitempty" bson:"subject,omitempty"`
	Code      string        `json:"code,omitempty" bson:"code,omitempty"`
	Params    []ParamRecord `json:"params,omitempty" bson:"params,omitempty"`
	At        time.Time     `json:"at,omitzero" bson:"at,omitempty"`
	Dismissed time.Time     `json:"dismissed,omitzero" bson:"dismissed,omitempty"`
}

// LetterRecord is a stored offline.DeadLetter.
type LetterRecord struct {
	Key    app.LedgerKey    `json:"key" bson:"key"`
	Writer offline.WriterID `json:"writer,omitempty" bson:"writer,omitempty"`
	Number int64            `json:"number,omitempty" bson:"number,omitempty"`
	Name   string           `json:"name,omitempty" bson:"name,omitempty"`
	At     time.Time        `json:"at,omitzero" bson:"at,omitempty"`
}

// EpochRecord is a stored offline.Epoch.
type EpochRecord struct {
	ID    string `json:"id" bson:"id"`
	Name  string `json:"name,omitempty" bson:"name,omitempty"`
	Cause string `json:"cause,omitempty" bson:"cause,omitempty"`
}

// listed writes a map as a list in the order of its keys; an empty one becomes nil.
func listed[K cmp.Ordered, V, R any](m map[K]V, f func(K, V) R) []R {
	var all []R
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, f(k, m[k]))
	}
	return all
}

// mapped reads what listed wrote.
func mapped[K comparable, V, R any](all []R, f func(R) (K, V)) map[K]V {
	if len(all) == 0 {
		return nil
	}
	m := make(map[K]V, len(all))
	for _, one := range all {
		k, v := f(one)
		m[k] = v
	}
	return m
}

// Groups translates the local databases of devices.
func Groups() Codec[offline.Group, GroupRecord] {
	return Codec[offline.Group, GroupRecord]{
		Kind: "groups", Noun: "group",
		To: func(g offline.Group) GroupRecord {
			g.MadeAt, g.SeenAt, g.EndedAt, g.CarriedAt = at(g.MadeAt), at(g.SeenAt), at(g.EndedAt), at(g.CarriedAt)
			return GroupRecord(g)
		},
		From: func(g GroupRecord) offline.Group {
			g.MadeAt, g.SeenAt, g.EndedAt, g.CarriedAt = at(g.MadeAt), at(g.SeenAt), at(g.EndedAt), at(g.CarriedAt)
			return offline.Group(g)
		},
		Facts: func(g offline.Group) Facts {
			var k keys
			k.add(offline.ByAccount, string(g.Account))
			if !g.EndedAt.IsZero() {
				return Facts{Keys: k, Expires: after(g.EndedAt, endedKept)}
			}
			return Facts{Keys: k, Expires: after(g.SeenAt, deviceKept)}
		},
	}
}

// Writers translates the counts of what devices sent.
func Writers() Codec[offline.Writer, WriterRecord] {
	return Codec[offline.Writer, WriterRecord]{
		Kind: "writers", Noun: "writer",
		To: func(w offline.Writer) WriterRecord {
			w.FailedAt, w.MadeAt, w.SeenAt = at(w.FailedAt), at(w.MadeAt), at(w.SeenAt)
			return WriterRecord(w)
		},
		From: func(w WriterRecord) offline.Writer {
			w.FailedAt, w.MadeAt, w.SeenAt = at(w.FailedAt), at(w.MadeAt), at(w.SeenAt)
			return offline.Writer(w)
		},
		Facts: func(w offline.Writer) Facts {
			var k keys
			k.add(offline.ByGroup, string(w.Group))
			k.add(offline.ByAccount, string(w.Account))
			return Facts{Keys: k, Expires: after(w.SeenAt, deviceKept)}
		},
	}
}

// Snapshots translates what devices hold; one that is gone is found no more.
func Snapshots() Codec[offline.Snapshot, SnapshotRecord] {
	return Codec[offline.Snapshot, SnapshotRecord]{
		Kind: "snapshots", Noun: "snapshot",
		To: func(s offline.Snapshot) SnapshotRecord {
			told := func(w offline.WriterID, last int64) ToldRecord { return ToldRecord{w, last} }
			return SnapshotRecord{ID: s.ID, Group: s.Group, Parent: s.Parent, Order: s.Order, Schema: s.Schema, Epoch: s.Epoch, Told: listed(s.Told, told),
				Held: s.Held, MadeAt: at(s.MadeAt), UsedAt: at(s.UsedAt), Gone: at(s.Gone)}
		},
		From: func(s SnapshotRecord) offline.Snapshot {
			told := func(t ToldRecord) (offline.WriterID, int64) { return t.Writer, t.Last }
			return offline.Snapshot{ID: s.ID, Group: s.Group, Parent: s.Parent, Order: s.Order, Schema: s.Schema, Epoch: s.Epoch, Told: mapped(s.Told, told),
				Held: s.Held, MadeAt: at(s.MadeAt), UsedAt: at(s.UsedAt), Gone: at(s.Gone)}
		},
		Facts: func(s offline.Snapshot) Facts {
			if !s.Gone.IsZero() {
				return Facts{Expires: at(s.Gone)}
			}
			var k keys
			k.add(offline.ByGroup, string(s.Group))
			return Facts{Keys: k, Expires: after(s.UsedAt, snapshotKept)}
		},
	}
}

// Outcomes translates refusals that devices show; one that was dismissed is found no more, but is not made again.
func Outcomes() Codec[offline.Outcome, OutcomeRecord] {
	return Codec[offline.Outcome, OutcomeRecord]{
		Kind: "outcomes", Noun: "outcome",
		To: func(o offline.Outcome) OutcomeRecord {
			param := func(name, value string) ParamRecord { return ParamRecord{name, value} }
			return OutcomeRecord{Key: o.Key, Account: o.Account, Nonce: o.Nonce, Name: o.Name, Subject: o.Subject, Code: o.Code, Params: listed(o.Params, param),
				At: at(o.At), Dismissed: at(o.Dismissed)}
		},
		From: func(o OutcomeRecord) offline.Outcome {
			param := func(p ParamRecord) (string, string) { return p.Name, p.Value }
			return offline.Outcome{Key: o.Key, Account: o.Account, Nonce: o.Nonce, Name: o.Name, Subject: o.Subject, Code: o.Code, Params: mapped(o.Params, param),
				At: at(o.At), Dismissed: at(o.Dismissed)}
		},
		Facts: func(o offline.Outcome) Facts {
			var k keys
			if o.Dismissed.IsZero() {
				k.add(offline.ByAccount, string(o.Account))
			}
			return Facts{Keys: k, Expires: after(o.At, offline.OutcomeKept)}
		},
	}
}

// Letters translates intents that were given up.
func Letters() Codec[offline.DeadLetter, LetterRecord] {
	return Codec[offline.DeadLetter, LetterRecord]{
		Kind: "letters", Noun: "letter",
		To: func(l offline.DeadLetter) LetterRecord {
			l.At = at(l.At)
			return LetterRecord(l)
		},
		From: func(l LetterRecord) offline.DeadLetter {
			l.At = at(l.At)
			return offline.DeadLetter(l)
		},
		Facts: func(l offline.DeadLetter) Facts { return Facts{Expires: after(l.At, letterKept)} },
	}
}

// Epochs translates the name of the history.
func Epochs() Codec[offline.Epoch, EpochRecord] {
	return Codec[offline.Epoch, EpochRecord]{
		Kind: "epochs", Noun: "epoch", Facts: noFacts[offline.Epoch],
		To:   func(e offline.Epoch) EpochRecord { return EpochRecord(e) },
		From: func(e EpochRecord) offline.Epoch { return offline.Epoch(e) },
	}
}
