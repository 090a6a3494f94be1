package rest

import (
	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// toAsk names the helper as who has a visit is named, where they said yes, or as who was asked.
func toAsk(a care.Ask, people, asked map[care.PersonID]app.PersonView) wire.Ask {
	if a.State != care.Accepted {
		people = asked
	}
	return wire.Ask{ID: string(a.ID), Slot: string(a.Slot), Helper: toHelperRef(a.Helper, people), State: string(a.State), Reason: a.Reason,
		AskFrom: wire.Instant(a.AskFrom), LapsesAt: wire.Instant(a.LapsesAt), RemindAt: wire.Instant(a.RemindAt), AnsweredAt: wire.Instant(a.AnsweredAt)}
}

func toVisit(v care.Visit, people map[care.PersonID]app.PersonView) wire.Visit {
	return wire.Visit{ID: string(v.ID), Slot: string(v.Slot), Helper: toHelperRef(v.Helper, people), State: string(v.State),
		From: wire.Instant(v.At.From), Until: wire.Instant(v.At.Until), Reason: v.Reason, EndedBy: string(v.EndedBy),
		AgreedAt: wire.Instant(v.AgreedAt), PlannedAt: wire.Instant(v.PlannedAt), StartedAt: wire.Instant(v.StartedAt),
		DoneAt: wire.Instant(v.DoneAt), EndedAt: wire.Instant(v.EndedAt)}
}

// toHelperRef names a helper as far as the view knows them; somebody who is gone keeps their id.
func toHelperRef(p care.PersonID, people map[care.PersonID]app.PersonView) wire.Person {
	view, ok := people[p]
	if !ok {
		return wire.Person{ID: string(p)}
	}
	return *toPersonRef(&view)
}

func toAddress(a app.Address) wire.Address {
	shown := wire.Address{Visit: string(a.Visit), Name: a.Name, Place: toPlace(a.Place, true), Phone: a.Phone,
		ForgetAt: wire.Instant(a.Until), ShownAt: wire.Instant(a.Revealed)}
	if a.To != nil {
		to := toPlace(*a.To, true)
		shown.To = &to
	}
	return shown
}

func toMessage(m care.Message) wire.Message {
	return wire.Message{ID: string(m.ID), Request: string(m.Request), Visit: string(m.Visit), From: string(m.From), To: string(m.To),
		Text: m.Text, At: wire.Instant(m.At)}
}

func toFeedback(f care.Feedback) wire.Feedback {
	return wire.Feedback{ID: string(f.ID), Request: string(f.Request), Visit: string(f.Visit), By: string(f.By), Side: string(f.Side),
		Good: f.Good, Again: f.Again, Words: f.Words, At: wire.Instant(f.At)}
}
