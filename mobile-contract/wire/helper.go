package wire

// Helper is a helper's own book. Blocks are one's own alone.
type Helper struct {
	Person    string     `json:"person"`
	Approvals []Approval `json:"approvals"`
	Pauses    []Pause    `json:"pauses"`
	Blocks    []string   `json:"blocks"`
	Vettings  []Vetting  `json:"vettings"`
	Quiet     *Quiet     `json:"quiet,omitempty"`
	Agreed    []Agreed   `json:"agreed"`
	Questions int        `json:"questions"` // that reached them in the last 30 days
}

// ModeratedHelper is what a village's moderators see of a volunteer there: their own association's
// word, pauses and vettings, never blocks, hours or another village.
type ModeratedHelper struct {
	Person   Person    `json:"person"`
	Approval *Approval `json:"approval,omitempty"`
	Pauses   []Pause   `json:"pauses"`
	Vettings []Vetting `json:"vettings"`
}

// Approval is one association's word on a volunteer.
type Approval struct {
	Community string    `json:"community"`
	State     string    `json:"state"`
	AppliedAt Instant   `json:"appliedAt"`
	Decision  *Decision `json:"decision,omitempty"`
}

// Pause keeps a helper from being asked. Without a community it holds everywhere.
type Pause struct {
	Community string   `json:"community,omitempty"`
	Decision  Decision `json:"decision"`
	EndedAt   Instant  `json:"endedAt,omitzero"`
}

// Decision is what a moderator decided, and the rule it rests on.
type Decision struct {
	ID     string  `json:"id"`
	Rule   string  `json:"rule"`
	Reason string  `json:"reason"`
	At     Instant `json:"at"`
	Until  Instant `json:"until,omitzero"`
}

// NewDecision decides on a volunteer. Until is for a pause.
type NewDecision struct {
	Rule   string  `json:"rule"`
	Reason string  `json:"reason"`
	Until  Instant `json:"until,omitzero"`
}

// Vetting is a requirement that was seen; never the paper itself.
type Vetting struct {
	Kind       string  `json:"kind"`
	SeenAt     Instant `json:"seenAt"`
	ValidUntil Instant `json:"validUntil,omitzero"`
}

// NewVetting records that a requirement was seen.
type NewVetting struct {
	Kind       string  `json:"kind"`
	ValidUntil Instant `json:"validUntil,omitzero"`
}

// Quiet is when a person may be disturbed: the night in local time, days of rest from 0 (Sunday) to
// 6, questions a month, and the least time between two.
type Quiet struct {
	Zone          string     `json:"zone"`
	NightStart    string     `json:"nightStart"`
	NightEnd      string     `json:"nightEnd"`
	RestDays      []int      `json:"restDays"`
	MonthlyLimit  int        `json:"monthlyLimit"`
	MinGapMinutes int        `json:"minGapMinutes"`
	Paused        []Interval `json:"paused,omitempty"`
}

// Agreed is an hour that a visit has taken, the way there and back included.
type Agreed struct {
	Request string   `json:"request"`
	Slot    string   `json:"slot"`
	Visit   string   `json:"visit"`
	At      Interval `json:"at"`
}

// Application asks a village's association for approval.
type Application struct {
	Community string `json:"community"`
}

// Block keeps the caller and somebody of the village apart for good.
type Block struct {
	Community string `json:"community"`
	Person    string `json:"person"`
}

// Queue is what waits for a village's moderators.
type Queue struct {
	Applications []ModeratedHelper `json:"applications"`
	Reports      []Report          `json:"reports"`
	Stuck        []Request         `json:"stuck"`
}
