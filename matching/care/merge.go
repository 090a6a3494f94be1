package care

import (
	"slices"
	"time"
)

// UndoTime is how long two records that were made one can be taken apart again.
const UndoTime = 30 * 24 * time.Hour

const (
	maxAbsorbed = 20
	maxContacts = 4
)

// Alias says that another record of the same person stays in place of this one.
type Alias struct {
	Merge MergeID
	Into  PersonID
	In    CommunityID // at whose desk
	By    PersonID
	At    time.Time
	// Firm: the other record has taken this one in. Until then it is a claim, which no reader follows.
	Firm bool
}

// Absorbed is one record that this one stays in place of, and what this one said before.
type Absorbed struct {
	ID       MergeID
	Person   PersonID
	In       CommunityID
	By       PersonID
	At       time.Time
	Settled  bool // everything of the other record has been carried over
	UndoneBy PersonID
	UndoneAt time.Time // it is being undone; the row goes when that is done
	Contacts []Contact // that came with it
	// WithoutApp and Life are what this record said before, LifeNow what the merge made of that.
	WithoutApp bool
	Life       Life
	LifeNow    Life
}

// Until is the end of the time in which the merge can be undone.
func (m Absorbed) Until() time.Time { return m.At.Add(UndoTime) }

// Into is the record that stays in place of this one; this one itself where there is none.
func (p Person) Into() PersonID {
	if p.Alias != nil && p.Alias.Firm {
		return p.Alias.Into
	}
	return p.ID
}

// AbsorbedOf finds the row of a record that this one stays in place of.
func (p Person) AbsorbedOf(other PersonID) (Absorbed, bool) {
	i := slices.IndexFunc(p.Absorbed, func(m Absorbed) bool { return m.Person == other })
	if i < 0 {
		return Absorbed{}, false
	}
	return p.Absorbed[i], true
}

// BecomeAlias claims this record for another of the same person. It is the first half of a merge:
// nothing follows until the other record has taken it in. A record with a claim takes in none, so
// that of merges that meet no two can make a circle.
func (p Person) BecomeAlias(a Alias, now time.Time) (Person, []Event, error) {
	switch {
	case p.Alias != nil && p.Alias.Merge == a.Merge:
		return p, nil, nil
	case a.By == p.ID, a.By == a.Into:
		return p, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	case a.Into == p.ID:
		return p, nil, E(Invalid, "merge_self", "a record is not merged with itself")
	}
	if err := p.mayMerge(); err != nil {
		return p, nil, err
	}
	if p.merging() {
		return p, nil, mergeBusy()
	}
	a.At, a.Firm = now, false
	p.Alias = &a
	return p, []Event{p.mergeEvent(PersonMerging, a, now)}, nil
}

// mayMerge refuses what keeps either of the two records from being merged.
func (p Person) mayMerge() error {
	switch {
	case p.Gone():
		return E(NotFound, "person_not_found", "there is no such person")
	case p.Life.State == Died:
		return lifeEnded()
	case p.Life.ProposedBy != "":
		return E(Conflict, "death_reported", "somebody said that this person died; decide on that first")
	case p.Alias != nil && p.Alias.Firm:
		return E(Conflict, "person_merged", "the record was merged with another one")
	case p.Alias != nil, p.Life.MovedTo != "":
		return mergeBusy()
	}
	return nil
}

func mergeBusy() error {
	return E(Conflict, "merge_busy", "another change of these records is being carried out; try again in a minute")
}

// Absorb is the second half: this record takes in another that claimed it. Where the two differ the
// stricter word counts: who of the two is away is away. Two times away with days between are not made one, which
// would take the days between as well, and a life holds no two: the desk says first which one is so.
func (p Person) Absorb(other Person, now time.Time) (Person, []Event, error) {
	a := other.Alias
	if a == nil || a.Into != p.ID {
		return p, nil, mergeBusy()
	}
	if slices.ContainsFunc(p.Absorbed, func(m Absorbed) bool { return m.ID == a.Merge }) {
		return p, nil, nil
	}
	if err := p.mayMerge(); err != nil {
		return p, nil, err
	}
	switch {
	case len(p.Absorbed) >= maxAbsorbed:
		return p, nil, E(Conflict, "merges_too_many", "a record stays in place of at most %d others", maxAbsorbed)
	case p.Life.apartFrom(other.Life, now):
		return p, nil, E(Conflict, "absences_apart", "each record says a time away, and between the two the person is there; end or change one of them first")
	}
	m := Absorbed{ID: a.Merge, Person: other.ID, In: a.In, By: a.By, At: a.At, WithoutApp: p.WithoutApp, Life: p.Life}
	for _, c := range other.Contacts {
		if len(p.Contacts)+len(m.Contacts) < maxContacts && !slices.Contains(p.Contacts, c) {
			m.Contacts = append(m.Contacts, c)
		}
	}
	p.Contacts = slices.Concat(p.Contacts, m.Contacts)
	p.WithoutApp = p.WithoutApp && other.WithoutApp
	p.Life = stricterLife(p.Life, other.Life, now)
	m.LifeNow = p.Life
	p.Absorbed = append(slices.Clone(p.Absorbed), m)
	return p, []Event{p.changedBy(a.By, now), other.mergeEvent(PersonMerging, *a, now)}, nil
}

