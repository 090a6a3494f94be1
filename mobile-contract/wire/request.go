package wire

// Request is one request as its reader may see it. Absent fields are not for this reader.
type Request struct {
	ID            string         `json:"id"`
	Relation      string         `json:"relation"`
	Community     string         `json:"community"`
	Kind          string         `json:"kind"`
	State         string         `json:"state"`
	Outcome       string         `json:"outcome,omitempty"`
	Reason        string         `json:"reason,omitempty"`
	Urgency       string         `json:"urgency"`
	Words         string         `json:"words,omitempty"`
	For           *Person        `json:"for,omitempty"`
	By            *Person        `json:"by,omitempty"`
	Channel       string         `json:"channel,omitempty"`
	Consent       *Consent       `json:"consent,omitempty"`
	Where         *Place         `json:"where,omitempty"`
	Ride          *Ride          `json:"ride,omitempty"`
	Series        *Series        `json:"series,omitempty"`
	Needs         *Needs         `json:"needs,omitempty"`
	Circumstances *Circumstances `json:"circumstances,omitempty"`
	PersonalYes   bool           `json:"personalYes,omitempty"`
	Emergency     *Emergency     `json:"emergency,omitempty"`
	Slots         []Slot         `json:"slots,omitempty"`
	Asks          []Ask          `json:"asks,omitempty"`
	Visits        []Visit        `json:"visits,omitempty"`
	Owner         *Owner         `json:"owner,omitempty"`
	Stage         string         `json:"stage,omitempty"`
	Todo          string         `json:"todo,omitempty"`
	TodoDueAt     Instant        `json:"todoDueAt,omitzero"`
	Referral      string         `json:"referral,omitempty"`
	NextAction    string         `json:"nextAction,omitempty"`
	NextActionAt  Instant        `json:"nextActionAt,omitzero"`
	CreatedAt     Instant        `json:"createdAt"`
	PublishedAt   Instant        `json:"publishedAt,omitzero"`
	ClosedAt      Instant        `json:"closedAt,omitzero"`
}

// Emergency tells the client to put "call 112 now" before everything else while it is pending.
type Emergency struct {
	Call    string   `json:"call"`  // the number: "112"
	Words   []string `json:"words"` // keys of the phrases that were heard
	Pending bool     `json:"pending"`
}

// Consent is the ground on which somebody asked for another person.
type Consent struct {
	Basis       string  `json:"basis"`
	At          Instant `json:"at"`
	WithdrawnAt Instant `json:"withdrawnAt,omitzero"`
}

// Owner is the office that a request belongs to and who sits in it today.
type Owner struct {
	Chair  string   `json:"chair"`
	People []Person `json:"people"`
}

// NewRide asks where a ride shall go.
type NewRide struct {
	To         NewPlace `json:"to"`
	ReturnAt   Instant  `json:"returnAt,omitzero"`
	Passengers int      `json:"passengers"`
	Wheelchair bool     `json:"wheelchair,omitempty"`
	Walker     bool     `json:"walker,omitempty"`
}

// Ride says where a ride goes.
type Ride struct {
	To         Place   `json:"to"`
	ReturnAt   Instant `json:"returnAt,omitzero"`
	Passengers int     `json:"passengers"`
	Wheelchair bool    `json:"wheelchair,omitempty"`
	Walker     bool    `json:"walker,omitempty"`
}

// Series makes a request come back by a rule of RFC 5545, in local time.
type Series struct {
	Rule            string   `json:"rule"`
	Start           string   `json:"start"` // local, 2026-11-24T10:00
	DurationMinutes int      `json:"durationMinutes"`
	Zone            string   `json:"zone"`
	Skipped         []string `json:"skipped,omitempty"`
	Swapped         []Swap   `json:"swapped,omitempty"`
}

// Swap moves one date of a series to another local time.
type Swap struct {
	Date string `json:"date"`
	To   string `json:"to"`
}

// Needs is what a helper must bring besides time.
type Needs struct {
	Languages []string `json:"languages,omitempty"`
	Skills    []string `json:"skills,omitempty"`
	Gender    string   `json:"gender,omitempty"`
}

// Circumstances raise the care that a task needs.
type Circumstances struct {
	AloneIndoors bool `json:"aloneIndoors,omitempty"`
	Money        bool `json:"money,omitempty"`
	Keys         bool `json:"keys,omitempty"`
	Night        bool `json:"night,omitempty"`
}

// RequestEdit is what a draft asks for. Where is one's home if it is absent.
type RequestEdit struct {
	Kind          string        `json:"kind"`
	Words         string        `json:"words,omitempty"`
	Needs         Needs         `json:"needs,omitzero"`
	Circumstances Circumstances `json:"circumstances,omitzero"`
	Where         *NewPlace     `json:"where,omitempty"`
	Ride          *NewRide      `json:"ride,omitempty"`
	Series        *Series       `json:"series,omitempty"`
	Slots         []NewSlot     `json:"slots,omitempty"`
	Urgency       string        `json:"urgency"`
	PersonalYes   bool          `json:"personalYes,omitempty"`
}

// NewRequest asks for help. For, Channel and Consent are for whoever asks on somebody's behalf.
type NewRequest struct {
	Community string `json:"community"`
	For       string `json:"for,omitempty"`
	Channel   string `json:"channel,omitempty"`
	Consent   string `json:"consent,omitempty"`
	RequestEdit
	Publish     bool `json:"publish,omitempty"`
	NoEmergency bool `json:"noEmergency,omitempty"`
}

// Publishing sends a draft to the village.
type Publishing struct {
	NoEmergency bool `json:"noEmergency,omitempty"`
}

// Reason says why, as a code that clients have a sentence for.
type Reason struct {
	Reason string `json:"reason,omitempty"`
}

// RequestRefusal ends a request that may not be taken on.
type RequestRefusal struct {
	Reason string `json:"reason"`
	ToldBy string `json:"toldBy"`
}

// History is one settled time that was moved out of a request.
type History struct {
	Slot   Slot    `json:"slot"`
	Asks   []Ask   `json:"asks,omitempty"`
	Visits []Visit `json:"visits,omitempty"`
}
