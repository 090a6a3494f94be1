package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// HelperRecord is a stored care.Helper.
type HelperRecord struct {
	Person    care.PersonID    `json:"person" bson:"person"`
	Approvals []ApprovalRecord `json:"approvals,omitempty" bson:"approvals,omitempty"`
	Pauses    []PauseRecord    `json:"pauses,omitempty" bson:"pauses,omitempty"`
	Blocks    []care.PersonID  `json:"blocks,omitempty" bson:"blocks,omitempty"`
	BlockedBy []care.PersonID  `json:"blockedBy,omitempty" bson:"blockedBy,omitempty"`
	Vettings  []VettingRecord  `json:"vettings,omitempty" bson:"vettings,omitempty"`
	Quiet     QuietRecord      `json:"quiet,omitzero" bson:"quiet,omitempty"`
	Agreed    []AgreedRecord   `json:"agreed,omitempty" bson:"agreed,omitempty"`
	Claims    []ClaimRecord    `json:"claims,omitempty" bson:"claims,omitempty"`
	Questions []time.Time      `json:"questions,omitempty" bson:"questions,omitempty"`
	Away      *RestRecord      `json:"away,omitempty" bson:"away,omitempty"`
	Alias     care.PersonID    `json:"alias,omitempty" bson:"alias,omitempty"`
	CreatedAt time.Time        `json:"createdAt,omitzero" bson:"createdAt,omitempty"`

	Absorbed []AbsorbedBookRecord `json:"absorbed,omitempty" bson:"absorbed,omitempty"`
}

// DecisionRecord is a stored care.Decision.
type DecisionRecord struct {
	ID     care.DecisionID `json:"id,omitempty" bson:"id,omitempty"`
	Rule   string          `json:"rule,omitempty" bson:"rule,omitempty"`
	Reason string          `json:"reason,omitempty" bson:"reason,omitempty" seal:"yes"`
	By     care.PersonID   `json:"by,omitempty" bson:"by,omitempty"`
	At     time.Time       `json:"at,omitzero" bson:"at,omitempty"`
	Until  time.Time       `json:"until,omitzero" bson:"until,omitempty"`
}

// ApprovalRecord is a stored care.Approval.
type ApprovalRecord struct {
	Community care.CommunityID   `json:"community,omitempty" bson:"community,omitempty"`
	State     care.ApprovalState `json:"state,omitempty" bson:"state,omitempty"`
	AppliedAt time.Time          `json:"appliedAt,omitzero" bson:"appliedAt,omitempty"`
	Decision  DecisionRecord     `json:"decision,omitzero" bson:"decision,omitempty"`
}

// PauseRecord is a stored care.Pause.
type PauseRecord struct {
	Community care.CommunityID `json:"community,omitempty" bson:"community,omitempty"`
	Decision  DecisionRecord   `json:"decision,omitzero" bson:"decision,omitempty"`
	EndedAt   time.Time        `json:"endedAt,omitzero" bson:"endedAt,omitempty"`
}

// VettingRecord is a stored care.Vetting.
type VettingRecord struct {
	Kind       care.VettingKind `json:"kind,omitempty" bson:"kind,omitempty"`
	SeenBy     care.PersonID    `json:"seenBy,omitempty" bson:"seenBy,omitempty"`
	SeenAt     time.Time        `json:"seenAt,omitzero" bson:"seenAt,omitempty"`
	ValidUntil time.Time        `json:"validUntil,omitzero" bson:"validUntil,omitempty"`
}

// Helpers translates helpers. Which villages they applied in and were approved by are keys.
func Helpers() Codec[care.Helper, HelperRecord] {
	return Codec[care.Helper, HelperRecord]{
		Kind: "helpers", Noun: "helper", Events: true, To: toHelper, From: fromHelper,
		Owner: func(h HelperRecord) care.PersonID { return h.Person },
		Facts: func(h care.Helper) Facts {
			var k keys
			if h.Alias != "" {
				return Facts{Due: overdue(h.Claims)} // another book counts in place of it
			}
			for _, a := range h.Approvals {
				switch a.State {
				case care.Applied:
					k.add(app.ByApplied, string(a.Community))
				case care.Approved:
					k.add(app.ByApproved, string(a.Community))
				}
			}
			return Facts{Keys: k, Due: overdue(h.Claims)}
		},
	}
}

// overdue is when the clock looks after the oldest claim whose second half has not come.
func overdue(claims []care.Claim) time.Time {
	var first time.Time
	for _, c := range claims {
		if due := at(c.Since.Add(app.ClaimGrace)); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

func toHelper(h care.Helper) HelperRecord {
	return HelperRecord{Person: h.Person, Approvals: each(h.Approvals, toApproval), Pauses: each(h.Pauses, toPause),
		Blocks: h.Blocks, BlockedBy: h.BlockedBy, Vettings: each(h.Vettings, toVetting), Quiet: toQuiet(h.Quiet),
		Agreed: each(h.Agreed, toAgreed), Claims: each(h.Claims, toClaim), Questions: each(h.Questions, at), Away: ref(h.Away, toRest),
		Alias: h.Alias, Absorbed: each(h.Absorbed, toAbsorbedBook),
		CreatedAt: at(h.CreatedAt)}
}

func fromHelper(h HelperRecord) care.Helper {
	return care.Helper{Person: h.Person, Approvals: each(h.Approvals, fromApproval), Pauses: each(h.Pauses, fromPause),
		Blocks: h.Blocks, BlockedBy: h.BlockedBy, Vettings: each(h.Vettings, fromVetting), Quiet: fromQuiet(h.Quiet),
		Agreed: each(h.Agreed, fromAgreed), Claims: each(h.Claims, fromClaim), Questions: each(h.Questions, at), Away: ref(h.Away, fromRest),
		Alias: h.Alias, Absorbed: each(h.Absorbed, fromAbsorbedBook),
		CreatedAt: at(h.CreatedAt)}
}

func toDecision(d care.Decision) DecisionRecord {
	d.At, d.Until = at(d.At), at(d.Until)
	return DecisionRecord(d)
}

func fromDecision(d DecisionRecord) care.Decision {
	d.At, d.Until = at(d.At), at(d.Until)
	return care.Decision(d)
}

func toApproval(a care.Approval) ApprovalRecord {
	return ApprovalRecord{Community: a.Community, State: a.State, AppliedAt: at(a.AppliedAt), Decision: toDecision(a.Decision)}
}

func fromApproval(a ApprovalRecord) care.Approval {
	return care.Approval{Community: a.Community, State: a.State, AppliedAt: at(a.AppliedAt), Decision: fromDecision(a.Decision)}
}

func toPause(p care.Pause) PauseRecord {
	return PauseRecord{Community: p.Community, Decision: toDecision(p.Decision), EndedAt: at(p.EndedAt)}
}

func fromPause(p PauseRecord) care.Pause {
	return care.Pause{Community: p.Community, Decision: fromDecision(p.Decision), EndedAt: at(p.EndedAt)}
}

func toVetting(v care.Vetting) VettingRecord {
	v.SeenAt, v.ValidUntil = at(v.SeenAt), at(v.ValidUntil)
	return VettingRecord(v)
}

func fromVetting(v VettingRecord) care.Vetting {
	v.SeenAt, v.ValidUntil = at(v.SeenAt), at(v.ValidUntil)
	return care.Vetting(v)
}
