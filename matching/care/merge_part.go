package care

import (
	"slices"
	"time"
)

// MergePart gives the part that one record had in this request to the record that stays. Who asks is
// not asked: a question or visit of that record for what is now its own request is given back in the
// same write.
func (r Request) MergePart(from, to PersonID, now time.Time) (Request, []Event, error) {
	mine := r.For == from
	asked := r.OnBehalf != nil && r.OnBehalf.By == from && r.For != to
	if !mine && !asked {
		return r, nil, nil
	}
	next := r.clone()
	if mine {
		next.For, next.WasFor = to, append(slices.Clone(r.WasFor), from)
	}
	if asked {
		behalf := *r.OnBehalf
		behalf.By = to
		next.OnBehalf, next.WasBy = &behalf, append(slices.Clone(r.WasBy), from)
	}
	events := []Event{next.event(RequestChanged, byClock(), now), next.carried(PersonCarriedOver, from, to, now)}
	if r.Phase != Live || !mine {
		return next, events, nil
	}
	next, down, err := next.StandDownHelper(to, "helper_unavailable", now)
	if err != nil {
		return r, nil, err
	}
	next, back, err := next.ReturnVisits(to, "helper_unavailable", now)
	if err != nil {
		return r, nil, err
	}
	return next, slices.Concat(events, down, back), nil
}

// carried tells that a part of one record went over to the record that stays, or back. Its reader
// looks whether the two records still say so: a process that stalled on the way may have been
// overtaken by an undo, or by a merge made anew.
func carried(t EventType, from, into PersonID, now time.Time) Event {
	return Event{Type: t, At: now, Person: from, Helper: into}
}

func (r Request) carried(t EventType, from, into PersonID, now time.Time) Event {
	e := carried(t, from, into, now)
	e.Request = r.ID
	return e
}

// UnmergePart gives back the part that a record had before it was merged, wherever that part was
// carried on to since. What was asked since stays with the record that stayed.
func (r Request) UnmergePart(from, to PersonID, now time.Time) (Request, []Event, error) {
	wasFor, mine := before(r.WasFor, r.For, from, to)
	next := r.clone()
	if mine {
		next.For, next.WasFor = from, wasFor
	}
	asked := false
	if r.OnBehalf != nil {
		behalf := *r.OnBehalf
		var wasBy []PersonID
		if wasBy, asked = before(r.WasBy, behalf.By, from, to); asked {
			behalf.By = from
			next.OnBehalf, next.WasBy = &behalf, wasBy
		}
	}
	if !mine && !asked {
		return r, nil, nil
	}
	return next, []Event{next.event(RequestChanged, byClock(), now), next.carried(PersonCarriedBack, from, to, now)}, nil
}

// MergePart gives the offer of one record to the record that stays.
func (o Offer) MergePart(from, to PersonID, now time.Time) (Offer, []Event, error) {
	if o.Helper != from {
		return o, nil, nil
	}
	o.Helper, o.WasOf = to, append(slices.Clone(o.WasOf), from)
	return o, []Event{o.event(OfferChanged, "", now), carried(PersonCarriedOver, from, to, now)}, nil
}

// UnmergePart gives it back.
func (o Offer) UnmergePart(from, to PersonID, now time.Time) (Offer, []Event, error) {
	wasOf, mine := before(o.WasOf, o.Helper, from, to)
	if !mine {
		return o, nil, nil
	}
	o.Helper, o.WasOf = from, wasOf
	return o, []Event{o.event(OfferChanged, "", now), carried(PersonCarriedBack, from, to, now)}, nil
}

// before is the list of former holders as it was before a part went from one record to another; false
// where it never did. The last time counts.
func before(was []PersonID, holder, from, to PersonID) ([]PersonID, bool) {
	next := holder
	for i := len(was) - 1; i >= 0; i-- {
		if was[i] == from && next == to {
			if i == 0 {
				return nil, true
			}
			return slices.Clone(was[:i]), true
		}
		next = was[i]
	}
	return nil, false
}
