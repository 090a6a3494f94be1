package care

import (
	"slices"
	"testing"
	"time"
)

func TestRequestEnds(t *testing.T) {
	type act func(Request, Actor, time.Time) (Request, []Event, error)
	withdraw := act(func(r Request, by Actor, at time.Time) (Request, []Event, error) { return r.Withdraw(by, "solved", at) })
	wordy := act(func(r Request, by Actor, at time.Time) (Request, []Event, error) {
		return r.Withdraw(by, "Het hoeft niet", at)
	})
	shut := act(Request.Close)
	refuse := act(func(r Request, by Actor, at time.Time) (Request, []Event, error) {
		return r.Refuse(by, "not_safe", ByPhone, at)
	})
	untold := act(func(r Request, by Actor, at time.Time) (Request, []Event, error) {
		return r.Refuse(by, "not_safe", "", at)
	})
	silent := act(func(r Request, by Actor, at time.Time) (Request, []Event, error) {
		return r.Refuse(by, "", ByPhone, at)
	})
	closed := must(live(nil).Withdraw(asRequester(), "", june("11:00")))
	for name, row := range map[string]struct {
		from Request
		act  act
		by   Actor
		want string
	}{
		"a draft is withdrawn":                            {drafted(nil), withdraw, asRequester(), "withdrawn"},
		"an open one is withdrawn by the owner":           {live(nil), withdraw, asOwner(), "withdrawn"},
		"an arranged one is withdrawn":                    {planned(nil), withdraw, asRequester(), "withdrawn"},
		"nothing is withdrawn by a helper":                {planned(nil), withdraw, asBert(), "not_your_request"},
		"nothing is withdrawn twice":                      {closed, withdraw, asRequester(), "request_closed"},
		"a reason to withdraw is a code":                  {live(nil), wordy, asRequester(), "reason_invalid"},
		"what was done is closed as fulfilled":            {finished(nil), shut, asRequester(), "fulfilled"},
		"a visit to come keeps it open":                   {planned(nil), shut, asRequester(), "visit_to_come"},
		"a visit that goes on keeps it open":              {begun(nil), shut, asOwner(), "visit_to_come"},
		"without a visit nothing was fulfilled":           {live(nil), shut, asRequester(), "nothing_done"},
		"a helper does not close":                         {finished(nil), shut, asBert(), "not_your_request"},
		"a draft is not closed":                           {drafted(nil), shut, asRequester(), "request_not_live"},
		"the owner refuses and says how the person knows": {live(nil), refuse, asOwner(), "refused"},
		"the requester does not refuse":                   {live(nil), refuse, asRequester(), "not_the_owner"},
		"nobody is refused untold":                        {live(nil), untold, asOwner(), "not_told"},
		"nobody is refused without a reason":              {live(nil), silent, asOwner(), "reason_missing"},
		"what is closed is not refused":                   {closed, refuse, asOwner(), "request_closed"},
	} {
		next, _, err := row.act(row.from, row.by, nextDay("15:30"))
		if got := verdict(next.Outcome, err); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func TestEndTellsEverybody(t *testing.T) {
	r := must(yes(asked(asked(live(func(r *Request) { r.Slots[0].Seats = 2 }), "bert", "a1"), "cor", "a2"), "a1", "bert", june("11:00")))
	next, events, err := r.Withdraw(asRequester(), "", june("12:00"))
	if want := []EventType{AskStoodDown, VisitCancelled, RequestClosed}; err != nil || !slices.Equal(words(events), want) {
		t.Errorf("%v, %v", words(events), err)
	}
	if next.NextActionAt != (time.Time{}) || next.Todo != TodoNone {
		t.Errorf("the clock looks again at what is closed: %v, %q", next.NextActionAt, next.Todo)
	}
}

func TestHandover(t *testing.T) {
	accept := func(r Request, at time.Time) (Request, []Event, error) { return r.HandoverAccepted("referral", at) }
	reject := func(r Request, at time.Time) (Request, []Event, error) { return r.HandoverRejected("referral", at) }
	tick := func(r Request, at time.Time) (Request, []Event, error) { return r.Tick(at) }
	begin := func(r Request) Request { return must(r.HandOver("referral", asOwner(), june("11:00"))) }
	silent := must(begin(live(nil)).Tick(nextDay("11:00")))
	other := live(nil)
	other.Handover = &Handover{Referral: "other"}
	for name, row := range map[string]struct {
		from   Request
		act    func(Request, time.Time) (Request, []Event, error)
		at     time.Time
		events []EventType
		state  State
		todo   Todo
	}{
		"silence for a day comes to the owner":           {begin(live(nil)), tick, nextDay("11:00"), []EventType{RequestHandoverSilent}, Open, TodoHandover},
		"not a millisecond sooner":                       {begin(live(nil)), tick, nextDay("11:00").Add(-time.Millisecond), nil, Open, TodoNone},
		"an acknowledgement ends it":                     {begin(live(nil)), accept, june("12:00"), []EventType{RequestClosed}, Closed, TodoNone},
		"an acknowledgement calls visits off":            {begin(planned(nil)), accept, june("12:00"), []EventType{VisitCancelled, RequestClosed}, Closed, TodoNone},
		"an acknowledgement of another means nothing":    {other, accept, june("12:00"), nil, Open, TodoNone},
		"a rejection brings it back to the desk":         {begin(live(nil)), reject, june("12:00"), []EventType{RequestHandoverFailed}, Open, TodoRejected},
		"a rejection after silence says that it was one": {silent, reject, nextDay("12:00"), []EventType{RequestHandoverFailed}, Open, TodoRejected},
		"a rejected draft stays what its person kept":    {begin(drafted(nil)), reject, june("12:00"), []EventType{RequestHandoverFailed}, Draft, TodoRejected},
		"a draft ends when formal care has acknowledged": {begin(drafted(nil)), accept, june("12:00"), []EventType{RequestClosed}, Closed, TodoNone},
	} {
		next, events, err := row.act(row.from, row.at)
		if err != nil || !slices.Equal(words(events), row.events) || next.State(row.at) != row.state || next.Todo != row.todo {
			t.Errorf("%s: %v, %s, %q, %v", name, words(events), next.State(row.at), next.Todo, err)
		}
	}
	for name, row := range map[string]struct {
		from Request
		by   Actor
		code string
	}{
		"by the owner":      {live(nil), asOwner(), ""},
		"not by others":     {live(nil), asRequester(), "not_the_owner"},
		"not twice":         {begin(live(nil)), asOwner(), "handed_over_already"},
		"not once it ended": {must(live(nil).Withdraw(asRequester(), "", june("10:30"))), asOwner(), "request_closed"},
	} {
		if _, _, err := row.from.HandOver("second", row.by, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("a request is handed over %s: got %v, want %q", name, err, row.code)
		}
	}
}

func TestNoCandidates(t *testing.T) {
	r, events, err := live(nil).NoCandidates(june("11:00"))
	if err != nil || !slices.Equal(words(events), []EventType{RequestWaveEmpty}) || !r.WaveAt.Equal(june("11:30")) {
		t.Errorf("a wave that found nobody is tried again: %v, %v, %v", words(events), r.WaveAt, err)
	}
	if _, events, err := planned(nil).NoCandidates(june("11:30")); err != nil || len(events) > 0 {
		t.Errorf("nobody is looked for: %v, %v", words(events), err)
	}
}

func TestCompactKeepsWhatIsUnsettled(t *testing.T) {
	r := live(weeklySeries)
	for name, change := range map[string]func(*Request){
		"a slot that nobody missed yet": func(*Request) {},
		"an ask that can be answered": func(r *Request) {
			r.Slots[0].MissedAt, r.Asks = june("12:00"), []Ask{{Slot: r.Slots[0].ID, State: Deferred}}
		},
		"a visit that goes on":            func(r *Request) { r.Visits = []Visit{{Slot: r.Slots[0].ID, State: VisitBegun}} },
		"a visit that nobody asked after": func(r *Request) { r.Visits = []Visit{{Slot: r.Slots[0].ID, State: VisitFinished}} },
		"what is on the desk":             func(r *Request) { r.Slots[0].MissedAt, r.Todo = june("12:00"), TodoMissed },
	} {
		next := r.clone()
		change(&next)
		if _, past := next.Compact(nextDay("15:01")); len(past.Slots) > 0 {
			t.Errorf("compacting took %s", name)
		}
	}
	gone := r.clone()
	gone.Slots[0].MissedAt = nextDay("14:00")
	if next, past := gone.Compact(nextDay("15:01")); len(past.Slots) != 1 || len(next.Slots) != len(r.Slots)-1 {
		t.Errorf("a missed slot that was seen to becomes history: %d, %d", len(past.Slots), len(next.Slots))
	}
}
