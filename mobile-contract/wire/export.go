package wire

// Export is one part of all that is stored about a person, for themselves: each list holds what the
// calls of its own show them. The first part has the person; Next names the next part.
type Export struct {
	Version     int            `json:"version"` // of this shape: 1
	MadeAt      Instant        `json:"madeAt"`
	Next        string         `json:"next,omitempty"`
	Profile     *Profile       `json:"profile,omitempty"`
	Life        *Life          `json:"life,omitempty"`
	FormerHome  *Place         `json:"formerHome,omitempty"` // where the person lived before they last moved
	Book        *Helper        `json:"book,omitempty"`
	Memberships []Membership   `json:"memberships"` // ended ones too
	Devices     []Installation `json:"devices"`     // ended ones too
	Offers      []Offer        `json:"offers"`      // ended ones too
	Requests    []Request      `json:"requests"`    // for the person, by them for others, and in which they help
	Histories   []History      `json:"histories"`   // settled times of the person's own requests
	Asks        []Ask          `json:"asks"`        // questions to the person about requests that they do not see any more
	Visits      []Visit        `json:"visits"`      // likewise
	Messages    []Message      `json:"messages"`
	Feedback    []Feedback     `json:"feedback"`
	Reports     []Report       `json:"reports"` // that the person filed
	Referrals   []Referral     `json:"referrals"`
	Pushes      []Sent         `json:"pushes"` // of the last 30 days
	Views       []View         `json:"views"`  // who saw what of the person
}

// Installation is one device on which a person is or was signed in, without its secrets.
type Installation struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	CreatedAt Instant `json:"createdAt"`
	UsedAt    Instant `json:"usedAt"`
	EndedAt   Instant `json:"endedAt,omitzero"`
	EndReason string  `json:"endReason,omitempty"`
	Paper     bool    `json:"paper,omitempty"` // began with a code on paper
	Push      bool    `json:"push,omitempty"`  // receives messages
}

// Sent is one message that reached a device of a person.
type Sent struct {
	Key     string  `json:"key"` // as pushes.md lists it
	Request string  `json:"request,omitempty"`
	Ask     string  `json:"ask,omitempty"`
	Visit   string  `json:"visit,omitempty"`
	At      Instant `json:"at"`
}
