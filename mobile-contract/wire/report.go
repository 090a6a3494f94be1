package wire

// Report is a worry about a visit, for whoever filed it and the village's moderators.
type Report struct {
	ID        string  `json:"id"`
	Community string  `json:"community"`
	Request   string  `json:"request"`
	Visit     string  `json:"visit"`
	By        string  `json:"by"`
	About     string  `json:"about"`
	Words     string  `json:"words"`
	State     string  `json:"state"`
	TakenBy   string  `json:"takenBy,omitempty"`
	Answer    string  `json:"answer,omitempty"`
	FiledAt   Instant `json:"filedAt"`
	TakenAt   Instant `json:"takenAt,omitzero"`
	ClosedAt  Instant `json:"closedAt,omitzero"`
}

// NewReport puts a worry before the moderators.
type NewReport struct {
	Words string `json:"words"`
}

// ReportAnswer ends a worry.
type ReportAnswer struct {
	Answer string `json:"answer"`
}
