package app

import (
	"context"
	"slices"

	"naober/api/port"
	"naober/matching/care"
)

// Mirror is what somebody in one relation sees of the caller. It is made by the views that the
// neighbour's own calls are made of, so it cannot say anything else than they do.
type Mirror struct {
	Relation Relation
	Person   *port.Stored[care.Person] // nil where they see nothing of the person themselves
	Requests []RequestView
	Offers   []care.Offer
	Helpers  []care.Helper // the caller's book as each village of theirs sees it
	Self     PersonView
}

// RelStranger is how everybody else stands to somebody: they see nothing.
const RelStranger Relation = "stranger"

// SeeMeAs shows the caller as a neighbour sees them: a stranger, a helper who is asked or has agreed,
// desk and fixed worker (staff), the village's moderators, or formal care that took a referral on
// (carer). What a helper said no to stays theirs: nothing is shown that the caller may not know.
func (a *App) SeeMeAs(ctx context.Context, c Caller, rel Relation) (Mirror, error) {
	me, err := a.Me(ctx, c)
	if err != nil {
		return Mirror{}, err
	}
	m := Mirror{Relation: rel, Self: PersonView{ID: c.Person, FirstName: me.Value.FirstName, LastName: me.Value.LastName}}
	switch rel {
	case RelStranger:
		return m, nil
	case RelAsked, RelAgreed:
		m.Requests, err = a.mirrored(ctx, c.Person, rel)
		return m, err
	case RelStaff, RelModerator, RelCarer:
		me.Value = visiblePerson(me.Value, rel)
		m.Person = &me
	default:
		return Mirror{}, care.E(care.Invalid, "relation_unknown", "one can look as stranger, asked, agreed, staff, moderator or carer")
	}
	if rel == RelCarer {
		return m, nil
	}
	if m.Requests, err = a.mirrored(ctx, c.Person, rel); err != nil {
		return Mirror{}, err
	}
	return m, a.mirrorHelper(ctx, c.Person, &m)
}

// mirrored are the caller's own requests that are not closed, as seen in one relation: through the
// eyes of a helper who stands in it, or, where nobody has been asked yet, of anybody who might be.
func (a *App) mirrored(ctx context.Context, p care.PersonID, rel Relation) ([]RequestView, error) {
	var found []port.Stored[care.Request]
	page := port.Page{Limit: 200}
	for {
		step, err := a.Stores.Requests.Find(ctx, port.Key{Name: ByFor, Value: string(p)}, page)
		if err != nil {
			return nil, err
		}
		found = append(found, step...)
		if len(step) < page.Limit {
			break
		}
		page.After = step[len(step)-1].ID
	}
	var views []RequestView
	for _, r := range found {
		view, ok, err := a.mirrorRequest(ctx, r, rel)
		if err != nil {
			return nil, err
		}
		if ok {
			views = append(views, view)
		}
	}
	return views, nil
}

// mirrorRequest cuts a request down twice: to what its requester may know, and to what the other sees.
func (a *App) mirrorRequest(ctx context.Context, r port.Stored[care.Request], rel Relation) (RequestView, bool, error) {
	if r.Value.Phase == care.Ended {
		return RequestView{}, false, nil
	}
	whole := r.Value
	r.Value = visibleRequest(whole, whole.For, RelRequester)
	if rel != RelAsked && rel != RelAgreed {
		view, err := a.showRequest(ctx, a.onlooker(""), r, rel)
		return view, err == nil, err
	}
	eyes := a.standsIn(whole, rel)
	if whole.Phase == care.Drafted && rel == RelAgreed || eyes == "" && rel == RelAgreed {
		return RequestView{}, false, nil
	}
	view, err := a.showRequest(ctx, a.onlooker(eyes), r, rel)
	if eyes == "" {
		view.Request.Slots = slices.DeleteFunc(slices.Clone(whole.Slots), care.Slot.Cancelled)
	}
	return view, err == nil, err
}

// standsIn finds a helper who sees the request in a relation now.
func (a *App) standsIn(r care.Request, rel Relation) care.PersonID {
	for _, v := range r.Visits {
		if helperRelation(v.Helper, r, a.clock()) == rel {
			return v.Helper
		}
	}
	for _, ask := range r.Asks {
		if helperRelation(ask.Helper, r, a.clock()) == rel {
			return ask.Helper
		}
	}
	return ""
}

// mirrorHelper adds the caller's offers, for those who read them, and their book as each of their
// villages sees it.
func (a *App) mirrorHelper(ctx context.Context, p care.PersonID, m *Mirror) error {
	if m.Relation == RelStaff {
		offers, err := findAll(ctx, a.Stores.Offers, port.Key{Name: ByPerson, Value: string(p)})
		if err != nil {
			return err
		}
		m.Offers = offers
	}
	h, err := a.Stores.Helpers.Get(ctx, p)
	if care.IsKind(err, care.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	mine, err := a.rights(ctx, p)
	if err != nil {
		return err
	}
	villages := mine.communities(care.Resident, care.Volunteer)
	for _, x := range h.Value.Approvals {
		villages = append(villages, x.Community)
	}
	slices.Sort(villages)
	for _, in := range slices.Compact(villages) {
		m.Helpers = append(m.Helpers, visibleHelper(h.Value, in, m.Relation))
	}
	return nil
}
