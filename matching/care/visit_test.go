package care

import (
	"slices"
	"testing"
	"time"
)

func agreed(change func(*Request)) Request {
	return must(yes(asked(live(change), "bert", "a1"), "a1", "bert", june("11:00")))
}

func planned(change func(*Request)) Request {
	r := agreed(change)
	return must(r.ConfirmVisit(r.Visits[0].ID, byClock(), june("11:01")))
}

func begun(change func(*Request)) Request {
	r := planned(change)
	return must(r.StartVisit(r.Visits[0].ID, asBert(), nextDay("14:00")))
}

func finished(change func(*Request)) Request {
	r := begun(change)
	return must(r.FinishVisit(r.Visits[0].ID, asBert(), nextDay("15:00")))
}

func asBert() Actor { return Actor{"bert", HelperParty} }
func asCor() Actor  { return Actor{"cor", HelperParty} }

func flexible(r *Request)    { r.Slots[0].End, r.Slots[0].Duration = nextDay("18:00"), time.Hour }
func personalYes(r *Request) { r.PersonalYes = true }

func TestVisitTransitions(t *testing.T) {
	type act func(Request, VisitID, Actor, time.Time) (Request, []Event, error)
	confirm, start, finish, missed := act(Request.ConfirmVisit), act(Request.StartVisit), act(Request.FinishVisit), act(Request.NoShow)
	cancel := act(func(r Request, id VisitID, by Actor, at time.Time) (Request, []Event, error) {
		return r.CancelVisit(id, by, "ill", at)
	})
	stranger := Actor{Person: "stranger"}
	for name, row := range map[string]struct {
		from Request
		act  act
		by   Actor
		at   time.Time
		want string
	}{
		"agreed is planned by the clock":                             {agreed(nil), confirm, byClock(), june("11:01"), "planned"},
		"agreed is not planned by the helper":                        {agreed(nil), confirm, asBert(), june("11:01"), "not_your_request"},
		"agreed waits for the resident who wants to know the helper": {agreed(personalYes), confirm, byClock(), june("11:01"), "personal_yes_needed"},
		"agreed is planned by that resident":                         {agreed(personalYes), confirm, asRequester(), june("11:01"), "planned"},
		"planned is not planned again":                               {planned(nil), confirm, byClock(), june("11:02"), "visit_state"},
		"agreed is not started":                                      {agreed(nil), start, asBert(), nextDay("14:00"), "visit_state"},
		"planned starts at the first moment of the hour before":      {planned(nil), start, asBert(), nextDay("13:00"), "started"},
		"planned does not start a millisecond sooner":                {planned(nil), start, asBert(), nextDay("13:00").Add(-time.Millisecond), "visit_too_early"},
		"planned is started by the resident too":                     {planned(nil), start, asRequester(), nextDay("14:00"), "started"},
		"planned is not started by another helper":                   {planned(nil), start, asCor(), nextDay("14:00"), "not_your_visit"},
		"planned is not started by a stranger":                       {planned(nil), start, stranger, nextDay("14:00"), "not_your_request"},
		"started is done":                                            {begun(nil), finish, asBert(), nextDay("14:20"), "done"},
		"planned is done where nobody pressed start":                 {planned(nil), finish, asOwner(), nextDay("14:00"), "done"},
		"planned is not done before its hour":                        {planned(nil), finish, asBert(), nextDay("14:00").Add(-time.Millisecond), "visit_too_early"},
		"done is not done again":                                     {finished(nil), finish, asBert(), nextDay("15:10"), "visit_state"},
		"done by a stranger is refused":                              {begun(nil), finish, stranger, nextDay("14:20"), "not_your_request"},
		"planned is a no-show after a quarter of an hour":            {planned(nil), missed, asRequester(), nextDay("14:15"), "no_show"},
		"planned is no no-show a millisecond before":                 {planned(nil), missed, asRequester(), nextDay("14:15").Add(-time.Millisecond), "visit_too_early"},
		"planned is no no-show by word of the helper":                {planned(nil), missed, asBert(), nextDay("14:15"), "not_your_request"},
		"started is no no-show":                                      {begun(nil), missed, asRequester(), nextDay("14:15"), "visit_state"},
		"planned is called off by its helper":                        {planned(nil), cancel, asBert(), june("12:00"), "cancelled"},
		"planned is called off by its helper when late":              {planned(nil), cancel, asBert(), nextDay("14:20"), "cancelled"},
		"planned is not called off by another helper":                {planned(nil), cancel, asCor(), june("12:00"), "not_your_visit"},
		"planned is not called off by a stranger":                    {planned(nil), cancel, stranger, june("12:00"), "not_your_request"},
		"agreed is called off by the resident":                       {agreed(nil), cancel, asRequester(), june("12:00"), "cancelled"},
		"started is not called off":                                  {begun(nil), cancel, asBert(), nextDay("14:10"), "visit_state"},
	} {
		next, events, err := row.act(row.from, row.from.Visits[0].ID, row.by, row.at)
		v := next.Visits[0]
		if got := verdict(v.State, err); got != row.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, row.want, words(events))
		}
	}
	if _, _, err := planned(nil).StartVisit("none", asBert(), nextDay("14:00")); CodeOf(err) != "visit_not_found" {
		t.Errorf("a visit that there is not: %v", err)
	}
}

