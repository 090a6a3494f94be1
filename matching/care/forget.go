package care

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// reasonForgotten is why things end of somebody who is forgotten.
const reasonForgotten = "person_forgotten"

// Forget takes everything that a person said of themselves away and begins the end of all that is
// theirs. Whoever is forgotten already stays so. Only the person can, or the fixed worker for
// somebody without the app: the application has checked that. A record in whose place another one stays
// goes with that one and never alone, or what it was merged into would stay known. name is their first name, typed once
// more, so that nobody is forgotten by a slip of the finger.
func (p Person) Forget(name string, by PersonID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Gone():
		return p, nil, nil
	case spelled(name) == "", !strings.EqualFold(spelled(name), spelled(p.FirstName)):
		return p, nil, Amiss("firstName", "confirmation_wrong", "to be forgotten, type the first name as the profile has it")
	case p.Alias != nil && p.Alias.Firm:
		return p, nil, E(Conflict, "person_merged", "the record was merged with another one; whoever is forgotten there is forgotten here too")
	case p.merging():
		return p, nil, mergeBusy() // or the end of one record would be that of another person's
	}
	return p.forget(by, now)
}

// merging tells whether a merge of this record, or its undo, is being carried out.
func (p Person) merging() bool {
	return p.Alias != nil && !p.Alias.Firm ||
		slices.ContainsFunc(p.Absorbed, func(m Absorbed) bool { return !m.Settled || !m.UndoneAt.IsZero() })
}

// ForgetWith forgets a record in whose place another one stays, because that one is forgotten.
func (p Person) ForgetWith(by PersonID, now time.Time) (Person, []Event, error) {
	if p.Gone() || p.Alias == nil || p.Alias.Into != by {
		return p, nil, nil
	}
	return p.forget(by, now)
}

func (p Person) forget(by PersonID, now time.Time) (Person, []Event, error) {
	next := Person{ID: p.ID, WithoutApp: p.WithoutApp, Registered: p.Registered, RegisteredBy: p.RegisteredBy,
		CreatedAt: p.CreatedAt, ForgetAt: now, Alias: p.Alias}
	for _, m := range p.Absorbed { // whose records go with this one
		next.Absorbed = append(next.Absorbed, Absorbed{ID: m.ID, Person: m.Person})
	}
	return next, []Event{{Type: PersonForgetting, At: now, By: by, Person: p.ID}}, nil
}

// Forgotten says that nothing of the person is left to be forgotten: their key is destroyed.
func (p Person) Forgotten(now time.Time) (Person, []Event, error) {
	if !p.Gone() || !p.ForgottenAt.IsZero() {
		return p, nil, nil
	}
	p.ForgottenAt = now
	return p, []Event{{Type: PersonForgotten, At: now, Person: p.ID}}, nil
}

// Gone reports whether the person asked to be forgotten. Nothing new begins for them.
func (p Person) Gone() bool { return !p.ForgetAt.IsZero() }

// personGone is the answer to whoever would begin something of a person who asked to be forgotten.
func personGone() error { return E(NotFound, "person_not_found", "there is no such person") }

// Forget closes a helper's book: no village has approved them any more, so nothing is asked or
// agreed from this moment. Hours that are agreed are freed as their visits go back. Whom they kept
// away goes too; whom others keep away is those others' own.
func (h Helper) Forget(now time.Time) (Helper, []Event, error) {
	next := h.clone()
	next.Approvals, next.Vettings, next.Pauses, next.Blocks, next.Questions = nil, nil, nil, nil, nil
	next.Quiet, next.Absorbed, next.Away = DefaultQuiet(h.Quiet.Zone), nil, nil
	if len(h.Approvals)+len(h.Vettings)+len(h.Pauses)+len(h.Blocks)+len(h.Questions)+len(h.Absorbed) == 0 &&
		h.Away == nil && h.Quiet.equal(next.Quiet) {
		return h, nil, nil
	}
	return next, []Event{next.event(HelperChanged, h.Person, "", now)}, nil
}

// Forget withdraws a request of somebody who is forgotten: whoever was asked is thanked, whoever
// would come is told.
func (r Request) Forget(now time.Time) (Request, []Event, error) {
	if r.Phase == Ended {
		return r, nil, nil
	}
	return r.Withdraw(Actor{Person: r.For, Party: Requester}, reasonForgotten, now)
}

// Forget ends a referral of somebody who is forgotten, for both organisations.
func (f Referral) Forget(now time.Time) (Referral, []Event, error) {
	if f.State == ReferralDone || f.State == ReferralDeclined {
		return f, nil, nil
	}
	f.State, f.DoneAt = ReferralDone, now
	e := f.event(ReferralCompleted, "", now)
	e.Code = reasonForgotten
	return f, []Event{e}, nil
}

// spelled is a name in one spelling: keyboards write an accent into its letter or behind it, and both
// look alike.
func spelled(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }
