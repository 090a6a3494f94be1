package care

import (
	"slices"
	"testing"
	"time"
)

// question is asked at ten and lapses at eight in the evening.
func question(helper PersonID, id AskID) Ask {
	return Ask{ID: id, Slot: "slot", Helper: helper, AskFrom: june("10:00"), LapsesAt: june("20:00"), Nonce: Nonce("q-" + id)}
}

func asked(r Request, helper PersonID, id AskID) Request {
	return must(r.AskHelper(question(helper, id), june("10:00")))
}

func hour() Interval { return Interval{From: nextDay("14:00"), Until: nextDay("15:00")} }

func yes(r Request, id AskID, by PersonID, at time.Time) (Request, []Event, error) {
	return r.AcceptAsk(id, by, hour(), Nonce("yes-"+id), at)
}

func TestAskAnswer(t *testing.T) {
	open := asked(asked(live(nil), "bert", "a1"), "cor", "a2")
	later := must(open.DeferAsk("a1", "bert", june("15:00"), june("11:00")))
	said := must(open.DeclineAsk("a1", "bert", "", june("11:00")))
	overtaken := must(yes(open, "a2", "cor", june("11:00")))
	freed := must(overtaken.CancelVisit(overtaken.Visits[0].ID, Actor{"cor", HelperParty}, "ill", june("12:00")))
	handed := must(open.HandOver("referral", asOwner(), june("11:00")))
	accept := func(r Request, by PersonID, at time.Time) (Request, []Event, error) { return yes(r, "a1", by, at) }
	decline := func(r Request, by PersonID, at time.Time) (Request, []Event, error) {
		return r.DeclineAsk("a1", by, "away", at)
	}
	postpone := func(r Request, by PersonID, at time.Time) (Request, []Event, error) {
		return r.DeferAsk("a1", by, at.Add(time.Hour), at)
	}
	lost := func(r Request, _ PersonID, at time.Time) (Request, []Event, error) {
		return r.AskNotDelivered("a1", at)
	}
	tick := func(r Request, _ PersonID, at time.Time) (Request, []Event, error) { return r.Tick(at) }
	for name, row := range map[string]struct {
		from Request
		act  func(Request, PersonID, time.Time) (Request, []Event, error)
		by   PersonID
		at   time.Time
		want string
	}{
		"yes takes the seat":                              {open, accept, "bert", june("11:00"), "accepted"},
		"yes counts a millisecond before it lapses":       {open, accept, "bert", june("20:00").Add(-time.Millisecond), "accepted"},
		"yes is too late at the very moment it lapses":    {open, accept, "bert", june("20:00"), "ask_lapsed"},
		"yes is its helper's alone":                       {open, accept, "cor", june("11:00"), "not_your_ask"},
		"yes follows a later":                             {later, accept, "bert", june("19:59"), "accepted"},
		"yes after a no is refused":                       {said, accept, "bert", june("12:00"), "ask_not_open"},
		"yes of a phone that was offline makes a reserve": {overtaken, accept, "bert", june("12:00"), "reserve"},
		"yes of such a phone takes a seat free again":     {freed, accept, "bert", june("13:00"), "accepted"},
		"yes of such a phone lapses too":                  {overtaken, accept, "bert", june("20:00"), "ask_lapsed"},
		"yes while formal care is asked is refused":       {handed, accept, "bert", june("12:00"), "ask_not_open"},
		"no is kept": {open, decline, "bert", june("11:00"), "declined"},
		"no is too late at the very moment it lapses":  {open, decline, "bert", june("20:00"), "ask_lapsed"},
		"no is its helper's alone":                     {open, decline, "cor", june("11:00"), "not_your_ask"},
		"no to what was stood down is refused":         {overtaken, decline, "bert", june("12:00"), "ask_not_open"},
		"later waits":                                  {open, postpone, "bert", june("11:00"), "later"},
		"later twice is refused":                       {later, postpone, "bert", june("15:00"), "ask_deferred"},
		"later is refused where it lapses first":       {open, postpone, "bert", june("19:00"), "later_out_of_range"},
		"silence lapses at the very moment":            {open, tick, "", june("20:00"), "lapsed"},
		"silence stays open a millisecond before":      {open, tick, "", june("20:00").Add(-time.Millisecond), "asked"},
		"a later lapses too":                           {later, tick, "", june("20:00"), "lapsed"},
		"what reached nobody is no refusal":            {open, lost, "", june("10:01"), "undelivered"},
		"what was heard of cannot have reached nobody": {later, lost, "", june("12:00"), "ask_not_open"},
	} {
		next, events, err := row.act(row.from, row.by, row.at)
		a, _ := next.Ask("a1")
		if got := verdict(a.State, err); got != row.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, row.want, words(events))
		}
	}
}

