package wire

// Nothing is the body of a call that takes none: absent, or {}.
type Nothing struct{}
