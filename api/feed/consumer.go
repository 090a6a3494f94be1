package feed

import (
	"context"

	"naober/api/port"
)

// Consumer reads the feed in order and hands each row to its owner. A row is handed over at least once:
// after a kill those since the last saved cursor come again.
//
// A stored consumer is one for all processes, under the lease "consumer/<name>". A local one belongs
// to its process and keeps its cursor in memory.
type Consumer struct {
	Name string
	// Handle may be called again for a row that it has seen. What it starts must end with its
	// context, which outlives a shutdown by at most ten seconds so that one row is not cut in two.
	Handle func(ctx context.Context, row port.Row) error
	// AtOnce is how many documents may have a row at their owner at the same time, the rows of each in order.
	// One or none: rows come one at a time, in the order of the feed.
	AtOnce int
	Stored bool
	// From is the number after which a local consumer begins. Negative: rebuild, then begin at the end.
	From int64
	// Rebuild makes anew what the rows would have told; nil where nothing is kept. It is called where
	// rows were trimmed that this consumer has not read. A local consumer then goes on at the end of
	// the feed, a stored one at the first row that is left.
	Rebuild func(ctx context.Context) error
	// OnParked tells the owner of the row's document that something waits; nil tells nobody.
	OnParked func(ctx context.Context, row port.Row, code string)
}

// ConsumerCounts are what an operator sees of a consumer.
type ConsumerCounts struct {
	Cursor  int64 // number of the last row that was read
	Lag     int64 // rows behind it that are not read yet
	Handled int64 // rows handed over since the start of the process
	Parked  int64 // rows that wait now
	Failed  int64 // calls that failed since the start of the process
	Rebuilt int64 // times that rows were missing since the start of the process
}
