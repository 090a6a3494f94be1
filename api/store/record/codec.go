// Package record holds the stored shapes of the documents and the translation between them and the
// domain, once for both stores. It opens nothing and decides nothing: stored rows are trusted, and
// today's rules are never applied to yesterday's data.
package record

import (
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Facts are what a store keeps beside a document so that it can be found.
type Facts struct {
	Keys    []port.Key  // every key that Find must answer for this document
	Due     time.Time   // when the clock looks at it; zero for never
	Expires time.Time   // when housekeeping may remove it; zero for never
	Point   *care.Point // a public place to search by; nil for none
}

// Codec translates one kind of document. R is its stored shape: a struct with json and bson tags of
// the same names, so that either store can marshal it.
type Codec[T, R any] struct {
	Kind string // name of the collection and table: "requests"
	Noun string // for error codes: "request" gives request_not_found
	// To gives the stored shape, its instants in UTC and cut to the millisecond. Lists inside may be
	// shared with the value: a store marshals the shape at once and does not keep it.
	To    func(T) R
	From  func(R) T
	Facts func(T) Facts
	// Owner says whose key seals the fields that the shape marks with a seal tag: the person whom a
	// document is about, or the author of what was said. Required where there are such fields.
	Owner func(R) care.PersonID
	// Events says whether documents of this kind put events into the feed.
	Events bool
}
