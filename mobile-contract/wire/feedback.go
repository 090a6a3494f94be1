package wire

// Feedback is how a visit went for one side. It is never shown to the other.
type Feedback struct {
	ID      string  `json:"id"`
	Request string  `json:"request"`
	Visit   string  `json:"visit"`
	By      string  `json:"by"`
	Side    string  `json:"side"`
	Good    bool    `json:"good"`
	Again   bool    `json:"again"`
	Words   string  `json:"words,omitempty"`
	At      Instant `json:"at"`
}

// NewFeedback says how a visit went.
type NewFeedback struct {
	Good  bool   `json:"good"`
	Again bool   `json:"again"`
	Words string `json:"words,omitempty"`
}
