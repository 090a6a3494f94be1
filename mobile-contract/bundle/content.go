package bundle

import (
	"encoding/json"

	"naober/mobile-contract/wire"
)

// Calls is what a device seals: the bodies of the calls that it would make.
type Calls struct {
	Pushes []wire.Push `json:"pushes"`
	Pull   *wire.Pull  `json:"pull,omitempty"`
}

// Answers is what the service seals: its answers to one store. Where there are fewer pushes than were sent, the
// others wait; each page continues the one before it.
type Answers struct {
	ClientGroupID string   `json:"clientGroupID"`
	Pushes        []Answer `json:"pushes"`
	Pulls         []Answer `json:"pulls"`
}

// Answer is one answer as the call would have had it.
type Answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}
