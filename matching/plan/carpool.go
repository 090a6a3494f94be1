package plan

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// carpool is a day of rides being planned. Its drivers are people, with all of their cars.
type carpool struct {
	RideDay
	rules   [][]bool // by wish and driver: whether each alone keeps to the rules
	may     [][]bool // the same, less what failed with others
	empty   []rota   // by driver: with what they have agreed to, and nothing else
	drivers []int    // those with whom anything can be planned
	judged  map[string]*rota
	work    int    // of judging so far: see mostWork
	key     []byte // scratch of with
}

// rota is what a driver has in their book on the day, and what they are to be asked, in that order.
type rota struct {
	driver int
	cars   []car
	asked  []proposed
	way    int64 // seconds of all journeys, each from home to home
}

// car is one of a driver's, with what is driven in it. The book in its candidate is the driver's, whole.
type car struct {
	matching.Candidate
	number int     // of RideDay.Drivers
	drives []Drive // by their hours
	rides  []int   // by drive: the wish, or -1 - the number of the agreed ride
}

// proposed is one question to a driver.
type proposed struct {
	wish   int
	step   Step
	hour   care.Interval
	detour time.Duration
	visit  care.VisitID
}

// lineup is what every driver has.
type lineup struct {
	rotas []rota
	with  []int // by wish: its driver, or -1
	cost  burden
}

// burden is what a lineup costs: first what the rides weigh that nobody drives, then the way.
type burden struct{ left, way int64 }

func (b burden) less(o burden) bool {
	return cmp.Or(cmp.Compare(b.left, o.left), cmp.Compare(b.way, o.way)) < 0
}

// weight is what leaving out a ride weighs: any two weigh more than one, and of equally many the more
// urgent ones weigh more.
func weight(u care.Urgency) int64 {
	switch u {
	case care.Urgent:
		return 1002
	case care.Today:
		return 1001
	}
	return 1000
}

func newCarpool(d RideDay) *carpool {
	b := &carpool{RideDay: d, judged: map[string]*rota{}}
	for number, with := range d.Drivers {
		c := car{Candidate: with.Candidate, number: number, drives: slices.Clone(with.Agreed)}
		for i := range with.Agreed {
			c.rides = append(c.rides, -1-i)
		}
		if last := len(b.empty) - 1; last >= 0 && b.empty[last].cars[0].Person == c.Person {
			b.empty[last].cars = append(b.empty[last].cars, c)
			continue
		}
		b.empty = append(b.empty, rota{driver: len(b.empty), cars: []car{c}})
	}
	for v := range b.empty {
		r, ok := &b.empty[v], false
		if r.way, ok = r.measure(); ok {
			b.drivers = append(b.drivers, v)
		}
	}
	for i := range d.Wishes {
		rules := make([]bool, len(b.empty))
		for _, v := range b.drivers {
			_, rules[v] = b.with(b.empty[v], i)
		}
		b.rules, b.may = append(b.rules, rules), append(b.may, slices.Clone(rules))
	}
	return b
}

// with is a driver's rota with one question more, judged as whoever asks would judge it with everything
// before it agreed. A search asks for the same again and again.
func (b *carpool) with(r rota, wish int) (rota, bool) {
	b.key = binary.AppendVarint(b.key[:0], int64(r.driver))
	for _, p := range r.asked {
		b.key = binary.AppendVarint(b.key, int64(p.wish))
	}
	b.key = binary.AppendVarint(b.key, int64(wish))
	if next, known := b.judged[string(b.key)]; known {
		return orSame(next, r)
	}
	key := string(b.key)
	for _, c := range r.cars {
		b.work += (len(c.drives) + 1) * (len(c.drives) + 1)
	}
	next, ok := b.put(r, wish)
	if !ok {
		b.judged[key] = nil
		return r, false
	}
	b.judged[key] = &next
	return next, true
}

func orSame(next *rota, r rota) (rota, bool) {
	if next == nil {
		return r, false
	}
	return *next, true
}

// put asks with the car that it adds least to.
func (b *carpool) put(r rota, wish int) (rota, bool) {
	best, ok := rota{}, false
	for at := range r.cars {
		if next, can := b.putInto(r, at, wish); can && (!ok || next.way < best.way) {
			best, ok = next, true
		}
	}
	return best, ok
}

