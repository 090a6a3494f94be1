package plan

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// carOwner is a driver so many metres east, who goes for anybody.
func carOwner(name string, metres float64, seats int) matching.Candidate {
	c := helper(name, metres)
	c.Offer.Kinds, c.Offer.Travel, c.Offer.Vehicle = []care.Kind{care.RideKind}, care.ByCar, care.Vehicle{Seats: seats}
	c.Helper.Quiet.MonthlyLimit = 8
	return c
}

// drawnDay is a village's day of rides: some to Assen and some elsewhere, there and back or one way, and
// drivers of whom some have agreed to a ride and some to something else.
func drawnDay(r *rand.Rand, rides, drivers int) RideDay {
	var d RideDay
	draw := func(name string) matching.Need {
		start := at(3, 9+r.IntN(4), 10*r.IntN(6))
		n := lift(name, float64(r.IntN(5_000)), start, start.Add(time.Duration(60+10*r.IntN(9))*time.Minute))
		if r.IntN(4) == 0 {
			n.Request.Ride.To.Point = east(float64(6_000 + r.IntN(6_000)))
		}
		if r.IntN(3) == 0 {
			n.Request.Ride.ReturnAt = time.Time{}
		}
		n.Request.Ride.Passengers = 1 + r.IntN(2)
		if r.IntN(5) == 0 {
			n.Request.Urgency = care.Today
		}
		if r.IntN(4) == 0 {
			n.Slot.End = n.Slot.End.Add(time.Hour)
			n.Request.Slots[0] = n.Slot
		}
		return n
	}
	for i := range rides {
		d.Wishes = append(d.Wishes, Wish{Need: draw(fmt.Sprintf("resident %02d", i))})
	}
	for i := range drivers {
		c := carOwner(fmt.Sprintf("driver %02d", i), float64(r.IntN(5_000)), 2+r.IntN(3))
		if r.IntN(3) == 0 {
			c.Offer.Radius = 1_000 + r.IntN(4_000)
		}
		driver := Driver{}
		switch r.IntN(4) {
		case 0:
			n := draw("agreed with " + string(c.Person))
			hour := n.Slot.Earliest()
			driver.Agreed = []Drive{{Need: n, At: hour}}
			c.Helper.Agreed = []care.Agreed{{Visit: care.VisitID("visit of " + n.Request.For), Request: n.Request.ID, Slot: n.Slot.ID, At: matching.BoundAt(n, c, hour)}}
		case 1:
			from := at(3, 8+r.IntN(5), 0)
			c.Helper.Agreed = []care.Agreed{{Visit: "other", Request: "other", At: care.Interval{From: from, Until: from.Add(time.Hour)}}}
		}
		driver.Candidate = c
		d.Drivers = append(d.Drivers, driver)
	}
	apart := map[[2]care.PersonID]bool{}
	for range rides / 4 {
		one, other := d.Wishes[r.IntN(rides)].Need.Request.For, d.Wishes[r.IntN(rides)].Need.Request.For
		apart[[2]care.PersonID{one, other}], apart[[2]care.PersonID{other, one}] = true, true
	}
	d.Apart = func(one, other care.PersonID) bool { return apart[[2]care.PersonID{one, other}] }
	return d
}

// sound judges a roster by the rules that whoever asks would be judged by: each question with those before
// it agreed. It shares nothing with how the roster was found.
func sound(d RideDay, roster Roster) error {
	times := map[int]int{}
	for _, i := range roster.Left {
		times[i]++
	}
	type question struct {
		Part
		car int
	}
	asked := map[care.PersonID][]question{}
	for t, tour := range roster.Tours {
		if err := keepsPeople(d, tour); err != nil {
			return fmt.Errorf("tour %d: %w", t, err)
		}
		for _, p := range tour.Parts {
			if p.Step != StepAgreed {
				times[p.Ride]++
				who := d.Drivers[tour.Driver].Candidate.Person
				asked[who] = append(asked[who], question{p, tour.Driver})
			}
		}
	}
	for who, parts := range asked {
		cars := map[int]Driver{}
		book := d.Drivers[parts[0].car].Candidate.Helper
		slices.SortFunc(parts, func(x, y question) int { return x.Turn - y.Turn })
		for i, p := range parts {
			driver, used := cars[p.car]
			if !used {
				driver = d.Drivers[p.car]
				driver.Agreed = slices.Clone(driver.Agreed)
			}
			driver.Candidate.Helper = book
			next, err := takes(d.Wishes[p.Ride].Need, driver, p.Part)
			if err != nil || p.Turn != i+1 {
				return fmt.Errorf("%s, ride %d, turn %d of %d: %w", who, p.Ride, p.Turn, i+1, err)
			}
			cars[p.car], book = next, next.Candidate.Helper
		}
	}
	for i := range d.Wishes {
		if times[i] != 1 {
			return fmt.Errorf("wish %d comes %d times", i, times[i])
		}
	}
	return nil
}

