package care

import (
	"slices"
	"time"
)

// Decision is what a moderator decided: it cites a rule, gives a reason and says until when.
type Decision struct {
	ID     DecisionID
	Rule   string // code of the rule, with its version: "house_rules.3@1"
	Reason string
	By     PersonID
	At     time.Time
	Until  time.Time // zero for an approval, which has no end of its own
}

func (d Decision) validate(now time.Time, ends bool) error {
	switch {
	case !plainText(d.Rule, 1, 60):
		return Amiss("rule", "rule_missing", "a decision cites the rule it rests on")
	case !longText(d.Reason, 1, 500):
		return Amiss("reason", "reason_missing", "a decision gives its reason, of at most 500 characters")
	case ends && (!d.Until.After(now) || d.Until.After(now.AddDate(1, 0, 0))):
		return Amiss("until", "until_invalid", "a pause ends by itself, within a year")
	}
	return nil
}

// ApprovalState is where a volunteer stands with one village's association.
type ApprovalState string

// The states of an approval.
const (
	Applied    ApprovalState = "applied"
	Approved   ApprovalState = "approved"
	TurnedDown ApprovalState = "refused"
)

// Approval is one association's word on a volunteer.
type Approval struct {
	Community CommunityID
	State     ApprovalState
	AppliedAt time.Time
	Decision  Decision
}

// Pause keeps a helper from being asked and from saying yes, in one community or in all.
type Pause struct {
	Community CommunityID // empty means everywhere
	Decision  Decision
	EndedAt   time.Time // when a moderator ended it early
}

// Active reports whether the pause holds at this moment in this community.
func (p Pause) Active(in CommunityID, now time.Time) bool {
	return (p.Community == "" || p.Community == in) && !now.Before(p.Decision.At) && now.Before(p.Decision.Until) && p.EndedAt.IsZero()
}

// Helper is what binds a person who helps. It is one document, so that a yes lies before or after a
// pause, a block, another yes or the last question of the month, and never beside it.
type Helper struct {
	Person    PersonID
	Approvals []Approval
	Pauses    []Pause
	Blocks    []PersonID // people this person wants nothing to do with
	BlockedBy []PersonID // the other half of other people's blocks; never shown to anybody
	Vettings  []Vetting
	Quiet     Quiet
	Agreed    []Agreed
	Claims    []Claim
	Questions []time.Time // when questions reached them, this month and the last
	Away      *Rest       // not there; nil while they are
	Alias     PersonID    // the book of another record of the same person counts in place of this one
	Absorbed  []AbsorbedBook
	CreatedAt time.Time
}

// NewHelper begins an empty book for a person in one time zone.
func NewHelper(p PersonID, quiet Quiet, now time.Time) Helper {
	return Helper{Person: p, Quiet: quiet, CreatedAt: now}
}

// Apply asks a village's association for approval. Asking again after a refusal is allowed.
func (h Helper) Apply(in CommunityID, now time.Time) (Helper, []Event, error) {
	i := h.approval(in)
	if i >= 0 && h.Approvals[i].State != TurnedDown {
		return h, nil, E(Conflict, "applied_already", "the approval is %s", h.Approvals[i].State)
	}
	next := h.clone()
	a := Approval{Community: in, State: Applied, AppliedAt: now}
	if i >= 0 {
		next.Approvals[i] = a
	} else {
		next.Approvals = append(next.Approvals, a)
	}
	return next, []Event{next.event(HelperApplied, h.Person, in, now)}, nil
}

// Approve lets the helper be asked in one community. The caller has checked that the decider
// moderates there; nobody approves themselves.
func (h Helper) Approve(in CommunityID, d Decision, now time.Time) (Helper, []Event, error) {
	return h.decide(in, Approved, HelperApproved, d, now)
}

// TurnDown refuses the approval, or ends one.
func (h Helper) TurnDown(in CommunityID, d Decision, now time.Time) (Helper, []Event, error) {
	return h.decide(in, TurnedDown, HelperRefused, d, now)
}

func (h Helper) decide(in CommunityID, to ApprovalState, t EventType, d Decision, now time.Time) (Helper, []Event, error) {
	i := h.approval(in)
	switch {
	case d.By == h.Person:
		return h, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	case i < 0:
		return h, nil, E(NotFound, "not_applied", "this person did not apply here")
	case h.Approvals[i].State == to:
		return h, nil, E(Conflict, "decided_already", "the approval is %s already", to)
	}
	if err := d.validate(now, false); err != nil {
		return h, nil, err
	}
	next := h.clone()
	d.At = now
	next.Approvals[i].State, next.Approvals[i].Decision = to, d
	return next, []Event{next.event(t, d.By, in, now)}, nil
}

