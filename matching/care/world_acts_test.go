package care

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

func (w *world) publish(t *rapid.T) {
	i, no := w.which(t), rapid.Bool().Draw(t, "no emergency")
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.Publish(asRequester(), no, w.now) })
}

// ask puts one question as a wave does, the nearest moment the helper's quiet allows.
func (w *world) ask(t *rapid.T) { w.askOne(t, w.which(t)) }

func (w *world) askOne(t *rapid.T, i int) {
	free := w.requests[i].Slots
	if rapid.IntRange(0, 9).Draw(t, "any slot") > 0 {
		free = slices.DeleteFunc(slices.Clone(free), func(s Slot) bool { return w.requests[i].FreeSeats(s.ID, w.now) == 0 })
	}
	slot, ok := one(t, free[:min(len(free), 4)], "slot")
	if !ok {
		return
	}
	p := rapid.SampledFrom(helperNames()).Draw(t, "helper")
	from, err := w.helpers[p].Quiet.MayAsk(w.now, w.helpers[p].Questions, w.requests[i].Urgency)
	if err != nil {
		return
	}
	lapses := from.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "hours to answer")) * time.Hour)
	if lapses.After(slot.LatestStart()) {
		lapses = slot.LatestStart()
	}
	n := w.nonce()
	a := Ask{ID: AskID("ask-" + n), Slot: slot.ID, Helper: p, AskFrom: from, LapsesAt: lapses, Nonce: n}
	c := Claim{Nonce: n, Purpose: ForQuestion, Community: village, Request: w.requests[i].ID, Resident: w.requests[i].For,
		Slot: slot.ID, Ask: a.ID, Moment: from, Urgency: w.requests[i].Urgency}
	if w.claim(t, p, c) != nil {
		return
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.AskHelper(a, w.now) })
	w.perhapsSettle(t, i, p, n)
}

func (w *world) claim(t *rapid.T, p PersonID, c Claim) error {
	err := w.book(t, p, func(h Helper) (Helper, []Event, error) { return h.Claim(c, w.now) })
	if err == nil && w.helpers[p].MayServe(village, c.Resident, w.now) != nil {
		t.Fatalf("a claim of %s in spite of a pause or a block", p)
	}
	return err
}

func (w *world) perhapsSettle(t *rapid.T, i int, p PersonID, n Nonce) {
	if rapid.IntRange(0, 5).Draw(t, "crash") > 0 {
		w.settle(t, i, p, n)
	}
}

// yes accepts any ask, also one that is no longer open: that is a phone that was offline.
func (w *world) yes(t *rapid.T) {
	i := w.which(t)
	if a, ok := one(t, w.requests[i].Asks, "ask"); ok {
		w.accept(t, i, a)
	}
}

// arrange asks and has the answer at once.
func (w *world) arrange(t *rapid.T) {
	i := w.which(t)
	n := len(w.requests[i].Asks)
	if w.askOne(t, i); len(w.requests[i].Asks) > n {
		w.accept(t, i, w.requests[i].Asks[n])
	}
}

func (w *world) accept(t *rapid.T, i int, a Ask) {
	at, ok := w.drawHour(t, i, a.Slot)
	if !ok {
		return
	}
	n := w.nonce()
	if w.claim(t, a.Helper, w.seat(i, a, at, n)) != nil {
		return
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.AcceptAsk(a.ID, a.Helper, at, n, w.now) })
	w.perhapsSettle(t, i, a.Helper, n)
}

func (w *world) drawHour(t *rapid.T, i int, slot SlotID) (Interval, bool) {
	s, err := w.requests[i].Slot(slot)
	if err != nil {
		return Interval{}, false
	}
	from := s.Start
	if s.Duration > 0 {
		from = from.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hour")) * time.Hour)
	}
	return Interval{From: from, Until: from.Add(s.Takes())}, true
}

func (w *world) seat(i int, a Ask, at Interval, n Nonce) Claim {
	c := Claim{Nonce: n, Purpose: ForSeat, Community: village, Request: w.requests[i].ID, Resident: w.requests[i].For,
		Slot: a.Slot, Ask: a.ID, At: at.Widen(20*time.Minute, 20*time.Minute), Hour: at}
	if w.requests[i].Ride != nil {
		c.Offer, c.Seats, c.OfferHas = OfferID("car-"+a.Helper), 1, 2
	}
	return c
}

func (w *world) answer(t *rapid.T) {
	i := w.which(t)
	a, ok := one(t, w.requests[i].Asks, "ask")
	if !ok {
		return
	}
	how := rapid.SampledFrom([]string{"no", "later", "undelivered"}).Draw(t, "how")
	w.apply(t, i, func(r Request) (Request, []Event, error) {
		switch how {
		case "no":
			return r.DeclineAsk(a.ID, a.Helper, "away", w.now)
		case "later":
			return r.DeferAsk(a.ID, a.Helper, w.now.Add(time.Hour), w.now)
		}
		return r.AskNotDelivered(a.ID, w.now)
	})
}

