package app_test

import (
	"context"

	"naober/api/app"
	"naober/matching/care"
)

const (
	newMail  = "nieuw@dorp.example"
	newcomer = "Geertruida" // the stranger's first name
)

// code has a sign-in code posted and gives its flow.
func (v *village) code(contact string) app.Redemption {
	v.t.Helper()
	flow, err := v.RequestCode(v.t.Context(), contact, "192.0.2.1")
	v.must(err)
	return app.Redemption{Flow: flow, Code: v.posted[contact], Address: "192.0.2.1", Device: "Fairphone", Nonce: "sign-in-nonce-1"}
}

// signedIn is a person with a session.
func (v *village) signedIn(p care.PersonID) (app.Caller, app.Tokens) {
	v.t.Helper()
	stored, err := v.Stores.Persons.Get(v.t.Context(), p)
	v.must(err)
	in, err := v.RedeemCode(v.t.Context(), v.code(stored.Value.Contacts[0].Value))
	v.must(err)
	c := v.as(p)
	c.Session = in.Tokens.Session
	return c, *in.Tokens
}

func (v *village) memberOf(p care.PersonID, role care.Role) care.MembershipID {
	v.t.Helper()
	all, err := v.Memberships(v.t.Context(), app.Caller{Person: p})
	v.must(err)
	for _, m := range all {
		if m.Role == role {
			return m.ID
		}
	}
	v.t.Fatalf("%s is no %s", p, role)
	return ""
}

// administrator is somebody who may give roles in the village.
func (v *village) administrator() care.PersonID {
	v.t.Helper()
	p := v.person("Ada", 0)
	_, err := v.GrantFirstRole(v.t.Context(), care.Membership{Person: p, Community: v.here, Role: care.Administrator})
	v.must(err)
	return p
}

func (v *village) stranger(contacts ...string) app.NewPerson {
	return app.NewPerson{FirstName: newcomer, LastName: "Huisman", BirthDate: "1938-07-21", Language: "nl", Contacts: contacts,
		Home: care.Place{Point: care.Point{Lat: 52.935, Lon: 6.69}, Street: "Kerkweg 9", Town: "Grolloo"}, Community: v.here}
}

