package care

import "time"

// LifeState is where somebody is in their life; empty while they are simply there.
type LifeState string

// The states of a life that have rules.
const (
	Away       LifeState = "away"
	InHospital LifeState = "in_hospital"
	Died       LifeState = "died"
)

// Here is the state of everybody of whom nothing else is known.
const Here = ""

// Life is a fact about a person with rules. A time that has an end ends by itself.
type Life struct {
	State LifeState
	From  time.Time
	Until time.Time // zero: until somebody says that the person is back
	By    PersonID  // who said so, and when
	At    time.Time
	// ProposedBy says that this person died; nothing follows until a second one confirms it.
	ProposedBy PersonID
	ProposedAt time.Time
	MovedFrom  CommunityID // the last move, while its effects are carried out
	MovedTo    CommunityID
	MovedHome  Place // where they lived until then
}

// Now is the state at a moment: a time away that is over, or has not begun, is none.
func (l Life) Now(now time.Time) LifeState {
	if l.State != Died && (now.Before(l.From) || l.Rest().over(now)) {
		return Here
	}
	return l.State
}

// Planned is a time away that has not begun yet; Here where there is none.
func (l Life) Planned(now time.Time) LifeState {
	if now.Before(l.From) {
		return l.State
	}
	return Here
}

// Rest is when nothing takes place for or by this person; nil while they are there.
func (l Life) Rest() *Rest {
	if l.State == Here {
		return nil
	}
	return &Rest{From: l.From, Until: l.Until}
}

// Absence is what somebody says of a time in which they are not there. Away has an end; a hospital need
// not. Replaces says that it takes the place of whatever stands.
type Absence struct {
	State    LifeState
	Rest     Rest
	Replaces bool
}

// Leave says that the person is away or in hospital. While another absence stands, under way or planned,
// it is refused unless it replaces that: a holiday does not end a stay in hospital by being entered. One
// that stands already changes nothing.
func (p Person) Leave(a Absence, by PersonID, now time.Time) (Person, []Event, error) {
	rest := a.Rest
	if rest.From.Before(now) {
		rest.From = now
	}
	switch {
	case p.Gone():
		return p, nil, personGone()
	case p.Life.State == Died:
		return p, nil, lifeEnded()
	case a.State != Away && a.State != InHospital:
		return p, nil, E(Invalid, "life_unknown", "somebody is away or in hospital")
	case rest.From.After(now.AddDate(1, 0, 0)):
		return p, nil, lifeTimes("from")
	case rest.Until.IsZero() && a.State == Away, !rest.Until.IsZero() && !rest.Until.After(rest.From),
		rest.Until.After(now.AddDate(2, 0, 0)):
		return p, nil, lifeTimes("until")
	case p.Life.says(a.State, rest, now):
		return p, nil, nil
	case p.Life.stands(now) && !a.Replaces:
		return p, nil, p.Life.standing()
	}
	p.Life.State, p.Life.From, p.Life.Until, p.Life.By, p.Life.At = a.State, rest.From, rest.Until, by, now
	return p, []Event{p.lifeEvent(PersonLeft, by, now)}, nil
}

func lifeTimes(field string) error {
	return Amiss(field, "life_times_invalid", "a time away begins within a year and ends after that, within two years; away has an end")
}

// stands reports whether the person is not there, or has a time away ahead.
func (l Life) stands(now time.Time) bool { return l.State != Here && !l.Rest().over(now) }

// says reports whether this very absence stands. Of one that is under way it does not matter when it began.
func (l Life) says(s LifeState, rest Rest, now time.Time) bool {
	began := l.From.Equal(rest.From) || !l.From.After(now) && !rest.From.After(now)
	return l.stands(now) && l.State == s && began && l.Until.Equal(rest.Until)
}

// standing refuses another absence, and says which one stands.
func (l Life) standing() error {
	refused := E(Conflict, "absence_stands", "another absence stands; say whether this one takes its place").(*Error).
		With("state", string(l.State)).With("from", instant(l.From))
	if !l.Until.IsZero() {
		refused = refused.With("until", instant(l.Until))
	}
	return refused
}

