// Package feed brings the events of all documents into one order and from there to whoever acts on
// them, and keeps the loops going that a service repeats beside its calls.
//
// A document is written together with its events (package port). The Mover of one process appends
// them to the feed, densely numbered; each Consumer reads on from its own cursor, parks what keeps
// failing and goes on. What one process at a time should do runs under a Lease: the mover, the stored
// consumers, and each Work, which stands still in a Hold because it acts on the date. Loops puts
// these together.
//
// It knows no kind of document and no rule of the trade: which works every service has is said in package
// app, which consumers where it is put together, in api/cmd/naober/service.go. Of package care it uses the events and the errors alone.
package feed
