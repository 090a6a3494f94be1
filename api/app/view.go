package app

import (
	"context"
	"slices"
	"time"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
)

// Relation is how somebody stands to a document; it decides what they see of it.
type Relation string

// The relations, from the nearest to the farthest. A stranger sees nothing at all.
const (
	RelRequester Relation = "requester" // the person it is for, or their proxy
	RelProxy     Relation = "proxy"     // in logs alone: who asked for somebody else
	RelOwner     Relation = "owner"     // holds the chair
	RelStaff     Relation = "staff"     // desk and fixed worker of the community
	RelAgreed    Relation = "agreed"    // helper of a visit that is agreed or over
	RelAsked     Relation = "asked"     // has a question that is open, or stands by
	RelModerator Relation = "moderator" // of the community
	RelCarer     Relation = "carer"     // works at formal care that accepted a referral of the person
	// RelAdministrator gives and ends roles.
	RelAdministrator Relation = "administrator"
)

// RequestView is what one person sees of one request. viewRequest alone makes it: reads, lists and
// permission checks all go through it. An absent pointer is an absent field.
type RequestView struct {
	Request  care.Request // cut down by visibleRequest
	Ver      int64
	Relation Relation
	State    care.State
	For      *PersonView
	By       *PersonView // who asked on their behalf
	Owners   []PersonView
	Exact    bool                         // Where and Ride hold exact places
	Area     place.Cell                   // where that is, for whoever may not know it exactly
	ToArea   place.Cell                   // where a ride goes, likewise
	People   map[care.PersonID]PersonView // the helpers of the visits
	Asked    map[care.PersonID]PersonView // the helpers of the asks that are no visit
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
	return a.onlooker(p).relationTo(ctx, r)
}

// requestNotFound is told of a request that is not there and of one that may not be seen; it reads
// as the stores' own.
func requestNotFound() error {
	return care.E(care.NotFound, "request_not_found", "there is no such request")
}

// helperRelation is how a helper stands to a request now; empty for one who was asked and is out of
// it: said no, never answered in time, was stood down, or whose visit was called off. Who stands by
// does so for a time that is still to come.
func helperRelation(p care.PersonID, r care.Request, now time.Time) Relation {
	for _, v := range r.Visits {
		if v.Helper == p && v.State != care.VisitCalledOff {
			return RelAgreed
		}
	}
	for _, ask := range r.Asks {
		open := ask.Answerable() && now.Before(ask.LapsesAt)
		if ask.Helper == p && (open || ask.State == care.Reserved && r.Ahead(ask.Slot, now)) {
			return RelAsked
		}
	}
	return ""
}

