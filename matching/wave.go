package matching

import (
	"time"

	"naober/matching/care"
)

// Question is one ask that the wave wants made. The answering time runs from AskFrom.
type Question struct {
	Person   care.PersonID
	Offer    care.OfferID
	AskFrom  time.Time
	LapsesAt time.Time
}

// pacing is how hard a wave tries.
type pacing struct {
	open   int           // questions kept open for each free seat
	answer time.Duration // the longest answering time; the kind's own may be shorter
}

// pacingOf is data with its reasons. Keeping a number of questions open and replacing each no finds
// more help, without more fatigue, than asking everybody: van den Berg et al., PLOS ONE 2026, keep 7
// open among 30 helpers near. A village has fewer, and each question has a price, for the helper
// grows deaf to the next (Manshadi & Rodilitz, Management Science 2022), so:
//   - Ordinary keeps 2: one no costs no day, and at most one person is thanked for nothing;
//   - Today keeps 3: its stage has four hours to find somebody, so an hour leaves room for four waves;
//   - Urgent keeps 5: its stage has half an hour, so a quarter leaves room for two.
func pacingOf(u care.Urgency) pacing {
	switch u {
	case care.Urgent:
		return pacing{open: 5, answer: 15 * time.Minute}
	case care.Today:
		return pacing{open: 3, answer: time.Hour}
	}
	return pacing{open: 2, answer: 48 * time.Hour}
}

const (
	// leastAnswer is how long anybody has to look at a phone and think.
	leastAnswer = 10 * time.Minute
	// getReady is kept free between the last answer and the last start: to tell both and to travel.
	getReady = time.Hour
	// answerShare of what is left leaves time to ask two more after a silence.
	answerShare = 3
)

// Plan says whom to ask now, given how many questions are open already (see OpenQuestions): as many
// as it takes to keep the urgency's number open for each free seat, best ranked first.
//
// Passed over for now is who may only be disturbed after half of the time that is left until the
// promise or the last start: somebody further away can answer sooner.
func Plan(n Need, r Ranking, open int) []Question {
	want := n.wanted(open)
	soon := n.Now.Add(deadline(n).Sub(n.Now) / 2)
	var questions []Question
	for _, f := range r.Fitting {
		if len(questions) >= want {
			break
		}
		if q, ok := Single(n, f); ok && !f.AskFrom.After(soon) {
			questions = append(questions, q)
		}
	}
	return questions
}

// Single is the question to one who fits and whom somebody chose who has looked: neither the number of a
// wave binds it nor its wish for an answer soon. False where there is no time left to answer.
func Single(n Need, f Fit) (Question, bool) {
	lapses := lapsesAt(n, f.AskFrom)
	return Question{Person: f.Candidate.Person, Offer: f.Candidate.Offer.ID, AskFrom: f.AskFrom, LapsesAt: lapses}, lapses.After(f.AskFrom)
}

// Wanted is how many questions Plan makes at most, the open ones counted.
func (n Need) Wanted() int { return n.wanted(n.OpenQuestions()) }

func (n Need) wanted(open int) int {
	return pacingOf(n.Request.Urgency).open*n.Request.FreeSeats(n.Slot.ID, n.Now) - open
}

// deadline is the promise, or the last start where that comes first or the promise has passed.
func deadline(n Need) time.Time {
	latest, promise := n.latest(), n.Request.PromiseAt
	if promise.After(n.Now) && promise.Before(latest) {
		return promise
	}
	return latest
}

// lapsesAt gives the kind's answering time, but no more than the urgency allows and than a third of
// what is left before people must get ready, and no less than anybody needs. A visit that can no
// longer begin needs no answer.
func lapsesAt(n Need, from time.Time) time.Time {
	latest := n.latest()
	answer := pacingOf(n.Request.Urgency).answer
	if kind, known := care.Rules(n.Request.Kind); known {
		answer = min(answer, kind.AnswerTime)
	}
	answer = min(answer, latest.Add(-getReady).Sub(from)/answerShare)
	at := from.Add(max(answer, leastAnswer))
	if at.After(latest) {
		return latest
	}
	return at
}
