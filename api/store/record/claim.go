package record

import (
	"time"

	"naober/matching/care"
)

// IntervalRecord is a stored care.Interval.
type IntervalRecord struct {
	From  time.Time `json:"from,omitzero" bson:"from,omitempty"`
	Until time.Time `json:"until,omitzero" bson:"until,omitempty"`
}

// QuietRecord is a stored care.Quiet.
type QuietRecord struct {
	Zone         string           `json:"zone,omitempty" bson:"zone,omitempty"`
	Night        NightRecord      `json:"night,omitzero" bson:"night,omitempty"`
	RestDays     []time.Weekday   `json:"restDays,omitempty" bson:"restDays,omitempty"`
	MonthlyLimit int              `json:"monthlyLimit,omitempty" bson:"monthlyLimit,omitempty"`
	MinGapMs     int64            `json:"minGapMs,omitempty" bson:"minGapMs,omitempty"`
	Paused       []IntervalRecord `json:"paused,omitempty" bson:"paused,omitempty"`
}

// NightRecord is a stored care.Night, in minutes since midnight.
type NightRecord struct {
	Start care.Clock `json:"start,omitempty" bson:"start,omitempty"`
	End   care.Clock `json:"end,omitempty" bson:"end,omitempty"`
}

// ClaimRecord is a stored care.Claim.
type ClaimRecord struct {
	Nonce     care.Nonce       `json:"nonce,omitempty" bson:"nonce,omitempty"`
	Purpose   care.Purpose     `json:"purpose,omitempty" bson:"purpose,omitempty"`
	Community care.CommunityID `json:"community,omitempty" bson:"community,omitempty"`
	Request   care.RequestID   `json:"request,omitempty" bson:"request,omitempty"`
	Resident  care.PersonID    `json:"resident,omitempty" bson:"resident,omitempty"`
	Slot      care.SlotID      `json:"slot,omitempty" bson:"slot,omitempty"`
	Ask       care.AskID       `json:"ask,omitempty" bson:"ask,omitempty"`
	Visit     care.VisitID     `json:"visit,omitempty" bson:"visit,omitempty"`
	At        IntervalRecord   `json:"at,omitzero" bson:"at,omitempty"`
	Hour      IntervalRecord   `json:"hour,omitzero" bson:"hour,omitempty"`
	Offer     care.OfferID     `json:"offer,omitempty" bson:"offer,omitempty"`
	Seats     int              `json:"seats,omitempty" bson:"seats,omitempty"`
	OfferHas  int              `json:"offerHas,omitempty" bson:"offerHas,omitempty"`
	Joins     []JoinedRecord   `json:"joins,omitempty" bson:"joins,omitempty"`
	Alone     IntervalRecord   `json:"alone,omitzero" bson:"alone,omitempty"`
	Moment    time.Time        `json:"moment,omitzero" bson:"moment,omitempty"`
	Lapses    time.Time        `json:"lapses,omitzero" bson:"lapses,omitempty"`
	Urgency   care.Urgency     `json:"urgency,omitempty" bson:"urgency,omitempty"`
	Since     time.Time        `json:"since,omitzero" bson:"since,omitempty"`
}

// JoinedRecord is a stored care.Joined.
type JoinedRecord struct {
	Visit care.VisitID   `json:"visit,omitempty" bson:"visit,omitempty"`
	At    IntervalRecord `json:"at,omitzero" bson:"at,omitempty"`
}

