package port

import (
	"context"
	"time"

	"naober/matching/care"
)

// DocRef names one document of any kind.
type DocRef struct {
	Kind string
	ID   string
}

// Numbered is an event with its place in its document's own sequence.
type Numbered struct {
	Seq   int64
	Event care.Event
}

// Pending is a document whose events are not all in the feed yet.
type Pending struct {
	Doc    DocRef
	Events []Numbered
}

// Row is one event in the feed. Rows are numbered without gaps.
type Row struct {
	ID    int64
	Doc   DocRef
	Seq   int64
	Event care.Event
	At    time.Time // when it was appended
}

// Feed is the one order of all events. One mover appends, any number of consumers read.
type Feed interface {
	// Pending lists documents with events that were not drained, at most limit.
	Pending(ctx context.Context, limit int) ([]Pending, error)
	// Has reports whether this event of the document stands in the feed already.
	Has(ctx context.Context, doc DocRef, seq int64) (bool, error)
	// Append stores the rows under the numbers they carry. A number that is taken means that
	// another mover was faster: care.Conflict "feed_moved", and rows before it stand.
	Append(ctx context.Context, rows []Row) error
	// Drain removes the document's events up to seq; it moves rev only.
	Drain(ctx context.Context, doc DocRef, seq int64) error
	// Read lists rows after a number in order, at most limit.
	Read(ctx context.Context, after int64, limit int) ([]Row, error)
	// Bounds tells the first and last number; both 0 while nothing was ever appended.
	Bounds(ctx context.Context) (first, last int64, err error)
	// Trim removes rows appended before a moment, never the last row.
	Trim(ctx context.Context, before time.Time) error
}
