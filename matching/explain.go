package matching

import (
	"cmp"
	"iter"
	"slices"

	"naober/matching/care"
	"naober/matching/place"
	"naober/matching/score"
)

// Explanation says of a need why, and why not: what each who fits is worth and how that adds up, every
// rule that excludes each of the others, and the smallest changes that help. All of it is for the server;
// what anybody else may read are Counts, View and Changes.
type Explanation struct {
	Survey
	Sums    []Sum    // of those in Fitting
	Against []Barred // those in RuledOut, by person
	found   map[Change]*[readers]brought
}

// Sum is the arithmetic of one who fits: what each pillar is worth, how it weighs, what that adds, and
// the score. The mean is the score as people read it, in thousandths.
type Sum struct {
	Person  care.PersonID
	Offer   care.OfferID
	Worth   score.Worth
	Weights score.Weights
	Terms   [len(score.Worth{})]int64
	Score   int64
	Mean    int
}

// Barred is every rule that excludes somebody, in the order of the rules, by the offer against which the
// fewest stand.
type Barred struct {
	Person care.PersonID
	Offer  care.OfferID
	Rules  []RuleCode

	set ruleSet
}

// Explain looks at people, each with all of their offers, as Look does, and tries every change on those
// who do not fit. Of each list it keeps no more than most. Whoever answers people with it places everybody
// in their cell first: see Placed.
func Explain(n Need, most int, people iter.Seq[[]Candidate]) Explanation {
	n = n.remembering()
	s, x := newSurvey(n, most), newRelaxation(n, most)
	e := Explanation{found: x.found}
	for offers := range people {
		s.take(offers)
		if masks := x.take(offers); !slices.Contains(masks, 0) {
			e.Against = insert(e.Against, barredBy(offers, masks), most, func(a, b Barred) int { return cmp.Compare(a.Person, b.Person) })
		}
	}
	for i, b := range e.Against {
		e.Against[i].Rules = b.set.codes()
	}
	e.Survey = s.done()
	for _, f := range e.Fitting {
		e.Sums = append(e.Sums, n.sum(f))
	}
	return e
}

func (n Need) sum(f Fit) Sum {
	scale, s := n.memo.scale, Sum{Person: f.Candidate.Person, Offer: f.Candidate.Offer.ID, Worth: f.Worth, Score: f.Score, Weights: n.weights()}
	for p, worth := range f.Worth {
		s.Terms[p] = scale.Term(score.Pillar(p), worth)
	}
	s.Mean = scale.Mean(f.Score)
	return s
}

func barredBy(offers []Candidate, masks []ruleSet) Barred {
	var best Barred
	for i, c := range offers {
		b := Barred{Person: c.Person, Offer: c.Offer.ID, set: masks[i]}
		if i == 0 || cmp.Or(cmp.Compare(b.set.many(), best.set.many()), cmp.Compare(b.Offer, best.Offer)) < 0 {
			best = b
		}
	}
	return best
}

// Placed is the need with every place in it at the centre of its cell, and so is Candidate.Placed: all
// that follows then tells nothing more of a home than its cell, wherever they who ask say that they live.
func (n Need) Placed() Need {
	n.Request.Where.Point = placed(n.Request.Where.Point)
	if n.Request.Ride != nil {
		ride := *n.Request.Ride
		ride.To.Point = placed(ride.To.Point)
		n.Request.Ride = &ride
	}
	return n
}

// Placed is the candidate at the centre of their cell.
func (c Candidate) Placed() Candidate {
	c.Home = placed(c.Home)
	return c
}

func placed(p care.Point) care.Point { return place.CellOf(p).Centre }
