package wire

// Offer is what somebody can do in one community: standing, or boxed to one journey.
type Offer struct {
	ID        string  `json:"id"`
	Helper    string  `json:"helper"`
	Community string  `json:"community"`
	CreatedAt Instant `json:"createdAt"`
	EndedAt   Instant `json:"endedAt,omitzero"`
	OfferEdit
}

// OfferEdit is what an offer says. Radius is in metres from the helper's home.
type OfferEdit struct {
	Kinds        []string      `json:"kinds"`
	Availability *Availability `json:"availability,omitempty"`
	Radius       int           `json:"radius"`
	Travel       string        `json:"travel"`
	Vehicle      Vehicle       `json:"vehicle,omitzero"`
	Languages    []string      `json:"languages,omitempty"`
	Skills       []string      `json:"skills,omitempty"`
	Boxed        *Journey      `json:"boxed,omitempty"`
	Note         string        `json:"note,omitempty"`
}

// NewOffer makes an offer. Helper is for the desk, which offers for somebody without a phone.
type NewOffer struct {
	Community string `json:"community"`
	Helper    string `json:"helper,omitempty"`
	OfferEdit
}

// Vehicle is what a helper drives; without seats there is none.
type Vehicle struct {
	Seats      int  `json:"seats,omitempty"`
	Wheelchair bool `json:"wheelchair,omitempty"`
	Walker     bool `json:"walker,omitempty"`
}

// Journey is one ride that an offer is for.
type Journey struct {
	At    Interval `json:"at"`
	From  string   `json:"from"`
	To    string   `json:"to"`
	Seats int      `json:"seats"`
}

// Interval runs from its first moment to the one after its last.
type Interval struct {
	From  Instant `json:"from"`
	Until Instant `json:"until,omitzero"`
}

// Availability is a weekly habit in local time, minus exceptions.
type Availability struct {
	Zone   string     `json:"zone"`
	Weekly []Window   `json:"weekly"`
	Except []Interval `json:"except,omitempty"`
}

// Window is a weekly hour: Day is 0 (Sunday) to 6, the times are like 07:30; an end before its start
// is on the next day.
type Window struct {
	Day   int    `json:"day"`
	Start string `json:"start"`
	End   string `json:"end"`
}
