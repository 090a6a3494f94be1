package app_test

import (
	"context"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// clockScenarios are what goes on without a caller: nothing is sent, and time passes.
func clockScenarios() map[string]func(v *village) scenario {
	nothing := said(func(context.Context, *app.App) error { return nil })
	return map[string]func(v *village) scenario{
		"clock/a question lapses": onAsk(func(v *village, _ app.Caller, _ care.Request, ask care.Ask) scenario {
			v.pass(ask.LapsesAt.Sub(v.clock()))
			return nothing
		}),
		"clock/a promise lapses": func(v *village) scenario {
			id := v.ride(v.person("Anna", 1), thursday().AddDate(0, 0, 7))
			v.pass(v.request(id).PromiseAt.Sub(v.clock()))
			return nothing
		},
		"clock/nobody starts": onVisit(func(v *village, _, _ care.PersonID, visit care.Visit) scenario {
			v.pass(visit.At.From.Add(15 * time.Minute).Sub(v.clock()))
			return nothing
		}),
		"clock/settled slots move to history, old rows go": onVisit(func(v *village, anna, berend care.PersonID, visit care.Visit) scenario {
			v.at(visit.At.From)
			v.must(v.StartVisit(v.t.Context(), v.as(berend), visit.ID))
			v.at(visit.At.Until)
			v.must(v.FinishVisit(v.t.Context(), v.as(berend), visit.ID))
			v.run()
			v.pass(9 * 24 * time.Hour)
			return nothing
		}),
	}
}

// ridden is the request of a visit.
func (v *village) ridden(id care.VisitID) care.RequestID {
	v.t.Helper()
	found, err := v.Stores.Requests.Find(v.t.Context(), port.Key{Name: app.ByVisit, Value: string(id)}, port.Page{Limit: 1})
	v.must(err)
	return care.RequestID(found[0].ID)
}
