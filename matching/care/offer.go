package care

import (
	"slices"
	"time"
)

// TravelMode is how a helper comes.
type TravelMode string

// The ways of travelling.
const (
	OnFoot          TravelMode = "walk"
	ByBike          TravelMode = "bike"
	ByCar           TravelMode = "car"
	PublicTransport TravelMode = "public_transport"
)

// Known reports whether the way of travelling is one of ours.
func (m TravelMode) Known() bool {
	return m == OnFoot || m == ByBike || m == ByCar || m == PublicTransport
}

// Vehicle is what a helper drives. Without seats there is none.
type Vehicle struct {
	Seats      int  // for passengers, the driver's not counted
	Wheelchair bool // takes somebody who stays in a wheelchair
	Walker     bool // has room for a walking frame
}

// Boxed makes an offer one journey: "Tuesday to Emmen, two seats". From and To are names of places.
type Boxed struct {
	At       Interval
	From, To string
	Seats    int
}

const (
	maxRadius      = 50_000 // metres; Drenthe from one end to the other is some 70 km
	maxSeats       = 8      // a minibus on an ordinary licence, its driver not counted
	maxOfferSkills = 20
	maxOfferTongue = 10
	maxOfferNote   = 500
	maxBoxed       = 24 * time.Hour
	maxBoxedAhead  = 1 // years
)

// Offer is what somebody can do in one community: standing, with weekly Availability, or boxed to
// one journey. It says who may be asked; whether they may serve is for Helper to say.
type Offer struct {
	ID           OfferID
	Helper       PersonID
	Community    CommunityID
	Kinds        []Kind
	Availability Availability // of a standing offer; a boxed one has Boxed.At
	Radius       int          // metres from the helper's home
	Travel       TravelMode
	Vehicle      Vehicle
	Languages    []string // two lower-case letters
	Skills       []string
	Boxed        *Boxed // nil for a standing offer
	Note         string
	CreatedAt    time.Time
	EndedAt      time.Time
	WasOf        []PersonID // records of the helper that made it before they were merged, the first one first
}

// NewOffer checks an offer and says that it is there. Its helper makes it, or somebody at the desk
// for them: the application knows who may.
func NewOffer(o Offer, by PersonID, now time.Time) (Offer, []Event, error) {
	made := o.clone()
	made.CreatedAt, made.EndedAt = now, time.Time{}
	if err := made.Validate(); err != nil {
		return o, nil, err
	}
	if err := made.ahead(now); err != nil {
		return o, nil, err
	}
	return made, []Event{made.event(OfferMade, by, now)}, nil
}

// Edit replaces what is offered; whose it is, where and since when stay. Visits agreed already
// are not touched: they are in the Helper.
func (o Offer) Edit(by PersonID, next Offer, now time.Time) (Offer, []Event, error) {
	if err := o.mayChange(by); err != nil {
		return o, nil, err
	}
	next = next.clone()
	next.ID, next.Helper, next.Community, next.CreatedAt, next.EndedAt, next.WasOf = o.ID, o.Helper, o.Community, o.CreatedAt, o.EndedAt, o.WasOf
	if err := next.Validate(); err != nil {
		return o, nil, err
	}
	if err := next.ahead(now); err != nil {
		return o, nil, err
	}
	return next, []Event{next.event(OfferChanged, by, now)}, nil
}

// End takes the offer back. From this moment it serves nothing.
func (o Offer) End(by PersonID, now time.Time) (Offer, []Event, error) {
	if err := o.mayChange(by); err != nil {
		return o, nil, err
	}
	o.EndedAt = now
	return o, []Event{o.event(OfferEnded, by, now)}, nil
}

// Active reports whether the offer still stands; a boxed one stands until its journey has begun.
func (o Offer) Active(now time.Time) bool {
	return o.EndedAt.IsZero() && (o.Boxed == nil || now.Before(o.Boxed.At.From))
}

// Serves says why the offer does not fit a kind of help at a time, or nil where it does. It looks at
// the offer alone: not at distance, approval, or what the helper has agreed already.
func (o Offer) Serves(kind Kind, at Interval) error {
	switch {
	case !o.EndedAt.IsZero():
		return E(Conflict, "offer_ended", "the offer has ended")
	case !slices.Contains(o.Kinds, kind):
		return E(Conflict, "kind_not_offered", "the offer is for other kinds of help")
	}
	if err := at.Valid(); err != nil {
		return err
	}
	free, err := o.covers(at)
	if err == nil && !free {
		err = E(Conflict, "time_not_offered", "the offer is for other times")
	}
	return err
}

func (o Offer) covers(at Interval) (bool, error) {
	if o.Boxed != nil {
		return o.Boxed.At.Contains(at), nil
	}
	return o.Availability.Covers(at)
}

