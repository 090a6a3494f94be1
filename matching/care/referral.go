package care

import "time"

// ReferralState follows the statuses of an HL7 FHIR R4 Task, as far as both sides use them.
type ReferralState string

// The states of a referral.
const (
	ReferralPending  ReferralState = "requested"
	ReferralTaken    ReferralState = "accepted"
	ReferralDeclined ReferralState = "rejected"
	ReferralUnderWay ReferralState = "in_progress"
	ReferralDone     ReferralState = "completed"
)

// Referral carries a need to formal care, with consent, and brings an answer back.
type Referral struct {
	ID         ReferralID
	Request    RequestID
	Community  CommunityID
	For        PersonID
	By         PersonID // the professional who refers
	From       OrganizationID
	To         OrganizationID
	Theme      Kind
	Urgency    Urgency
	Words      string // for the receiver, after acceptance
	Consent    Consent
	State      ReferralState
	Reason     string // code, where it was rejected
	AskedAt    time.Time
	AnsweredAt time.Time
	StartedAt  time.Time
	DoneAt     time.Time
}

// Refer checks a referral and sends it. Without the person's standing consent nothing is passed on.
func (f Referral) Refer(now time.Time) (Referral, []Event, error) {
	_, known := Rules(f.Theme)
	switch {
	case !known:
		return f, nil, Amiss("theme", "kind_unknown", "there is no such theme")
	case !f.Urgency.Known():
		return f, nil, Amiss("urgency", "urgency_unknown", "there is no such urgency")
	case f.To == "" || f.To == f.From:
		return f, nil, Amiss("to", "receiver_invalid", "a referral goes to another organisation")
	case !longText(f.Words, 0, 2000):
		return f, nil, Amiss("words", "words_invalid", "the words are at most 2,000 characters")
	}
	if err := f.Consent.validate(); err != nil {
		return f, nil, err
	}
	if !f.Consent.Stands() {
		return f, nil, E(Conflict, "consent_absent", "the person has withdrawn their consent")
	}
	f.State, f.AskedAt = ReferralPending, now
	return f, []Event{f.event(ReferralRequested, f.By, now)}, nil
}

// Accept is the receiver's acknowledgement: from here the request is theirs.
func (f Referral) Accept(by PersonID, now time.Time) (Referral, []Event, error) {
	return f.move(ReferralPending, ReferralTaken, ReferralAccepted, by, now, func(n *Referral) { n.AnsweredAt = now })
}

// Reject gives the need back with a reason; the request's owner has it again at once.
func (f Referral) Reject(by PersonID, reason string, now time.Time) (Referral, []Event, error) {
	switch {
	case reason == "":
		return f, nil, Amiss("reason", "reason_missing", "a rejection names its reason")
	case !isCode(reason):
		return f, nil, reasonInvalid()
	}
	return f.move(ReferralPending, ReferralDeclined, ReferralRejected, by, now, func(n *Referral) {
		n.AnsweredAt, n.Reason = now, reason
	})
}

// Start says that formal care has begun.
func (f Referral) Start(by PersonID, now time.Time) (Referral, []Event, error) {
	return f.move(ReferralTaken, ReferralUnderWay, ReferralStarted, by, now, func(n *Referral) { n.StartedAt = now })
}

// Complete says that formal care has done what was asked.
func (f Referral) Complete(by PersonID, now time.Time) (Referral, []Event, error) {
	return f.move(ReferralUnderWay, ReferralDone, ReferralCompleted, by, now, func(n *Referral) { n.DoneAt = now })
}

func (f Referral) move(from, to ReferralState, t EventType, by PersonID, now time.Time, note func(*Referral)) (Referral, []Event, error) {
	if f.State != from {
		return f, nil, E(Conflict, "referral_state", "the referral is %s", f.State).(*Error).With("state", string(f.State))
	}
	f.State = to
	note(&f)
	return f, []Event{f.event(t, by, now)}, nil
}

func (f Referral) event(t EventType, by PersonID, now time.Time) Event {
	return Event{Type: t, At: now, By: by, Community: f.Community, Organization: f.To, Request: f.Request,
		Referral: f.ID, Person: f.For, Code: f.Reason}
}
