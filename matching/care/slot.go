package care

import (
	"slices"
	"time"
)

// Slot is one occurrence of a request. Where Duration is shorter than Start to End the window is
// flexible and the helper and the resident plan the hour inside it.
type Slot struct {
	ID          SlotID
	Date        string // the date that the series gave it; empty for a slot asked for by itself
	Start       time.Time
	End         time.Time
	Duration    time.Duration // zero means the whole window
	Seats       int
	CancelledAt time.Time
	MissedAt    time.Time
	Rested      bool // cancelled by a rest alone: it comes back with the person
}

// Cancelled reports whether the slot was skipped or withdrawn.
func (s Slot) Cancelled() bool { return !s.CancelledAt.IsZero() }

// Takes is how long a visit in this slot lasts.
func (s Slot) Takes() time.Duration {
	if s.Duration > 0 {
		return s.Duration
	}
	return s.End.Sub(s.Start)
}

// LatestStart is the last moment at which a visit can begin and still fit in.
func (s Slot) LatestStart() time.Time { return s.End.Add(-s.Takes()) }

// Admits refuses an hour for a visit that has begun, is not as long as was asked for, or lies outside.
func (s Slot) Admits(at Interval, now time.Time) error {
	switch {
	case !at.From.After(now):
		return Amiss("at", "visit_past", "a visit lies in the future")
	case at.From.Before(s.Start) || at.Until.After(s.End) || at.Duration() != s.Takes():
		return Amiss("at", "visit_outside_slot", "the visit lies inside the time asked for and lasts as long")
	}
	return nil
}

// Earliest is the visit at the beginning of the window.
func (s Slot) Earliest() Interval { return Interval{From: s.Start, Until: s.Start.Add(s.Takes())} }

func validateSlots(slots []Slot, now time.Time) error {
	for i, s := range slots {
		if err := s.validate(now); err != nil {
			return member("slots", i, err)
		}
	}
	return nil
}

func (s Slot) validate(now time.Time) error {
	switch {
	case !s.Start.Before(s.End):
		return Amiss("end", "slot_ends_before_it_begins", "a time ends after it begins")
	case s.End.Sub(s.Start) > 7*24*time.Hour:
		return Amiss("end", "slot_too_long", "one time is at most a week; several days are several times")
	case s.Duration < 0 || s.Start.Add(s.Duration).After(s.End):
		return Amiss("durationMinutes", "slot_duration_invalid", "the visit fits inside its window")
	case s.Takes() < 5*time.Minute || s.Takes() > 24*time.Hour:
		return Amiss("durationMinutes", "slot_duration_invalid", "a visit takes from 5 minutes to a day")
	case s.Seats < 1 || s.Seats > 20:
		return Amiss("seats", "seats_invalid", "a time has 1 to 20 seats")
	case !s.End.After(now):
		return Amiss("start", "slot_past", "this time has passed; ask for one in the future")
	case s.Start.After(now.AddDate(1, 0, 0)):
		return Amiss("start", "slot_too_far", "a time lies at most a year ahead")
	}
	return nil
}

// Slot finds a slot by id.
func (r Request) Slot(id SlotID) (Slot, error) {
	if i := r.slotIndex(id); i >= 0 {
		return r.Slots[i], nil
	}
	return Slot{}, E(NotFound, "slot_not_found", "the request has no such time")
}

func (r Request) slotIndex(id SlotID) int {
	return slices.IndexFunc(r.Slots, func(s Slot) bool { return s.ID == id })
}

// seatsTaken counts the visits that hold a seat of the slot.
func (r Request) seatsTaken(id SlotID) int {
	n := 0
	for _, v := range r.Visits {
		if v.Slot == id && v.holdsSeat() {
			n++
		}
	}
	return n
}

func (r Request) freeSeats(s Slot) int {
	if s.Cancelled() {
		return 0
	}
	return s.Seats - r.seatsTaken(s.ID)
}

// FreeSeats tells how many helpers a slot still needs; 0 where no visit fits in any more, and for a
// slot that was cancelled or belongs to a request that is not live.
func (r Request) FreeSeats(id SlotID, now time.Time) int {
	i := r.slotIndex(id)
	if i < 0 || r.Phase != Live || !r.Slots[i].LatestStart().After(now) {
		return 0
	}
	return r.freeSeats(r.Slots[i])
}

// AddSlots asks for further times: another day after one was missed, or one more seat's worth.
func (r Request) AddSlots(slots []Slot, by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Requester, Owner):
		return r, nil, notYours()
	case r.Phase != Live:
		return r, nil, E(Conflict, "request_not_live", "the request is %s", r.State(now))
	case r.Series != nil:
		return r, nil, E(Conflict, "slot_in_series", "a series makes its own times; swap one instead")
	case len(slots) == 0 || len(r.Slots)+len(slots) > 40:
		return r, nil, Amiss("slots", "slots_too_many", "a request has 1 to 40 times")
	}
	if err := validateSlots(slots, now); err != nil {
		return r, nil, err
	}
	next := r.clone()
	var events []Event
	for _, s := range slots {
		if next.slotIndex(s.ID) >= 0 {
			return r, nil, E(Conflict, "slot_exists", "this time was asked for already")
		}
		next.Slots = append(next.Slots, s)
		e := next.event(SlotAdded, by, now)
		e.Slot = s.ID
		events = append(events, e)
	}
	events = append(events, next.fallOut(by, now)...)
	next.done(TodoMissed)
	next.done(TodoReturned)
	next.WaveAt, next.PromiseAt = now.Add(waveSoon), time.Time{}
	next.schedule(now)
	return next, events, nil
}

// Ahead reports whether a time of a live request is still to come: a visit fits in that did not yet
// begin, whoever holds its seats.
func (r Request) Ahead(id SlotID, now time.Time) bool {
	i := r.slotIndex(id)
	return i >= 0 && r.Phase == Live && !r.Slots[i].Cancelled() && r.Slots[i].LatestStart().After(now)
}
