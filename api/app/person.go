package app

import (
	"context"
	"slices"

	"naober/api/contact"
	"naober/api/port"
	"naober/matching/care"
)

// RelSelf is how everybody stands to their own person.
const RelSelf Relation = "self"

// noBSN refuses texts that hold what must be taken for a citizen service number. Every command that
// keeps free text calls it: the product has no use for the number and no right to it.
func noBSN(texts ...string) error {
	if slices.ContainsFunc(texts, contact.BSN) {
		return care.E(care.Invalid, "bsn_refused", "leave the citizen service number out")
	}
	return nil
}

// visiblePerson cuts a person down to what one relation sees.
//
//   - self, staff (desk and fixed worker): everything.
//   - carer (formal care that took them on): who they are, where and how to reach them.
//   - moderator: the name, the town and since when; no birth date, contact or address.
func visiblePerson(p care.Person, rel Relation) care.Person {
	switch rel {
	case RelSelf, RelStaff:
		return p
	case RelCarer:
		p.Registered, p.RegisteredBy = "", ""
		return p
	case RelModerator:
		return care.Person{ID: p.ID, FirstName: p.FirstName, LastName: p.LastName, Home: care.Place{Town: p.Home.Town}, CreatedAt: p.CreatedAt}
	}
	return care.Person{}
}

// relationToPerson says how somebody stands to a person, and what that person may do themselves.
// A stranger learns nothing.
func (a *App) relationToPerson(ctx context.Context, by, of care.PersonID) (Relation, rights, error) {
	theirs, err := a.rights(ctx, of)
	if err != nil {
		return "", rights{}, err
	}
	if by == of {
		return RelSelf, theirs, nil
	}
	mine, err := a.rights(ctx, by)
	if err != nil {
		return "", rights{}, err
	}
	best := Relation("")
	for _, village := range theirs.communities(care.Resident, care.Volunteer) {
		switch {
		case mine.in(village, care.DeskWorker, care.FixedWorker):
			return RelStaff, theirs, nil
		case mine.in(village, care.Moderator):
			best = RelModerator
		}
	}
	carer, err := a.caresFor(ctx, mine, of)
	switch {
	case err != nil:
		return "", rights{}, err
	case carer:
		return RelCarer, theirs, nil
	case best == "":
		return "", rights{}, care.E(care.NotFound, "person_not_found", "there is no such person")
	}
	return best, theirs, nil
}

// caresFor reports whether formal care at which somebody works has taken a referral for a person
// and is not done with it.
func (a *App) caresFor(ctx context.Context, mine rights, of care.PersonID) (bool, error) {
	if len(mine.organizations(care.ProfessionalRole)) == 0 {
		return false, nil
	}
	page := port.Page{Limit: 200}
	for {
		found, err := findOwn(ctx, a, a.Stores.Referrals, ByFor, of, page)
		if err != nil {
			return false, err
		}
		for _, f := range found {
			taken := f.Value.State == care.ReferralTaken || f.Value.State == care.ReferralUnderWay
			if taken && sideOf(mine, f.Value) == Receiver {
				return true, nil
			}
		}
		if len(found) < page.Limit {
			return false, nil
		}
		page.After = found[len(found)-1].ID
	}
}

// Me is the caller's own person, whole.
func (a *App) Me(ctx context.Context, c Caller) (port.Stored[care.Person], error) {
	return a.Stores.Persons.Get(ctx, c.Person)
}

// Person shows somebody to the desk, the fixed worker and the moderators of their community, and to
// formal care for as long as it has them in a referral that it accepted; each as visiblePerson says. The reading is in the person's log before anything is shown.
func (a *App) Person(ctx context.Context, c Caller, id care.PersonID) (port.Stored[care.Person], error) {
	id = a.resolve(id)
	rel, _, err := a.relationToPerson(ctx, c.Person, id)
	if err != nil {
		return port.Stored[care.Person]{}, err
	}
	p, err := a.Stores.Persons.Get(ctx, id)
	if err != nil {
		return port.Stored[care.Person]{}, err
	}
	if rel != RelSelf {
		if err := a.logPerson(ctx, c.Person, id, rel); err != nil {
			return port.Stored[care.Person]{}, err
		}
	}
	p.Value = visiblePerson(p.Value, rel)
	return p, nil
}

