// Package port says what the service asks of a store, whatever the document: one port for a kind of
// documents, and one for the feed of their events. The adapters below api/store implement both.
//
// It knows no kind of document and no key that documents are found by: those are app's, and feed's for
// leases and parked rows.
package port
