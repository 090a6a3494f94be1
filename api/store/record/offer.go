package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// OfferRecord is a stored care.Offer.
type OfferRecord struct {
	ID           care.OfferID       `json:"id" bson:"id"`
	Helper       care.PersonID      `json:"helper,omitempty" bson:"helper,omitempty"`
	Community    care.CommunityID   `json:"community,omitempty" bson:"community,omitempty"`
	Kinds        []care.Kind        `json:"kinds,omitempty" bson:"kinds,omitempty"`
	Availability AvailabilityRecord `json:"availability,omitzero" bson:"availability,omitempty" seal:"yes"`
	Radius       int                `json:"radius,omitempty" bson:"radius,omitempty"`
	Travel       care.TravelMode    `json:"travel,omitempty" bson:"travel,omitempty"`
	Vehicle      VehicleRecord      `json:"vehicle,omitzero" bson:"vehicle,omitempty"`
	Languages    []string           `json:"languages,omitempty" bson:"languages,omitempty" seal:"yes"`
	Skills       []string           `json:"skills,omitempty" bson:"skills,omitempty" seal:"yes"`
	Boxed        *BoxedRecord       `json:"boxed,omitempty" bson:"boxed,omitempty"`
	Note         string             `json:"note,omitempty" bson:"note,omitempty" seal:"yes"`
	CreatedAt    time.Time          `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	EndedAt      time.Time          `json:"endedAt,omitzero" bson:"endedAt,omitempty"`
	WasOf        []care.PersonID    `json:"wasOf,omitempty" bson:"wasOf,omitempty"`
}

// VehicleRecord is a stored care.Vehicle.
type VehicleRecord struct {
	Seats      int  `json:"seats,omitempty" bson:"seats,omitempty"`
	Wheelchair bool `json:"wheelchair,omitempty" bson:"wheelchair,omitempty"`
	Walker     bool `json:"walker,omitempty" bson:"walker,omitempty"`
}

// BoxedRecord is a stored care.Boxed.
type BoxedRecord struct {
	At    IntervalRecord `json:"at,omitzero" bson:"at,omitempty"`
	From  string         `json:"from,omitempty" bson:"from,omitempty" seal:"yes"`
	To    string         `json:"to,omitempty" bson:"to,omitempty" seal:"yes"`
	Seats int            `json:"seats,omitempty" bson:"seats,omitempty"`
}

// AvailabilityRecord is a stored care.Availability.
type AvailabilityRecord struct {
	Zone   string            `json:"zone,omitempty" bson:"zone,omitempty"`
	Weekly []WindowRecord    `json:"weekly,omitempty" bson:"weekly,omitempty"`
	Except []ExceptionRecord `json:"except,omitempty" bson:"except,omitempty"`
}

// WindowRecord is a stored care.Window: day 0 is Sunday, start and end are minutes since midnight.
type WindowRecord struct {
	Day   time.Weekday `json:"day,omitempty" bson:"day,omitempty"`
	Start care.Clock   `json:"start,omitempty" bson:"start,omitempty"`
	End   care.Clock   `json:"end,omitempty" bson:"end,omitempty"`
}

// ExceptionRecord is a stored care.Exception.
type ExceptionRecord struct {
	From   time.Time `json:"from,omitzero" bson:"from,omitempty"`
	Until  time.Time `json:"until,omitzero" bson:"until,omitempty"`
	Reason string    `json:"reason,omitempty" bson:"reason,omitempty"`
}

// Offers translates offers. Ended ones keep their keys: a helper may look back.
func Offers() Codec[care.Offer, OfferRecord] {
	return Codec[care.Offer, OfferRecord]{
		Kind: "offers", Noun: "offer", Events: true, To: toOffer, From: fromOffer,
		Owner: func(o OfferRecord) care.PersonID { return o.Helper },
		Facts: func(o care.Offer) Facts {
			var k keys
			k.add(app.ByPerson, string(o.Helper))
			k.add(app.ByCommunity, string(o.Community))
			return Facts{Keys: k}
		},
	}
}

func toOffer(o care.Offer) OfferRecord {
	return OfferRecord{ID: o.ID, Helper: o.Helper, Community: o.Community, Kinds: o.Kinds,
		Availability: toAvailability(o.Availability), Radius: o.Radius, Travel: o.Travel, Vehicle: VehicleRecord(o.Vehicle),
		Languages: o.Languages, Skills: o.Skills, Boxed: ref(o.Boxed, toBoxed), Note: o.Note,
		CreatedAt: at(o.CreatedAt), EndedAt: at(o.EndedAt), WasOf: o.WasOf}
}

func fromOffer(o OfferRecord) care.Offer {
	return care.Offer{ID: o.ID, Helper: o.Helper, Community: o.Community, Kinds: o.Kinds,
		Availability: fromAvailability(o.Availability), Radius: o.Radius, Travel: o.Travel, Vehicle: care.Vehicle(o.Vehicle),
		Languages: o.Languages, Skills: o.Skills, Boxed: ref(o.Boxed, fromBoxed), Note: o.Note,
		CreatedAt: at(o.CreatedAt), EndedAt: at(o.EndedAt), WasOf: o.WasOf}
}

func toBoxed(b care.Boxed) BoxedRecord {
	return BoxedRecord{At: toInterval(b.At), From: b.From, To: b.To, Seats: b.Seats}
}

func fromBoxed(b BoxedRecord) care.Boxed {
	return care.Boxed{At: fromInterval(b.At), From: b.From, To: b.To, Seats: b.Seats}
}

func toAvailability(a care.Availability) AvailabilityRecord {
	return AvailabilityRecord{Zone: a.Zone, Weekly: each(a.Weekly, toWindow), Except: each(a.Except, toException)}
}

func fromAvailability(a AvailabilityRecord) care.Availability {
	return care.Availability{Zone: a.Zone, Weekly: each(a.Weekly, fromWindow), Except: each(a.Except, fromException)}
}

func toWindow(w care.Window) WindowRecord   { return WindowRecord(w) }
func fromWindow(w WindowRecord) care.Window { return care.Window(w) }

func toException(x care.Exception) ExceptionRecord {
	x.From, x.Until = at(x.From), at(x.Until)
	return ExceptionRecord(x)
}

func fromException(x ExceptionRecord) care.Exception {
	x.From, x.Until = at(x.From), at(x.Until)
	return care.Exception(x)
}
