package app

import (
	"context"

	"naober/api/feed"
	"naober/api/port"
	"naober/matching/care"
)

// Communities adds the search by place to the documents.
type Communities interface {
	port.Documents[care.CommunityID, care.Community]
	// Near lists communities by distance from a point, nearest first, at most limit.
	Near(ctx context.Context, p care.Point, limit int) ([]port.Stored[care.Community], error)
}

// Stores are the ports that the commands and loops of this package use, one per noun.
type Stores struct {
	Persons       port.Documents[care.PersonID, care.Person]
	Helpers       port.Documents[care.PersonID, care.Helper]
	Communities   Communities
	Organizations port.Documents[care.OrganizationID, care.Organization]
	Memberships   port.Documents[care.MembershipID, care.Membership]
	Offers        port.Documents[care.OfferID, care.Offer]
	Requests      port.Documents[care.RequestID, care.Request]
	Histories     port.Documents[care.SlotID, care.History] // one settled slot each
	Messages      port.Documents[care.MessageID, care.Message]
	Feedbacks     port.Documents[care.FeedbackID, care.Feedback]
	Reports       port.Documents[care.ReportID, care.Report]
	Referrals     port.Documents[care.ReferralID, care.Referral]
	Tasks         port.Documents[care.TaskID, care.Task]
	Sessions      port.Documents[SessionID, Session]
	Flows         port.Documents[FlowID, Flow]
	SigningKeys   port.Documents[string, SigningKey]
	Ledger        port.Documents[LedgerKey, LedgerRow]
	Tallies       port.Documents[string, Tally]
	Views         port.Documents[string, View]
	Leases        port.Documents[string, feed.Lease]
	Parked        port.Documents[string, feed.Parked]
	Feed          port.Feed
	Audits        Audits
	Pushes        Pushes
}

// The keys that documents are found by. The store adapters index exactly these and feed.ByConsumer.
const (
	// ByPerson: memberships, offers, sessions, views (whose data was seen), messages (from and to),
	// feedback and reports (who gave and filed them).
	ByPerson = "person"
	// ByFor: requests, histories and referrals of the person they are for.
	ByFor = "for"
	// ByAsker: requests asked on somebody's behalf.
	ByAsker = "asker"
	// ByHelper: requests and histories in which the person has an ask or a visit.
	ByHelper = "helper"
	// ByAsk and ByVisit: the request that holds the ask or visit; messages and feedback of a visit.
	ByAsk   = "ask"
	ByVisit = "visit"
	// ByRequest: referrals, reports, histories, feedbacks of a request.
	ByRequest = "request"
	// ByCommunity: memberships, offers; requests and reports that are not closed, tasks not seen to.
	ByCommunity = "community"
	// ByOffice: memberships by community, residents and volunteers left out: the few who sit in chairs.
	ByOffice = "office"
	// ByOrganization: memberships; referrals to it that are not completed or rejected.
	ByOrganization = "organization"
	// ByFrom: referrals by the referring organisation.
	ByFrom = "from"
	// ByContact: persons by a keyed hash of each contact. Its index lies in the key store.
	ByContact = "contact"
	// ByApplied: helpers with an open application in the community.
	ByApplied = "applied"
	// ByApproved: helpers approved in the community.
	ByApproved = "approved"
	// BySent: rows of the ledger by account, writer and number; see SentKey.
	BySent = "sent"
)
