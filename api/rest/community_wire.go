package rest

import (
	"naober/matching"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

func toCommunity(c care.Community) wire.Community {
	return wire.Community{ID: string(c.ID), Name: c.Name, Town: c.Town, Lat: c.Point.Lat, Lon: c.Point.Lon, Zone: c.Zone,
		Association: string(c.Association), Guarantor: string(c.Guarantor),
		Neighbours: each(c.Neighbours, func(n care.CommunityID) string { return string(n) }), Weights: toWeights(c.Weights)}
}

// toWeights are those that count: the usual ones where a village has not chosen.
func toWeights(w care.Weights) wire.Weights {
	if !w.Chosen() {
		w = matching.UsualWeights()
	}
	return wire.Weights(w)
}

func toOrganization(o care.Organization) wire.Organization {
	return wire.Organization{ID: string(o.ID), Kind: string(o.Kind), Name: o.Name}
}

func toMembership(m care.Membership) wire.Membership {
	return wire.Membership{ID: string(m.ID), Person: string(m.Person), Community: string(m.Community), Organization: string(m.Organization),
		Role: string(m.Role), Deputy: m.Deputy, AwayFrom: wire.Instant(m.AwayFrom), AwayUntil: wire.Instant(m.AwayUntil),
		StartedAt: wire.Instant(m.StartedAt), EndedAt: wire.Instant(m.EndedAt)}
}

func toReport(p care.Report) wire.Report {
	return wire.Report{ID: string(p.ID), Community: string(p.Community), Request: string(p.Request), Visit: string(p.Visit),
		By: string(p.By), About: string(p.About), Words: p.Words, State: string(p.State), TakenBy: string(p.TakenBy), Answer: p.Answer,
		FiledAt: wire.Instant(p.FiledAt), TakenAt: wire.Instant(p.TakenAt), ClosedAt: wire.Instant(p.ClosedAt)}
}
