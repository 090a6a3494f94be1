package care

import "time"

// EventType names what happened, in the past tense, as it stands on the wire.
type EventType string

// The events, grouped by the noun that caused them.
const (
	RequestDrafted        EventType = "request.drafted"
	RequestPublished      EventType = "request.published"
	RequestChanged        EventType = "request.changed"
	RequestClosed         EventType = "request.closed"
	RequestEmergency      EventType = "request.emergency_unanswered"
	RequestDraftStale     EventType = "request.draft_stale"
	RequestPromiseLapsed  EventType = "request.promise_lapsed"
	RequestOwnerReminded  EventType = "request.owner_reminded"
	RequestWaveDue        EventType = "request.wave_due"
	RequestWaveEmpty      EventType = "request.wave_empty"
	RequestHandedOver     EventType = "request.handed_over"
	RequestHandoverSilent EventType = "request.handover_silent"
	RequestHandoverFailed EventType = "request.handover_failed"
	SlotAdded             EventType = "slot.added"
	SlotSkipped           EventType = "slot.skipped"
	SlotReopened          EventType = "slot.reopened"
	SlotMissed            EventType = "slot.missed"
	AskMade               EventType = "ask.made"
	AskAccepted           EventType = "ask.accepted"
	AskReserved           EventType = "ask.reserved"
	AskDeclined           EventType = "ask.declined"
	AskDeferred           EventType = "ask.deferred"
	AskLapsed             EventType = "ask.lapsed"
	AskStoodDown          EventType = "ask.stood_down"
	AskUndelivered        EventType = "ask.undelivered"
	VisitConfirmDue       EventType = "visit.confirm_due"
	VisitPlanned          EventType = "visit.planned"
	VisitMoved            EventType = "visit.moved"
	VisitStarted          EventType = "visit.started"
	VisitDone             EventType = "visit.done"
	VisitNoShow           EventType = "visit.no_show"
	VisitCancelled        EventType = "visit.cancelled"
	VisitReturned         EventType = "visit.returned"
	VisitNotStarted       EventType = "visit.not_started"
	VisitFollowUp         EventType = "visit.follow_up"
	HelperApplied         EventType = "helper.applied"
	HelperApproved        EventType = "helper.approved"
	HelperRefused         EventType = "helper.refused"
	HelperPaused          EventType = "helper.paused"
	HelperResumed         EventType = "helper.resumed"
	HelperBlocked         EventType = "helper.blocked"
	HelperBooked          EventType = "helper.booked"
	HelperFreed           EventType = "helper.freed"
	HelperChanged         EventType = "helper.changed"
	OfferMade             EventType = "offer.made"
	OfferChanged          EventType = "offer.changed"
	OfferEnded            EventType = "offer.ended"
	PersonRegistered      EventType = "person.registered"
	PersonChanged         EventType = "person.changed"
	PersonLeft            EventType = "person.left"
	PersonReturned        EventType = "person.returned"
	PersonMoved           EventType = "person.moved"
	PersonDied            EventType = "person.died"
	PersonViewed          EventType = "person.viewed"
	PersonForgetting      EventType = "person.forgetting"
	PersonForgotten       EventType = "person.forgotten"
	PersonMerging         EventType = "person.merging"
	PersonMerged          EventType = "person.merged"
	PersonUnmerging       EventType = "person.unmerging"
	PersonUnmerged        EventType = "person.unmerged"
	PersonCarriedOver     EventType = "person.carried_over" // a part of a record, by a merge
	PersonCarriedBack     EventType = "person.carried_back" // and by its undo
	CommunityWeighed      EventType = "community.weighed"
	MembershipStarted     EventType = "membership.started"
	MembershipEnded       EventType = "membership.ended"
	MessageSent           EventType = "message.sent"
	FeedbackGiven         EventType = "feedback.given"
	ReportFiled           EventType = "report.filed"
	ReportTaken           EventType = "report.taken"
	ReportClosed          EventType = "report.closed"
	ReferralRequested     EventType = "referral.requested"
	ReferralAccepted      EventType = "referral.accepted"
	ReferralRejected      EventType = "referral.rejected"
	ReferralStarted       EventType = "referral.started"
	ReferralCompleted     EventType = "referral.completed"
)

// Event is one thing that happened. It is one flat record, so that it can carry nothing but ids,
// codes and instants: what a person wrote or is called never enters the feed.
type Event struct {
	Type         EventType
	At           time.Time
	By           PersonID // who acted; empty for the server's own clock
	Community    CommunityID
	Organization OrganizationID
	Request      RequestID
	Slot         SlotID
	Ask          AskID
	Visit        VisitID
	Helper       PersonID // the helper concerned; of a merge, the record that stays
	Person       PersonID // the person concerned otherwise: subject, receiver, member
	Offer        OfferID
	Membership   MembershipID
	Message      MessageID
	Feedback     FeedbackID
	Report       ReportID
	Referral     ReferralID
	Nonce        Nonce // the claim that this event settles
	Code         string
}
