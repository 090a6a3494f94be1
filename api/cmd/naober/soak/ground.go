package soak

import (
	"context"
	"fmt"
	"sync"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// Ground is the data that the processes under test work on.
type Ground interface {
	// Open opens the data in this process, while no process under test works on it.
	Open(ctx context.Context, post app.Postman) (a *app.App, closeIt func() error, err error)
	// Args start a process of this binary that serves the data on a free port of loopback and prints
	// its address as the first line.
	Args() []string
}

const (
	zone    = "Europe/Amsterdam"
	people  = 32 // residents, all of them volunteers
	writers = 8  // who act at once; each plays an equal share of the people
)

// village is where the writers live.
type village struct {
	id     care.CommunityID
	people []*resident
}

// resident is somebody who is signed in.
type resident struct {
	id     care.PersonID
	mu     sync.Mutex // of the tokens: one writer's calls and the others' do not meet, a renewal may
	tokens app.Tokens
}

// letterbox keeps the last code that was sent to each contact.
type letterbox struct{ codes sync.Map }

// SendCode implements app.Postman.
func (l *letterbox) SendCode(_ context.Context, to care.Contact, _, code string) error {
	l.codes.Store(to.Value, code)
	return nil
}

// founder builds the village by the commands that everybody uses.
type founder struct {
	app  *app.App
	post *letterbox
	v    *village
	n    int // of the nonces
}

// found builds the village: everybody registers, one moderates, one is the fixed worker, and all are
// approved as volunteers with offers for every hour.
func found(ctx context.Context, g Ground) (_ *village, err error) {
	f := founder{post: &letterbox{}, v: &village{}}
	a, closeIt, err := g.Open(ctx, f.post)
	if err != nil {
		return nil, err
	}
	f.app = a
	if err = f.settle(ctx); err == nil {
		err = f.volunteer(ctx)
	}
	if closed := closeIt(); err == nil {
		err = closed
	}
	return f.v, err
}

func (f *founder) settle(ctx context.Context) error {
	var err error
	f.v.id, err = f.app.CreateCommunity(ctx, care.Community{Name: "Witteveen", Town: "Witteveen", Point: care.Point{Lat: 52.8167, Lon: 6.6833}, Zone: zone})
	if err != nil {
		return err
	}
	for n := range people {
		if err := f.register(ctx, n); err != nil {
			return fmt.Errorf("resident %d: %w", n, err)
		}
	}
	for role, who := range map[care.Role]int{care.Moderator: 0, care.FixedWorker: 1, care.DeskWorker: 2} {
		if _, err := f.app.GrantFirstRole(ctx, care.Membership{Person: f.v.people[who].id, Community: f.v.id, Role: role}); err != nil {
			return err
		}
	}
	return nil
}

func (f *founder) register(ctx context.Context, n int) error {
	mail, from := fmt.Sprintf("r%d@soak.example", n), fmt.Sprintf("127.1.0.%d", n+1)
	flow, err := f.app.RequestCode(ctx, mail, from)
	if err != nil {
		return err
	}
	code, _ := f.post.codes.Load(mail)
	r := app.Redemption{Flow: flow, Code: fmt.Sprint(code), Device: "soak", Address: from, Nonce: f.nonce()}
	tokens, err := f.app.Register(ctx, r, app.NewPerson{FirstName: "Geesje", LastName: fmt.Sprint("Eising ", n), BirthDate: fmt.Sprintf("19%02d-03-12", 30+n), Language: "nl",
		Contacts: []string{mail}, Community: f.v.id, Home: care.Place{Point: care.Point{Lat: 52.8167, Lon: 6.6833}, Street: fmt.Sprint("Hoofdstraat ", n+1), Town: "Witteveen"}})
	f.v.people = append(f.v.people, &resident{id: tokens.Person, tokens: tokens})
	return err
}

func (f *founder) nonce() care.Nonce {
	f.n++
	return care.Nonce(fmt.Sprintf("soak-founding-%06d", f.n))
}

func (f *founder) caller(n int) app.Caller {
	return app.Caller{Person: f.v.people[n].id, Nonce: f.nonce()}
}

// volunteer opens everybody's book, as wide as the rules allow.
func (f *founder) volunteer(ctx context.Context) error {
	quiet := care.DefaultQuiet(zone)
	quiet.RestDays, quiet.MonthlyLimit, quiet.MinGap = nil, 60, 0
	week := care.Availability{Zone: zone}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week.Weekly = append(week.Weekly, care.Window{Day: day, Start: 0, End: 24 * 60})
	}
	for n, p := range f.v.people {
		by := 0 // nobody decides on themselves
		if n == 0 {
			by = people - 1
			if _, err := f.app.GrantFirstRole(ctx, care.Membership{Person: f.v.people[by].id, Community: f.v.id, Role: care.Moderator}); err != nil {
				return err
			}
		}
		err := f.app.ApplyAsHelper(ctx, f.caller(n), f.v.id)
		if err == nil {
			err = f.app.ApproveHelper(ctx, f.caller(by), f.v.id, p.id, care.Decision{Rule: "welcome.1@1", Reason: "Bekend."})
		}
		if err == nil {
			err = f.app.SetQuiet(ctx, f.caller(n), quiet)
		}
		if err == nil {
			_, err = f.app.MakeOffer(ctx, f.caller(n), care.Offer{Community: f.v.id, Kinds: []care.Kind{care.GroceriesKind}, Availability: week,
				Radius: 10_000, Travel: care.ByBike, Languages: []string{"nl"}})
		}
		if err != nil {
			return fmt.Errorf("volunteer %d: %w", n, err)
		}
	}
	return nil
}
