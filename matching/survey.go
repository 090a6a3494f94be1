package matching

import (
	"cmp"
	"iter"
	"slices"
)

// Survey is a look at a village for somebody's eyes: the best who fit, the first who are ruled out,
// and how many each rule keeps away. However many people there are, it holds no more than asked for.
type Survey struct {
	Ranking                   // Fitting best first and RuledOut by person, each as many as were asked for
	kinds   map[Exclusion]int // everybody who is ruled out, without names
}

// Look surveys people, each with all of their offers here. What people gives is read before the next
// is asked for, so it may use the same room again.
func Look(n Need, most int, people iter.Seq[[]Candidate]) Survey {
	s := newSurvey(n.remembering(), most)
	for offers := range people {
		s.take(offers)
	}
	return s.done()
}

// surveyor makes a survey, person by person.
type surveyor struct {
	Survey
	need  Need
	rules []rule
	most  int
}

func newSurvey(n Need, most int) *surveyor {
	return &surveyor{Survey: Survey{kinds: map[Exclusion]int{}}, need: n, rules: rules(), most: most}
}

func (s *surveyor) take(offers []Candidate) {
	fit, out, fits := s.need.meet(offers, s.rules)
	if fits {
		s.Fitting = insert(s.Fitting, fit, s.most, before)
		return
	}
	x := out.exclusion(offers[0].Person, s.rules)
	s.RuledOut = insert(s.RuledOut, x, s.most, func(a, b Exclusion) int { return cmp.Compare(a.Person, b.Person) })
	x.Person = ""
	s.kinds[x]++
}

func (s *surveyor) done() Survey {
	for i := range s.Fitting {
		s.Fitting[i].Reasons = reasons(s.need, s.Fitting[i])
	}
	return s.Survey
}

// meet judges one person by the best of their offers, or by the one that came furthest.
func (n Need) meet(offers []Candidate, all []rule) (fit Fit, out verdict, fits bool) {
	for i, c := range offers {
		v := judge(n, c, all)
		if v.first < len(all) {
			if i == 0 || further(v, out) {
				out = v
			}
			continue
		}
		if f := fitOf(n, c); !fits || before(f, fit) < 0 {
			fit, fits = f, true
		}
	}
	return fit, out, fits
}

// insert keeps the first most of a sorted list.
func insert[T any](list []T, v T, most int, order func(a, b T) int) []T {
	at, _ := slices.BinarySearchFunc(list, v, order)
	if at >= most {
		return list
	}
	if len(list) == most {
		list = list[:most-1]
	}
	return slices.Insert(list, at, v)
}

// Counts is Counts of everybody in the survey.
func (s Survey) Counts(viewer Viewer) []Count { return count(s.kinds, viewer) }
