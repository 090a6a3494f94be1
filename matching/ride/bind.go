package ride

import "slices"

// bind takes over what a day says of single rides: what each costs that is left out, who may drive it,
// which two belong together, and what is agreed.
func (p *planner) bind(d Day) {
	p.agreed = d.Agreed
	p.mate, p.leaves, p.pinned = make([]int32, len(d.Rides)), make([]int64, len(d.Rides)), make([]bool, len(d.Rides))
	for i, r := range d.Rides {
		p.mate[i], p.leaves[i] = -1, d.Undriven
		if r.Undriven > 0 {
			p.leaves[i] = r.Undriven
		}
	}
	for _, pair := range d.Pairs {
		p.mate[pair[0]], p.mate[pair[1]] = int32(pair[1]), int32(pair[0])
	}
	of := make([]int, len(d.Rides))
	for v, visits := range d.Agreed {
		for _, x := range visits {
			p.pinned[x.Ride], of[x.Ride] = true, v
		}
	}
	if d.May == nil && len(d.Agreed) == 0 {
		return
	}
	p.may = make([][]bool, len(d.Vehicles))
	for v := range p.may {
		p.may[v] = make([]bool, len(d.Rides))
		for i := range d.Rides {
			switch {
			case p.pinned[i]:
				p.may[v][i] = of[i] == v
			default:
				p.may[v][i] = d.May == nil || d.May(i, v)
			}
		}
	}
	for _, pair := range d.Pairs {
		for v := range p.may {
			both := p.may[v][pair[0]] && p.may[v][pair[1]]
			p.may[v][pair[0]], p.may[v][pair[1]] = both, both
		}
	}
}

func (p *planner) mayDrive(v int, ride int32) bool { return p.may == nil || p.may[v][ride] }

// firstLike is the first vehicle that is just like this one: the same day, and the same rides that it
// may drive. One that has agreed to something is like nobody else.
func (p *planner) firstLike(d Day, v int) int32 {
	busy := func(w int) bool { return w < len(d.Agreed) && len(d.Agreed[w]) > 0 }
	for w := range v {
		if d.Vehicles[w] == d.Vehicles[v] && !busy(w) && !busy(v) && (p.may == nil || slices.Equal(p.may[w], p.may[v])) {
			return int32(w)
		}
	}
	return int32(v)
}
