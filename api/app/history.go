package app

import (
	"context"

	"naober/matching/care"
)

// HistoryView is one settled time that was moved out of its request, as one person may see it.
type HistoryView struct {
	Slot   care.Slot
	Asks   []care.Ask
	Visits []care.Visit
	People map[care.PersonID]PersonView
}

// History lists what was moved out of a request, oldest name first: all of it for the requester,
// the owner and staff, one's own visits for a helper. A reading by owner or staff is logged. The
// second value is the cursor of the next page, empty on the last.
func (a *App) History(ctx context.Context, c Caller, id care.RequestID, page Page) ([]HistoryView, string, error) {
	r, err := a.Stores.Requests.Get(ctx, id)
	if err != nil {
		return nil, "", err
	}
	rel, err := a.relationTo(ctx, c.Person, r.Value)
	switch {
	case err != nil:
		return nil, "", err
	case rel == RelModerator:
		return nil, "", care.E(care.Forbidden, "not_your_request", "the history is for those whom the request concerns")
	case rel == RelOwner || rel == RelStaff:
		seen := View{Whose: r.Value.For, By: c.Person, As: care.Party(rel), What: "history", Request: id, At: a.clock()}
		if err := a.logView(ctx, seen); err != nil {
			return nil, "", err
		}
	}
	found, err := a.Stores.Histories.Find(ctx, Key{ByRequest, string(id)}, page)
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
	next := ""
	if len(found) == page.Limit {
		next = found[len(found)-1].ID
	}
	return views, next, nil
}

// viewHistory cuts one settled time down as visibleRequest does; false where nothing is left.
func (a *App) viewHistory(ctx context.Context, viewer care.PersonID, rel Relation, h care.History) (HistoryView, bool, error) {
	if len(h.Slots) == 0 {
		return HistoryView{}, false, nil
	}
	seen := visibleRequest(care.Request{Slots: h.Slots, Asks: h.Asks, Visits: h.Visits}, viewer, rel)
	view := HistoryView{Slot: h.Slots[0], Asks: seen.Asks, Visits: seen.Visits, People: map[care.PersonID]PersonView{}}
	if rel == RelAsked || rel == RelAgreed {
		if view.Asks = nil; len(view.Visits) == 0 {
			return HistoryView{}, false, nil
		}
	}
	full := rel != RelAsked && rel != RelAgreed
	for _, v := range view.Visits {
		if err := a.addPerson(ctx, view.People, v.Helper, full); err != nil {
			return HistoryView{}, false, err
		}
	}
	for _, ask := range view.Asks {
		if err := a.addPerson(ctx, view.People, ask.Helper, rel == RelOwner || rel == RelStaff); err != nil {
			return HistoryView{}, false, err
		}
	}
	return view, true, nil
}
