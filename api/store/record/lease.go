package record

import (
	"time"

	"naober/api/app"
)

// parkedKept is how long an operator can look up a row that was handed over late.
const parkedKept = 30 * 24 * time.Hour

// LeaseRecord is a stored app.Lease.
type LeaseRecord struct {
	Name   string `json:"name" bson:"name"`
	Holder string `json:"holder,omitempty" bson:"holder,omitempty"`
	Number int64  `json:"number,omitempty" bson:"number,omitempty"`
	Beat   int64  `json:"beat,omitempty" bson:"beat,omitempty"`
	Cursor int64  `json:"cursor,omitempty" bson:"cursor,omitempty"`
}

// ParkedRecord is a stored app.Parked.
type ParkedRecord struct {
	ID       string     `json:"id" bson:"id"`
	Consumer string     `json:"consumer,omitempty" bson:"consumer,omitempty"`
	Row      FeedRecord `json:"row,omitzero" bson:"row,omitempty"`
	Tries    int        `json:"tries,omitempty" bson:"tries,omitempty"`
	Code     string     `json:"code,omitempty" bson:"code,omitempty"`
	At       time.Time  `json:"at,omitzero" bson:"at,omitempty"`
	RetryAt  time.Time  `json:"retryAt,omitzero" bson:"retryAt,omitempty"`
}

// Leases translates leases.
func Leases() Codec[app.Lease, LeaseRecord] {
	return Codec[app.Lease, LeaseRecord]{
		Kind: "leases", Noun: "lease", Facts: noFacts[app.Lease],
		To:   func(l app.Lease) LeaseRecord { return LeaseRecord(l) },
		From: func(l LeaseRecord) app.Lease { return app.Lease(l) },
	}
}

// ParkedRows translates events that wait for another try.
func Parked() Codec[app.Parked, ParkedRecord] {
	return Codec[app.Parked, ParkedRecord]{
		Kind: "parked", Noun: "parked_row",
		To: func(p app.Parked) ParkedRecord {
			return ParkedRecord{ID: p.ID, Consumer: p.Consumer, Row: ToRow(p.Row), Tries: p.Tries, Code: p.Code,
				At: at(p.At), RetryAt: at(p.RetryAt)}
		},
		From: func(p ParkedRecord) app.Parked {
			return app.Parked{ID: p.ID, Consumer: p.Consumer, Row: FromRow(p.Row), Tries: p.Tries, Code: p.Code,
				At: at(p.At), RetryAt: at(p.RetryAt)}
		},
		Facts: func(p app.Parked) Facts {
			if p.RetryAt.IsZero() { // handed over after all; kept for the operator
				return Facts{Expires: after(p.At, parkedKept)}
			}
			var k keys
			k.add(app.ByConsumer, p.Consumer)
			return Facts{Keys: k, Due: at(p.RetryAt)}
		},
	}
}
