package care

import (
	"slices"
	"time"
)

// VisitState is where a visit stands.
type VisitState string

// The states of a visit.
const (
	VisitAgreed    VisitState = "agreed" // the seat is held; the helper's own book is being checked
	VisitSet       VisitState = "planned"
	VisitBegun     VisitState = "started"
	VisitFinished  VisitState = "done"
	VisitMissed    VisitState = "no_show"
	VisitCalledOff VisitState = "cancelled"
)

// The rules of the day itself.
const (
	startEarly   = time.Hour        // a visit may start this much before its hour
	notStarted   = 15 * time.Minute // after this both are asked whether the helper has come
	followUp     = time.Hour        // after the end both are asked how it went
	feedbackTime = 48 * time.Hour   // after the end a visit without feedback counts as good
)

// Visit is a helper agreed for a slot.
type Visit struct {
	ID           VisitID
	Ask          AskID
	Slot         SlotID
	Helper       PersonID
	State        VisitState
	At           Interval
	Nonce        Nonce
	PersonalYes  bool // waits for the resident's own yes to this helper
	AgreedAt     time.Time
	PlannedAt    time.Time
	StartedAt    time.Time
	DoneAt       time.Time
	EndedAt      time.Time // cancelled or no-show
	EndedBy      Party
	Reason       string
	AskedStart   time.Time // when both were asked whether it began
	AskedHow     time.Time // when both were asked how it went
	SaidResident time.Time // feedback given by the resident's side
	SaidHelper   time.Time
}

// holdsSeat reports whether the visit still counts against the slot's seats.
func (v Visit) holdsSeat() bool { return v.State != VisitMissed && v.State != VisitCalledOff }

// Upcoming reports whether the visit is agreed or planned and has not begun.
func (v Visit) Upcoming() bool { return v.State == VisitAgreed || v.State == VisitSet }

func (v Visit) saidByBoth() bool { return !v.SaidResident.IsZero() && !v.SaidHelper.IsZero() }

// awaitsFeedback reports whether a visit that is done still has time for a word of either side.
func (v Visit) awaitsFeedback(now time.Time) bool {
	return !v.saidByBoth() && now.Before(v.At.Until.Add(feedbackTime))
}

// Shown reports whether the helper may see the exact place at this moment: planned or begun, until
// two hours after its end.
func (v Visit) Shown(now time.Time) bool {
	return (v.State == VisitSet || v.State == VisitBegun || v.State == VisitFinished) && now.Before(v.At.Until.Add(2*time.Hour))
}

// Visit finds a visit by id.
func (r Request) Visit(id VisitID) (Visit, error) {
	if i := r.visitIndex(id); i >= 0 {
		return r.Visits[i], nil
	}
	return Visit{}, E(NotFound, "visit_not_found", "there is no such visit")
}

func (r Request) visitIndex(id VisitID) int {
	return slices.IndexFunc(r.Visits, func(v Visit) bool { return v.ID == id })
}

func (r Request) visitByNonce(n Nonce) int {
	return slices.IndexFunc(r.Visits, func(v Visit) bool { return v.Nonce == n })
}

// ConfirmVisit plans an agreed visit. The server does it once the helper's claim is firm; where the
// resident wants to know the helper first, only their side or the owner does.
func (r Request) ConfirmVisit(id VisitID, by Actor, now time.Time) (Request, []Event, error) {
	return r.changeVisit(id, VisitPlanned, by, now, func(v *Visit) error {
		switch {
		case !by.is(Requester, Owner, Server):
			return notYours()
		case v.State != VisitAgreed:
			return visitState(v)
		case v.PersonalYes && by.is(Server):
			return E(Conflict, "personal_yes_needed", "the resident wants to know the helper first")
		}
		v.State, v.PlannedAt = VisitSet, now
		return nil
	})
}