// visibleRequest cuts a request down to what one relation sees.
//
//   - requester: everything of their own request; of helpers only who is asked, stands by or agreed,
//     so that nobody learns who said no.
//   - owner, staff: everything, exact places included; each such reading is logged.
//   - asked: the task in its own words, the slot asked for, the cell in which it is; their own ask.
//   - agreed: the same, and their own visit. The exact place comes from RevealAddress alone.
//   - moderator: that it exists, its kind, its state and what waits; no words, no place.
func visibleRequest(r care.Request, viewer care.PersonID, rel Relation) care.Request {
	switch rel {
	case RelRequester:
		r.Todo, r.OwnerDue, r.Voids = "", time.Time{}, nil
		r.Asks = slices.DeleteFunc(slices.Clone(r.Asks), func(ask care.Ask) bool {
			return !ask.Answerable() && ask.State != care.Reserved && ask.State != care.Accepted
		})
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

// areaOf is the cell of a place; none of the place of somebody who was forgotten, whose point is gone.
func areaOf(p care.Place) place.Cell {
	if p == (care.Place{}) {
		return place.Cell{}
	}
	return place.CellOf(p.Point)
}

func forHelper(r care.Request, viewer care.PersonID) care.Request {
	shown := care.Request{ID: r.ID, Community: r.Community, For: r.For, Kind: r.Kind, Words: r.Words, Needs: r.Needs,
		Circumstances: r.Circumstances, Urgency: r.Urgency, Phase: r.Phase, Outcome: r.Outcome, CreatedAt: r.CreatedAt}
	if r.Ride != nil {
		ride := *r.Ride
		ride.To = care.Place{}
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

// Request shows one request as the caller may see it. A reading of somebody else's personal data is
// in that person's log before anything is shown.
func (a *App) Request(ctx context.Context, c Caller, id care.RequestID) (RequestView, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	return a.viewRequest(ctx, a.onlooker(c.Person), r)
}

// viewRequest makes the view of one request for somebody, and logs the reading where that is due.
func (a *App) viewRequest(ctx context.Context, o *onlooker, r port.Stored[care.Request]) (RequestView, error) {
	r.Value = a.canonical(r.Value)
	rel, err := o.relationTo(ctx, r.Value)
	if err != nil {
		return RequestView{}, err
	}
	view, err := a.showRequest(ctx, o, r, rel)
	if err != nil || rel == RelModerator {
		return view, err
	}
	mine, err := o.mine(ctx)
	if err != nil {
		return RequestView{}, err
	}
	seen := mine.reader(r.Value.Community, rel)
	if seen.Request = r.Value.ID; rel == RelRequester && o.person != r.Value.For {
		seen.As = care.Party(RelProxy)
	}
	about := seen
	about.Whose, about.What = r.Value.For, "request"
	if err := a.logView(ctx, about); err != nil {
		return RequestView{}, err
	}
	return view, a.logNames(ctx, seen, view.People, view.Asked)
}

// showRequest makes the view of one request in one relation. Nothing is logged here.
func (a *App) showRequest(ctx context.Context, o *onlooker, r port.Stored[care.Request], rel Relation) (RequestView, error) {
	view := RequestView{Ver: r.Ver, Relation: rel, Request: visibleRequest(r.Value, o.person, rel), State: stateFor(r.Value, rel, a.clock()),
		Exact: rel == RelRequester || rel == RelOwner || rel == RelStaff, People: map[care.PersonID]PersonView{}, Asked: map[care.PersonID]PersonView{}}
	if rel == RelAsked || rel == RelAgreed {
		view.Area = areaOf(r.Value.Where)
		if r.Value.Ride != nil {
			view.ToArea = areaOf(r.Value.Ride.To)
		}
	}
	var err error
	if view.Request.For != "" {
		if view.For, err = a.personView(ctx, r.Value.For, view.Exact); err != nil {
			return RequestView{}, err
		}
	}
	if view.Request.OnBehalf != nil {
		if view.By, err = a.personView(ctx, r.Value.OnBehalf.By, true); err != nil {
			return RequestView{}, err
		}
	}
	if err := a.nameHelpers(ctx, view.Request.Asks, view.Request.Visits, rel, view.People, view.Asked); err != nil || !view.Exact {
		return view, err
	}
	view.Owners, err = a.ownerViews(ctx, o, r.Value.Owner)
	return view, err
}

// nameHelpers names who has a visit and who has an ask. The requester reads the last name of those
// who agreed, and of nobody who was merely asked.
func (a *App) nameHelpers(ctx context.Context, asks []care.Ask, visits []care.Visit, rel Relation, people, asked map[care.PersonID]PersonView) error {
	staff := rel == RelOwner || rel == RelStaff
	for _, v := range visits {
		if err := a.addPerson(ctx, people, v.Helper, staff || rel == RelRequester); err != nil {
			return err
		}
	}
	for _, ask := range asks {
		shown, full := asked, staff
		if ask.State == care.Accepted {
			shown, full = people, staff || rel == RelRequester
		}
		if err := a.addPerson(ctx, shown, ask.Helper, full); err != nil {
			return err
		}
	}
	return nil
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

// RequestsBy lists requests as the caller may see them: mine (for me), behalf (asked by me for
// somebody), helping (where I am asked or agreed), or community (not closed, for who works there).
// What the caller may not see is left out, so a page may be short or empty while the cursor, the
// second value, goes on; it is empty on the last page.
func (a *App) RequestsBy(ctx context.Context, c Caller, scope string, in care.CommunityID, page port.Page) ([]RequestView, string, error) {
	o := a.onlooker(c.Person)
	key, err := a.scopeKey(ctx, o, scope, in)
	if key.Name == "" || err != nil {
		return nil, "", err
	}
	page.Limit = min(max(page.Limit, 1), 1000)
	found, err := a.findRequests(ctx, key, page)
	if err != nil {
		return nil, "", err
	}
	var views []RequestView
	for _, r := range found {
		view, err := a.viewRequest(ctx, o, r)
		if care.IsKind(err, care.NotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		views = append(views, view)
	}
	next := ""
	if len(found) == page.Limit {
		next = found[len(found)-1].ID
	}
	return views, next, nil
}

// EachRequest shows the caller every request of a scope, as RequestsBy does, one after the other.
func (a *App) EachRequest(ctx context.Context, c Caller, scope string, in care.CommunityID, show func(RequestView) error) error {
	o := a.onlooker(c.Person)
	key, err := a.scopeKey(ctx, o, scope, in)
	if key.Name == "" || err != nil {
		return err
	}
	for page := (port.Page{Limit: 200}); ; {
		found, err := a.findRequests(ctx, key, page)
		if err != nil {
			return err
		}
		for _, r := range found {
			page.After = r.ID
			view, err := a.viewRequest(ctx, o, r)
			if err == nil {
				err = show(view)
			}
			if err != nil && !care.IsKind(err, care.NotFound) {
				return err
			}
		}
		if len(found) < page.Limit {
			return nil
		}
	}
}

// scopeKey finds the requests of a scope; it is no key where the caller can see none of them.
func (a *App) scopeKey(ctx context.Context, o *onlooker, scope string, in care.CommunityID) (port.Key, error) {
	switch scope {
	case "mine":
		return port.Key{Name: ByFor, Value: string(o.person)}, nil
	case "behalf":
		return port.Key{Name: ByAsker, Value: string(o.person)}, nil
	case "helping":
		return port.Key{Name: ByHelper, Value: string(o.person)}, nil
	case "community":
		// The cursor names requests: who sees none of them must not walk along it.
		if in == "" {
			return port.Key{}, care.E(care.Invalid, "community_missing", "scope community needs a community")
		}
		works, err := o.worksIn(ctx, in)
		if err != nil || !works {
			return port.Key{}, err
		}
		return port.Key{Name: ByCommunity, Value: string(in)}, nil
	}
	return port.Key{}, care.Amiss("scope", "scope_unknown", "scope is mine, behalf, helping or community")
}

// findRequests finds under every record of the person whom a key names.
func (a *App) findRequests(ctx context.Context, key port.Key, page port.Page) ([]port.Stored[care.Request], error) {
	if key.Name == ByCommunity {
		return a.Stores.Requests.Find(ctx, key, page)
	}
	return findOwn(ctx, a, a.Stores.Requests, key.Name, care.PersonID(key.Value), page)
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
