package app

import (
	"context"

	"naober/api/port"
	"naober/matching/care"
)

// HistoryView is one settled time that was moved out of its request, as one person may see it.
type HistoryView struct {
	Slot   care.Slot
	Asks   []care.Ask
	Visits []care.Visit
	People map[care.PersonID]PersonView // as in a RequestView
	Asked  map[care.PersonID]PersonView
}

// History lists what was moved out of a request, oldest name first: all of it for the requester,
// the owner and staff, one's own visits for a helper. A reading is logged where something is shown.
// The second value is the cursor of the next page, empty on the last.
func (a *App) History(ctx context.Context, c Caller, id care.RequestID, page port.Page) ([]HistoryView, string, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return nil, "", err
	}
	o := a.onlooker(c.Person)
	rel, err := o.relationTo(ctx, r.Value)
	switch {
	case err != nil:
		return nil, "", err
	case rel == RelModerator:
		return nil, "", care.E(care.Forbidden, "not_your_request", "the history is for those whom the request concerns")
	}
	found, err := a.Stores.Histories.Find(ctx, port.Key{Name: ByRequest, Value: string(id)}, page)
	if err != nil {
		return nil, "", err
	}
	var views []HistoryView
	for _, h := range found {
		view, ok, err := a.viewHistory(ctx, c.Person, rel, h.Value)
		if err != nil {
			return nil, "", err
		}
		if ok {
			views = append(views, view)
		}
	}
	if err := a.logHistory(ctx, o, r.Value, rel, views); err != nil {
		return nil, "", err
	}
	next := ""
	if len(found) == page.Limit {
		next = found[len(found)-1].ID
	}
	return views, next, nil
}

func (a *App) logHistory(ctx context.Context, o *onlooker, r care.Request, rel Relation, views []HistoryView) error {
	mine, err := o.mine(ctx)
	if err != nil || len(views) == 0 {
		return err
	}
	seen := mine.reader(r.Community, rel)
	if seen.Request = r.ID; rel == RelRequester && o.person != r.For {
		seen.As = care.Party(RelProxy)
	}
	about := seen
	about.Whose, about.What = r.For, "history"
	if err := a.logView(ctx, about); err != nil {
		return err
	}
	for _, v := range views {
		if err := a.logNames(ctx, seen, v.People, v.Asked); err != nil {
			return err
		}
	}
	return nil
}

// viewHistory cuts one settled time down as visibleRequest does; false where nothing is left.
func (a *App) viewHistory(ctx context.Context, viewer care.PersonID, rel Relation, h care.History) (HistoryView, bool, error) {
	if len(h.Slots) == 0 {
		return HistoryView{}, false, nil
	}
	h.Asks, h.Visits = a.canonicalParts(h.Asks, h.Visits)
	seen := visibleRequest(care.Request{Slots: h.Slots, Asks: h.Asks, Visits: h.Visits}, viewer, rel)
	view := HistoryView{Slot: h.Slots[0], Asks: seen.Asks, Visits: seen.Visits, People: map[care.PersonID]PersonView{}, Asked: map[care.PersonID]PersonView{}}
	if rel == RelAsked || rel == RelAgreed {
		if view.Asks = nil; len(view.Visits) == 0 {
			return HistoryView{}, false, nil
		}
	}
	return view, true, a.nameHelpers(ctx, view.Asks, view.Visits, rel, view.People, view.Asked)
}
