package wire

// Life is where somebody is in their life, for themselves and their desk. Moderators see no more than
// whether a death was reported, or recorded.
type Life struct {
	Person     string  `json:"person"`
	State      string  `json:"state"`             // here, away, in_hospital, died
	Planned    string  `json:"planned,omitempty"` // away or in_hospital, from then on; until that begins the state is here
	From       Instant `json:"from,omitzero"`
	Until      Instant `json:"until,omitzero"`
	By         string  `json:"by,omitempty"`
	At         Instant `json:"at,omitzero"`
	ReportedBy string  `json:"reportedBy,omitempty"` // said that the person died
	ReportedAt Instant `json:"reportedAt,omitzero"`
}

// Absence is a time in which somebody is not there. A hospital may be without an end.
type Absence struct {
	State   string  `json:"state"`
	From    Instant `json:"from,omitzero"`
	Until   Instant `json:"until,omitzero"`
	Replace bool    `json:"replace,omitempty"` // it takes the place of another absence that stands
}

// Removal takes somebody from one community to another.
type Removal struct {
	From string   `json:"from"`
	To   string   `json:"to"`
	Home NewPlace `json:"home"`
}
