package care

import (
	"slices"
	"time"
)

// Community is a village together with its association.
type Community struct {
	ID          CommunityID
	Name        string
	Town        string // the place it is named after
	Point       Point  // centre of the village, public
	Zone        string // IANA time zone of its clocks
	Association OrganizationID
	Guarantor   OrganizationID // the organisation on duty that must answer
	Neighbours  []CommunityID  // nearest first
	Leaving     []MembershipID // of administrators who give their role up; see GiveUp
	Weights     Weights        // how much each pillar of a match counts here; none of them means the usual ones
	CreatedAt   time.Time
}

// OrganizationKind says what an organisation is for.
type OrganizationKind string

// The kinds of organisation.
const (
	Association  OrganizationKind = "association"
	Professional OrganizationKind = "professional" // GP, district nurse, Wmo
	FormalCare   OrganizationKind = "formal_care"
)

// Organization is a body with members: a village association, a practice, a care provider.
type Organization struct {
	ID        OrganizationID
	Kind      OrganizationKind
	Name      string
	Leaving   []MembershipID // of administrators who give their role up; see GiveUp
	CreatedAt time.Time
}

// Role is what a membership lets somebody do. Rights are read from memberships at each call.
type Role string

// The roles. A role in a community acts there and nowhere else.
const (
	Resident         Role = "resident"
	Volunteer        Role = "volunteer"
	Moderator        Role = "moderator"
	DeskWorker       Role = "desk_worker"
	FixedWorker      Role = "fixed_worker"
	GuarantorRole    Role = "guarantor"
	ProfessionalRole Role = "professional"
	Administrator    Role = "administrator"
)

// Known reports whether the role is one of ours.
func (r Role) Known() bool {
	switch r {
	case Resident, Volunteer, Moderator, DeskWorker, FixedWorker, GuarantorRole, ProfessionalRole, Administrator:
		return true
	}
	return false
}

// Membership binds a person to a community or an organisation in one role. A deputy acts where the
// first holder is away.
type Membership struct {
	ID           MembershipID
	Person       PersonID
	Community    CommunityID    // where the role acts; empty for a role in an organisation alone
	Organization OrganizationID // the body it is held in, where there is one
	Role         Role
	Deputy       bool
	AwayFrom     time.Time // leave: the deputy acts
	AwayUntil    time.Time
	StartedAt    time.Time
	EndedAt      time.Time
}

// Active reports whether the membership gives rights at this moment.
func (m Membership) Active(now time.Time) bool {
	return !now.Before(m.StartedAt) && (m.EndedAt.IsZero() || now.Before(m.EndedAt))
}

// Present reports whether its holder can act today: active and not on leave.
func (m Membership) Present(now time.Time) bool {
	away := !m.AwayFrom.IsZero() && !now.Before(m.AwayFrom) && now.Before(m.AwayUntil)
	return m.Active(now) && !away
}

// Start begins a membership.
func (m Membership) Start(by PersonID, now time.Time) (Membership, []Event, error) {
	switch {
	case !m.Role.Known():
		return m, nil, Amiss("role", "role_unknown", "there is no such role")
	case m.Community == "" && m.Organization == "":
		return m, nil, E(Invalid, "membership_nowhere", "a membership is of a community or an organisation")
	}
	m.StartedAt = now
	return m, []Event{m.event(MembershipStarted, by, now)}, nil
}

// End ends a membership; its rights are gone at the next call.
func (m Membership) End(by PersonID, now time.Time) (Membership, []Event, error) {
	if !m.EndedAt.IsZero() {
		return m, nil, E(Conflict, "membership_ended", "the membership has ended already")
	}
	m.EndedAt = now
	return m, []Event{m.event(MembershipEnded, by, now)}, nil
}

// GiveUp lets one of a place's administrators go unless nobody would be left: there must be another one
// who is active and not leaving either. A place never gets staff again without one. leaving is what the
// place says, active whose role stood after that was read. The answer is what the place is to say, by
// compare-and-set, before the role ends: of two who give theirs up at once the second is refused. Who has
// given it up is not counted again, though their role may last some moments more.
func GiveUp(leaving []MembershipID, goes MembershipID, active []MembershipID) ([]MembershipID, error) {
	var next []MembershipID
	for _, m := range leaving {
		if m != goes && slices.Contains(active, m) {
			next = append(next, m)
		}
	}
	next = append(next, goes)
	if len(without(active, next)) == 0 {
		return nil, E(Conflict, "last_administrator", "give somebody else this role first")
	}
	return next, nil
}

// SetLeave says from when until when the holder is away; two zero times end the leave. Who acts
// meanwhile is resolved at each read, so nothing has to be told.
func (m Membership) SetLeave(from, until time.Time) (Membership, []Event, error) {
	switch {
	case !m.EndedAt.IsZero():
		return m, nil, E(Conflict, "membership_ended", "the membership has ended already")
	case from.IsZero() != until.IsZero(), !from.IsZero() && !from.Before(until):
		return m, nil, Amiss("until", "leave_invalid", "a leave ends after it begins")
	}
	m.AwayFrom, m.AwayUntil = from, until
	return m, nil, nil
}

func (m Membership) event(t EventType, by PersonID, now time.Time) Event {
	return Event{Type: t, At: now, By: by, Membership: m.ID, Person: m.Person,
		Community: m.Community, Organization: m.Organization, Code: string(m.Role)}
}

// ChairKind is the office that a request belongs to.
type ChairKind string

// The chairs, in the order in which a request climbs.
const (
	ChairWorker    ChairKind = "fixed_worker"
	ChairDesk      ChairKind = "desk"
	ChairGuarantor ChairKind = "guarantor"
)

// Chair is an office, not a person: who sits in it is resolved at each read, so that leave or an
// ended membership never leaves a request without somebody who can act.
type Chair struct {
	Kind      ChairKind
	Community CommunityID
}
