package demo

import (
	"fmt"
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// World is everything that the demo's store begins with. The same seed and moment give the same
// world in every process, ids included.
type World struct {
	Seed uint64
	At   time.Time // when it begins; everything in it happened before

	Communities   []care.Community
	Organizations []care.Organization
	Persons       []care.Person
	Memberships   []care.Membership
	Helpers       []care.Helper
	Offers        []care.Offer
	Requests      []care.Request
	// Phones are the devices on which the invented people are signed in; the cast has none.
	Phones []app.Session
	Cast   []Part

	addresses map[string]int // how often a mail name was given out
}

// NewWorld makes the world of a seed that begins at a moment, with about so many residents besides
// the staff. The moment counts to the millisecond, as stores keep it.
func NewWorld(seed uint64, at time.Time, residents int) (*World, error) {
	w := &World{Seed: seed, At: at.UTC().Truncate(time.Millisecond), addresses: map[string]int{}}
	all := villages(w, residents)
	w.settle(all)
	w.employ(all)
	for _, v := range all {
		for n := range v.invented {
			w.addResident(v, n)
		}
	}
	if err := w.addCast(all); err != nil {
		return nil, fmt.Errorf("cast: %w", err)
	}
	return w, nil
}

// join adds a membership that began some time ago.
func (w *World) join(m care.Membership, days int) {
	m.ID = id[care.MembershipID](w, "membership", string(m.Person), string(m.Community), string(m.Organization), string(m.Role))
	m.StartedAt = w.ago(days)
	w.Memberships = append(w.Memberships, m)
}
