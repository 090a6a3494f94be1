// Package sqlitestore keeps the documents and the feed in one SQLite file: the embedded store of a
// village that runs on one small machine. It serves the ports of package app.
//
// Every kind of document is a table with one row per document: state, waiting events and nonces
// stand in that row, so that each write is one row besides the index of keys. A change is computed
// outside of any lock and replaces the row where its rev still matches, as it does on a store with
// many writers.
//
// It knows no rule of the trade, starts no goroutine and encrypts nothing; backups and the erasing
// of persons are not done here.
package sqlitestore
