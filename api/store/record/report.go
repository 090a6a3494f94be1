package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// ReportRecord is a stored care.Report.
type ReportRecord struct {
	ID        care.ReportID    `json:"id" bson:"id"`
	Community care.CommunityID `json:"community,omitempty" bson:"community,omitempty"`
	Request   care.RequestID   `json:"request,omitempty" bson:"request,omitempty"`
	Visit     care.VisitID     `json:"visit,omitempty" bson:"visit,omitempty"`
	By        care.PersonID    `json:"by,omitempty" bson:"by,omitempty"`
	About     care.PersonID    `json:"about,omitempty" bson:"about,omitempty"`
	Words     string           `json:"words,omitempty" bson:"words,omitempty" seal:"yes"`
	State     care.ReportState `json:"state,omitempty" bson:"state,omitempty"`
	TakenBy   care.PersonID    `json:"takenBy,omitempty" bson:"takenBy,omitempty"`
	Answer    string           `json:"answer,omitempty" bson:"answer,omitempty" seal:"yes"`
	FiledAt   time.Time        `json:"filedAt,omitzero" bson:"filedAt,omitempty"`
	TakenAt   time.Time        `json:"takenAt,omitzero" bson:"takenAt,omitempty"`
	ClosedAt  time.Time        `json:"closedAt,omitzero" bson:"closedAt,omitempty"`
}

// Reports translates worries. A closed one leaves its community's queue and stays with its request.
func Reports() Codec[care.Report, ReportRecord] {
	return Codec[care.Report, ReportRecord]{
		Kind: "reports", Noun: "report", Events: true,
		Owner: func(p ReportRecord) care.PersonID { return p.By },
		To: func(p care.Report) ReportRecord {
			p.FiledAt, p.TakenAt, p.ClosedAt = at(p.FiledAt), at(p.TakenAt), at(p.ClosedAt)
			return ReportRecord(p)
		},
		From: func(p ReportRecord) care.Report {
			p.FiledAt, p.TakenAt, p.ClosedAt = at(p.FiledAt), at(p.TakenAt), at(p.ClosedAt)
			return care.Report(p)
		},
		Facts: func(p care.Report) Facts {
			var k keys
			k.add(app.ByPerson, string(p.By))
			k.add(app.ByRequest, string(p.Request))
			if p.State != care.ReportFinished {
				k.add(app.ByCommunity, string(p.Community))
			}
			return Facts{Keys: k}
		},
	}
}
