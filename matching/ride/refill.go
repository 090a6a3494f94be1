package ride

// refill puts the rides that are left back, each at the spot that adds least, in an order drawn
// anew each time. Of a pair the one that comes first takes the other along.
func (p *planner) refill(s *state) {
	p.sort(s.left)
	left := s.left
	s.left = s.left[:0]
	for _, ride := range left {
		mate := p.mate[ride]
		put := s.of[ride] >= 0 // with its mate
		switch {
		case put || p.tried[ride]:
		case mate < 0:
			put = p.putOne(s, ride)
		default:
			put = p.putPair(s, ride, mate)
			p.tried[mate] = !put
		}
		p.tried[ride] = false
		if !put {
			s.left = append(s.left, ride)
		}
	}
	s.cost = p.cost(s)
}

// putOne puts a ride at the best spot there is; false where leaving it out costs less.
func (p *planner) putOne(s *state, ride int32) bool {
	best, where := spot{adds: p.leaves[ride]}, -1
	for v := range s.routes {
		r := &s.routes[v]
		if p.overlooks(s, v, ride) {
			continue
		}
		limit := best.adds
		if len(r.nodes) == 2 {
			limit += r.travel // a vehicle that stays at home does not drive home
		}
		if found, ok := p.placer.best(r, ride, limit); ok {
			if len(r.nodes) == 2 {
				found.adds += r.travel
			}
			if found.adds < best.adds {
				best, where = found, v
			}
		}
	}
	if where < 0 {
		return false
	}
	p.put(&s.routes[where], ride, best)
	s.of[ride] = int32(where)
	return true
}

// overlooks leaves out a vehicle that may not drive the ride, now and then any, and all but one of
// those that are alike and drive nobody.
func (p *planner) overlooks(s *state, v int, ride int32) bool {
	return !p.mayDrive(v, ride) || p.chance.Float64() < blink || len(s.routes[v].nodes) == 2 && p.twinIsFree(s, v)
}

func (p *planner) put(r *route, ride int32, at spot) {
	p.placer.line = withRide(p.placer.line[:0], r.nodes, p.net.pickup(ride), p.net.dropoff(ride), at)
	r.nodes = append(r.nodes[:0], p.placer.line...)
	p.net.measure(r)
}

// putPair puts two rides into the one vehicle where they add least together, one after the other: each
// of them first, at its best spot, and then the other at its best. False where leaving both out costs less.
func (p *planner) putPair(s *state, ride, mate int32) bool {
	least, where := p.leaves[ride]+p.leaves[mate], -1
	for v := range s.routes {
		if p.overlooks(s, v, ride) {
			continue
		}
		for _, pair := range [2][2]int32{{ride, mate}, {mate, ride}} {
			if adds, ok := p.addsPair(&s.routes[v], pair, least); ok {
				least, where = adds, v
				p.pair.nodes = append(p.pair.nodes[:0], p.both.nodes...)
			}
		}
	}
	if where < 0 {
		return false
	}
	r := &s.routes[where]
	r.nodes = append(r.nodes[:0], p.pair.nodes...)
	p.net.measure(r)
	s.of[ride], s.of[mate] = int32(where), int32(where)
	return true
}

// addsPair is what two rides add to a route, if less than the limit; both is then the route with them.
func (p *planner) addsPair(r *route, pair [2]int32, limit int64) (int64, bool) {
	was := r.used()
	p.both.vehicle, p.both.nodes = r.vehicle, append(p.both.nodes[:0], r.nodes...)
	p.net.measure(&p.both)
	for _, ride := range pair {
		found, ok := p.placer.best(&p.both, ride, limit+was-p.both.travel)
		if !ok {
			return 0, false
		}
		p.put(&p.both, ride, found)
	}
	return p.both.travel - was, true
}
