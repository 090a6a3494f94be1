package record

import (
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// EventRecord is a stored care.Event with its place in its document's sequence, as it waits in the
// document and as it stands in the feed.
type EventRecord struct {
	Seq          int64               `json:"seq" bson:"seq"`
	Type         care.EventType      `json:"type" bson:"type"`
	At           time.Time           `json:"at,omitzero" bson:"at,omitempty"`
	By           care.PersonID       `json:"by,omitempty" bson:"by,omitempty"`
	Community    care.CommunityID    `json:"community,omitempty" bson:"community,omitempty"`
	Organization care.OrganizationID `json:"organization,omitempty" bson:"organization,omitempty"`
	Request      care.RequestID      `json:"request,omitempty" bson:"request,omitempty"`
	Slot         care.SlotID         `json:"slot,omitempty" bson:"slot,omitempty"`
	Ask          care.AskID          `json:"ask,omitempty" bson:"ask,omitempty"`
	Visit        care.VisitID        `json:"visit,omitempty" bson:"visit,omitempty"`
	Helper       care.PersonID       `json:"helper,omitempty" bson:"helper,omitempty"`
	Person       care.PersonID       `json:"person,omitempty" bson:"person,omitempty"`
	Offer        care.OfferID        `json:"offer,omitempty" bson:"offer,omitempty"`
	Membership   care.MembershipID   `json:"membership,omitempty" bson:"membership,omitempty"`
	Message      care.MessageID      `json:"message,omitempty" bson:"message,omitempty"`
	Feedback     care.FeedbackID     `json:"feedback,omitempty" bson:"feedback,omitempty"`
	Report       care.ReportID       `json:"report,omitempty" bson:"report,omitempty"`
	Referral     care.ReferralID     `json:"referral,omitempty" bson:"referral,omitempty"`
	Nonce        care.Nonce          `json:"nonce,omitempty" bson:"nonce,omitempty"`
	Code         string              `json:"code,omitempty" bson:"code,omitempty"`
}

// ToEvent translates a numbered event.
func ToEvent(n port.Numbered) EventRecord {
	e := n.Event
	return EventRecord{Seq: n.Seq, Type: e.Type, At: at(e.At), By: e.By, Community: e.Community, Organization: e.Organization,
		Request: e.Request, Slot: e.Slot, Ask: e.Ask, Visit: e.Visit, Helper: e.Helper, Person: e.Person, Offer: e.Offer,
		Membership: e.Membership, Message: e.Message, Feedback: e.Feedback, Report: e.Report, Referral: e.Referral,
		Nonce: e.Nonce, Code: e.Code}
}

// FromEvent is the way back.
func FromEvent(e EventRecord) port.Numbered {
	return port.Numbered{Seq: e.Seq, Event: care.Event{Type: e.Type, At: at(e.At), By: e.By, Community: e.Community,
		Organization: e.Organization, Request: e.Request, Slot: e.Slot, Ask: e.Ask, Visit: e.Visit, Helper: e.Helper,
		Person: e.Person, Offer: e.Offer, Membership: e.Membership, Message: e.Message, Feedback: e.Feedback,
		Report: e.Report, Referral: e.Referral, Nonce: e.Nonce, Code: e.Code}}
}

// Number gives events the places that follow after in their document's sequence.
func Number(after int64, events []care.Event) []EventRecord {
	numbered := make([]EventRecord, len(events))
	for i, e := range events {
		numbered[i] = ToEvent(port.Numbered{Seq: after + int64(i) + 1, Event: e})
	}
	return numbered
}

// FeedRecord is a stored port.Row. Both stores keep the number itself as the key of the row.
type FeedRecord struct {
	ID    int64       `json:"id" bson:"id"`
	Kind  string      `json:"kind" bson:"kind"`
	Doc   string      `json:"doc" bson:"doc"`
	Event EventRecord `json:"event" bson:"event"`
	At    time.Time   `json:"at,omitzero" bson:"at,omitempty"`
}

// ToRow translates a row of the feed.
func ToRow(r port.Row) FeedRecord {
	return FeedRecord{ID: r.ID, Kind: r.Doc.Kind, Doc: r.Doc.ID,
		Event: ToEvent(port.Numbered{Seq: r.Seq, Event: r.Event}), At: at(r.At)}
}

// FromRow is the way back.
func FromRow(r FeedRecord) port.Row {
	n := FromEvent(r.Event)
	return port.Row{ID: r.ID, Doc: port.DocRef{Kind: r.Kind, ID: r.Doc}, Seq: n.Seq, Event: n.Event, At: at(r.At)}
}
