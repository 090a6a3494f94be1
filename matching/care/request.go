package care

import (
	"slices"
	"time"
)

// Phase is where a request stands in its life. It is stored; State is computed.
type Phase string

// The phases.
const (
	Drafted Phase = "draft"
	Live    Phase = "live"
	Ended   Phase = "closed"
)

// State is what people see of a live request. It is computed from the slots and never set.
type State string

// The states.
const (
	Draft    State = "draft"
	Open     State = "open"
	Arranged State = "arranged"
	Closed   State = "closed"
)

// Outcome says how a closed request ended. Nothing else ends one.
type Outcome string

// The outcomes.
const (
	Fulfilled  Outcome = "fulfilled"
	Withdrawn  Outcome = "withdrawn"
	HandedOver Outcome = "handed_over"
	Refused    Outcome = "refused"
)

// Stage is how far a request has climbed the chain of people who must answer.
type Stage string

// The stages. Neighbour villages and further guarantors extend the chain, they do not change it.
const (
	StageVillage   Stage = "village"
	StageGuarantor Stage = "guarantor"
)

// Needs is what a helper must bring besides time.
type Needs struct {
	Languages []string // any one of these; empty means no wish
	Skills    []string // all of these
	Gender    Gender   // a wish of the resident; empty means none
}

// OnBehalf says who asked for somebody else, through which channel and on what ground.
type OnBehalf struct {
	By      PersonID
	Channel Channel
	Consent Consent
}

// Request is what is needed, by whom, when and where. It is one document: its slots, asks and
// visits live inside it, so that one write decides who holds a seat.
type Request struct {
	ID            RequestID
	Community     CommunityID
	Zone          string // the community's time zone: by it the search knows night from day
	For           PersonID
	OnBehalf      *OnBehalf // nil where the person asked
	Kind          Kind
	Words         string // in the person's own words
	Needs         Needs
	Circumstances Circumstances
	Where         Place
	Ride          *Ride
	Series        *Series
	Urgency       Urgency
	PersonalYes   bool // the resident confirms each helper before the address is shown

	Phase       Phase
	Outcome     Outcome
	Reason      string // code of the end
	ToldBy      Channel
	Emergency   Emergency
	Stage       Stage
	Owner       Chair
	PromiseAt   time.Time // until then the present stage must have found somebody
	WaveAt      time.Time // when the dispatcher looks again
	OwnerDue    time.Time // when the owner must have acted on Todo; zero where there is nothing
	Todo        Todo
	Handover    *Handover
	Slots       []Slot
	Asks        []Ask
	Visits      []Visit
	Voids       []Void
	SeriesUntil time.Time  // the series is laid out in slots up to here
	Rest        *Rest      // its person is away; nil while they are there
	WasFor      []PersonID // records of the person that it was for before they were merged, the first one first
	WasBy       []PersonID // likewise of who asked on their behalf

	NextAction   Action
	NextActionAt time.Time
	CreatedAt    time.Time
	PublishedAt  time.Time
	ClosedAt     time.Time
}

// Emergency remembers that the words sounded like one. It never refuses anything.
type Emergency struct {
	Words     []string // keys of the phrases that were heard
	DeniedAt  time.Time
	OwnerTold time.Time
}

// Pending reports whether somebody still has to hear whether this is an emergency.
func (e Emergency) Pending() bool { return len(e.Words) > 0 && e.DeniedAt.IsZero() }

// Void is the nonce of a claim that came to nothing: whoever still holds it loses here.
type Void struct {
	Nonce Nonce
	At    time.Time
}

// State computes what people see: open while a seat of a future slot is free.
func (r Request) State(now time.Time) State {
	switch r.Phase {
	case Drafted:
		return Draft
	case Ended:
		return Closed
	}
	arranged := false
	for _, s := range r.Slots {
		if s.Cancelled() {
			continue
		}
		if s.LatestStart().After(now) && r.freeSeats(s) > 0 {
			return Open
		}
		arranged = arranged || r.seatsTaken(s.ID) > 0
	}
	if arranged {
		return Arranged
	}
	return Open
}

// PartyOf says which party a person is towards this request by the request alone; owners are
// resolved elsewhere. It is empty for a stranger.
func (r Request) PartyOf(p PersonID) Party {
	if p == r.For || (r.OnBehalf != nil && r.OnBehalf.By == p && r.OnBehalf.Consent.Stands()) {
		return Requester
	}
	for _, v := range r.Visits {
		if v.Helper == p {
			return HelperParty
		}
	}
	for _, a := range r.Asks {
		if a.Helper == p {
			return HelperParty
		}
	}
	return ""
}

// Risk is the class that the kind and its circumstances give.
func (r Request) Risk() RiskClass { return Risk(r.Kind, r.Circumstances) }

func (r Request) event(t EventType, by Actor, now time.Time) Event {
	return Event{Type: t, At: now, By: by.Person, Community: r.Community, Request: r.ID, Person: r.For}
}

// clone copies the slices that transitions change, so that the receiver's value stays as it was.
func (r Request) clone() Request {
	r.Slots, r.Asks, r.Visits = slices.Clone(r.Slots), slices.Clone(r.Asks), slices.Clone(r.Visits)
	r.Voids = slices.Clone(r.Voids)
	if r.Handover != nil {
		h := *r.Handover
		r.Handover = &h
	}
	return r
}

func notYours() error {
	return E(Forbidden, "not_your_request", "only the requester and the owner can do that")
}
