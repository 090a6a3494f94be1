package app_test

import (
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestMatterOf(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		before func(v *village, anna, berend care.PersonID)
		barred bool
	}{
		{"a helper who is asked may help", func(*village, care.PersonID, care.PersonID) {}, false},
		{"one whom a block lies between may not, before the feed says so", func(v *village, anna, berend care.PersonID) {
			_, err := v.Stores.Helpers.Update(v.t.Context(), berend, port.Write{}, func(h care.Helper) (care.Helper, []care.Event, error) {
				return h.Block(anna, v.clock())
			})
			v.must(err)
		}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			v := newVillage(t)
			anna, berend := v.person("Anna", 1), v.driver("Berend", 2)
			id := v.ride(anna, thursday())
			ask := v.askOf(id, berend)
			row.before(v, anna, berend)
			m, err := v.MatterOf(t.Context(), id, ask.ID, "")
			v.must(err)
			if m.Ask.ID != ask.ID || m.Barred != row.barred || m.Urgency != v.request(id).Urgency || m.Visit.ID != "" {
				t.Errorf("%+v, want barred %t", m, row.barred)
			}
		})
	}
}

func TestMatterOfWhatIsGone(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	m, err := v.MatterOf(t.Context(), "01KB2QJ5Z8M3V7T9R1C4X6W0A1", "", "")
	v.must(err)
	if m != (app.Matter{}) {
		t.Errorf("%+v", m)
	}
}

func TestForgetPushLeavesANewerRegistration(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	anna := v.person("Anna", 1)
	session := app.SessionID("01KB2QJ5Z8M3V7T9R1C4X6W0S1")
	_, err := v.Stores.Sessions.Insert(t.Context(), session, app.Session{ID: session, Person: anna, PushToken: "new",
		CreatedAt: v.clock(), UsedAt: v.clock()}, nil, port.Write{})
	v.must(err)
	rows := []struct {
		gone string
		left int
	}{{"old", 1}, {"new", 0}, {"new", 0}}
	for _, row := range rows {
		v.must(v.ForgetPush(t.Context(), session, row.gone))
		if found, err := v.PushSessions(t.Context(), anna); err != nil || len(found) != row.left {
			t.Errorf("after %q is gone: %v, %v", row.gone, found, err)
		}
	}
	v.must(v.ForgetPush(t.Context(), "01KB2QJ5Z8M3V7T9R1C4X6W0S2", "new"))
}

func TestPushSessionsLeavesOutADeviceThatSleeps(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	anna := v.person("Anna", 1)
	session := app.SessionID("01KB2QJ5Z8M3V7T9R1C4X6W0S1")
	_, err := v.Stores.Sessions.Insert(t.Context(), session, app.Session{ID: session, Person: anna, PushToken: "new",
		CreatedAt: v.clock().AddDate(-2, 0, 0), UsedAt: v.clock().AddDate(-2, 0, 0)}, nil, port.Write{})
	v.must(err)
	if found, err := v.PushSessions(t.Context(), anna); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}
