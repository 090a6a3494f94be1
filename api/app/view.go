package app

import (
	"context"
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
	"naober/matching/place"
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
	RelCarer     Relation = "carer"     // works at formal care that accepted a referral of the person
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
	Exact    bool       // Where and Ride hold exact places
	Area     place.Cell // where that is, for whoever may not know it exactly
	ToArea   place.Cell // where a ride goes, likewise
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
	return a.onlooker(p).relationTo(ctx, r)
}

// requestNotFound is told of a request that is not there and of one that may not be seen; it reads
// as the stores' own.
func requestNotFound() error {
	return care.E(care.NotFound, "request_not_found", "there is no such request")
}

// helperRelation is how a helper stands to a request now; empty for one who was asked and is out of
// it: said no, never answered, was stood down, or whose visit was called off.
func helperRelation(p care.PersonID, r care.Request) Relation {
	for _, v := range r.Visits {
		if v.Helper == p && v.State != care.VisitCalledOff {
			return RelAgreed
		}
	}
	for _, ask := range r.Asks {
		if ask.Helper == p && (ask.Answerable() || ask.State == care.Reserved) {
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

// Request shows one request as the caller may see it. A reading of somebody else's personal data,
// by owner, staff or who asked on their behalf, is written into that person's log.
func (a *App) Request(ctx context.Context, c Caller, id care.RequestID) (RequestView, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return RequestView{}, err
	}
	return a.viewRequest(ctx, a.onlooker(c.Person), r, "request")
}

// viewRequest makes the view of one request and logs it as what, where that is due.
func (a *App) viewRequest(ctx context.Context, o *onlooker, r Stored[care.Request], what string) (RequestView, error) {
	rel, err := o.relationTo(ctx, r.Value)
	if err != nil {
		return RequestView{}, err
	}
	view := RequestView{Ver: r.Ver, Relation: rel, Request: visibleRequest(r.Value, o.person, rel), State: stateFor(r.Value, rel, a.clock()),
		Exact: rel == RelRequester || rel == RelOwner || rel == RelStaff, People: map[care.PersonID]PersonView{}}
	if rel == RelAsked || rel == RelAgreed {
		view.Area = place.CellOf(r.Value.Where.Point)
		if r.Value.Ride != nil {
			view.ToArea = place.CellOf(r.Value.Ride.To.Point)
		}
	}
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
	if !full {
		return view, nil
	}
	if view.Owners, err = a.ownerViews(ctx, o, r.Value.Owner); err != nil || o.person == r.Value.For {
		return view, err
	}
	return view, a.logView(ctx, View{Whose: r.Value.For, By: o.person, As: care.Party(rel), What: what, Request: r.Value.ID, At: a.clock()})
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
func (a *App) RequestsBy(ctx context.Context, c Caller, scope string, in care.CommunityID, page Page) ([]RequestView, string, error) {
	key, o := Key{ByFor, string(c.Person)}, a.onlooker(c.Person)
	switch scope {
	case "mine":
	case "behalf":
		key = Key{ByAsker, string(c.Person)}
	case "helping":
		key = Key{ByHelper, string(c.Person)}
	case "community":
		// The cursor names requests: who sees none of them must not walk along it.
		if in == "" {
			return nil, "", care.E(care.Invalid, "community_missing", "scope community needs a community")
		}
		works, err := o.worksIn(ctx, in)
		if err != nil || !works {
			return nil, "", err
		}
		key = Key{ByCommunity, string(in)}
	default:
		return nil, "", care.E(care.Invalid, "scope_unknown", "scope is mine, behalf, helping or community")
	}
	page.Limit = min(max(page.Limit, 1), 1000)
	found, err := a.Stores.Requests.Find(ctx, key, page)
	if err != nil {
		return nil, "", err
	}
	var views []RequestView
	for _, r := range found {
		view, err := a.viewRequest(ctx, o, r, "request_list")
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