// Return says that the person is back; what rested resumes by itself.
func (p Person) Return(by PersonID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Gone():
		return p, nil, personGone()
	case p.Life.State == Died:
		return p, nil, lifeEnded()
	case p.Life.State == Here:
		return p, nil, nil
	}
	p.Life.State, p.Life.From, p.Life.Until, p.Life.By, p.Life.At = Here, time.Time{}, time.Time{}, by, now
	return p, []Event{p.lifeEvent(PersonReturned, by, now)}, nil
}

// ReportDeath is the first half of the one step that two people take. Nothing follows from it yet.
func (p Person) ReportDeath(by PersonID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Gone():
		return p, nil, personGone()
	case p.Life.State == Died:
		return p, nil, lifeEnded()
	case by == p.ID:
		return p, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	case p.Life.ProposedBy != "":
		return p, nil, E(Conflict, "death_reported", "somebody has said so already; a second person confirms it")
	}
	p.Life.ProposedBy, p.Life.ProposedAt = by, now
	return p, nil, nil
}

// ConfirmDeath is the second half, by another person. From this write on nothing is sent any more.
func (p Person) ConfirmDeath(by PersonID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Gone():
		return p, nil, personGone()
	case by == p.ID:
		return p, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	case p.Life.State == Died:
		return p, nil, lifeEnded()
	case p.Life.ProposedBy == "":
		return p, nil, E(Conflict, "death_not_reported", "nobody has said so yet")
	case by == p.Life.ProposedBy:
		return p, nil, E(Forbidden, "second_person_needed", "this takes a second person")
	}
	p.Life.State, p.Life.From, p.Life.Until, p.Life.By, p.Life.At = Died, now, time.Time{}, by, now
	return p, []Event{p.lifeEvent(PersonDied, by, now)}, nil
}

// TakeBackDeath undoes the report, or corrects a confirmation that was wrong: the person may sign in
// and be reached again. What was ended meanwhile stays ended and is asked for anew.
func (p Person) TakeBackDeath(by PersonID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Gone():
		return p, nil, personGone()
	case p.Life.ProposedBy == "":
		return p, nil, E(Conflict, "death_not_reported", "nobody has said so yet")
	}
	was := p.Life.State
	p.Life.ProposedBy, p.Life.ProposedAt = "", time.Time{}
	if was != Died {
		return p, nil, nil
	}
	p.Life.State, p.Life.From, p.Life.By, p.Life.At = Here, time.Time{}, by, now
	return p, []Event{p.lifeEvent(PersonReturned, by, now)}, nil
}

// Move changes where somebody lives. What follows in the villages is carried out by the reader of the
// event.
func (p Person) Move(from, to CommunityID, home Place, by PersonID, now time.Time) (Person, []Event, error) {
	switch {
	case p.Gone():
		return p, nil, personGone()
	case p.Life.State == Died:
		return p, nil, lifeEnded()
	case from == to:
		return p, nil, Amiss("to", "moved_nowhere", "one moves from one community to another")
	case home.amiss() != "":
		return p, nil, Amiss("home."+home.amiss(), "place_invalid", "the home needs a point on earth and a town; street and post code are short texts")
	}
	if p.Life.MovedFrom != from || p.Life.MovedTo != to { // said once more, the first home is the old one
		p.Life.MovedHome = p.Home
	}
	p.Home, p.Life.MovedFrom, p.Life.MovedTo = home, from, to
	e := p.lifeEvent(PersonMoved, by, now)
	e.Community = to
	return p, []Event{e, {Type: PersonChanged, At: now, By: by, Person: p.ID}}, nil
}

func (p Person) lifeEvent(t EventType, by PersonID, now time.Time) Event {
	return Event{Type: t, At: now, By: by, Person: p.ID}
}

func lifeEnded() error {
	return E(Conflict, "life_ended", "the desk has recorded that this person died")
}

