package matching

import (
	"slices"
	"time"

	"naober/matching/care"
)

// quarter is what people plan in. An hour found is rounded up to it where that still fits.
const quarter = 15 * time.Minute

// Hour is the first hour inside the slot at which the helper could come: offered, free in their
// book with the way there and back, and far enough ahead to get there. A slot without play has one
// hour only, which is then found even where the helper would be late. An hour at which somebody would not
// be there yet when their way back begins is none. False where none suits.
func Hour(n Need, c Candidate) (care.Interval, bool) {
	return firstHour(n, c, busy(n, c))
}

// firstHour tries every moment at which something stops being in the way: the hours that suit
// begin at one of these or nowhere.
func firstHour(n Need, c Candidate, busy []care.Interval) (care.Interval, bool) {
	travel, latest := travelTo(n, c), n.latest()
	soonest := n.Slot.Start
	if ready := n.Now.Add(travel); ready.After(soonest) {
		soonest = ready
	}
	if soonest.After(latest) {
		soonest = latest
	}
	if latest.Before(n.Slot.Start) {
		return care.Interval{}, false
	}
	free := offered(n, c, soonest, latest)
	m := n.memo
	if m == nil {
		m = &memo{}
	}
	starts := append(m.starts[:0], soonest)
	for _, f := range free {
		starts = append(starts, f.From)
	}
	for _, b := range busy {
		starts = append(starts, b.Until.Add(travel))
	}
	m.starts = starts
	slices.SortFunc(starts, time.Time.Compare)
	for _, start := range starts {
		for _, from := range [...]time.Time{roundUp(start), start} {
			visit := care.Interval{From: from, Until: from.Add(n.Slot.Takes())}
			inside := !from.Before(soonest) && !from.After(latest) && from.After(n.Now)
			if inside && suits(n, c, visit, free, busy) {
				return visit, true
			}
		}
	}
	return care.Interval{}, false
}

func suits(n Need, c Candidate, visit care.Interval, free, busy []care.Interval) bool {
	takes, bound := occupied(n, visit), BoundAt(n, c, visit)
	return slices.ContainsFunc(free, func(f care.Interval) bool { return f.Contains(takes) }) &&
		!slices.ContainsFunc(busy, bound.Overlaps)
}

// offered lists the stretches that the offer names between the first possible start and the last
// possible end. An offer whose hours cannot be read offers none.
func offered(n Need, c Candidate, soonest, latest time.Time) []care.Interval {
	m := n.memo
	if m == nil {
		m = &memo{}
	}
	if m.offered {
		return m.free // the same for each rule: all of them ask at the moment of the question
	}
	m.offered = true
	if c.Offer.Boxed != nil {
		m.free = append(m.free[:0], c.Offer.Boxed.At)
		return m.free
	}
	last := occupied(n, care.Interval{From: latest, Until: latest.Add(n.Slot.Takes())})
	span := care.Interval{From: soonest, Until: last.Until}
	if m.wide != nil {
		m.free = inside(m.free[:0], m.wide, span)
		return m.free
	}
	free, err := c.Offer.Availability.AppendWindows(m.free, span)
	if err != nil {
		free = m.free[:0]
	}
	m.free = free
	return m.free
}

// inside appends the parts of some stretches that lie in a span.
func inside(free, all []care.Interval, span care.Interval) []care.Interval {
	for _, f := range all {
		if part := (care.Interval{From: later(f.From, span.From), Until: earlier(f.Until, span.Until)}); part.From.Before(part.Until) {
			free = append(free, part)
		}
	}
	return free
}

// busy lists what stands in the helper's book. Passengers of one journey share it.
func busy(n Need, c Candidate) []care.Interval {
	m := n.memo
	if m == nil {
		m = &memo{}
	}
	taken := m.busy[:0]
	for _, a := range c.Helper.Agreed {
		if !shares(c, a.Offer) {
			taken = append(taken, a.At)
		}
	}
	for _, claim := range c.Helper.Claims {
		if claim.Purpose != care.ForQuestion && !shares(c, claim.Offer) {
			taken = append(taken, claim.At)
		}
	}
	m.busy = taken
	return taken
}

func shares(c Candidate, other care.OfferID) bool {
	return c.Offer.Boxed != nil && c.Offer.ID == other
}

func roundUp(t time.Time) time.Time {
	down := t.Truncate(quarter)
	if down.Equal(t) {
		return t
	}
	return down.Add(quarter)
}
