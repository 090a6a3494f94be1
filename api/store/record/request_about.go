package record

import (
	"time"

	"naober/matching/care"
)

// NeedsRecord is a stored care.Needs.
type NeedsRecord struct {
	Languages []string    `json:"languages,omitempty" bson:"languages,omitempty"`
	Skills    []string    `json:"skills,omitempty" bson:"skills,omitempty"`
	Gender    care.Gender `json:"gender,omitempty" bson:"gender,omitempty"`
}

// OnBehalfRecord is a stored care.OnBehalf.
type OnBehalfRecord struct {
	By      care.PersonID `json:"by,omitempty" bson:"by,omitempty"`
	Channel care.Channel  `json:"channel,omitempty" bson:"channel,omitempty"`
	Consent ConsentRecord `json:"consent,omitzero" bson:"consent,omitempty"`
}

// CircumstancesRecord is a stored care.Circumstances.
type CircumstancesRecord struct {
	AloneIndoors bool `json:"aloneIndoors,omitempty" bson:"aloneIndoors,omitempty"`
	Money        bool `json:"money,omitempty" bson:"money,omitempty"`
	Keys         bool `json:"keys,omitempty" bson:"keys,omitempty"`
	Night        bool `json:"night,omitempty" bson:"night,omitempty"`
}

// RideRecord is a stored care.Ride.
type RideRecord struct {
	To         PlaceRecord `json:"to,omitzero" bson:"to,omitempty" seal:"yes"`
	ReturnAt   time.Time   `json:"returnAt,omitzero" bson:"returnAt,omitempty"`
	Passengers int         `json:"passengers,omitempty" bson:"passengers,omitempty"`
	Wheelchair bool        `json:"wheelchair,omitempty" bson:"wheelchair,omitempty"`
	Walker     bool        `json:"walker,omitempty" bson:"walker,omitempty"`
}

// SeriesRecord is a stored care.Series.
type SeriesRecord struct {
	Rule       string         `json:"rule,omitempty" bson:"rule,omitempty"`
	Start      care.LocalTime `json:"start,omitempty" bson:"start,omitempty"`
	DurationMs int64          `json:"durationMs,omitempty" bson:"durationMs,omitempty"`
	Zone       string         `json:"zone,omitempty" bson:"zone,omitempty"`
	Skipped    []string       `json:"skipped,omitempty" bson:"skipped,omitempty"`
	Swapped    []SwapRecord   `json:"swapped,omitempty" bson:"swapped,omitempty"`
}

// SwapRecord is a stored care.Swap.
type SwapRecord struct {
	Date string         `json:"date,omitempty" bson:"date,omitempty"`
	To   care.LocalTime `json:"to,omitempty" bson:"to,omitempty"`
}

// EmergencyRecord is a stored care.Emergency.
type EmergencyRecord struct {
	Words     []string  `json:"words,omitempty" bson:"words,omitempty" seal:"yes"`
	DeniedAt  time.Time `json:"deniedAt,omitzero" bson:"deniedAt,omitempty"`
	OwnerTold time.Time `json:"ownerTold,omitzero" bson:"ownerTold,omitempty"`
}

// ChairRecord is a stored care.Chair.
type ChairRecord struct {
	Kind      care.ChairKind   `json:"kind,omitempty" bson:"kind,omitempty"`
	Community care.CommunityID `json:"community,omitempty" bson:"community,omitempty"`
}

// HandoverRecord is a stored care.Handover.
type HandoverRecord struct {
	Referral care.ReferralID `json:"referral,omitempty" bson:"referral,omitempty"`
	At       time.Time       `json:"at,omitzero" bson:"at,omitempty"`
	CheckAt  time.Time       `json:"checkAt,omitzero" bson:"checkAt,omitempty"`
}

func toOnBehalf(b care.OnBehalf) OnBehalfRecord {
	return OnBehalfRecord{By: b.By, Channel: b.Channel, Consent: toConsent(b.Consent)}
}

func fromOnBehalf(b OnBehalfRecord) care.OnBehalf {
	return care.OnBehalf{By: b.By, Channel: b.Channel, Consent: fromConsent(b.Consent)}
}

func toRide(d care.Ride) RideRecord {
	return RideRecord{To: toPlace(d.To), ReturnAt: at(d.ReturnAt), Passengers: d.Passengers, Wheelchair: d.Wheelchair, Walker: d.Walker}
}

func fromRide(d RideRecord) care.Ride {
	return care.Ride{To: fromPlace(d.To), ReturnAt: at(d.ReturnAt), Passengers: d.Passengers, Wheelchair: d.Wheelchair, Walker: d.Walker}
}

func toSeries(s care.Series) SeriesRecord {
	return SeriesRecord{Rule: s.Rule, Start: s.Start, DurationMs: toMs(s.Duration), Zone: s.Zone, Skipped: s.Skipped,
		Swapped: each(s.Swapped, toSwap)}
}

func fromSeries(s SeriesRecord) care.Series {
	return care.Series{Rule: s.Rule, Start: s.Start, Duration: fromMs(s.DurationMs), Zone: s.Zone, Skipped: s.Skipped,
		Swapped: each(s.Swapped, fromSwap)}
}

func toSwap(s care.Swap) SwapRecord   { return SwapRecord(s) }
func fromSwap(s SwapRecord) care.Swap { return care.Swap(s) }

func toEmergency(e care.Emergency) EmergencyRecord {
	e.DeniedAt, e.OwnerTold = at(e.DeniedAt), at(e.OwnerTold)
	return EmergencyRecord(e)
}

func fromEmergency(e EmergencyRecord) care.Emergency {
	e.DeniedAt, e.OwnerTold = at(e.DeniedAt), at(e.OwnerTold)
	return care.Emergency(e)
}

func toHandover(h care.Handover) HandoverRecord {
	h.At, h.CheckAt = at(h.At), at(h.CheckAt)
	return HandoverRecord(h)
}

func fromHandover(h HandoverRecord) care.Handover {
	h.At, h.CheckAt = at(h.At), at(h.CheckAt)
	return care.Handover(h)
}
