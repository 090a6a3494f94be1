package sight

import (
	"slices"
	"time"
)

// World is everything that decides who may see what, as plain facts.
type World struct {
	Now      time.Time
	Members  []Member
	Villages map[string]Village
	Requests map[string]Request
	Books    map[string]Book // by person
	Referred []Referred
	Erased   map[string]bool
}

// Member is one role of a person.
type Member struct {
	Person, Village, Organization, Role string
	Deputy, Away, Active                bool
}

// Village is where to look for who must answer.
type Village struct{ Association, Guarantor string }

// Book is what binds a helper: where they are paused, and with whom a block stands, either way.
type Book struct{ Paused, Apart map[string]bool }

// Referred is a request that formal care was asked to take on.
type Referred struct{ Request, Person, From, To, State string }

// Request is who has what part in one request.
type Request struct {
	ID, Village, For string
	Proxy            string // who asked on their behalf
	Consented        bool   // and whether the consent stands
	Chair            string // fixed_worker, desk or guarantor
	State            string
	Asks             []Part
	Visits           []Part
	Past             []Part          // of times that were moved out of it
	Ahead            map[string]bool // slots that are still to come
}

// Part is somebody's ask or visit.
type Part struct {
	ID, Slot, Helper, State string
	Until                   time.Time // of an ask: when it lapses
}

// in reports whether somebody holds one of the roles in a village now.
func (w World) in(person, village string, roles ...string) bool {
	for _, m := range w.Members {
		if m.Active && m.Person == person && m.Village == village && village != "" && among(m.Role, roles) {
			return true
		}
	}
	return false
}

// at reports whether somebody holds one of the roles in an organisation now.
func (w World) at(person, organization string, roles ...string) bool {
	for _, m := range w.Members {
		if m.Active && m.Person == person && m.Organization == organization && organization != "" && among(m.Role, roles) {
			return true
		}
	}
	return false
}

// anywhere reports whether somebody holds the role in some village but one.
func (w World) anywhere(person, but, role string) bool {
	for _, m := range w.Members {
		if m.Active && m.Person == person && m.Role == role && m.Village != but {
			return true
		}
	}
	return false
}

// sits reports whether somebody is who must answer for a chair today: the guarantor on duty where it
// is theirs, then fixed worker, desk and administrator of the village, then the administrators of its
// association; in each office who is there, else a deputy; and last any administrator of the village.
func (w World) sits(person, chair, village string) bool {
	return among(person, w.Sitting(chair, village))
}

// Sitting lists who must answer for a chair today, as sits says, by id.
func (w World) Sitting(chair, village string) []string {
	v := w.Villages[village]
	offices := [][]string{}
	if chair == "guarantor" {
		offices = append(offices, w.present(func(m Member) bool {
			return v.Guarantor != "" && m.Organization == v.Guarantor && m.Role == "guarantor"
		})...)
	}
	for _, role := range []string{"fixed_worker", "desk_worker", "administrator"} {
		if chair == "desk" && role == "fixed_worker" {
			continue
		}
		offices = append(offices, w.present(func(m Member) bool { return m.Village == village && m.Role == role })...)
	}
	offices = append(offices, w.present(func(m Member) bool {
		return v.Association != "" && m.Organization == v.Association && m.Role == "administrator"
	})...)
	var last []string
	for _, m := range w.Members {
		if m.Active && m.Village == village && m.Role == "administrator" {
			last = append(last, m.Person)
		}
	}
	for _, people := range append(offices, last) {
		if len(people) > 0 {
			slices.Sort(people)
			return slices.Compact(people)
		}
	}
	return nil
}

// present lists who of an office is there, then which of its deputies are.
func (w World) present(of func(Member) bool) [][]string {
	var first, deputies []string
	for _, m := range w.Members {
		switch {
		case !of(m) || !m.Active || m.Away:
		case m.Deputy:
			deputies = append(deputies, m.Person)
		default:
			first = append(first, m.Person)
		}
	}
	return [][]string{first, deputies}
}

func among(word string, words []string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}
