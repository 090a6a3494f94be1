package wire

// Slot is one time of a request. With a duration shorter than the window the hour is planned inside.
type Slot struct {
	ID              string  `json:"id"`
	Date            string  `json:"date,omitempty"` // in a series: the local date that names it
	Start           Instant `json:"start"`
	End             Instant `json:"end"`
	DurationMinutes int     `json:"durationMinutes,omitempty"`
	Seats           int     `json:"seats"`
	CancelledAt     Instant `json:"cancelledAt,omitzero"`
	MissedAt        Instant `json:"missedAt,omitzero"`
}

// NewSlot is a time that is asked for. Seats is 1 if it is absent.
type NewSlot struct {
	Start           Instant `json:"start"`
	End             Instant `json:"end"`
	DurationMinutes int     `json:"durationMinutes,omitempty"`
	Seats           *int    `json:"seats,omitempty"`
}

// NewSlots asks for further times.
type NewSlots struct {
	Slots []NewSlot `json:"slots"`
}

// SlotSwap moves one occurrence of a series to another local time.
type SlotSwap struct {
	To string `json:"to"` // local, 2026-11-24T10:00
}

// Candidates says who could be asked for a time. Workers and moderators of the village read names;
// everybody else reads counts alone.
type Candidates struct {
	Viewer   string      `json:"viewer"`
	Fitting  []Candidate `json:"fitting,omitempty"`
	RuledOut []Exclusion `json:"ruledOut,omitempty"`
	Counts   []RuleCount `json:"counts"`
	Changes  []Change    `json:"changes,omitempty"`
}

// Candidate is a helper who could be asked, the best first.
type Candidate struct {
	Person  Person  `json:"person"`
	Reasons []Match `json:"reasons,omitempty"`
}

// Match is why a helper fits: a message key and what fills its sentence.
type Match struct {
	Key    string            `json:"key"`
	Params map[string]string `json:"params,omitempty"`
}

// Exclusion is a helper who is not asked, and the rule that says so as far as this reader may know.
type Exclusion struct {
	Person Person `json:"person"`
	Rule   string `json:"rule"`
}

// Change is a change to what is asked that would bring helpers, the smallest first: a message key, what
// fills its sentence, and how many would fit who do not fit now. Workers and moderators read some names.
type Change struct {
	Key    string            `json:"key"`
	Params map[string]string `json:"params,omitempty"`
	People int               `json:"people"`
	Who    []Person          `json:"who,omitempty"`
}

// RuleCount is how many helpers one rule keeps from being asked.
type RuleCount struct {
	Rule   string `json:"rule"`
	People int    `json:"people"`
}
