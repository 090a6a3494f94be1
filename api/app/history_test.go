package app_test

import (
	"testing"

	"naober/api/port"
	"naober/matching/care"
)

func TestHistoryShowsWhatTheRequestWould(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	anna, said, came := v.person("Anna", 1), v.driver("Berend", 2), v.driver("Corrie", 4)
	id := v.ride(anna, thursday())
	slot := v.request(id).Slots[0]
	past := care.History{Request: id, For: anna, Slots: []care.Slot{slot},
		Asks: []care.Ask{
			{ID: care.DeriveID[care.AskID](v.clock(), "no"), Slot: slot.ID, Helper: said, State: care.Declined, Reason: "ill"},
			{ID: care.DeriveID[care.AskID](v.clock(), "yes"), Slot: slot.ID, Helper: came, State: care.Accepted}},
		Visits: []care.Visit{{ID: care.DeriveID[care.VisitID](v.clock(), "visit"), Slot: slot.ID, Helper: came, State: care.VisitFinished}}}
	_, err := v.Stores.Histories.Insert(ctx, slot.ID, past, nil, port.Write{})
	v.must(err)
	for name, row := range map[string]struct {
		who          care.PersonID
		asks, visits int
	}{
		"its requester never learns who said no": {anna, 1, 1},
		"its owner sees everything":              {v.worker, 2, 1},
		"the helper sees their own visit":        {came, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			views, _, err := v.History(ctx, v.as(row.who), id, page())
			v.must(err)
			if len(views) != 1 || len(views[0].Asks) != row.asks || len(views[0].Visits) != row.visits {
				t.Fatalf("%+v", views)
			}
			if _, named := views[0].Asked[said]; named != (row.asks == 2) {
				t.Errorf("who said no is named: %t", named)
			}
		})
	}
	_, _, err = v.History(ctx, v.as(v.mod), id, page())
	v.refused(err, "not_your_request")
}
