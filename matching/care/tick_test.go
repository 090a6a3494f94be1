package care

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestTick(t *testing.T) {
	second := func(r *Request) { personalYes(r); r.Urgency = Today }
	dropped := must(live(nil).SkipSlot("slot", asRequester(), "", june("12:00")))
	for name, row := range map[string]struct {
		from   Request
		at     time.Time
		events []EventType
		todo   Todo
		next   Action
	}{
		"calls for a wave after a minute":                {live(nil), june("10:01"), []EventType{RequestWaveDue}, TodoNone, ActWave},
		"does nothing a millisecond before":              {live(nil), june("10:01").Add(-time.Millisecond), nil, TodoNone, ActWave},
		"lets an ask lapse and looks further":            {asked(live(nil), "bert", "a1"), june("20:00"), []EventType{AskLapsed, RequestWaveDue}, TodoNone, ActWave},
		"misses the promise an hour before the start":    {live(nil), nextDay("13:00"), []EventType{RequestPromiseLapsed, RequestWaveDue}, TodoPromise, ActWave},
		"misses a slot at the moment a visit must begin": {live(nil), nextDay("14:00"), []EventType{SlotMissed}, TodoMissed, ActOwner},
		"asks whether a visit began":                     {planned(nil), nextDay("14:15"), []EventType{VisitNotStarted}, TodoNotStarted, ActFollowUp},
		"does not ask a millisecond before":              {planned(nil), nextDay("14:15").Add(-time.Millisecond), nil, TodoNone, ActStart},
		"asks how it was an hour after the end":          {finished(nil), nextDay("16:00"), []EventType{VisitFollowUp}, TodoNone, ActFeedback},
		"asks both where nobody pressed anything":        {planned(nil), nextDay("16:00"), []EventType{VisitNotStarted, VisitFollowUp}, TodoNotStarted, ActOwner},
		"calls the owner where the resident says no yes": {agreed(second), june("12:00"), []EventType{VisitConfirmDue}, TodoConfirm, ActOwner},
		"closes two days after the end":                  {finished(nil), nextDay("15:00").Add(48 * time.Hour), []EventType{VisitFollowUp, RequestClosed}, TodoNone, ""},
		"brings what nothing would move on to the owner": {dropped, june("13:00"), []EventType{RequestOwnerReminded}, TodoStranded, ActOwner},
		"leaves what is closed alone":                    {must(live(nil).Withdraw(asRequester(), "", june("12:00"))), nextDay("14:00"), nil, TodoNone, ""},
	} {
		next, events, err := row.from.Tick(row.at)
		if err != nil || !slices.Equal(words(events), row.events) || next.Todo != row.todo || next.NextAction != row.next {
			t.Errorf("a tick %s: %v, on the desk %q, next %s at %v, %v", name, words(events), next.Todo, next.NextAction, next.NextActionAt, err)
		}
	}
}

func TestArrangedRequestIsNextLookedAtAfterItsStart(t *testing.T) {
	if r := planned(nil); r.NextAction != ActStart || !r.NextActionAt.Equal(nextDay("14:15")) {
		t.Errorf("%s at %v", r.NextAction, r.NextActionAt)
	}
}

func TestPromiseCountsFromTheMorning(t *testing.T) {
	for name, row := range map[string]struct {
		urgency Urgency
		at      string
		want    string
	}{
		"asked in the day":                         {Today, "10T10:00", "10T14:00"},
		"asked late in the evening, for today":     {Today, "10T21:00", "11T12:00"},
		"urgent in the evening":                    {Urgent, "10T22:59", "10T23:29"},
		"urgent in the deep of the night":          {Urgent, "10T23:00", "11T07:30"},
		"ordinary on a Saturday evening":           {Ordinary, "13T21:30", "17T08:00"},
		"ordinary on a Sunday":                     {Ordinary, "14T12:00", "17T08:00"},
		"asked at night, an hour before the start": {Today, "20T05:00", "20T08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			now := nl("2026-06-" + row.at).UTC()
			r := Request{Zone: dutch, Urgency: row.urgency, Phase: Live, Slots: []Slot{{ID: "slot", Start: nl("2026-06-20T09:00").UTC(), End: nl("2026-06-20T10:00").UTC(), Seats: 1}}}
			if got := r.promise(now); !got.Equal(nl("2026-06-" + row.want)) {
				t.Errorf("promised for %s, want %s", got, row.want)
			}
		})
	}
	if got := live(nil).promise(june("23:30")); !got.Equal(nextDay("13:00")) {
		t.Errorf("without a zone: %v", got)
	}
}

