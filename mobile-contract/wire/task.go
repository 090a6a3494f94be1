package wire

// Task waits for the desk of a community. It holds ids only; reading a person is logged.
type Task struct {
	ID        string  `json:"id"`
	Community string  `json:"community"`
	Kind      string  `json:"kind"`
	Person    string  `json:"person"`
	Other     string  `json:"other,omitempty"`
	Request   string  `json:"request,omitempty"`
	Visit     string  `json:"visit,omitempty"`
	MadeAt    Instant `json:"madeAt"`
	DoneBy    string  `json:"doneBy,omitempty"`
	DoneAt    Instant `json:"doneAt,omitzero"`
}