func TestAskHelperRefuses(t *testing.T) {
	open := live(nil)
	behalf := live(func(r *Request) {
		r.OnBehalf = &OnBehalf{By: "desk", Channel: ByDesk, Consent: Consent{Basis: Spoken}}
	})
	taken := asked(open, "bert", "a1")
	full := must(yes(taken, "a1", "bert", june("11:00")))
	void := must(open.VoidClaim("q-a1", june("10:00")))
	with := func(change func(*Ask)) Ask {
		a := question("bert", "a1")
		change(&a)
		return a
	}
	for name, row := range map[string]struct {
		from Request
		ask  Ask
		code string
	}{
		"a draft":                            {drafted(nil), question("bert", "a1"), "request_not_live"},
		"what formal care is asked for":      {must(open.HandOver("f", asOwner(), june("10:00"))), question("bert", "a1"), "request_handed_over"},
		"a time that there is not":           {open, with(func(a *Ask) { a.Slot = "none" }), "slot_not_found"},
		"a time that is full":                {full, question("cor", "a2"), "slot_full"},
		"the person themselves":              {open, question(resident, "a1"), "helper_is_requester"},
		"who asked on their behalf":          {behalf, question("desk", "a1"), "helper_is_requester"},
		"somebody who was asked":             {taken, question("bert", "a2"), "already_asked"},
		"an id that was used":                {taken, Ask{ID: "a1", Slot: "slot", Helper: "cor", Nonce: "other", AskFrom: june("10:00"), LapsesAt: june("11:00")}, "already_asked"},
		"a claim that was given up":          {void, question("bert", "a1"), "claim_void"},
		"from a moment that was":             {open, with(func(a *Ask) { a.AskFrom = june("09:59") }), "ask_times_invalid"},
		"without time to answer":             {open, with(func(a *Ask) { a.LapsesAt = a.AskFrom }), "ask_times_invalid"},
		"beyond the last moment to begin":    {open, with(func(a *Ask) { a.LapsesAt = nextDay("14:00").Add(time.Millisecond) }), "ask_times_invalid"},
		"nothing wrong up to that moment":    {open, with(func(a *Ask) { a.LapsesAt = nextDay("14:00") }), ""},
		"nothing wrong where it is a replay": {taken, question("bert", "a1"), ""},
	} {
		if _, _, err := row.from.AskHelper(row.ask, june("10:00")); CodeOf(err) != row.code {
			t.Errorf("asking refuses %s: got %v, want %q", name, err, row.code)
		}
	}
}

func TestAskAgain(t *testing.T) {
	open := asked(asked(live(nil), "bert", "a1"), "cor", "a2")
	overtaken := must(yes(open, "a2", "cor", june("11:00")))
	freed := must(overtaken.CancelVisit(overtaken.Visits[0].ID, Actor{"cor", HelperParty}, "ill", june("12:00")))
	reserve := must(yes(overtaken, "a1", "bert", june("11:30")))
	reserve = must(reserve.CancelVisit(overtaken.Visits[0].ID, Actor{"cor", HelperParty}, "ill", june("12:00")))
	for name, row := range map[string]struct {
		from   Request
		helper PersonID
		code   string
	}{
		"who was stood down is asked again once a seat is free": {freed, "bert", ""},
		"a reserve is asked again once a seat is free":          {reserve, "bert", ""},
		"who called off is not asked again":                     {freed, "cor", "already_asked"},
		"who said no is not asked again":                        {must(open.DeclineAsk("a1", "bert", "", june("11:00"))), "bert", "already_asked"},
		"who let it lapse is not asked again":                   {must(open.Tick(june("20:00"))), "bert", "already_asked"},
		"who was never reached is asked again":                  {must(open.AskNotDelivered("a1", june("11:00"))), "bert", ""},
	} {
		a := question(row.helper, "a9")
		a.AskFrom, a.LapsesAt = june("21:00"), nextDay("10:00")
		next, _, err := row.from.AskHelper(a, june("21:00"))
		if CodeOf(err) != row.code {
			t.Errorf("%s: %v", name, err)
		}
		if old, _ := next.Ask("a1"); err == nil && old.overtaken() {
			if _, _, err := yes(next, "a1", "bert", june("19:00")); CodeOf(err) != "ask_not_open" {
				t.Errorf("%s, and the older question is over: %v", name, err)
			}
		}
	}
}

