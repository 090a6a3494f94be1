package matching

import (
	"cmp"
	"slices"
	"time"

	"naober/matching/care"
	"naober/matching/score"
)

// Ranking says who may be asked, best first, and why everybody else may not. It is for the server:
// what anybody else may see of it is for View and Counts to say.
type Ranking struct {
	Fitting  []Fit
	RuledOut []Exclusion // by person
}

// Fit is a helper who may be asked, with the best of their offers.
type Fit struct {
	Candidate Candidate
	Visit     care.Interval // the first hour that suits
	Bound     care.Interval // what a yes would take in the helper's book
	Metres    int           // straight line, exact: never leaves the server
	Travel    time.Duration // one way
	Reasons   []Reason
	AskFrom   time.Time // the first moment they may be disturbed
	Worth     score.Worth
	Score     int64 // of which the order is made, see score.Scale; never leaves the server
}

// Exclusion is a helper who is not asked, with the first rule that says so. Of several offers it is
// the one that came furthest.
type Exclusion struct {
	Person care.PersonID
	Rule   RuleCode
	// Beside is, for a blocked pair only, the rule that would have excluded anyway; empty where
	// nothing else stood in the way. Other eyes than the server's are shown it in place of the block.
	Beside RuleCode
}

// verdict is what the rules say of one candidate: the place in their order of the first that
// excludes, and of the first that does beside a block. Past the last rule the candidate fits.
type verdict struct{ first, beside int }

// Rank orders the fitting helpers by their score (see worthOf), and of equals by id. It does not depend
// on the order of the pool, and knows no organisation.
func Rank(n Need, pool []Candidate) Ranking {
	all := rules()
	n = n.remembering()
	fits, outs := map[care.PersonID]Fit{}, map[care.PersonID]verdict{}
	for _, c := range pool {
		v := judge(n, c, all)
		if v.first < len(all) {
			if old, seen := outs[c.Person]; !seen || further(v, old) {
				outs[c.Person] = v
			}
			continue
		}
		fit := fitOf(n, c)
		if old, seen := fits[c.Person]; !seen || before(fit, old) < 0 {
			fits[c.Person] = fit
		}
	}
	var r Ranking
	for person, fit := range fits {
		delete(outs, person)
		fit.Reasons = reasons(n, fit)
		r.Fitting = append(r.Fitting, fit)
	}
	for person, v := range outs {
		r.RuledOut = append(r.RuledOut, v.exclusion(person, all))
	}
	slices.SortFunc(r.Fitting, before)
	slices.SortFunc(r.RuledOut, func(a, b Exclusion) int { return cmp.Compare(a.Person, b.Person) })
	return r
}

// MayFit tells from a copy of a candidate whether the rules may admit who is stored by now. Blocks that
// others set and questions that were counted change without saying so to whoever keeps copies: it takes
// no notice of them, nor of when they could be asked, which follows from the latter.
func MayFit(n Need, c Candidate) bool {
	if away(n, c) {
		return false
	}
	c.Helper.BlockedBy, c.Helper.Questions, c.Helper.Away = nil, nil, nil
	all := rules()
	return judge(n.remembering(), c, all).first == len(all)
}

func judge(n Need, c Candidate, all []rule) verdict {
	v := verdict{first: len(all), beside: len(all)}
	n.memo.next()
	for i, r := range all {
		if !r.excludes(n, c) {
			continue
		}
		v.first = min(v.first, i)
		if r.code != Blocked {
			v.beside = i
			break
		}
	}
	return v
}

func further(a, b verdict) bool {
	return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.beside, b.beside)) > 0
}

func (v verdict) exclusion(person care.PersonID, all []rule) Exclusion {
	x := Exclusion{Person: person, Rule: all[v.first].code}
	if x.Rule == Blocked && v.beside < len(all) {
		x.Beside = all[v.beside].code
	}
	return x
}

func fitOf(n Need, c Candidate) Fit {
	asked := whenAsked(n, c)
	visit, _ := Hour(asked, c) // visitAgreed has found one already
	f := Fit{Candidate: c, Visit: visit, Bound: BoundAt(n, c, visit), Metres: int(n.metres(c)),
		Travel: travelTo(n, c), AskFrom: asked.Now}
	f.Worth = worthOf(n, c, visit)
	f.Score = n.memo.scale.Of(f.Worth)
	return f
}

// before is the order of a ranking.
func before(a, b Fit) int {
	return cmp.Or(
		cmp.Compare(b.Score, a.Score),
		cmp.Compare(a.Candidate.Person, b.Candidate.Person),
		cmp.Compare(a.Candidate.Offer.ID, b.Candidate.Offer.ID),
	)
}
