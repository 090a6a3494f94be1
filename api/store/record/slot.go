package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// SlotRecord is a stored care.Slot.
type SlotRecord struct {
	ID          care.SlotID `json:"id" bson:"id"`
	Date        string      `json:"date,omitempty" bson:"date,omitempty"`
	Start       time.Time   `json:"start,omitzero" bson:"start,omitempty"`
	End         time.Time   `json:"end,omitzero" bson:"end,omitempty"`
	DurationMs  int64       `json:"durationMs,omitempty" bson:"durationMs,omitempty"`
	Seats       int         `json:"seats,omitempty" bson:"seats,omitempty"`
	CancelledAt time.Time   `json:"cancelledAt,omitzero" bson:"cancelledAt,omitempty"`
	MissedAt    time.Time   `json:"missedAt,omitzero" bson:"missedAt,omitempty"`
	Rested      bool        `json:"rested,omitempty" bson:"rested,omitempty"`
}

// AskRecord is a stored care.Ask.
type AskRecord struct {
	ID         care.AskID    `json:"id" bson:"id"`
	Slot       care.SlotID   `json:"slot,omitempty" bson:"slot,omitempty"`
	Helper     care.PersonID `json:"helper,omitempty" bson:"helper,omitempty"`
	Offer      care.OfferID  `json:"offer,omitempty" bson:"offer,omitempty"`
	Wave       int           `json:"wave,omitempty" bson:"wave,omitempty"`
	State      care.AskState `json:"state,omitempty" bson:"state,omitempty"`
	Reason     string        `json:"reason,omitempty" bson:"reason,omitempty" seal:"yes"`
	AskedAt    time.Time     `json:"askedAt,omitzero" bson:"askedAt,omitempty"`
	AskFrom    time.Time     `json:"askFrom,omitzero" bson:"askFrom,omitempty"`
	LapsesAt   time.Time     `json:"lapsesAt,omitzero" bson:"lapsesAt,omitempty"`
	RemindAt   time.Time     `json:"remindAt,omitzero" bson:"remindAt,omitempty"`
	AnsweredAt time.Time     `json:"answeredAt,omitzero" bson:"answeredAt,omitempty"`
	Nonce      care.Nonce    `json:"nonce,omitempty" bson:"nonce,omitempty"`
	Joins      care.VisitID  `json:"joins,omitempty" bson:"joins,omitempty"`
	DetourMs   int64         `json:"detourMs,omitempty" bson:"detourMs,omitempty"`
}

// VisitRecord is a stored care.Visit.
type VisitRecord struct {
	ID           care.VisitID    `json:"id" bson:"id"`
	Ask          care.AskID      `json:"ask,omitempty" bson:"ask,omitempty"`
	Slot         care.SlotID     `json:"slot,omitempty" bson:"slot,omitempty"`
	Helper       care.PersonID   `json:"helper,omitempty" bson:"helper,omitempty"`
	State        care.VisitState `json:"state,omitempty" bson:"state,omitempty"`
	At           IntervalRecord  `json:"at,omitzero" bson:"at,omitempty"`
	Nonce        care.Nonce      `json:"nonce,omitempty" bson:"nonce,omitempty"`
	PersonalYes  bool            `json:"personalYes,omitempty" bson:"personalYes,omitempty"`
	AgreedAt     time.Time       `json:"agreedAt,omitzero" bson:"agreedAt,omitempty"`
	PlannedAt    time.Time       `json:"plannedAt,omitzero" bson:"plannedAt,omitempty"`
	StartedAt    time.Time       `json:"startedAt,omitzero" bson:"startedAt,omitempty"`
	DoneAt       time.Time       `json:"doneAt,omitzero" bson:"doneAt,omitempty"`
	EndedAt      time.Time       `json:"endedAt,omitzero" bson:"endedAt,omitempty"`
	EndedBy      care.Party      `json:"endedBy,omitempty" bson:"endedBy,omitempty"`
	Reason       string          `json:"reason,omitempty" bson:"reason,omitempty" seal:"yes"`
	AskedStart   time.Time       `json:"askedStart,omitzero" bson:"askedStart,omitempty"`
	AskedHow     time.Time       `json:"askedHow,omitzero" bson:"askedHow,omitempty"`
	SaidResident time.Time       `json:"saidResident,omitzero" bson:"saidResident,omitempty"`
	SaidHelper   time.Time       `json:"saidHelper,omitzero" bson:"saidHelper,omitempty"`
}

// VoidRecord is a stored care.Void.
type VoidRecord struct {
	Nonce care.Nonce `json:"nonce" bson:"nonce"`
	At    time.Time  `json:"at,omitzero" bson:"at,omitempty"`
}

// HistoryRecord is a stored care.History.
type HistoryRecord struct {
	Request care.RequestID `json:"request" bson:"request"`
	For     care.PersonID  `json:"for,omitempty" bson:"for,omitempty"`
	Slots   []SlotRecord   `json:"slots,omitempty" bson:"slots,omitempty"`
	Asks    []AskRecord    `json:"asks,omitempty" bson:"asks,omitempty"`
	Visits  []VisitRecord  `json:"visits,omitempty" bson:"visits,omitempty"`
}