func personScenarios() map[string]func(v *village) scenario {
	return map[string]func(v *village) scenario{
		"RequestCode": func(v *village) scenario {
			s := said(func(ctx context.Context, a *app.App) error {
				_, err := a.RequestCode(ctx, newMail, "192.0.2.1")
				return err
			})
			s.once = true
			return s
		},
		"AdmitAddress": func(*village) scenario {
			return said(func(ctx context.Context, a *app.App) error { return a.AdmitAddress(ctx, "192.0.2.1") })
		},
		"AdmitNobody": func(*village) scenario {
			return said(func(ctx context.Context, a *app.App) error { return a.AdmitNobody(ctx, app.Mailing, "192.0.2.1") })
		},
		"AdmitRefused": func(*village) scenario {
			return said(func(ctx context.Context, a *app.App) error { return a.AdmitRefused(ctx, "192.0.2.1") })
		},
		"AdmitPerson": func(v *village) scenario {
			p := v.person("Anna", 1)
			return said(func(ctx context.Context, a *app.App) error { return a.AdmitPerson(ctx, app.Writing, p) })
		},
		"RedeemCode": func(v *village) scenario {
			p, err := v.Stores.Persons.Get(v.t.Context(), v.person("Anna", 1))
			v.must(err)
			r := v.code(p.Value.Contacts[0].Value)
			return made(func(ctx context.Context, a *app.App) (app.SessionID, error) {
				in, err := a.RedeemCode(ctx, r)
				if err != nil {
					return "", err
				}
				return in.Tokens.Session, nil
			})
		},
		"Register": func(v *village) scenario {
			r, n := v.code(newMail), v.stranger(newMail)
			return made(func(ctx context.Context, a *app.App) (app.SessionID, error) {
				t, err := a.Register(ctx, r, n)
				return t.Session, err
			})
		},
		"RegisterAtDesk": func(v *village) scenario {
			c, n := v.as(v.worker), v.stranger(newMail)
			return made(func(ctx context.Context, a *app.App) (care.PersonID, error) { return a.RegisterAtDesk(ctx, c, n) })
		},
		"Authenticate": func(v *village) scenario {
			_, t := v.signedIn(v.person("Anna", 1))
			return made(func(ctx context.Context, a *app.App) (care.PersonID, error) {
				c, err := a.Authenticate(ctx, t.Access)
				return c.Person, err
			})
		},
		"Carried": func(v *village) scenario {
			c, _ := v.signedIn(v.person("Anna", 1))
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.Carried(ctx, c.Session)
				return err
			})
		},
		"RedeemTicket": func(v *village) scenario { // where the answer was lost it is used, and the device asks for another
			c, _ := v.signedIn(v.person("Anna", 1))
			ticket := v.EventsTicket(c)
			return said(func(ctx context.Context, a *app.App) error {
				_, err := a.RedeemTicket(ctx, ticket)
				if care.CodeOf(err) == "ticket_invalid" {
					return nil
				}
				return err
			})
		},
		"SessionLives": func(v *village) scenario {
			c, _ := v.signedIn(v.person("Anna", 1))
			return said(func(ctx context.Context, a *app.App) error { return a.SessionLives(ctx, c) })
		},
		"Refresh": func(v *village) scenario {
			_, t := v.signedIn(v.person("Anna", 1))
			return made(func(ctx context.Context, a *app.App) (string, error) {
				next, err := a.Refresh(ctx, t.Refresh)
				return next.Refresh, err
			})
		},
		"EndSession": func(v *village) scenario {
			c, t := v.signedIn(v.person("Anna", 1))
			return said(func(ctx context.Context, a *app.App) error { return a.EndSession(ctx, c, t.Session) })
		},
		"SetPushToken": func(v *village) scenario {
			c, _ := v.signedIn(v.person("Anna", 1))
			return said(func(ctx context.Context, a *app.App) error { return a.SetPushToken(ctx, c, "token-1", "") })
		},
		"DropPushToken": func(v *village) scenario {
			c, _ := v.signedIn(v.person("Anna", 1))
			v.must(v.SetPushToken(v.t.Context(), c, "token-1", ""))
			return said(func(ctx context.Context, a *app.App) error { return a.DropPushToken(ctx, c) })
		},
		"ForgetPush": func(v *village) scenario {
			c, t := v.signedIn(v.person("Anna", 1))
			v.must(v.SetPushToken(v.t.Context(), c, "token-1", ""))
			return said(func(ctx context.Context, a *app.App) error { return a.ForgetPush(ctx, t.Session, "token-1") })
		},
		"EditMe": func(v *village) scenario {
			c := v.as(v.person("Anna", 1))
			e := app.PersonEdit{FirstName: "Anna", LastName: "Anders", BirthDate: "1950-03-04", Language: "nl", Home: v.stranger().Home}
			return said(func(ctx context.Context, a *app.App) error { return a.EditMe(ctx, c, e) })
		},
		"AddContact": func(v *village) scenario {
			c, r := v.as(v.person("Anna", 1)), v.code(newMail)
			return said(func(ctx context.Context, a *app.App) error { return a.AddContact(ctx, c, newMail, r) })
		},
		"DropContact": func(v *village) scenario {
			p := v.person("Anna", 1)
			v.must(v.AddContact(v.t.Context(), v.as(p), newMail, v.code(newMail)))
			c := v.as(p)
			return said(func(ctx context.Context, a *app.App) error { return a.DropContact(ctx, c, newMail) })
		},
		"Join": func(v *village) scenario {
			c := v.as(v.person("Berend", 1))
			return made(func(ctx context.Context, a *app.App) (care.MembershipID, error) {
				return a.Join(ctx, c, v.here, care.Volunteer)
			})
		},
		"Leave": func(v *village) scenario {
			p := v.driver("Berend", 1)
			c, m := v.as(p), v.memberOf(p, care.Resident)
			return said(func(ctx context.Context, a *app.App) error { return a.Leave(ctx, c, m) })
		},
	}
}
