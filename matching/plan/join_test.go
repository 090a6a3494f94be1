package plan

import (
	"fmt"
	"math/rand/v2"
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
		got, _, joins := Join(c.n, c.driver, agreed)
		if joins != c.joins || joins && got.Detour != c.want {
			t.Errorf("%s: %v, %v, want %v, %v", c.what, got.Detour, joins, c.want, c.joins)
		}
	}
	if _, _, joins := Join(near, driver, nil); joins {
		t.Error("joined to nothing")
	}
}

// driving is a driver with a car, with these rides in their book.
func driving(seats int, agreed ...matching.Need) (matching.Candidate, []Drive) {
	driver := helper("driver", 500)
	driver.Offer.Kinds, driver.Offer.Travel, driver.Offer.Vehicle = []care.Kind{care.RideKind}, care.ByCar, care.Vehicle{Seats: seats}
	var drives []Drive
	for _, n := range agreed {
		at := n.Slot.Earliest()
		drives = append(drives, Drive{Need: n, At: at})
		driver.Helper.Agreed = append(driver.Helper.Agreed, care.Agreed{Visit: care.VisitID("visit of " + n.Request.For), Request: n.Request.ID, Slot: n.Slot.ID,
			At: matching.BoundAt(n, driver, at)})
	}
	return driver, drives
}

// A journey says who is fetched when, and what a yes takes in the book.
func TestJourneyHasItsTimes(t *testing.T) {
	morning, evening := lift("anna", 0, at(3, 10, 0), at(3, 12, 0)), lift("emma", 0, at(3, 18, 0), at(3, 20, 0))
	driver, agreed := driving(2, morning, evening)
	n := lift("dina", 1_500, at(3, 10, 0), at(3, 12, 0))
	j, fit, ok := Join(n, driver, agreed)
	if !ok || fit.Candidate.Person != "driver" || fit.AskFrom.Before(now) {
		t.Fatalf("%+v, %+v, %v", j, fit, ok)
	}
	if len(j.With) != 1 || j.With[0].Visit != "visit of anna" || len(j.Halts) != 8 {
		t.Errorf("it shares the car with %+v at %+v", j.With, j.Halts)
	}
	if j.Visit != (care.Interval{From: at(3, 10, 0), Until: at(3, 11, 0)}) {
		t.Errorf("the hour is %v", j.Visit)
	}
	if !j.At.Contains(j.With[0].At) || !j.At.Contains(j.Alone) || j.At.Overlaps(driver.Helper.Agreed[1].At) {
		t.Errorf("a yes takes %v", j.At)
	}
	wide := n
	wide.Slot.End = at(3, 12, 10)
	for _, wish := range []struct {
		of matching.Need
		at time.Time
		ok bool
	}{{n, at(3, 10, 0), true}, {n, at(3, 10, 10), false}, {wide, at(3, 9, 59), false}, {wide, at(3, 10, 10), true}, {wide, at(3, 11, 0), false}, {wide, at(3, 11, 11), false}} {
		got, ok := Together(wish.of, driver, agreed, wish.at)
		late := ok && (got.first(Joining).Before(wish.at) || got.first(Joining).After(wish.at.Add(grace)))
		if ok != wish.ok || ok && !got.Visit.From.Equal(wish.at) || late {
			t.Errorf("at %v: %v, %v at %v", wish.at, ok, got.Visit, got.Halts)
		}
	}
	if _, ok := Together(lift("dina", 1_500, at(3, 14, 0), at(3, 15, 0)), driver, agreed, time.Time{}); ok {
		t.Error("a journey of its own joins nothing")
	}
	walker := lift("dina", 0, at(3, 10, 0), at(3, 12, 0))
	walker.Request.Ride.Walker = true
	if _, ok := Together(walker, driver, agreed, time.Time{}); ok {
		t.Error("a walking frame has no room")
	}
}

// Whoever joins in drawn worlds, both of them are fetched in time, are not under way for too long, and
// have a seat: worked out from the stops alone.
func TestJourneysKeepEverybodysLimits(t *testing.T) {
	joined := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		draw := func(name string) matching.Need {
			start := at(3, 10, 5*r.IntN(6))
			n := lift(name, float64(r.IntN(4_000)), start, start.Add(time.Duration(60+10*r.IntN(6))*time.Minute))
			if r.IntN(3) == 0 {
				n.Request.Ride.ReturnAt = time.Time{}
			}
			n.Request.Ride.Passengers = 1 + r.IntN(2)
			return n
		}
		driver, agreed := driving(3, draw("anna"))
		n := draw("dina")
		j, ok := Together(n, driver, agreed, time.Time{})
		if !ok {
			continue
		}
		joined++
		if err := keeps(j, n, agreed, driver.Offer.Vehicle.Seats); err != nil {
			t.Fatalf("seed %d: %v: %+v", seed, err, j.Halts)
		}
	}
	if joined < 100 || joined == 400 {
		t.Errorf("%d of 400 join", joined)
	}
}

// keeps judges a journey by hand: seats, times and ways.
func keeps(j Journey, n matching.Need, agreed []Drive, seats int) error {
	all := map[int]Drive{Joining: {Need: n, At: j.Visit}}
	for i, d := range agreed {
		all[i] = d
	}
	in, out, aboard := map[[2]any]time.Time{}, map[int]bool{}, 0
	for i, h := range j.Halts {
		d := all[h.Drive].Need.Request.Ride
		key := [2]any{h.Drive, h.Back}
		if there := in[[2]any{h.Drive, false}]; h.Back && !h.Out && (there.IsZero() || !out[h.Drive]) {
			return fmt.Errorf("drive %d is taken home before it is there", h.Drive)
		}
		if i > 0 && h.At.Before(j.Halts[i-1].At) {
			return fmt.Errorf("stop %d comes before the one before it", i)
		}
		if !h.Out {
			begin, late := all[h.Drive].At.From, grace
			if h.Back {
				begin, late = d.ReturnAt, graceBack
			}
			if h.At.Before(begin) || h.At.After(begin.Add(late)) {
				return fmt.Errorf("drive %d is fetched at %v, asked for %v", h.Drive, h.At, begin)
			}
			in[key], aboard = h.At, aboard+d.Passengers
		} else {
			way := time.Duration(seconds(onPlane(all[h.Drive].Need.Request.Where.Point), onPlane(d.To.Point))) * time.Second
			if took := h.At.Sub(in[key]) - boarding; took > way*3/2+10*time.Minute || took < way {
				return fmt.Errorf("drive %d takes %v, the way %v", h.Drive, took, way)
			}
			out[h.Drive], aboard = true, aboard-d.Passengers
		}
		if aboard > seats {
			return fmt.Errorf("%d people on %d seats", aboard, seats)
		}
	}
	want := 0
	for _, d := range all {
		if want += 2; !d.Need.Request.Ride.ReturnAt.IsZero() {
			want += 2
		}
	}
	if len(j.Halts) != want || aboard != 0 {
		return fmt.Errorf("%d stops for %d, %d left aboard", len(j.Halts), want, aboard)
	}
	return nil
}
