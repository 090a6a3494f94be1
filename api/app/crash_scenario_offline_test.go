package app_test

import (
	"context"

	"naober/api/app"
	"naober/matching/care"
)

// offlineScenarios are what is written for devices that hand in what they did without a connection.
func offlineScenarios() map[string]func(v *village) scenario {
	sent := app.Sent{Writer: "01KAS0GR0110000000000000ZZ", Number: 1}
	refused := &care.Error{Kind: care.NotFound, Code: "ask_not_found", Text: "there is no such ask"}
	return map[string]func(v *village) scenario{
		"EachRequest": onRide(func(v *village, _ care.PersonID, _ care.Request) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				return a.EachRequest(ctx, c, "community", v.here, func(app.RequestView) error { return nil })
			})
		}),
		"LogViews": func(v *village) scenario {
			anna := v.person("Anna", 1)
			seen := []app.View{{Whose: anna, By: v.worker, As: care.Party(app.RelStaff), What: "request", Community: v.here}}
			return said(func(ctx context.Context, a *app.App) error { return a.LogViews(ctx, seen) })
		},
		"NoteSent": func(v *village) scenario {
			c := v.as(v.person("Anna", 1))
			return said(func(ctx context.Context, a *app.App) error {
				_, _, err := a.NoteSent(ctx, c, "outcome.dismiss", sent)
				return err
			})
		},
		"RejectIntent": func(v *village) scenario {
			c := v.as(v.person("Anna", 1))
			return said(func(ctx context.Context, a *app.App) error { return a.RejectIntent(ctx, c, "ask.accept", refused) })
		},
	}
}
