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
	MovedHome  PlaceRecord      `json:"movedHome,omitzero" bson:"movedHome,omitempty"`
}

// RestRecord is a stored care.Rest.
type RestRecord struct {
	From  time.Time `json:"from,omitzero" bson:"from,omitempty"`
	Until time.Time `json:"until,omitzero" bson:"until,omitempty"`
}

func toLife(l care.Life) LifeRecord {
	return LifeRecord{State: l.State, From: at(l.From), Until: at(l.Until), By: l.By, At: at(l.At), ProposedBy: l.ProposedBy, ProposedAt: at(l.ProposedAt),
		MovedFrom: l.MovedFrom, MovedTo: l.MovedTo, MovedHome: toPlace(l.MovedHome)}
}

func fromLife(l LifeRecord) care.Life {
	return care.Life{State: l.State, From: at(l.From), Until: at(l.Until), By: l.By, At: at(l.At), ProposedBy: l.ProposedBy, ProposedAt: at(l.ProposedAt),
		MovedFrom: l.MovedFrom, MovedTo: l.MovedTo, MovedHome: fromPlace(l.MovedHome)}
}

func toRest(r care.Rest) RestRecord   { return RestRecord{From: at(r.From), Until: at(r.Until)} }
func fromRest(r RestRecord) care.Rest { return care.Rest{From: at(r.From), Until: at(r.Until)} }
