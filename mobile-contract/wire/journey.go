package wire

// Lifts are the journeys of the same day that could take a ride along, the shortest detour first.
type Lifts struct {
	Journeys []Lift `json:"journeys"`
}

// Lift is how a driver takes one ride more along.
type Lift struct {
	Visit         string     `json:"visit"` // names the journey
	Driver        Person     `json:"driver"`
	DetourMinutes int        `json:"detourMinutes"`
	From          Instant    `json:"from"`
	Until         Instant    `json:"until"`
	Stops         []LiftStop `json:"stops"`
}

// LiftStop is where the passengers of one request get in, or out.
type LiftStop struct {
	Request string  `json:"request"`
	Back    bool    `json:"back,omitempty"`
	Out     bool    `json:"out,omitempty"`
	At      Instant `json:"at"`
}

// LiftAsk asks the driver of a visit to take one ride more along.
type LiftAsk struct {
	Visit string `json:"visit"`
}
