package rest

import (
	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// toReferral shows a referral that app has cut down to one side.
func toReferral(f care.Referral, side app.Side) wire.Referral {
	return wire.Referral{ID: string(f.ID), Side: string(side), Community: string(f.Community), Request: string(f.Request), For: string(f.For),
		By: string(f.By), From: string(f.From), To: string(f.To), Theme: string(f.Theme), Urgency: string(f.Urgency), Words: f.Words,
		Consent: toConsent(f.Consent), State: string(f.State), Reason: f.Reason, AskedAt: wire.Instant(f.AskedAt),
		AnsweredAt: wire.Instant(f.AnsweredAt), StartedAt: wire.Instant(f.StartedAt), DoneAt: wire.Instant(f.DoneAt)}
}

func fromReferral(n wire.NewReferral, request care.RequestID) (app.NewReferral, error) {
	to, err := bodyID[care.OrganizationID]("to", n.To)
	return app.NewReferral{Request: request, To: to, Theme: care.Kind(n.Theme), Urgency: care.Urgency(n.Urgency), Words: n.Words,
		Consent: care.ConsentBasis(n.Consent)}, err
}
