package wire

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

// BundleReply is a Bundle on its way down.
type BundleReply struct {
	Bundle  int    `json:"bundle"`
	Way     string `json:"way"`
	Session string `json:"session"`
	Number  int64  `json:"number"`
	Until   int64  `json:"until"`
	Sealed  string `json:"sealed"`
}
