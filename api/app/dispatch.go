package app

import (
	"context"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// dispatchAhead is how far ahead of a visit its helpers are asked. A series asks week by week, so
// that nobody is bound for months by one evening's question.
const dispatchAhead = 14 * 24 * time.Hour

// Dispatch is the dispatcher's consumer of the feed: whatever may need a next question leads to a
// look at its request. Lapsed asks come back as a due wave from the clock.
func (a *App) Dispatch(ctx context.Context, row Row) error {
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
		if r.Value.FreeSeats(s.ID, now) == 0 || (r.Value.Series != nil && s.Start.After(now.Add(dispatchAhead))) {
			continue
		}
		needed = true
		n, err := a.waveForSlot(ctx, id, s.ID, now)
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

// waveForSlot asks for one slot and reports how many questions are open for it now.
func (a *App) waveForSlot(ctx context.Context, id care.RequestID, slot care.SlotID, now time.Time) (int, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	ranking, need, err := a.rank(ctx, r.Value, slot)
	if err != nil {
		return 0, err
	}
	open := need.OpenQuestions()
	for _, q := range matching.Plan(need, ranking, open) {
		made, err := a.ask(ctx, r.Value, slot, q, need.Now)
		if err != nil {
			return open, err
		}
		if made {
			open++
		}
	}
	return open, nil
}

// ask claims one question in its helper's book, stores it in the request and settles the claim. A
// helper whom a rule has caught meanwhile is passed over; the next wave sees it.
func (a *App) ask(ctx context.Context, r care.Request, slot care.SlotID, q matching.Question, now time.Time) (bool, error) {
	nonce := fresh[care.Nonce](now)
	question := care.Ask{ID: fresh[care.AskID](now), Slot: slot, Helper: q.Person, Offer: q.Offer, Wave: waveNumber(r, slot),
		AskFrom: q.AskFrom, LapsesAt: q.LapsesAt, Nonce: nonce}
	_, err := a.claim(ctx, q.Person, care.Claim{Nonce: nonce, Purpose: care.ForQuestion, Community: r.Community, Request: r.ID,
		Resident: r.For, Slot: slot, Ask: question.ID, Moment: q.AskFrom, Urgency: r.Urgency})
	if refusal(err) {
		a.refresh(ctx, q.Person)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = a.Stores.Requests.Update(ctx, r.ID, Write{}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.AskHelper(question, now)
	})
	if err != nil && !refusal(err) {
		return false, err
	}
	if settled := a.settleClaim(ctx, q.Person, r.ID, nonce); settled != nil {
		a.Log.Warn("claim left to the reconciler", "request", r.ID, "error", care.CodeOf(settled))
	}
	return err == nil, nil
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
	_, err := a.Stores.Requests.Update(ctx, id, Write{Quiet: true}, func(r care.Request) (care.Request, []care.Event, error) {
		return r.NoCandidates(now)
	})
	return err
}

// rank asks the matcher about one slot of a request: who fits, and which rule keeps each other
// one out.
func (a *App) rank(ctx context.Context, r care.Request, slot care.SlotID) (matching.Ranking, matching.Need, error) {
	s, err := r.Slot(slot)
	if err != nil {
		return matching.Ranking{}, matching.Need{}, err
	}
	known, err := a.knownFaces(ctx, r.For)
	if err != nil {
		return matching.Ranking{}, matching.Need{}, err
	}
	pool := a.index.pool(r.Community)
	for i := range pool {
		pool[i].KnownFace = known[pool[i].Person]
	}
	need := matching.Need{Request: r, Slot: s, Now: a.clock()}
	return matching.Rank(need, pool), need, nil
}

// knownFaces are the helpers whose visit to this resident was done before.
func (a *App) knownFaces(ctx context.Context, resident care.PersonID) (map[care.PersonID]bool, error) {
	requests, err := findAll(ctx, a.Stores.Requests, Key{ByFor, string(resident)})
	if err != nil {
		return nil, err
	}
	known := map[care.PersonID]bool{}
	for _, r := range requests {
		for _, v := range r.Visits {
			if v.State == care.VisitFinished {
				known[v.Helper] = true
			}
		}
	}
	return known, nil
}
