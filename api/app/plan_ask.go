package app

import (
	"context"
	"strconv"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// planAsks is how many people are asked in one call at most.
const planAsks = 100

// PlannedAsk is somebody who is to be asked for one time.
type PlannedAsk struct {
	Request care.RequestID
	Slot    care.SlotID
	Helper  care.PersonID
	Offer   care.OfferID // which of their offers, empty for the one that suits best
}

// PlannedAnswer is what became of one: the ask, or the code that refused it.
type PlannedAnswer struct {
	PlannedAsk
	Ask     care.AskID
	Refused string
}

// AskPlanned asks people for the times that they were proposed for, as a wave would: the ask is theirs
// to accept, and comes when they may be disturbed. For the desk and the fixed worker of the community.
//
// Each is judged anew at this moment, under a nonce of its own that follows from the caller's: one
// that is refused by now has its code, and the others go on. A repetition asks nobody twice and gives
// the same answers, also where an earlier call was cut short between two of them.
func (a *App) AskPlanned(ctx context.Context, c Caller, in care.CommunityID, asks []PlannedAsk) ([]PlannedAnswer, error) {
	if len(asks) < 1 || len(asks) > planAsks {
		return nil, care.E(care.Invalid, "asks_invalid", "a call asks 1 to %d people", planAsks)
	}
	// The list itself is held to its key first. Who may not ask is refused under it.
	list := intent{name: "plan.ask", args: []any{in, asks}, subject: string(in)}
	if _, err := a.once(ctx, c, list, func(string, port.Write) error { return a.atDesk(ctx, c.Person, in) }, nil); err != nil {
		return nil, err
	}
	answers := make([]PlannedAnswer, len(asks))
	for i, k := range asks {
		item := Caller{Person: c.Person, Nonce: care.DeriveID[care.Nonce](time.Time{}, "plan.ask", string(c.Nonce), strconv.Itoa(i))}
		id := care.DeriveID[care.AskID](time.Time{}, string(ledgerKey(item)))
		answers[i].PlannedAsk = k
		_, err := a.once(ctx, item, intent{name: "slot.ask", args: []any{in, k}, subject: string(k.Request)},
			func(_ string, w port.Write) error { return a.askPlanned(ctx, c, in, k, id, w) }, marksOf(a.Stores.Requests))
		switch {
		case err == nil:
			answers[i].Ask = id
		case refusal(err):
			answers[i].Refused = care.CodeOf(err)
		default:
			return nil, err
		}
	}
	return answers, nil
}

// question is one that is to be asked, as it was judged. Its ask has a nonce where it takes over the claim of
// another one.
type question struct {
	ask     care.Ask
	need    matching.Need
	ranking matching.Ranking
}

// askPlanned is one question of a list under the nonce of its intent.
func (a *App) askPlanned(ctx context.Context, c Caller, in care.CommunityID, p PlannedAsk, id care.AskID, w port.Write) error {
	if err := a.atDesk(ctx, c.Person, in); err != nil {
		return err
	}
	return a.askOne(ctx, p.Request, id, w, func(r care.Request) (question, error) {
		if r.Community != in {
			return question{}, requestNotFound()
		}
		return a.plannedQuestion(ctx, r, p)
	})
}

// askOne asks what is judged on the request as it is stored. As with a yes, the claim in the helper's book
// is named after the nonce of the intent, and one that was made void meanwhile is replaced.
func (a *App) askOne(ctx context.Context, request care.RequestID, id care.AskID, w port.Write, judge func(care.Request) (question, error)) error {
	for try := 0; ; try++ {
		r, err := a.Stores.Requests.Get(ctx, request)
		if err != nil {
			return err
		}
		q, err := judge(r.Value)
		if err != nil {
			return err
		}
		if q.ask.ID = id; q.ask.Nonce == "" {
			q.ask.Nonce = care.DeriveID[care.Nonce](time.Time{}, string(w.Nonce), strconv.Itoa(try))
			if err := a.claimQuestion(ctx, q.need.Request, q.ask); err != nil {
				return unavailableNow(err)
			}
		}
		if err = a.putQuestion(ctx, q.need, q.ranking, q.ask, w); care.CodeOf(err) != "claim_void" || try == 2 {
			return err
		}
	}
}

// plannedQuestion judges one proposal at this moment.
func (a *App) plannedQuestion(ctx context.Context, r care.Request, p PlannedAsk) (question, error) {
	helper := a.resolve(p.Helper)
	ranking, need, err := a.rankOne(ctx, r, p.Slot, helper, p.Offer)
	if err != nil {
		return question{}, err
	}
	if asksLater(r, need.Slot, need.Now) {
		return question{}, askTooEarly()
	}
	one, err := onlyOf(ranking, helper)
	if err != nil {
		return question{}, err
	}
	return questionOf(need, one)
}

func askTooEarly() error {
	return care.E(care.Conflict, "ask_too_early", "a series asks two weeks ahead")
}

// questionOf is the question to the one in a ranking, unless enough are open or it would come too late.
func questionOf(need matching.Need, one matching.Ranking) (question, error) {
	asked := matching.Plan(need, one, need.OpenQuestions())
	if len(asked) == 0 && len(matching.Plan(need, one, 0)) == 0 {
		return question{}, notNow()
	}
	if len(asked) == 0 {
		return question{}, care.E(care.Conflict, "wave_full", "enough questions are open for this time")
	}
	ask := care.Ask{Slot: need.Slot.ID, Helper: asked[0].Person, Offer: asked[0].Offer, Wave: waveNumber(need.Request, need.Slot.ID),
		AskFrom: asked[0].AskFrom, LapsesAt: asked[0].LapsesAt}
	return question{ask, need, one}, nil
}

// onlyOf leaves one person in a ranking, or says as far as the desk may know why they are not asked.
func onlyOf(r matching.Ranking, p care.PersonID) (matching.Ranking, error) {
	for i, f := range r.Fitting {
		if f.Candidate.Person == p {
			return matching.Ranking{Fitting: r.Fitting[i : i+1]}, nil
		}
	}
	for _, x := range matching.View(r, matching.ViewDesk) {
		if x.Person == p {
			return r, keptOut(x.Rule)
		}
	}
	return r, notNow()
}

// keptOut is a rule that keeps somebody from being asked, as a refusal.
func keptOut(rule matching.RuleCode) error {
	return care.E(care.Conflict, string(rule), "they are not to be asked for this time")
}

// notNow keeps somebody out without a word of why.
func notNow() error {
	return care.E(care.Conflict, "not_available_now", "they are not to be asked for this now")
}

// unavailableNow folds what a helper's book refuses: pause, block and limit read the same.
func unavailableNow(err error) error {
	if refusal(err) {
		return notNow()
	}
	return err
}
