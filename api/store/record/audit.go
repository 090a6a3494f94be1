package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// AuditRecord is a stored app.AuditRow. Both stores keep the number itself as the key of the row.
type AuditRecord struct {
	ID           int64               `json:"id" bson:"_id"`
	Source       string              `json:"source" bson:"source"`
	Event        string              `json:"event" bson:"event"`
	At           time.Time           `json:"at" bson:"at"`
	By           care.PersonID       `json:"by,omitempty" bson:"by,omitempty"`
	Role         string              `json:"role,omitempty" bson:"role,omitempty"`
	Whose        care.PersonID       `json:"whose,omitempty" bson:"whose,omitempty"`
	Organization care.OrganizationID `json:"organization,omitempty" bson:"organization,omitempty"`
	Community    care.CommunityID    `json:"community,omitempty" bson:"community,omitempty"`
	Request      care.RequestID      `json:"request,omitempty" bson:"request,omitempty"`
	Basis        string              `json:"basis" bson:"basis"`
	Code         string              `json:"code,omitempty" bson:"code,omitempty"`
	Prev         []byte              `json:"prev,omitempty" bson:"prev,omitempty"`
	Hash         []byte              `json:"hash" bson:"hash"`
}

// ToAudit translates a row of the audit log. Its instant is what was sealed, to the millisecond.
func ToAudit(r app.AuditRow) AuditRecord {
	r.At = at(r.At)
	return AuditRecord(r)
}

// FromAudit is the way back.
func FromAudit(r AuditRecord) app.AuditRow {
	r.At = at(r.At)
	return app.AuditRow(r)
}
