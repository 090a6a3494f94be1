package rest

import (
	"time"

	"naober/api/app"
	"naober/matching"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

func toSlot(s care.Slot) wire.Slot {
	return wire.Slot{ID: string(s.ID), Date: s.Date, Start: wire.Instant(s.Start), End: wire.Instant(s.End),
		DurationMinutes: inMinutes(s.Duration), Seats: s.Seats, CancelledAt: wire.Instant(s.CancelledAt), MissedAt: wire.Instant(s.MissedAt)}
}

func fromSlots(in []wire.NewSlot) ([]app.NewSlot, error) {
	slots, err := tryEach(in, func(s wire.NewSlot) (app.NewSlot, error) {
		lasts, err := minutes("durationMinutes", s.DurationMinutes)
		seats := 1
		if s.Seats != nil {
			seats = *s.Seats
		}
		return app.NewSlot{Start: time.Time(s.Start), End: time.Time(s.End), Duration: lasts, Seats: seats}, err
	})
	return slots, care.Within("slots", err)
}

func toCandidates(v app.CandidateView) wire.Candidates {
	return wire.Candidates{Viewer: string(v.Viewer),
		Fitting: each(v.Fitting, toCandidate),
		RuledOut: each(v.RuledOut, func(x app.NamedExclusion) wire.Exclusion {
			return wire.Exclusion{Person: *toPersonRef(&x.Person), Rule: string(x.Rule)}
		}),
		Counts: list(v.Counts, toRuleCount),
		Changes: each(v.Changes, func(h app.NamedChange) wire.Change {
			return wire.Change{Key: string(h.Key), Params: h.Params(), People: h.People,
				Who: each(h.Who, func(p app.PersonView) wire.Person { return *toPersonRef(&p) })}
		})}
}

func toMatch(r matching.Reason) wire.Match { return wire.Match{Key: r.Key, Params: r.Params} }

func toHistory(h app.HistoryView) wire.History {
	return wire.History{Slot: toSlot(h.Slot),
		Asks:   each(h.Asks, func(a care.Ask) wire.Ask { return toAsk(a, h.People, h.Asked) }),
		Visits: each(h.Visits, func(v care.Visit) wire.Visit { return toVisit(v, h.People) })}
}
