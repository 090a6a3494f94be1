package plan

import (
	"testing"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// lift is a ride to Assen and back, for one from so many metres east of Grolloo.
func lift(name string, metres float64, start, back time.Time) matching.Need {
	n := need(name, start, time.Hour)
	n.Request.Kind, n.Request.Where.Point = care.RideKind, east(metres)
	n.Request.Ride = &care.Ride{To: care.Place{Point: care.Point{Lat: 52.993, Lon: 6.549}, Town: "Assen"}, ReturnAt: back, Passengers: 1}
	return n
}

func TestJoin(t *testing.T) {
	driver := helper("driver", 500)
	driver.Offer.Kinds, driver.Offer.Travel, driver.Offer.Vehicle = []care.Kind{care.RideKind}, care.ByCar, care.Vehicle{Seats: 2}
	first := lift("anna", 0, at(3, 10, 0), at(3, 12, 0))
	agreed := []Drive{{Need: first, At: first.Slot.Earliest()}}
	visit := matching.BoundAt(first, driver, first.Slot.Earliest())
	driver.Helper.Agreed = []care.Agreed{{Request: first.Request.ID, Slot: first.Slot.ID, At: visit}}
	near := lift("dina", 1_500, at(3, 10, 0), at(3, 12, 0))
	with := func(n matching.Need, change func(*care.Ride)) matching.Need {
		d := *n.Request.Ride
		change(&d)
		n.Request.Ride = &d
		return n
	}
	elsewhere := driver
	elsewhere.Helper.Agreed = append([]care.Agreed{{Request: "other", At: care.Interval{From: at(3, 9, 30), Until: at(3, 10, 30)}}}, driver.Helper.Agreed...)
	apart := driver
	apart.Helper.Blocks = []care.PersonID{"dina"}
	for _, c := range []struct {
		what   string
		n      matching.Need
		driver matching.Candidate
		want   time.Duration
		joins  bool
	}{
		{"next door, along the same way", lift("dina", 0, at(3, 10, 0), at(3, 12, 0)), driver, 0, true},
		// Past Anna to Dina and back to Anna is two kilometres more than to Anna, and so is it in the evening.
		{"a little further, there and back", near, driver, 7 * time.Minute, true},
		{"a single ride", with(near, func(d *care.Ride) { d.ReturnAt = time.Time{} }), driver, 4 * time.Minute, true},
		{"too far out of the way", lift("dina", 9_000, at(3, 10, 0), at(3, 12, 0)), driver, 0, false},
		{"an hour later", lift("dina", 0, at(3, 11, 0), at(3, 12, 0)), driver, 0, false},
		{"too many for the car", with(near, func(d *care.Ride) { d.Passengers = 2 }), driver, 0, false},
		{"a wheelchair", with(near, func(d *care.Ride) { d.Wheelchair = true }), driver, 0, false},
		{"a visit besides", near, elsewhere, 0, false},
		{"two who do not meet", near, apart, 0, false},
		{"no ride", need("dina", at(3, 10, 0), time.Hour), driver, 0, false},
	} {
		got, joins := Join(c.n, c.driver, agreed)
		if joins != c.joins || joins && got != c.want {
			t.Errorf("%s: %v, %v, want %v, %v", c.what, got, joins, c.want, c.joins)
		}
	}
	if _, joins := Join(near, driver, nil); joins {
		t.Error("joined to nothing")
	}
}