// logPerson says in whose name somebody read: a village's where both are, or formal care's.
func (a *App) logPerson(ctx context.Context, by, of care.PersonID, rel Relation) error {
	mine, err := a.rights(ctx, by)
	if err != nil {
		return err
	}
	theirs, err := a.rights(ctx, of)
	if err != nil {
		return err
	}
	seen := View{By: by, As: care.Party(rel)}
	for _, village := range theirs.communities(care.Resident, care.Volunteer) {
		if mine.in(village, care.DeskWorker, care.FixedWorker, care.Moderator) {
			seen = mine.reader(village, rel)
		}
	}
	if at := mine.organizations(care.ProfessionalRole); rel == RelCarer && len(at) > 0 {
		seen.Organization = at[0]
	}
	seen.Whose, seen.What = of, "person"
	return a.logView(ctx, seen)
}

// PersonEdit is what a person may change of themselves. Contacts come by AddContact, which proves
// them, and go by DropContact.
type PersonEdit struct {
	FirstName string
	LastName  string
	BirthDate string
	Gender    care.Gender
	Language  string
	Home      care.Place
}

// EditMe replaces what the caller's person says of themselves.
func (a *App) EditMe(ctx context.Context, c Caller, e PersonEdit) error {
	if err := noBSN(e.FirstName, e.LastName, e.Home.Street, e.Home.Town); err != nil {
		return err
	}
	return a.onMe(ctx, c, "person.edit", e, func(p care.Person) (care.Person, error) {
		p.FirstName, p.LastName, p.BirthDate = e.FirstName, e.LastName, e.BirthDate
		p.Gender, p.Language, p.Home = e.Gender, e.Language, e.Home
		return p, nil
	})
}

// DropContact takes one of the caller's contacts away. The last one stays: without it, nobody who
// uses the app could sign in again.
func (a *App) DropContact(ctx context.Context, c Caller, raw string) error {
	gone, err := a.parseContact(raw)
	if err != nil {
		return care.Within("contact", err)
	}
	return a.onMe(ctx, c, "person.drop_contact", gone, func(p care.Person) (care.Person, error) {
		i := slices.Index(p.Contacts, gone)
		if i < 0 {
			return p, care.E(care.NotFound, "contact_not_found", "that is not one of your contacts")
		}
		p.Contacts = slices.Delete(slices.Clone(p.Contacts), i, i+1)
		return p, nil
	})
}

// AddContact adds a mail address or phone number to the caller's person, once a code that
// RequestCode sent there proves that it is theirs. The code's flow is not spent: it proves the same
// contact to the same holder until it runs out.
func (a *App) AddContact(ctx context.Context, c Caller, raw string, r Redemption) error {
	added, err := a.parseContact(raw)
	if err != nil {
		return care.Within("contact", err)
	}
	now := a.clock()
	add := func(p care.Person) (care.Person, []care.Event, error) {
		if slices.Contains(p.Contacts, added) {
			return p, nil, nil
		}
		next := p
		next.Contacts = append(slices.Clone(p.Contacts), added)
		return p.Edit(next, c.Person, now)
	}
	act := func(_ string, w port.Write) error {
		f, err := a.prove(ctx, r)
		if err != nil {
			return err
		}
		if f.Contact != a.contactHash(added) {
			return contactNotProven()
		}
		_, err = a.Stores.Persons.Update(ctx, c.Person, w, add)
		return err
	}
	_, err = a.once(ctx, c, intent{name: "person.add_contact", args: []any{added, r.Flow, r.Code}, subject: string(c.Person)}, act,
		marksOf(a.Stores.Persons))
	return err
}

func contactNotProven() error {
	return care.E(care.Invalid, "contact_not_proven", "the code was sent to another contact")
}

func (a *App) onMe(ctx context.Context, c Caller, name string, args any, f func(care.Person) (care.Person, error)) error {
	now := a.clock()
	err := change(ctx, a, c, name, args, a.Stores.Persons, c.Person, func(p care.Person) (care.Person, []care.Event, error) {
		next, err := f(p)
		if err != nil {
			return p, nil, err
		}
		return p.Edit(next, c.Person, now)
	})
	if err == nil {
		a.rename(ctx, c.Person)
	}
	return err
}
