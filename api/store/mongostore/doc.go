// Package mongostore keeps the documents and the feed of package app in MongoDB: a standalone
// server, a replica set, a sharded cluster, or a server that speaks MongoDB's protocol.
//
// A document is stored as one BSON document: its state, the events that wait for the feed, the
// nonces of the intents it answered, and what it is found by. Every write is one replacement where
// rev still matches, so nothing here needs a transaction or a change stream. What must be unique is
// an _id, because unique secondary indexes do not span shards.
//
// The package decides nothing about people: it translates through package record, and it knows no
// rule of the trade. It starts no goroutines besides those of the driver.
package mongostore