// takes asks a driver for one ride more, as it is written, and writes it into their book.
func takes(n matching.Need, driver Driver, p Part) (Driver, error) {
	c := driver.Candidate
	var took care.Interval
	if p.Step == StepJoin {
		j, fit, ok := Join(n, c, driver.Agreed)
		if !ok || j.Visit != p.Hour || j.Detour != p.Detour || j.Detour > mostDetour {
			return driver, fmt.Errorf("it does not join: %v, %+v, written %+v", ok, j, p)
		}
		took, c.Helper.Questions = j.At, append(slices.Clone(c.Helper.Questions), fit.AskFrom)
	} else {
		fit, ok := matching.Suit(n, c)
		if !ok || fit.Visit != p.Hour {
			return driver, fmt.Errorf("it does not suit: %v, %v, written %v", ok, fit.Visit, p.Hour)
		}
		took, c.Helper.Questions = fit.Bound, append(slices.Clone(c.Helper.Questions), fit.AskFrom)
	}
	c.Helper.Agreed = append(slices.Clone(c.Helper.Agreed), care.Agreed{Visit: care.VisitID("yes to " + n.Request.For), Request: n.Request.ID, Slot: n.Slot.ID, At: took})
	driver.Candidate = c
	driver.Agreed = append(driver.Agreed, Drive{Need: n, At: p.Hour})
	slices.SortStableFunc(driver.Agreed, func(x, y Drive) int { return x.At.From.Compare(y.At.From) })
	return driver, nil
}

// keepsPeople judges a tour by hand: seats, times and ways of everybody in it, who is apart, and whose
// rides these are.
func keepsPeople(d RideDay, tour Tour) error {
	var all []Drive
	for _, p := range tour.Parts {
		n := matching.Need{}
		if p.Step == StepAgreed {
			n = d.Drivers[tour.Driver].Agreed[p.Ride].Need
			if p.Hour != d.Drivers[tour.Driver].Agreed[p.Ride].At {
				return fmt.Errorf("an agreed ride has moved to %v", p.Hour)
			}
		} else {
			n = d.Wishes[p.Ride].Need
		}
		for _, other := range all {
			if d.Apart(n.Request.For, other.Need.Request.For) {
				return fmt.Errorf("%s and %s share a car", n.Request.For, other.Need.Request.For)
			}
		}
		all = append(all, Drive{Need: n, At: p.Hour})
	}
	last := len(all) - 1
	halts := slices.Clone(tour.Halts)
	for i := range halts {
		if halts[i].Drive == last {
			halts[i].Drive = Joining
		}
	}
	home := d.Drivers[tour.Driver].Candidate.Home
	together, apart := walked(home, all, tour.Halts), int64(0)
	for i := range all {
		apart += walked(home, all, slices.DeleteFunc(slices.Clone(tour.Halts), func(h Halt) bool { return h.Drive != i }))
	}
	if tour.Together != minutes(together) || tour.Apart != minutes(apart) {
		return fmt.Errorf("together it takes %v, apart %v, by the stops %d and %d seconds", tour.Together, tour.Apart, together, apart)
	}
	return keeps(Journey{Halts: halts, Visit: tour.Parts[last].Hour}, all[last].Need, all[:last], d.Drivers[tour.Driver].Candidate.Offer.Vehicle.Seats)
}

// walked is how long the way is from home over some stops and back.
func walked(home care.Point, all []Drive, halts []Halt) int64 {
	total, at := int64(0), home
	for _, h := range halts {
		r := all[h.Drive].Need.Request
		next := r.Where.Point
		if h.Out != h.Back {
			next = r.Ride.To.Point
		}
		total += seconds(onPlane(at), onPlane(next))
		at = next
	}
	return total + seconds(onPlane(at), onPlane(home))
}

// bestOfAll is the least burden of all ways to give the wishes to the drivers, each asked in every order.
func bestOfAll(d RideDay) burden {
	b := newCarpool(d)
	best := b.lineup().cost
	with := make([]int, len(d.Wishes))
	var try func(i int)
	try = func(i int) {
		if i < len(with) {
			for v := -1; v < len(b.empty); v++ {
				with[i] = v
				try(i + 1)
			}
			return
		}
		total := burden{}
		for i, v := range with {
			if v < 0 {
				total.left += weight(d.Wishes[i].Need.Request.Urgency)
			}
		}
		for v := range b.empty {
			var mine []int
			for i, w := range with {
				if w == v {
					mine = append(mine, i)
				}
			}
			least := int64(-1)
			permute(mine, func(order []int) {
				if r := b.inOrder(v, order); len(r.asked) == len(mine) && (least < 0 || r.way < least) {
					least = r.way
				}
			})
			if least < 0 {
				return
			}
			total.way += least - b.empty[v].way
		}
		if total.less(best) {
			best = total
		}
	}
	try(0)
	return best
}

