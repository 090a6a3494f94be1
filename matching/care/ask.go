package care

import (
	"slices"
	"time"
)

// AskState is where one question to one helper stands.
type AskState string

// The states of an ask. Asked and Deferred can still be answered.
const (
	Asked       AskState = "asked"
	Deferred    AskState = "later"
	Accepted    AskState = "accepted"
	Reserved    AskState = "reserve" // said yes when the seat was gone; thanked and kept as stand-by
	Declined    AskState = "declined"
	Lapsed      AskState = "lapsed"
	StoodDown   AskState = "stood_down"
	Undelivered AskState = "undelivered" // never reached its helper: no refusal, no count
)

// seatTaken is why an ask is stood down when a faster yes took the last seat.
const seatTaken = "seat_taken"

// Ask is one helper asked for one slot of a request, in a wave.
type Ask struct {
	ID         AskID
	Slot       SlotID
	Helper     PersonID
	Offer      OfferID // which of their offers fits
	Wave       int
	State      AskState
	Reason     string    // code: why declined or stood down
	AskedAt    time.Time // when the wave stored it
	AskFrom    time.Time // the first moment its helper may be disturbed
	LapsesAt   time.Time
	RemindAt   time.Time // when the helper who said "later" wants to hear again
	AnsweredAt time.Time
	Nonce      Nonce // of the claim that made the question count
	// Joins is the visit whose journey the helper is asked to take somebody along on, and Detour how
	// much longer that is; a yes is to that alone.
	Joins  VisitID
	Detour time.Duration
}

// Answering is the time in which a question waits for its answer: from the moment at which it may reach its
// helper until it lapses. No part of it lies in a time in which they are not there.
func Answering(from, lapses time.Time) Interval {
	if !lapses.After(from) {
		return moment(from)
	}
	return Interval{From: from, Until: lapses}
}

// Answerable reports whether a yes, no or later can still be given at this state.
func (a Ask) Answerable() bool { return a.State == Asked || a.State == Deferred }

// answerableBy guards every answer, in the order who, state, time.
func (a Ask) answerableBy(by PersonID, now time.Time) error {
	switch {
	case by != a.Helper:
		return E(Forbidden, "not_your_ask", "only its helper can answer an ask")
	case !a.Answerable():
		return askNotOpen(a.State)
	case !now.Before(a.LapsesAt):
		return E(Conflict, "ask_lapsed", "the ask lapsed at %s", a.LapsesAt.Format(time.RFC3339))
	}
	return nil
}

// askNotOpen refuses an answer, and says what became of the question: whoever has said yes already is not
// told that they are no longer needed.
func askNotOpen(s AskState) error {
	return E(Conflict, "ask_not_open", "the ask is already %s", s).(*Error).With("state", string(s))
}

// Accept records that the helper agreed. Whether a seat is left is the request's to say.
//
// Only an open ask can be accepted, only by its helper, and only before it lapses. Who was stood
// down by a faster yes may not have heard of it: theirs still counts, and mostly makes a reserve. Who was
// asked to join a journey that is gone is told so.
func (a Ask) Accept(by PersonID, now time.Time) (Ask, error) {
	if by == a.Helper && a.State == StoodDown && a.Reason == JourneyGone {
		return a, JourneyChanged()
	}
	open := a
	if a.overtaken() {
		open.State = Asked
	}
	if err := open.answerableBy(by, now); err != nil {
		return a, err
	}
	a.State, a.AnsweredAt, a.Reason = Accepted, now, ""
	return a, nil
}

// overtaken reports whether a faster yes took the seat while this ask was open.
func (a Ask) overtaken() bool { return a.State == StoodDown && a.Reason == seatTaken }

// Decline records a no. A reason is a code and never needed.
func (a Ask) Decline(by PersonID, reason string, now time.Time) (Ask, error) {
	if err := a.answerableBy(by, now); err != nil {
		return a, err
	}
	if !isCode(reason) {
		return a, reasonInvalid()
	}
	a.State, a.AnsweredAt, a.Reason = Declined, now, reason
	return a, nil
}

