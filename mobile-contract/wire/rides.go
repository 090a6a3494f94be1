package wire

// RideDay is the open rides of one day of a village, planned over all drivers together.
type RideDay struct {
	Rides []OpenRide `json:"rides"`
	Tours []Tour     `json:"tours"`
}

// OpenRide is one ride that nobody has agreed to yet, and what the plan makes of it.
type OpenRide struct {
	Request   string `json:"request"`
	Urgency   string `json:"urgency"`
	Slot      Slot   `json:"slot"`
	State     string `json:"state"`
	Questions int    `json:"questions,omitempty"` // that are open
	// Counts say how many people each rule keeps away, where nobody can drive it.
	Counts []RuleCount `json:"counts,omitempty"`
}

// Tour is one journey of a driver, from home to home, with everybody who shares it.
type Tour struct {
	Driver Person `json:"driver"`
	Offer  string `json:"offer"`
	// TogetherMinutes is how long the driver is on the way, ApartMinutes how long with each ride on its own.
	TogetherMinutes int        `json:"togetherMinutes"`
	ApartMinutes    int        `json:"apartMinutes"`
	Rides           []TourRide `json:"rides"`
	Stops           []LiftStop `json:"stops"`
}

// TourRide is one ride of a tour: agreed, or to be asked.
type TourRide struct {
	Request       string  `json:"request"`
	Slot          string  `json:"slot"`
	Step          string  `json:"step"`
	Turn          int     `json:"turn,omitempty"` // in which it is asked, of the driver's day
	From          Instant `json:"from"`
	Until         Instant `json:"until"`
	DetourMinutes int     `json:"detourMinutes,omitempty"`
	Visit         string  `json:"visit,omitempty"`
}
