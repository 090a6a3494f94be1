package wire

// Ask is one question to one helper.
type Ask struct {
	ID         string  `json:"id"`
	Slot       string  `json:"slot"`
	Helper     Person  `json:"helper"`
	State      string  `json:"state"`
	Reason     string  `json:"reason,omitempty"`
	AskFrom    Instant `json:"askFrom"`
	LapsesAt   Instant `json:"lapsesAt"`
	RemindAt   Instant `json:"remindAt,omitzero"`
	AnsweredAt Instant `json:"answeredAt,omitzero"`
}

// AskAnswer is one's own ask after an answer, with the request as far as it is still for its helper.
type AskAnswer struct {
	Ask     Ask      `json:"ask"`
	Request *Request `json:"request,omitempty"`
}

// AskReasons is why one was asked oneself: message keys, of nobody else.
type AskReasons struct {
	Ask     string  `json:"ask"`
	Reasons []Match `json:"reasons"`
}

// Yes accepts an ask. At is the hour inside a flexible window; its beginning if it is absent.
type Yes struct {
	At Instant `json:"at,omitzero"`
}

// Later defers an answer.
type Later struct {
	Until Instant `json:"until"`
}
