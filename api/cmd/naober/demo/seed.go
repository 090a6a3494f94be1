package demo

import (
	"context"
	"errors"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// writers is how many documents are on their way to the store at once: it hides the way to a
// server, and the embedded store takes turns.
const writers = 8

// Seeded says how far an earlier seeding of this world came.
type Seeded int

// The answers.
const (
	Nothing Seeded = iota
	Begun
	Whole
)

// Standing tells how much of a world stands in the store: its first and its last document say so.
func (w *World) Standing(ctx context.Context, s app.Stores) (Seeded, error) {
	_, err := s.Organizations.Get(ctx, w.Organizations[0].ID)
	if care.IsKind(err, care.NotFound) {
		return Nothing, nil
	}
	if err != nil {
		return Nothing, err
	}
	_, err = s.Memberships.Get(ctx, w.marker().ID)
	if care.IsKind(err, care.NotFound) {
		return Begun, nil
	}
	return Whole, err
}

// marker is the membership that is written after everything else.
func (w *World) marker() care.Membership { return w.Memberships[len(w.Memberships)-1] }

// Write stores the world. What stands already is left as it is, so that a seeding that was cut
// short goes on and one that was whole is not repeated. No event is made: the world is what was
// there before, and whoever reads the feed begins after it.
func (w *World) Write(ctx context.Context, s app.Stores) error {
	if standing, err := w.Standing(ctx, s); err != nil || standing == Whole {
		return err
	}
	membership := func(m care.Membership) care.MembershipID { return m.ID }
	organization := func(o care.Organization) care.OrganizationID { return o.ID }
	last := len(w.Memberships) - 1
	for _, step := range []func() error{
		// The first document alone, so that a kill at any later moment is known as one.
		func() error { return insert(ctx, s.Organizations, w.Organizations[:1], organization) },
		func() error { return insert(ctx, s.Organizations, w.Organizations[1:], organization) },
		func() error {
			return insert(ctx, s.Communities, w.Communities, func(c care.Community) care.CommunityID { return c.ID })
		},
		func() error {
			return insert(ctx, s.Persons, w.Persons, func(p care.Person) care.PersonID { return p.ID })
		},
		func() error {
			return insert(ctx, s.Helpers, w.Helpers, func(h care.Helper) care.PersonID { return h.Person })
		},
		func() error { return insert(ctx, s.Offers, w.Offers, func(o care.Offer) care.OfferID { return o.ID }) },
		func() error {
			return insert(ctx, s.Requests, w.Requests, func(r care.Request) care.RequestID { return r.ID })
		},
		func() error {
			return insert(ctx, s.Sessions, w.Phones, func(p app.Session) app.SessionID { return p.ID })
		},
		func() error { return insert(ctx, s.Memberships, w.Memberships[:last], membership) },
		func() error { return insert(ctx, s.Memberships, w.Memberships[last:], membership) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// insert stores documents of one kind, several at once, and takes those that stand for done.
func insert[K ~string, T any](ctx context.Context, docs port.Documents[K, T], all []T, key func(T) K) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	work := make(chan T)
	errs := make([]error, writers)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			for value := range work {
				if _, err := docs.Insert(ctx, key(value), value, nil, port.Write{}); err != nil && care.CodeOf(err) != "id_taken" {
					errs[i] = err
					stop()
					return
				}
			}
		})
	}
	for _, value := range all {
		select {
		case work <- value:
		case <-ctx.Done():
		}
	}
	close(work)
	group.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// Begin makes sure that the folder's world stands in the store, and returns it. A store that holds
// nothing of it, a new one or one that was emptied, gets a world that begins now.
func Begin(ctx context.Context, f *Folder, s app.Stores, now time.Time, residents int) (*World, error) {
	if !f.Facts.FoundedAt.IsZero() {
		w, err := NewWorld(f.Facts.Seed, f.Facts.FoundedAt, residents)
		if err != nil {
			return nil, err
		}
		if standing, err := w.Standing(ctx, s); err != nil || standing != Nothing {
			return w, errors.Join(err, w.Write(ctx, s))
		}
	}
	f.Facts.FoundedAt = now.UTC().Truncate(time.Millisecond)
	if err := f.SaveFacts(); err != nil {
		return nil, err
	}
	w, err := NewWorld(f.Facts.Seed, f.Facts.FoundedAt, residents)
	if err != nil {
		return nil, err
	}
	return w, w.Write(ctx, s)
}
