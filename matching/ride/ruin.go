package ride

import (
	"cmp"
	"slices"
)

const (
	meanRuined  = 8.0  // rides taken out at a time, on average
	longestLine = 10.0 // of one route
	blink       = 0.01 // how often a route is overlooked
)

// ruin takes out strings of rides around one of them, each from another route.
func (p *planner) ruin(s *state) {
	clear(p.gone)
	sizes := 0.0
	used := 0
	for i := range s.routes {
		if k := len(s.routes[i].nodes)/2 - 1; k > 0 {
			sizes += float64(k)
			used++
		}
	}
	if used == 0 {
		return
	}
	longest := min(longestLine, sizes/float64(used))
	most := 4*meanRuined/(1+longest) - 1
	strings := int(p.chance.Float64()*most + 1)
	seed := p.chance.Int32N(int32(len(p.near)))
	for _, ride := range p.near[seed] {
		if strings == 0 {
			break
		}
		v := s.of[ride]
		if v < 0 || p.gone[v] {
			continue
		}
		r := &s.routes[v]
		size := min(float64(len(r.nodes)/2-1), longest)
		p.takeString(s, r, ride, int(p.chance.Float64()*size+1))
		p.gone[v] = true
		strings--
	}
	s.cost = p.cost(s)
}

// takeString takes out so many rides of a route that follow each other by their pickups, one of them
// the one given.
func (p *planner) takeString(s *state, r *route, ride int32, size int) {
	p.order = p.order[:0]
	at := 0
	for _, a := range r.nodes {
		if p.net.isPickup(a) {
			if p.net.rideOf(a) == ride {
				at = len(p.order)
			}
			p.order = append(p.order, p.net.rideOf(a))
		}
	}
	size = min(size, len(p.order))
	first := max(0, at-size+1)
	last := min(at, len(p.order)-size)
	from := first + p.chance.IntN(last-first+1)
	for _, i := range p.order[from : from+size] {
		p.takeOut(s, i)
		if mate := p.mate[i]; mate >= 0 {
			p.takeOut(s, mate)
		}
	}
	r.nodes = slices.DeleteFunc(r.nodes, func(a node) bool { return !p.net.isVehicle(a) && s.of[p.net.rideOf(a)] < 0 })
	p.net.measure(r)
}

// takeOut leaves a ride out, once; its stops go with those of the string.
func (p *planner) takeOut(s *state, ride int32) {
	if s.of[ride] >= 0 {
		s.of[ride] = -1
		s.left = append(s.left, ride)
	}
}

// twinIsFree tells whether a vehicle just like this one stands before it and drives nobody either.
func (p *planner) twinIsFree(s *state, v int) bool {
	for w := range v {
		if p.alike[w] == p.alike[v] && len(s.routes[w].nodes) == 2 {
			return true
		}
	}
	return false
}

// sort draws an order: by chance, by the way of the ride, by when it begins, or by how little time
// it leaves.
func (p *planner) sort(rides []int32) {
	n := p.net
	kind := p.chance.IntN(8)
	for _, i := range rides {
		in, q := n.pickup(i), n.dropoff(i)
		switch kind {
		case 0:
			p.key[i] = -n.between(in, q)
		case 1:
			p.key[i] = n.between(in, q)
		case 2:
			p.key[i] = min(n.from[in], n.from[q])
		case 3:
			p.key[i] = min(n.to[in]-n.from[in], n.to[q]-n.from[q])
		case 4:
			p.key[i] = -max(n.from[in], n.from[q]-n.rides[i].Longest)
		default:
			p.key[i] = p.chance.Int64()
		}
	}
	slices.SortFunc(rides, func(a, b int32) int { return cmp.Or(cmp.Compare(p.key[a], p.key[b]), cmp.Compare(a, b)) })
}
