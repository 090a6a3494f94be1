package matching

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"naober/matching/care"
)

// Apply is the need and the pool as they were with the change. What it brings is who fits then, by Rank,
// and did not before. A journey is joined by its own driver alone.
func (c Change) Apply(n Need, pool []Candidate) (Need, []Candidate) {
	changed, room := c.need(n), []Candidate(nil)
	for _, one := range pool {
		if one, ok := c.candidate(n, one); ok {
			room = append(room, one)
		}
	}
	return changed, room
}

// need is what is asked with the change. It shares nothing with the need that it changes.
func (c Change) need(n Need) Need {
	wished := &n.Request.Needs
	switch c.Key {
	case Later, JoinJourney:
		return n.moved(c.By)
	case Earlier:
		return n.moved(-c.By)
	case WithoutSkill:
		wished.Skills = slices.DeleteFunc(slices.Clone(wished.Skills), func(s string) bool { return strings.EqualFold(s, c.Word) })
	case AnyLanguage:
		wished.Languages = nil
	case AnyGender:
		wished.Gender = ""
	case TwoTogether:
		n.Slot.Seats = max(n.Slot.Seats, 2)
		n = n.with(n.Slot)
	case FewerPassengers, WithoutWalker, WithoutWheelchair:
		ride := *n.Request.Ride
		switch c.Key {
		case FewerPassengers:
			ride.Passengers = c.Count
		case WithoutWalker:
			ride.Walker = false
		default:
			ride.Wheelchair = false
		}
		n.Request.Ride = &ride
	}
	return n
}

// moved is the need at another hour, the way back of a ride with it.
func (n Need) moved(by time.Duration) Need {
	if d := n.Request.Ride; d != nil && d.Returns(n.Slot) {
		ride := *d
		ride.ReturnAt = ride.ReturnAt.Add(by)
		n.Request.Ride = &ride
	}
	n.Slot.Start, n.Slot.End = n.Slot.Start.Add(by), n.Slot.End.Add(by)
	return n.with(n.Slot)
}

// with is the need for another slot in the place of its own.
func (n Need) with(s care.Slot) Need {
	n.Slot, n.Request.Slots = s, slices.Clone(n.Request.Slots)
	for i := range n.Request.Slots {
		if n.Request.Slots[i].ID == s.ID {
			n.Request.Slots[i] = s
		}
	}
	return n
}

// candidate is somebody as they were with the change; false for who has no part in it.
func (c Change) candidate(n Need, one Candidate) (Candidate, bool) {
	switch c.Key {
	case JoinJourney:
		return one, one.Offer.ID == c.Offer
	case WiderRadius:
		one.Offer.Radius += 1000 * c.Count
	case VettingRenewed:
		one.Helper.Vettings = renewed(one.Helper.Vettings, care.VettingKind(c.Word), n.Slot.End.AddDate(0, 0, 1))
	}
	return one, true
}

// renewed are vettings of which those of a kind hold until a time at least. Whoever has none gets none.
func renewed(all []care.Vetting, kind care.VettingKind, until time.Time) []care.Vetting {
	all = slices.Clone(all)
	for i, v := range all {
		if v.Kind == kind && !v.ValidUntil.IsZero() && v.ValidUntil.Before(until) {
			all[i].ValidUntil = until
		}
	}
	return all
}

// lifts are the rules that the change can keep from excluding somebody.
func (c Change) lifts() ruleSet {
	switch c.Key {
	case Later, Earlier, JoinJourney:
		return setOf(Paused, VettingMissing, NotFreeWeekly, VisitAgreed, NoMomentToAsk)
	case WiderRadius:
		return setOf(TooFar)
	case WithoutSkill:
		return setOf(SkillMissing)
	case AnyLanguage:
		return setOf(LanguageMissing)
	case AnyGender:
		return setOf(GenderWish)
	case FewerPassengers, WithoutWalker, WithoutWheelchair:
		return setOf(VehicleUnfit)
	case TwoTogether:
		return setOf(KnownFaceMissing)
	case VettingRenewed:
		return setOf(VettingMissing)
	}
	return 0
}

// ruleSet is some of the hard rules, a bit each, in their order.
type ruleSet uint32

func setOf(codes ...RuleCode) ruleSet {
	s := ruleSet(0)
	for _, code := range codes {
		s |= 1 << position(code)
	}
	return s
}

func (s ruleSet) within(o ruleSet) bool { return s&^o == 0 }

func (s ruleSet) many() int { return bits.OnesCount32(uint32(s)) }

func (s ruleSet) codes() []RuleCode {
	var codes []RuleCode
	for i, code := range Rules() {
		if s>>i&1 == 1 {
			codes = append(codes, code)
		}
	}
	return codes
}

// against is every rule that excludes a candidate.
func against(n Need, c Candidate, all []rule) ruleSet {
	s := ruleSet(0)
	n.memo.next()
	for i, r := range all {
		if r.excludes(n, c) {
			s |= 1 << i
		}
	}
	return s
}
