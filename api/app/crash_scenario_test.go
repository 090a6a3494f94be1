package app_test

import (
	"context"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// scenario is one command on a village where everything is ready for it. It may be sent again and
// again, as by a client that got no answer: it closes over one caller with one nonce.
type scenario struct {
	do func(ctx context.Context, a *app.App) (answer string, err error)
	// once: the command has no nonce and makes something new at each call, so a client that got its
	// answer does not send it again.
	once bool
	// phones: everybody has one, and the loops send messages to them.
	phones bool
}

// said makes a scenario of a command without an answer of its own.
func said(do func(ctx context.Context, a *app.App) error) scenario {
	return scenario{do: func(ctx context.Context, a *app.App) (string, error) { return "", do(ctx, a) }}
}

// made makes a scenario of a command that answers with an id.
func made[T ~string](do func(ctx context.Context, a *app.App) (T, error)) scenario {
	return scenario{do: func(ctx context.Context, a *app.App) (string, error) {
		id, err := do(ctx, a)
		return string(id), err
	}}
}

// scenarios has one entry for each exported method of App that writes; TestEveryCommandHasACrashScenario
// fails for a method without one. The key is the method's name, or that and a slash and a word where one
// method has several. Adding a command takes a few lines here: prepare the village with its own
// helpers (person, driver, ride, planned; run lets the loops do all they have), then return the call.
// After that UPDATE_CRASHPOINTS=1 go test ./api/app -run TestCrashPoints writes its rows.
func scenarios() map[string]func(v *village) scenario {
	all := map[string]func(v *village) scenario{}
	for _, some := range []map[string]func(v *village) scenario{requestScenarios(), askScenarios(), visitScenarios(),
		helperScenarios(), personScenarios(), deskScenarios(), lifeScenarios(), readingScenarios(), clockScenarios(), phoneScenarios(), planScenarios(), journeyScenarios(), ridesScenarios(), weightScenarios(), offlineScenarios()} {
		for name, s := range some {
			all[name] = s
		}
	}
	return all
}

// onRide is a scenario of somebody's call about Anna's ride, for which Berend and Corrie are asked.
func onRide(do func(v *village, anna care.PersonID, ride care.Request) scenario) func(v *village) scenario {
	return func(v *village) scenario {
		anna := v.person("Anna", 1)
		v.driver("Berend", 2)
		v.driver("Corrie", 4)
		return do(v, anna, v.request(v.ride(anna, thursday())))
	}
}

// onAsk is a scenario of Berend's answer to the question that he was asked.
func onAsk(do func(v *village, c app.Caller, r care.Request, ask care.Ask) scenario) func(v *village) scenario {
	return func(v *village) scenario {
		anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
		v.driver("Corrie", 4)
		id := v.ride(anna, thursday())
		return do(v, v.as(berend), v.request(id), v.askOf(id, berend))
	}
}

// onVisit is a scenario about a visit that Berend has promised to Anna.
func onVisit(do func(v *village, anna, berend care.PersonID, visit care.Visit) scenario) func(v *village) scenario {
	return func(v *village) scenario {
		anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
		v.driver("Corrie", 4)
		return do(v, anna, berend, v.planned(anna, berend))
	}
}

// draftOf is the publication of somebody's draft of a ride.
func draftOf(v *village, whose care.PersonID) scenario {
	n := rideOf(thursday())
	n.Community, n.Publish = v.here, false
	id, err := v.AskForHelp(v.t.Context(), v.as(whose), n)
	v.must(err)
	c := v.as(whose)
	return said(func(ctx context.Context, a *app.App) error { return a.PublishRequest(ctx, c, id, false) })
}

func requestScenarios() map[string]func(v *village) scenario {
	draft := func(v *village) (app.Caller, app.NewRequest, care.RequestID) {
		anna, n := v.person("Anna", 1), rideOf(thursday())
		v.driver("Berend", 2)
		n.Community, n.Publish = v.here, false
		id, err := v.AskForHelp(v.t.Context(), v.as(anna), n)
		v.must(err)
		return v.as(anna), n, id
	}
	weekly := func(v *village) (care.PersonID, care.Request) {
		anna := v.person("Anna", 1)
		id, err := v.AskForHelp(v.t.Context(), v.as(anna), app.NewRequest{Community: v.here, Kind: care.CompanyKind, Words: "Koffie drinken",
			Urgency: care.Ordinary, Publish: true, Series: &care.Series{Rule: "FREQ=WEEKLY;COUNT=3", Start: "2026-11-26T10:00",
				Duration: time.Hour, Zone: "Europe/Amsterdam"}})
		v.must(err)
		v.run()
		return anna, v.request(id)
	}
	return map[string]func(v *village) scenario{
		"AskForHelp": func(v *village) scenario {
			c, n := v.as(v.person("Anna", 1)), rideOf(thursday())
			v.driver("Berend", 2)
			n.Community = v.here
			return made(func(ctx context.Context, a *app.App) (care.RequestID, error) { return a.AskForHelp(ctx, c, n) })
		},
		"PublishRequest": func(v *village) scenario {
			anna := v.person("Anna", 1)
			v.driver("Berend", 2)
			return draftOf(v, anna)
		},
		"EditRequest": func(v *village) scenario {
			c, n, id := draft(v)
			n.Words = "Naar de oogarts"
			return said(func(ctx context.Context, a *app.App) error { return a.EditRequest(ctx, c, id, n) })
		},
		"WithdrawRequest": onRide(func(v *village, anna care.PersonID, r care.Request) scenario {
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error { return a.WithdrawRequest(ctx, c, r.ID, "not_needed") })
		}),
		"WithdrawRequest/agreed": onVisit(func(v *village, anna, _ care.PersonID, visit care.Visit) scenario {
			c, id := v.as(anna), v.ridden(visit.ID)
			return said(func(ctx context.Context, a *app.App) error { return a.WithdrawRequest(ctx, c, id, "not_needed") })
		}),
		"WithdrawConsent": func(v *village) scenario {
			anna, n := v.person("Anna", 1), rideOf(thursday())
			v.driver("Berend", 2)
			n.Community, n.For, n.Channel, n.Consent = v.here, anna, care.ByPhone, care.Spoken
			id, err := v.AskForHelp(v.t.Context(), v.as(v.worker), n)
			v.must(err)
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error { return a.WithdrawConsent(ctx, c, id) })
		},
		"CloseRequest": onVisit(func(v *village, anna, berend care.PersonID, visit care.Visit) scenario {
			v.at(visit.At.From)
			v.must(v.StartVisit(v.t.Context(), v.as(berend), visit.ID))
			v.at(visit.At.Until)
			v.must(v.FinishVisit(v.t.Context(), v.as(berend), visit.ID))
			c, id := v.as(anna), v.ridden(visit.ID)
			return said(func(ctx context.Context, a *app.App) error { return a.CloseRequest(ctx, c, id) })
		}),
		"RefuseRequest": onRide(func(v *village, _ care.PersonID, r care.Request) scenario {
			c := v.as(v.worker)
			return said(func(ctx context.Context, a *app.App) error {
				return a.RefuseRequest(ctx, c, r.ID, "not_for_us", care.ByPhone)
			})
		}),
		"SettleRequest": onVisit(func(v *village, _, _ care.PersonID, visit care.Visit) scenario {
			v.at(visit.At.From.Add(15 * time.Minute))
			c, id := v.as(v.worker), v.ridden(visit.ID)
			return said(func(ctx context.Context, a *app.App) error { return a.SettleRequest(ctx, c, id) })
		}),
		"AddSlots": onRide(func(v *village, anna care.PersonID, r care.Request) scenario {
			c, at := v.as(anna), thursday().AddDate(0, 0, 1)
			more := []app.NewSlot{{Start: at, End: at.Add(2 * time.Hour), Seats: 1}}
			return said(func(ctx context.Context, a *app.App) error { return a.AddSlots(ctx, c, r.ID, more) })
		}),
		"SkipSlot": func(v *village) scenario {
			anna, r := weekly(v)
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error {
				return a.SkipSlot(ctx, c, r.ID, r.Slots[0].ID, "not_needed")
			})
		},
		"SwapSlot": func(v *village) scenario {
			anna, r := weekly(v)
			c := v.as(anna)
			return said(func(ctx context.Context, a *app.App) error {
				return a.SwapSlot(ctx, c, r.ID, r.Slots[0].ID, "2026-11-27T11:00")
			})
		},
	}
}
