package wire

// Plan is the open times of some days of a village, planned together.
type Plan struct {
	Times []PlannedTime `json:"times"`
	// Exact tells that no other plan is better.
	Exact bool `json:"exact"`
}

// PlannedTime is one open time, and whom to ask for it first.
type PlannedTime struct {
	Request   string `json:"request"`
	Kind      string `json:"kind"`
	Urgency   string `json:"urgency"`
	Slot      Slot   `json:"slot"`
	State     string `json:"state"`
	Questions int    `json:"questions,omitempty"` // that are open
	// Helpers are whom to ask, one for each free seat.
	Helpers []Candidate `json:"helpers,omitempty"`
	// Counts say how many people each rule keeps away, where nobody can come.
	Counts []RuleCount `json:"counts,omitempty"`
}

// PlannedAsk is somebody to ask for one time, with the offer of theirs that suits best where none is named.
type PlannedAsk struct {
	Request string `json:"request"`
	Slot    string `json:"slot"`
	Helper  string `json:"helper"`
	Offer   string `json:"offer,omitempty"`
}

// PlannedAsks asks people for the times that they were proposed for.
type PlannedAsks struct {
	Asks []PlannedAsk `json:"asks"`
}

// PlannedAnswer is what became of one of them: an ask, or the rule or code that refused it.
type PlannedAnswer struct {
	Request string `json:"request"`
	Slot    string `json:"slot"`
	Helper  string `json:"helper"`
	Ask     string `json:"ask,omitempty"`
	Refused string `json:"refused,omitempty"`
}

// PlannedAnswers are in the order of the asks.
type PlannedAnswers struct {
	Answers []PlannedAnswer `json:"answers"`
}
