package bench

import (
	"context"
	"sync/atomic"
	"time"

	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
)

// Stopwatch adds up how long the calls of stores took, from the call to its answer. Safe for concurrent use; calls
// at the same time count each.
type Stopwatch struct{ spent atomic.Int64 }

// Spent is the time until now.
func (w *Stopwatch) Spent() time.Duration { return time.Duration(w.spent.Load()) }

func (w *Stopwatch) since(began time.Time) { w.spent.Add(int64(time.Since(began))) }

// clocked is one kind of documents under the watch.
type clocked[K ~string, T any] struct {
	port.Documents[K, T]
	w *Stopwatch
}

func clock[K ~string, T any](w *Stopwatch, docs port.Documents[K, T]) port.Documents[K, T] {
	return clocked[K, T]{docs, w}
}

func (d clocked[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	defer d.w.since(time.Now())
	return d.Documents.Get(ctx, id)
}

func (d clocked[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	defer d.w.since(time.Now())
	return d.Documents.Find(ctx, key, page)
}

func (d clocked[K, T]) Insert(ctx context.Context, id K, value T, events []care.Event, how port.Write) (port.Stored[T], error) {
	defer d.w.since(time.Now())
	return d.Documents.Insert(ctx, id, value, events, how)
}

func (d clocked[K, T]) Update(ctx context.Context, id K, how port.Write, change port.Change[T]) (port.Stored[T], error) {
	defer d.w.since(time.Now())
	return d.Documents.Update(ctx, id, how, change)
}

// villages are communities, of which a pull reads one and then another.
type villages struct {
	app.Communities
	w *Stopwatch
}

func (v villages) Get(ctx context.Context, id care.CommunityID) (port.Stored[care.Community], error) {
	defer v.w.since(time.Now())
	return v.Communities.Get(ctx, id)
}

// Stores puts under the watch what a pull reads.
func (w *Stopwatch) Stores(s app.Stores) app.Stores {
	s.Persons, s.Helpers, s.Organizations = clock(w, s.Persons), clock(w, s.Helpers), clock(w, s.Organizations)
	s.Memberships, s.Offers, s.Requests = clock(w, s.Memberships), clock(w, s.Offers), clock(w, s.Requests)
	s.Messages, s.Referrals, s.Tasks = clock(w, s.Messages), clock(w, s.Referrals), clock(w, s.Tasks)
	s.Sessions, s.Ledger, s.Tallies, s.Views = clock(w, s.Sessions), clock(w, s.Ledger), clock(w, s.Tallies), clock(w, s.Views)
	s.Communities = villages{s.Communities, w}
	return s
}

// Offline puts under the watch what the synchronisation keeps.
func (w *Stopwatch) Offline(s offline.Stores) offline.Stores {
	return offline.Stores{Groups: clock(w, s.Groups), Writers: clock(w, s.Writers), Snapshots: clock(w, s.Snapshots),
		Outcomes: clock(w, s.Outcomes), Letters: clock(w, s.Letters), Epochs: clock(w, s.Epochs)}
}
