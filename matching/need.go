package matching

import (
	"time"

	"naober/matching/care"
	"naober/matching/place"
	"naober/matching/score"
)

// Need is one slot of a request that looks for helpers, at one moment.
type Need struct {
	Request care.Request
	Slot    care.Slot
	Now     time.Time
	// Weights are the community's own; none of them means the usual ones.
	Weights score.Weights

	memo *memo // what is known of the candidate at hand; nil outside a ranking
}

// memo keeps what several rules ask of one candidate, and the room in which it is worked out, so
// that a look at a whole village makes no more than a look at one person.
type memo struct {
	required []care.Requirement
	scale    *score.Scale

	asked   bool // from and code are known
	from    time.Time
	code    string
	offered bool // free is known
	free    []care.Interval
	starts  []time.Time
	busy    []care.Interval
	moments []time.Time
	around  []care.Interval
	wide    []care.Interval // what the offer names around every hour that is tried; nil where it is not known
}

// remembering gives the need a memory for one ranking.
func (n Need) remembering() Need {
	n.memo = &memo{required: requirements(n), scale: n.Scale()}
	return n
}

// Scale adds up the pillars as this need's community weighs them.
func (n Need) Scale() *score.Scale { return score.New(n.weights()) }

func (n Need) weights() score.Weights {
	if n.Weights == (score.Weights{}) {
		return score.Usual()
	}
	return n.Weights
}

// next forgets the candidate at hand.
func (m *memo) next() {
	if m != nil {
		m.asked, m.offered, m.wide = false, false, nil
	}
}

// Candidate is one offer of one helper. Somebody with several offers comes once for each.
type Candidate struct {
	Person    care.PersonID
	Home      care.Point // as the caller places it: what follows from a ranking tells no more than that
	Gender    care.Gender
	Helper    care.Helper
	Offer     care.Offer
	KnownFace bool // helped this resident before
	Helped    bool // was helped by this resident before
}

// Seats is how many seats of a boxed offer a yes takes: a passenger each for a ride, otherwise one.
func (n Need) Seats() int {
	if n.Request.Ride != nil {
		return n.Request.Ride.Passengers
	}
	return 1
}

// latest is the last moment at which the visit can begin.
func (n Need) latest() time.Time { return n.Request.LatestStart(n.Slot) }

// OpenQuestions counts the questions for this slot that wait for an answer. One put off with
// "later" holds no place in the wave.
func (n Need) OpenQuestions() int {
	open := 0
	for _, a := range n.Request.Asks {
		if a.Slot == n.Slot.ID && a.State == care.Asked && n.Now.Before(a.LapsesAt) {
			open++
		}
	}
	return open
}

// metres is the straight line from the helper's home to where the help is needed.
func (n Need) metres(c Candidate) float64 {
	return place.Distance(c.Home, n.Request.Where.Point)
}
