package care

import (
	"testing"
	"time"
)

// TestWhatIsAskedForWhileAwayRests: nobody is asked for a time at which its person is not there, and
// what rests comes back with them.
func TestWhatIsAskedForWhileAwayRests(t *testing.T) {
	now := nl("2026-11-24T10:00")
	at := func(days int) Slot {
		from := now.AddDate(0, 0, days)
		return Slot{ID: SlotID(from.Format(time.DateOnly)), Start: from, End: from.Add(time.Hour), Seats: 1}
	}
	hospital, away := Life{State: InHospital, From: now, By: resident}, Life{State: Away, From: now.AddDate(0, 0, 2), Until: now.AddDate(0, 0, 5), By: resident}
	for _, row := range []struct {
		what    string
		life    Life
		sought  string // whether each of the times in 1, 3 and 6 days is looked for
		resumed string // and after they are back
	}{
		{"somebody who is there", Life{}, "yes yes yes ", "yes yes yes "},
		{"somebody in hospital", hospital, "no no no ", "yes yes yes "},
		{"somebody who will be away", away, "yes no yes ", "yes yes yes "},
		{"somebody who was away", Life{State: Away, From: now.AddDate(0, 0, -5), Until: now.AddDate(0, 0, -1)}, "yes yes yes ", "yes yes yes "},
	} {
		r, _, err := DraftRequest(Request{ID: "r", Community: village, For: resident, Kind: GroceriesKind, Urgency: Ordinary,
			Where: Place{Point: Point{Lat: 52.93, Lon: 6.66}, Town: "Grolloo"}, Slots: []Slot{at(1), at(3)}}, asRequester(), now)
		if err != nil {
			t.Fatal(err)
		}
		if r, _, err = r.PublishWith(row.life, asRequester(), false, now); err != nil {
			t.Fatal(err)
		}
		if r, _, err = r.AddSlots([]Slot{at(6)}, asRequester(), now); err != nil {
			t.Fatal(err)
		}
		sought := func() (all string) {
			for _, s := range r.Slots {
				word := "no "
				if r.sought(s, now) {
					word = "yes "
				}
				all += word
			}
			return all
		}
		if got := sought(); got != row.sought || r.Phase != Live || !r.NextActionAt.After(now) {
			t.Errorf("%s: looked for %q, want %q; next at %v", row.what, got, row.sought, r.NextActionAt)
		}
		if r, _, err = r.RestWith(Life{}, now); err != nil {
			t.Fatal(err)
		}
		if got := sought(); got != row.resumed || row.resumed == "yes yes yes " && r.Rest != nil {
			t.Errorf("%s: back, and looked for %q, want %q", row.what, got, row.resumed)
		}
	}
}

// TestASeriesThatBeginsWhileAwayRests: it is published, lays out nothing in the time away, and goes on after.
func TestASeriesThatBeginsWhileAwayRests(t *testing.T) {
	now := nl("2026-11-24T10:00")
	there := daily(t, now)
	r, _, err := DraftRequest(Request{ID: "r", Community: village, For: resident, Kind: GroceriesKind, Urgency: Ordinary,
		Where: there.Where, Series: there.Series}, asRequester(), now)
	if err != nil {
		t.Fatal(err)
	}
	if r, _, err = r.PublishWith(Life{State: Away, From: now, Until: now.AddDate(0, 0, 10), By: resident}, asRequester(), false, now); err != nil {
		t.Fatal(err)
	}
	if fell := standing(there) - standing(r); fell != 9 || r.Phase != Live {
		t.Fatalf("%d days fell out, it is %s", fell, r.Phase)
	}
	if r = lives(t, r, now.AddDate(0, 0, 10).Add(time.Minute)); r.Rest != nil || r.Phase != Live {
		t.Fatalf("the rest goes on: %+v", r.Rest)
	}
}