func TestPromiseClimbs(t *testing.T) {
	far := live(func(r *Request) {
		r.Slots[0].Start, r.Slots[0].End = r.Slots[0].Start.AddDate(0, 0, 10), r.Slots[0].End.AddDate(0, 0, 10)
	})
	r := must(far.Tick(far.PromiseAt))
	if r.Stage != StageGuarantor || r.Owner.Kind != ChairGuarantor || !r.PromiseAt.Equal(far.PromiseAt.Add(48*time.Hour)) {
		t.Errorf("a missed promise climbs to the guarantor: %s, %v, %v", r.Stage, r.Owner, r.PromiseAt)
	}
	a := question("bert", "a1")
	a.AskFrom, a.LapsesAt = far.PromiseAt, far.PromiseAt.Add(time.Hour)
	r = must(r.AskHelper(a, far.PromiseAt))
	r = must(r.AcceptAsk("a1", "bert", r.Slots[0].Earliest(), "yes", far.PromiseAt))
	if !r.PromiseAt.IsZero() || !r.WaveAt.IsZero() || r.Todo != TodoPromise {
		t.Errorf("a yes stops the search and leaves the task until it is firm: %v, %v, %q", r.PromiseAt, r.WaveAt, r.Todo)
	}
	if r = must(r.ConfirmVisit(r.Visits[0].ID, byClock(), far.PromiseAt)); r.Todo != TodoNone {
		t.Errorf("a firm yes takes the task off the desk: %q", r.Todo)
	}
}

func TestSeriesPromisesWeekByWeek(t *testing.T) {
	r := live(weeklySeries)
	for i, s := range r.Slots[:2] {
		n := Nonce(fmt.Sprint("n", i))
		a := Ask{ID: AskID(n), Slot: s.ID, Helper: "bert", AskFrom: june("10:00"), LapsesAt: june("20:00"), Nonce: n}
		r = must(r.AskHelper(a, june("10:00")))
		r = must(r.AcceptAsk(a.ID, "bert", s.Earliest(), "yes-"+n, june("11:00")))
		r = must(r.ConfirmVisit(r.Visits[i].ID, byClock(), june("11:00")))
	}
	if !r.PromiseAt.IsZero() || r.State(june("11:00")) != Open {
		t.Fatalf("nobody is looked for beyond two weeks: promise %v", r.PromiseAt)
	}
	at := r.Slots[2].Start.Add(-AskAhead)
	for r.NextActionAt.Before(at) {
		r = must(r.Tick(r.NextActionAt))
	}
	r = must(r.Tick(at))
	if !r.WaveAt.Equal(at.Add(waveSoon)) || !r.PromiseAt.Equal(at.Add(48*time.Hour)) {
		t.Errorf("the third week is looked for from %v: wave %v, promise %v", at, r.WaveAt, r.PromiseAt)
	}
}

func TestTickForgetsNoMissedSlotBehindAnotherTask(t *testing.T) {
	promise := must(live(nil).Tick(nextDay("13:00")))
	if r := must(promise.Tick(nextDay("14:00"))); promise.Todo != TodoPromise || r.Todo != TodoMissed {
		t.Errorf("%q, then %q", promise.Todo, r.Todo)
	}
}

func TestDeskKeepsWhatWaitsForAnotherVisit(t *testing.T) {
	two := asked(planned(func(r *Request) { r.Slots[0].Seats = 2 }), "cor", "a2")
	two = must(yes(two, "a2", "cor", june("11:30")))
	two = must(two.ConfirmVisit(two.Visits[1].ID, byClock(), june("11:31")))
	two = must(two.Tick(nextDay("14:15")))
	one := must(two.StartVisit(two.Visits[0].ID, asBert(), nextDay("14:16")))
	both := must(one.StartVisit(two.Visits[1].ID, asCor(), nextDay("14:17")))
	if one.Todo != TodoNotStarted || both.Todo != TodoNone {
		t.Errorf("one of two has come: %q; both have: %q", one.Todo, both.Todo)
	}
}