func TestCancelVisit(t *testing.T) {
	two := func(r *Request) { r.Slots[0].Seats = 2 }
	both := asked(planned(two), "cor", "a2")
	both = must(yes(both, "a2", "cor", june("11:30")))
	for name, row := range map[string]struct {
		from   Request
		by     Actor
		at     time.Time
		events []EventType
		free   int
		seats  int
	}{
		"by the helper frees the seat":                            {planned(nil), asBert(), june("12:00"), []EventType{VisitCancelled, SlotReopened}, 1, 1},
		"by the owner frees the seat":                             {planned(nil), asOwner(), june("12:00"), []EventType{VisitCancelled, SlotReopened}, 1, 1},
		"by the resident drops the time":                          {planned(nil), asRequester(), june("12:00"), []EventType{SlotSkipped, VisitCancelled}, 0, 1},
		"by the resident drops a flexible time that has begun":    {planned(func(r *Request) { flexible(r); r.Slots[0].Start = nextDay("14:00") }), asRequester(), nextDay("14:00"), []EventType{SlotSkipped, VisitCancelled}, 0, 1},
		"by the resident takes one seat where another is to come": {both, asRequester(), june("12:00"), []EventType{VisitCancelled}, 0, 1},
		"by the helper too late to find another":                  {planned(nil), asBert(), nextDay("14:00"), []EventType{VisitCancelled}, 0, 1},
	} {
		next, events, err := row.from.CancelVisit(row.from.Visits[0].ID, row.by, "ill", row.at)
		if err != nil || !slices.Equal(words(events), row.events) || next.FreeSeats("slot", row.at) != row.free || next.Slots[0].Seats != row.seats {
			t.Errorf("%s: %v, %d free of %d, %v", name, words(events), next.FreeSeats("slot", row.at), next.Slots[0].Seats, err)
		}
	}
	if _, _, err := planned(nil).CancelVisit(planned(nil).Visits[0].ID, asBert(), "Ik ben ziek", june("12:00")); CodeOf(err) != "reason_invalid" {
		t.Errorf("a reason is a code, for it enters the feed: %v", err)
	}
}

func TestReturnVisits(t *testing.T) {
	r, events, err := planned(nil).ReturnVisits("bert", "not_available", june("12:00"))
	if err != nil || !slices.Equal(words(events), []EventType{VisitReturned, SlotReopened}) || r.Todo != TodoReturned {
		t.Errorf("a visit goes back to its owner: %v, %q, %v", words(events), r.Todo, err)
	}
	late, _, err := planned(nil).ReturnVisits("bert", "not_available", nextDay("14:05"))
	if err != nil || late.Todo != TodoMissed {
		t.Errorf("with no time left the owner hears that it was missed: %q, %v", late.Todo, err)
	}
	if _, events, err := begun(nil).ReturnVisits("bert", "not_available", nextDay("14:05")); err != nil || len(events) > 0 {
		t.Errorf("a helper who has come stays: %v, %v", events, err)
	}
}

