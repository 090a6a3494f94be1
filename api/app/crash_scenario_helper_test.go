package app_test

import (
	"context"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

func helperScenarios() map[string]func(v *village) scenario {
	applied := func(v *village) care.PersonID {
		p := v.person("Berend", 2)
		v.must(v.ApplyAsHelper(v.t.Context(), v.as(p), v.here))
		return p
	}
	decision := care.Decision{Rule: "house_rules.3@1", Reason: "a worry is being looked at", Until: monday().AddDate(0, 1, 0)}
	company := func(v *village) care.Offer {
		return care.Offer{Community: v.here, Kinds: []care.Kind{care.CompanyKind}, Radius: 5_000, Travel: care.OnFoot,
			Availability: care.Availability{Zone: "Europe/Amsterdam", Weekly: []care.Window{{Day: time.Monday, Start: 600, End: 900}}}}
	}
	offered := func(v *village) (app.Caller, care.OfferID) {
		p := v.driver("Berend", 2)
		id, err := v.MakeOffer(v.t.Context(), v.as(p), company(v))
		v.must(err)
		return v.as(p), id
	}
	return map[string]func(v *village) scenario{
		"ApplyAsHelper": func(v *village) scenario {
			c := v.as(v.person("Berend", 2))
			return said(func(ctx context.Context, a *app.App) error { return a.ApplyAsHelper(ctx, c, v.here) })
		},
		"ApproveHelper": func(v *village) scenario {
			p, c := applied(v), v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.ApproveHelper(ctx, c, v.here, p, decision) })
		},
		"RefuseHelper": func(v *village) scenario {
			p, c := applied(v), v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.RefuseHelper(ctx, c, v.here, p, decision) })
		},
		"VetHelper": func(v *village) scenario {
			p, c := applied(v), v.as(v.mod)
			seen := care.Vetting{Kind: "vog", ValidUntil: monday().AddDate(1, 0, 0)}
			return said(func(ctx context.Context, a *app.App) error { return a.VetHelper(ctx, c, v.here, p, seen) })
		},
		"PauseHelper": onVisit(func(v *village, _, berend care.PersonID, _ care.Visit) scenario {
			c := v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.PauseHelper(ctx, c, v.here, berend, decision) })
		}),
		"ResumeHelper": func(v *village) scenario {
			p := v.driver("Berend", 2)
			v.must(v.PauseHelper(v.t.Context(), v.as(v.mod), v.here, p, decision))
			c := v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.ResumeHelper(ctx, c, v.here, p) })
		},
		"SetQuiet": func(v *village) scenario {
			c, q := v.as(v.driver("Berend", 2)), care.DefaultQuiet("Europe/Amsterdam")
			q.MonthlyLimit = 3
			return said(func(ctx context.Context, a *app.App) error { return a.SetQuiet(ctx, c, q) })
		},
		"BlockPerson": onVisit(func(v *village, anna, berend care.PersonID, _ care.Visit) scenario {
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error { return a.BlockPerson(ctx, c, v.here, berend) })
		}),
		"MakeOffer": func(v *village) scenario {
			c := v.as(v.driver("Berend", 2))
			return made(func(ctx context.Context, a *app.App) (care.OfferID, error) { return a.MakeOffer(ctx, c, company(v)) })
		},
		"EditOffer": func(v *village) scenario {
			c, id := offered(v)
			next := company(v)
			next.Radius = 3_000
			return said(func(ctx context.Context, a *app.App) error { return a.EditOffer(ctx, c, id, next) })
		},
		"EndOffer": func(v *village) scenario {
			c, id := offered(v)
			return said(func(ctx context.Context, a *app.App) error { return a.EndOffer(ctx, c, id) })
		},
	}
}
