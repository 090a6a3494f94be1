package care

import "time"

// Tick lets the time that has passed take effect: questions lapse, both sides are asked whether a
// visit began and how it went, missed promises climb, a series is laid out further, and what has
// come to its end is closed. It may run any number of times; after it the next action lies in the
// future. It runs on the server's clock only.
func (r Request) Tick(now time.Time) (Request, []Event, error) {
	if r.Phase == Ended {
		return r, nil, nil
	}
	next := r.clone()
	var events []Event
	if next.Phase == Drafted {
		events = next.tickDraft(now)
		next.scheduleAfter(now, now)
		return next, events, nil
	}
	events = append(events, next.lapseAsks(now)...)
	events = append(events, next.tickVisits(now)...)
	events = append(events, next.missSlots(now)...)
	if next.Series != nil && next.extendDue(now) {
		laid, added, err := next.layOut(now)
		if err != nil {
			return r, nil, err
		}
		next = laid
		events = append(events, added...)
	}
	events = append(events, next.tickPromise(now)...)
	events = append(events, next.tickHandover(now)...)
	if !next.WaveAt.IsZero() && !next.WaveAt.After(now) {
		next.WaveAt = time.Time{}
		if next.needsHelp(now) {
			next.WaveAt = now.Add(waveRetry)
			events = append(events, next.event(RequestWaveDue, clockwork, now))
		}
	}
	events = append(events, next.settle(now)...)
	if next.Phase == Live && !next.OwnerDue.IsZero() && !next.OwnerDue.After(now) {
		next.OwnerDue = now.Add(ownerTime(next.Urgency))
		e := next.event(RequestOwnerReminded, clockwork, now)
		e.Code = string(next.Todo)
		events = append(events, e)
	}
	next.scheduleAfter(now, now)
	return next, events, nil
}

func (r *Request) tickDraft(now time.Time) []Event {
	if r.NextActionAt.After(now) {
		return nil
	}
	if r.Emergency.Pending() && r.Emergency.OwnerTold.IsZero() {
		r.Emergency.OwnerTold = now
		r.Todo, r.OwnerDue = TodoEmergency, now.Add(ownerTime(Urgent))
		return []Event{r.event(RequestEmergency, clockwork, now)}
	}
	if r.Todo == TodoNone {
		r.Todo = TodoDraft
	}
	r.OwnerDue = now.Add(ownerTime(r.Urgency))
	return []Event{r.event(RequestDraftStale, clockwork, now)}
}

func (r *Request) lapseAsks(now time.Time) []Event {
	var events []Event
	for i, a := range r.Asks {
		if a.Answerable() && !now.Before(a.LapsesAt) {
			a.State = Lapsed
			r.Asks[i], r.WaveAt = a, now
			events = append(events, r.askEvent(a, AskLapsed, clockwork, now))
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
			events = append(events, r.visitEvent(*v, VisitConfirmDue, clockwork, now))
		}
		if v.Upcoming() && v.AskedStart.IsZero() && !now.Before(v.At.From.Add(notStarted)) {
			v.AskedStart = now
			r.todo(TodoNotStarted, now)
			events = append(events, r.visitEvent(*v, VisitNotStarted, clockwork, now))
		}
		if (v.State == VisitSet || v.State == VisitBegun || v.State == VisitFinished) && v.AskedHow.IsZero() &&
			!now.Before(v.At.Until.Add(followUp)) {
			v.AskedHow = now
			if v.State != VisitFinished {
				r.todo(TodoNotFinished, now)
			}
			events = append(events, r.visitEvent(*v, VisitFollowUp, clockwork, now))
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
		e := r.event(SlotMissed, clockwork, now)
		e.Slot = s.ID
		events = append(events, e)
		if r.Handover == nil {
			r.todo(TodoMissed, now)
		}
	}
	return events
}

func (r *Request) tickPromise(now time.Time) []Event {
	if !r.needsHelp(now) || r.PromiseAt.IsZero() || r.PromiseAt.After(now) {
		return nil
	}
	e := r.event(RequestPromiseLapsed, clockwork, now)
	e.Code = string(r.Stage)
	if r.Stage == StageVillage {
		r.Stage = StageGuarantor
		r.Owner = Chair{Kind: ChairGuarantor, Community: r.Community}
	}
	r.Todo, r.OwnerDue = TodoPromise, now.Add(ownerTime(r.Urgency))
	r.PromiseAt = now.Add(promiseTime(r.Urgency))
	return []Event{e}
}

func (r *Request) tickHandover(now time.Time) []Event {
	h := r.Handover
	if h == nil || h.CheckAt.IsZero() || h.CheckAt.After(now) {
		return nil
	}
	h.CheckAt = now.Add(ownerTime(r.Urgency))
	r.todo(TodoHandover, now)
	e := r.event(RequestHandoverSilent, clockwork, now)
	e.Referral = h.Referral
	return []Event{e}
}

func (r Request) extendDue(now time.Time) bool {
	return !r.SeriesUntil.After(now.Add(horizon - 24*time.Hour))
}

// needsHelp reports whether the village still looks for somebody.
func (r Request) needsHelp(now time.Time) bool {
	return r.Phase == Live && r.Handover == nil && r.State(now) == Open
}

// settle closes a request whose every slot has come to a good end. One missed or left open keeps
// it with its owner.
func (r *Request) settle(now time.Time) []Event {
	if r.Phase != Live || r.Handover != nil || len(r.Slots) == 0 || r.Todo != TodoNone {
		return nil
	}
	if r.Series != nil {
		if over, err := r.Series.Finished(now); err != nil || !over {
			return nil
		}
	}
	held := false
	for _, s := range r.Slots {
		if s.Cancelled() {
			continue
		}
		if r.freeSeats(s) > 0 {
			return nil
		}
		held = true
	}
	for _, v := range r.Visits {
		switch {
		case !v.holdsSeat():
		case v.State != VisitFinished:
			return nil
		case (v.SaidResident.IsZero() || v.SaidHelper.IsZero()) && now.Before(v.At.Until.Add(feedbackTime)):
			return nil
		}
	}
	if !held {
		return nil
	}
	return r.end(Fulfilled, "", clockwork, now)
}
