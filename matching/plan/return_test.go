package plan

import (
	"math/rand/v2"
	"testing"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// A way back that begins at a place on the way there, or while others are fetched, is driven after the way
// there or not at all: not by a driver who lives where it goes, and not at an hour of a wide window that is
// good for the rest of the day.
func TestReturnFollowsTheWayThere(t *testing.T) {
	at5 := lift("anna", 0, at(3, 10, 0), at(3, 10, 5))
	assen := carOwner("berend", 0, 4)
	assen.Home = at5.Request.Ride.To.Point
	roster := Rides(RideDay{Wishes: []Wish{{Need: at5}}, Drivers: []Driver{{Candidate: assen}}})
	if len(roster.Tours) != 0 || len(roster.Barred) != 1 {
		t.Errorf("five minutes for twelve kilometres: %+v", roster)
	}
	driver, agreed := driving(4, lift("emma", 0, at(3, 9, 0), at(3, 11, 0)), lift("gerda", 0, at(3, 12, 15), at(3, 14, 0)))
	n := lift("anna", 0, at(3, 10, 0), at(3, 11, 0))
	n.Slot.End = at(3, 13, 30) // an hour of it
	n.Request.Slots[0] = n.Slot
	if j, _, ok := Join(n, driver, agreed); ok {
		if last := at(3, 11, 0).Add(-18*time.Minute - boarding); j.Visit.From.After(last) || j.Halts[len(j.Halts)-1].Drive == Joining && !j.Halts[len(j.Halts)-1].Back {
			t.Errorf("fetched at %v, back from eleven: %+v", j.Visit.From, j.Halts)
		}
		if err := keeps(j, n, agreed[:1], 4); err != nil && len(j.With) == 1 {
			t.Errorf("%v: %+v", err, j.Halts)
		}
	}
	if _, ok := Together(n, driver, agreed, at(3, 11, 30)); ok {
		t.Error("joined at half past eleven, back from eleven")
	}
	busy := carOwner("corrie", 500, 4)
	busy.Helper.Agreed = []care.Agreed{{Visit: "other", Request: "other", At: care.Interval{From: at(3, 9, 0), Until: at(3, 12, 0)}}}
	if fit, ok := matching.Suit(n, busy); ok {
		t.Errorf("asked for %v, back from eleven", fit.Visit)
	}
}

// Whatever the way back leaves of the way there: nobody is aboard twice, and no way back is missing.
func TestReturnsOfDrawnDays(t *testing.T) {
	left, driven := 0, 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 10))
		d := drawnDay(r, 2+r.IntN(3), 1+r.IntN(2))
		for i := range d.Wishes {
			n := &d.Wishes[i].Need
			n.Request.Ride.ReturnAt = n.Slot.Start.Add(time.Duration(1+r.IntN(130)) * time.Minute)
		}
		roster := Rides(d)
		if err := sound(d, roster); err != nil {
			t.Fatalf("seed %d: %v: %+v", seed, err, roster)
		}
		left, driven = left+len(roster.Left), driven+len(d.Wishes)-len(roster.Left)
	}
	if left < 20 || driven < 40 {
		t.Errorf("%d left, %d driven", left, driven)
	}
}