// Histories translates what was split off requests.
func Histories() Codec[care.History, HistoryRecord] {
	return Codec[care.History, HistoryRecord]{
		Kind: "histories", Noun: "history",
		Owner: func(h HistoryRecord) care.PersonID { return h.For },
		To: func(h care.History) HistoryRecord {
			return HistoryRecord{Request: h.Request, For: h.For, Slots: each(h.Slots, toSlot), Asks: each(h.Asks, toAsk), Visits: each(h.Visits, toVisit)}
		},
		From: func(h HistoryRecord) care.History {
			return care.History{Request: h.Request, For: h.For, Slots: each(h.Slots, fromSlot), Asks: each(h.Asks, fromAsk), Visits: each(h.Visits, fromVisit)}
		},
		Facts: func(h care.History) Facts {
			var k keys
			k.add(app.ByRequest, string(h.Request))
			k.add(app.ByFor, string(h.For))
			for _, ask := range h.Asks {
				k.add(app.ByHelper, string(ask.Helper))
			}
			for _, v := range h.Visits {
				k.add(app.ByHelper, string(v.Helper))
			}
			return Facts{Keys: k}
		},
	}
}

func toSlot(s care.Slot) SlotRecord {
	return SlotRecord{ID: s.ID, Date: s.Date, Start: at(s.Start), End: at(s.End), DurationMs: toMs(s.Duration), Seats: s.Seats,
		CancelledAt: at(s.CancelledAt), MissedAt: at(s.MissedAt), Rested: s.Rested}
}

func fromSlot(s SlotRecord) care.Slot {
	return care.Slot{ID: s.ID, Date: s.Date, Start: at(s.Start), End: at(s.End), Duration: fromMs(s.DurationMs), Seats: s.Seats,
		CancelledAt: at(s.CancelledAt), MissedAt: at(s.MissedAt), Rested: s.Rested}
}

func toAsk(a care.Ask) AskRecord {
	return AskRecord{ID: a.ID, Slot: a.Slot, Helper: a.Helper, Offer: a.Offer, Wave: a.Wave, State: a.State, Reason: a.Reason,
		AskedAt: at(a.AskedAt), AskFrom: at(a.AskFrom), LapsesAt: at(a.LapsesAt), RemindAt: at(a.RemindAt), AnsweredAt: at(a.AnsweredAt),
		Nonce: a.Nonce, Joins: a.Joins, DetourMs: toMs(a.Detour)}
}

func fromAsk(a AskRecord) care.Ask {
	return care.Ask{ID: a.ID, Slot: a.Slot, Helper: a.Helper, Offer: a.Offer, Wave: a.Wave, State: a.State, Reason: a.Reason,
		AskedAt: at(a.AskedAt), AskFrom: at(a.AskFrom), LapsesAt: at(a.LapsesAt), RemindAt: at(a.RemindAt), AnsweredAt: at(a.AnsweredAt),
		Nonce: a.Nonce, Joins: a.Joins, Detour: fromMs(a.DetourMs)}
}

func toVisit(v care.Visit) VisitRecord {
	return VisitRecord{ID: v.ID, Ask: v.Ask, Slot: v.Slot, Helper: v.Helper, State: v.State, At: toInterval(v.At), Nonce: v.Nonce,
		PersonalYes: v.PersonalYes, AgreedAt: at(v.AgreedAt), PlannedAt: at(v.PlannedAt), StartedAt: at(v.StartedAt),
		DoneAt: at(v.DoneAt), EndedAt: at(v.EndedAt), EndedBy: v.EndedBy, Reason: v.Reason, AskedStart: at(v.AskedStart),
		AskedHow: at(v.AskedHow), SaidResident: at(v.SaidResident), SaidHelper: at(v.SaidHelper)}
}

func fromVisit(v VisitRecord) care.Visit {
	return care.Visit{ID: v.ID, Ask: v.Ask, Slot: v.Slot, Helper: v.Helper, State: v.State, At: fromInterval(v.At), Nonce: v.Nonce,
		PersonalYes: v.PersonalYes, AgreedAt: at(v.AgreedAt), PlannedAt: at(v.PlannedAt), StartedAt: at(v.StartedAt),
		DoneAt: at(v.DoneAt), EndedAt: at(v.EndedAt), EndedBy: v.EndedBy, Reason: v.Reason, AskedStart: at(v.AskedStart),
		AskedHow: at(v.AskedHow), SaidResident: at(v.SaidResident), SaidHelper: at(v.SaidHelper)}
}

func toVoid(v care.Void) VoidRecord   { return VoidRecord{Nonce: v.Nonce, At: at(v.At)} }
func fromVoid(v VoidRecord) care.Void { return care.Void{Nonce: v.Nonce, At: at(v.At)} }
