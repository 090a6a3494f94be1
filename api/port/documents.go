package port

import (
	"context"
	"time"

	"naober/matching/care"
)

// Stored is a document with its two version numbers. Rev counts every write and guards
// compare-and-set; Ver counts what somebody could notice and is the ETag.
type Stored[T any] struct {
	ID    string
	Value T
	Rev   int64
	Ver   int64
}

// Change computes a document's next value and what happened. It may run more than once, so it acts
// on nothing but its argument. Returning the value unchanged without events writes nothing, but for
// the nonce where the Write names one.
type Change[T any] func(T) (T, []care.Event, error)

// Write says how a change is to be stored.
type Write struct {
	// Nonce names the intent. It is stored in the same write; a document that holds it already
	// answers with its present value and is not changed again. Empty for the server's own acts.
	Nonce care.Nonce
	// IfVer makes the write conditional on the version that its author saw; 0 means any.
	IfVer int64
	// Quiet moves Rev only: nobody could notice this change.
	Quiet bool
}

// Key finds documents by one of the values that their kind is indexed by.
type Key struct {
	Name  string
	Value string
}

// Page bounds a reading: documents with an id after After, at most Limit of them (1 to 1,000).
type Page struct {
	After string
	Limit int
}

// Documents is the port of one kind of document. Every write is durable before it returns.
// Errors: care.NotFound for an absent id; care.Conflict "id_taken" where Insert meets another
// document of that id; care.Stale where IfVer no longer matches; care.Unavailable where the store
// cannot answer now. Errors of a Change come back as they are.
type Documents[K ~string, T any] interface {
	Get(ctx context.Context, id K) (Stored[T], error)
	// Insert stores a new document with its events. The same id with the same nonce is the same
	// insert and answers with what is stored.
	Insert(ctx context.Context, id K, value T, events []care.Event, w Write) (Stored[T], error)
	// Update loads, changes and replaces the document where its rev still matches; a lost race is
	// tried again. State, events and nonce are one write.
	Update(ctx context.Context, id K, w Write, change Change[T]) (Stored[T], error)
	// Find lists documents that have the key, by ascending id: a stable order under writes.
	Find(ctx context.Context, key Key, page Page) ([]Stored[T], error)
	// Each streams every document by ascending id, without holding them all.
	Each(ctx context.Context, visit func(Stored[T]) error) error
	// Due lists the documents whose due time is not after now, the longest overdue first.
	Due(ctx context.Context, now time.Time, limit int) ([]Stored[T], error)
}
