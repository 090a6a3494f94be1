package demo

import (
	"errors"
	"slices"
	"time"

	"naober/matching"
	"naober/matching/care"
)

// thursdays are the next mornings of a Thursday at half past nine in the village, the first at
// least half a day ahead.
func thursdays(after time.Time, n int) []time.Time {
	where, err := care.LoadZone(zone)
	if err != nil {
		where = time.UTC // the zone is a constant of this package and comes with care
	}
	day := after.Add(12 * time.Hour).In(where)
	var found []time.Time
	for len(found) < n {
		morning := time.Date(day.Year(), day.Month(), day.Day(), 9, 30, 0, 0, where)
		if morning.Weekday() == time.Thursday && morning.After(after.Add(12*time.Hour)) {
			found = append(found, morning.UTC())
		}
		day = day.AddDate(0, 0, 1)
	}
	return found
}

// addErrand plans the resident's next three Thursdays with a helper, through the same transitions
// as anybody's: the first half of a yes in the helper's book, the second in the request.
func (w *World) addErrand(resident care.Person, helper care.PersonID) error {
	hi := slices.IndexFunc(w.Helpers, func(h care.Helper) bool { return h.Person == helper })
	oi := slices.IndexFunc(w.Offers, func(o care.Offer) bool { return o.Helper == helper })
	home := w.Persons[w.indexOf(resident.ID)].Home
	e := errand{world: w, helper: w.Helpers[hi], offer: w.Offers[oi], home: w.Persons[w.indexOf(helper)].Home.Point}
	r := care.Request{ID: id[care.RequestID](w, "request", "errand"), Community: w.Offers[oi].Community, Zone: zone, For: resident.ID,
		Kind: care.GroceriesKind, Words: "Samen boodschappen doen en daarna koffie.", Where: home, Urgency: care.Ordinary}
	for _, at := range thursdays(w.At, 3) {
		r.Slots = append(r.Slots, care.Slot{ID: id[care.SlotID](w, "slot", at.String()), Start: at, End: at.Add(3 * time.Hour), Seats: 1})
	}
	asker := care.Actor{Person: resident.ID, Party: care.Requester}
	drafted, _, err := care.DraftRequest(r, asker, w.At)
	if err != nil {
		return err
	}
	if e.request, _, err = drafted.Publish(asker, false, w.At); err != nil {
		return err
	}
	for _, s := range r.Slots {
		if err := e.agree(s); err != nil {
			return err
		}
	}
	w.Requests, w.Helpers[hi] = append(w.Requests, e.request), e.helper
	return nil
}

// errand is one request being agreed with one helper.
type errand struct {
	world   *World
	request care.Request
	helper  care.Helper
	offer   care.Offer
	home    care.Point
}

// agree takes one slot through question, yes and plan.
func (e *errand) agree(s care.Slot) error {
	w, now := e.world, e.world.At
	nonce := id[care.Nonce](w, "nonce", string(s.ID))
	ask := care.Ask{ID: id[care.AskID](w, "ask", string(s.ID)), Slot: s.ID, Helper: e.helper.Person, Offer: e.offer.ID, Wave: 1,
		AskFrom: now, LapsesAt: now.Add(time.Hour), Nonce: id[care.Nonce](w, "question", string(s.ID))}
	candidate := matching.Candidate{Person: e.helper.Person, Home: e.home, Helper: e.helper, Offer: e.offer}
	claim := care.Claim{Nonce: nonce, Purpose: care.ForSeat, Community: e.request.Community, Request: e.request.ID, Resident: e.request.For,
		Slot: s.ID, Ask: ask.ID, Hour: s.Earliest(), At: matching.BoundAt(matching.Need{Request: e.request, Slot: s, Now: now}, candidate, s.Earliest())}
	asked, _, err1 := e.request.AskHelper(ask, now)
	held, _, err2 := e.helper.Claim(claim, now)
	agreed, _, err3 := asked.AcceptAsk(ask.ID, e.helper.Person, s.Earliest(), nonce, now)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	visit := agreed.Holds(nonce)
	booked, _, err1 := held.Settle(nonce, care.VerdictKept, visit, now)
	planned, _, err2 := agreed.ConfirmVisit(visit, care.Actor{Party: care.Server}, now)
	e.helper, e.request = booked, planned
	return errors.Join(err1, err2)
}