// MoveVisit agrees another hour inside a flexible window. The helper's book must hold the new hour
// under nonce already. Repeating a move changes nothing.
func (r Request) MoveVisit(id VisitID, at Interval, nonce Nonce, by Actor, now time.Time) (Request, []Event, error) {
	if i := r.visitByNonce(nonce); i >= 0 && r.Visits[i].ID == id && r.Visits[i].At == at {
		return r, nil, nil
	}
	return r.changeVisit(id, VisitMoved, by, now, func(v *Visit) error {
		s, err := r.Slot(v.Slot)
		switch {
		case err != nil:
			return err
		case !by.is(Requester, HelperParty, Owner):
			return notYours()
		case !v.Upcoming():
			return visitState(v)
		case r.isVoid(nonce):
			return E(Conflict, "claim_void", "the claim on the helper was given up")
		}
		if err := r.Admits(s, at, now); err != nil {
			return err
		}
		v.At, v.Nonce, v.AskedStart = at, nonce, time.Time{}
		return nil
	})
}

// StartVisit records that the helper has come.
func (r Request) StartVisit(id VisitID, by Actor, now time.Time) (Request, []Event, error) {
	return r.changeVisit(id, VisitStarted, by, now, func(v *Visit) error {
		switch {
		case !by.is(Requester, HelperParty, Owner):
			return notYours()
		case v.State != VisitSet:
			return visitState(v)
		case now.Before(v.At.From.Add(-startEarly)):
			return E(Conflict, "visit_too_early", "a visit starts at most an hour before its time")
		}
		v.State, v.StartedAt = VisitBegun, now
		return nil
	})
}

// FinishVisit records that the visit is done. One that nobody marked as started may be finished
// once its hour has come: what happened counts, not who pressed.
func (r Request) FinishVisit(id VisitID, by Actor, now time.Time) (Request, []Event, error) {
	return r.changeVisit(id, VisitDone, by, now, func(v *Visit) error {
		switch {
		case !by.is(Requester, HelperParty, Owner):
			return notYours()
		case v.State != VisitBegun && v.State != VisitSet:
			return visitState(v)
		case v.State == VisitSet && now.Before(v.At.From):
			return E(Conflict, "visit_too_early", "the visit has not begun")
		}
		if v.StartedAt.IsZero() {
			v.StartedAt = v.At.From
		}
		v.State, v.DoneAt = VisitFinished, now
		return nil
	})
}

// NoteFeedback remembers that one side, Requester or HelperParty, said how a visit went. When both
// have, for the last visit, the request is fulfilled. Only the first word of a side counts.
func (r Request) NoteFeedback(id VisitID, side Party, good bool, now time.Time) (Request, []Event, error) {
	i := r.visitIndex(id)
	if i < 0 {
		return r, nil, nil
	}
	next := r.clone()
	said := &next.Visits[i].SaidResident
	if side == HelperParty {
		said = &next.Visits[i].SaidHelper
	}
	if !said.IsZero() {
		return r, nil, nil
	}
	*said = now
	if !good && next.Phase != Ended {
		next.todo(TodoFeedback, now)
	}
	events := next.settle(now)
	next.schedule(now)
	return next, events, nil
}

func (r Request) changeVisit(id VisitID, t EventType, by Actor, now time.Time, change func(*Visit) error) (Request, []Event, error) {
	i := r.visitIndex(id)
	if i < 0 {
		return r, nil, E(NotFound, "visit_not_found", "there is no such visit")
	}
	if by.is(HelperParty) && by.Person != r.Visits[i].Helper {
		return r, nil, notYourVisit()
	}
	next := r.clone()
	if err := change(&next.Visits[i]); err != nil {
		return r, nil, err
	}
	events := []Event{next.visitEvent(next.Visits[i], t, by, now)}
	events = append(events, next.settle(now)...)
	next.schedule(now)
	return next, events, nil
}

func (r Request) visitEvent(v Visit, t EventType, by Actor, now time.Time) Event {
	e := r.event(t, by, now)
	e.Visit, e.Slot, e.Ask, e.Helper, e.Nonce, e.Code = v.ID, v.Slot, v.Ask, v.Helper, v.Nonce, v.Reason
	return e
}

func notYourVisit() error {
	return E(Forbidden, "not_your_visit", "only its helper can do that")
}

func visitState(v *Visit) error {
	return E(Conflict, "visit_state", "the visit is %s", v.State).(*Error).With("state", string(v.State))
}
