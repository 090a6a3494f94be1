package app

import (
	"context"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// Relation is how somebody stands to a document; it decides what they see of it.
type Relation string

// The relations, from the nearest to the farthest. A stranger sees nothing at all.
const (
	RelRequester Relation = "requester" // the person it is for, or their proxy
	RelOwner     Relation = "owner"     // holds the chair
	RelStaff     Relation = "staff"     // desk and fixed worker of the community
	RelAgreed    Relation = "agreed"    // helper of a visit that is agreed or over
	RelAsked     Relation = "asked"     // has a question that is open, or stands by
	RelModerator Relation = "moderator" // of the community
)

// RequestView is what one person sees of one request. It is made by VisibleRequest and nowhere
// else: reads, lists and permission checks all go through it. An absent pointer is an absent field.
type RequestView struct {
	Request  care.Request // only the fields named in the method comments below are set
	Ver      int64
	Relation Relation
	State    care.State
	For      *PersonView
	By       *PersonView // who asked on their behalf
	Owners   []PersonView
	Exact    bool // Where and Ride hold exact places, not towns alone
	People   map[care.PersonID]PersonView
}

// PersonView is what one person sees of another: a first name, and the rest where the relation
// allows it.
type PersonView struct {
	ID        care.PersonID
	FirstName string
	LastName  string // empty where it is not for the viewer
}

// relationTo says how a person stands to a request; it is the permission check of every read.
func (a *App) relationTo(ctx context.Context, p care.PersonID, r care.Request) (Relation, error) {
	none := care.E(care.NotFound, "request_not_found", "there is no such request")
	switch r.PartyOf(p) {
	case care.Requester:
		return RelRequester, nil
	case care.HelperParty:
		return helperRelation(p, r, none)
	}
	owner, err := a.holds(ctx, p, r.Owner)
	if err != nil {
		return "", err
	}
	if owner {
		return RelOwner, nil
	}
	mine, err := a.rights(ctx, p)
	switch {
	case err != nil:
		return "", err
	case mine.in(r.Community, care.DeskWorker, care.FixedWorker):
		return RelStaff, nil
	case mine.in(r.Community, care.Moderator):
		return RelModerator, nil
	}
	return "", none
}

func helperRelation(p care.PersonID, r care.Request, none error) (Relation, error) {
	for _, v := range r.Visits {
		if v.Helper == p && v.State != care.VisitCalledOff {
			return RelAgreed, nil
		}
	}
	for _, ask := range r.Asks {
		if ask.Helper == p && (ask.Answerable() || ask.State == care.Reserved || ask.State == care.StoodDown || ask.State == care.Accepted) {
			return RelAsked, nil
		}
	}
	return "", none
}

// visibleRequest cuts a request down to what one relation sees.
//
//   - requester: everything of their own request; of helpers only who is asked or agreed.
//   - owner, staff: everything, exact places included; each such reading is logged.
//   - asked: the task in its own words, the slot asked for, the town; their own ask.
//   - agreed: the same, and their own visit. The exact place comes from RevealAddress alone.
//   - moderator: that it exists, its kind, its state and what waits; no words, no place.
func visibleRequest(r care.Request, viewer care.PersonID, rel Relation) care.Request {
	switch rel {
	case RelRequester:
		r.Todo, r.OwnerDue, r.Voids = "", time.Time{}, nil
		return r
	case RelOwner, RelStaff:
		r.Voids = nil
		return r
	case RelAsked, RelAgreed:
		return forHelper(r, viewer)
	}
	return care.Request{ID: r.ID, Community: r.Community, Kind: r.Kind, Phase: r.Phase, Outcome: r.Outcome, Urgency: r.Urgency, Stage: r.Stage,
		Owner: r.Owner, Todo: r.Todo, OwnerDue: r.OwnerDue, NextAction: r.NextAction, NextActionAt: r.NextActionAt, CreatedAt: r.CreatedAt, ClosedAt: r.ClosedAt}
}

func forHelper(r care.Request, viewer care.PersonID) care.Request {
	shown := care.Request{ID: r.ID, Community: r.Community, For: r.For, Kind: r.Kind, Words: r.Words, Needs: r.Needs,
		Circumstances: r.Circumstances, Where: care.Place{Town: r.Where.Town}, Urgency: r.Urgency, Phase: r.Phase, Outcome: r.Outcome, CreatedAt: r.CreatedAt}
	if r.Ride != nil {
		ride := *r.Ride
		ride.To = care.Place{Town: r.Ride.To.Town}
		shown.Ride = &ride
	}
	slots := map[care.SlotID]bool{}
	for _, ask := range r.Asks {
		if ask.Helper == viewer {
			shown.Asks = append(shown.Asks, ask)
			slots[ask.Slot] = true
		}
	}
	for _, v := range r.Visits {
		if v.Helper == viewer {
			shown.Visits = append(shown.Visits, v)
			slots[v.Slot] = true
		}
	}
	for _, s := range r.Slots {
		if slots[s.ID] {
			shown.Slots = append(shown.Slots, s)
		}
	}
	return shown
}

// Request shows one request as the caller may see it. A reading of somebody else's personal data
// by owner or staff is written into that person's log.
func (a *App) Request(ctx context.Context, c Caller, id care.RequestID) (RequestView, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	view, err := a.viewRequest(ctx, c, r)
	if err != nil {
		return RequestView{}, err
	}
	if view.Relation == RelOwner || view.Relation == RelStaff {
		seen := View{Whose: r.Value.For, By: c.Person, As: care.Party(view.Relation), What: "request", Request: id, At: a.clock()}
		if err := a.logView(ctx, seen); err != nil {
			return RequestView{}, err
		}
	}
	return view, nil
}

func (a *App) viewRequest(ctx context.Context, c Caller, r Stored[care.Request]) (RequestView, error) {
	rel, err := a.relationTo(ctx, c.Person, r.Value)
	if err != nil {
		return RequestView{}, err
	}
	view := RequestView{Ver: r.Ver, Relation: rel, Request: visibleRequest(r.Value, c.Person, rel), State: stateFor(r.Value, rel, a.clock()),
		Exact: rel == RelRequester || rel == RelOwner || rel == RelStaff, People: map[care.PersonID]PersonView{}}
	full := view.Exact
	if view.Request.For != "" {
		if view.For, err = a.personView(ctx, r.Value.For, full); err != nil {
			return RequestView{}, err
		}
	}
	if view.Request.OnBehalf != nil {
		if view.By, err = a.personView(ctx, r.Value.OnBehalf.By, true); err != nil {
			return RequestView{}, err
		}
	}
	for _, v := range view.Request.Visits {
		if err := a.addPerson(ctx, view.People, v.Helper, full); err != nil {
			return RequestView{}, err
		}
	}
	for _, ask := range view.Request.Asks {
		if err := a.addPerson(ctx, view.People, ask.Helper, rel == RelOwner || rel == RelStaff); err != nil {
			return RequestView{}, err
		}
	}
	if full {
		view.Owners, err = a.ownerViews(ctx, r.Value.Owner)
	}
	return view, err
}

// stateFor tells a helper only whether the request still lives: how many others are asked or agreed
// is not for them.
func stateFor(r care.Request, rel Relation, now time.Time) care.State {
	state := r.State(now)
	if (rel == RelAsked || rel == RelAgreed) && state == care.Arranged {
		return care.Open
	}
	return state
}

func (a *App) addPerson(ctx context.Context, people map[care.PersonID]PersonView, p care.PersonID, full bool) error {
	if _, ok := people[p]; ok {
		return nil
	}
	view, err := a.personView(ctx, p, full)
	if err == nil {
		people[p] = *view
	}
	return err
}

func (a *App) personView(ctx context.Context, p care.PersonID, full bool) (*PersonView, error) {
	person, err := a.Stores.Persons.Get(ctx, p)
	if err != nil {
		return nil, err
	}
	view := PersonView{ID: p, FirstName: person.Value.FirstName}
	if full {
		view.LastName = person.Value.LastName
	}
	return &view, nil
}

func (a *App) ownerViews(ctx context.Context, ch care.Chair) ([]PersonView, error) {
	people, err := a.holders(ctx, ch)
	if err != nil {
		return nil, err
	}
	var views []PersonView
	for _, p := range people {
		view, err := a.personView(ctx, p, true)
		if err != nil {
			return nil, err
		}
		views = append(views, *view)
	}
	return views, nil
}

// RequestsBy lists requests as the caller may see them: mine (for or by me), asked (where I am
// asked or agreed), or owned (on the desks of my communities). Whatever the caller may not see is
// left out.
func (a *App) RequestsBy(ctx context.Context, c Caller, scope string, in care.CommunityID, page Page) ([]RequestView, string, error) {
	key := Key{ByFor, string(c.Person)}
	switch scope {
	case "mine":
	case "behalf":
		key = Key{ByAsker, string(c.Person)}
	case "helping":
		key = Key{ByHelper, string(c.Person)}
	case "community":
		key = Key{ByCommunity, string(in)}
	default:
		return nil, "", care.E(care.Invalid, "scope_unknown", "scope is mine, behalf, helping or community")
	}
	found, err := a.Stores.Requests.Find(ctx, key, page)
	if err != nil {
		return nil, "", err
	}
	var views []RequestView
	for _, r := range found {
		view, err := a.viewRequest(ctx, c, r)
		if care.IsKind(err, care.NotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		if scope == "community" && view.Exact && c.Person != r.Value.For {
			seen := View{Whose: r.Value.For, By: c.Person, As: care.Party(view.Relation), What: "request_list", Request: r.Value.ID, At: a.clock()}
			if err := a.logView(ctx, seen); err != nil {
				return nil, "", err
			}
		}
		views = append(views, view)
	}
	next := ""
	if len(found) == page.Limit {
		next = found[len(found)-1].ID
	}
	return views, next, nil
}

// viewerOf says with whose eyes somebody looks at candidates. Helpers do not look at them at all.
func (a *App) viewerOf(ctx context.Context, p care.PersonID, r care.Request) (matching.Viewer, error) {
	rel, err := a.relationTo(ctx, p, r)
	if err != nil {
		return "", err
	}
	mine, err := a.rights(ctx, p)
	switch {
	case err != nil:
		return "", err
	case rel == RelModerator:
		return matching.ViewModerator, nil
	case mine.in(r.Community, care.DeskWorker, care.FixedWorker):
		return matching.ViewDesk, nil
	case rel == RelRequester, rel == RelOwner:
		return matching.ViewResident, nil
	}
	return "", care.E(care.Forbidden, "not_your_request", "candidates are for the requester, the owner and the village's workers")
}
