package plan

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"naober/matching/care"
)

// withSecondCars gives some drivers a car that takes more, and others one that takes less.
func withSecondCars(r *rand.Rand, d RideDay) RideDay {
	var all []Driver
	for _, driver := range d.Drivers {
		all = append(all, driver)
		if r.IntN(3) > 0 {
			second := driver.Candidate
			second.Offer.ID += " second"
			second.Offer.Vehicle = care.Vehicle{Seats: 1 + r.IntN(4)}
			all = append(all, Driver{Candidate: second})
		}
	}
	d.Drivers = all
	return d
}

// Who has two cars drives in one what does not fit the other: the plan can be asked as it is written, more is
// driven than with their first cars, and a ride is only then nobody's if none of the cars could take it.
func TestRidesOfTwoCars(t *testing.T) {
	both, better, best := 0, 0, 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 10))
		first := drawnDay(r, 3+r.IntN(4), 1+r.IntN(3))
		for i := range first.Drivers {
			first.Drivers[i].Candidate.Offer.Vehicle.Seats = 1 + r.IntN(2)
		}
		d := withSecondCars(r, first)
		roster := Rides(d)
		if err := sound(d, roster); err != nil {
			t.Fatalf("seed %d: %v: %+v", seed, err, roster)
		}
		if again := Rides(d); !reflect.DeepEqual(again, roster) {
			t.Errorf("seed %d: another roster the second time", seed)
		}
		single := burdenOf(first, Rides(first))
		if got := burdenOf(d, roster); got.left > single.left {
			t.Fatalf("seed %d: %+v, with the first cars alone %+v", seed, got, single)
		} else if got.left < single.left {
			better++
		}
		if len(d.Wishes) < 5 && burdenOf(d, roster) == bestOfAll(d) {
			best++
		}
		rules := newCarpool(d).rules
		for _, i := range roster.Left {
			if slices.Contains(roster.Barred, i) == slices.Contains(rules[i], true) {
				t.Errorf("seed %d: ride %d is barred: %v", seed, i, slices.Contains(roster.Barred, i))
			}
		}
		used := map[care.PersonID]map[int]bool{}
		for _, tour := range roster.Tours {
			who := d.Drivers[tour.Driver].Candidate.Person
			if used[who] == nil {
				used[who] = map[int]bool{}
			}
			used[who][tour.Driver] = true
		}
		for _, cars := range used {
			if len(cars) > 1 {
				both++
			}
		}
	}
	t.Logf("figure: %d of 150 days with more driven than by first cars alone, %d drivers use both, %d small ones at the best", better, both, best)
	if better < 10 || both < 3 || best < 60 {
		t.Errorf("%d days better, %d drivers with both cars", better, both)
	}
}
