package matching

import (
	"cmp"
	"slices"
)

// Viewer is on whose behalf a ranking is read.
type Viewer string

// The viewers. A word that is none of these sees what a resident sees.
const (
	ViewServer       Viewer = "server"
	ViewModerator    Viewer = "moderator" // of the request's community
	ViewDesk         Viewer = "desk"      // desk, fixed worker and the request's owner
	ViewResident     Viewer = "resident"
	ViewProfessional Viewer = "professional"
)

// NotAvailableNow is what a person sees in place of a rule that is not theirs to know.
const NotAvailableNow RuleCode = "not_available_now"

// leastGroup is the smallest group that is counted openly: of two people, either knows the other.
const leastGroup = 3

// Count is how many helpers one rule keeps from being asked.
type Count struct {
	Rule   RuleCode
	People int
}

// Fold is what a viewer may read of a rule. Nobody but the server ever reads of a block, and whatever
// reads like a block reads like it to the letter.
func Fold(rule RuleCode, viewer Viewer) RuleCode {
	switch {
	case viewer == ViewServer || !private(rule):
		return rule
	case viewer == ViewModerator && (rule == Paused || rule == VettingMissing):
		return rule
	}
	return NotAvailableNow
}

// private rules say something of the helper that is between them and the association, or between
// them and the resident.
func private(rule RuleCode) bool {
	switch rule {
	case NotApproved, Paused, Blocked, VettingMissing, LimitReached, NoMomentToAsk:
		return true
	}
	return false
}

// openly is the rule that may be spoken of: what would be said if there were no block. A block that
// stands alone stays, to be folded.
func (x Exclusion) openly() RuleCode {
	if x.Rule == Blocked && x.Beside != "" {
		return x.Beside
	}
	return x.Rule
}

// View lists the ruled out as the viewer may read them: with names for moderator and desk in their own
// community, which the caller has checked, and nobody for the rest, who get Counts.
func View(r Ranking, viewer Viewer) []Exclusion {
	switch viewer {
	case ViewServer:
		return slices.Clone(r.RuledOut)
	case ViewModerator, ViewDesk:
	default:
		return nil
	}
	var seen []Exclusion
	for _, x := range r.RuledOut {
		seen = append(seen, Exclusion{Person: x.Person, Rule: Fold(x.openly(), viewer)})
	}
	return seen
}

// Counts is how many helpers each rule keeps away, in the order of the rules with NotAvailableNow
// last. For residents and professionals groups under three join NotAvailableNow, which is not told
// either while it is that small, and a block that stands alone is not counted: these counts are the
// same with it and without. They must not be told how many fit, for there a block would show.
func Counts(r Ranking, viewer Viewer) []Count {
	kinds := map[Exclusion]int{}
	for _, x := range r.RuledOut {
		x.Person = ""
		kinds[x]++
	}
	return count(kinds, viewer)
}

// count folds how many each nameless exclusion keeps away.
func count(kinds map[Exclusion]int, viewer Viewer) []Count {
	groups := map[RuleCode]int{}
	named := viewer == ViewServer || viewer == ViewModerator || viewer == ViewDesk
	for x, people := range kinds {
		switch {
		case viewer == ViewServer:
			groups[x.Rule] += people
		case named || x.openly() != Blocked:
			groups[Fold(x.openly(), viewer)] += people
		}
	}
	if !named {
		hideSmall(groups)
	}
	var counts []Count
	for code, people := range groups {
		counts = append(counts, Count{Rule: code, People: people})
	}
	slices.SortFunc(counts, func(a, b Count) int { return cmp.Compare(position(a.Rule), position(b.Rule)) })
	return counts
}

func hideSmall(groups map[RuleCode]int) {
	for code, people := range groups {
		if code != NotAvailableNow && people < leastGroup {
			delete(groups, code)
			groups[NotAvailableNow] += people
		}
	}
	if groups[NotAvailableNow] < leastGroup {
		delete(groups, NotAvailableNow)
	}
}

func position(code RuleCode) int {
	all := rules()
	if i := slices.IndexFunc(all, func(r rule) bool { return r.code == code }); i >= 0 {
		return i
	}
	return len(all)
}
