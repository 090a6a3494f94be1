package wire

import "encoding/json"

// Bundle is a file that is carried by hand between a device without a connection and the service. Whoever carries it
// reads nothing of what is sealed in it, and can change nothing of it.
type Bundle struct {
	Bundle  int    `json:"bundle"` // 1
	Way     string `json:"way"`    // up to the service, down to the device
	Session string `json:"session"`
	Number  int64  `json:"number"` // counts up in a store; an answer has that of what it answers
	Until   int64  `json:"until"`  // milliseconds since 1970, by the service's clock
	Sealed  string `json:"sealed" most:"60000"`
}

// BundleUp is what a device seals: the bodies of the calls that it would make.
type BundleUp struct {
	Pushes []Push `json:"pushes"`
	Pull   *Pull  `json:"pull,omitempty"`
}

// BundleDown is what the service seals: its answers to one store. Where there are fewer pushes than were sent, the
// others wait; each page continues the one before it.
type BundleDown struct {
	ClientGroupID string         `json:"clientGroupID"`
	Pushes        []BundleAnswer `json:"pushes"`
	Pulls         []BundleAnswer `json:"pulls"`
}

// BundleAnswer is one answer as the call would have had it.
type BundleAnswer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}
