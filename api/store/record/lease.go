package record

import (
	"time"

	"naober/api/feed"
)

// parkedKept is how long an operator can look up a row that was handed over late.
const parkedKept = 30 * 24 * time.Hour

// LeaseRecord is a stored feed.Lease.
type LeaseRecord struct {
	Name   string `json:"name" bson:"name"`
	Holder string `json:"holder,omitempty" bson:"holder,omitempty"`
	Number int64  `json:"number,omitempty" bson:"number,omitempty"`
	Beat   int64  `json:"beat,omitempty" bson:"beat,omitempty"`
	Cursor int64  `json:"cursor,omitempty" bson:"cursor,omitempty"`
}

// ParkedRecord is a stored feed.Parked.
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
func Leases() Codec[feed.Lease, LeaseRecord] {
	return Codec[feed.Lease, LeaseRecord]{
		Kind: "leases", Noun: "lease", Facts: noFacts[feed.Lease],
		To:   func(l feed.Lease) LeaseRecord { return LeaseRecord(l) },
		From: func(l LeaseRecord) feed.Lease { return feed.Lease(l) },
	}
}

// Parked translates events that wait for another try.
func Parked() Codec[feed.Parked, ParkedRecord] {
	return Codec[feed.Parked, ParkedRecord]{
		Kind: "parked", Noun: "parked_row",
		To: func(p feed.Parked) ParkedRecord {
			return ParkedRecord{ID: p.ID, Consumer: p.Consumer, Row: ToRow(p.Row), Tries: p.Tries, Code: p.Code,
				At: at(p.At), RetryAt: at(p.RetryAt)}
		},
		From: func(p ParkedRecord) feed.Parked {
			return feed.Parked{ID: p.ID, Consumer: p.Consumer, Row: FromRow(p.Row), Tries: p.Tries, Code: p.Code,
				At: at(p.At), RetryAt: at(p.RetryAt)}
		},
		Facts: func(p feed.Parked) Facts {
			if p.RetryAt.IsZero() { // handed over after all; kept for the operator
				return Facts{Expires: after(p.At, parkedKept)}
			}
			var k keys
			k.add(feed.ByConsumer, p.Consumer)
			return Facts{Keys: k, Due: at(p.RetryAt)}
		},
	}
}
