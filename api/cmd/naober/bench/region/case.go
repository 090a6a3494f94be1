package region

import (
	"slices"

	"naober/matching/index"
	"naober/matching/score"
)

// Case is one kind of question.
type Case string

// The cases. Each but S5 asks for people within ten kilometres.
const (
	S1 Case = "s1" // the ten nearest
	S2 Case = "s2" // who are free for two hours
	S3 Case = "s3" // and have two attributes, perhaps a language and a gender, and come that far; five are left out
	S4 Case = "s4" // the same while volunteers change
	S5 Case = "s5" // everybody who comes that far
	S6 Case = "s6" // the twenty best of S3 by their score
)

// Cases lists them.
func Cases() []Case { return []Case{S1, S2, S3, S4, S5, S6} }

// Known reports whether there is such a case.
func (c Case) Known() bool { return slices.Contains(Cases(), c) }

// Questions draws them. Only S6 looks at more than the query.
func Questions(c Case, seed uint64, n, volunteers int) []index.Ranking {
	s := draw(seed, 2)
	scale := score.New(score.Usual())
	all := make([]index.Ranking, n)
	for i := range all {
		all[i] = s.ranking(c, volunteers)
		all[i].Scale = scale
	}
	return all
}

// quarterOfWeek is for index.Local in a region whose clocks do not change.
func quarterOfWeek(q index.Quarter) uint16 { return uint16((q - Monday) % index.Week) }

func (s *source) ranking(c Case, volunteers int) index.Ranking {
	r := index.Ranking{Query: index.Query{At: s.point(), Within: 10_000, K: 10}, Now: Monday}
	if c == S5 {
		r.Willing, r.Within = true, 0
		return r
	}
	if c == S1 {
		return r
	}
	from := Monday + index.Quarter(s.IntN(7*Weeks)*96+36+s.IntN(25))
	r.Span = index.Span{From: from, To: from + 8}
	r.Hours = index.Local(r.Span, quarterOfWeek)
	if c == S2 {
		return r
	}
	one := s.IntN(attributes)
	r.Need = 1<<one | 1<<((one+1+s.IntN(attributes-1))%attributes)
	if s.Float64() < 0.10 {
		r.Need |= 1 << (attributes + s.IntN(languages))
	}
	if s.Float64() < 0.15 {
		r.Need |= 1 << (woman + s.IntN(2))
	}
	for range 5 {
		r.Except = append(r.Except, uint32(s.IntN(volunteers)))
	}
	r.Willing = true
	if c == S6 {
		r.K = 20
		for range 4 {
			r.Known = append(r.Known, index.Acquaintance{ID: uint32(s.IntN(volunteers)), Familiarity: 500 + s.Int32N(501), Reciprocity: 500 + s.Int32N(501)})
		}
		slices.SortFunc(r.Known, func(a, b index.Acquaintance) int { return int(int64(a.ID) - int64(b.ID)) })
		r.Known = slices.CompactFunc(r.Known, func(a, b index.Acquaintance) bool { return a.ID == b.ID })
	}
	return r
}