// Absent notes in a helper's book when they cannot help; nil when they are there again. A yes lies
// before or after it.
func (h Helper) Absent(rest *Rest, now time.Time) (Helper, []Event, error) {
	if (rest == nil) == (h.Away == nil) && (rest == nil || *rest == *h.Away) {
		return h, nil, nil
	}
	next := h.clone()
	next.Away = rest
	return next, []Event{next.event(HelperChanged, "", "", now)}, nil
}

// Gone reports whether the helper is not there at a time.
func (h Helper) Gone(at Interval) bool { return h.Away.covers(at) }

// Moved takes a helper from one community to another, whose association approves anew.
func (h Helper) Moved(from, to CommunityID, now time.Time) (Helper, []Event, error) {
	i := h.approval(from)
	if i < 0 {
		return h, nil, nil
	}
	next := h.clone()
	ended := next.Approvals[i].State == Approved
	next.Approvals = append(next.Approvals[:i], next.Approvals[i+1:]...)
	events := []Event{next.event(HelperChanged, "", from, now)}
	if !ended || next.approval(to) >= 0 {
		return next, events, nil
	}
	applied, more, err := next.Apply(to, now)
	return applied, append(events, more...), err
}

// GiveBack takes a helper's questions and visits out of a time in which they are not there: visits go
// to the owner, and to others the questions for that time and those that would wait for an answer in it. While
// they are gone no question of theirs stays open.
func (r Request) GiveBack(helper PersonID, rest Rest, reason string, now time.Time) (Request, []Event, error) {
	next, gone := r.clone(), (&rest).covers(moment(now))
	events := next.standDown(func(a Ask) bool {
		i := next.slotIndex(a.Slot)
		hit := (&rest).covers(Answering(a.AskFrom, a.LapsesAt)) ||
			i >= 0 && (&rest).covers(Interval{From: next.Slots[i].Start, Until: next.Slots[i].End})
		return a.Helper == helper && (gone || hit)
	}, byClock(), reason, now)
	if len(events) > 0 {
		next.WaveAt = now.Add(waveSoon)
	}
	for i, v := range next.Visits {
		if v.Helper == helper && v.Upcoming() && (&rest).covers(v.At) {
			events = append(events, next.endVisit(i, VisitCalledOff, VisitReturned, byClock(), reason, now))
			events = append(events, next.reopened(v.Slot, now)...)
			next.returned(v.Slot, now)
		}
	}
	if len(events) == 0 {
		return r, nil, nil
	}
	next.schedule(now)
	return next, events, nil
}

// Move is where a request goes along to with its person: a village, its time zone, and from which home
// to which.
type Move struct {
	To       CommunityID
	Zone     string
	OldHome  Place
	NewHome  Place
	NobodyIn bool // nobody sits in a chair there
}

// MoveAlong takes a request or series along to the village in which its person lives now. It rests until
// its owner there has looked at it: times fall out with their questions and visits, and whoever would
// have come is told. What was to be at the old home is to be at the new one. Where nobody there could be
// its owner it waits for the owner it had.
func (r Request) MoveAlong(m Move, by Actor, now time.Time) (Request, []Event, error) {
	stays := m.NobodyIn && (r.Todo == TodoMoved || r.Phase != Live)
	if r.Phase == Ended || r.Community == m.To || stays {
		return r, nil, nil
	}
	next, events, err := r.Pause(Rest{From: now}, by, now)
	if err != nil {
		return r, nil, err
	}
	next = next.clone()
	if !m.NobodyIn {
		next.Community, next.Zone, next.Stage, next.Owner, next.PromiseAt = m.To, m.Zone, StageVillage, Chair{Kind: ChairWorker, Community: m.To}, time.Time{}
	}
	if next.Where == m.OldHome {
		next.Where = m.NewHome
	}
	if next.Phase == Live {
		next.clearDesk()
		next.todo(TodoMoved, now)
	}
	next.schedule(now)
	return next, append(events, next.event(RequestChanged, by, now)), nil
}

func moment(at time.Time) Interval { return Interval{From: at, Until: at.Add(time.Millisecond)} }
