package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// NewPerson is what somebody says of a person who is not known yet.
type NewPerson struct {
	FirstName string
	LastName  string
	BirthDate string // 2006-01-02
	Gender    care.Gender
	Language  string
	Contacts  []string // as typed
	Home      care.Place
	Community care.CommunityID // in which they become a resident
	// Others: the desk has looked at the probable duplicates, and this is somebody else.
	Others bool
}

// Register makes an account with a contact that a code has proven: the person, their membership as
// a resident, and a session on this device. For whoever got Unregistered from RedeemCode, and for
// somebody who shares a contact with a person we know; r is the same as there, n.Contacts holds
// that one contact.
//
// The code is spent first and every id follows from its flow, so a resend under the same nonce
// completes what a crash cut short and makes nothing twice. Somebody who lost the nonce as well
// asks for a new code: they are known by then, or register again.
func (a *App) Register(ctx context.Context, r Redemption, n NewPerson) (Tokens, error) {
	if len(n.Contacts) != 1 || r.Flow == "" {
		return Tokens{}, care.E(care.Invalid, "contact_missing", "one registers with the one contact that the code went to")
	}
	// Everything that can be refused is refused before the try counts.
	now := a.clock()
	draft, _, err := a.newPerson(ctx, n, care.Person{Registered: care.ByApp}, now)
	if err != nil {
		return Tokens{}, err
	}
	f, err := a.prove(ctx, r)
	if err != nil {
		return Tokens{}, err
	}
	if f.Contact != a.contactHash(draft.Contacts[0]) {
		return Tokens{}, contactNotProven()
	}
	id := f.newcomer()
	session, err := a.use(ctx, f, id, r.Nonce)
	if err != nil {
		return Tokens{}, err
	}
	p, events, err := a.newPerson(ctx, n, care.Person{ID: id, Registered: care.ByApp}, now)
	if err != nil {
		return Tokens{}, err
	}
	if err := a.admit(ctx, p, events, n.Community, id, port.Write{}, now); err != nil {
		return Tokens{}, err
	}
	return a.openSession(ctx, Session{ID: session, Person: id, Device: r.Device})
}

// RegisterAtDesk makes a person who has no phone, or does not use one for this, and makes them a
// resident. For desk and fixed worker of the community. Where somebody like them is known there it is
// refused until the caller says that these are others; Duplicates shows whom. A resend under the same nonce completes and
// answers with the same person.
func (a *App) RegisterAtDesk(ctx context.Context, c Caller, n NewPerson) (care.PersonID, error) {
	if err := a.atDesk(ctx, c.Person, n.Community); err != nil {
		return "", err
	}
	now := a.clock()
	act := func(subject string, w port.Write) error {
		p, events, err := a.newPerson(ctx, n, care.Person{ID: care.PersonID(subject), WithoutApp: true, Registered: care.ByDesk, RegisteredBy: c.Person}, now)
		if err != nil {
			return err
		}
		if !n.Others && len(a.duplicates(n.Community, p)) > 0 {
			return care.E(care.Conflict, "possible_duplicates", "somebody like this is known here; look at the duplicates, then say that these are others")
		}
		w.IfVer = 0
		return a.admit(ctx, p, events, n.Community, c.Person, w, now)
	}
	id, err := a.once(ctx, c, intent{name: "person.register_at_desk", args: n}, act, nil)
	return care.PersonID(id), err
}

// newPerson checks a new person and completes the start given.
func (a *App) newPerson(ctx context.Context, n NewPerson, p care.Person, now time.Time) (care.Person, []care.Event, error) {
	if err := noBSN(n.FirstName, n.LastName, n.Home.Street, n.Home.Town); err != nil {
		return p, nil, err
	}
	if _, err := a.Stores.Communities.Get(ctx, n.Community); err != nil {
		return p, nil, err
	}
	for i, raw := range n.Contacts {
		parsed, err := a.parseContact(raw)
		if err != nil {
			return p, nil, care.Within("contacts", care.Within(strconv.Itoa(i), err))
		}
		p.Contacts = append(p.Contacts, parsed)
	}
	p.FirstName, p.LastName = strings.TrimSpace(n.FirstName), strings.TrimSpace(n.LastName)
	p.BirthDate, p.Gender, p.Language, p.Home = n.BirthDate, n.Gender, n.Language, n.Home
	return care.Register(p, now)
}

// admit stores a new person and then their membership as a resident. Both ids are settled before,
// so whoever comes second, in a resend or after a crash, finds what stands and goes on.
func (a *App) admit(ctx context.Context, p care.Person, events []care.Event, in care.CommunityID, by care.PersonID, w port.Write, now time.Time) error {
	// Under the same nonce it is the same insert. Another record of that id is somebody else's, for a device may
	// choose the id; without a nonce the id follows from the flow, and is this person's own.
	_, err := a.Stores.Persons.Insert(ctx, p.ID, p, events, w)
	if w.Nonce == "" {
		err = keepStanding(err)
	}
	if err != nil {
		return err
	}
	id := membershipID(p.ID, string(in)+"/", care.Resident, 0)
	m, events, err := care.Membership{ID: id, Person: p.ID, Community: in, Role: care.Resident}.Start(by, now)
	if err != nil {
		return err
	}
	if _, err := a.Stores.Memberships.Insert(ctx, id, m, events, w); keepStanding(err) != nil {
		return err
	}
	a.rename(ctx, p.ID)
	return nil
}