func TestMoveVisit(t *testing.T) {
	r := planned(flexible)
	id := r.Visits[0].ID
	late := Interval{nextDay("17:00"), nextDay("18:00")}
	void := must(r.VoidClaim("moved", june("12:00")))
	for name, row := range map[string]struct {
		from Request
		at   Interval
		by   Actor
		code string
	}{
		"to the last hour of the window": {r, late, asBert(), ""},
		"a minute beyond it":             {r, Interval{nextDay("17:01"), nextDay("18:01")}, asBert(), "visit_outside_slot"},
		"by another helper":              {r, late, asCor(), "not_your_visit"},
		"by the clock":                   {r, late, byClock(), "not_your_request"},
		"under a claim that is void":     {void, late, asBert(), "claim_void"},
		"once it has begun":              {begun(flexible), late, asBert(), "visit_state"},
	} {
		if _, _, err := row.from.MoveVisit(id, row.at, "moved", row.by, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("moving %s: got %v, want %q", name, err, row.code)
		}
	}
	waited := must(r.Tick(nextDay("14:15")))
	moved := must(waited.MoveVisit(id, late, "moved", asBert(), nextDay("14:20")))
	if again, events, err := moved.MoveVisit(id, late, "moved", asBert(), nextDay("14:21")); err != nil || len(events) > 0 || text(again) != text(moved) {
		t.Errorf("a resend moves nothing: %v, %v", events, err)
	}
	if waited.Todo != TodoNotStarted || moved.Todo != TodoNone {
		t.Errorf("a move takes the question off the desk: %q, then %q", waited.Todo, moved.Todo)
	}
	if _, events, _ := moved.Tick(nextDay("17:15")); !slices.Contains(words(events), VisitNotStarted) {
		t.Errorf("and it is asked again at the new hour: %v", words(events))
	}
}

func TestNoteFeedback(t *testing.T) {
	done := must(finished(nil).Tick(nextDay("16:00")))
	id := done.Visits[0].ID
	good := must(done.NoteFeedback(id, Requester, true, nextDay("17:00")))
	both := must(good.NoteFeedback(id, HelperParty, true, nextDay("18:00")))
	if good.Phase != Live || both.Outcome != Fulfilled {
		t.Errorf("two good words fulfil the request: %s, then %s %s", good.Phase, both.Phase, both.Outcome)
	}
	bad := must(done.NoteFeedback(id, Requester, false, nextDay("17:00")))
	seen := must(bad.Settled(asOwner(), nextDay("17:30")))
	if again := must(seen.NoteFeedback(id, Requester, false, nextDay("17:00"))); bad.Todo != TodoFeedback || again.Todo != TodoNone {
		t.Errorf("a bad word comes to the owner once: %q, and after a replay %q", bad.Todo, again.Todo)
	}
	if over := must(done.Tick(nextDay("15:00").Add(48 * time.Hour))); over.Outcome != Fulfilled {
		t.Errorf("silence for two days fulfils it: %s", over.Phase)
	}
	if early := must(done.Tick(nextDay("15:00").Add(48*time.Hour - time.Millisecond))); early.Phase != Live {
		t.Errorf("and not a millisecond sooner: %s", early.Outcome)
	}
}

func TestVisitShown(t *testing.T) {
	for name, row := range map[string]struct {
		of   Request
		at   time.Time
		want bool
	}{
		"not while only agreed": {agreed(nil), june("12:00"), false},
		"once planned":          {planned(nil), june("12:00"), true},
		"a millisecond before two hours after its end": {finished(nil), nextDay("17:00").Add(-time.Millisecond), true},
		"not two hours after its end":                  {finished(nil), nextDay("17:00"), false},
	} {
		if got := row.of.Visits[0].Shown(row.at); got != row.want {
			t.Errorf("the address is shown %s: %v", name, got)
		}
	}
}
