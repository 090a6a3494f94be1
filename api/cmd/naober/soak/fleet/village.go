package fleet

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"naober/api/app"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// member is somebody who is signed in.
type member struct {
	id     care.PersonID
	mail   string
	tokens wire.Tokens
	gone   bool // forgotten
}

// village is where everybody lives: those who have devices, and who moderates.
type village struct {
	id     care.CommunityID
	people []*member
	desk   *member // moderator, fixed worker and administrator; has no device here
}

func (v village) copied() village {
	other := village{id: v.id, desk: &member{}}
	*other.desk = *v.desk
	for _, m := range v.people {
		c := *m
		other.people = append(other.people, &c)
	}
	return other
}

// letterbox keeps the last code that was sent to each contact.
type letterbox struct{ codes sync.Map }

// SendCode implements app.Postman.
func (l *letterbox) SendCode(_ context.Context, to care.Contact, _, code string) error {
	l.codes.Store(to.Value, code)
	return nil
}

const (
	zone   = "Europe/Amsterdam"
	people = 3 // with devices
)

// names are the first names of everybody, the desk last.
func names() []string { return []string{"Anna", "Berend", "Carla", "Mo"} }

// found builds the village by the commands that everybody uses: all of its people are residents and volunteers
// with offers for every hour. Another one decides: nobody does on themselves.
func found(ctx context.Context, a *app.App, post *letterbox) (village, error) {
	var v village
	var err error
	v.id, err = a.CreateCommunity(ctx, care.Community{Name: "Witteveen", Town: "Witteveen", Point: care.Point{Lat: 52.8167, Lon: 6.6833}, Zone: zone})
	nonces := 0
	as := func(m *member) app.Caller {
		nonces++
		return app.Caller{Person: m.id, Nonce: care.Nonce(fmt.Sprintf("fleet-founding-%06d", nonces))}
	}
	var all []*member
	for n, name := range names() {
		if err != nil {
			return v, err
		}
		m := &member{mail: fmt.Sprintf("m%d@fleet.example", n)}
		all = append(all, m)
		from := fmt.Sprintf("127.1.0.%d", n+1)
		var flow app.FlowID
		if flow, err = a.RequestCode(ctx, m.mail, from); err != nil {
			return v, err
		}
		code, _ := post.codes.Load(m.mail)
		var t app.Tokens
		t, err = a.Register(ctx, app.Redemption{Flow: flow, Code: fmt.Sprint(code), Device: "fleet", Address: from, Nonce: as(m).Nonce},
			app.NewPerson{FirstName: name, LastName: "Eising", BirthDate: "19" + strconv.Itoa(40+n) + "-03-12", Language: "nl", Contacts: []string{m.mail}, Community: v.id,
				Home: care.Place{Point: care.Point{Lat: 52.8167, Lon: 6.6833}, Street: fmt.Sprint("Hoofdstraat ", n+1), Town: "Witteveen"}})
		m.id, m.tokens = t.Person, wire.Tokens{Access: t.Access, Refresh: t.Refresh, ExpiresAt: wire.Instant(t.ExpiresAt), Session: string(t.Session)}
	}
	for _, role := range []care.Role{care.Moderator, care.FixedWorker, care.Administrator} {
		if err == nil {
			_, err = a.GrantFirstRole(ctx, care.Membership{Person: all[3].id, Community: v.id, Role: role})
		}
	}
	v.people, v.desk = slices.Clone(all[:people]), all[3]
	quiet := care.DefaultQuiet(zone)
	quiet.RestDays, quiet.MonthlyLimit, quiet.MinGap = nil, 60, 0
	week := care.Availability{Zone: zone}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week.Weekly = append(week.Weekly, care.Window{Day: day, Start: 0, End: 24 * 60})
	}
	for _, m := range v.people {
		for _, step := range []func() error{
			func() error { return a.ApplyAsHelper(ctx, as(m), v.id) },
			func() error {
				return a.ApproveHelper(ctx, as(v.desk), v.id, m.id, care.Decision{Rule: "welcome.1@1", Reason: "Bekend."})
			},
			func() error { return a.SetQuiet(ctx, as(m), quiet) },
			func() error {
				_, err := a.MakeOffer(ctx, as(m), care.Offer{Community: v.id, Kinds: []care.Kind{care.GroceriesKind}, Availability: week,
					Radius: 10_000, Travel: care.ByBike, Languages: []string{"nl"}})
				return err
			},
		} {
			if err == nil {
				err = step()
			}
		}
	}
	return v, err
}