func (w *world) visit(t *rapid.T) {
	i := w.which(t)
	visits := w.requests[i].Visits
	if rapid.IntRange(0, 9).Draw(t, "any visit") > 0 {
		visits = slices.DeleteFunc(slices.Clone(visits), func(v Visit) bool { return !v.Upcoming() && v.State != VisitBegun })
	}
	v, ok := one(t, visits, "visit")
	if !ok {
		return
	}
	if w.now.Before(v.At.From) && rapid.IntRange(0, 3).Draw(t, "its hour comes") > 0 {
		w.now = v.At.From.Add(time.Duration(rapid.IntRange(-30, 20).Draw(t, "minutes")) * time.Minute)
	}
	by := rapid.SampledFrom([]Actor{asRequester(), {v.Helper, HelperParty}, asOwner()}).Draw(t, "by")
	switch what := rapid.SampledFrom([]string{"confirm", "confirm", "start", "finish", "finish", "finish", "no show", "cancel"}).Draw(t, "what"); what {
	case "confirm":
		if w.helpers[v.Helper].Holds(v.ID, village, w.requests[i].For, w.now) {
			w.confirm(t, i, v.Helper, v.ID, asRequester())
		}
	default:
		w.apply(t, i, func(r Request) (Request, []Event, error) {
			switch what {
			case "start":
				return r.StartVisit(v.ID, by, w.now)
			case "finish":
				return r.FinishVisit(v.ID, by, w.now)
			case "no show":
				return r.NoShow(v.ID, by, w.now)
			}
			return r.CancelVisit(v.ID, by, "ill", w.now)
		})
	}
}

func (w *world) move(t *rapid.T) {
	i := w.which(t)
	v, ok := one(t, w.requests[i].Visits, "visit")
	if !ok {
		return
	}
	at, ok := w.drawHour(t, i, v.Slot)
	if !ok {
		return
	}
	n := w.nonce()
	c := w.seat(i, Ask{ID: v.Ask, Slot: v.Slot, Helper: v.Helper}, at, n)
	c.Purpose, c.Visit = ForMove, v.ID
	if w.claim(t, v.Helper, c) != nil {
		return
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.MoveVisit(v.ID, at, n, asRequester(), w.now) })
	w.perhapsSettle(t, i, v.Helper, n)
}

func (w *world) slot(t *rapid.T) {
	i := w.which(t)
	s, ok := one(t, w.requests[i].Slots, "slot")
	if !ok {
		return
	}
	what := rapid.SampledFrom([]string{"skip", "swap", "swap", "add"}).Draw(t, "what")
	added := w.drawSlot(t)
	day := w.now.Add(time.Duration(rapid.IntRange(-1, 50).Draw(t, "days")) * 24 * time.Hour)
	to := LocalTime(day.Format("2006-01-02") + rapid.SampledFrom([]string{"T14:00", "T02:30"}).Draw(t, "to"))
	if s.Date != "" && rapid.Bool().Draw(t, "same day") {
		to = LocalTime(s.Date + string(to[10:]))
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) {
		switch what {
		case "skip":
			return r.SkipSlot(s.ID, asRequester(), "not_needed", w.now)
		case "swap":
			return r.SwapSlot(s.ID, to, asRequester(), w.now)
		}
		return r.AddSlots([]Slot{added}, asOwner(), w.now)
	})
}

func (w *world) helper(t *rapid.T) {
	p := w.drawHelper(t)
	what := rapid.SampledFrom([]string{"pause", "resume", "resume"}).Draw(t, "what")
	err := w.book(t, p, func(h Helper) (Helper, []Event, error) {
		if what == "pause" {
			d := houseRule("mod", w.now)
			d.ID = DecisionID(w.nonce())
			return h.Pause(village, d, w.now)
		}
		return h.Resume(village, "mod", w.now)
	})
	if err != nil || what != "pause" {
		return
	}
	w.reconcile(t)
	for i := range w.requests {
		w.giveBack(t, i, p)
	}
}

// rest lets a request rest for a time or without an end, resume, or wait for a decision after a move.
func (w *world) rest(t *rapid.T) {
	i := w.which(t)
	from := w.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "from hour")) * time.Hour)
	rest := Rest{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours of rest")) * time.Hour)}
	what := rapid.SampledFrom([]string{"away", "hospital", "resume", "resume", "moved"}).Draw(t, "life")
	w.apply(t, i, func(r Request) (Request, []Event, error) {
		switch what {
		case "away":
			return r.Pause(rest, asOwner(), w.now)
		case "hospital":
			return r.Pause(Rest{From: w.now}, asOwner(), w.now)
		case "moved":
			return r.MoveAlong(Move{To: "rolde", Zone: dutch, NobodyIn: rapid.Bool().Draw(t, "nobody there")}, asOwner(), w.now)
		}
		return r.Resume(w.now)
	})
}

