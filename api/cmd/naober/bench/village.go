package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

const (
	zone = "Europe/Amsterdam"
	// callers is how many residents are signed in and act; they are volunteers too.
	callers = 64
	// volunteers is how many of a hundred residents help.
	volunteers = 30
	// aheadDays is how far ahead the visits that are agreed to lie, at most: within the reach of a
	// week's plan and far enough for each to have a day to itself.
	aheadDays = 30
	// hoursADay is how many visits a day has room for: every other hour from eight to nine in the evening,
	// so that there is time for the way between two.
	hoursADay = 7
	// Most is how many visits there are hours for.
	Most = callers * aheadDays * hoursADay
)

// village is what a measurement runs in: residents, of whom some help, and some are signed in.
type village struct {
	app     *app.App
	id      care.CommunityID
	point   care.Point
	at      time.Time
	people  []person
	watched watched
}

// person is a resident who is signed in.
type person struct {
	id     care.PersonID
	offer  care.OfferID
	bearer string
}

// Letterbox keeps the last code that was sent to each contact. Safe for concurrent use.
type Letterbox struct{ codes sync.Map }

// SendCode implements app.Postman.
func (l *Letterbox) SendCode(_ context.Context, to care.Contact, _, code string) error {
	l.codes.Store(to.Value, code)
	return nil
}

func (l *Letterbox) last(contact string) string {
	code, _ := l.codes.Load(contact)
	text, _ := code.(string)
	return text
}

// found writes a village of so many residents and signs the callers in, and gives the matcher its
// index. Nothing of it makes events.
func found(ctx context.Context, a *app.App, post *Letterbox, residents int) (*village, error) {
	v := &village{app: a, point: care.Point{Lat: 52.8167, Lon: 6.6833}, at: a.Now().UTC().Truncate(time.Millisecond)}
	var err error
	v.id, err = a.CreateCommunity(ctx, care.Community{Name: fmt.Sprint("Dorp van ", residents), Town: "Witteveen", Point: v.point, Zone: zone})
	if err != nil {
		return nil, err
	}
	for n := range residents {
		p, err := v.settle(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("resident %d: %w", n, err)
		}
		if n < callers {
			v.people = append(v.people, p)
		}
	}
	if err := v.signIn(ctx, post); err != nil {
		return nil, err
	}
	return v, a.Rebuild(ctx)
}

func (v *village) name(what string, n int) string { return string(v.id) + what + strconv.Itoa(n) }

func (v *village) mail(n int) string {
	return fmt.Sprintf("r%d.%s@bench.example", n, strings.ToLower(string(v.id[16:])))
}

// settle writes one resident, with membership and, for some, book and offer.
func (v *village) settle(ctx context.Context, n int) (person, error) {
	s := v.app.Stores
	p := care.Person{ID: care.DeriveID[care.PersonID](v.at, v.name("person", n)), FirstName: "Geesje", LastName: "Eising", BirthDate: "1950-03-12", Language: "nl",
		Contacts: []care.Contact{{Kind: care.Mail, Value: v.mail(n)}}, Registered: care.ByApp, CreatedAt: v.at,
		Home: care.Place{Point: care.Point{Lat: v.point.Lat + float64(n%40)*0.0004, Lon: v.point.Lon + float64(n/40%40)*0.0004}, Street: fmt.Sprint("Hoofdstraat ", n), Town: "Witteveen"}}
	member := care.Membership{ID: care.DeriveID[care.MembershipID](v.at, v.name("member", n)), Person: p.ID, Community: v.id, Role: care.Resident, StartedAt: v.at}
	_, err := s.Persons.Insert(ctx, p.ID, p, nil, port.Write{})
	if err == nil {
		_, err = s.Memberships.Insert(ctx, member.ID, member, nil, port.Write{})
	}
	if err != nil || n >= callers && n%100 >= volunteers {
		return person{id: p.ID}, err
	}
	h := care.NewHelper(p.ID, care.DefaultQuiet(zone), v.at)
	h.Approvals = []care.Approval{{Community: v.id, State: care.Approved, AppliedAt: v.at, Decision: care.Decision{ID: care.DeriveID[care.DecisionID](v.at, v.name("yes", n)), Rule: "welkom.1@1", Reason: "Bekend.", By: p.ID, At: v.at}}}
	o := care.Offer{ID: care.DeriveID[care.OfferID](v.at, v.name("offer", n)), Helper: p.ID, Community: v.id, Kinds: []care.Kind{care.GroceriesKind}, Radius: 10_000,
		Travel: care.ByBike, Languages: []string{"nl"}, CreatedAt: v.at, Availability: care.Availability{Zone: zone}}
	for day := time.Sunday; day <= time.Saturday; day++ {
		o.Availability.Weekly = append(o.Availability.Weekly, care.Window{Day: day, Start: 7 * 60, End: 22 * 60})
	}
	_, err = s.Helpers.Insert(ctx, h.Person, h, nil, port.Write{})
	if err == nil {
		_, err = s.Offers.Insert(ctx, o.ID, o, nil, port.Write{})
	}
	return person{id: p.ID, offer: o.ID}, err
}

