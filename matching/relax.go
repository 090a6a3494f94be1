package matching

import (
	"cmp"
	"slices"

	"naober/matching/care"
)

// reader is a group of viewers who read the same of a change.
type reader int

const (
	toServer reader = iota
	toModerator
	toDesk
	toPublic // resident, professional, and a word that is none of the viewers
	readers
)

func readerOf(v Viewer) reader {
	switch v {
	case ViewServer:
		return toServer
	case ViewModerator:
		return toModerator
	case ViewDesk:
		return toDesk
	}
	return toPublic
}

// readable are the rules that are told to a reader as they are. Who is brought because another rule
// holds no more is not told of: the change would tell of the rule.
func readable() [readers]ruleSet {
	var all [readers]ruleSet
	for r, v := range map[reader]Viewer{toServer: ViewServer, toModerator: ViewModerator, toDesk: ViewDesk, toPublic: ViewResident} {
		for _, code := range Rules() {
			if Fold(code, v) == code {
				all[r] |= setOf(code)
			}
		}
	}
	return all
}

// brought is who fits with a change and does not without.
type brought struct {
	people int
	who    []care.PersonID // the first of them by id
}

// relaxation tries every change on everybody who does not fit.
type relaxation struct {
	need     Need
	rules    []rule
	blocked  ruleSet
	hours    ruleSet // what another hour may lift
	readable [readers]ruleSet
	steps    []step
	most     int // names
	found    map[Change]*[readers]brought
	masks    []ruleSet // of each offer of the person at hand
	wide     [][]care.Interval
}

// step is one change, worked out for the need once.
type step struct {
	change Change
	need   Need
	lifts  ruleSet
	rules  []rule // that must hold anew: what else stood for somebody still does
}

func newRelaxation(n Need, most int) *relaxation {
	x := &relaxation{need: n, rules: rules(), blocked: setOf(Blocked), hours: Change{Key: Later}.lifts(), readable: readable(), most: most, found: map[Change]*[readers]brought{}}
	for _, c := range ladder(n) {
		x.steps = append(x.steps, x.step(c))
	}
	return x
}

// step leaves out one rule: whoever has room beside their visits offers the hour.
func (x *relaxation) step(c Change) step {
	s := step{change: c, need: c.need(x.need), lifts: c.lifts()}
	for i, r := range x.rules {
		if s.lifts>>i&1 == 1 && r.code != NotFreeWeekly {
			s.rules = append(s.rules, r)
		}
	}
	return s
}

// take tries the changes on one person, by all of their offers, and gives every rule against each of
// those. To the public a block is as if it were not: what the blocked person reads must be the same with
// it and without.
func (x *relaxation) take(offers []Candidate) []ruleSet {
	x.masks = x.masks[:0]
	fits := false
	for _, c := range offers {
		m := against(x.need, c, x.rules)
		fits = fits || m.within(x.blocked)
		x.masks = append(x.masks, m)
	}
	if fits {
		return x.masks
	}
	for i, c := range offers {
		x.widen(i, c)
	}
	for _, s := range x.steps {
		x.try(s, offers)
	}
	for _, c := range offers {
		if change, ok := joining(x.need, c); ok {
			x.try(x.step(change), offers)
		}
	}
	return x.masks
}

// widen works out once what an offer names around all the hours that are tried, where another hour is all
// that it takes.
func (x *relaxation) widen(i int, c Candidate) {
	if i == len(x.wide) {
		x.wide = append(x.wide, make([]care.Interval, 0, 8))
	}
	x.wide[i] = x.wide[i][:0]
	if c.Offer.Boxed != nil || !(x.masks[i] &^ x.blocked).within(x.hours) {
		return
	}
	last := occupied(x.need, care.Interval{From: x.need.Slot.LatestStart(), Until: x.need.Slot.End})
	span := care.Interval{From: x.need.Slot.Start.Add(-mostMoved), Until: last.Until.Add(mostMoved)}
	if free, err := c.Offer.Availability.AppendWindows(x.wide[i], span); err == nil && free != nil {
		x.wide[i] = free
	}
}

// try notes for whom a person would be brought by one change.
func (x *relaxation) try(s step, offers []Candidate) {
	var told [readers]bool
	for i, c := range offers {
		m := x.masks[i] &^ x.blocked
		if !m.within(s.lifts) {
			continue
		}
		one, part := s.change.candidate(x.need, c)
		if !part || !x.fits(s, i, one) {
			continue
		}
		for r := range readers {
			unblocked := x.masks[i]&x.blocked == 0 || r == toPublic
			told[r] = told[r] || unblocked && m.within(x.readable[r])
		}
	}
	for r, yes := range told {
		if yes {
			x.note(s.change, reader(r), offers[0].Person)
		}
	}
}

// fits leaves the block out. When the helper may be asked is the same with every change.
func (x *relaxation) fits(s step, i int, c Candidate) bool {
	m := x.need.memo
	m.offered = false
	if s.change.By != 0 {
		m.wide = x.wide[i]
	}
	out := slices.ContainsFunc(s.rules, func(r rule) bool { return r.excludes(s.need, c) })
	m.offered, m.wide = false, nil
	return !out
}

func (x *relaxation) note(c Change, r reader, p care.PersonID) {
	all := x.found[c]
	if all == nil {
		all = &[readers]brought{}
		x.found[c] = all
	}
	all[r].people++
	if r != toPublic {
		all[r].who = insert(all[r].who, p, x.most, cmp.Compare[care.PersonID])
	}
}

// Help is a change that helps, as far as its reader may know.
type Help struct {
	Change
	People int             // how many fit with it and do not without
	Who    []care.PersonID // the first of them by id; nobody for residents and professionals
}

// Changes are the smallest changes that help, one of each key and word, the smallest first. Nothing
// smaller of that key helps, as far as this reader may know. Residents and professionals are told of no
// group under three and of no single journey.
func (e Explanation) Changes(viewer Viewer) []Help {
	r, least := readerOf(viewer), 1
	if r == toPublic {
		least = leastGroup
	}
	all := make([]Change, 0, len(e.found))
	for c := range e.found {
		all = append(all, c)
	}
	slices.SortFunc(all, Change.Compare)
	var helps []Help
	for _, c := range all {
		b := e.found[c][r]
		known := slices.ContainsFunc(helps, func(h Help) bool { return h.Key == c.Key && h.Word == c.Word })
		if b.people >= least && !known && (r != toPublic || c.Key != JoinJourney) {
			helps = append(helps, Help{Change: c, People: b.people, Who: slices.Clone(b.who)})
		}
	}
	return helps
}
