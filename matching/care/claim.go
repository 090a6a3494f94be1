package care

import (
	"slices"
	"time"
)

// Purpose says what a claim is for.
type Purpose string

// The purposes of a claim.
const (
	ForSeat     Purpose = "seat"     // a yes: the interval must be free
	ForQuestion Purpose = "question" // a wave's question: the month's limit must allow it
	ForMove     Purpose = "move"     // another hour for a visit that is agreed
)

// Claim is the first half of a yes or of a question: a reservation in the helper's book that
// nobody sees. The request decides; the claim then becomes firm or is freed. It never ends by
// time alone.
type Claim struct {
	Nonce     Nonce
	Purpose   Purpose
	Community CommunityID
	Request   RequestID
	Resident  PersonID // the person it is for: blocks are checked against them
	Slot      SlotID
	Ask       AskID
	Visit     VisitID   // the visit to move, for ForMove
	At        Interval  // the visit with the way there and back
	Hour      Interval  // the visit alone; zero for a question
	Offer     OfferID   // the time-boxed offer whose seat it takes, where there is one
	Seats     int       // seats taken of that offer
	OfferHas  int       // seats the offer has
	Joins     []Joined  // the visits with which it shares one journey; At takes them in
	Alone     Interval  // what is left of At once it shares the journey with nobody
	Moment    time.Time // for a question: when it may reach the helper
	Lapses    time.Time // for a question: until when it waits for an answer
	Urgency   Urgency   // for a question: which rest it may break
	Since     time.Time
}

// Agreed is an interval that a visit has made firm.
type Agreed struct {
	Nonce     Nonce
	Community CommunityID
	Request   RequestID
	Resident  PersonID
	Slot      SlotID
	Visit     VisitID
	At        Interval
	Offer     OfferID
	Seats     int
	Joins     []VisitID // the visits whose journey it joined; At is the journey of all of them
	Alone     Interval  // what it takes once they are gone
}

// Claim reserves what a yes or a question needs. Guards: approved and not paused in the community,
// no block, then the interval and the offer's seats for a yes, quiet and limit for a question.
// Repeating a claim changes nothing. One that meets another's unsettled claim is Unavailable with
// the code claim_pending: the caller settles that claim first and comes back.
func (h Helper) Claim(c Claim, now time.Time) (Helper, []Event, error) {
	if h.claimIndex(c.Nonce) >= 0 || h.agreedIndex(c.Nonce) >= 0 {
		return h, nil, nil
	}
	if err := h.mayServe(c.Community, c.Resident, now); err != nil {
		return h, nil, err
	}
	var err error
	switch {
	case c.Purpose == ForQuestion && h.Gone(Answering(c.Moment, c.Lapses)), c.Purpose != ForQuestion && h.Gone(c.At):
		err = E(Forbidden, "helper_paused", "the helper is not there at that time")
	case c.Purpose == ForQuestion:
		err = h.mayBeAsked(c)
	default:
		err = h.isFree(c)
	}
	if err != nil {
		return h, nil, err
	}
	next := h.clone()
	c.Since = now
	next.Claims = append(next.Claims, c)
	return next, nil, nil
}

func (h Helper) mayServe(in CommunityID, resident PersonID, now time.Time) error {
	switch {
	case !h.ApprovedIn(in), h.Alias != "":
		return E(Forbidden, "not_approved", "the village's association has not approved this yet")
	case h.Paused(in, now), h.Away != nil && h.Away.Until.IsZero() && h.Gone(moment(now)):
		return E(Forbidden, "helper_paused", "helping is paused at the moment")
	case h.Blocked(resident):
		// One code for everything that lies between two people: a block is never told.
		return askNotOpen(StoodDown)
	}
	return nil
}

// ClaimOf finds a claim that is not settled yet.
func (h Helper) ClaimOf(n Nonce) (Claim, bool) {
	if i := h.claimIndex(n); i >= 0 {
		return h.Claims[i], true
	}
	return Claim{}, false
}

// isFree looks for an overlap with another place. Passengers of one time-boxed ride share it, and so do
// those of a journey that somebody joins.
func (h Helper) isFree(c Claim) error {
	if err := h.sharesAsPlanned(c); err != nil {
		return err
	}
	seats := c.Seats
	for _, a := range h.Agreed {
		switch {
		case a.Visit == c.Visit && c.Purpose == ForMove, c.joins(a.Visit):
		case c.Offer != "" && a.Offer == c.Offer:
			seats += a.Seats
		case a.At.Overlaps(c.At):
			return HelperBusy()
		}
	}
	pending := false
	for _, other := range h.Claims {
		switch {
		case other.Purpose == ForQuestion:
		case c.Offer != "" && other.Offer == c.Offer:
			seats += other.Seats
			pending = true
		case other.At.Overlaps(c.At):
			return E(Unavailable, "claim_pending", "another answer for this time is being worked on")
		}
	}
	if c.Offer != "" && seats > c.OfferHas {
		if pending {
			return E(Unavailable, "claim_pending", "another answer for this ride is being worked on")
		}
		return E(Conflict, "offer_full", "no seat is left in this ride")
	}
	return nil
}

// HelperBusy refuses an hour at which the helper is somewhere else.
func HelperBusy() error {
	return E(Conflict, "helper_busy", "another visit is agreed for this time")
}

