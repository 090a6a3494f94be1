package app

import (
	"context"
	"slices"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// Dispatch is the dispatcher's consumer of the feed: whatever may need a next question leads to a
// look at its request. Lapsed asks come back as a due wave from the clock.
func (a *App) Dispatch(ctx context.Context, row port.Row) error {
	switch row.Event.Type {
	case care.RequestPublished, care.RequestWaveDue, care.SlotAdded, care.SlotReopened,
		care.AskDeclined, care.AskDeferred, care.AskUndelivered, care.RequestHandoverFailed:
		return a.wave(ctx, row.Event.Request)
	case care.AskStoodDown:
		if row.Event.Code != "seat_taken" && row.Event.Code != "request_closed" {
			return a.wave(ctx, row.Event.Request)
		}
	}
	return nil
}

// wave asks whoever should be asked now for each slot that still needs somebody. It may run any
// number of times: what stands is counted, and each question is claimed before it is stored.
func (a *App) wave(ctx context.Context, id care.RequestID) error {
	r, err := a.Stores.Requests.Get(ctx, id)
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := a.clock()
	if r.Value.Phase != care.Live || r.Value.Handover != nil {
		return nil
	}
	asked, needed := 0, false
	for _, s := range r.Value.Slots {
		if r.Value.FreeSeats(s.ID, now) == 0 || (r.Value.Series != nil && s.Start.After(now.Add(care.AskAhead))) {
			continue
		}
		needed = true
		n, err := a.waveForSlot(ctx, id, s.ID)
		if err != nil {
			return err
		}
		asked += n
	}
	if needed && asked == 0 {
		return a.nobodyLeft(ctx, id)
	}
	return nil
}

// waveForSlot asks for one slot and reports how many questions are open for it now. Whoever is
// passed over is replaced by the next in the same wave.
func (a *App) waveForSlot(ctx context.Context, id care.RequestID, slot care.SlotID) (int, error) {
	passedOver, number := map[care.PersonID]bool{}, 0
	for {
		r, err := a.Stores.Requests.Get(ctx, id)
		if err != nil {
			return 0, err
		}
		ranking, need, err := a.rank(ctx, r.Value, slot, passedOver)
		if err != nil {
			return 0, err
		}
		if number == 0 {
			number = waveNumber(r.Value, slot)
		}
		ranking.Fitting = inTurn(need.Request, slot, ranking.Fitting, passedOver)
		open, refused := need.OpenQuestions(), false
		for _, q := range matching.Plan(need, ranking, open) {
			made, err := a.ask(ctx, need, ranking, q, number)
			if err != nil {
				return open, err
			}
			if made {
				open++
				continue
			}
			passedOver[q.Person], refused = true, true
		}
		if !refused {
			return open, nil
		}
	}
}

// inTurn is the order of asking: who stands by for this slot comes before everybody else, and who
// was passed over in this wave does not come at all.
func inTurn(r care.Request, slot care.SlotID, fitting []matching.Fit, passedOver map[care.PersonID]bool) []matching.Fit {
	var reserves, others []matching.Fit
	for _, f := range fitting {
		p := f.Candidate.Person
		standsBy := func(ask care.Ask) bool { return ask.Helper == p && ask.Slot == slot && ask.State == care.Reserved }
		switch {
		case passedOver[p]:
		case slices.ContainsFunc(r.Asks, standsBy):
			reserves = append(reserves, f)
		default:
			others = append(others, f)
		}
	}
	return append(reserves, others...)
}

// ask makes one question of a wave. A helper whom a rule has caught meanwhile is passed over, and so is
// everybody once another dispatcher has filled the wave.
func (a *App) ask(ctx context.Context, n matching.Need, ranking matching.Ranking, q matching.Question, number int) (bool, error) {
	k := care.Ask{ID: fresh[care.AskID](n.Now), Slot: n.Slot.ID, Helper: q.Person, Offer: q.Offer, Wave: number,
		AskFrom: q.AskFrom, LapsesAt: q.LapsesAt, Nonce: fresh[care.Nonce](n.Now)}
	if err := a.claimQuestion(ctx, n.Request, k); err != nil {
		return false, permanent(err)
	}
	err := a.putQuestion(ctx, n, ranking, k, port.Write{})
	return err == nil, permanent(err)
}

// permanent leaves out a refusal, which passes one helper over.
func permanent(err error) error {
	if refusal(err) {
		return nil
	}
	return err
}

// claimQuestion claims a question in its helper's book.
func (a *App) claimQuestion(ctx context.Context, r care.Request, k care.Ask) error {
	_, err := a.claim(ctx, k.Helper, care.Claim{Nonce: k.Nonce, Purpose: care.ForQuestion, Community: r.Community, Request: r.ID,
		Resident: r.For, Slot: k.Slot, Ask: k.ID, Moment: k.AskFrom, Lapses: k.LapsesAt, Urgency: r.Urgency})
	if refusal(err) {
		a.refresh(ctx, k.Helper)
	}
	return err
}

// putQuestion stores a claimed question in its request and settles the claim. Enough questions may be
// open by now: the plan is made anew on the request as it is stored. A question to join a journey is the
// desk's own choice, and no wave's.
func (a *App) putQuestion(ctx context.Context, n matching.Need, ranking matching.Ranking, k care.Ask, w port.Write) error {
	_, err := a.Stores.Requests.Update(ctx, n.Request.ID, w, func(r care.Request) (care.Request, []care.Event, error) {
		n.Request = r
		if k.Joins != "" {
			return r.AskToJoin(k, n.Now)
		}
		if len(matching.Plan(n, ranking, n.OpenQuestions())) == 0 {
			return r, nil, care.E(care.Conflict, "wave_full", "enough questions are open for this time")
		}
		return r.AskHelper(k, n.Now)
	})
	if err != nil && !refusal(err) {
		return err
	}
	if settled := a.settleClaim(ctx, k.Helper, n.Request.ID, k.Nonce); settled != nil {
		a.Log.Warn("claim left to the reconciler", "request", n.Request.ID, "error", care.CodeOf(settled))
	}
	a.refresh(ctx, k.Helper)
	return err
}

func waveNumber(r care.Request, slot care.SlotID) int {
	last := 0
	for _, ask := range r.Asks {
		if ask.Slot == slot {
			last = max(last, ask.Wave)
		}
	}
	return last + 1
}

func (a *App) nobodyLeft(ctx context.Context, id care.RequestID) error {
	now := a.clock()
	_, err := a.Stores.Requests.Update(ctx, id, port.Write{Quiet: true}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.NoCandidates(now)
	})
	return err
}
