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
	events := []Event{next.event(RequestChanged, byClock(), now)}
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

// UnmergePart gives back the part that a record had before it was merged. What was asked since stays
// with the record that stayed.
func (r Request) UnmergePart(from, to PersonID, now time.Time) (Request, []Event, error) {
	mine := r.For == to && last(r.WasFor) == from
	asked := r.OnBehalf != nil && r.OnBehalf.By == to && last(r.WasBy) == from
	if !mine && !asked {
		return r, nil, nil
	}
	next := r.clone()
	if mine {
		next.For, next.WasFor = from, popped(r.WasFor)
	}
	if asked {
		behalf := *r.OnBehalf
		behalf.By = from
		next.OnBehalf, next.WasBy = &behalf, popped(r.WasBy)
	}
	return next, []Event{next.event(RequestChanged, byClock(), now)}, nil
}

// MergePart gives the offer of one record to the record that stays.
func (o Offer) MergePart(from, to PersonID, now time.Time) (Offer, []Event, error) {
	if o.Helper != from {
		return o, nil, nil
	}
	o.Helper, o.WasOf = to, append(slices.Clone(o.WasOf), from)
	return o, []Event{o.event(OfferChanged, "", now)}, nil
}

// UnmergePart gives it back.
func (o Offer) UnmergePart(from, to PersonID, now time.Time) (Offer, []Event, error) {
	if o.Helper != to || last(o.WasOf) != from {
		return o, nil, nil
	}
	o.Helper, o.WasOf = from, popped(o.WasOf)
	return o, []Event{o.event(OfferChanged, "", now)}, nil
}

func last(was []PersonID) PersonID {
	if len(was) == 0 {
		return ""
	}
	return was[len(was)-1]
}

func popped(was []PersonID) []PersonID {
	if len(was) == 1 {
		return nil
	}
	return slices.Clone(was[:len(was)-1])
}
