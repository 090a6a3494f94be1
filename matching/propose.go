package matching

import (
	"cmp"
	"math"
	"slices"

	"naober/matching/care"
	"naober/matching/index"
	"naober/matching/score"
)

// firstLook is how many offers are looked up at first; each further look takes moreEach times as many.
const firstLook, moreEach = 64, 4

// Proposals gives the offers of a pool that may fit a need, one after the other, those first who may be
// worth most. It is for one goroutine.
type Proposals struct {
	need   Need
	pool   Pool
	ranker index.Ranker
	query  index.Ranking
	first  map[care.OfferID]bool // who was there before anybody was looked up
	given  int                   // how many the index has given
	list   []proposed            // the best first
	beyond int64                 // what nobody surpasses whom the index has not given yet
}

// proposed is an offer with the score that it does not surpass, however well the hour suits.
type proposed struct {
	candidate Candidate
	bound     int64
}

const noBound = math.MinInt64

// Propose begins to go through a pool. Whoever the rules admit comes, sooner or later. Those whom the
// resident knows, or has helped, are for the caller to find: they come in before.
func (p Pool) Propose(n Need, familiar []Candidate) *Proposals {
	n = n.remembering()
	found := &Proposals{need: n, pool: p, first: map[care.OfferID]bool{}, beyond: math.MaxInt64}
	for _, c := range familiar {
		found.first[c.Offer.ID] = true
		found.add(c)
	}
	if !onMap(n.Request.Where.Point) {
		found.everybody()
	}
	found.query = index.Ranking{Query: queryOf(n), Scale: n.boundless(), Now: index.Quarter(max(n.Now.Unix()/quarterSeconds, 0)), Driven: n.Request.Ride != nil}
	found.query.K = firstLook
	return found
}

// boundless is the need's scale without the time beside a visit, of which the index knows too little.
func (n Need) boundless() *score.Scale {
	w := n.weights()
	w[score.Time] = 0
	return score.New(w)
}

// Next is the next offer; false where there is none left.
func (p *Proposals) Next() (Candidate, bool) {
	p.fill()
	if len(p.list) == 0 {
		return Candidate{}, false
	}
	c := p.list[0].candidate
	p.list = p.list[1:]
	return c, true
}

// Bound is what nobody surpasses who is still to come.
func (p *Proposals) Bound() int64 {
	p.fill()
	if len(p.list) == 0 {
		return noBound
	}
	return p.list[0].bound
}

// fill looks up more until whoever stands first in the list is worth at least as much as anybody beyond.
func (p *Proposals) fill() {
	for p.beyond != noBound && (len(p.list) == 0 || p.list[0].bound < p.beyond) {
		p.look()
	}
}

func (p *Proposals) look() {
	best := p.ranker.Best(p.pool.world, &p.query)
	for _, r := range best[min(p.given, len(best)):] {
		if c := p.pool.candidate(r.ID); !p.first[c.Offer.ID] {
			p.add(c)
		}
	}
	p.given, p.beyond = len(best), noBound
	if len(best) == p.query.K {
		// The map may draw some metres too long: never more than this takes from a score.
		s := p.query.Scale
		p.beyond = best[len(best)-1].Score + s.Term(score.Nearness, score.Most) - s.Term(score.Nearness, score.Most-10)
	}
	p.query.K *= moreEach
	p.sort()
}

// everybody lists the whole pool, for where the map is of no use.
func (p *Proposals) everybody() {
	for offers := range p.pool.People() {
		for _, c := range offers {
			if !p.first[c.Offer.ID] {
				p.add(c)
			}
		}
	}
	p.beyond = noBound
	p.sort()
}

func (p *Proposals) add(c Candidate) {
	p.need.memo.next()
	p.list = append(p.list, proposed{c, p.need.memo.scale.Of(worthAtBest(p.need, c))})
}

func (p *Proposals) sort() {
	slices.SortFunc(p.list, func(a, b proposed) int {
		return cmp.Or(cmp.Compare(b.bound, a.bound), cmp.Compare(a.candidate.Person, b.candidate.Person),
			cmp.Compare(a.candidate.Offer.ID, b.candidate.Offer.ID))
	})
}
