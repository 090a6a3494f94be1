package ride

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Make plans a day: it begins with each ride at its best spot, then again and again takes out rides
// that lie close together and puts them back at their best spots, now and then keeping what is a
// little worse (slack induction by string removals, after Christiaens and Vanden Berghe,
// Transportation Science 54, 2020; here with pairs of stops). done tells how much of the time given
// is over, from 0 to 1; the same seed with the same sequence of done gives the same plan. The day
// must be without fault (Day.Check).
//
// Every plan it returns can be driven, by vehicles that may, with each pair in one of them and everything
// agreed where it was. Whether it is the best is not proven.
func Make(d Day, seed uint64, done func() float64) Plan {
	p := newPlanner(d, seed)
	now := p.start()
	p.refill(now)
	best := now.clone()
	next := now.clone()
	hot := p.heat()
	for {
		over := done()
		if over >= 1 || len(p.near) == 0 {
			return p.plan(best)
		}
		heat := hot * math.Pow(coldest, over)
		next.copy(now)
		p.ruin(next)
		p.refill(next)
		if float64(next.cost) < float64(now.cost)-heat*math.Log(p.chance.Float64()) {
			now, next = next, now
			if now.cost < best.cost {
				best.copy(now)
			}
		}
	}
}

// coldest is how much of the first heat is left at the end.
const coldest = 1.0 / 2000

// state is a plan in the making.
type state struct {
	routes []route
	of     []int32 // by ride: its vehicle, or -1
	left   []int32 // rides without one
	cost   int64
}

func (s *state) clone() *state {
	c := &state{}
	c.copy(s)
	return c
}

func (s *state) copy(o *state) {
	if len(s.routes) != len(o.routes) {
		s.routes = make([]route, len(o.routes))
	}
	for i := range o.routes {
		a, b := &s.routes[i], &o.routes[i]
		a.vehicle, a.travel = b.vehicle, b.travel
		a.nodes = append(a.nodes[:0], b.nodes...)
		a.early = append(a.early[:0], b.early...)
		a.late = append(a.late[:0], b.late...)
		a.aboard = append(a.aboard[:0], b.aboard...)
	}
	s.of = append(s.of[:0], o.of...)
	s.left = append(s.left[:0], o.left...)
	s.cost = o.cost
}

type planner struct {
	net    *network
	leaves []int64  // by ride: what it costs to leave it out
	mate   []int32  // by ride: the other one of its pair, or -1
	pinned []bool   // by ride: agreed, and so never left out
	may    [][]bool // by vehicle and ride; nil where each may drive all
	agreed [][]Visit
	chance *rand.Rand
	placer *placer
	near   [][]int32 // by ride: all rides, the closest first, itself before all
	alike  []int32   // by vehicle: the first one that is just like it
	order  []int32   // scratch: rides of a route in the order of their pickups
	key    []int64   // scratch: by ride, what refill sorts by
	gone   []bool    // scratch: by vehicle, whether ruin was there
	tried  []bool    // scratch: by ride, whether refill has looked for a place with its mate
	both   route     // scratch: a route with a pair in it
	pair   route     // scratch: the best of these
}

func newPlanner(d Day, seed uint64) *planner {
	n := networkOf(d)
	n.measureWays()
	p := &planner{net: n, chance: rand.New(rand.NewPCG(seed, 0)), placer: newPlacer(n), near: make([][]int32, len(d.Rides)),
		key: make([]int64, len(d.Rides)), gone: make([]bool, len(d.Vehicles)),
		tried: make([]bool, len(d.Rides))}
	apart := make([]int64, len(d.Rides))
	for i := range int32(len(d.Rides)) {
		p.near[i] = make([]int32, len(d.Rides))
		for j := range int32(len(d.Rides)) {
			p.near[i][j], apart[j] = j, n.apart(i, j)
		}
		apart[i] = -1
		slices.SortFunc(p.near[i], func(a, b int32) int { return cmp.Or(cmp.Compare(apart[a], apart[b]), cmp.Compare(a, b)) })
	}
	p.bind(d)
	for i := range d.Vehicles {
		p.alike = append(p.alike, p.firstLike(d, i))
	}
	return p
}

// apart is how little two rides have to do with each other: the way between their stops, and the
// time between their windows.
func (n *network) apart(i, j int32) int64 {
	gap := func(a, b node) int64 { return max(0, n.from[a]-n.to[b], n.from[b]-n.to[a]) }
	p, q, out, off := n.pickup(i), n.pickup(j), n.dropoff(i), n.dropoff(j)
	return n.between(p, q) + n.between(out, off) + (gap(p, q)+gap(out, off))/2
}

// heat is how much worse a plan may be to be kept at first, about: a third of the mean way between
// rides that lie close together.
func (p *planner) heat() float64 {
	total, count := 0.0, 0
	for i := range int32(len(p.near)) {
		for _, j := range p.near[i][:min(len(p.near[i]), 6)] {
			total += float64(p.net.between(p.net.pickup(i), p.net.pickup(j)))
			count++
		}
	}
	return total / float64(max(count, 1)) / 3
}

// start is the plan in which everybody drives what they have agreed to, and nothing else.
func (p *planner) start() *state {
	s := &state{of: make([]int32, len(p.near))}
	for i := range s.of {
		s.of[i] = -1
	}
	for v := range p.net.vehicles {
		var visits []Visit
		if v < len(p.agreed) {
			visits = p.agreed[v]
		}
		for _, x := range visits {
			s.of[x.Ride] = int32(v)
		}
		s.routes = append(s.routes, p.net.routeOf(int32(v), visits))
	}
	for i := range int32(len(p.near)) {
		if s.of[i] < 0 {
			s.left = append(s.left, i)
		}
	}
	s.cost = p.cost(s)
	return s
}

// cost is the way and what the rides cost that are left. What leaves out an agreed one is worse than
// anything, so it is never kept.
func (p *planner) cost(s *state) int64 {
	total := int64(0)
	for _, i := range s.left {
		if p.pinned[i] {
			return math.MaxInt64
		}
		total += p.leaves[i]
	}
	for i := range s.routes {
		total += s.routes[i].used()
	}
	return total
}

// used is the way of a route; a vehicle that drives nobody stays where it is.
func (r *route) used() int64 {
	if len(r.nodes) == 2 {
		return 0
	}
	return r.travel
}

func (p *planner) plan(s *state) Plan {
	out := Plan{Routes: make([][]Visit, len(s.routes)), Cost: s.cost}
	for i := range s.routes {
		r := &s.routes[i]
		out.Travel += r.used()
		for _, a := range r.nodes[1 : len(r.nodes)-1] {
			out.Routes[i] = append(out.Routes[i], Visit{Ride: int(p.net.rideOf(a)), Dropoff: p.net.isDropoff(a)})
		}
	}
	for _, i := range s.left {
		out.Undriven = append(out.Undriven, int(i))
	}
	slices.Sort(out.Undriven)
	return out
}