func permute(list []int, visit func([]int)) {
	if len(list) == 0 {
		visit(nil)
		return
	}
	for i := range list {
		permute(slices.Delete(slices.Clone(list), i, i+1), func(rest []int) { visit(append([]int{list[i]}, rest...)) })
	}
}

// burdenOf is what a roster costs.
func burdenOf(d RideDay, roster Roster) burden {
	b := burden{way: int64(roster.Added / time.Second)}
	for _, i := range roster.Left {
		b.left += weight(d.Wishes[i].Need.Request.Urgency)
	}
	return b
}

// Small days come out sound, no worse than asking for one ride after the other, never better than can be,
// and almost always at the best.
func TestRidesOfSmallDays(t *testing.T) {
	joined, agreed, left, best, better := 0, 0, 0, 0, 0
	const days = 150
	for seed := range uint64(days) {
		r := rand.New(rand.NewPCG(seed, 8))
		d := drawnDay(r, 2+r.IntN(3), 1+r.IntN(3))
		roster := Rides(d)
		if err := sound(d, roster); err != nil {
			t.Fatalf("seed %d: %v: %+v", seed, err, roster)
		}
		got, least := burdenOf(d, roster), bestOfAll(d)
		one := newCarpool(d).lineup()
		newCarpool(d).fill(&one)
		switch {
		case got.less(least) || one.cost.less(got):
			t.Fatalf("seed %d: %+v, the best %+v, one by one %+v", seed, got, least, one.cost)
		case got == least:
			best++
		}
		if got.less(one.cost) {
			better++
		}
		left += len(roster.Left)
		for _, tour := range roster.Tours {
			for _, p := range tour.Parts {
				switch p.Step {
				case StepJoin:
					joined++
				case StepAgreed:
					agreed++
				}
			}
		}
	}
	t.Logf("figure: %d of %d days at the best, %d better than one by one; %d join, %d left", best, days, better, joined, left)
	if joined < 20 || agreed < 5 || left < 10 || better < 3 || best < days*95/100 {
		t.Errorf("%d join, %d agreed, %d left, %d better than one by one, %d at the best of %d", joined, agreed, left, better, best, days)
	}
}

// A village's day comes out sound, the same again, and within a second.
func TestRidesOfAVillage(t *testing.T) {
	for seed := range uint64(3) {
		d := drawnDay(rand.New(rand.NewPCG(seed, 9)), 20, 15)
		began := time.Now()
		roster := Rides(d)
		took := time.Since(began)
		if err := sound(d, roster); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if again := Rides(d); !reflect.DeepEqual(again, roster) {
			t.Errorf("seed %d: another roster the second time", seed)
		}
		one := newCarpool(d).lineup()
		newCarpool(d).fill(&one)
		got := burdenOf(d, roster)
		if one.cost.less(got) {
			t.Errorf("seed %d: %+v, one by one %+v", seed, got, one.cost)
		}
		t.Logf("figure: 20 rides and 15 drivers in %v: %d left, %v more on the way; one by one %+v", took, len(roster.Left), roster.Added, one.cost)
	}
}

// A driver has one car and a boxed journey its own seats; whom a resident must know is asked of each
// driver; and nothing is planned for what is no ride.
func TestRidesAskEachDriverByTheRules(t *testing.T) {
	n := lift("anna", 0, at(3, 10, 0), at(3, 12, 0))
	near, far := carOwner("near", 200, 2), carOwner("far", 3_000, 2)
	boxed := near
	boxed.Offer.Boxed = &care.Boxed{At: care.Interval{From: at(3, 8, 0), Until: at(3, 18, 0)}, To: "Assen", Seats: 2}
	trusting := n
	trusting.Request.Circumstances = care.Circumstances{AloneIndoors: true, Money: true}
	for _, c := range []struct {
		what    string
		wish    Wish
		drivers []matching.Candidate
		driver  string
	}{
		{"the nearest", Wish{Need: n}, []matching.Candidate{far, near}, "near"},
		{"whom they know", Wish{Need: trusting, Faces: map[care.PersonID]bool{"far": true}}, []matching.Candidate{near, far}, "far"},
		{"nobody whom they do not know", Wish{Need: trusting}, []matching.Candidate{near, far}, ""},
		{"nobody", Wish{Need: n}, nil, ""},
		{"not on a journey that is offered", Wish{Need: n}, []matching.Candidate{boxed, far}, "far"},
		{"no ride", Wish{Need: need("anna", at(3, 10, 0), time.Hour)}, []matching.Candidate{near}, ""},
	} {
		d := RideDay{Wishes: []Wish{c.wish}}
		for _, k := range c.drivers {
			d.Drivers = append(d.Drivers, Driver{Candidate: k})
		}
		got := ""
		for _, tour := range Rides(d).Tours {
			got = string(d.Drivers[tour.Driver].Candidate.Person)
		}
		if got != c.driver {
			t.Errorf("%s: %q drives, want %q", c.what, got, c.driver)
		}
	}
}
