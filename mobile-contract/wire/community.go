package wire

// Community is a village with its association. It is public.
type Community struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Town        string   `json:"town"`
	Lat         float64  `json:"lat"`
	Lon         float64  `json:"lon"`
	Zone        string   `json:"zone"`
	Association string   `json:"association,omitempty"`
	Guarantor   string   `json:"guarantor,omitempty"`
	Neighbours  []string `json:"neighbours,omitempty"`
	Weights     Weights  `json:"weights"`
}

// Weights are how much each pillar counts where neighbours are put in order; only their ratios matter. As
// a body that is empty they take a village back to the usual ones.
type Weights struct {
	Nearness    int `json:"nearness,omitempty"`
	Time        int `json:"time,omitempty"`
	Familiarity int `json:"familiarity,omitempty"`
	Fairness    int `json:"fairness,omitempty"`
	Reciprocity int `json:"reciprocity,omitempty"`
}

// Organization is a body with members.
type Organization struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Membership binds a person to a community or organisation in one role.
type Membership struct {
	ID           string  `json:"id"`
	Person       string  `json:"person"`
	Community    string  `json:"community,omitempty"`
	Organization string  `json:"organization,omitempty"`
	Role         string  `json:"role"`
	Deputy       bool    `json:"deputy,omitempty"`
	AwayFrom     Instant `json:"awayFrom,omitzero"`
	AwayUntil    Instant `json:"awayUntil,omitzero"`
	StartedAt    Instant `json:"startedAt"`
	EndedAt      Instant `json:"endedAt,omitzero"`
}

// Joining makes the caller a resident or volunteer.
type Joining struct {
	Role string `json:"role"`
}

// Grant gives somebody a role of trust in the community of the path.
type Grant struct {
	Person       string `json:"person"`
	Organization string `json:"organization,omitempty"`
	Role         string `json:"role"`
	Deputy       bool   `json:"deputy,omitempty"`
}

// Leave says when the holder of a role is away. Without both the leave ends.
type Leave struct {
	From  Instant `json:"from,omitzero"`
	Until Instant `json:"until,omitzero"`
}
