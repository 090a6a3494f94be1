package index

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"naober/matching/score"
)

func drawRanking(r *rand.Rand) Ranking {
	var weights score.Weights
	for p := range weights {
		weights[p] = r.Int32N(40)
	}
	k := Ranking{Query: drawQuery(r), Scale: score.New(weights), Now: monday}
	for id := range uint32(400) {
		if r.IntN(80) == 0 {
			k.Known = append(k.Known, Acquaintance{ID: id, Familiarity: r.Int32N(1001), Reciprocity: r.Int32N(1001)})
		}
	}
	return k
}

// bruteBest is what Best must find, volunteer by volunteer.
func bruteBest(all []Volunteer, k *Ranking) []Ranked {
	var list []Ranked
	for _, v := range all {
		if k.Fits(v) && (k.Within == 0 || apart(v.At, k.At) <= k.Within*k.Within) {
			list = append(list, k.Judge(v))
		}
	}
	slices.SortFunc(list, func(a, b Ranked) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return list[:min(len(list), k.K)]
}

func TestBestIsWhatJudgingEverybodyFinds(t *testing.T) {
	found, known := 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		var list []Volunteer
		for id := range uint32(100 + r.IntN(2000)) {
			list = append(list, drawVolunteer(r, id))
		}
		w, f := Build(list), &Ranker{}
		for range 20 {
			v := drawVolunteer(r, uint32(r.IntN(len(list))))
			w, list[v.ID] = w.With(v), v
		}
		for range 40 {
			k := drawRanking(r)
			got, want := f.Best(w, &k), bruteBest(list, &k)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: %+v\nfound %v\nwant  %v", seed, k.Query, got, want)
			}
			found += len(got)
			for _, g := range got {
				if slices.ContainsFunc(k.Known, func(a Acquaintance) bool { return a.ID == g.ID }) {
					known++
				}
			}
		}
	}
	if found < 4000 || known < 40 {
		t.Errorf("only %d were found, %d of them known", found, known)
	}
}

// A bound is never below the score of anybody under it, or somebody would be missed.
func TestNobodySurpassesTheBound(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 4))
		var list []Volunteer
		for id := range uint32(1500) {
			list = append(list, drawVolunteer(r, id))
		}
		w := Build(list)
		for range 10 {
			k := drawRanking(r)
			k.Known = nil
			var down func(n *node, above int64)
			down = func(n *node, above int64) {
				for i := range n.count {
					bound := k.bound(n.homes[i].away(k.At), n.peaks[i])
					if bound > above {
						t.Fatalf("seed %d: a part is bounded by %d, the whole by %d", seed, bound, above)
					}
					if n.nodes[i] != nil {
						down(n.nodes[i], bound)
						continue
					}
					for at := range n.blocks[i].count() {
						if s := k.Judge(n.blocks[i].volunteer(at)).Score; s > bound {
							t.Fatalf("seed %d: %d under a bound of %d", seed, s, bound)
						}
					}
				}
			}
			down(w.root, 1)
		}
	}
}

func TestRankingAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	var list []Volunteer
	for id := range uint32(3000) {
		list = append(list, drawVolunteer(r, id))
	}
	w, f := Build(list), &Ranker{}
	looks := make([]Ranking, 50)
	for i := range looks {
		looks[i] = drawRanking(r)
		f.Best(w, &looks[i])
	}
	i := 0
	if n := testing.AllocsPerRun(200, func() { f.Best(w, &looks[i%50]); i++ }); n != 0 {
		t.Errorf("%v allocations a ranking", n)
	}
}

func TestEmptyRankings(t *testing.T) {
	w := Build([]Volunteer{{ID: 1}, {ID: 2}})
	for what, k := range map[string]Ranking{
		"nobody asked for": {Scale: score.New(score.Usual())},
		"hours missing":    {Scale: score.New(score.Usual()), Query: Query{K: 3, Span: Span{From: 4, To: 8}}},
		"no weights":       {Scale: score.New(score.Weights{}), Query: Query{K: 3}},
		"a stranger known": {Scale: score.New(score.Usual()), Query: Query{K: 3}, Known: []Acquaintance{{ID: 9}}},
	} {
		if got, want := (&Ranker{}).Best(w, &k), bruteBest([]Volunteer{{ID: 1}, {ID: 2}}, &k); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	k := Ranking{Scale: score.New(score.Usual()), Query: Query{K: 3}}
	if got := (&Ranker{}).Best(World{}, &k); len(got) != 0 {
		t.Errorf("an empty world has %v", got)
	}
}