func (b *carpool) putInto(r rota, with, wish int) (rota, bool) {
	w, c := b.Wishes[wish], r.cars[with]
	if w.Need.Request.Ride == nil || c.Offer.Boxed != nil {
		return r, false
	}
	c.KnownFace = w.Faces[c.Person]
	p, took, fit, ok := b.judge(c, w.Need)
	if !ok || len(matching.Plan(w.Need, matching.Ranking{Fitting: []matching.Fit{fit}}, 0)) == 0 {
		return r, false
	}
	p.wish = wish
	next := r
	next.asked = append(slices.Clip(r.asked), p)
	book := withPromised(c.Helper, []matching.Fit{{Candidate: c.Candidate, Bound: took, AskFrom: fit.AskFrom}}, []matching.Need{w.Need})
	mine := &book.Agreed[len(book.Agreed)-1]
	mine.Visit = care.VisitID(string(w.Need.Request.ID) + " " + string(w.Need.Slot.ID))
	next.cars = slices.Clone(r.cars)
	for i := range next.cars {
		next.cars[i].Helper = book
	}
	at := len(c.drives)
	for at > 0 && p.hour.From.Before(c.drives[at-1].At.From) {
		at--
	}
	next.cars[with].drives = slices.Insert(slices.Clone(c.drives), at, Drive{Need: w.Need, At: p.hour})
	next.cars[with].rides = slices.Insert(slices.Clone(c.rides), at, wish)
	next.way, ok = next.measure()
	return next, ok
}

// judge asks the rules for one ride more: the hour, and what a yes takes in the book.
func (b *carpool) judge(c car, n matching.Need) (proposed, care.Interval, matching.Fit, bool) {
	if len(c.drives) > 0 && !b.anyApart(append([]Drive{{Need: n}}, c.drives...)) {
		if j, fit, ok := Join(n, c.Candidate, c.drives); ok {
			return proposed{step: StepJoin, hour: j.Visit, detour: j.Detour, visit: c.agreedOf(j)}, j.At, fit, true
		}
	}
	fit, ok := matching.Suit(n, c.Candidate)
	return proposed{step: StepAsk, hour: fit.Visit}, fit.Bound, fit, ok
}

// anyApart tells whether two of these never share a car. Whoever joins a day makes one journey of what were
// two, so it is asked of all of them.
func (b *carpool) anyApart(drives []Drive) bool {
	if b.Apart == nil {
		return false
	}
	for i, one := range drives {
		for _, other := range drives[:i] {
			if b.Apart(one.Need.Request.For, other.Need.Request.For) {
				return true
			}
		}
	}
	return false
}

// agreedOf is an agreed visit that a journey shares the car with, empty where all of them are only proposed.
func (c car) agreedOf(j Journey) care.VisitID {
	for _, a := range j.With {
		if c.rides[driveOf(c.drives, a.Request, a.Slot)] < 0 {
			return a.Visit
		}
	}
	return ""
}

// lineup is the day with nothing planned.
func (b *carpool) lineup() lineup {
	l := lineup{rotas: slices.Clone(b.empty), with: make([]int, len(b.Wishes))}
	for i := range l.with {
		l.with[i] = -1
	}
	b.weigh(&l)
	return l
}

// weigh works out what a lineup costs.
func (b *carpool) weigh(l *lineup) {
	l.cost = burden{}
	for i, v := range l.with {
		if v < 0 {
			l.cost.left += weight(b.Wishes[i].Need.Request.Urgency)
		}
	}
	for _, v := range b.drivers {
		l.cost.way += l.rotas[v].way - b.empty[v].way
	}
}

// fill gives each ride that is left to whom it adds least to, the most urgent first and then by time.
func (b *carpool) fill(l *lineup) {
	for _, i := range b.inTurn() {
		if l.with[i] >= 0 {
			continue
		}
		best, at := rota{}, -1
		for _, v := range b.drivers {
			if !b.rules[i][v] {
				continue
			}
			r, ok := b.anywhere(l.rotas[v], i)
			if ok && (at < 0 || r.way-l.rotas[v].way < best.way-l.rotas[at].way) {
				best, at = r, v
			}
		}
		if at >= 0 {
			l.rotas[at], l.with[i] = best, at
		}
	}
	b.weigh(l)
}

// inTurn orders the wishes by urgency, then by their beginnings.
func (b *carpool) inTurn() []int {
	turn := make([]int, len(b.Wishes))
	for i := range turn {
		turn[i] = i
	}
	slices.SortStableFunc(turn, func(x, y int) int {
		one, other := b.Wishes[x].Need, b.Wishes[y].Need
		return cmp.Or(cmp.Compare(weight(other.Request.Urgency), weight(one.Request.Urgency)), one.Slot.Start.Compare(other.Slot.Start))
	})
	return turn
}
