package app_test

import (
	"context"

	"naober/api/app"
	"naober/matching/care"
)

// reported is a worry about Berend's visit to Anna.
func (v *village) reported() care.ReportID {
	anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
	id, err := v.FileReport(v.t.Context(), v.as(anna), v.planned(anna, berend).ID, "Ik maak me zorgen")
	v.must(err)
	return id
}

// referred is a referral that waits for the clinic, taken one that the clinic accepted.
func (v *village) referred() care.ReferralID {
	id := v.ride(v.person("Anna", 1), thursday().AddDate(0, 0, 7))
	v.at(v.request(id).PromiseAt)
	ref, err := v.ReferRequest(v.t.Context(), v.as(v.nurse), newReferral(id, v.clinic))
	v.must(err)
	v.run()
	return ref
}

func (v *village) taken() care.ReferralID {
	id := v.referred()
	v.must(v.AcceptReferral(v.t.Context(), v.as(v.intake), id))
	v.run()
	return id
}

func deskScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"GrantRole": func(v *village) scenario {
			c, g := v.as(v.administrator()), app.Grant{Person: v.person("Bep", 1), Community: v.here, Role: care.DeskWorker}
			return made(func(ctx context.Context, a *app.App) (care.MembershipID, error) { return a.GrantRole(ctx, c, g) })
		},
		"EndMembership": func(v *village) scenario {
			c, m := v.as(v.administrator()), v.memberOf(v.mod, care.Moderator)
			return said(func(ctx context.Context, a *app.App) error { return a.EndMembership(ctx, c, m) })
		},
		"SetLeave": func(v *village) scenario {
			c, m := v.as(v.worker), v.memberOf(v.worker, care.FixedWorker)
			return said(func(ctx context.Context, a *app.App) error { return a.SetLeave(ctx, c, m, monday(), thursday()) })
		},
		"IssuePaperCode": func(v *village) scenario {
			c, p := v.as(v.worker), v.person("Anna", 1)
			return made(func(ctx context.Context, a *app.App) (string, error) {
				code, err := a.IssuePaperCode(ctx, c, p)
				return code.Code, err
			})
		},
		"FileReport": onVisit(func(v *village, anna, _ care.PersonID, visit care.Visit) scenario {
			c := v.as(anna)
			return made(func(ctx context.Context, a *app.App) (care.ReportID, error) {
				return a.FileReport(ctx, c, visit.ID, "Ik maak me zorgen")
			})
		}),
		"TakeReport": func(v *village) scenario {
			id, c := v.reported(), v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.TakeReport(ctx, c, id) })
		},
		"CloseReport": func(v *village) scenario {
			id, c := v.reported(), v.as(v.mod)
			v.must(v.TakeReport(v.t.Context(), v.as(v.mod), id))
			return said(func(ctx context.Context, a *app.App) error { return a.CloseReport(ctx, c, id, "Er is gebeld") })
		},
		"ReferRequest": func(v *village) scenario {
			id := v.ride(v.person("Anna", 1), thursday().AddDate(0, 0, 7))
			v.at(v.request(id).PromiseAt)
			c := v.as(v.nurse)
			return made(func(ctx context.Context, a *app.App) (care.ReferralID, error) {
				return a.ReferRequest(ctx, c, newReferral(id, v.clinic))
			})
		},
		"AcceptReferral": func(v *village) scenario {
			id, c := v.referred(), v.as(v.intake)
			return said(func(ctx context.Context, a *app.App) error { return a.AcceptReferral(ctx, c, id) })
		},
		"RejectReferral": func(v *village) scenario {
			id, c := v.referred(), v.as(v.intake)
			return said(func(ctx context.Context, a *app.App) error { return a.RejectReferral(ctx, c, id, "no_room") })
		},
		"StartReferral": func(v *village) scenario {
			id, c := v.taken(), v.as(v.intake)
			return said(func(ctx context.Context, a *app.App) error { return a.StartReferral(ctx, c, id) })
		},
		"CompleteReferral": func(v *village) scenario {
			id := v.taken()
			v.must(v.StartReferral(v.t.Context(), v.as(v.intake), id))
			c := v.as(v.intake)
			return said(func(ctx context.Context, a *app.App) error { return a.CompleteReferral(ctx, c, id) })
		},
		"CreateOrganization": func(*village) scenario {
			o := care.Organization{ID: care.DeriveID[care.OrganizationID](monday(), "nieuw"), Kind: care.Professional, Name: "Nieuw"}
			return made(func(ctx context.Context, a *app.App) (care.OrganizationID, error) {
				return a.CreateOrganization(ctx, o)
			})
		},
		"CreateCommunity": func(*village) scenario {
			village := care.Community{ID: care.DeriveID[care.CommunityID](monday(), "rolde"), Name: "Rolde", Town: "Rolde",
				Point: care.Point{Lat: 52.985, Lon: 6.645}, Zone: "Europe/Amsterdam"}
			return made(func(ctx context.Context, a *app.App) (care.CommunityID, error) {
				return a.CreateCommunity(ctx, village)
			})
		},
		"GrantFirstRole": func(v *village) scenario {
			m := care.Membership{ID: care.DeriveID[care.MembershipID](monday(), "ada"), Person: v.person("Ada", 1), Community: v.here, Role: care.Administrator}
			return made(func(ctx context.Context, a *app.App) (care.MembershipID, error) { return a.GrantFirstRole(ctx, m) })
		},
		"RotateKeys": func(v *village) scenario {
			s := said(func(ctx context.Context, a *app.App) error { return a.RotateKeys(ctx) })
			s.once = true
			return s
		},
	}
}
