package wire

// Message is one line between the two of a visit.
type Message struct {
	ID      string  `json:"id"`
	Request string  `json:"request"`
	Visit   string  `json:"visit"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Text    string  `json:"text"`
	At      Instant `json:"at"`
}

// NewMessage is a line to the other side.
type NewMessage struct {
	Text string `json:"text"`
}
