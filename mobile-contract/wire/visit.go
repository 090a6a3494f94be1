package wire

// Visit is a helper agreed for a slot.
type Visit struct {
	ID        string  `json:"id"`
	Slot      string  `json:"slot"`
	Helper    Person  `json:"helper"`
	State     string  `json:"state"`
	From      Instant `json:"from"`
	Until     Instant `json:"until"`
	Reason    string  `json:"reason,omitempty"`
	EndedBy   string  `json:"endedBy,omitempty"`
	AgreedAt  Instant `json:"agreedAt"`
	PlannedAt Instant `json:"plannedAt,omitzero"`
	StartedAt Instant `json:"startedAt,omitzero"`
	DoneAt    Instant `json:"doneAt,omitzero"`
	EndedAt   Instant `json:"endedAt,omitzero"`
}

// Move agrees another hour inside a flexible window.
type Move struct {
	At Instant `json:"at"`
}

// Address is where a visit takes place. A device forgets it at ForgetAt.
type Address struct {
	Visit    string  `json:"visit"`
	Name     string  `json:"name"`
	Place    Place   `json:"place"`
	To       *Place  `json:"to,omitempty"`
	Phone    string  `json:"phone,omitempty"`
	ForgetAt Instant `json:"forgetAt"`
	ShownAt  Instant `json:"shownAt"`
}
