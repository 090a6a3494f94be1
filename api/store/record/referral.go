package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// ReferralRecord is a stored care.Referral.
type ReferralRecord struct {
	ID         care.ReferralID     `json:"id" bson:"id"`
	Request    care.RequestID      `json:"request,omitempty" bson:"request,omitempty"`
	Community  care.CommunityID    `json:"community,omitempty" bson:"community,omitempty"`
	For        care.PersonID       `json:"for,omitempty" bson:"for,omitempty"`
	By         care.PersonID       `json:"by,omitempty" bson:"by,omitempty"`
	From       care.OrganizationID `json:"from,omitempty" bson:"from,omitempty"`
	To         care.OrganizationID `json:"to,omitempty" bson:"to,omitempty"`
	Theme      care.Kind           `json:"theme,omitempty" bson:"theme,omitempty"`
	Urgency    care.Urgency        `json:"urgency,omitempty" bson:"urgency,omitempty"`
	Words      string              `json:"words,omitempty" bson:"words,omitempty" seal:"yes"`
	Consent    ConsentRecord       `json:"consent,omitzero" bson:"consent,omitempty"`
	State      care.ReferralState  `json:"state,omitempty" bson:"state,omitempty"`
	Reason     string              `json:"reason,omitempty" bson:"reason,omitempty" seal:"yes"`
	AskedAt    time.Time           `json:"askedAt,omitzero" bson:"askedAt,omitempty"`
	AnsweredAt time.Time           `json:"answeredAt,omitzero" bson:"answeredAt,omitempty"`
	StartedAt  time.Time           `json:"startedAt,omitzero" bson:"startedAt,omitempty"`
	DoneAt     time.Time           `json:"doneAt,omitzero" bson:"doneAt,omitempty"`
}

// ConsentRecord is a stored care.Consent.
type ConsentRecord struct {
	Basis       care.ConsentBasis `json:"basis,omitempty" bson:"basis,omitempty"`
	RecordedBy  care.PersonID     `json:"recordedBy,omitempty" bson:"recordedBy,omitempty"`
	At          time.Time         `json:"at,omitzero" bson:"at,omitempty"`
	WithdrawnAt time.Time         `json:"withdrawnAt,omitzero" bson:"withdrawnAt,omitempty"`
}

// Referrals translates referrals. The receiving organisation finds one until it is completed or
// rejected.
func Referrals() Codec[care.Referral, ReferralRecord] {
	return Codec[care.Referral, ReferralRecord]{
		Kind: "referrals", Noun: "referral", Events: true, To: toReferral, From: fromReferral,
		Owner: func(f ReferralRecord) care.PersonID { return f.For },
		Facts: func(f care.Referral) Facts {
			var k keys
			k.add(app.ByFor, string(f.For))
			k.add(app.ByRequest, string(f.Request))
			k.add(app.ByFrom, string(f.From))
			if f.State != care.ReferralDone && f.State != care.ReferralDeclined {
				k.add(app.ByOrganization, string(f.To))
			}
			return Facts{Keys: k}
		},
	}
}

func toReferral(f care.Referral) ReferralRecord {
	return ReferralRecord{ID: f.ID, Request: f.Request, Community: f.Community, For: f.For, By: f.By, From: f.From, To: f.To,
		Theme: f.Theme, Urgency: f.Urgency, Words: f.Words, Consent: toConsent(f.Consent), State: f.State, Reason: f.Reason,
		AskedAt: at(f.AskedAt), AnsweredAt: at(f.AnsweredAt), StartedAt: at(f.StartedAt), DoneAt: at(f.DoneAt)}
}

func fromReferral(f ReferralRecord) care.Referral {
	return care.Referral{ID: f.ID, Request: f.Request, Community: f.Community, For: f.For, By: f.By, From: f.From, To: f.To,
		Theme: f.Theme, Urgency: f.Urgency, Words: f.Words, Consent: fromConsent(f.Consent), State: f.State, Reason: f.Reason,
		AskedAt: at(f.AskedAt), AnsweredAt: at(f.AnsweredAt), StartedAt: at(f.StartedAt), DoneAt: at(f.DoneAt)}
}

func toConsent(c care.Consent) ConsentRecord {
	c.At, c.WithdrawnAt = at(c.At), at(c.WithdrawnAt)
	return ConsentRecord(c)
}

func fromConsent(c ConsentRecord) care.Consent {
	c.At, c.WithdrawnAt = at(c.At), at(c.WithdrawnAt)
	return care.Consent(c)
}
