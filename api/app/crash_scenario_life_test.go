package app_test

import (
	"context"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// lifeScenarios are what becomes of Anna, to whom Berend has promised a ride, or of Berend.
func lifeScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"LeaveFor": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				return a.LeaveFor(ctx, c, anna, care.Absence{State: care.InHospital})
			})
		}),
		"LeaveFor/a helper": onVisit(func(v *village, _, berend care.PersonID, _ care.Visit) scenario {
			c, until := v.as(berend), monday().AddDate(0, 0, 9)
			return said(func(ctx context.Context, a *app.App) error {
				return a.LeaveFor(ctx, c, berend, care.Absence{State: care.Away, Rest: care.Rest{Until: until}})
			})
		}),
		"ReturnFrom": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			v.must(v.LeaveFor(v.t.Context(), v.as(v.worker), anna, care.Absence{State: care.InHospital}))
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.ReturnFrom(ctx, c, anna) })
		}),
		"ReportDeath": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.ReportDeath(ctx, c, anna) })
		}),
		"ConfirmDeath": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			v.must(v.ReportDeath(v.t.Context(), v.as(v.worker), anna))
			c := v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.ConfirmDeath(ctx, c, anna) })
		}),
		"TakeBackDeath": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			v.must(v.ReportDeath(v.t.Context(), v.as(v.worker), anna))
			c := v.as(v.mod)
			return said(func(ctx context.Context, a *app.App) error { return a.TakeBackDeath(ctx, c, anna) })
		}),
		"TaskDone": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			v.must(v.ReportDeath(v.t.Context(), v.as(v.worker), anna))
			v.must(v.ConfirmDeath(v.t.Context(), v.as(v.mod), anna))
			v.run()
			var id care.TaskID
			v.must(v.Stores.Tasks.Each(v.t.Context(), func(d port.Stored[care.Task]) error { id = care.TaskID(d.ID); return nil }))
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.TaskDone(ctx, c, id) })
		}),
		"MoveTo": onVisit(func(v *village, _, berend care.PersonID, _ care.Visit) scenario {
			next, err := v.CreateCommunity(v.t.Context(), care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.985, Lon: 6.645},
				Zone: "Europe/Amsterdam"})
			v.must(err)
			c, home := v.as(berend), v.stranger().Home
			return said(func(ctx context.Context, a *app.App) error { return a.MoveTo(ctx, c, berend, v.here, next, home) })
		}),
		"MoveTo/a resident": onVisit(func(v *village, anna, _ care.PersonID, _ care.Visit) scenario {
			next, _ := v.schoonloo(true)
			v.ride(anna, thursday().AddDate(0, 0, 1))
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error { return a.MoveTo(ctx, c, anna, v.here, next, newHome()) })
		}),
		"LifeOf": func(v *village) scenario {
			p, c := v.person("Anna", 1), v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, _, err := a.LifeOf(ctx, c, p); return err })
		},
		"Duplicates": func(v *village) scenario {
			n := v.stranger(newMail)
			_, err := v.RegisterAtDesk(v.t.Context(), v.as(v.worker), n)
			v.must(err)
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Duplicates(ctx, c, n); return err })
		},
		"ForgetMe": onVisit(func(v *village, _, berend care.PersonID, _ care.Visit) scenario {
			c := v.as(berend)
			return said(func(ctx context.Context, a *app.App) error { return a.ForgetMe(ctx, c, "Berend") })
		}),
		"ForgetPerson": func(v *village) scenario {
			n := v.stranger(newMail)
			p, err := v.RegisterAtDesk(v.t.Context(), v.as(v.worker), n)
			v.must(err)
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.ForgetPerson(ctx, c, p, n.FirstName) })
		},
		"MergePersons": onDouble(func(v *village, anna, again care.PersonID) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.MergePersons(ctx, c, v.here, again, anna) })
		}),
		"UndoMerge": onDouble(func(v *village, anna, again care.PersonID) scenario {
			v.must(v.MergePersons(v.t.Context(), v.as(v.worker), v.here, again, anna))
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { return a.UndoMerge(ctx, c, again) })
		}),
		"Merges": onDouble(func(v *village, anna, again care.PersonID) scenario {
			v.must(v.MergePersons(v.t.Context(), v.as(v.worker), v.here, again, anna))
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error { _, err := a.Merges(ctx, c, anna); return err })
		}),
		"AuditOperator": func(*village) scenario {
			s := said(func(ctx context.Context, a *app.App) error { return a.AuditOperator(ctx, "rotate-keys", "") })
			s.once = true
			return s
		},
	}
}

// onDouble is a scenario about two records of Anna: under the one that goes she asked for a ride, which
// Berend has promised, and helps herself; Corrie keeps away from her.
func onDouble(do func(v *village, anna, again care.PersonID) scenario) func(v *village) scenario {
	return func(v *village) scenario {
		anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
		again, corrie := v.driver("Anna", 3), v.person("Corrie", 4)
		v.planned(again, berend)
		v.must(v.BlockPerson(v.t.Context(), v.as(corrie), v.here, again))
		v.run()
		return do(v, anna, again)
	}
}
