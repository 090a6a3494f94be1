package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// CommunityRecord is a stored care.Community.
type CommunityRecord struct {
	ID          care.CommunityID    `json:"id" bson:"id"`
	Name        string              `json:"name,omitempty" bson:"name,omitempty"`
	Town        string              `json:"town,omitempty" bson:"town,omitempty"`
	Point       PointRecord         `json:"point,omitzero" bson:"point,omitempty"`
	Zone        string              `json:"zone,omitempty" bson:"zone,omitempty"`
	Association care.OrganizationID `json:"association,omitempty" bson:"association,omitempty"`
	Guarantor   care.OrganizationID `json:"guarantor,omitempty" bson:"guarantor,omitempty"`
	Neighbours  []care.CommunityID  `json:"neighbours,omitempty" bson:"neighbours,omitempty"`
	Leaving     []care.MembershipID `json:"leaving,omitempty" bson:"leaving,omitempty"`
	Weights     WeightsRecord       `json:"weights,omitzero" bson:"weights,omitempty"`
	CreatedAt   time.Time           `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
}

// WeightsRecord is a stored care.Weights.
type WeightsRecord struct {
	Nearness    int `json:"nearness,omitempty" bson:"nearness,omitempty"`
	Time        int `json:"time,omitempty" bson:"time,omitempty"`
	Familiarity int `json:"familiarity,omitempty" bson:"familiarity,omitempty"`
	Fairness    int `json:"fairness,omitempty" bson:"fairness,omitempty"`
	Reciprocity int `json:"reciprocity,omitempty" bson:"reciprocity,omitempty"`
}

// OrganizationRecord is a stored care.Organization.
type OrganizationRecord struct {
	ID        care.OrganizationID   `json:"id" bson:"id"`
	Kind      care.OrganizationKind `json:"kind,omitempty" bson:"kind,omitempty"`
	Name      string                `json:"name,omitempty" bson:"name,omitempty"`
	Leaving   []care.MembershipID   `json:"leaving,omitempty" bson:"leaving,omitempty"`
	CreatedAt time.Time             `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
}

// MembershipRecord is a stored care.Membership.
type MembershipRecord struct {
	ID           care.MembershipID   `json:"id" bson:"id"`
	Person       care.PersonID       `json:"person,omitempty" bson:"person,omitempty"`
	Community    care.CommunityID    `json:"community,omitempty" bson:"community,omitempty"`
	Organization care.OrganizationID `json:"organization,omitempty" bson:"organization,omitempty"`
	Role         care.Role           `json:"role,omitempty" bson:"role,omitempty"`
	Deputy       bool                `json:"deputy,omitempty" bson:"deputy,omitempty"`
	AwayFrom     time.Time           `json:"awayFrom,omitzero" bson:"awayFrom,omitempty"`
	AwayUntil    time.Time           `json:"awayUntil,omitzero" bson:"awayUntil,omitempty"`
	StartedAt    time.Time           `json:"startedAt,omitzero" bson:"startedAt,omitempty"`
	EndedAt      time.Time           `json:"endedAt,omitzero" bson:"endedAt,omitempty"`
}

// Communities translates communities; the village's public centre is what they are searched by.
func Communities() Codec[care.Community, CommunityRecord] {
	return Codec[care.Community, CommunityRecord]{
		Kind: "communities", Noun: "community", Events: true,
		To: func(c care.Community) CommunityRecord {
			return CommunityRecord{ID: c.ID, Name: c.Name, Town: c.Town, Point: PointRecord(c.Point), Zone: c.Zone,
				Association: c.Association, Guarantor: c.Guarantor, Neighbours: c.Neighbours, Leaving: c.Leaving, Weights: WeightsRecord(c.Weights), CreatedAt: at(c.CreatedAt)}
		},
		From: func(c CommunityRecord) care.Community {
			return care.Community{ID: c.ID, Name: c.Name, Town: c.Town, Point: care.Point(c.Point), Zone: c.Zone,
				Association: c.Association, Guarantor: c.Guarantor, Neighbours: c.Neighbours, Leaving: c.Leaving, Weights: care.Weights(c.Weights), CreatedAt: at(c.CreatedAt)}
		},
		Facts: func(c care.Community) Facts { return Facts{Point: &c.Point} },
	}
}

// Organizations translates organisations.
func Organizations() Codec[care.Organization, OrganizationRecord] {
	return Codec[care.Organization, OrganizationRecord]{
		Kind: "organizations", Noun: "organization", Facts: noFacts[care.Organization],
		To: func(o care.Organization) OrganizationRecord {
			o.CreatedAt = at(o.CreatedAt)
			return OrganizationRecord(o)
		},
		From: func(o OrganizationRecord) care.Organization {
			o.CreatedAt = at(o.CreatedAt)
			return care.Organization(o)
		},
	}
}

// Memberships translates memberships. Ended ones keep their keys: who had which role when is asked
// for years.
func Memberships() Codec[care.Membership, MembershipRecord] {
	return Codec[care.Membership, MembershipRecord]{
		Kind: "memberships", Noun: "membership", Events: true,
		To: func(m care.Membership) MembershipRecord {
			m.AwayFrom, m.AwayUntil = at(m.AwayFrom), at(m.AwayUntil)
			m.StartedAt, m.EndedAt = at(m.StartedAt), at(m.EndedAt)
			return MembershipRecord(m)
		},
		From: func(m MembershipRecord) care.Membership {
			m.AwayFrom, m.AwayUntil = at(m.AwayFrom), at(m.AwayUntil)
			m.StartedAt, m.EndedAt = at(m.StartedAt), at(m.EndedAt)
			return care.Membership(m)
		},
		Facts: func(m care.Membership) Facts {
			var k keys
			k.add(app.ByPerson, string(m.Person))
			k.add(app.ByCommunity, string(m.Community))
			if m.Role != care.Resident && m.Role != care.Volunteer {
				k.add(app.ByOffice, string(m.Community))
			}
			k.add(app.ByOrganization, string(m.Organization))
			return Facts{Keys: k}
		},
	}
}
