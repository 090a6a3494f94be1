package wire

// Referral carries a need to formal care. Before its acceptance the receiver sees theme and urgency
// alone.
type Referral struct {
	ID         string   `json:"id"`
	Side       string   `json:"side"`
	Community  string   `json:"community"`
	Request    string   `json:"request,omitempty"`
	For        string   `json:"for,omitempty"`
	By         string   `json:"by,omitempty"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	Theme      string   `json:"theme"`
	Urgency    string   `json:"urgency"`
	Words      string   `json:"words,omitempty"`
	Consent    *Consent `json:"consent,omitempty"`
	State      string   `json:"state"`
	Reason     string   `json:"reason,omitempty"`
	AskedAt    Instant  `json:"askedAt"`
	AnsweredAt Instant  `json:"answeredAt,omitzero"`
	StartedAt  Instant  `json:"startedAt,omitzero"`
	DoneAt     Instant  `json:"doneAt,omitzero"`
}

// NewReferral passes a request on to formal care.
type NewReferral struct {
	To      string `json:"to"`
	Theme   string `json:"theme"`
	Urgency string `json:"urgency"`
	Words   string `json:"words,omitempty"`
	Consent string `json:"consent"`
}

// Rejection gives a referral back.
type Rejection struct {
	Reason string `json:"reason"`
}
