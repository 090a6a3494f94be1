package score

import "math"

// Pillar is one side from which a volunteer is judged.
type Pillar int

// The pillars. Each is worth between Least and Most.
const (
	Nearness    Pillar = iota // how long their way takes, as they travel
	Time                      // whether they have time before and after
	Familiarity               // whether the resident knows them
	Fairness                  // whether others were asked more lately, and have more left of their limit
	Reciprocity               // whether the two helped each other before
	pillars
)

// Most and Least are the worth of a pillar, in thousandths. Nothing is worth less than Least: who is
// never to be asked is kept out by a rule and not by a score.
const (
	Most  = 1000
	Least = 10
)

// Worth is what each pillar is worth, in thousandths.
type Worth [pillars]int32

// Weights say how much each pillar counts. They are a community's own; only their ratios matter.
type Weights [pillars]int32

// Usual are the weights of a community that has not chosen any. Assumed, not measured: nearness leads,
// because people say no to a long way first; a known face comes next.
func Usual() Weights {
	return Weights{Nearness: 40, Time: 10, Familiarity: 20, Fairness: 20, Reciprocity: 10}
}

// Scale adds up pillars under one community's weights. It is not changed after New, and may be shared.
type Scale struct {
	weights Weights
	terms   [pillars][Most + 1]int64
}

// unit is one in the fixed-point logarithms.
const unit = 1 << 16

// New makes the scale of a community. Weights below zero count as none.
func New(w Weights) *Scale {
	s := &Scale{}
	for p := range w {
		s.weights[p] = max(w[p], 0)
	}
	for v := range Most + 1 {
		log := logarithm(v)
		for p, weight := range s.weights {
			s.terms[p][v] = int64(weight) * log
		}
	}
	return s
}

// logarithm is the natural one of so many thousandths, in parts of unit, never below that of Least.
func logarithm(worth int) int64 {
	return int64(math.Round(unit * math.Log(float64(max(worth, Least))/Most)))
}

// Of is the score: the weighted sum of logarithms, and so in the order of the weighted geometric mean.
// It is 0 for whoever is worth Most in everything, and below that for everybody else.
func (s *Scale) Of(w Worth) int64 {
	sum := int64(0)
	for p, v := range w {
		sum += s.terms[p][min(max(v, Least), Most)]
	}
	return sum
}

// Term is what one pillar adds to the score.
func (s *Scale) Term(p Pillar, worth int32) int64 { return s.terms[p][min(max(worth, Least), Most)] }

// Mean is a score as the geometric mean that it stands for, in thousandths, for people to read. Scores
// that differ may have the same mean.
func (s *Scale) Mean(score int64) int {
	total := int64(0)
	for _, w := range s.weights {
		total += int64(w)
	}
	if total == 0 {
		return Most
	}
	return int(math.Round(Most * math.Exp(float64(score)/float64(total*unit))))
}
