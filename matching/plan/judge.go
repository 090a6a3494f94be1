package plan

import (
	"encoding/binary"
	"slices"

	"naober/matching"
	"naober/matching/care"
)

// arcOf finds the arc of a place that leads to a person.
func (b *board) arcOf(place, worker int32) (int32, bool) {
	from, to := b.all.Start[place], b.all.Start[place+1]
	at, ok := slices.BinarySearch(b.all.Worker[from:to], worker)
	return from + int32(at), ok
}

// judge asks the rules whether one person can have all of these places, given in order: each with
// those before it in their book. It returns the fits of the first that can, and how many these are.
func (b *board) judge(worker int32, places []int32) ([]matching.Fit, int) {
	var fits []matching.Fit
	for i, place := range places {
		task := b.tasks[b.places[place]]
		arc, ok := b.arcOf(place, worker)
		if !ok || slices.ContainsFunc(places[:i], func(other int32) bool { return b.places[other] == b.places[place] }) {
			return fits, i
		}
		fit := task.Fitting[b.fit[arc]]
		if i > 0 {
			candidate := fit.Candidate
			candidate.Helper = withPromised(candidate.Helper, fits, b.needs(places[:i]))
			now, suits := matching.Suit(task.Need, candidate)
			if !suits || len(matching.Plan(task.Need, matching.Ranking{Fitting: []matching.Fit{now}}, 0)) == 0 {
				return fits, i
			}
			fit.Visit, fit.Bound, fit.AskFrom = now.Visit, now.Bound, now.AskFrom
		}
		fits = append(fits, fit)
	}
	return fits, len(places)
}

func (b *board) needs(places []int32) []matching.Need {
	needs := make([]matching.Need, len(places))
	for i, place := range places {
		needs[i] = b.tasks[b.places[place]].Need
	}
	return needs
}

// withPromised is a helper's book in which these visits are agreed and their questions asked.
func withPromised(h care.Helper, fits []matching.Fit, needs []matching.Need) care.Helper {
	h.Agreed, h.Questions = slices.Clone(h.Agreed), slices.Clone(h.Questions)
	for i, f := range fits {
		a := care.Agreed{Community: needs[i].Request.Community, Request: needs[i].Request.ID, Resident: needs[i].Request.For, Slot: needs[i].Slot.ID, At: f.Bound}
		if f.Candidate.Offer.Boxed != nil {
			a.Offer, a.Seats = f.Candidate.Offer.ID, needs[i].Seats()
		}
		h.Agreed, h.Questions = append(h.Agreed, a), append(h.Questions, f.AskFrom)
	}
	return h
}

// room is how many of a person's places, given in order, can be theirs: all, or those before the first
// that cannot. A search asks for the same again and again.
func (b *board) room(worker int32, places []int32) int {
	if len(places) == 0 {
		return 0
	}
	b.key = binary.AppendVarint(b.key[:0], int64(worker))
	for _, p := range places {
		b.key = binary.AppendVarint(b.key, int64(p))
	}
	if ok, known := b.judged[string(b.key)]; known {
		return ok
	}
	key := string(b.key)
	_, ok := b.judge(worker, places)
	b.judged[key] = ok
	return ok
}

// conflict is a smallest set of a person's places that cannot all be theirs; none where all can.
func (b *board) conflict(worker int32, places []int32) []int32 {
	ok := b.room(worker, places)
	if ok == len(places) {
		return nil
	}
	set := slices.Clone(places[:ok+1])
	for i := 0; i < len(set)-1; {
		without := slices.Delete(slices.Clone(set), i, i+1)
		if b.room(worker, without) < len(without) {
			set = without
			continue
		}
		i++
	}
	return set
}
