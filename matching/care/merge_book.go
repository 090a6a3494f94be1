package care

import (
	"reflect"
	"slices"
	"time"
)

// AbsorbedBook is what the book of another record of the same person changed in this one, so that it
// can be taken back.
type AbsorbedBook struct {
	Merge     MergeID
	Person    PersonID
	Before    BookRules
	After     BookRules
	Blocks    []PersonID // that came with it
	BlockedBy []PersonID
	Pauses    []DecisionID
	Questions []time.Time
}

// BookRules are the parts of a book in which the stricter of two counts.
type BookRules struct {
	Approvals []Approval
	Vettings  []Vetting
	Quiet     Quiet
}

func (h Helper) rules() BookRules {
	return BookRules{Approvals: slices.Clone(h.Approvals), Vettings: slices.Clone(h.Vettings), Quiet: h.Quiet}
}

// CloseBook puts the book of another record in place of this one: from this write on nothing is asked
// or agreed here.
func (h Helper) CloseBook(into PersonID, now time.Time) (Helper, []Event, error) {
	if h.Alias == into {
		return h, nil, nil
	}
	h.Alias = into
	return h, []Event{h.event(HelperChanged, "", "", now), carried(PersonCarriedOver, h.Person, into, now)}, nil
}

// ReopenBook lets the book count again, with every rule it had, where the record that it was closed
// for no longer stays in its place.
func (h Helper) ReopenBook(into PersonID, now time.Time) (Helper, []Event, error) {
	if h.Alias != into {
		return h, nil, nil
	}
	h.Alias = ""
	return h, []Event{h.event(HelperChanged, "", "", now), carried(PersonCarriedBack, h.Person, into, now)}, nil
}

// AbsorbBook holds this helper to what another book of theirs says as well. Nothing is widened: what
// was allowed before and is refused in either is refused, and who is not approved here applies anew.
// Only where this person never helped the other book is taken over as it is.
func (h Helper) AbsorbBook(id MergeID, other Helper, now time.Time) (Helper, []Event, error) {
	if slices.ContainsFunc(h.Absorbed, func(b AbsorbedBook) bool { return b.Merge == id }) {
		return h, nil, nil
	}
	next := h.clone()
	b := AbsorbedBook{Merge: id, Person: other.Person, Before: h.rules()}
	if len(h.Approvals) == 0 && len(h.Vettings) == 0 {
		next.Approvals, next.Vettings = slices.Clone(other.Approvals), slices.Clone(other.Vettings)
	} else {
		next.Approvals = stricterApprovals(h.Approvals, other.Approvals)
		next.Vettings = stricterVettings(h.Vettings, other.Vettings)
	}
	next.Quiet = stricterQuiet(h.Quiet, other.Quiet)
	own := func(p PersonID) bool { return p == h.Person || p == other.Person }
	b.Blocks = slices.DeleteFunc(lacking(h.Blocks, other.Blocks), own)
	b.BlockedBy = slices.DeleteFunc(lacking(h.BlockedBy, other.BlockedBy), own)
	next.Blocks, next.BlockedBy = append(next.Blocks, b.Blocks...), append(next.BlockedBy, b.BlockedBy...)
	for _, p := range other.Pauses {
		if !slices.ContainsFunc(h.Pauses, func(old Pause) bool { return old.Decision.ID == p.Decision.ID }) {
			next.Pauses, b.Pauses = append(next.Pauses, p), append(b.Pauses, p.Decision.ID)
		}
	}
	b.Questions = slices.Clone(other.Questions)
	next.Questions = append(next.Questions, b.Questions...)
	b.After = next.rules()
	next.Absorbed = append(next.Absorbed, b)
	return next, []Event{next.event(HelperChanged, "", "", now), carried(PersonCarriedOver, other.Person, h.Person, now)}, nil
}

// DropBook takes back what another book brought. What was decided since stays.
func (h Helper) DropBook(id MergeID, now time.Time) (Helper, []Event, error) {
	i := slices.IndexFunc(h.Absorbed, func(b AbsorbedBook) bool { return b.Merge == id })
	if i < 0 {
		return h, nil, nil
	}
	next, b := h.clone(), h.Absorbed[i]
	next.Absorbed = slices.Delete(next.Absorbed, i, i+1)
	next.Approvals = restored(h.Approvals, b.Before.Approvals, b.After.Approvals, func(a Approval) CommunityID { return a.Community })
	next.Vettings = restored(h.Vettings, b.Before.Vettings, b.After.Vettings, func(v Vetting) VettingKind { return v.Kind })
	if reflect.DeepEqual(h.Quiet, b.After.Quiet) {
		next.Quiet = b.Before.Quiet
	}
	next.Blocks = without(next.Blocks, b.Blocks)
	next.BlockedBy = without(next.BlockedBy, b.BlockedBy)
	next.Pauses = slices.DeleteFunc(next.Pauses, func(p Pause) bool { return slices.Contains(b.Pauses, p.Decision.ID) })
	for _, q := range b.Questions {
		if at := slices.IndexFunc(next.Questions, q.Equal); at >= 0 {
			next.Questions = slices.Delete(next.Questions, at, at+1)
		}
	}
	return next, []Event{next.event(HelperChanged, "", "", now), carried(PersonCarriedBack, b.Person, h.Person, now)}, nil
}

