package care

import "time"

// horizon is how far ahead a series is laid out: six weeks, so that a request stays small.
const horizon = 6 * 7 * 24 * time.Hour

// SkipSlot drops one occurrence and keeps the rest: its asks are stood down, its visits cancelled.
func (r Request) SkipSlot(id SlotID, by Actor, reason string, now time.Time) (Request, []Event, error) {
	i, err := r.slotToCome(id, by, now)
	if err != nil {
		return r, nil, err
	}
	if !isCode(reason) {
		return r, nil, reasonInvalid()
	}
	return r.skip(i, by, reason, now)
}

// skip takes a slot out of the request, and its date out of the series.
func (r Request) skip(i int, by Actor, reason string, now time.Time) (Request, []Event, error) {
	next := r.clone()
	if next.Series != nil {
		s, err := next.Series.Skip(next.Slots[i].Date)
		if err != nil && CodeOf(err) != "occurrence_skipped" {
			return r, nil, err
		}
		next.Series = &s
	}
	events := next.cancelSlot(i, by, reason, now)
	events = append(events, next.settle(now)...)
	next.schedule(now)
	return next, events, nil
}

// SwapSlot moves one occurrence of a series to another local time; the series goes on. Whoever had
// said yes is released and told, for the promise was for another hour. Swapping to the hour that it
// has already changes nothing.
func (r Request) SwapSlot(id SlotID, to LocalTime, by Actor, now time.Time) (Request, []Event, error) {
	i, err := r.slotToCome(id, by, now)
	if err != nil {
		return r, nil, err
	}
	if r.Series == nil || r.Slots[i].Date == "" {
		return r, nil, E(Conflict, "slot_not_in_series", "only a time of a series can be swapped")
	}
	series, err := r.Series.Swap(r.Slots[i].Date, to)
	if err != nil {
		return r, nil, err
	}
	at, err := series.startOf(to)
	switch {
	case err != nil:
		return r, nil, err
	case !at.After(now):
		return r, nil, Amiss("to", "slot_past", "this time has passed; ask for one in the future")
	case at.Equal(r.Slots[i].Start):
		return r, nil, nil
	}
	next := r.clone()
	next.Series = &series
	events := next.cancelSlot(i, by, "swapped", now)
	added, err := next.layOut(now)
	if err != nil {
		return r, nil, err
	}
	next.WaveAt = now.Add(waveSoon)
	next.schedule(now)
	return next, append(events, added...), nil
}

// startOf is the instant of a reading of the clock in the zone of the series.
func (s Series) startOf(to LocalTime) (time.Time, error) {
	zone, err := LoadZone(s.Zone)
	if err != nil {
		return time.Time{}, err
	}
	return to.In(zone)
}

// slotToCome finds a slot that the requester's side may still drop or move as a whole: nobody has
// come for it, and its time lies ahead.
func (r Request) slotToCome(id SlotID, by Actor, now time.Time) (int, error) {
	i := r.slotIndex(id)
	switch {
	case !by.is(Requester, Owner):
		return i, notYours()
	case r.Phase != Live:
		return i, E(Conflict, "request_not_live", "the request is %s", r.State(now))
	case i < 0:
		return i, E(NotFound, "slot_not_found", "the request has no such time")
	case r.Slots[i].Cancelled():
		return i, E(Conflict, "slot_cancelled", "this time was cancelled already")
	case !r.Slots[i].Start.After(now) || r.begun(id):
		return i, E(Conflict, "slot_begun", "this time has begun already")
	}
	return i, nil
}

// begun reports whether a helper has come for the slot; one may come up to an hour early.
func (r Request) begun(id SlotID) bool {
	for _, v := range r.Visits {
		if v.Slot == id && (v.State == VisitBegun || v.State == VisitFinished) {
			return true
		}
	}
	return false
}

// cancelSlot changes the receiver in place; the caller holds a clone.
func (r *Request) cancelSlot(i int, by Actor, reason string, now time.Time) []Event {
	r.Slots[i].CancelledAt = now
	e := r.event(SlotSkipped, by, now)
	e.Slot, e.Code = r.Slots[i].ID, reason
	events := []Event{e}
	events = append(events, r.standDownSlot(r.Slots[i].ID, by, reason, now)...)
	for j := range r.Visits {
		if r.Visits[j].Slot == r.Slots[i].ID && r.Visits[j].Upcoming() {
			events = append(events, r.endVisit(j, VisitCalledOff, VisitCancelled, by, reason, now))
		}
	}
	return events
}

// layOut adds the slots that the series gives up to the horizon, in place; the caller holds a clone.
// A slot is named after the request, the date and the hour, so a date is laid out once, and one that
// was swapped away and back again gets its first slot back.
func (r *Request) layOut(now time.Time) ([]Event, error) {
	until := now.Add(horizon)
	found, err := r.Series.Occurrences(now, until)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, o := range found {
		id := DeriveID[SlotID](o.At.From, string(r.ID), o.Date, o.At.From.Format(time.RFC3339))
		i := r.slotIndex(id)
		switch {
		case !o.At.From.After(now), r.Rest.covers(o.At):
			continue
		case i < 0:
			r.Slots = append(r.Slots, Slot{ID: id, Date: o.Date, Start: o.At.From, End: o.At.Until, Seats: 1})
		case r.Slots[i].Cancelled():
			r.Slots[i].CancelledAt, r.Slots[i].Rested = time.Time{}, false
		default:
			continue
		}
		e := r.event(SlotAdded, byClock(), now)
		e.Slot = id
		events = append(events, e)
	}
	r.SeriesUntil = until
	return events, nil
}
