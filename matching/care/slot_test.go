package care

import (
	"slices"
	"testing"
	"time"
)

func TestAddSlots(t *testing.T) {
	extra := []Slot{{ID: "extra", Start: nextDay("16:00"), End: nextDay("17:00"), Seats: 1}}
	for name, row := range map[string]struct {
		from  Request
		slots []Slot
		by    Actor
		code  string
	}{
		"by the requester":            {live(nil), extra, asRequester(), ""},
		"not by a helper":             {live(nil), extra, asBert(), "not_your_request"},
		"not to a draft":              {drafted(nil), extra, asRequester(), "request_not_live"},
		"not to a series":             {live(weeklySeries), extra, asRequester(), "slot_in_series"},
		"not none":                    {live(nil), nil, asRequester(), "slots_too_many"},
		"not one that is there":       {live(nil), askFor(nil).Slots, asRequester(), "slot_exists"},
		"not the same twice":          {live(nil), append(extra, extra...), asRequester(), "slot_exists"},
		"not one of an hour ago":      {live(nil), []Slot{{ID: "x", Start: june("08:00"), End: june("09:00"), Seats: 1}}, asRequester(), "slot_past"},
		"not beyond forty in the end": {live(nil), slices.Repeat(extra, 40), asRequester(), "slots_too_many"},
	} {
		if _, _, err := row.from.AddSlots(row.slots, row.by, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("times are added %s: got %v, want %q", name, err, row.code)
		}
	}
	missed := must(live(nil).Tick(nextDay("14:00")))
	again := must(missed.AddSlots([]Slot{{ID: "extra", Start: nextDay("16:00"), End: nextDay("17:00"), Seats: 1}}, asOwner(), nextDay("14:30")))
	if missed.Todo != TodoMissed || again.Todo != TodoNone || again.State(nextDay("14:30")) != Open {
		t.Errorf("another time clears the desk: %q, then %q and %s", missed.Todo, again.Todo, again.State(nextDay("14:30")))
	}
}

func TestSkipSlot(t *testing.T) {
	early := must(planned(nil).StartVisit(planned(nil).Visits[0].ID, asBert(), nextDay("13:30")))
	for name, row := range map[string]struct {
		from Request
		id   SlotID
		by   Actor
		at   time.Time
		code string
	}{
		"a millisecond before it begins":   {live(nil), "slot", asRequester(), nextDay("14:00").Add(-time.Millisecond), ""},
		"not at the moment it begins":      {live(nil), "slot", asRequester(), nextDay("14:00"), "slot_begun"},
		"not once a helper has come early": {early, "slot", asRequester(), nextDay("13:31"), "slot_begun"},
		"not by a helper":                  {live(nil), "slot", asBert(), june("12:00"), "not_your_request"},
		"not twice":                        {must(live(nil).SkipSlot("slot", asRequester(), "", june("12:00"))), "slot", asRequester(), june("12:30"), "slot_cancelled"},
		"not what there is not":            {live(nil), "none", asRequester(), june("12:00"), "slot_not_found"},
		"not of a draft":                   {drafted(nil), "slot", asRequester(), june("12:00"), "request_not_live"},
	} {
		if _, _, err := row.from.SkipSlot(row.id, row.by, "not_needed", row.at); CodeOf(err) != row.code {
			t.Errorf("a time is skipped %s: got %v, want %q", name, err, row.code)
		}
	}
}

func TestSkippingTheLastTimeLeavesTheRequestWithItsOwner(t *testing.T) {
	r := must(live(nil).SkipSlot("slot", asRequester(), "not_needed", june("12:00")))
	next, events, err := r.Tick(r.NextActionAt)
	if err != nil || next.Todo != TodoStranded || !slices.Equal(words(events), []EventType{RequestOwnerReminded}) {
		t.Errorf("%q, %v, %v", next.Todo, words(events), err)
	}
}

func TestSkippingWhatIsLeftFulfilsWhatWasDone(t *testing.T) {
	r := finished(func(r *Request) {
		r.Slots = append(r.Slots, Slot{ID: "later", Start: nextDay("15:00").AddDate(0, 0, 9), End: nextDay("16:00").AddDate(0, 0, 9), Seats: 1})
	})
	at := nextDay("15:00").AddDate(0, 0, 4)
	r = must(must(r.Tick(at)).Settled(asOwner(), at))
	if over := must(r.SkipSlot("later", asRequester(), "not_needed", at)); over.Outcome != Fulfilled {
		t.Errorf("%s, %q", over.Phase, over.Todo)
	}
}

func TestSwapSlot(t *testing.T) {
	r := live(weeklySeries)
	first := r.Slots[0].ID
	for name, row := range map[string]struct {
		to     LocalTime
		code   string
		events []EventType
	}{
		"to another hour":                {"2026-06-11T16:00", "", []EventType{SlotSkipped, SlotAdded}},
		"to the hour that it has":        {"2026-06-11T14:00", "", nil},
		"to this very moment":            {"2026-06-10T12:00", "slot_past", nil},
		"beyond what is laid out":        {"2026-08-09T14:00", "", []EventType{SlotSkipped}},
		"to another season":              {"2026-08-20T14:00", "swap_too_far", nil},
		"to an hour that cannot be read": {"tomorrow", "local_time_invalid", nil},
	} {
		_, events, err := r.SwapSlot(first, row.to, asRequester(), june("12:00"))
		if CodeOf(err) != row.code || !slices.Equal(words(events), row.events) {
			t.Errorf("a time is swapped %s: %v, %v", name, words(events), err)
		}
	}
	away := must(r.SwapSlot(first, "2026-06-11T16:00", asRequester(), june("12:00")))
	moved := away.Slots[len(away.Slots)-1]
	back := must(away.SwapSlot(moved.ID, "2026-06-11T14:00", asRequester(), june("13:00")))
	if s, err := back.Slot(first); err != nil || s.Cancelled() || back.FreeSeats(first, june("13:00")) != 1 {
		t.Errorf("swapped away and back again the first time is there again: %+v, %v", s, err)
	}
	if _, _, err := live(nil).SwapSlot("slot", "2026-06-11T16:00", asRequester(), june("12:00")); CodeOf(err) != "slot_not_in_series" {
		t.Errorf("only a time of a series is swapped: %v", err)
	}
	if _, _, err := r.SwapSlot(first, "2026-06-11T16:00", asBert(), june("12:00")); CodeOf(err) != "not_your_request" {
		t.Errorf("a helper does not swap: %v", err)
	}
}

func TestRequestState(t *testing.T) {
	two := func(r *Request) { r.Slots[0].Seats = 2 }
	for name, row := range map[string]struct {
		of   Request
		at   time.Time
		want State
	}{
		"a draft":                                {drafted(nil), june("12:00"), Draft},
		"open while a seat is free":              {planned(two), june("12:00"), Open},
		"arranged once the last is taken":        {planned(nil), june("12:00"), Arranged},
		"arranged by agreed alone":               {agreed(personalYes), june("12:00"), Arranged},
		"arranged once the second seat can wait": {planned(two), nextDay("14:00"), Arranged},
		"open a millisecond before":              {planned(two), nextDay("14:00").Add(-time.Millisecond), Open},
		"open where nobody came":                 {live(nil), nextDay("14:00"), Open},
		"open again after a no-show":             {must(planned(flexible).NoShow(planned(flexible).Visits[0].ID, asRequester(), nextDay("14:15"))), nextDay("14:16"), Open},
		"closed":                                 {must(live(nil).Withdraw(asRequester(), "", june("12:00"))), june("12:00"), Closed},
	} {
		if got := row.of.State(row.at); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