func TestSettled(t *testing.T) {
	missed := must(live(nil).Tick(nextDay("14:00")))
	for name, row := range map[string]struct {
		from Request
		by   Actor
		code string
	}{
		"by the owner":                 {missed, asOwner(), ""},
		"not by the requester":         {missed, asRequester(), "not_the_owner"},
		"not where nothing waits":      {live(nil), asOwner(), "nothing_to_do"},
		"not where the request closed": {must(missed.Withdraw(asRequester(), "", nextDay("14:01"))), asOwner(), "request_closed"},
	} {
		if _, _, err := row.from.Settled(row.by, nextDay("14:05")); CodeOf(err) != row.code {
			t.Errorf("a task is seen to %s: got %v, want %q", name, err, row.code)
		}
	}
	seen := must(missed.Settled(asOwner(), nextDay("14:05")))
	if back := must(seen.Tick(seen.NextActionAt)); back.Todo != TodoStranded || !seen.NextActionAt.Equal(nextDay("14:05").Add(24*time.Hour)) {
		t.Errorf("what was only seen to comes back the next day: %q at %v", back.Todo, seen.NextActionAt)
	}
}

// TestThreeYearsOfADailySeriesStaySmall lives a daily series with a helper who comes every day but
// one in ten, the owner seeing to that once a week, and compacts as the clock does.
func TestThreeYearsOfADailySeriesStaySmall(t *testing.T) {
	r := live(func(r *Request) { weeklySeries(r); r.Series.Rule = "FREQ=DAILY" })
	for day := range 3 * 365 {
		s := r.Slots[slices.IndexFunc(r.Slots, func(s Slot) bool { return s.Start.After(nextDay("11:00").AddDate(0, 0, day)) })]
		r = must(r.Tick(s.Start.Add(-3 * time.Hour)))
		if day%10 != 7 {
			n := Nonce(fmt.Sprint("n", day))
			a := Ask{ID: AskID(n), Slot: s.ID, Helper: "bert", AskFrom: s.Start.Add(-3 * time.Hour), LapsesAt: s.Start, Nonce: n}
			r = must(r.AskHelper(a, a.AskFrom))
			r = must(r.AcceptAsk(a.ID, "bert", s.Earliest(), "yes-"+n, a.AskFrom))
			v := r.Visits[len(r.Visits)-1].ID
			r = must(r.ConfirmVisit(v, byClock(), a.AskFrom))
			r = must(r.FinishVisit(v, asBert(), s.End))
		}
		now := s.End.Add(2 * time.Hour)
		r = must(r.Tick(now))
		if day%7 == 0 && r.Todo != TodoNone {
			r = must(r.Settled(asOwner(), now))
		}
		r, _ = r.Compact(now.Add(-72 * time.Hour))
		if raw, err := json.Marshal(r); err != nil || len(r.Slots) > 85 || len(raw) > 128<<10 {
			t.Fatalf("on day %d there are %d slots in %d bytes, %v", day, len(r.Slots), len(raw), err)
		}
	}
	if !slices.ContainsFunc(r.Visits, func(v Visit) bool { return v.State == VisitFinished }) {
		t.Error("no proof is left that the series was of use")
	}
}

func TestSeriesThatEndsInSkippedDaysIsFulfilled(t *testing.T) {
	r := live(func(r *Request) { weeklySeries(r); r.Series.Rule = "FREQ=WEEKLY;COUNT=3" })
	s := r.Slots[0]
	r = must(r.AskHelper(Ask{ID: "a1", Slot: s.ID, Helper: "bert", AskFrom: june("10:00"), LapsesAt: june("20:00"), Nonce: "q"}, june("10:00")))
	r = must(r.AcceptAsk("a1", "bert", s.Earliest(), "yes", june("11:00")))
	r = must(r.ConfirmVisit(r.Visits[0].ID, byClock(), june("11:00")))
	r = must(r.FinishVisit(r.Visits[0].ID, asBert(), s.End))
	r = must(r.SkipSlot(r.Slots[1].ID, asRequester(), "", s.End))
	r = must(r.SkipSlot(r.Slots[2].ID, asRequester(), "", s.End))
	for range 100 {
		if r.Phase == Ended {
			break
		}
		r = must(r.Tick(r.NextActionAt))
		r, _ = r.Compact(r.NextActionAt.Add(-72 * time.Hour))
	}
	if r.Outcome != Fulfilled {
		t.Errorf("%s, %q", r.Phase, r.Todo)
	}
}
