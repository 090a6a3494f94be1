package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// Basis is the ground on which somebody may read another person's data.
type Basis string

// The grounds. Each is a message key.
const (
	BasisOffice   Basis = "office"   // it is their task: the chair that must act, desk, administration
	BasisRules    Basis = "rules"    // the association sees to safety in its village
	BasisConsent  Basis = "consent"  // the person agreed: to be asked for, or to be referred
	BasisQuestion Basis = "question" // they were asked whether they can help
	BasisVisit    Basis = "visit"    // they help, or were helped
)

// basisOf is the ground that goes with a relation.
func basisOf(as care.Party) Basis {
	switch Relation(as) {
	case RelModerator:
		return BasisRules
	case RelProxy, RelCarer, Relation(Receiver), Relation(Sender):
		return BasisConsent
	case RelAsked:
		return BasisQuestion
	case RelAgreed, RelRequester, Relation(care.HelperParty):
		return BasisVisit
	}
	return BasisOffice
}

// sameReading is how long a repeated reading of a request counts as the same one: a device that asks
// for its list every few seconds would drown the log in which a person looks for who saw what. Every
// search, address and person that is opened stands there each time.
const sameReading = time.Minute

// polled are the readings that devices repeat by themselves.
func polled(v View) bool { return v.What == "request" || v.What == "name" }

// readings remembers what was written into logs lately, so that it is not written again. It is only
// ever a minute of one process: losing it costs a second row.
type readings struct {
	mu   sync.Mutex
	last map[View]time.Time
}

// fresh reports whether no row of the last minute says the same.
func (r *readings) fresh(v View, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.last[v]
	return !ok || now.Before(last) || now.Sub(last) >= sameReading
}

func (r *readings) note(v View, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last) >= 10_000 || r.last == nil {
		r.last = map[View]time.Time{}
	}
	r.last[v] = now
}

// logView writes one reading of somebody's personal data. It is written before the data leaves, so
// that nothing is seen unseen. Nobody's own reading is written down.
func (a *App) logView(ctx context.Context, v View) error {
	if v.Whose == v.By || v.Whose == "" {
		return nil
	}
	if v.Basis == "" {
		v.Basis = basisOf(v.As)
	}
	if later := heldBack(ctx); later != nil {
		later.views = append(later.views, v)
		return nil
	}
	now := a.clock()
	if polled(v) && !a.readings.fresh(v, now) {
		return nil
	}
	row := v
	row.ID, row.At = newID(now), now
	if _, err := a.Stores.Views.Insert(ctx, row.ID, row, []care.Event{row.event()}, port.Write{}); err != nil {
		return err
	}
	if polled(v) {
		a.readings.note(v, now)
	}
	return nil
}

// logNames writes down whose names are shown in a request or its history. Who acts in an office is
// known to everybody there, and is not logged. The rows are written in the order of the people's ids: a
// row gets its own id as it is written, and people find the rows of one moment in the order of those.
func (a *App) logNames(ctx context.Context, seen View, people ...map[care.PersonID]PersonView) error {
	for _, named := range people {
		for _, id := range slices.Sorted(maps.Keys(named)) {
			v := seen
			v.Whose, v.What = id, "name"
			if err := a.logView(ctx, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// SeenView is an entry of the log as its person reads it: with the name of who looked, and of the
// village or body in whose name they did.
type SeenView struct {
	View
	Name string // empty where they are gone
	Body string
}

// Views lists who saw what of the caller's data, and when; oldest first.
func (a *App) Views(ctx context.Context, c Caller, page port.Page) ([]SeenView, error) {
	found, err := findOwn(ctx, a, a.Stores.Views, ByPerson, c.Person, page)
	if err != nil {
		return nil, err
	}
	names, bodies := map[care.PersonID]string{}, map[string]string{}
	views := make([]SeenView, len(found))
	for i, v := range found {
		views[i].View = v.Value
		if views[i].Name, err = a.nameOf(ctx, names, v.Value.By); err != nil {
			return nil, err
		}
		if v.Value.byNeighbour() {
			views[i].Name, _, _ = strings.Cut(views[i].Name, nameBreak)
		}
		views[i].Name = strings.TrimSpace(strings.ReplaceAll(views[i].Name, nameBreak, " "))
		if views[i].Body, err = a.bodyOf(ctx, bodies, v.Value); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// byNeighbour reports whether who read is known to the person by their first name alone: who was merely
// asked is so to the requester, and who asks is so to the helpers whose names they read.
func (v View) byNeighbour() bool {
	switch Relation(v.As) {
	case RelAsked, RelRequester:
		return true
	case RelProxy:
		return v.What == "name"
	}
	return false
}

// nameBreak stands between first and last name while both are known apart; no name holds it.
const nameBreak = "\n"

func (a *App) nameOf(ctx context.Context, known map[care.PersonID]string, id care.PersonID) (string, error) {
	name, ok := known[id]
	if ok {
		return name, nil
	}
	p, err := a.Stores.Persons.Get(ctx, id)
	if err != nil && !care.IsKind(err, care.NotFound) {
		return "", err
	}
	if err == nil {
		name = p.Value.FirstName + nameBreak + p.Value.LastName
	}
	known[id] = name
	return name, nil
}

// bodyOf names the organisation, or else the village, in whose name a reading was made. A helper
// reads in nobody's.
func (a *App) bodyOf(ctx context.Context, known map[string]string, v View) (string, error) {
	key := string(v.Organization) + "/" + string(v.Community)
	name, ok := known[key]
	if ok {
		return name, nil
	}
	var err error
	if v.Organization != "" {
		var o port.Stored[care.Organization]
		o, err = a.Stores.Organizations.Get(ctx, v.Organization)
		name = o.Value.Name
	} else if v.Community != "" {
		var m port.Stored[care.Community]
		m, err = a.Stores.Communities.Get(ctx, v.Community)
		name = m.Value.Name
	}
	if err != nil && !care.IsKind(err, care.NotFound) {
		return "", err
	}
	known[key] = name
	return name, nil
}

// reader is who reads in which office of a village: what goes into the log of the person read of.
func (r rights) reader(in care.CommunityID, as Relation) View {
	v := View{By: r.person, As: care.Party(as)}
	switch as {
	case RelOwner, RelStaff, RelModerator, RelAdministrator:
	default:
		return v
	}
	v.Community = in
	for _, m := range r.members {
		if m.Community == in && hasRole(m, []care.Role{care.FixedWorker, care.DeskWorker, care.Moderator, care.Administrator}) {
			v.Organization = m.Organization
			return v
		}
	}
	for _, m := range r.members {
		if m.Organization != "" && hasRole(m, []care.Role{care.GuarantorRole, care.Administrator}) {
			v.Organization = m.Organization
		}
	}
	return v
}

// event carries a reading to the audit log.
func (v View) event() care.Event {
	return care.Event{Type: care.PersonViewed, At: v.At, By: v.By, Person: v.Whose, Community: v.Community, Organization: v.Organization,
		Request: v.Request, Code: v.What}
}
