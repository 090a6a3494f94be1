package app

import (
	"context"
	"errors"
	"iter"
	"sync"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
)

// Index holds what the matcher knows of the helpers of this process. It is rebuilt at start, kept
// fresh by the feed, and only proposes: a stale entry costs a retry, never a double booking.
type Index struct {
	mu      sync.RWMutex
	turn    int64 // of the last reading that began
	helpers map[care.PersonID]entry
	// villages are the helpers with an offer in each community.
	villages map[care.CommunityID]map[care.PersonID]bool
	changes  map[care.CommunityID]int64 // how often somebody of a community was read anew
	built    int64                      // how often everybody was
}

// indexVersion differs whenever what the index knows of a community may.
type indexVersion struct{ built, changes int64 }

func (x *Index) version(in care.CommunityID) indexVersion {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return indexVersion{x.built, x.changes[in]}
}

// entry is one helper with the facts of their person and their standing offers.
type entry struct {
	turn   int64 // of the reading that it comes from
	person care.Person
	helper care.Helper
	offers map[care.OfferID]care.Offer
}

func newIndex() *Index {
	return &Index{helpers: map[care.PersonID]entry{}, villages: map[care.CommunityID]map[care.PersonID]bool{}, changes: map[care.CommunityID]int64{}}
}

// place notes in which communities a helper offers something, or takes that back.
func (x *Index) place(e entry, there bool) {
	for _, o := range e.offers {
		x.changes[o.Community]++
		switch in := x.villages[o.Community]; {
		case !there:
			delete(in, e.helper.Person)
		case in == nil:
			x.villages[o.Community] = map[care.PersonID]bool{e.helper.Person: true}
		default:
			in[e.helper.Person] = true
		}
	}
}

// candidate finds one helper with one of their offers.
func (x *Index) candidate(p care.PersonID, o care.OfferID) (matching.Candidate, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	e, ok := x.helpers[p]
	offer, has := e.offers[o]
	return e.candidate(offer), ok && has
}

// pool lists every helper who applied to or was approved in the community, once per offer there.
func (x *Index) pool(in care.CommunityID) []matching.Candidate {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var pool []matching.Candidate
	for p := range x.villages[in] {
		e := x.helpers[p]
		for _, o := range e.offers {
			if o.Community == in {
				pool = append(pool, e.candidate(o))
			}
		}
	}
	return pool
}

// people gives every helper with an offer in the community, with all of their offers there, in the
// same room for each. Writers wait until the last was looked at.
func (x *Index) people(in care.CommunityID, known map[care.PersonID]bool) iter.Seq[[]matching.Candidate] {
	return func(yield func([]matching.Candidate) bool) {
		x.mu.RLock()
		defer x.mu.RUnlock()
		var offers []matching.Candidate
		for p := range x.villages[in] {
			e := x.helpers[p]
			offers = offers[:0]
			for _, o := range e.offers {
				if o.Community == in {
					c := e.candidate(o)
					c.KnownFace = known[p]
					offers = append(offers, c)
				}
			}
			if !yield(offers) {
				return
			}
		}
	}
}

// candidate leaves the claims out. One that is freed writes no event, so a copy that was read before
// would keep its helper out of every wave until something else happened to them; the helper's own
// book counts claims when the question, or the yes, is claimed.
func (e entry) candidate(o care.Offer) matching.Candidate {
	h := e.helper
	h.Claims = nil
	return matching.Candidate{Person: h.Person, Home: blurred(e.person.Home.Point), Gender: e.person.Gender, Helper: h, Offer: o}
}

// need is one time of a request as the matcher is shown it.
func (a *App) need(r care.Request, s care.Slot) matching.Need {
	r.Where.Point = blurred(r.Where.Point)
	if r.Ride != nil {
		ride := *r.Ride
		ride.To.Point = blurred(ride.To.Point)
		r.Ride = &ride
	}
	return matching.Need{Request: r, Slot: s, Now: a.clock()}
}

// blurred stands for a place in everything that is matched: the centre of its cell. Who is asked, in
// which order, and for how long somebody counts as on their way then tells nobody more of a home than
// its cell, however often they ask and wherever they say that they live themselves.
func blurred(p care.Point) care.Point { return place.CellOf(p).Centre }

// begin numbers a reading, before it reads.
func (x *Index) begin() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.turn++
	return x.turn
}