// Defer records "ask me later". The seat does not wait: others are asked meanwhile, and the ask
// can be answered until it lapses.
func (a Ask) Defer(by PersonID, until, now time.Time) (Ask, error) {
	if err := a.answerableBy(by, now); err != nil {
		return a, err
	}
	switch {
	case a.State == Deferred:
		return a, E(Conflict, "ask_deferred", "later was said once already")
	case !until.After(now) || !until.Before(a.LapsesAt):
		return a, Amiss("until", "later_out_of_range", "later lies before the ask lapses")
	}
	a.State, a.RemindAt = Deferred, until
	return a, nil
}

// Ask finds an ask by id.
func (r Request) Ask(id AskID) (Ask, error) {
	if i := r.askIndex(id); i >= 0 {
		return r.Asks[i], nil
	}
	return Ask{}, E(NotFound, "ask_not_found", "there is no such ask")
}

func (r Request) askIndex(id AskID) int {
	return slices.IndexFunc(r.Asks, func(a Ask) bool { return a.ID == id })
}

// AskHelper adds one question of a wave. Its claim on the helper must stand already; a nonce that
// was made void meanwhile loses here. Repeating the same ask changes nothing.
func (r Request) AskHelper(a Ask, now time.Time) (Request, []Event, error) {
	if i := r.askIndex(a.ID); i >= 0 && r.Asks[i].Nonce == a.Nonce {
		return r, nil, nil
	}
	i := r.slotIndex(a.Slot)
	switch {
	case r.Phase != Live:
		return r, nil, E(Conflict, "request_not_live", "the request is %s", r.State(now))
	case r.Handover != nil:
		return r, nil, E(Conflict, "request_handed_over", "formal care is being asked")
	case i < 0:
		return r, nil, E(NotFound, "slot_not_found", "the request has no such time")
	case r.FreeSeats(a.Slot, now) == 0:
		return r, nil, E(Conflict, "slot_full", "no seat is free at this time")
	case a.Helper == r.For || (r.OnBehalf != nil && r.OnBehalf.By == a.Helper):
		return r, nil, E(Conflict, "helper_is_requester", "nobody is asked for their own request")
	case r.asked(a.Helper, a.Slot), r.askIndex(a.ID) >= 0:
		return r, nil, E(Conflict, "already_asked", "this helper was asked for this time already")
	case r.isVoid(a.Nonce):
		return r, nil, E(Conflict, "claim_void", "the claim on the helper was given up")
	case a.AskFrom.Before(now) || !a.LapsesAt.After(a.AskFrom) || a.LapsesAt.After(r.Slots[i].LatestStart()):
		return r, nil, E(Invalid, "ask_times_invalid", "an ask runs from now or later until the last moment at which the visit can begin")
	}
	next := r.clone()
	a.State, a.AskedAt = Asked, now
	next.Asks = append(next.Asks, a)
	next.WaveAt = now.Add(waveRetry)
	next.schedule(now)
	return next, []Event{next.askEvent(a, AskMade, byClock(), now)}, nil
}

// asked reports whether the helper needs no further question for this slot: one is open, was
// answered with yes or no, or lapsed. A reserve, and who was stood down before they answered or
// never reached, may be asked anew.
func (r Request) asked(helper PersonID, slot SlotID) bool {
	return slices.ContainsFunc(r.Asks, func(a Ask) bool {
		again := a.State == Reserved || a.State == StoodDown || a.State == Undelivered
		return a.Helper == helper && a.Slot == slot && !again
	})
}

