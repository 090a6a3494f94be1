package app

import (
	"context"
	"errors"
	"iter"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
)

// Index holds what the matcher knows of the helpers of this process: the offers to each village, where
// their helpers live to the cell, and what binds them. It is rebuilt at start, kept fresh by the feed,
// and only proposes: a stale entry costs a retry, never a double booking.
//
// What a village's readers see is a value that never changes. They wait for nobody, and a writer puts
// another one in its place.
type Index struct {
	mu      sync.Mutex // of writers, and of whoever looks for one single helper
	turn    int64      // of the last reading that began
	helpers map[care.PersonID]entry
	shelves atomic.Pointer[shelves]

	rebuilt, applied atomic.Int64 // times that everybody was read; when the last event happened, in Unix milliseconds
}

// shelves are those of all villages, with how often everybody was read anew.
type shelves struct {
	built int64
	of    map[care.CommunityID]*shelf
}

// shelf is one village's place in the index.
type shelf struct {
	seen atomic.Pointer[sight]
	next uint32   // the first id that nobody ever had
	free []uint32 // ids that somebody had
}

// sight is a village at a moment.
type sight struct {
	pool    matching.Pool
	changes int64
}

// indexVersion differs whenever what the index knows of a community may.
type indexVersion struct{ built, changes int64 }

// entry is one helper in each village to which they offer something: nowhere, for somebody who offers
// nothing any more, is merged or forgotten. It is kept all the same, so that an older reading does not
// bring them back.
type entry struct {
	turn  int64 // of the reading that it comes from
	stand map[care.CommunityID]matching.Standing
}

func newIndex() *Index {
	x := &Index{helpers: map[care.PersonID]entry{}}
	x.shelves.Store(&shelves{of: map[care.CommunityID]*shelf{}})
	return x
}

// sight is what the index knows of a village now.
func (x *Index) sight(in care.CommunityID) (sight, indexVersion) {
	all := x.shelves.Load()
	if s := all.of[in]; s != nil {
		seen := s.seen.Load()
		return *seen, indexVersion{all.built, seen.changes}
	}
	return sight{}, indexVersion{built: all.built}
}

func (x *Index) version(in care.CommunityID) indexVersion {
	_, v := x.sight(in)
	return v
}

// people gives every helper with an offer in the community, with all of their offers there, in the
// same room for each.
func (x *Index) people(in care.CommunityID, known map[care.PersonID]bool) iter.Seq[[]matching.Candidate] {
	seen, _ := x.sight(in)
	return func(yield func([]matching.Candidate) bool) {
		var room []matching.Candidate
		for offers := range seen.pool.People() {
			room = append(room[:0], offers...)
			for i := range room {
				room[i].KnownFace = known[room[i].Person]
			}
			if !yield(room) {
				return
			}
		}
	}
}

// offers are those of one helper to a village; to be read.
func (x *Index) offers(p care.PersonID, in care.CommunityID) []matching.Candidate {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.helpers[p].stand[in].Offers
}

// begin numbers a reading, before it reads.
func (x *Index) begin() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.turn++
	return x.turn
}

// put keeps what was read of a helper, unless a reading that began later was faster: that one knows
// more.
func (x *Index) put(p care.PersonID, turn int64, offers []matching.Candidate) {
	x.mu.Lock()
	defer x.mu.Unlock()
	old := x.helpers[p]
	if turn < old.turn {
		return
	}
	x.helpers[p] = x.shelves.Load().placed(x, old, turn, offers)
}

// placed puts a helper's offers in place of those that stand there.
func (all *shelves) placed(x *Index, old entry, turn int64, offers []matching.Candidate) entry {
	e := entry{turn: turn, stand: standings(offers)}
	for in, was := range old.stand {
		if _, stays := e.stand[in]; !stays {
			all.of[in].change(was.IDs, matching.Standing{})
		}
	}
	for in, s := range e.stand {
		if all.of[in] == nil {
			all = all.with(in)
			x.shelves.Store(all)
		}
		e.stand[in] = all.of[in].change(old.stand[in].IDs, s)
	}
	return e
}

