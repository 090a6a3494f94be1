package plan

import "slices"

// mostMends is how often all rides are looked at once more.
const mostMends = 3

// mend moves single rides to where they add less, and puts rides that are left in the place of others,
// until neither is better for all together.
func (b *carpool) mend(l *lineup) {
	for range mostMends {
		before := l.cost
		for i := range l.with {
			if l.with[i] >= 0 && b.work <= mostWork {
				b.move(l, i)
			}
		}
		b.fill(l)
		for i := range l.with {
			if l.with[i] < 0 && b.work <= mostWork {
				b.replace(l, i)
			}
		}
		if !l.cost.less(before) {
			return
		}
	}
}

// move gives one ride to somebody else, or to the same driver in another order, where that is better for
// all together.
func (b *carpool) move(l *lineup, wish int) {
	from := l.with[wish]
	var others []int
	for _, p := range l.rotas[from].asked {
		if p.wish != wish {
			others = append(others, p.wish)
		}
	}
	without := b.asked(from, others)
	if len(without.asked) < len(others) {
		return
	}
	least, best, at := l.rotas[from].way-without.way, rota{}, -1
	for _, v := range b.drivers {
		r := l.rotas[v]
		if v == from {
			r = without
		}
		if !b.rules[wish][v] {
			continue
		}
		if next, ok := b.with(r, wish); ok && next.way-r.way < least {
			least, best, at = next.way-r.way, next, v
		}
	}
	if at < 0 {
		return
	}
	l.rotas[from] = without
	l.rotas[at], l.with[wish] = best, at
	b.weigh(l)
}

// replace gives a ride that nobody drives the place of another, where that other finds one elsewhere or
// costs more of the way.
func (b *carpool) replace(l *lineup, left int) {
	for other, v := range l.with {
		if v < 0 || !b.rules[left][v] || b.work > mostWork {
			continue
		}
		wishes := []int{left}
		for _, p := range l.rotas[v].asked {
			if p.wish != other {
				wishes = append(wishes, p.wish)
			}
		}
		r := b.asked(v, wishes)
		if len(r.asked) < len(wishes) {
			continue
		}
		next := lineup{rotas: slices.Clone(l.rotas), with: slices.Clone(l.with)}
		next.rotas[v], next.with[left], next.with[other] = r, v, -1
		if b.fill(&next); next.cost.less(l.cost) {
			*l = next
			return
		}
	}
}

// anywhere is a driver's rota with one question more: the last of the day or, where that fails, as early
// in the order of asking as it takes.
func (b *carpool) anywhere(r rota, wish int) (rota, bool) {
	if next, ok := b.with(r, wish); ok {
		return next, true
	}
	order := make([]int, len(r.asked)+1)
	for at := len(r.asked) - 1; at >= 0; at-- {
		for i, p := range r.asked {
			order[i] = p.wish
		}
		copy(order[at+1:], order[at:len(r.asked)])
		order[at] = wish
		if next := b.inOrder(r.driver, order); len(next.asked) == len(order) {
			return next, true
		}
	}
	return r, false
}