// AgreedRecord is a stored care.Agreed.
type AgreedRecord struct {
	Nonce     care.Nonce       `json:"nonce,omitempty" bson:"nonce,omitempty"`
	Community care.CommunityID `json:"community,omitempty" bson:"community,omitempty"`
	Request   care.RequestID   `json:"request,omitempty" bson:"request,omitempty"`
	Resident  care.PersonID    `json:"resident,omitempty" bson:"resident,omitempty"`
	Slot      care.SlotID      `json:"slot,omitempty" bson:"slot,omitempty"`
	Visit     care.VisitID     `json:"visit,omitempty" bson:"visit,omitempty"`
	At        IntervalRecord   `json:"at,omitzero" bson:"at,omitempty"`
	Offer     care.OfferID     `json:"offer,omitempty" bson:"offer,omitempty"`
	Seats     int              `json:"seats,omitempty" bson:"seats,omitempty"`
	Joins     []care.VisitID   `json:"joins,omitempty" bson:"joins,omitempty"`
	Alone     IntervalRecord   `json:"alone,omitzero" bson:"alone,omitempty"`
}

func toInterval(i care.Interval) IntervalRecord {
	return IntervalRecord{From: at(i.From), Until: at(i.Until)}
}

func fromInterval(i IntervalRecord) care.Interval {
	return care.Interval{From: at(i.From), Until: at(i.Until)}
}

func toQuiet(q care.Quiet) QuietRecord {
	return QuietRecord{Zone: q.Zone, Night: NightRecord(q.Night), RestDays: q.RestDays, MonthlyLimit: q.MonthlyLimit,
		MinGapMs: toMs(q.MinGap), Paused: each(q.Paused, toInterval)}
}

func fromQuiet(q QuietRecord) care.Quiet {
	return care.Quiet{Zone: q.Zone, Night: care.Night(q.Night), RestDays: q.RestDays, MonthlyLimit: q.MonthlyLimit,
		MinGap: fromMs(q.MinGapMs), Paused: each(q.Paused, fromInterval)}
}

func toClaim(c care.Claim) ClaimRecord {
	return ClaimRecord{Nonce: c.Nonce, Purpose: c.Purpose, Community: c.Community, Request: c.Request, Resident: c.Resident,
		Slot: c.Slot, Ask: c.Ask, Visit: c.Visit, At: toInterval(c.At), Hour: toInterval(c.Hour), Offer: c.Offer, Seats: c.Seats, OfferHas: c.OfferHas,
		Joins: each(c.Joins, toJoined), Alone: toInterval(c.Alone), Moment: at(c.Moment), Lapses: at(c.Lapses), Urgency: c.Urgency, Since: at(c.Since)}
}

func fromClaim(c ClaimRecord) care.Claim {
	return care.Claim{Nonce: c.Nonce, Purpose: c.Purpose, Community: c.Community, Request: c.Request, Resident: c.Resident,
		Slot: c.Slot, Ask: c.Ask, Visit: c.Visit, At: fromInterval(c.At), Hour: fromInterval(c.Hour), Offer: c.Offer, Seats: c.Seats, OfferHas: c.OfferHas,
		Joins: each(c.Joins, fromJoined), Alone: fromInterval(c.Alone), Moment: at(c.Moment), Lapses: at(c.Lapses), Urgency: c.Urgency, Since: at(c.Since)}
}

func toJoined(j care.Joined) JoinedRecord { return JoinedRecord{Visit: j.Visit, At: toInterval(j.At)} }

func fromJoined(j JoinedRecord) care.Joined {
	return care.Joined{Visit: j.Visit, At: fromInterval(j.At)}
}

func toAgreed(a care.Agreed) AgreedRecord {
	return AgreedRecord{Nonce: a.Nonce, Community: a.Community, Request: a.Request, Resident: a.Resident, Slot: a.Slot,
		Visit: a.Visit, At: toInterval(a.At), Offer: a.Offer, Seats: a.Seats, Joins: a.Joins, Alone: toInterval(a.Alone)}
}

func fromAgreed(a AgreedRecord) care.Agreed {
	return care.Agreed{Nonce: a.Nonce, Community: a.Community, Request: a.Request, Resident: a.Resident, Slot: a.Slot,
		Visit: a.Visit, At: fromInterval(a.At), Offer: a.Offer, Seats: a.Seats, Joins: a.Joins, Alone: fromInterval(a.Alone)}
}