// Validate refuses an offer that names nothing to do, no time, or a journey that cannot be.
func (o Offer) Validate() error {
	switch {
	case o.Helper == "" || o.Community == "":
		return E(Invalid, "offer_incomplete", "an offer has a helper and a community")
	case o.Radius < 0 || o.Radius > maxRadius:
		return Amiss("radius", "radius_invalid", "the radius is 0 to %d metres", maxRadius)
	case !o.Travel.Known():
		return Amiss("travel", "travel_unknown", "there is no such way of travelling")
	case !longText(o.Note, 0, maxOfferNote):
		return Amiss("note", "note_invalid", "a note is at most %d characters of text", maxOfferNote)
	}
	for _, check := range []func() error{o.validateKinds, o.validateVehicle, o.validateWords, o.validateTimes} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (o Offer) validateKinds() error {
	if len(o.Kinds) == 0 {
		return Amiss("kinds", "kinds_missing", "an offer names at least one kind of help")
	}
	for i, kind := range o.Kinds {
		if _, known := Rules(kind); !known {
			return member("kinds", i, E(Invalid, "kind_unknown", "there is no such kind of help"))
		}
		if slices.Contains(o.Kinds[:i], kind) {
			return member("kinds", i, E(Invalid, "kind_twice", "a kind of help is named once"))
		}
	}
	return nil
}

func (o Offer) validateVehicle() error {
	switch {
	case o.Vehicle.Seats < 0 || o.Vehicle.Seats > maxSeats:
		return Amiss("vehicle.seats", "vehicle_seats_invalid", "a vehicle has 0 to %d seats for passengers", maxSeats)
	case o.Vehicle.Seats == 0 && (o.Vehicle.Wheelchair || o.Vehicle.Walker):
		return Amiss("vehicle.seats", "vehicle_missing", "a wheelchair or walking frame needs a vehicle to go in")
	case o.Vehicle.Seats == 0 && slices.Contains(o.Kinds, RideKind):
		return Amiss("vehicle.seats", "vehicle_missing", "a ride needs a vehicle with a seat")
	}
	return nil
}

func (o Offer) validateWords() error {
	switch {
	case len(o.Languages) > maxOfferTongue:
		return Amiss("languages", "offer_too_many_words", "at most %d languages and %d skills", maxOfferTongue, maxOfferSkills)
	case len(o.Skills) > maxOfferSkills:
		return Amiss("skills", "offer_too_many_words", "at most %d languages and %d skills", maxOfferTongue, maxOfferSkills)
	}
	if err := tongues(o.Languages); err != nil {
		return err
	}
	return crafts(o.Skills)
}

func (o Offer) validateTimes() error {
	if o.Boxed != nil {
		if o.Availability.Zone != "" || len(o.Availability.Weekly)+len(o.Availability.Except) > 0 {
			return Amiss("availability", "availability_unexpected", "an offer of one journey has no hours of the week")
		}
		return Within("boxed", o.Boxed.validate(o.Vehicle))
	}
	if len(o.Availability.Weekly) == 0 {
		return Amiss("availability.weekly", "availability_missing", "a standing offer names at least one hour of the week")
	}
	return Within("availability", o.Availability.Validate())
}

func (b Boxed) validate(in Vehicle) error {
	switch {
	case b.At.Valid() != nil || b.At.Duration() > maxBoxed:
		return Amiss("at", "journey_time_invalid", "a journey ends after it starts, within a day")
	case !plainText(b.From, 1, 80):
		return Amiss("from", "journey_places_invalid", "a journey goes from a place to a place")
	case !plainText(b.To, 1, 80):
		return Amiss("to", "journey_places_invalid", "a journey goes from a place to a place")
	case b.Seats < 1 || b.Seats > in.Seats:
		return Amiss("seats", "journey_seats_invalid", "a journey offers 1 seat up to those of the vehicle")
	}
	return nil
}

// ahead refuses a journey that is past or too far away to be meant.
func (o Offer) ahead(now time.Time) error {
	if o.Boxed == nil {
		return nil
	}
	from := o.Boxed.At.From
	if !from.After(now) || from.After(now.AddDate(maxBoxedAhead, 0, 0)) {
		return Amiss("boxed.at", "journey_time_invalid", "a journey starts in the future, within a year")
	}
	return nil
}

func (o Offer) mayChange(by PersonID) error {
	switch {
	case by != o.Helper:
		return E(Forbidden, "not_your_offer", "only its helper can change an offer")
	case !o.EndedAt.IsZero():
		return E(Conflict, "offer_ended", "the offer has ended")
	}
	return nil
}

// clone copies what the caller of an edit could still hold.
func (o Offer) clone() Offer {
	o.Kinds, o.Languages, o.Skills = slices.Clone(o.Kinds), slices.Clone(o.Languages), slices.Clone(o.Skills)
	o.Availability.Weekly = slices.Clone(o.Availability.Weekly)
	o.Availability.Except = slices.Clone(o.Availability.Except)
	if o.Boxed != nil {
		boxed := *o.Boxed
		o.Boxed = &boxed
	}
	return o
}

func (o Offer) event(t EventType, by PersonID, now time.Time) Event {
	return Event{Type: t, At: now, By: by, Community: o.Community, Helper: o.Helper, Offer: o.ID}
}
