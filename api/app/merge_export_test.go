package app_test

import (
	"slices"
	"testing"
	"time"

	"naober/api/port"
	"naober/matching/care"
	"naober/notifications"
)

// exported lists the ids of all that somebody's export holds.
func (v *village) exported(p care.PersonID) []string {
	v.t.Helper()
	var ids []string
	for part, first := "", true; first || part != ""; first = false {
		e, err := v.Export(v.t.Context(), v.as(p), part)
		v.must(err)
		for _, x := range e.Sessions {
			ids = append(ids, "session "+string(x.ID))
		}
		for _, x := range e.Requests {
			ids = append(ids, "request "+string(x.Request.ID))
		}
		for _, x := range e.Asks {
			ids = append(ids, "ask "+string(x.ID))
		}
		for _, x := range e.Visits {
			ids = append(ids, "visit "+string(x.ID))
		}
		for _, x := range e.Histories {
			ids = append(ids, "history "+string(x.Slot.ID))
		}
		for _, x := range e.Referrals {
			ids = append(ids, "referral "+string(x.ID))
		}
		for _, x := range e.Messages {
			ids = append(ids, "message "+string(x.ID))
		}
		for _, x := range e.Feedbacks {
			ids = append(ids, "feedback "+string(x.ID))
		}
		for _, x := range e.Reports {
			ids = append(ids, "report "+string(x.ID))
			if x.TakenBy != "" {
				v.t.Errorf("%s reads who sees to their worry", p)
			}
		}
		for _, x := range e.Pushes {
			ids = append(ids, "push "+x.ID)
		}
		part = e.Next
	}
	return ids
}

// TestAnExportHoldsWhatEachRecordHeld: what stayed under the record that went is the person's too.
func TestAnExportHoldsWhatEachRecordHeld(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		goes, stays := v.person("Anna", 1), v.person("Anna", 2)
		helper, otherHelper := v.driver("Berend", 2), v.driver("Berend", 3)
		v.must(v.SetQuiet(ctx, v.as(otherHelper), quietly(1)))
		visit := v.planned(goes, helper)
		for _, by := range []care.PersonID{goes, helper} {
			_, err := v.SendMessage(ctx, v.as(by), visit.ID, "Tot donderdag!")
			v.must(err)
		}
		v.at(thursday().Add(time.Minute))
		v.must(v.StartVisit(ctx, v.as(helper), visit.ID))
		v.must(v.FinishVisit(ctx, v.as(helper), visit.ID))
		_, err := v.GiveFeedback(ctx, v.as(goes), visit.ID, true, true, "fijn")
		v.must(err)
		report, err := v.FileReport(ctx, v.as(goes), visit.ID, "Ik maak me zorgen")
		v.must(err)
		v.must(v.TakeReport(ctx, v.as(v.mod), report))
		slot := care.DeriveID[care.SlotID](v.clock(), "last year")
		past := care.History{Request: v.ridden(visit.ID), For: goes, Slots: []care.Slot{{ID: slot, Start: v.clock().AddDate(-1, 0, 0), End: v.clock().AddDate(-1, 0, 0).Add(time.Hour), Seats: 1}},
			Asks:   []care.Ask{{ID: care.DeriveID[care.AskID](v.clock(), "past"), Slot: slot, Helper: helper, State: care.Accepted}},
			Visits: []care.Visit{{ID: care.DeriveID[care.VisitID](v.clock(), "past"), Slot: slot, Helper: helper, State: care.VisitFinished}}}
		_, err = v.Stores.Histories.Insert(ctx, slot, past, nil, port.Write{})
		v.must(err)
		for _, p := range []care.PersonID{goes, helper, stays} {
			v.sessionOf(p)
			id := string(care.DeriveID[care.PersonID](v.clock(), "push", string(p)))
			_, err := v.letters.Insert(ctx, id, notifications.Delivery{ID: id, Person: p, Key: "visit.today", State: notifications.Sent, CreatedAt: v.clock(), DoneAt: v.clock()}, nil, port.Write{})
			v.must(err)
		}
		v.run()
		hers, his := append(v.exported(goes), v.exported(stays)...), v.exported(helper)
		if len(hers) < 9 || len(his) < 6 {
			t.Fatalf("there is too little to lose: %v, %v", hers, his)
		}

		v.merge(goes, stays)
		v.merge(helper, otherHelper)
		for who, was := range map[care.PersonID][]string{stays: hers, otherHelper: his} {
			now := v.exported(who)
			for _, id := range was {
				if !slices.Contains(now, id) {
					t.Errorf("%s is not in the export any more", id)
				}
			}
			slices.Sort(now)
			if twice := len(now) - len(slices.Compact(now)); twice > 0 {
				t.Errorf("%d things are in it twice", twice)
			}
		}
	})
}
