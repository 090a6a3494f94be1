package matching

import (
	"math"
	"slices"
	"time"

	"naober/matching/index"
)

// firstLook is how many offers of each way of travelling are looked up at first; each further look
// takes moreEach times as many.
const firstLook, moreEach = 64, 4

// Proposals gives the offers of a pool that may fit a need, one after the other, in the order of a
// ranking. It is for one goroutine.
type Proposals struct {
	need    Need
	pool    Pool
	finder  index.Finder
	queries []index.Query
	looked  time.Duration // everybody with a shorter way was listed
	all     bool          // everybody was
	list    []proposed
}

type proposed struct {
	candidate Candidate
	travel    time.Duration
}

// Propose begins to go through a pool. Whoever the rules admit comes, sooner or later.
func (p Pool) Propose(n Need) *Proposals {
	if !onMap(n.Request.Where.Point) {
		return &Proposals{need: n, pool: p, all: true, list: p.listed(n)}
	}
	q := queryOf(n)
	q.K = firstLook
	found := &Proposals{need: n, pool: p}
	if n.Request.Ride != nil { // driven, by everybody
		found.queries = []index.Query{q}
		return found
	}
	for _, way := range ways() {
		by := q
		by.Need |= traitOf(way)
		found.queries = append(found.queries, by)
	}
	return found
}

// Next is the next offer; false where there is none left.
func (p *Proposals) Next() (Candidate, bool) {
	for len(p.list) == 0 {
		if p.all {
			return Candidate{}, false
		}
		p.look()
	}
	c := p.list[0].candidate
	p.list = p.list[1:]
	return c, true
}

// look lists everybody whose way is shorter than what lies beyond the last of any query, and has not
// been listed yet.
func (p *Proposals) look() {
	const ever = time.Duration(math.MaxInt64)
	until := ever
	var found []proposed
	for i := range p.queries {
		q := &p.queries[i]
		hits := p.finder.Nearest(p.pool.world, q)
		for _, h := range hits {
			c := p.pool.candidate(h.ID)
			found = append(found, proposed{c, travelTo(p.need, c)})
		}
		if len(hits) == q.K {
			beyond := TravelTime(modeFor(p.need, found[len(found)-1].candidate), atLeast(hits[len(hits)-1]))
			until = min(until, beyond)
		}
		q.K *= moreEach
	}
	for _, f := range found {
		if f.travel < until && f.travel >= p.looked {
			p.list = append(p.list, f)
		}
	}
	sortProposed(p.list)
	p.looked, p.all = until, until == ever
}

// listed is everybody, for where the map is of no use.
func (p Pool) listed(n Need) []proposed {
	var all []proposed
	for offers := range p.People() {
		for _, c := range offers {
			all = append(all, proposed{c, travelTo(n, c)})
		}
	}
	sortProposed(all)
	return all
}

func sortProposed(list []proposed) {
	slices.SortFunc(list, func(a, b proposed) int {
		return before(Fit{Candidate: a.candidate, Travel: a.travel}, Fit{Candidate: b.candidate, Travel: b.travel})
	})
}

// loss is more than the map and its arithmetic may add to a line over the ground, as a part and in
// metres.
const lossPart, lossMetres = 0.001, 2

// atLeast is a length over the ground that no home is nearer than which the index finds after this one.
func atLeast(h index.Hit) float64 {
	return max(0, math.Sqrt(float64(h.Square))*(1-lossPart)-lossMetres)
}
