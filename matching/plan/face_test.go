package plan

import (
	"testing"

	"naober/matching/care"
)

func TestFaceOf(t *testing.T) {
	visit := func(by care.PersonID, slot care.SlotID, day int, s care.VisitState) care.Visit {
		return care.Visit{Helper: by, Slot: slot, State: s, At: care.Interval{From: at(day, 10, 0), Until: at(day, 11, 0)}}
	}
	for _, c := range []struct {
		what   string
		single bool
		visits []care.Visit
		want   care.PersonID
	}{
		{"nobody came yet", false, nil, ""},
		{"who came last", false, []care.Visit{visit("piet", "a", -14, care.VisitFinished), visit("jan", "b", -7, care.VisitFinished)}, "jan"},
		{"who is to come", false, []care.Visit{visit("jan", "b", 7, care.VisitSet), visit("piet", "a", -14, care.VisitFinished)}, "jan"},
		{"not who called it off", false, []care.Visit{visit("piet", "a", -14, care.VisitFinished), visit("jan", "b", 7, care.VisitCalledOff)}, "piet"},
		{"not who did not come", false, []care.Visit{visit("piet", "a", -14, care.VisitFinished), visit("jan", "b", -7, care.VisitMissed)}, "piet"},
		{"not of the time itself", false, []care.Visit{visit("jan", "this", 7, care.VisitSet)}, ""},
		{"what is no series has no face", true, []care.Visit{visit("jan", "b", 7, care.VisitSet)}, ""},
	} {
		r := care.Request{Visits: c.visits, Series: &care.Series{}}
		if c.single {
			r.Series = nil
		}
		if got := FaceOf(r, "this"); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
