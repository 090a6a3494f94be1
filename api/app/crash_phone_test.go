package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/api/port"
	"naober/api/postroom"
	"naober/matching/care"
	"naober/notifications"
)

// phones are a push service that takes every message, but for phones that are dead.
type phones struct {
	mu  sync.Mutex
	got map[string]int // token, key and what it is about -> times
}

const deadPhone = "dead"

// Push implements notifications.Push.
func (p *phones) Push(_ context.Context, m notifications.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.Token == deadPhone {
		return &notifications.Failure{Class: notifications.Gone, Code: "UNREGISTERED"}
	}
	if p.got == nil {
		p.got = map[string]int{}
	}
	p.got[fmt.Sprint(m.Token, " ", m.Key, " ", m.Params["request"], m.Params["ask"], m.Params["visit"])]++
	return nil
}

func phoneOf(p care.PersonID) string { return "phone-of-" + string(p) }

// ring gives everybody who has none a phone on which they are signed in.
func (v *village) ring() {
	v.t.Helper()
	var all []care.PersonID
	v.must(v.Stores.Persons.Each(v.t.Context(), func(p port.Stored[care.Person]) error {
		all = append(all, p.Value.ID)
		return nil
	}))
	for _, p := range all {
		v.phone(p, phoneOf(p))
	}
}

// phone signs somebody in on a phone; one that they have already stays theirs.
func (v *village) phone(p care.PersonID, token string) {
	v.t.Helper()
	id := care.DeriveID[app.SessionID](v.now, "phone", string(p))
	_, err := v.Stores.Sessions.Insert(v.t.Context(), id, app.Session{ID: id, Person: p, Salt: []byte{1}, CreatedAt: v.now, UsedAt: v.now, PushToken: token}, nil, port.Write{})
	if care.CodeOf(err) != "id_taken" {
		v.must(err)
	}
}

// sending are the loops that write and send messages, where there are phones.
func (v *village) sending(a *app.App, t *tap) ([]feed.Consumer, []feed.Work) {
	if v.phones == nil {
		return nil, nil
	}
	r := postroom.Relay(a, tap1(t, "deliveries", v.letters), v.phones, v.clock, slog.New(slog.NewTextHandler(io.Discard, nil)))
	return []feed.Consumer{postroom.Consumer(r)}, []feed.Work{postroom.Work(r)}
}

// delivered holds that no message is under way for ever, and that what counts as sent was sent.
func (v *village) delivered() {
	v.t.Helper()
	if v.phones == nil {
		return
	}
	v.must(v.letters.Each(v.t.Context(), func(d port.Stored[notifications.Delivery]) error {
		m := d.Value
		if m.State == notifications.Sending || m.State == notifications.Telling {
			v.t.Errorf("%s to %s is %s", m.Key, m.Person, m.State)
		}
		if name := fmt.Sprint(phoneOf(m.Person), " ", m.Key, " ", m.Request, m.Ask, m.Visit); m.State == notifications.Sent && v.phones.got[name] == 0 {
			v.t.Errorf("%s to %s counts as sent, and no phone has it", m.Key, m.Person)
		}
		return nil
	}))
}

// phoneScenarios are commands of which somebody is told: what the relay writes and sends is disturbed
// like everything else.
func phoneScenarios() map[string]func(v *village) scenario {
	told := func(s scenario) scenario { s.phones = true; return s }
	asking := func(v *village) scenario {
		c, n := v.as(v.person("Anna", 1)), rideOf(thursday())
		n.Community = v.here
		return told(made(func(ctx context.Context, a *app.App) (care.RequestID, error) { return a.AskForHelp(ctx, c, n) }))
	}
	return map[string]func(v *village) scenario{
		"AskForHelp/a phone rings": func(v *village) scenario {
			v.driver("Berend", 2)
			return asking(v)
		},
		"AskForHelp/a phone is dead": func(v *village) scenario {
			v.phone(v.driver("Berend", 2), deadPhone)
			return asking(v)
		},
		"AcceptAsk/a phone rings": onAsk(func(_ *village, c app.Caller, _ care.Request, ask care.Ask) scenario {
			return told(made(func(ctx context.Context, a *app.App) (care.AskID, error) {
				return a.AcceptAsk(ctx, c, ask.ID, time.Time{})
			}))
		}),
		"CancelVisit/phones ring": onVisit(func(v *village, _, berend care.PersonID, visit care.Visit) scenario {
			c := v.as(berend)
			return told(said(func(ctx context.Context, a *app.App) error { return a.CancelVisit(ctx, c, visit.ID, "ill") }))
		}),
		"SendMessage/a phone rings": onVisit(func(v *village, anna, _ care.PersonID, visit care.Visit) scenario {
			c := v.as(anna)
			return told(made(func(ctx context.Context, a *app.App) (care.MessageID, error) {
				return a.SendMessage(ctx, c, visit.ID, "Tot donderdag!")
			}))
		}),
	}
}