// absence takes a helper away, or brings them back.
func (w *world) absence(t *rapid.T) {
	p := w.drawHelper(t)
	rest := &Rest{From: w.now, Until: w.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours away")) * time.Hour)}
	if rapid.Bool().Draw(t, "back") {
		rest = nil
	}
	if w.book(t, p, func(h Helper) (Helper, []Event, error) { return h.Absent(rest, w.now) }) != nil || rest == nil {
		return
	}
	w.reconcile(t)
	for i := range w.requests {
		w.apply(t, i, func(r Request) (Request, []Event, error) { return r.GiveBack(p, *rest, "not_available", w.now) })
		if slices.ContainsFunc(w.requests[i].Visits, func(v Visit) bool { return v.Helper == p && v.Upcoming() && rest.covers(v.At) }) {
			t.Fatalf("%s is away and still expected", p)
		}
	}
}

func (w *world) reconcile(t *rapid.T) {
	for _, p := range helperNames() {
		for _, c := range w.helpers[p].StaleClaims(0, w.now) {
			for i := range w.requests {
				if w.requests[i].ID == c.Request {
					w.settle(t, i, p, c.Nonce)
				}
			}
		}
	}
}

func (w *world) owner(t *rapid.T) {
	i := w.which(t)
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.Settled(asOwner(), w.now) })
}

func (w *world) handover(t *rapid.T) {
	i := w.which(t)
	what := rapid.SampledFrom([]string{"begin", "reject", "reject", "accept"}).Draw(t, "what")
	w.apply(t, i, func(r Request) (Request, []Event, error) {
		switch what {
		case "begin":
			return r.HandOver("referral", asOwner(), w.now)
		case "reject":
			return r.HandoverRejected("referral", w.now)
		}
		return r.HandoverAccepted("referral", w.now)
	})
}

func (w *world) feedback(t *rapid.T) {
	i := w.which(t)
	v, ok := one(t, w.requests[i].Visits, "visit")
	if !ok {
		return
	}
	side := rapid.SampledFrom([]Party{Requester, HelperParty}).Draw(t, "side")
	f, _, err := Feedback{Visit: v.ID, By: resident, Side: side, Good: rapid.Bool().Draw(t, "good")}.Give(v, w.now)
	if err != nil {
		return
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) { return r.NoteFeedback(v.ID, f.Side, f.Good, w.now) })
}

// wait lets time pass, mostly with the clock at work.
func (w *world) wait(t *rapid.T) {
	step := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 5 * time.Hour, 26 * time.Hour, 73 * time.Hour}).Draw(t, "step")
	w.now = w.now.Add(step)
	if rapid.IntRange(0, 7).Draw(t, "clock stands") > 0 {
		w.tick(t)
	}
}

// next lets the clock come to the next action of a request.
func (w *world) next(t *rapid.T) {
	if due := w.requests[w.which(t)].NextActionAt; due.After(w.now) {
		w.now = due
	}
	w.tick(t)
}

func (w *world) edit(t *rapid.T) {
	i := w.which(t)
	words := rapid.SampledFrom([]string{"", "graag hulp", "ik kan niet ademen"}).Draw(t, "words")
	w.apply(t, i, func(r Request) (Request, []Event, error) {
		next := r
		next.Words = words
		return r.EditDraft(next, asRequester(), w.now)
	})
}

func (w *world) end(t *rapid.T) {
	i := w.which(t)
	what := rapid.SampledFrom([]string{"close", "close", "close", "withdraw", "refuse", "refuse untold", "consent"}).Draw(t, "what")
	// Most lives should be long.
	if what != "close" && rapid.IntRange(0, 9).Draw(t, "spare") > 0 {
		return
	}
	w.apply(t, i, func(r Request) (Request, []Event, error) {
		switch what {
		case "close":
			return r.Close(asRequester(), w.now)
		case "withdraw":
			return r.Withdraw(asRequester(), "solved", w.now)
		case "refuse":
			return r.Refuse(asOwner(), "not_safe", ByPhone, w.now)
		case "refuse untold":
			return r.Refuse(asOwner(), "not_safe", "", w.now)
		}
		return r.WithdrawConsent(resident, w.now)
	})
}

func (w *world) compact(t *rapid.T) {
	i := w.which(t)
	was := w.requests[i]
	w.keep(was)
	next, past := was.Compact(w.now.Add(-72 * time.Hour))
	if len(next.Slots)+len(past.Slots) != len(was.Slots) || len(next.Asks)+len(past.Asks) != len(was.Asks) ||
		len(next.Visits)+len(past.Visits) != len(was.Visits) {
		t.Fatalf("compacting lost something of %s", text(was))
	}
	for _, v := range past.Visits {
		if v.Upcoming() || v.State == VisitBegun {
			t.Fatalf("compacting took away a visit that is %s", v.State)
		}
	}
	if a, b := future(was, w.now), future(next, w.now); a != b {
		t.Fatalf("compacting changed the future from\n%s\nto\n%s", a, b)
	}
	w.requests[i] = next
}

// future lists what the clock alone does in the next four days.
func future(r Request, now time.Time) string {
	var told strings.Builder
	for end := now.Add(96 * time.Hour); r.Phase != Ended && r.NextActionAt.Before(end); {
		at := r.NextActionAt
		if at.Before(now) {
			at = now
		}
		next, events, err := r.Tick(at)
		fmt.Fprintln(&told, at, text(events), err)
		if r = next; err != nil {
			break
		}
	}
	return told.String()
}