// mayBeAsked holds quiet, the gap and the month's limit over the questions that reached the helper
// and those on their way.
func (h Helper) mayBeAsked(c Claim) error {
	asked, pending := slices.Clone(h.Questions), false
	for _, other := range h.Claims {
		if other.Purpose == ForQuestion {
			asked, pending = append(asked, other.Moment), true
		}
	}
	err := h.fitsQuiet(c, asked)
	if err != nil && pending && h.fitsQuiet(c, h.Questions) == nil {
		return E(Unavailable, "claim_pending", "another question to this helper is being worked on")
	}
	return err
}

func (h Helper) fitsQuiet(c Claim, asked []time.Time) error {
	from, err := h.Quiet.MayAsk(c.Moment, asked, c.Urgency)
	if err == nil && !from.Equal(c.Moment) {
		return E(Conflict, "not_now", "the helper may be asked from %s", from.Format(time.RFC3339))
	}
	return err
}

// Settle ends a claim: kept makes it firm under the visit (or counts the question), freed drops
// it. A claim that is gone already changes nothing. A pause or block that arrived since the claim
// does not keep it from settling: the caller reads MayServe after it, and gives the visit back.
func (h Helper) Settle(n Nonce, v Verdict, visit VisitID, now time.Time) (Helper, []Event, error) {
	i := h.claimIndex(n)
	if i < 0 || v == VerdictUnknown {
		return h, nil, nil
	}
	c := h.Claims[i]
	next := h.clone()
	next.Claims = slices.Delete(next.Claims, i, i+1)
	if v == VerdictFreed {
		return next, nil, nil
	}
	if c.Purpose == ForQuestion {
		next.Questions = append(next.Questions, c.Moment)
		next.forgetQuestions(now)
		return next, nil, nil
	}
	if c.Purpose == ForSeat && slices.ContainsFunc(next.Agreed, func(a Agreed) bool { return a.Visit == visit }) {
		return next, nil, nil // the visit was moved before its first hour was settled
	}
	next.Agreed = slices.DeleteFunc(next.Agreed, func(a Agreed) bool {
		return a.Visit == visit || a.At.Until.Before(now.Add(-agreedKept))
	})
	next.leaveJourney(visit) // where it was moved: it takes another journey's hours now
	a := Agreed{Nonce: n, Community: c.Community, Request: c.Request, Resident: c.Resident, Slot: c.Slot, Visit: visit, At: c.At, Offer: c.Offer, Seats: c.Seats,
		Joins: next.joinedStill(c), Alone: c.Alone}
	next.Agreed = append(next.Agreed, a.ifAlone())
	e := next.event(HelperBooked, "", c.Community, now)
	e.Request, e.Visit, e.Nonce = c.Request, visit, n
	return next, []Event{e}, nil
}

// Release frees the hours of a visit that will not take place or is over.
func (h Helper) Release(visit VisitID, now time.Time) (Helper, []Event, error) {
	i := slices.IndexFunc(h.Agreed, func(a Agreed) bool { return a.Visit == visit })
	if i < 0 {
		return h, nil, nil
	}
	next := h.clone()
	e := next.event(HelperFreed, "", h.Agreed[i].Community, now)
	e.Request, e.Visit = h.Agreed[i].Request, visit
	next.Agreed = slices.Delete(next.Agreed, i, i+1)
	next.leaveJourney(visit)
	return next, []Event{e}, nil
}

// UncountQuestion takes back a question that never reached the helper.
func (h Helper) UncountQuestion(moment time.Time) (Helper, []Event, error) {
	i := slices.IndexFunc(h.Questions, func(t time.Time) bool { return t.Equal(moment) })
	if i < 0 {
		return h, nil, nil
	}
	next := h.clone()
	next.Questions = slices.Delete(next.Questions, i, i+1)
	return next, nil, nil
}

// Holds reports whether a visit is firm in this book and nothing forbids it now. It is read once
// more before an exact place is shown.
func (h Helper) Holds(visit VisitID, in CommunityID, resident PersonID, now time.Time) bool {
	firm := slices.ContainsFunc(h.Agreed, func(a Agreed) bool { return a.Visit == visit })
	return firm && h.mayServe(in, resident, now) == nil
}

// MayServe reports the first rule that keeps this helper from helping this resident here.
func (h Helper) MayServe(in CommunityID, resident PersonID, now time.Time) error {
	return h.mayServe(in, resident, now)
}

// StaleClaims are the claims older than age: their second half is overdue and must be looked for.
func (h Helper) StaleClaims(age time.Duration, now time.Time) []Claim {
	var old []Claim
	for _, c := range h.Claims {
		if now.Sub(c.Since) >= age {
			old = append(old, c)
		}
	}
	return old
}

// agreedKept is how long a visit stays in its helper's book where nobody released it: longer than its
// address is shown. Hours that are over bind nobody.
const agreedKept = 7 * 24 * time.Hour

// forgetQuestions drops what no limit looks at any more. It changes the receiver in place.
func (h *Helper) forgetQuestions(now time.Time) {
	h.Questions = slices.DeleteFunc(h.Questions, func(t time.Time) bool { return t.Before(now.AddDate(0, -2, 0)) })
}

func (h Helper) claimIndex(n Nonce) int {
	return slices.IndexFunc(h.Claims, func(c Claim) bool { return c.Nonce == n })
}

func (h Helper) agreedIndex(n Nonce) int {
	return slices.IndexFunc(h.Agreed, func(a Agreed) bool { return a.Nonce == n })
}