// with has a shelf more.
func (all *shelves) with(in care.CommunityID) *shelves {
	more := &shelves{built: all.built, of: maps.Clone(all.of)}
	more.of[in] = &shelf{}
	more.of[in].seen.Store(&sight{})
	return more
}

// change takes out who stands there under some ids, and gives somebody ids and a place.
func (s *shelf) change(gone []uint32, comes matching.Standing) matching.Standing {
	was := s.seen.Load()
	next := sight{pool: was.pool.Without(gone), changes: was.changes + 1}
	s.free = append(s.free, gone...)
	comes.IDs = s.ids(len(comes.Offers))
	next.pool = next.pool.With(comes)
	s.seen.Store(&next)
	return comes
}

func (s *shelf) ids(n int) []uint32 {
	ids := make([]uint32, n)
	for i := range ids {
		if last := len(s.free) - 1; last >= 0 {
			ids[i], s.free = s.free[last], s.free[:last]
			continue
		}
		ids[i], s.next = s.next, s.next+1
	}
	return ids
}

// standings are offers by the village to which they are made.
func standings(offers []matching.Candidate) map[care.CommunityID]matching.Standing {
	if len(offers) == 0 {
		return nil
	}
	all := map[care.CommunityID]matching.Standing{}
	for _, c := range offers {
		s := all[c.Offer.Community]
		s.Offers = append(s.Offers, c)
		all[c.Offer.Community] = s
	}
	return all
}

