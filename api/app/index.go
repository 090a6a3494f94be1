package app

import (
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
func (x *Index) people(in care.CommunityID, known ties) iter.Seq[[]matching.Candidate] {
	seen, _ := x.sight(in)
	return func(yield func([]matching.Candidate) bool) {
		var room []matching.Candidate
		for offers := range seen.pool.People() {
			room = append(room[:0], offers...)
			for i := range room {
				room[i] = known.on(room[i])
			}
			if !yield(room) {
				return
			}
		}
	}
}

// count is how many offers stand in the community.
func (x *Index) count(in care.CommunityID) int {
	seen, _ := x.sight(in)
	return seen.pool.Len()
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
	return matching.Need{Request: r, Slot: s, Now: a.clock(), Weights: matching.WeightsOf(a.weights.in(r.Community))}
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
