package care

import (
	"slices"
	"time"
)

// Joined is an agreed visit whose journey a yes joins, with what it took in the book when the journey
// was worked out.
type Joined struct {
	Visit VisitID
	At    Interval
}

// sharesAsPlanned guards a yes to a journey. Seats, the time on the way and the detour were worked out
// for exactly these visits at these hours; where one is gone, has moved, or does not lie inside what is
// claimed, they have to be worked out anew.
func (h Helper) sharesAsPlanned(c Claim) error {
	for _, j := range c.Joins {
		there := slices.ContainsFunc(h.Agreed, func(a Agreed) bool { return a.Visit == j.Visit && a.At == j.At })
		if !there || !c.At.Contains(j.At) {
			return JourneyChanged()
		}
	}
	if len(c.Joins) > 0 && !c.At.Contains(c.Alone) {
		return JourneyChanged()
	}
	return nil
}

// JourneyGone is the code of JourneyChanged, and why a question is taken back whose journey is gone.
const JourneyGone = "journey_changed"

// JourneyChanged refuses to join a journey that is not what it was when it was worked out.
func JourneyChanged() error {
	return E(Conflict, "journey_changed", "the journey that this was to join is another by now, or has no room for it")
}

func (c Claim) joins(visit VisitID) bool {
	return slices.ContainsFunc(c.Joins, func(j Joined) bool { return j.Visit == visit })
}

// joinedStill lists the visits of a claim that are in the book when it becomes firm, and at the hours that
// the claim takes in: one that was moved meanwhile is driven on another journey. One that others have left
// takes less of the book than it did.
func (h Helper) joinedStill(c Claim) []VisitID {
	var still []VisitID
	for _, j := range c.Joins {
		if slices.ContainsFunc(h.Agreed, func(a Agreed) bool { return a.Visit == j.Visit && j.At.Contains(a.At) }) {
			still = append(still, j.Visit)
		}
	}
	return still
}

// leaveJourney takes a visit out of the journeys that others joined: who is left alone takes their own
// hours only. It changes the receiver, a clone, in place.
func (h *Helper) leaveJourney(visit VisitID) {
	for i, a := range h.Agreed {
		if !slices.Contains(a.Joins, visit) {
			continue
		}
		a.Joins = slices.DeleteFunc(slices.Clone(a.Joins), func(v VisitID) bool { return v == visit })
		h.Agreed[i] = a.ifAlone()
	}
}

// ifAlone is what a visit takes in the book: its own hours once nobody else comes along.
func (a Agreed) ifAlone() Agreed {
	if len(a.Joins) == 0 && !a.Alone.IsZero() {
		a.Joins, a.At, a.Alone = nil, a.Alone, Interval{}
	}
	return a
}

// AskedToJoin is why an open question is stood down whose driver is asked to join a journey instead.
const AskedToJoin = "asked_to_join"

// OpenQuestion finds the question of a wave that somebody can still answer for a time.
func (r Request) OpenQuestion(helper PersonID, slot SlotID) (Ask, bool) {
	i := slices.IndexFunc(r.Asks, func(a Ask) bool { return a.Helper == helper && a.Slot == slot && a.Answerable() && a.Joins == "" })
	if i < 0 {
		return Ask{}, false
	}
	return r.Asks[i], true
}

// MayAskToJoin refuses a second question to join a journey while one is open for the time: it is the desk's
// own choice, one at a time, beside what a wave keeps open.
func (r Request) MayAskToJoin(slot SlotID) error {
	if slices.ContainsFunc(r.Asks, func(a Ask) bool { return a.Slot == slot && a.Answerable() && a.Joins != "" }) {
		return E(Conflict, "wave_full", "somebody is asked to take this ride along already")
	}
	return nil
}

// AskToJoin is AskHelper for a question to join a journey. A question of a wave that is open to the same
// driver is stood down in the same write, so that one of the two is open. A claim that was made for that one
// counts for this one where the two share a nonce; it loses as a void one where that one is answered by now.
func (r Request) AskToJoin(a Ask, now time.Time) (Request, []Event, error) {
	if i := r.askIndex(a.ID); i >= 0 && r.Asks[i].Nonce == a.Nonce {
		return r, nil, nil
	}
	if err := r.MayAskToJoin(a.Slot); err != nil {
		return r, nil, err
	}
	old, open := r.OpenQuestion(a.Helper, a.Slot)
	taken := slices.ContainsFunc(r.Asks, func(k Ask) bool { return k.Nonce == a.Nonce })
	if taken && !(open && old.Nonce == a.Nonce) {
		return r, nil, E(Conflict, "claim_void", "the claim on the helper was given up")
	}
	next := r.clone()
	var events []Event
	if open {
		events = next.standDown(func(k Ask) bool { return k.ID == old.ID }, byClock(), AskedToJoin, now)
	}
	next, more, err := next.AskHelper(a, now)
	if err != nil {
		return r, nil, err
	}
	return next, append(events, more...), nil
}

// StandDownAsk withdraws one open question, so that the dispatcher asks somebody else: what it was about
// is not there any more. One that is not open changes nothing.
func (r Request) StandDownAsk(id AskID, reason string, now time.Time) (Request, []Event, error) {
	next := r.clone()
	events := next.standDown(func(a Ask) bool { return a.ID == id }, byClock(), reason, now)
	if len(events) == 0 {
		return r, nil, nil
	}
	next.WaveAt = now.Add(waveSoon)
	next.schedule(now)
	return next, events, nil
}
