package app

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"naober/api/contact"
	"naober/api/port"
	"naober/api/token"
	"naober/matching/care"
)

const (
	codeLife = 10 * time.Minute
	// provenLife is how long a flow lives, from its making, once its code was typed right and the
	// person still has to choose who they are or to fill in who they are.
	provenLife = 30 * time.Minute
	// codeTries is how often a code may be typed. Of 10^8 codes, five guesses find one in 20 million.
	codeTries = 5
	// homeLanguage is what a code is sent in where nobody is known yet.
	homeLanguage = "nl"
)

// Redemption is one try to turn a code into a session.
type Redemption struct {
	Flow FlowID // empty for a code on paper, which finds its flow by itself
	Code string // as typed or pasted
	// Person and BirthYear say who of those who share the contact it is; empty at the first call.
	Person    care.PersonID
	BirthYear int
	Device    string // what the person will see in their list
	Address   string // the client's network address, for limits only
	// Nonce makes a repeated call after a lost answer get the same session. Without one, a lost
	// answer costs a new code.
	Nonce care.Nonce
}

// SignedIn is the outcome of a right code: exactly one of the three is set.
type SignedIn struct {
	Tokens *Tokens
	// Choices: several persons share the contact. Call again with the code, one of them and that
	// person's birth year.
	Choices []Choice
	// Unregistered: nobody has the contact. Call Register with the same flow and code.
	Unregistered bool
}

// Choice is one of the persons who share a contact.
type Choice struct {
	Person    care.PersonID
	FirstName string
}

// RequestCode sends a sign-in code to a mail address or phone number and names the flow that it
// belongs to. A contact that nobody has gets a code too (it may register with it), so neither the
// answer nor the work behind it tells whether a contact is known. Codes: contact_*, too_many_codes
// with retryAfter in seconds, code_not_sent.
func (a *App) RequestCode(ctx context.Context, rawContact, address string) (FlowID, error) {
	to, err := a.parseContact(rawContact)
	if err != nil {
		return "", care.Within("contact", err)
	}
	hash := a.contactHash(to)
	if err := a.limitCodes(ctx, hash, address); err != nil {
		return "", err
	}
	known, err := findAll(ctx, a.Stores.Persons, port.Key{Name: ByContact, Value: hash})
	if err != nil {
		return "", err
	}
	now, language := a.clock(), homeLanguage
	f := Flow{ID: fresh[FlowID](now), Contact: hash, CreatedAt: now, ExpiresAt: now.Add(codeLife)}
	for _, p := range known {
		f.Persons, language = append(f.Persons, p.ID), p.Language
	}
	code, err := token.NewCode(rand.Reader)
	if err != nil {
		return "", err
	}
	f.CodeHash = a.codeHash(f.ID, code)
	if _, err := a.Stores.Flows.Insert(ctx, f.ID, f, nil, port.Write{}); err != nil {
		return "", err
	}
	if err := a.Postman.SendCode(ctx, to, language, code); err != nil {
		a.Log.Warn("sign-in code not sent", "kind", to.Kind, "flow", f.ID, "error", care.CodeOf(err))
		return "", care.E(care.Unavailable, "code_not_sent", "the code could not be sent; try again")
	}
	return f.ID, nil
}

func (a *App) limitCodes(ctx context.Context, hash, address string) error {
	if err := a.countFrom(ctx, codesAddress, address); err != nil {
		return err
	}
	from := network(address)
	if err := a.count(ctx, codesHere, hash+" "+from); err != nil {
		return err
	}
	// The first two from an address do not count among the contact's own: a stranger who asks from many
	// addresses wears out those, and never what the person at home gets. Only the mailbox itself is
	// kept from being flooded, far above that.
	err := a.count(ctx, codesFirst, hash+" "+from)
	if care.IsKind(err, care.Limited) {
		err = a.count(ctx, codesContact, hash)
	}
	if err != nil {
		return err
	}
	if err := a.count(ctx, codesMailbox, hash); err != nil {
		return err
	}
	return a.alarm(ctx, codesOverall)
}

