package matching

import (
	"math"
	"time"

	"naober/matching/care"
	"naober/matching/score"
)

// worthOf is what a candidate who fits is worth for a visit, pillar by pillar: how long the way takes,
// whether there is time beside the visit, whether the resident knows them, how long ago they were last
// asked and how much is left of their month, and whether the resident helped them before.
func worthOf(n Need, c Candidate, visit care.Interval) score.Worth {
	worth := worthAtBest(n, c)
	worth[score.Time] = score.Roomy(beside(n, c, occupied(n, visit)))
	return worth
}

// worthAtBest is what a candidate is worth for whichever visit suits them best.
func worthAtBest(n Need, c Candidate) score.Worth {
	worth := score.Worth{
		score.Nearness:    score.Near(wayOf(modeFor(n, c)).Seconds(float32(n.metres(c)))),
		score.Time:        score.Most,
		score.Familiarity: score.Neutral,
		score.Fairness:    score.Fair(quartersSinceAsked(n, c), leftOfMonth(n, c)),
		score.Reciprocity: score.Neutral,
	}
	if c.KnownFace {
		worth[score.Familiarity] = score.Most
	}
	if c.Helped {
		worth[score.Reciprocity] = score.Most
	}
	return worth
}

func wayOf(m care.TravelMode) score.Way {
	switch m {
	case care.ByBike:
		return score.ByBike
	case care.ByCar:
		return score.ByCar
	case care.PublicTransport:
		return score.ByTransit
	}
	return score.OnFoot
}

// beside counts the whole quarters of an hour that are offered and free right before a visit and right
// after it, as far as score.Margin on either side.
func beside(n Need, c Candidate, visit care.Interval) int {
	most := time.Duration(score.Margin()) * quarter
	room := around(n, c, care.Interval{From: visit.From.Add(-most), Until: visit.Until.Add(most)}, visit)
	for _, b := range busy(n, c) {
		if !b.Until.After(visit.From) && b.Until.After(room.From) {
			room.From = b.Until
		}
		if !b.From.Before(visit.Until) && b.From.Before(room.Until) {
			room.Until = b.From
		}
	}
	return int(visit.From.Sub(room.From)/quarter + room.Until.Sub(visit.Until)/quarter)
}

// around is the stretch of the offer's hours, inside some bounds, in which the visit lies; the visit
// itself where there is none.
func around(n Need, c Candidate, bounds, visit care.Interval) care.Interval {
	free := n.memo.around[:0]
	if c.Offer.Boxed != nil {
		free = append(free, c.Offer.Boxed.At)
	} else if windows, err := c.Offer.Availability.AppendWindows(free, bounds); err == nil {
		free = windows
	}
	n.memo.around = free
	for _, f := range free {
		if f.Contains(visit) {
			return care.Interval{From: later(f.From, bounds.From), Until: earlier(f.Until, bounds.Until)}
		}
	}
	return visit
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// quartersSinceAsked is how many quarters of an hour ago the last question was; below zero where none
// was asked.
func quartersSinceAsked(n Need, c Candidate) int64 {
	last := lastAsked(c)
	if last.IsZero() {
		return -1
	}
	return max(n.Now.Unix()/int64(quarter/time.Second)-last.Unix()/int64(quarter/time.Second), 0)
}

func leftOfMonth(n Need, c Candidate) int32 {
	asked := c.Helper.Quiet.InMonth(n.Now, c.Helper.Questions)
	return score.Left(small(asked), small(c.Helper.Quiet.MonthlyLimit))
}

func small(count int) uint8 { return uint8(min(max(count, 0), math.MaxUint8)) }

// lastAsked is when the last question reached the helper; zero where none did.
func lastAsked(c Candidate) time.Time {
	var last time.Time
	for _, t := range c.Helper.Questions {
		if t.After(last) {
			last = t
		}
	}
	return last
}