// put keeps what was read, unless a reading that began later was faster: that one knows more.
func (x *Index) put(e entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if old := x.helpers[e.helper.Person]; e.turn >= old.turn {
		x.place(old, false)
		x.place(e, true)
		x.helpers[e.helper.Person] = e
	}
}

// replace keeps a whole reading, but for what was read anew since it began.
func (x *Index) replace(all map[care.PersonID]entry, turn int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for p, e := range x.helpers {
		if e.turn > turn {
			all[p] = e
		}
	}
	x.built++
	x.helpers, x.villages = all, map[care.CommunityID]map[care.PersonID]bool{}
	for _, e := range all {
		x.place(e, true)
	}
}

// Rebuild fills the index, and the names beside it, by streaming the store. It is called before the first request is served
// and whenever the feed no longer reaches back to what this process has seen.
func (a *App) Rebuild(ctx context.Context) error {
	entries, turn := map[care.PersonID]entry{}, a.index.begin()
	err := a.Stores.Helpers.Each(ctx, func(h Stored[care.Helper]) error {
		entries[h.Value.Person] = entry{turn: turn, helper: h.Value, offers: map[care.OfferID]care.Offer{}}
		return nil
	})
	if err != nil {
		return err
	}
	err = a.Stores.Persons.Each(ctx, func(p Stored[care.Person]) error {
		if e, ok := entries[p.Value.ID]; ok {
			e.person = p.Value
			entries[p.Value.ID] = e
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = a.Stores.Offers.Each(ctx, func(o Stored[care.Offer]) error {
		if e, ok := entries[o.Value.Helper]; ok && o.Value.EndedAt.IsZero() {
			e.offers[o.Value.ID] = o.Value
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.index.replace(entries, turn)
	return a.rebuildNames(ctx)
}

// refresh reads one helper anew. It follows this process's own writes at once; a failure is
// mended by the feed.
func (a *App) refresh(ctx context.Context, p care.PersonID) {
	if err := a.reload(ctx, p); err != nil {
		a.Log.Warn("index entry left to the feed", "error", care.CodeOf(err))
	}
}

func (a *App) reload(ctx context.Context, p care.PersonID) error {
	turn := a.index.begin()
	h, err := a.Stores.Helpers.Get(ctx, p)
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return err
	}
	offers, err := findAll(ctx, a.Stores.Offers, Key{ByPerson, string(p)})
	if err != nil {
		return err
	}
	e := entry{turn: turn, person: person.Value, helper: h.Value, offers: map[care.OfferID]care.Offer{}}
	for _, o := range offers {
		if o.EndedAt.IsZero() {
			e.offers[o.ID] = o
		}
	}
	a.index.put(e)
	return nil
}

// Follow is the consumer of the feed for index and names: whoever something happened to is read anew.
func (a *App) Follow(ctx context.Context, row Row) error {
	switch row.Event.Type {
	case care.HelperApplied, care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed,
		care.HelperBooked, care.HelperFreed, care.HelperChanged,
		care.OfferMade, care.OfferChanged, care.OfferEnded, care.AskMade, care.AskUndelivered:
		return a.reload(ctx, row.Event.Helper)
	case care.HelperBlocked:
		// The other half of a block is written without an event of its own.
		return errors.Join(a.reload(ctx, row.Event.Helper), a.reload(ctx, row.Event.Person))
	case care.PersonForgetting, care.PersonForgotten:
		a.Vault.Forget(row.Event.Person)
		return errors.Join(a.reload(ctx, row.Event.Person), a.reloadName(ctx, row.Event.Person))
	case care.PersonChanged:
		return errors.Join(a.reload(ctx, row.Event.Person), a.reloadName(ctx, row.Event.Person))
	case care.PersonMerged, care.PersonUnmerged:
		one, other := row.Event.Person, row.Event.Helper
		return errors.Join(a.reload(ctx, one), a.reload(ctx, other), a.reloadName(ctx, one), a.reloadName(ctx, other))
	case care.PersonRegistered, care.MembershipStarted, care.MembershipEnded:
		return a.reloadName(ctx, row.Event.Person)
	}
	return nil
}

// count is how many helpers have an offer in the community.
func (x *Index) count(in care.CommunityID) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.villages[in])
}