// ownBlock makes a block that came with a merge one of this record's own, because it was made once
// more: an undo leaves it.
func (h Helper) ownBlock(other PersonID) Helper {
	i := slices.IndexFunc(h.Absorbed, func(b AbsorbedBook) bool {
		return slices.Contains(b.Blocks, other) || slices.Contains(b.BlockedBy, other)
	})
	if i < 0 {
		return h
	}
	next := h.clone()
	for i, b := range next.Absorbed {
		next.Absorbed[i].Blocks, next.Absorbed[i].BlockedBy = without(b.Blocks, []PersonID{other}), without(b.BlockedBy, []PersonID{other})
	}
	return next
}

// CameApart are the people from whom this helper is kept by a merge alone.
func (h Helper) CameApart(id MergeID) []PersonID {
	i := slices.IndexFunc(h.Absorbed, func(b AbsorbedBook) bool { return b.Merge == id })
	if i < 0 {
		return nil
	}
	b := h.Absorbed[i]
	return without(slices.Concat(b.Blocks, b.BlockedBy), without(h.Blocks, b.Blocks))
}

// ForgetBlockedBy takes out the other half of a block that stands no more.
func (h Helper) ForgetBlockedBy(other PersonID) (Helper, []Event, error) {
	if !slices.Contains(h.BlockedBy, other) {
		return h, nil, nil
	}
	next := h.clone()
	next.BlockedBy = without(next.BlockedBy, []PersonID{other})
	return next, nil, nil
}

// stricterApprovals keeps, for each village, the word that allows less. Where only the other record
// had been approved, that village's association decides anew.
func stricterApprovals(mine, others []Approval) []Approval {
	rank := map[ApprovalState]int{TurnedDown: 0, Applied: 1, Approved: 2}
	next := slices.Clone(mine)
	for _, o := range others {
		i := slices.IndexFunc(next, func(a Approval) bool { return a.Community == o.Community })
		switch {
		case i >= 0 && rank[o.State] < rank[next[i].State]:
			next[i] = o
		case i < 0 && o.State == Approved:
			next = append(next, Approval{Community: o.Community, State: Applied, AppliedAt: o.AppliedAt})
		case i < 0:
			next = append(next, o)
		}
	}
	return next
}

// stricterVettings keeps what this record has, for as long as both say that it holds.
func stricterVettings(mine, others []Vetting) []Vetting {
	next := slices.Clone(mine)
	for i, v := range next {
		for _, o := range others {
			if o.Kind == v.Kind && !o.ValidUntil.IsZero() && (next[i].ValidUntil.IsZero() || o.ValidUntil.Before(next[i].ValidUntil)) {
				next[i] = o
			}
		}
	}
	return next
}

// stricterQuiet disturbs somebody only when both would have been. Two wishes that leave no hour
// together ask nothing until the person chooses again.
func stricterQuiet(a, b Quiet) Quiet {
	next := a
	next.MonthlyLimit, next.MinGap = min(a.MonthlyLimit, b.MonthlyLimit), max(a.MinGap, b.MinGap)
	next.RestDays = append(slices.Clone(a.RestDays), lacking(a.RestDays, b.RestDays)...)
	next.Paused = append(slices.Clone(a.Paused), lacking(a.Paused, b.Paused)...)
	next.Night = widerNight(a.Night, b.Night)
	if a.Zone == b.Zone && next.Validate() == nil {
		return next
	}
	a.MonthlyLimit, a.MinGap = 0, next.MinGap
	return a
}

// widerNight is the shortest night that covers both.
func widerNight(a, b Night) Night {
	best := Night{}
	for _, n := range []Night{a, b, {a.Start, b.End}, {b.Start, a.End}} {
		if n.covers(a) && n.covers(b) && (best == Night{} || n.length() < best.length()) {
			best = n
		}
	}
	return best // the zero night is none, which Validate refuses
}

func (n Night) length() Clock { return (n.End - n.Start + minutesPerDay) % minutesPerDay }

// covers counts round the clock from where this night begins.
func (n Night) covers(o Night) bool {
	begin := (o.Start - n.Start + minutesPerDay) % minutesPerDay
	return begin+o.length() <= n.length()
}

// lacking are the values of more that has does not hold, each once.
func lacking[T comparable](has, more []T) []T {
	var found []T
	for _, v := range more {
		if !slices.Contains(has, v) && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found
}

// without is a list without some values; nil where none is left.
func without[T comparable](all, gone []T) []T {
	var kept []T
	for _, v := range all {
		if !slices.Contains(gone, v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// restored brings back what stood before, but for what was changed since.
func restored[K, V comparable](now, before, after []V, key func(V) K) []V {
	var next []V
	of := func(in []V, k K) (V, bool) {
		i := slices.IndexFunc(in, func(v V) bool { return key(v) == k })
		if i < 0 {
			var none V
			return none, false
		}
		return in[i], true
	}
	for _, v := range now {
		was, had := of(before, key(v))
		made, _ := of(after, key(v))
		switch {
		case v != made:
			next = append(next, v)
		case had:
			next = append(next, was)
		}
	}
	return next
}
