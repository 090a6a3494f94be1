package region

import (
	"cmp"
	"slices"

	"naober/matching/index"
)

// Answer is one of a list: a distance squared, in square metres, or a score.
type Answer struct {
	ID    uint32
	Value float64
}

// asker answers questions of one case. What it returns stands until it is asked again.
type asker struct {
	of     Case
	finder index.Finder
	ranker index.Ranker
	found  []uint32
	hits   []index.Hit
	best   []index.Ranked
}

// ask looks, and keeps what was found as the index gave it.
func (a *asker) ask(w index.World, r *index.Ranking) {
	switch a.of {
	case S5:
		a.found = a.found[:0]
		a.finder.Reaching(w, &r.Query, func(id uint32) bool {
			a.found = append(a.found, id)
			return true
		})
	case S6:
		a.best = a.ranker.Best(w, r)
	default:
		a.hits = a.finder.Nearest(w, &r.Query)
	}
}

// answers is what was found, in a form to compare and to write out.
func (a *asker) answers() []Answer {
	var list []Answer
	switch a.of {
	case S5:
		for _, id := range slices.Sorted(slices.Values(a.found)) {
			list = append(list, Answer{ID: id})
		}
	case S6:
		for _, b := range a.best {
			list = append(list, Answer{ID: b.ID, Value: float64(b.Score)})
		}
	default:
		for _, h := range a.hits {
			list = append(list, Answer{ID: h.ID, Value: float64(h.Square)})
		}
	}
	return list
}

// brute looks at everybody, and also counts who is inside the circle and who of them fits. It shares the index's words for who fits and what they are worth, which its
// own tests hold, and nothing of how it finds.
func brute(of Case, all []index.Volunteer, r *index.Ranking) (list []Answer, inside, fits int) {
	for i := range all {
		v := &all[i]
		dx, dy := v.At.X-r.At.X, v.At.Y-r.At.Y
		square := float32(dx*dx) + float32(dy*dy)
		if r.Within > 0 && square > r.Within*r.Within {
			continue
		}
		if inside++; !r.Fits(*v) {
			continue
		}
		switch of {
		case S5:
			list = append(list, Answer{ID: v.ID})
		case S6:
			list = append(list, Answer{ID: v.ID, Value: float64(r.Judge(*v).Score)})
		default:
			list = append(list, Answer{ID: v.ID, Value: float64(square)})
		}
	}
	slices.SortFunc(list, func(a, b Answer) int {
		if of == S6 {
			a.Value, b.Value = -a.Value, -b.Value
		}
		return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.ID, b.ID))
	})
	fits = len(list)
	if of != S5 {
		list = list[:min(len(list), r.K)]
	}
	return list, inside, fits
}

// Brute is what a look at everybody finds.
func Brute(of Case, all []index.Volunteer, r *index.Ranking) []Answer {
	list, _, _ := brute(of, all, r)
	return list
}
