package watch

import (
	"context"
	"errors"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// timed is one kind of documents under watch. Each streams for as long as its reader takes, and is
// not timed.
type timed[K ~string, T any] struct {
	port.Documents[K, T]
	kind string
	w    *Watch
}

// Documents times the calls of one kind of documents.
func Documents[K ~string, T any](w *Watch, kind string, docs port.Documents[K, T]) port.Documents[K, T] {
	return timed[K, T]{docs, kind, w}
}

func (w *Watch) stored(kind, operation string, began time.Time, err error) {
	w.stores.WithLabelValues(kind, operation).Observe(time.Since(began).Seconds())
	var ruled *care.Error
	if err != nil && (!errors.As(err, &ruled) || ruled.Kind == care.Unavailable) {
		w.failures.WithLabelValues(kind, operation).Inc()
	}
}

func (d timed[K, T]) Get(ctx context.Context, id K) (port.Stored[T], error) {
	began := time.Now()
	s, err := d.Documents.Get(ctx, id)
	d.w.stored(d.kind, "get", began, err)
	return s, err
}

func (d timed[K, T]) Insert(ctx context.Context, id K, value T, events []care.Event, how port.Write) (port.Stored[T], error) {
	began := time.Now()
	s, err := d.Documents.Insert(ctx, id, value, events, how)
	d.w.stored(d.kind, "insert", began, err)
	return s, err
}

func (d timed[K, T]) Update(ctx context.Context, id K, how port.Write, change port.Change[T]) (port.Stored[T], error) {
	began := time.Now()
	s, err := d.Documents.Update(ctx, id, how, change)
	d.w.stored(d.kind, "update", began, err)
	return s, err
}

func (d timed[K, T]) Find(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[T], error) {
	began := time.Now()
	s, err := d.Documents.Find(ctx, key, page)
	d.w.stored(d.kind, "find", began, err)
	return s, err
}

func (d timed[K, T]) Due(ctx context.Context, now time.Time, limit int) ([]port.Stored[T], error) {
	began := time.Now()
	s, err := d.Documents.Due(ctx, now, limit)
	d.w.stored(d.kind, "due", began, err)
	return s, err
}

// sessions also counts those that begin and end.
type sessions struct {
	port.Documents[app.SessionID, app.Session]
	w *Watch
}

func (d sessions) Insert(ctx context.Context, id app.SessionID, value app.Session, events []care.Event, how port.Write) (port.Stored[app.Session], error) {
	s, err := d.Documents.Insert(ctx, id, value, events, how)
	if err == nil {
		d.w.sessions.WithLabelValues("began").Inc()
	}
	return s, err
}

func (d sessions) Update(ctx context.Context, id app.SessionID, how port.Write, change port.Change[app.Session]) (port.Stored[app.Session], error) {
	ends := false // as the last run of the change has it: it may run more than once
	s, err := d.Documents.Update(ctx, id, how, func(old app.Session) (app.Session, []care.Event, error) {
		next, events, err := change(old)
		ends = old.EndedAt.IsZero() && !next.EndedAt.IsZero()
		return next, events, err
	})
	if err == nil && ends {
		d.w.sessions.WithLabelValues("ended").Inc()
	}
	return s, err
}

// Stores times the kinds that calls of people read and write.
func (w *Watch) Stores(s app.Stores) app.Stores {
	s.Persons = Documents(w, "persons", s.Persons)
	s.Helpers = Documents(w, "helpers", s.Helpers)
	s.Organizations = Documents(w, "organizations", s.Organizations)
	s.Memberships = Documents(w, "memberships", s.Memberships)
	s.Offers = Documents(w, "offers", s.Offers)
	s.Requests = Documents(w, "requests", s.Requests)
	s.Histories = Documents(w, "histories", s.Histories)
	s.Messages = Documents(w, "messages", s.Messages)
	s.Feedbacks = Documents(w, "feedbacks", s.Feedbacks)
	s.Reports = Documents(w, "reports", s.Reports)
	s.Referrals = Documents(w, "referrals", s.Referrals)
	s.Sessions = sessions{Documents(w, "sessions", s.Sessions), w}
	s.Flows = Documents(w, "flows", s.Flows)
	s.Ledger = Documents(w, "ledger", s.Ledger)
	s.Tallies = Documents(w, "tallies", s.Tallies)
	s.Views = Documents(w, "views", s.Views)
	s.Leases = Documents(w, "leases", s.Leases)
	s.Parked = Documents(w, "parked", s.Parked)
	return s
}
