package app_test

import (
	"context"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

func askScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"AcceptAsk": onAsk(func(_ *village, c app.Caller, _ care.Request, ask care.Ask) scenario {
			return made(func(ctx context.Context, a *app.App) (care.AskID, error) {
				return a.AcceptAsk(ctx, c, ask.ID, time.Time{})
			})
		}),
		"DeclineAsk": onAsk(func(_ *village, c app.Caller, _ care.Request, ask care.Ask) scenario {
			return said(func(ctx context.Context, a *app.App) error { return a.DeclineAsk(ctx, c, ask.ID, "busy") })
		}),
		"DeferAsk": onAsk(func(v *village, c app.Caller, _ care.Request, ask care.Ask) scenario {
			until := v.clock().Add(2 * time.Hour)
			return said(func(ctx context.Context, a *app.App) error { return a.DeferAsk(ctx, c, ask.ID, until) })
		}),
		"AskUndelivered": onAsk(func(_ *village, _ app.Caller, r care.Request, ask care.Ask) scenario {
			return said(func(ctx context.Context, a *app.App) error { return a.AskUndelivered(ctx, r.ID, ask.ID) })
		}),
	}
}

func visitScenarios() map[string]func(v *village) scenario {
	begun := func(v *village, berend care.PersonID, visit care.Visit) {
		v.at(visit.At.From)
		v.must(v.StartVisit(v.t.Context(), v.as(berend), visit.ID))
		v.run()
	}
	return map[string]func(v *village) scenario{
		"ConfirmVisit": func(v *village) scenario {
			anna, berend, n := v.person("Anna", 1), v.driver("Berend", 2), rideOf(thursday())
			n.Community, n.PersonalYes = v.here, true
			id, err := v.AskForHelp(v.t.Context(), v.as(anna), n)
			v.must(err)
			v.run()
			_, err = v.AcceptAsk(v.t.Context(), v.as(berend), v.askOf(id, berend).ID, time.Time{})
			v.must(err)
			v.run()
			c, visit := v.as(anna), v.request(id).Visits[0].ID
			return said(func(ctx context.Context, a *app.App) error { return a.ConfirmVisit(ctx, c, visit) })
		},
		"MoveVisit": func(v *village) scenario {
			anna, berend, n := v.person("Anna", 1), v.driver("Berend", 2), rideOf(thursday())
			n.Community = v.here
			n.Slots[0].End, n.Slots[0].Duration = thursday().Add(6*time.Hour), 2*time.Hour
			id, err := v.AskForHelp(v.t.Context(), v.as(anna), n)
			v.must(err)
			v.run()
			_, err = v.AcceptAsk(v.t.Context(), v.as(berend), v.askOf(id, berend).ID, time.Time{})
			v.must(err)
			v.run()
			c, visit := v.as(anna), v.request(id).Visits[0]
			to := visit.At.From.Add(time.Hour)
			return said(func(ctx context.Context, a *app.App) error { return a.MoveVisit(ctx, c, visit.ID, to) })
		},
		"StartVisit": onVisit(func(v *village, _, berend care.PersonID, visit care.Visit) scenario {
			v.at(visit.At.From)
			c := v.as(berend)
			return said(func(ctx context.Context, a *app.App) error { return a.StartVisit(ctx, c, visit.ID) })
		}),
		"FinishVisit": onVisit(func(v *village, _, berend care.PersonID, visit care.Visit) scenario {
			begun(v, berend, visit)
			v.at(visit.At.Until)
			c := v.as(berend)
			return said(func(ctx context.Context, a *app.App) error { return a.FinishVisit(ctx, c, visit.ID) })
		}),
		"ReportNoShow": onVisit(func(v *village, _, _ care.PersonID, visit care.Visit) scenario {
			v.at(visit.At.From.Add(15 * time.Minute))
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.ReportNoShow(ctx, c, visit.ID) })
		}),
		"CancelVisit": onVisit(func(v *village, _, berend care.PersonID, visit care.Visit) scenario {
			c := v.as(berend)
			return said(func(ctx context.Context, a *app.App) error { return a.CancelVisit(ctx, c, visit.ID, "ill") })
		}),
		"RevealAddress": onVisit(func(v *village, _, berend care.PersonID, visit care.Visit) scenario {
			c := v.as(berend)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.RevealAddress(ctx, c, visit.ID); return err })
		}),
		"SendMessage": onVisit(func(v *village, anna, _ care.PersonID, visit care.Visit) scenario {
			c := v.as(anna)
			return made(func(ctx context.Context, a *app.App) (care.MessageID, error) {
				return a.SendMessage(ctx, c, visit.ID, "Tot donderdag!")
			})
		}),
		"GiveFeedback": onVisit(func(v *village, anna, berend care.PersonID, visit care.Visit) scenario {
			begun(v, berend, visit)
			c := v.as(anna)
			return made(func(ctx context.Context, a *app.App) (care.FeedbackID, error) {
				return a.GiveFeedback(ctx, c, visit.ID, true, true, "fijn")
			})
		}),
	}
}
