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
	SeriesUntil time.Time // the series is laid out in slots up to here

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

// DraftRequest begins a request. It belongs to its community's fixed worker from this moment, also
// while it is a draft, and always has a time at which somebody looks at it again.
func DraftRequest(r Request, by Actor, now time.Time) (Request, []Event, error) {
	if err := r.validate(now); err != nil {
		return r, nil, err
	}
	r.Phase, r.Stage, r.CreatedAt = Drafted, StageVillage, now
	r.Owner = Chair{Kind: ChairWorker, Community: r.Community}
	r.Emergency = Emergency{Words: EmergencyWords(r.Words)}
	if r.Emergency.Pending() {
		r.Urgency = Urgent
	}
	r.schedule(now)
	return r, []Event{r.event(RequestDrafted, by, now)}, nil
}

// Publish opens a draft to the village. Where the words sound like an emergency it needs the
// person's "this is no emergency" once; the flag stays.
func (r Request) Publish(by Actor, noEmergency bool, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase != Drafted:
		return r, nil, E(Conflict, "request_not_draft", "the request is already %s", r.State(now))
	case r.Emergency.Pending() && !noEmergency:
		return r, nil, E(Conflict, "emergency_unanswered", "call 112 now; say that it is no emergency to send this to the village")
	case r.Series == nil && !slices.ContainsFunc(r.Slots, func(s Slot) bool { return s.End.After(now) }):
		return r, nil, E(Conflict, "slots_past", "every time asked for has passed")
	}
	if r.Emergency.Pending() {
		r.Emergency.DeniedAt = now
	}
	r.Phase, r.PublishedAt = Live, now
	events := []Event{r.event(RequestPublished, by, now)}
	if r.Series != nil {
		next, added, err := r.layOut(now)
		if err != nil {
			return r, nil, err
		}
		if len(next.Slots) == 0 {
			return r, nil, E(Conflict, "slots_past", "the series gives no time in the next six weeks")
		}
		r, events = next, append(events, added...)
	}
	r.PromiseAt, r.WaveAt = r.promise(now), now.Add(waveSoon)
	r.clearDesk()
	r.schedule(now)
	return r, events, nil
}

// EditDraft replaces what is asked, as long as nobody has been asked for it.
func (r Request) EditDraft(next Request, by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase != Drafted:
		return r, nil, E(Conflict, "request_not_draft", "only a draft can be edited")
	}
	kept := r
	kept.Kind, kept.Words, kept.Needs, kept.Circumstances = next.Kind, next.Words, next.Needs, next.Circumstances
	kept.Where, kept.Ride, kept.Series, kept.Slots = next.Where, next.Ride, next.Series, next.Slots
	kept.Urgency, kept.PersonalYes = next.Urgency, next.PersonalYes
	if err := kept.validate(now); err != nil {
		return r, nil, err
	}
	kept.Emergency = Emergency{Words: EmergencyWords(kept.Words)}
	kept.schedule(now)
	return kept, []Event{kept.event(RequestChanged, by, now)}, nil
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

func (r Request) validate(now time.Time) error {
	_, known := Rules(r.Kind)
	switch {
	case !known:
		return E(Invalid, "kind_unknown", "there is no such kind of help")
	case !longText(r.Words, 0, 2000):
		return E(Invalid, "words_invalid", "the words are at most 2,000 characters of text")
	case !r.Where.Point.Valid() || !plainText(r.Where.Town, 1, 80):
		return E(Invalid, "place_invalid", "a request needs a point on earth and a town")
	case r.Kind == RideKind && r.Ride == nil:
		return E(Invalid, "ride_missing", "a ride says where it goes")
	case r.Kind != RideKind && r.Ride != nil:
		return E(Invalid, "ride_unexpected", "only a ride goes somewhere")
	case !r.Urgency.Known():
		return E(Invalid, "urgency_unknown", "there is no such urgency")
	case r.Series == nil && len(r.Slots) == 0:
		return E(Invalid, "slots_missing", "a request needs at least one time")
	case r.Series != nil && len(r.Slots) > 0:
		return E(Invalid, "slots_unexpected", "a series makes its own times")
	case len(r.Slots) > 40:
		return E(Invalid, "slots_too_many", "a request has at most 40 times; a series has more")
	case r.OnBehalf != nil && r.OnBehalf.By == r.For:
		return E(Invalid, "on_behalf_of_self", "nobody asks on their own behalf")
	}
	if err := r.Needs.validate(); err != nil {
		return err
	}
	if r.OnBehalf != nil {
		if err := r.OnBehalf.validate(); err != nil {
			return err
		}
	}
	if r.Ride != nil {
		if err := r.Ride.validate(); err != nil {
			return err
		}
	}
	if r.Series != nil {
		return r.Series.Validate()
	}
	return validateSlots(r.Slots, now)
}

func (n Needs) validate() error {
	if len(n.Languages) > 8 || len(n.Skills) > 8 {
		return E(Invalid, "needs_too_many", "at most 8 languages and 8 skills")
	}
	for _, l := range n.Languages {
		if len(l) != 2 {
			return E(Invalid, "language_invalid", "a language is two lower-case letters")
		}
	}
	for _, s := range n.Skills {
		if !plainText(s, 1, 40) {
			return E(Invalid, "skill_invalid", "a skill is a word of at most 40 characters")
		}
	}
	switch n.Gender {
	case "", Woman, Man, Other:
		return nil
	}
	return E(Invalid, "gender_unknown", "there is no such gender wish")
}

func (b OnBehalf) validate() error {
	if !b.Channel.Known() {
		return E(Invalid, "channel_unknown", "there is no such channel")
	}
	return b.Consent.validate()
}

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