// signIn gives each caller tokens the way everybody gets them. Each call comes from an address of
// its own, so that nobody is taken for a thief.
func (v *village) signIn(ctx context.Context, post *Letterbox) error {
	for n := range v.people {
		mail, from := v.mail(n), v.name("address", n)
		flow, err := v.app.RequestCode(ctx, mail, from)
		if err != nil {
			return err
		}
		in, err := v.app.RedeemCode(ctx, app.Redemption{Flow: flow, Code: post.last(mail), Device: "bench", Address: from, Nonce: care.Nonce(v.name("sign-in", n))})
		switch {
		case err != nil:
			return err
		case in.Tokens == nil:
			return errors.New("bench: a caller was not signed in")
		}
		v.people[n].bearer = "Bearer " + in.Tokens.Access
	}
	return nil
}

// visitTime is the hour of the n-th request that a caller has or helps with, below Most: each on its
// own day, and then two hours later.
func (v *village) visitTime(n int) care.Interval {
	day := v.at.AddDate(0, 0, 2+n/callers%aheadDays)
	from := time.Date(day.Year(), day.Month(), day.Day(), 7+2*(n/callers/aheadDays%hoursADay), 0, 0, 0, time.UTC)
	return care.Interval{From: from, Until: from.Add(time.Hour)}
}

// asked writes a request of one caller in which another has an open question, and names that ask.
func (v *village) asked(ctx context.Context, n int) (care.RequestID, care.AskID, error) {
	return v.between(ctx, v.name("asked", n), "Boodschappen, en iets lekkers.", v.people[(n+1)%callers], v.people[n%callers], v.visitTime(n))
}

// between writes a request of one resident in which another has an open question.
func (v *village) between(ctx context.Context, name, words string, by, helper person, at care.Interval) (care.RequestID, care.AskID, error) {
	slot := care.Slot{ID: care.DeriveID[care.SlotID](v.at, name), Start: at.From, End: at.Until, Seats: 1}
	actor := care.Actor{Person: by.id, Party: care.Requester}
	r := care.Request{ID: care.DeriveID[care.RequestID](v.at, name), Community: v.id, Zone: zone, For: by.id, Kind: care.GroceriesKind, Words: words,
		Where: care.Place{Point: v.point, Street: "Hoofdstraat 12", Town: "Witteveen"}, Urgency: care.Ordinary, Slots: []care.Slot{slot}}
	r, _, err := care.DraftRequest(r, actor, v.at)
	if err == nil {
		r, _, err = r.Publish(actor, false, v.at)
	}
	ask := care.Ask{ID: care.DeriveID[care.AskID](v.at, name), Slot: slot.ID, Helper: helper.id, Offer: helper.offer, Wave: 1,
		AskFrom: v.at, LapsesAt: v.at.Add(24 * time.Hour), Nonce: care.Nonce(name)}
	if err == nil {
		r, _, err = r.AskHelper(ask, v.at)
	}
	if err == nil {
		_, err = v.app.Stores.Requests.Insert(ctx, r.ID, r, nil, port.Write{})
	}
	return r.ID, ask.ID, err
}