// Pause keeps the helper from helping until the decision ends. It works at the next call: what is
// open or planned is given back by whoever reads the event.
func (h Helper) Pause(in CommunityID, d Decision, now time.Time) (Helper, []Event, error) {
	if d.By == h.Person {
		return h, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	}
	if err := d.validate(now, true); err != nil {
		return h, nil, err
	}
	next := h.clone()
	d.At = now
	next.Pauses = append(next.Pauses, Pause{Community: in, Decision: d})
	return next, []Event{next.event(HelperPaused, d.By, in, now)}, nil
}

// Resume ends the community's own pauses before their time. One that holds everywhere is not the
// community's to end.
func (h Helper) Resume(in CommunityID, by PersonID, now time.Time) (Helper, []Event, error) {
	if by == h.Person {
		return h, nil, E(Forbidden, "own_case", "nobody decides on themselves")
	}
	next, ended := h.clone(), false
	for i, p := range next.Pauses {
		if p.Community == in && p.Active(in, now) {
			next.Pauses[i].EndedAt, ended = now, true
		}
	}
	if !ended {
		return h, nil, E(Conflict, "not_paused", "no pause holds here")
	}
	return next, []Event{next.event(HelperResumed, by, in, now)}, nil
}

// Block keeps two people from ever being matched again. The other half is written by the reader of
// the event, so that a yes meets the block whichever of the two documents it reads.
func (h Helper) Block(other PersonID, now time.Time) (Helper, []Event, error) {
	switch {
	case other == h.Person:
		return h, nil, Amiss("person", "block_self", "nobody blocks themselves")
	case slices.Contains(h.Blocks, other):
		return h.ownBlock(other), nil, nil
	case len(h.Blocks) >= 500:
		return h, nil, E(Conflict, "blocks_too_many", "at most 500 people can be blocked")
	}
	next := h.clone()
	next.Blocks = append(next.Blocks, other)
	e := next.event(HelperBlocked, h.Person, "", now)
	e.Person = other
	return next, []Event{e}, nil
}

// NoteBlockedBy stores the other half of somebody's block.
func (h Helper) NoteBlockedBy(other PersonID) (Helper, []Event, error) {
	if slices.Contains(h.BlockedBy, other) {
		return h.ownBlock(other), nil, nil
	}
	next := h.clone()
	next.BlockedBy = append(next.BlockedBy, other)
	return next, nil, nil
}

// Vet records that a requirement was seen: what, by whom, valid until. Never the paper itself.
func (h Helper) Vet(v Vetting, now time.Time) (Helper, []Event, error) {
	switch {
	case v.SeenBy == h.Person:
		return h, nil, E(Forbidden, "own_case", "nobody vets themselves")
	case !v.ValidUntil.IsZero() && !v.ValidUntil.After(now):
		return h, nil, Amiss("validUntil", "vetting_expired", "the requirement is no longer valid")
	}
	v.SeenAt = now
	if err := v.Validate(); err != nil {
		return h, nil, err
	}
	next := h.clone()
	next.Vettings = slices.DeleteFunc(next.Vettings, func(old Vetting) bool { return old.Kind == v.Kind })
	next.Vettings = append(next.Vettings, v)
	return next, []Event{next.event(HelperChanged, v.SeenBy, "", now)}, nil
}

// SetQuiet changes when the helper may be disturbed and how many questions a month are welcome.
func (h Helper) SetQuiet(q Quiet, now time.Time) (Helper, []Event, error) {
	if err := q.Validate(); err != nil {
		return h, nil, err
	}
	next := h.clone()
	next.Quiet = q
	return next, []Event{next.event(HelperChanged, h.Person, "", now)}, nil
}

// Paused reports whether a pause holds in the community.
func (h Helper) Paused(in CommunityID, now time.Time) bool {
	return slices.ContainsFunc(h.Pauses, func(p Pause) bool { return p.Active(in, now) })
}

// ApprovedIn reports whether the community's association approved this helper.
func (h Helper) ApprovedIn(in CommunityID) bool {
	i := h.approval(in)
	return i >= 0 && h.Approvals[i].State == Approved
}

// Blocked reports whether either of the two blocked the other.
func (h Helper) Blocked(other PersonID) bool {
	return slices.Contains(h.Blocks, other) || slices.Contains(h.BlockedBy, other)
}

func (h Helper) approval(in CommunityID) int {
	return slices.IndexFunc(h.Approvals, func(a Approval) bool { return a.Community == in })
}

func (h Helper) event(t EventType, by PersonID, in CommunityID, now time.Time) Event {
	return Event{Type: t, At: now, By: by, Community: in, Helper: h.Person}
}

func (h Helper) clone() Helper {
	h.Approvals, h.Pauses = slices.Clone(h.Approvals), slices.Clone(h.Pauses)
	h.Blocks, h.BlockedBy = slices.Clone(h.Blocks), slices.Clone(h.BlockedBy)
	h.Vettings, h.Questions = slices.Clone(h.Vettings), slices.Clone(h.Questions)
	h.Agreed, h.Claims, h.Absorbed = slices.Clone(h.Agreed), slices.Clone(h.Claims), slices.Clone(h.Absorbed)
	return h
}
