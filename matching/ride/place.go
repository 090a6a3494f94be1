package ride

// spot is where a ride goes in a route: its pickup before the stop at pickup, its dropoff before the
// one at dropoff (places in the route as it is), and what that adds to the way.
type spot struct {
	pickup, dropoff int
	adds            int64
}

// placer looks for spots. It keeps what it needs for that and allocates nothing.
type placer struct {
	net   *network
	times *timetable
	line  []node
}

func newPlacer(n *network) *placer { return &placer{net: n, times: &timetable{}} }

// best finds the spot of a ride in a route that adds least, if one adds less than limit.
func (f *placer) best(r *route, ride int32, limit int64) (spot, bool) {
	n, found := f.net, spot{adds: limit}
	p, q := n.pickup(ride), n.dropoff(ride)
	load, room := n.rides[ride].Load, n.vehicles[r.vehicle].Room
	for i := 1; i < len(r.nodes); i++ {
		a, b := r.nodes[i-1], r.nodes[i]
		in := max(n.from[p], r.early[i-1]+n.served[a]+n.between(a, p))
		if in > n.to[p] {
			break // later places are reached later
		}
		if !r.aboard[i-1].plus(load).fits(room) {
			continue
		}
		to := n.between(a, p) - n.between(a, b)
		f.direct(r, ride, i, in, to, &found)
		if adds := to + n.between(p, b); adds < found.adds && b != n.end(r.vehicle) {
			at := max(n.from[b], in+n.served[p]+n.between(p, b))
			f.later(r, p, q, i, at, adds, &found)
		}
	}
	return found, found.adds < limit
}

// direct tries to go from the pickup straight to the dropoff.
func (f *placer) direct(r *route, ride int32, i int, in, to int64, found *spot) {
	n := f.net
	p, q, b := n.pickup(ride), n.dropoff(ride), r.nodes[i]
	adds := to + n.between(p, q) + n.between(q, b)
	if adds >= found.adds {
		return
	}
	out := max(n.from[q], in+n.served[p]+n.between(p, q))
	if out > n.to[q] || out+n.served[q]+n.between(q, b) > r.late[i] {
		return
	}
	f.try(r, p, q, spot{pickup: i, dropoff: i, adds: adds}, found)
}

// later tries the dropoff behind each of the stops that follow the pickup. The first of them, at i,
// begins at the moment given.
func (f *placer) later(r *route, p, q node, i int, at, adds int64, found *spot) {
	n := f.net
	load, room := n.rides[n.rideOf(p)].Load, n.vehicles[r.vehicle].Room
	for j := i; j < len(r.nodes)-1; j++ {
		c, d := r.nodes[j], r.nodes[j+1]
		if at > r.late[j] || !r.aboard[j].plus(load).fits(room) {
			return
		}
		leaves := at + n.served[c]
		out := max(n.from[q], leaves+n.between(c, q))
		if out > n.to[q] {
			return
		}
		total := adds + n.between(c, q) + n.between(q, d) - n.between(c, d)
		if total < found.adds && out+n.served[q]+n.between(q, d) <= r.late[j+1] {
			f.try(r, p, q, spot{pickup: i, dropoff: j + 1, adds: total}, found)
		}
		at = max(n.from[d], leaves+n.between(c, d))
	}
}

// try keeps a spot if the route with it can be driven.
func (f *placer) try(r *route, p, q node, s spot, found *spot) {
	f.line = withRide(f.line[:0], r.nodes, p, q, s)
	if f.times.fit(f.net, r.vehicle, f.line) {
		*found = s
	}
}

// withRide appends a route's stops with a ride at a spot of it.
func withRide(line, nodes []node, p, q node, s spot) []node {
	line = append(line, nodes[:s.pickup]...)
	line = append(line, p)
	line = append(line, nodes[s.pickup:s.dropoff]...)
	line = append(line, q)
	return append(line, nodes[s.dropoff:]...)
}
