package care

import (
	"slices"
	"testing"
	"time"
)

func TestMembership(t *testing.T) {
	m, events, err := Membership{ID: "m1", Person: "p1", Community: village, Role: DeskWorker}.Start("admin", june("12:00"))
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	ended, _, _ := m.End("admin", june("18:00"))
	leave, _, err := m.SetLeave(june("13:00"), june("15:00"))
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		of              Membership
		at              time.Time
		active, present bool
	}{
		"not before it starts":                   {m, june("12:00").Add(-time.Millisecond), false, false},
		"from the moment it starts":              {m, june("12:00"), true, true},
		"not at the moment it ends":              {ended, june("18:00"), false, false},
		"a millisecond before it ends":           {ended, june("18:00").Add(-time.Millisecond), true, true},
		"by a deputy from the moment of a leave": {leave, june("13:00"), true, false},
		"again at the moment a leave is over":    {leave, june("15:00"), true, true},
	} {
		if row.of.Active(row.at) != row.active || row.of.Present(row.at) != row.present {
			t.Errorf("a role acts %s: active %v, present %v", name, row.of.Active(row.at), row.of.Present(row.at))
		}
	}
	if _, _, err := ended.End("admin", june("19:00")); CodeOf(err) != "membership_ended" {
		t.Errorf("a membership ends once: %v", err)
	}
	if _, _, err := m.SetLeave(june("13:00"), june("13:00")); CodeOf(err) != "leave_invalid" {
		t.Errorf("a leave has length: %v", err)
	}
	for name, bad := range map[string]Membership{
		"role_unknown":       {Community: village, Role: "king"},
		"membership_nowhere": {Role: DeskWorker},
	} {
		if _, _, err := bad.Start("admin", june("12:00")); CodeOf(err) != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func TestGiveUp(t *testing.T) {
	type ids = []MembershipID
	for name, row := range map[string]struct {
		leaving, active, want ids
		code                  string
	}{
		"with another one":                     {nil, ids{"a", "b"}, ids{"a"}, ""},
		"the only one":                         {nil, ids{"a"}, nil, "last_administrator"},
		"beside one who is leaving":            {ids{"b"}, ids{"a", "b"}, nil, "last_administrator"},
		"beside one who is leaving, and one":   {ids{"b"}, ids{"a", "b", "c"}, ids{"b", "a"}, ""},
		"who is leaving already":               {ids{"a"}, ids{"a", "b"}, ids{"a"}, ""},
		"beside one who has gone is forgotten": {ids{"b"}, ids{"a", "c"}, ids{"a"}, ""},
	} {
		got, err := GiveUp(row.leaving, "a", row.active)
		if CodeOf(err) != row.code || !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, %v, want %v, %s", name, got, err, row.want, row.code)
		}
	}
}
