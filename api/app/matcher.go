package app

import (
	"context"
	"slices"

	"naober/matching"
	"naober/matching/care"
)

// rank asks the matcher about one slot of a request: the first who fit, as many as the wave wants, and
// whoever stands by. The index proposes in the order of a ranking; whoever it proposes is read anew,
// and the rules have the last word on what is stored by then. Who is passed over does not come.
func (a *App) rank(ctx context.Context, r care.Request, slot care.SlotID, passedOver map[care.PersonID]bool) (matching.Ranking, matching.Need, error) {
	s, err := r.Slot(slot)
	if err != nil {
		return matching.Ranking{}, matching.Need{}, err
	}
	need := a.need(r, s)
	if need.Wanted() <= 0 {
		return matching.Ranking{}, need, nil
	}
	known, err := a.tiesOf(ctx, r.For)
	if err != nil {
		return matching.Ranking{}, matching.Need{}, err
	}
	w := &round{App: a, need: need, known: known, passedOver: passedOver}
	familiar := w.familiar()
	for _, c := range w.standingBy() {
		if err := w.meet(ctx, c); err != nil {
			return matching.Ranking{}, matching.Need{}, err
		}
	}
	seen, _ := a.index.sight(r.Community)
	for proposed := seen.pool.Propose(need, familiar); ; {
		found := w.settled(proposed.Bound())
		if len(matching.Plan(need, found, need.OpenQuestions())) >= need.Wanted() {
			return found, need, nil
		}
		c, more := proposed.Next()
		if !more {
			return found, need, nil
		}
		if err := w.meet(ctx, c); err != nil {
			return matching.Ranking{}, matching.Need{}, err
		}
	}
}

// rankOne judges one helper for a slot, by what is stored of their offers or of the one that is named.
func (a *App) rankOne(ctx context.Context, r care.Request, slot care.SlotID, p care.PersonID, with care.OfferID) (matching.Ranking, matching.Need, error) {
	s, err := r.Slot(slot)
	if err != nil {
		return matching.Ranking{}, matching.Need{}, err
	}
	known, err := a.tiesOf(ctx, r.For)
	if err != nil {
		return matching.Ranking{}, matching.Need{}, err
	}
	w := &round{App: a, need: a.need(r, s), known: known}
	for _, c := range a.index.offers(p, r.Community) {
		if with != "" && c.Offer.ID != with {
			continue
		}
		c, found, err := w.stored(ctx, c)
		if err != nil {
			return matching.Ranking{}, matching.Need{}, err
		}
		if found {
			w.met = append(w.met, c)
		}
	}
	return matching.Rank(w.need, w.met), w.need, nil
}

// round is one search for the helpers of a slot.
type round struct {
	*App
	need       matching.Need
	known      ties
	passedOver map[care.PersonID]bool
	met        []matching.Candidate // as they are stored, and fit
	ranking    matching.Ranking     // of them
}

// familiar are the offers of those whom the resident knows or has helped: the index cannot tell them apart.
func (w *round) familiar() []matching.Candidate {
	var all []matching.Candidate
	for p := range w.known.people() {
		for _, c := range w.index.offers(p, w.need.Request.Community) {
			all = append(all, w.known.on(c))
		}
	}
	return all
}

// standingBy are the offers of those who said yes before and are a reserve for the slot.
func (w *round) standingBy() []matching.Candidate {
	var all []matching.Candidate
	for _, ask := range w.need.Request.Asks {
		if ask.Slot == w.need.Slot.ID && ask.State == care.Reserved {
			all = append(all, w.index.offers(ask.Helper, w.need.Request.Community)...)
		}
	}
	return all
}

// meet reads a proposal anew and ranks it among the others, unless what is known of it rules it out.
func (w *round) meet(ctx context.Context, c matching.Candidate) error {
	same := func(m matching.Candidate) bool { return m.Offer.ID == c.Offer.ID }
	if w.passedOver[c.Person] || slices.ContainsFunc(w.met, same) {
		return nil
	}
	if c = w.known.on(c); !matching.MayFit(w.need, c) {
		return nil
	}
	c, found, err := w.stored(ctx, c)
	if err != nil || !found {
		return err
	}
	w.met = append(w.met, c)
	w.ranking = matching.Rank(w.need, w.met)
	return nil
}

// settled is the order of asking, without those before whom somebody may come who was not met yet.
func (w *round) settled(bound int64) matching.Ranking {
	reserves := w.standingBy()
	fitting := slices.DeleteFunc(slices.Clone(w.ranking.Fitting), func(f matching.Fit) bool {
		standsBy := func(c matching.Candidate) bool { return c.Person == f.Candidate.Person }
		return f.Score <= bound && !slices.ContainsFunc(reserves, standsBy)
	})
	return matching.Ranking{Fitting: inTurn(w.need.Request, w.need.Slot.ID, fitting, w.passedOver)}
}

// stored is a proposal as the store has it now; false where it is there no more.
func (w *round) stored(ctx context.Context, c matching.Candidate) (matching.Candidate, bool, error) {
	o, err := w.Stores.Offers.Get(ctx, c.Offer.ID)
	if err != nil {
		return c, false, absentIsDone(err)
	}
	h, err := w.Stores.Helpers.Get(ctx, o.Value.Helper)
	if err != nil {
		return c, false, absentIsDone(err)
	}
	p, err := w.Stores.Persons.Get(ctx, o.Value.Helper)
	if err != nil {
		return c, false, absentIsDone(err)
	}
	if !helps(p.Value, h.Value) || w.passedOver[p.Value.ID] {
		return c, false, nil
	}
	return w.known.on(candidateOf(p.Value, h.Value, o.Value)), true, nil
}