// AcceptAsk gives the helper the seat, or makes them a reserve where it is gone. at is when the
// visit is to be; nonce is the claim that stands on the helper. When the last seat of the slot is
// taken everybody else still asked for it is stood down in the same write.
func (r Request) AcceptAsk(id AskID, by PersonID, at Interval, nonce Nonce, now time.Time) (Request, []Event, error) {
	i := r.askIndex(id)
	if i < 0 {
		return r, nil, E(NotFound, "ask_not_found", "there is no such ask")
	}
	if v := r.visitByNonce(nonce); v >= 0 && r.Visits[v].Ask == id {
		return r, nil, nil
	}
	answered, err := r.Asks[i].Accept(by, now)
	if err != nil {
		return r, nil, err
	}
	s := r.slotIndex(answered.Slot)
	switch {
	case r.Phase != Live || r.Handover != nil || s < 0 || r.Slots[s].Cancelled():
		return r, nil, askNotOpen(StoodDown) // the request no longer needs this
	case r.Asks[i].overtaken() && r.asked(by, answered.Slot):
		return r, nil, askNotOpen(StoodDown) // a newer question for this time stands
	case r.isVoid(nonce):
		return r, nil, E(Conflict, "claim_void", "the claim on the helper was given up")
	}
	if err := r.Admits(r.Slots[s], at, now); err != nil {
		return r, nil, err
	}
	next := r.clone()
	if next.FreeSeats(answered.Slot, now) == 0 {
		answered.State = Reserved
		next.Asks[i] = answered
		next.schedule(now)
		e := next.askEvent(answered, AskReserved, Actor{by, HelperParty}, now)
		e.Nonce = nonce
		return next, []Event{e}, nil
	}
	next.Asks[i] = answered
	v := Visit{ID: DeriveID[VisitID](now, string(id), string(nonce)), Ask: id, Slot: answered.Slot, Helper: by,
		State: VisitAgreed, At: at, Nonce: nonce, AgreedAt: now, PersonalYes: r.PersonalYes}
	next.Visits = append(next.Visits, v)
	e := next.askEvent(answered, AskAccepted, Actor{by, HelperParty}, now)
	e.Visit, e.Nonce = v.ID, nonce
	events := []Event{e}
	if next.freeSeats(next.Slots[s]) == 0 {
		events = append(events, next.standDownSlot(answered.Slot, byClock(), seatTaken, now)...)
	}
	next.schedule(now)
	return next, events, nil
}

// DeclineAsk takes a no and lets the dispatcher go on.
func (r Request) DeclineAsk(id AskID, by PersonID, reason string, now time.Time) (Request, []Event, error) {
	return r.answer(id, AskDeclined, now, func(a Ask) (Ask, error) { return a.Decline(by, reason, now) })
}

// DeferAsk takes a "later" and lets the dispatcher go on.
func (r Request) DeferAsk(id AskID, by PersonID, until, now time.Time) (Request, []Event, error) {
	return r.answer(id, AskDeferred, now, func(a Ask) (Ask, error) { return a.Defer(by, until, now) })
}

// AskNotDelivered records that no channel reached the helper. It is never counted against them.
func (r Request) AskNotDelivered(id AskID, now time.Time) (Request, []Event, error) {
	return r.answer(id, AskUndelivered, now, func(a Ask) (Ask, error) {
		if a.State != Asked {
			return a, askNotOpen(a.State)
		}
		a.State = Undelivered
		return a, nil
	})
}

// StandDownHelper withdraws the open questions to one helper, who may not be asked any more.
func (r Request) StandDownHelper(helper PersonID, reason string, now time.Time) (Request, []Event, error) {
	next := r.clone()
	events := next.standDown(func(a Ask) bool { return a.Helper == helper }, byClock(), reason, now)
	if len(events) == 0 {
		return r, nil, nil
	}
	next.WaveAt = now.Add(waveSoon)
	next.schedule(now)
	return next, events, nil
}

func (r Request) answer(id AskID, t EventType, now time.Time, change func(Ask) (Ask, error)) (Request, []Event, error) {
	i := r.askIndex(id)
	if i < 0 {
		return r, nil, E(NotFound, "ask_not_found", "there is no such ask")
	}
	answered, err := change(r.Asks[i])
	if err != nil {
		return r, nil, err
	}
	next := r.clone()
	next.Asks[i] = answered
	next.WaveAt = now.Add(waveSoon)
	next.schedule(now)
	by := Actor{answered.Helper, HelperParty}
	if t == AskUndelivered {
		by = byClock() // the helper knows nothing of it
	}
	return next, []Event{next.askEvent(answered, t, by, now)}, nil
}

func (r *Request) standDownSlot(slot SlotID, by Actor, reason string, now time.Time) []Event {
	return r.standDown(func(a Ask) bool { return a.Slot == slot }, by, reason, now)
}

func (r *Request) standDown(which func(Ask) bool, by Actor, reason string, now time.Time) []Event {
	var events []Event
	for i, a := range r.Asks {
		if a.Answerable() && which(a) {
			a.State, a.Reason = StoodDown, reason
			r.Asks[i] = a
			events = append(events, r.askEvent(a, AskStoodDown, by, now))
		}
	}
	return events
}

func (r Request) askEvent(a Ask, t EventType, by Actor, now time.Time) Event {
	e := r.event(t, by, now)
	e.Ask, e.Slot, e.Helper, e.Code, e.Nonce = a.ID, a.Slot, a.Helper, a.Reason, a.Nonce
	return e
}
