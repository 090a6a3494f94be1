package mongostore

import (
	"naober/api/app"
	"naober/api/offline"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
	"naober/notifications"
)

// Stores hands out the ports. They stay usable until Close.
func (s *Store) Stores() app.Stores {
	return app.Stores{
		Persons:       s.vault.Persons(documents[care.PersonID](s, record.Persons())),
		Helpers:       documents[care.PersonID](s, record.Helpers()),
		Communities:   communities{documents[care.CommunityID](s, record.Communities())},
		Organizations: documents[care.OrganizationID](s, record.Organizations()),
		Memberships:   documents[care.MembershipID](s, record.Memberships()),
		Offers:        documents[care.OfferID](s, record.Offers()),
		Requests:      documents[care.RequestID](s, record.Requests()),
		Histories:     documents[care.SlotID](s, record.Histories()),
		Messages:      documents[care.MessageID](s, record.Messages()),
		Feedbacks:     documents[care.FeedbackID](s, record.Feedbacks()),
		Reports:       documents[care.ReportID](s, record.Reports()),
		Tasks:         documents[care.TaskID](s, record.Tasks()),
		Referrals:     documents[care.ReferralID](s, record.Referrals()),
		Sessions:      documents[app.SessionID](s, record.Sessions()),
		Flows:         documents[app.FlowID](s, record.Flows()),
		SigningKeys:   documents[string](s, record.SigningKeys()),
		Ledger:        documents[app.LedgerKey](s, record.Ledger()),
		Tallies:       documents[string](s, record.Tallies()),
		Views:         documents[string](s, record.Views()),
		Leases:        documents[string](s, record.Leases()),
		Parked:        documents[string](s, record.Parked()),
		Feed:          feedRows{s},
		Audits:        audits{s},
		Pushes:        record.Pushes{Deliveries: s.Deliveries()},
	}
}

// Offline are the ports of package offline.
func (s *Store) Offline() offline.Stores {
	return offline.Stores{
		Groups:    documents[offline.GroupID](s, record.Groups()),
		Writers:   documents[offline.WriterID](s, record.Writers()),
		Snapshots: documents[string](s, record.Snapshots()),
		Outcomes:  documents[app.LedgerKey](s, record.Outcomes()),
		Letters:   documents[app.LedgerKey](s, record.Letters()),
		Epochs:    documents[string](s, record.Epochs()),
	}
}

// Deliveries are the messages of package notifications on this database.
func (s *Store) Deliveries() port.Documents[string, notifications.Delivery] {
	return documents[string](s, record.Deliveries())
}
