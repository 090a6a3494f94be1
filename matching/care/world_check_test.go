package care

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

func text(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// kept is a value as it was, to see that nobody writes into it later.
type kept struct {
	value any
	was   string
}

func (w *world) keep(value any) {
	w.kept = append(w.kept, kept{value, text(value)})
	if len(w.kept) > 6 {
		w.kept = w.kept[1:]
	}
}

// checkStep judges one transition: nothing old was written into, an error changes nothing, and each
// change of state has exactly one event.
func (w *world) checkStep(t *rapid.T, was, next Request, events []Event, err error) {
	for _, k := range w.kept {
		if now := text(k.value); now != k.was {
			t.Fatalf("a transition wrote into a value of before:\n%s\n%s", k.was, now)
		}
	}
	if err != nil {
		if len(events) > 0 || text(next) != text(was) || CodeOf(err) == "" {
			t.Fatalf("a refused transition changed something: %v, %v", err, events)
		}
		return
	}
	told, changed := tellable(events), changes(was, next)
	slices.Sort(told)
	slices.Sort(changed)
	if !slices.Equal(told, changed) {
		t.Fatalf("the events tell\n%q\nwhat changed is\n%q", told, changed)
	}
	for _, e := range events {
		if e.At != w.now || e.Request != was.ID || !isCode(e.Code) {
			t.Fatalf("an event at a wrong time, of no request or with free text: %+v", e)
		}
	}
}

// tellable are the events that tell a change of state.
func tellable(events []Event) []string {
	var told []string
	for _, e := range events {
		noun, _, _ := strings.Cut(string(e.Type), ".")
		switch e.Type {
		case RequestPublished, RequestClosed, SlotAdded, SlotSkipped, SlotMissed,
			VisitPlanned, VisitStarted, VisitDone, VisitNoShow, VisitCancelled:
		case VisitReturned:
			e.Type = VisitCancelled
		case AskAccepted:
			if e.Visit != "" {
				told = append(told, "visit "+string(e.Visit)+" agreed")
			}
		default:
			if noun != "ask" {
				continue
			}
		}
		told = append(told, fmt.Sprintf("%s %s", e.Type, map[string]string{"ask": string(e.Ask), "visit": string(e.Visit),
			"slot": string(e.Slot), "request": string(e.Request)}[noun]))
	}
	return told
}

// changes are the changes of state between two values, in the words of tellable.
func changes(was, next Request) []string {
	var found []string
	if was.Phase != next.Phase {
		found = append(found, fmt.Sprintf("%s %s", map[Phase]EventType{Live: RequestPublished, Ended: RequestClosed}[next.Phase], next.ID))
	}
	for _, s := range next.Slots {
		old, err := was.Slot(s.ID)
		if err != nil || (old.Cancelled() && !s.Cancelled()) {
			found = append(found, fmt.Sprintf("%s %s", SlotAdded, s.ID))
		}
		if !old.Cancelled() && s.Cancelled() {
			found = append(found, fmt.Sprintf("%s %s", SlotSkipped, s.ID))
		}
		if old.MissedAt.IsZero() && !s.MissedAt.IsZero() {
			found = append(found, fmt.Sprintf("%s %s", SlotMissed, s.ID))
		}
	}
	asks := map[AskState]EventType{Asked: AskMade, Deferred: AskDeferred, Accepted: AskAccepted, Reserved: AskReserved,
		Declined: AskDeclined, Lapsed: AskLapsed, StoodDown: AskStoodDown, Undelivered: AskUndelivered}
	for _, a := range next.Asks {
		if old, _ := was.Ask(a.ID); old.State != a.State {
			found = append(found, fmt.Sprintf("%s %s", asks[a.State], a.ID))
		}
	}
	visits := map[VisitState]EventType{VisitSet: VisitPlanned, VisitBegun: VisitStarted, VisitFinished: VisitDone,
		VisitMissed: VisitNoShow, VisitCalledOff: VisitCancelled}
	for _, v := range next.Visits {
		old, err := was.Visit(v.ID)
		switch {
		case err != nil:
			found = append(found, "visit "+string(v.ID)+" agreed")
		case old.State != v.State:
			found = append(found, fmt.Sprintf("%s %s", visits[v.State], v.ID))
		}
	}
	return found
}

// check holds the promises of the design over the whole world.
func (w *world) check(t *rapid.T) {
	for i := range w.requests {
		w.checkRequest(t, w.requests[i])
		w.checkSeats(t, w.requests[i])
	}
	for _, p := range helperNames() {
		w.checkHelper(t, w.helpers[p])
	}
	w.checkApart(t)
}

func (w *world) checkRequest(t *rapid.T, r Request) {
	ended := r.Phase == Ended
	switch {
	case r.Owner.Kind == "" || r.Owner.Community == "":
		t.Fatalf("a request without an owner")
	case !ended && (r.NextActionAt.IsZero() || r.NextAction == ""):
		t.Fatalf("a live request without a next action")
	case ended != (r.Outcome != ""):
		t.Fatalf("phase %s with outcome %q", r.Phase, r.Outcome)
	case (r.Outcome == Refused) != (r.ToldBy != ""):
		t.Fatalf("outcome %q, told by %q", r.Outcome, r.ToldBy)
	case r.Todo != TodoNone && r.OwnerDue.IsZero():
		t.Fatalf("the task %s is never due", r.Todo)
	}
	open, held := false, false
	for _, s := range r.Slots {
		taken := 0
		for _, v := range r.Visits {
			if v.Slot == s.ID && v.State != VisitMissed && v.State != VisitCalledOff {
				taken++
			}
		}
		live := s.CancelledAt.IsZero()
		open = open || live && taken < s.Seats && s.End.Add(-s.Takes()).After(w.now)
		held = held || live && taken > 0
	}
	want := map[Phase]State{Drafted: Draft, Ended: Closed}[r.Phase]
	if r.Phase == Live {
		if want = Arranged; open || !held {
			want = Open
		}
	}
	if got := r.State(w.now); got != want {
		t.Fatalf("the state is %s, not %s", got, want)
	}
}

func (w *world) checkSeats(t *rapid.T, r Request) {
	for _, s := range r.Slots {
		var holders []PersonID
		for _, v := range r.Visits {
			if v.Slot == s.ID && v.holdsSeat() {
				if slices.Contains(holders, v.Helper) {
					t.Fatalf("%s holds two seats of %s", v.Helper, s.ID)
				}
				holders = append(holders, v.Helper)
			}
		}
		if len(holders) > s.Seats {
			t.Fatalf("%d helpers for %d seats", len(holders), s.Seats)
		}
		for _, a := range r.Asks {
			if a.Slot == s.ID && a.Answerable() && (r.Phase != Live || s.Cancelled() || len(holders) == s.Seats) {
				t.Fatalf("an ask of %s is %s where no seat is left", s.ID, a.State)
			}
		}
	}
}

func (w *world) checkHelper(t *rapid.T, h Helper) {
	for i, a := range h.Agreed {
		seats := a.Seats
		for _, b := range h.Agreed[:i] {
			switch {
			case a.Visit == b.Visit:
				t.Fatalf("%s has two hours for one visit", h.Person)
			case a.Offer != "" && a.Offer == b.Offer:
				seats += b.Seats
			case a.At.Overlaps(b.At):
				t.Fatalf("%s is to be at two places: %v and %v", h.Person, a.At, b.At)
			}
		}
		if a.Offer != "" && seats > 2 {
			t.Fatalf("%d passengers for 2 seats of %s", seats, h.Person)
		}
	}
	for _, r := range w.requests {
		for _, v := range r.Visits {
			booked := slices.ContainsFunc(h.Agreed, func(a Agreed) bool { return a.Visit == v.ID })
			moving := slices.ContainsFunc(h.Claims, func(c Claim) bool { return c.Visit == v.ID })
			at := slices.ContainsFunc(h.Agreed, func(a Agreed) bool { return a.Visit == v.ID && a.At.Contains(v.At) })
			over := w.now.After(v.At.Until)
			if v.Helper == h.Person && v.State == VisitSet && !over && !at && !moving {
				t.Fatalf("%s is planned and not in the book (booked at another hour: %v)", v.ID, booked)
			}
			if v.Helper == h.Person && !v.holdsSeat() && booked {
				t.Fatalf("%s is over and still in the book", v.ID)
			}
		}
	}
	months := map[string]int{}
	zone, _ := LoadZone(dutch)
	for _, q := range h.Questions {
		months[q.In(zone).Format("2006-01")]++
	}
	for _, c := range h.Claims {
		if c.Purpose == ForQuestion {
			months[c.Moment.In(zone).Format("2006-01")]++
		}
	}
	for month, n := range months {
		if n > max(h.Quiet.MonthlyLimit, w.over[string(h.Person)+month]) {
			t.Fatalf("%d questions to %s in %s", n, h.Person, month)
		}
	}
}

// leaveAlone lets only the clock work on a request: once nothing is to come any more its owner hears
// of it every day, until somebody ends it.
func (w *world) leaveAlone(t *rapid.T, r Request) {
	if r.Series != nil && r.Series.Rule == "FREQ=DAILY" {
		return
	}
	quietFrom := w.now
	for _, s := range r.Slots {
		if s.End.After(quietFrom) {
			quietFrom = s.End
		}
	}
	if r.Series != nil {
		quietFrom = quietFrom.AddDate(0, 0, 75) // swaps reach sixty days out
	}
	heard, now := quietFrom.Add(feedbackTime), w.now
	for end := heard.Add(96 * time.Hour); r.Phase != Ended && now.Before(end); {
		if r.NextActionAt.After(now) {
			now = r.NextActionAt
		}
		if now.Sub(heard) > 25*time.Hour {
			t.Fatalf("from %v to %v nobody heard of %s", heard, now, text(r))
		}
		next, events, err := r.Tick(now)
		if err != nil || (next.Phase != Ended && !next.NextActionAt.After(now)) {
			t.Fatalf("a tick at %v: %v", now, err)
		}
		if r = next; now.After(heard) && slices.ContainsFunc(events, tellsOwner) {
			heard = now
		}
	}
}

func tellsOwner(e Event) bool {
	switch e.Type {
	case RequestOwnerReminded, RequestDraftStale, RequestEmergency, RequestHandoverSilent, RequestPromiseLapsed:
		return true
	}
	return false
}
