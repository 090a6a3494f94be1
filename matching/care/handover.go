package care

import "time"

// Handover ties a request to the referral that carries it to formal care. The request stays with
// its owner until the other side has acknowledged.
type Handover struct {
	Referral ReferralID
	At       time.Time
	CheckAt  time.Time // silence until then trips the chain; zero once the other side answered
}

// HandOver begins the passing on to formal care. Questions still open are stood down; visits that
// were agreed stay until the other side has acknowledged. A draft stays a draft: what its person has
// not sent to the village does not get there by way of a rejection.
func (r Request) HandOver(referral ReferralID, by Actor, now time.Time) (Request, []Event, error) {
	switch {
	case !by.is(Owner):
		return r, nil, E(Forbidden, "not_the_owner", "only the owner can hand a request over")
	case r.Phase == Ended:
		return r, nil, E(Conflict, "request_closed", "the request is closed already")
	case r.Handover != nil:
		return r, nil, E(Conflict, "handed_over_already", "the request is being handed over already")
	}
	next := r.clone()
	events := next.standDown(func(Ask) bool { return true }, by, "handed_over", now)
	next.Handover = &Handover{Referral: referral, At: now, CheckAt: now.Add(ownerTime(r.Urgency))}
	next.clearDesk()
	next.schedule(now)
	e := next.event(RequestHandedOver, by, now)
	e.Referral = referral
	return next, append(events, e), nil
}

// HandoverAccepted closes the request as handed over: the other side has acknowledged.
func (r Request) HandoverAccepted(referral ReferralID, now time.Time) (Request, []Event, error) {
	if r.Handover == nil || r.Handover.Referral != referral || r.Phase == Ended {
		return r, nil, nil
	}
	next := r.clone()
	next.Handover.CheckAt = time.Time{}
	return next, next.end(HandedOver, "", byClock(), now), nil
}

// HandoverRejected gives the request back to its owner, who has it on the desk at once.
func (r Request) HandoverRejected(referral ReferralID, now time.Time) (Request, []Event, error) {
	if r.Handover == nil || r.Handover.Referral != referral || r.Phase == Ended {
		return r, nil, nil
	}
	next := r.clone()
	next.Handover = nil
	next.clearDesk()
	next.todo(TodoRejected, now)
	next.schedule(now)
	e := next.event(RequestHandoverFailed, byClock(), now)
	e.Referral = referral
	return next, []Event{e}, nil
}

// NoCandidates records that a wave found nobody left to ask; the clock looks again later.
func (r Request) NoCandidates(now time.Time) (Request, []Event, error) {
	if !r.seeking(now) {
		return r, nil, nil
	}
	next := r.clone()
	next.WaveAt = now.Add(waveRetry)
	next.schedule(now)
	return next, []Event{next.event(RequestWaveEmpty, byClock(), now)}, nil
}
