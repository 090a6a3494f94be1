package care

import "time"

// Tick lets the time that has passed take effect: questions lapse, both sides are asked whether a
// visit began and how it went, missed promises climb, a series is laid out further, and what has
// come to its end is closed. It may run any number of times; after it the next action lies in the
// future. It runs on the server's clock only.
func (r Request) Tick(now time.Time) (Request, []Event, error) {
	next := r.clone()
	var events []Event
	var err error
	switch r.Phase {
	case Ended:
		return r, nil, nil
	case Drafted:
		events = append(next.tickHandover(now), next.tickDraft(now)...)
	case Live:
		if events, err = next.tickLive(now); err != nil {
			return r, nil, err
		}
	}
	next.scheduleAfter(now, now)
	return next, events, nil
}

func (r *Request) tickLive(now time.Time) ([]Event, error) {
	events, err := r.tickRest(now)
	if err != nil {
		return nil, err
	}
	if r.Series != nil && r.extendDue(now) {
		added, err := r.layOut(now)
		if err != nil {
			return nil, err
		}
		events = append(events, added...)
	}
	r.tidy(now)
	events = append(events, r.lapseAsks(now)...)
	events = append(events, r.tickVisits(now)...)
	events = append(events, r.missSlots(now)...)
	events = append(events, r.tickHandover(now)...)
	events = append(events, r.tickSearch(now)...)
	events = append(events, r.settle(now)...)
	if r.Phase == Live {
		events = append(events, r.tickOwner(now)...)
	}
	return events, nil
}

func (r *Request) tickDraft(now time.Time) []Event {
	if r.NextActionAt.After(now) || r.Handover != nil {
		return nil
	}
	if r.Emergency.Pending() && r.Emergency.OwnerTold.IsZero() {
		r.Emergency.OwnerTold = now
		r.Todo, r.OwnerDue = TodoEmergency, now.Add(ownerTime(Urgent))
		return []Event{r.event(RequestEmergency, byClock(), now)}
	}
	if r.Todo == TodoNone {
		r.Todo = TodoDraft
	}
	r.OwnerDue = now.Add(ownerTime(r.Urgency))
	return []Event{r.event(RequestDraftStale, byClock(), now)}
}

// tickOwner reminds the owner of what lies on the desk for too long, and puts there a request that
// nothing else would ever move on.
func (r *Request) tickOwner(now time.Time) []Event {
	stranded := r.Todo == TodoNone && r.stranded(now)
	if !stranded && (r.OwnerDue.IsZero() || r.OwnerDue.After(now)) {
		return nil
	}
	if stranded {
		r.Todo = TodoStranded
	}
	r.OwnerDue = now.Add(ownerTime(r.Urgency))
	e := r.event(RequestOwnerReminded, byClock(), now)
	e.Code = string(r.Todo)
	return []Event{e}
}

func (r *Request) lapseAsks(now time.Time) []Event {
	var events []Event
	for i, a := range r.Asks {
		if a.Answerable() && !now.Before(a.LapsesAt) {
			a.State = Lapsed
			r.Asks[i], r.WaveAt = a, now
			events = append(events, r.askEvent(a, AskLapsed, byClock(), now))
		}
	}
	return events
}

func (r *Request) tickVisits(now time.Time) []Event {
	var events []Event
	for i := range r.Visits {
		v := &r.Visits[i]
		if v.State == VisitAgreed && v.PersonalYes && r.Todo == TodoNone && !now.Before(v.AgreedAt.Add(confirmTime(r.Urgency))) {
			r.todo(TodoConfirm, now)
			events = append(events, r.visitEvent(*v, VisitConfirmDue, byClock(), now))
		}
		if v.Upcoming() && v.AskedStart.IsZero() && !now.Before(v.At.From.Add(notStarted)) {
			v.AskedStart = now
			r.todo(TodoNotStarted, now)
			events = append(events, r.visitEvent(*v, VisitNotStarted, byClock(), now))
		}
		if (v.State == VisitSet || v.State == VisitBegun || v.State == VisitFinished) && v.AskedHow.IsZero() &&
			!now.Before(v.At.Until.Add(followUp)) {
			v.AskedHow = now
			if v.State != VisitFinished {
				r.todo(TodoNotFinished, now)
			}
			events = append(events, r.visitEvent(*v, VisitFollowUp, byClock(), now))
		}
	}
	return events
}

func (r *Request) missSlots(now time.Time) []Event {
	var events []Event
	for i := range r.Slots {
		s := &r.Slots[i]
		if s.Cancelled() || !s.MissedAt.IsZero() || s.LatestStart().After(now) || r.freeSeats(*s) == 0 {
			continue
		}
		s.MissedAt = now
		e := r.event(SlotMissed, byClock(), now)
		e.Slot = s.ID
		events = append(events, e)
		if r.Handover == nil {
			r.todo(TodoMissed, now)
		}
	}
	return events
}

// tickSearch lets a missed promise climb the chain, and calls for the next wave.
func (r *Request) tickSearch(now time.Time) []Event {
	if !r.seeking(now) {
		return nil
	}
	var events []Event
	if !r.PromiseAt.IsZero() && !r.PromiseAt.After(now) {
		e := r.event(RequestPromiseLapsed, byClock(), now)
		e.Code = string(r.Stage)
		if r.Stage == StageVillage {
			r.Stage = StageGuarantor
			r.Owner = Chair{Kind: ChairGuarantor, Community: r.Community}
		}
		r.Todo, r.OwnerDue = TodoPromise, now.Add(ownerTime(r.Urgency))
		r.PromiseAt = now.Add(promiseTime(r.Urgency))
		events = append(events, e)
	}
	if !r.WaveAt.IsZero() && !r.WaveAt.After(now) {
		r.WaveAt = now.Add(waveRetry)
		events = append(events, r.event(RequestWaveDue, byClock(), now))
	}
	return events
}

func (r *Request) tickHandover(now time.Time) []Event {
	h := r.Handover
	if h == nil || h.CheckAt.IsZero() || h.CheckAt.After(now) {
		return nil
	}
	h.CheckAt = now.Add(ownerTime(r.Urgency))
	r.todo(TodoHandover, now)
	e := r.event(RequestHandoverSilent, byClock(), now)
	e.Referral = h.Referral
	return []Event{e}
}

func (r Request) extendDue(now time.Time) bool {
	return !r.SeriesUntil.After(now.Add(horizon - 24*time.Hour))
}

// settle closes a request whose every slot has come to a good end. A slot that was missed or is open
// still keeps it with its owner; in a series the owner's "seen to" forgives days that were missed.
func (r *Request) settle(now time.Time) []Event {
	r.tidy(now)
	if r.Phase != Live || r.Handover != nil || r.Todo != TodoNone || r.restsFor(now) || r.seriesGoesOn(now) {
		return nil
	}
	helped := false
	for _, s := range r.Slots {
		switch {
		case s.Cancelled():
		case r.freeSeats(s) == 0:
			helped = true
		case r.Series == nil || s.MissedAt.IsZero():
			return nil
		}
	}
	unsettled := r.anyVisit(func(v Visit) bool {
		return v.holdsSeat() && (v.State != VisitFinished || v.awaitsFeedback(now))
	})
	if !helped || unsettled {
		return nil
	}
	return r.end(Fulfilled, "", byClock(), now)
}