// RedeemCode turns a code into a session, once. A wrong, late, used or unknown code is code_invalid
// and says no more; with a right code, a wrong birth year is birth_year_wrong. Too many tries
// from one address are too_many_attempts.
func (a *App) RedeemCode(ctx context.Context, r Redemption) (SignedIn, error) {
	f, err := a.prove(ctx, r)
	if err != nil {
		return SignedIn{}, err
	}
	people, err := a.people(ctx, f)
	switch {
	case err != nil:
		return SignedIn{}, err
	case len(people) == 0 && f.Paper:
		return SignedIn{}, codeInvalid()
	case len(people) == 0:
		return SignedIn{Unregistered: true}, a.prolong(ctx, f)
	case len(people) > 1 && r.Person == "":
		return SignedIn{Choices: choices(people)}, a.prolong(ctx, f)
	}
	p, err := chosen(people, r)
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.notLent(ctx, f.Paper, p.ID, codeInvalid()); err != nil {
		return SignedIn{}, err
	}
	session, err := a.use(ctx, f, p.ID, r.Nonce)
	if err != nil {
		return SignedIn{}, err
	}
	tokens, err := a.openSession(ctx, Session{ID: session, Person: p.ID, Device: r.Device, Paper: f.Paper})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Tokens: &tokens}, nil
}

// people reads the persons of a flow who are still there. Where another record stays in place of one,
// that is who they are, if the contact is that record's too: a contact that was dropped there signs
// nobody in. A code on paper for the record that went is void.
func (a *App) people(ctx context.Context, f Flow) ([]care.Person, error) {
	var found []care.Person
	ids := slices.Clone(f.Persons)
	for i := 0; i < len(ids); i++ {
		p, err := a.Stores.Persons.Get(ctx, ids[i])
		has := func(c care.Contact) bool { return a.contactHash(c) == f.Contact }
		switch {
		case care.IsKind(err, care.NotFound):
		case err == nil && p.Value.Into() != ids[i]:
			if into := p.Value.Into(); !f.Paper && !slices.Contains(ids, into) {
				ids = append(ids, into)
			}
		case err == nil && !slices.Contains(f.Persons, ids[i]) && !slices.ContainsFunc(p.Value.Contacts, has):
		case err != nil:
			return nil, err
		case there(p.Value):
			found = append(found, p.Value)
		}
	}
	return found, nil
}

// chosen is the person that a redemption is for. Only where a contact is shared must they know
// their birth year, once.
func chosen(people []care.Person, r Redemption) (care.Person, error) {
	if len(people) == 1 && (r.Person == "" || r.Person == people[0].ID) {
		return people[0], nil
	}
	i := slices.IndexFunc(people, func(p care.Person) bool { return p.ID == r.Person })
	if i < 0 {
		return care.Person{}, codeInvalid()
	}
	if !strings.HasPrefix(people[i].BirthDate, strconv.Itoa(r.BirthYear)+"-") {
		return care.Person{}, care.E(care.Unauthenticated, "birth_year_wrong", "this is not the birth year of that person")
	}
	return people[i], nil
}

func choices(people []care.Person) []Choice {
	var list []Choice
	for _, p := range people {
		list = append(list, Choice{Person: p.ID, FirstName: p.FirstName})
	}
	return list
}

// parseContact reads a mail address or a phone number into the form it is stored and found under.
func (a *App) parseContact(raw string) (care.Contact, error) {
	read, err := contact.Parse(raw, a.Region)
	return care.Contact{Kind: care.ContactKind(read.Kind), Value: read.Value}, err
}

func (a *App) contactHash(c care.Contact) string { return ContactHash(a.Secret)(c) }

func (a *App) codeHash(flow FlowID, code string) []byte {
	sum := token.HashCode(a.Secret, string(flow), code)
	return sum[:]
}

// codeInvalid is the one answer to every code that does not count, whatever is wrong with it.
func codeInvalid() error {
	return care.E(care.Unauthenticated, "code_invalid", "the code is not valid, or no longer")
}
