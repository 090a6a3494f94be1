package record

import (
	"time"

	"naober/matching/care"
)

// LifeRecord is a stored care.Life. Where somebody is tells of their health: it is as personal as a name.
type LifeRecord struct {
	State      care.LifeState   `json:"state,omitempty" bson:"state,omitempty"`
	From       time.Time        `json:"from,omitzero" bson:"from,omitempty"`
	Until      time.Time        `json:"until,omitzero" bson:"until,omitempty"`
	By         care.PersonID    `json:"by,omitempty" bson:"by,omitempty"`
	At         time.Time        `json:"at,omitzero" bson:"at,omitempty"`
	ProposedBy care.PersonID    `json:"proposedBy,omitempty" bson:"proposedBy,omitempty"`
	ProposedAt time.Time        `json:"proposedAt,omitzero" bson:"proposedAt,omitempty"`
	MovedFrom  care.CommunityID `json:"movedFrom,omitempty" bson:"movedFrom,omitempty"`
	MovedTo    care.CommunityID `json:"movedTo,omitempty" bson:"movedTo,omitempty"`
}

// RestRecord is a stored care.Rest.
type RestRecord struct {
	From  time.Time `json:"from,omitzero" bson:"from,omitempty"`
	Until time.Time `json:"until,omitzero" bson:"until,omitempty"`
}

func toLife(l care.Life) LifeRecord {
	l.From, l.Until, l.At, l.ProposedAt = at(l.From), at(l.Until), at(l.At), at(l.ProposedAt)
	return LifeRecord(l)
}

func fromLife(l LifeRecord) care.Life {
	l.From, l.Until, l.At, l.ProposedAt = at(l.From), at(l.Until), at(l.At), at(l.ProposedAt)
	return care.Life(l)
}

func toRest(r care.Rest) RestRecord   { return RestRecord{From: at(r.From), Until: at(r.Until)} }
func fromRest(r RestRecord) care.Rest { return care.Rest{From: at(r.From), Until: at(r.Until)} }