// apartFrom reports whether there is time between two absences that are not over.
func (l Life) apartFrom(o Life, now time.Time) bool {
	ends := func(one, next Life) bool { return !one.Until.IsZero() && one.Until.Before(next.From) }
	return l.stands(now) && o.stands(now) && (ends(l, o) || ends(o, l))
}

// stricterLife is the life in which less takes place: away rather than here, and the longer of two.
func stricterLife(a, b Life, now time.Time) Life {
	switch {
	case b.State == Here, b.Rest().over(now):
		return a
	case a.State == Here, a.Rest().over(now):
		return b
	}
	longer := a
	if b.From.Before(a.From) {
		longer.From = b.From
	}
	if a.Until.IsZero() || b.Until.IsZero() {
		longer.Until = time.Time{}
	} else if b.Until.After(a.Until) {
		longer.Until = b.Until
	}
	return longer
}

// Firm makes the claim firm, from where on every reader follows it.
func (p Person) Firm(id MergeID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Alias == nil || p.Alias.Merge != id:
		return p, nil, E(Conflict, "merge_void", "the claim was given up")
	case p.Alias.Firm:
		return p, nil, nil
	}
	a := *p.Alias
	a.Firm = true
	p.Alias = &a
	return p, []Event{p.mergeEvent(PersonMerged, a, now)}, nil
}

// Unalias gives the claim up, or lets the record stand for itself again.
func (p Person) Unalias(id MergeID, by PersonID, now time.Time) (Person, []Event, error) {
	if p.Alias == nil || p.Alias.Merge != id {
		return p, nil, nil
	}
	a := *p.Alias
	p.Alias = nil
	a.By = by
	return p, []Event{p.mergeEvent(PersonUnmerged, a, now), p.changedBy(by, now)}, nil
}

// SettleMerge notes that everything of the other record has been carried over.
func (p Person) SettleMerge(id MergeID) (Person, []Event, error) {
	i := slices.IndexFunc(p.Absorbed, func(m Absorbed) bool { return m.ID == id })
	if i < 0 || p.Absorbed[i].Settled {
		return p, nil, nil
	}
	p.Absorbed = slices.Clone(p.Absorbed)
	p.Absorbed[i].Settled = true
	return p, nil, nil
}

// UndoMerge begins to take two records apart, the last that came first. Only its row says so until
// everything has gone back.
func (p Person) UndoMerge(other PersonID, by PersonID, now time.Time) (Person, []Event, error) {
	m, ok := p.AbsorbedOf(other)
	switch {
	case by == p.ID, by == other:
		return p, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	case !ok:
		return p, nil, E(Conflict, "not_merged", "the record stands for itself")
	case !m.UndoneAt.IsZero():
		return p, nil, nil
	case p.Gone():
		return p, nil, E(NotFound, "person_not_found", "there is no such person")
	case p.Life.State == Died:
		return p, nil, lifeEnded()
	case p.Alias != nil:
		return p, nil, E(Conflict, "person_merged", "the record was merged with another one; undo that first")
	case !m.Settled:
		return p, nil, mergeBusy()
	case p.Absorbed[len(p.Absorbed)-1].ID != m.ID:
		return p, nil, E(Conflict, "merge_not_last", "undo the later merges first")
	case !now.Before(m.Until()):
		return p, nil, E(Conflict, "merge_final", "a merge can be undone for 30 days")
	}
	p.Absorbed = slices.Clone(p.Absorbed)
	row := &p.Absorbed[len(p.Absorbed)-1]
	row.UndoneBy, row.UndoneAt = by, now
	return p, []Event{{Type: PersonUnmerging, At: now, By: by, Person: other, Helper: p.ID, Community: m.In}}, nil
}

// DropAbsorbed brings back what this record said before it took another in. What was changed since
// stays as it is.
func (p Person) DropAbsorbed(id MergeID, by PersonID, now time.Time) (Person, []Event, error) {
	i := slices.IndexFunc(p.Absorbed, func(m Absorbed) bool { return m.ID == id })
	if i < 0 {
		return p, nil, nil
	}
	m := p.Absorbed[i]
	p.Absorbed = slices.Delete(slices.Clone(p.Absorbed), i, i+1)
	p.Contacts = slices.DeleteFunc(slices.Clone(p.Contacts), func(c Contact) bool { return slices.Contains(m.Contacts, c) })
	p.WithoutApp = p.WithoutApp || m.WithoutApp
	events := []Event{p.changedBy(by, now)}
	if p.Life == m.LifeNow && p.Life != m.Life {
		p.Life = m.Life
		events = append(events, p.lifeEvent(PersonReturned, by, now))
	}
	return p, events, nil
}

func (p Person) changedBy(by PersonID, now time.Time) Event {
	return Event{Type: PersonChanged, At: now, By: by, Person: p.ID}
}

func (p Person) mergeEvent(t EventType, a Alias, now time.Time) Event {
	return Event{Type: t, At: now, By: a.By, Person: p.ID, Helper: a.Into, Community: a.In}
}