func TestAcceptAsk(t *testing.T) {
	open := asked(asked(live(nil), "bert", "a1"), "cor", "a2")
	next, events, err := yes(open, "a1", "bert", june("11:00"))
	if err != nil || !slices.Equal(words(events), []EventType{AskAccepted, AskStoodDown}) {
		t.Fatalf("the last seat stands the others down in the same write: %v, %v", words(events), err)
	}
	if again, events, err := yes(next, "a1", "bert", june("11:01")); err != nil || len(events) > 0 || text(again) != text(next) {
		t.Errorf("a resend changes nothing: %v, %v", events, err)
	}
	flexible := asked(live(func(r *Request) { r.Slots[0].End, r.Slots[0].Duration = nextDay("18:00"), time.Hour }), "bert", "a1")
	void := must(open.VoidClaim("yes-a1", june("10:30")))
	for name, row := range map[string]struct {
		from Request
		at   Interval
		now  time.Time
		code string
	}{
		"inside a flexible window":           {flexible, Interval{nextDay("17:00"), nextDay("18:00")}, june("11:00"), ""},
		"a minute beyond it":                 {flexible, Interval{nextDay("17:01"), nextDay("18:01")}, june("11:00"), "visit_outside_slot"},
		"longer than was asked":              {flexible, Interval{nextDay("14:00"), nextDay("16:00")}, june("11:00"), "visit_outside_slot"},
		"under a claim that was given up":    {void, hour(), june("11:00"), "claim_void"},
		"of an ask that there is not":        {live(nil), hour(), june("11:00"), "ask_not_found"},
		"in a request that was withdrawn":    {must(open.Withdraw(asRequester(), "", june("10:30"))), hour(), june("11:00"), "ask_not_open"},
		"for a time that was dropped":        {must(open.SkipSlot("slot", asRequester(), "", june("10:30"))), hour(), june("11:00"), "ask_not_open"},
		"at an hour that was in the morning": {flexible, Interval{nextDay("08:00"), nextDay("09:00")}, june("11:00"), "visit_outside_slot"},
	} {
		if _, _, err := row.from.AcceptAsk("a1", "bert", row.at, "yes-a1", row.now); CodeOf(err) != row.code {
			t.Errorf("a yes %s: got %v, want %q", name, err, row.code)
		}
	}
}

func TestStandDownHelper(t *testing.T) {
	r, events, err := asked(live(nil), "bert", "a1").StandDownHelper("bert", "not_available", june("11:00"))
	if err != nil || !slices.Equal(words(events), []EventType{AskStoodDown}) || events[0].Code != "not_available" {
		t.Fatalf("%+v, %v", events, err)
	}
	if _, _, err := yes(r, "a1", "bert", june("11:30")); CodeOf(err) != "ask_not_open" {
		t.Errorf("who may not help any more makes no reserve: %v", err)
	}
	if _, events, err := r.StandDownHelper("bert", "not_available", june("12:00")); err != nil || len(events) > 0 {
		t.Errorf("a repetition changes nothing: %v, %v", events, err)
	}
}

func TestVerdictOf(t *testing.T) {
	open := asked(live(nil), "bert", "a1")
	held := must(yes(open, "a1", "bert", june("11:00")))
	moved := held.Visits[0].ID
	for name, row := range map[string]struct {
		of    Request
		nonce Nonce
		want  Verdict
	}{
		"a question that stands":         {open, "q-a1", VerdictKept},
		"a yes that has not arrived":     {open, "yes-a1", VerdictUnknown},
		"a yes that holds a seat":        {held, "yes-a1", VerdictKept},
		"a yes that was called off":      {must(held.CancelVisit(moved, Actor{"bert", HelperParty}, "", june("12:00"))), "yes-a1", VerdictFreed},
		"a yes that was made void":       {must(open.VoidClaim("yes-a1", june("12:00"))), "yes-a1", VerdictFreed},
		"a yes too late for the request": {must(open.Withdraw(asRequester(), "", june("12:00"))), "yes-a1", VerdictFreed},
		"a yes that void comes after":    {must(held.VoidClaim("yes-a1", june("12:00"))), "yes-a1", VerdictKept},
	} {
		if got, _ := row.of.VerdictOf(row.nonce); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
	if held.Holds("yes-a1") != moved || held.Holds("q-a1") != "" {
		t.Error("a nonce names its visit, and a question has none")
	}
}
