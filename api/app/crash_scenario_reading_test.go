package app_test

import (
	"context"

	"naober/api/app"
	"naober/matching/care"
)

// readingScenarios are readings of somebody's data by somebody else: each is logged before it is shown.
func readingScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"HelperIn": func(v *village) scenario {
			p, c := v.driver("Berend", 2), v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { _, _, err := a.HelperIn(ctx, c, v.here, p); return err })
		},
		"ViewCandidates": onRide(func(v *village, _ care.PersonID, r care.Request) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.ViewCandidates(ctx, c, r.ID, r.Slots[0].ID)
				return err
			})
		}),
		"Request": onRide(func(v *village, _ care.PersonID, r care.Request) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Request(ctx, c, r.ID); return err })
		}),
		"RequestsBy": onRide(func(v *village, _ care.PersonID, _ care.Request) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				_, _, err := a.RequestsBy(ctx, c, "community", v.here, page())
				return err
			})
		}),
		"History": onRide(func(v *village, _ care.PersonID, r care.Request) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, _, err := a.History(ctx, c, r.ID, page()); return err })
		}),
		"Referral": func(v *village) scenario {
			id, c := v.taken(), v.as(v.intake)
			return said(func(ctx context.Context, a *app.App) error { _, _, err := a.Referral(ctx, c, id); return err })
		},
		"Referrals": func(v *village) scenario {
			v.taken()
			c := v.as(v.intake)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.Referrals(ctx, c, app.Receiver, page())
				return err
			})
		},
		"Export": onRide(func(v *village, anna care.PersonID, _ care.Request) scenario {
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Export(ctx, c, ""); return err })
		}),
		"Person": func(v *village) scenario {
			c, p := v.as(v.worker), v.person("Anna", 1)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Person(ctx, c, p); return err })
		},
		"SearchPersons": func(v *village) scenario {
			v.person("Anna", 1)
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.SearchPersons(ctx, c, v.here, "Anna Proef")
				return err
			})
		},
		"Feedback": onFeedback(func(v *village, _ care.RequestID, id care.FeedbackID) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Feedback(ctx, c, id); return err })
		}),
		"Feedbacks": onFeedback(func(v *village, r care.RequestID, _ care.FeedbackID) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Feedbacks(ctx, c, r); return err })
		}),
		"Membership": func(v *village) scenario {
			c, m := v.as(v.administrator()), v.memberOf(v.mod, care.Moderator)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Membership(ctx, c, m); return err })
		},
		"ModeratorQueue": func(v *village) scenario {
			v.reported()
			c := v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.ModeratorQueue(ctx, c, v.here); return err })
		},
		"Offer": func(v *village) scenario {
			o, err := v.Offers(v.t.Context(), v.as(v.driver("Berend", 2)), page())
			v.must(err)
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Offer(ctx, c, o[0].Value.ID); return err })
		},
		"Report": func(v *village) scenario {
			id, c := v.reported(), v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Report(ctx, c, id); return err })
		},
	}
}

// onFeedback is a scenario about what Anna said of Berend's visit.
func onFeedback(do func(v *village, r care.RequestID, id care.FeedbackID) scenario) func(v *village) scenario {
	return onVisit(func(v *village, anna, berend care.PersonID, visit care.Visit) scenario {
		v.at(visit.At.From)
		v.must(v.StartVisit(v.t.Context(), v.as(berend), visit.ID))
		id, err := v.GiveFeedback(v.t.Context(), v.as(anna), visit.ID, true, true, "fijn")
		v.must(err)
		v.run()
		return do(v, v.ridden(visit.ID), id)
	})
}
