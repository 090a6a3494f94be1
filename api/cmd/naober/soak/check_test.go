package soak

import (
	"path/filepath"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/sqlitestore"
	"naober/matching/care"
)

// shelf is a store with a day of its own.
type shelf struct {
	t *testing.T
	app.Stores
	now    time.Time
	helper care.PersonID
	slot   care.SlotID
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{t: t, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	s.helper, s.slot = care.DeriveID[care.PersonID](s.now, "helper"), care.DeriveID[care.SlotID](s.now, "slot")
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "naober.db"),
		sqlitestore.Options{Now: func() time.Time { return s.now }, Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Stores = store.Stores()
	return s
}

// request writes a request that is as it should be, but for what change does to it.
func (s *shelf) request(name string, change func(*care.Request)) string {
	s.t.Helper()
	r := care.Request{ID: care.DeriveID[care.RequestID](s.now, name), For: s.helper, Words: name, Phase: care.Live, Owner: care.Chair{Kind: care.ChairDesk, Community: "v"},
		NextActionAt: s.now.Add(time.Hour), CreatedAt: s.now, Slots: []care.Slot{{ID: s.slot, Start: s.now, End: s.now.Add(time.Hour), Seats: 1}}}
	change(&r)
	if _, err := s.Requests.Insert(s.t.Context(), r.ID, r, nil, port.Write{}); err != nil {
		s.t.Fatal(err)
	}
	return string(r.ID)
}

func (s *shelf) visit(name string) care.Visit {
	return care.Visit{ID: care.DeriveID[care.VisitID](s.now, name), Slot: s.slot, Helper: s.helper, State: care.VisitSet,
		At: care.Interval{From: s.now, Until: s.now.Add(time.Hour)}}
}

func (s *shelf) book(visits ...care.Visit) {
	s.t.Helper()
	h := care.Helper{Person: s.helper}
	for _, v := range visits {
		h.Agreed = append(h.Agreed, care.Agreed{Nonce: care.Nonce(v.ID), Visit: v.ID, At: v.At})
	}
	if _, err := s.Helpers.Insert(s.t.Context(), h.Person, h, nil, port.Write{}); err != nil {
		s.t.Fatal(err)
	}
}

func nothing(*care.Request) {}

// TestJudge breaks stores on purpose: what a soak holds to be wrong is found in each.
func TestJudge(t *testing.T) {
	for name, row := range map[string]struct {
		make                  func(s *shelf, k *kept)
		lost, doubled, broken int
	}{
		"a store as it should be": {make: func(s *shelf, k *kept) {
			k.requests["a"] = s.request("a", func(r *care.Request) { r.Visits = []care.Visit{s.visit("v")} })
			s.book(s.visit("v"))
		}},
		"an acknowledged request is gone":    {make: func(_ *shelf, k *kept) { k.requests["a"] = "id" }, lost: 1},
		"an acknowledged message is gone":    {make: func(_ *shelf, k *kept) { k.messages["a"] = "id" }, lost: 1},
		"an acknowledged withdrawal is gone": {make: func(s *shelf, k *kept) { k.withdrawn[s.request("a", nothing)] = true }, lost: 1},
		"an acknowledged yes is gone": {make: func(s *shelf, k *kept) {
			ask := care.Ask{ID: care.DeriveID[care.AskID](s.now, "ask"), Helper: s.helper, State: care.Asked}
			s.request("a", func(r *care.Request) { r.Asks = []care.Ask{ask} })
			k.yeses[string(ask.ID)] = string(s.helper)
		}, lost: 1},
		"a request is there twice": {make: func(s *shelf, k *kept) {
			s.request("a", nothing)
			s.request("b", func(r *care.Request) { r.Words = "a" })
		}, doubled: 1},
		"a request has no owner":       {make: func(s *shelf, _ *kept) { s.request("a", func(r *care.Request) { r.Owner = care.Chair{} }) }, broken: 1},
		"a request has no next action": {make: func(s *shelf, _ *kept) { s.request("a", func(r *care.Request) { r.NextActionAt = time.Time{} }) }, broken: 1},
		"a visit stands in no book": {make: func(s *shelf, _ *kept) {
			s.request("a", func(r *care.Request) { r.Visits = []care.Visit{s.visit("v")} })
		}, broken: 1},
		"a book holds a visit that is nowhere": {make: func(s *shelf, _ *kept) { s.book(s.visit("v")) }, broken: 1},
		"two hold one seat, one of them in two places": {make: func(s *shelf, _ *kept) {
			s.request("a", func(r *care.Request) { r.Visits = []care.Visit{s.visit("v"), s.visit("w")} })
			s.book(s.visit("v"), s.visit("w"))
		}, broken: 2},
		"an intent is still in judgement": {make: func(s *shelf, _ *kept) {
			if _, err := s.Ledger.Insert(s.t.Context(), "p/n", app.LedgerRow{Key: "p/n", State: app.Judging}, nil, port.Write{}); err != nil {
				s.t.Fatal(err)
			}
		}, broken: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, k := newShelf(t), newKept()
			row.make(s, k)
			f, err := judge(t.Context(), s.Stores, k)
			if err != nil || len(f.lost) != row.lost || len(f.doubled) != row.doubled || len(f.broken) != row.broken {
				t.Errorf("found %+v %v, want %d lost, %d doubled, %d broken", f, err, row.lost, row.doubled, row.broken)
			}
		})
	}
}