// replace keeps a whole reading, but for what was read anew since it began.
func (x *Index) replace(all map[care.PersonID][]matching.Candidate, turn int64) {
	helpers, next := map[care.PersonID]entry{}, &shelves{of: map[care.CommunityID]*shelf{}}
	here := map[care.CommunityID][]matching.Standing{}
	for p, offers := range all {
		e := entry{turn: turn, stand: standings(offers)}
		for in, s := range e.stand {
			if next.of[in] == nil {
				next.of[in] = &shelf{}
			}
			s.IDs = next.of[in].ids(len(s.Offers))
			e.stand[in] = s
			here[in] = append(here[in], s)
		}
		helpers[p] = e
	}
	for in, s := range next.of {
		s.seen.Store(&sight{pool: matching.BuildPool(here[in])})
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	next.built = x.shelves.Load().built + 1
	newer := x.helpers
	x.helpers = helpers
	x.shelves.Store(next)
	for p, e := range newer {
		if e.turn > turn {
			x.helpers[p] = x.shelves.Load().placed(x, helpers[p], e.turn, e.all())
		}
	}
	x.rebuilt.Add(1)
}

func (e entry) all() []matching.Candidate {
	var offers []matching.Candidate
	for _, s := range e.stand {
		offers = append(offers, s.Offers...)
	}
	return offers
}

// MatcherCounts are what an operator sees of the index of this process.
type MatcherCounts struct {
	Villages, Offers int64
	Rebuilt          int64         // times that everybody was read
	Age              time.Duration // since the last event that it took in happened; 0 before the first
}

func (a *App) matcherCounts() MatcherCounts {
	all := a.index.shelves.Load()
	c := MatcherCounts{Villages: int64(len(all.of)), Rebuilt: a.index.rebuilt.Load()}
	for _, s := range all.of {
		c.Offers += int64(s.seen.Load().pool.Len())
	}
	if last := a.index.applied.Load(); last > 0 {
		c.Age = max(0, a.clock().Sub(time.UnixMilli(last)))
	}
	return c
}

// need is one time of a request as the matcher is shown it: whoever has two records stands in it under
// the one that stays.
func (a *App) need(r care.Request, s care.Slot) matching.Need {
	r.Asks, r.Visits = a.canonicalParts(r.Asks, r.Visits)
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

// candidateOf leaves the claims out. One that is freed writes no event, so a copy that was read before
// would keep its helper out of every wave until something else happened to them; the helper's own
// book counts claims when the question, or the yes, is claimed. Of the person it keeps the cell and the
// gender alone.
func candidateOf(p care.Person, h care.Helper, o care.Offer) matching.Candidate {
	h.Claims = nil
	return matching.Candidate{Person: h.Person, Home: blurred(p.Home.Point), Gender: p.Gender, Helper: h, Offer: o}
}

// helps tells whether somebody may stand in the index at all: nobody who asked to be forgotten, and of
// two records of one person the one that stays.
func helps(p care.Person, h care.Helper) bool { return !p.Gone() && h.Alias == "" }

// Rebuild fills the index, and the names beside it, by streaming the store. It is called before the first request is served
// and whenever the feed no longer reaches back to what this process has seen.
func (a *App) Rebuild(ctx context.Context) error {
	turn := a.index.begin()
	a.familiar.forget()
	offers := map[care.PersonID][]matching.Candidate{}
	err := a.Stores.Offers.Each(ctx, func(o Stored[care.Offer]) error {
		if o.Value.EndedAt.IsZero() {
			offers[o.Value.Helper] = append(offers[o.Value.Helper], matching.Candidate{Offer: o.Value})
		}
		return nil
	})
	if err != nil {
		return err
	}
	books := make(map[care.PersonID]care.Helper, len(offers))
	err = a.Stores.Helpers.Each(ctx, func(h Stored[care.Helper]) error {
		if len(offers[h.Value.Person]) > 0 {
			books[h.Value.Person] = h.Value
		}
		return nil
	})
	if err != nil {
		return err
	}
	all := make(map[care.PersonID][]matching.Candidate, len(offers))
	err = a.Stores.Persons.Each(ctx, func(p Stored[care.Person]) error {
		h, ok := books[p.Value.ID]
		if !ok || !helps(p.Value, h) {
			return nil
		}
		for _, c := range offers[p.Value.ID] {
			all[p.Value.ID] = append(all[p.Value.ID], candidateOf(p.Value, h, c.Offer))
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.index.replace(all, turn)
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
		a.index.put(p, turn, nil)
		return nil
	}
	if err != nil {
		return err
	}
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return err
	}
	if !helps(person.Value, h.Value) {
		a.index.put(p, turn, nil)
		return nil
	}
	found, err := findAll(ctx, a.Stores.Offers, Key{ByPerson, string(p)})
	if err != nil {
		return err
	}
	var offers []matching.Candidate
	for _, o := range found {
		if o.EndedAt.IsZero() {
			offers = append(offers, candidateOf(person.Value, h.Value, o))
		}
	}
	a.index.put(p, turn, offers)
	return nil
}

// Follow is the consumer of the feed for index and names: whoever something happened to is read anew.
func (a *App) Follow(ctx context.Context, row Row) error {
	if err := a.follow(ctx, row.Event); err != nil {
		return err
	}
	a.index.applied.Store(row.Event.At.UnixMilli())
	return nil
}

func (a *App) follow(ctx context.Context, e care.Event) error {
	switch e.Type {
	case care.HelperApplied, care.HelperApproved, care.HelperRefused, care.HelperPaused, care.HelperResumed,
		care.HelperBooked, care.HelperFreed, care.HelperChanged,
		care.OfferMade, care.OfferChanged, care.OfferEnded, care.AskMade, care.AskUndelivered:
		return a.reload(ctx, e.Helper)
	case care.VisitDone:
		a.familiar.met(a.resolve(e.Person), a.resolve(e.Helper))
		return nil
	case care.HelperBlocked:
		// The other half of a block is written without an event of its own.
		return errors.Join(a.reload(ctx, e.Helper), a.reload(ctx, e.Person))
	case care.PersonForgetting, care.PersonForgotten:
		a.Vault.Forget(e.Person)
		a.familiar.forget()
		return errors.Join(a.reload(ctx, e.Person), a.reloadName(ctx, e.Person))
	case care.PersonChanged, care.PersonMoved, care.PersonDied:
		return errors.Join(a.reload(ctx, e.Person), a.reloadName(ctx, e.Person))
	case care.PersonMerged, care.PersonUnmerged:
		one, other := e.Person, e.Helper
		err := errors.Join(a.reload(ctx, one), a.reload(ctx, other), a.reloadName(ctx, one), a.reloadName(ctx, other))
		a.familiar.forget()
		return err
	case care.PersonRegistered, care.MembershipStarted, care.MembershipEnded:
		return a.reloadName(ctx, e.Person)
	}
	return nil
}

// count is how many offers stand in the community.
func (x *Index) count(in care.CommunityID) int {
	seen, _ := x.sight(in)
	return seen.pool.Len()
}
