package care

import (
	"testing"
	"time"
)

func seatClaim(n Nonce, from, until time.Time) Claim {
	return Claim{Nonce: n, Purpose: ForSeat, Community: village, Request: "request", Resident: resident, Slot: "slot",
		Ask: "a1", At: Interval{From: from, Until: until}}
}

func claimed(h Helper, c Claim) Helper {
	next, _, err := h.Claim(c, june("11:00"))
	if err != nil {
		panic(err)
	}
	return next
}

func booked(h Helper, c Claim, visit VisitID) Helper {
	next, _, err := claimed(h, c).Settle(c.Nonce, VerdictKept, visit, june("11:01"))
	if err != nil {
		panic(err)
	}
	return next
}

func TestClaim(t *testing.T) {
	busy := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	pending := claimed(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")))
	blocked, _, _ := approved().NoteBlockedBy(resident)
	ride := func(n Nonce, seats int) Claim {
		c := seatClaim(n, nextDay("14:00"), nextDay("15:00"))
		c.Offer, c.Seats, c.OfferHas = "car", seats, 2
		return c
	}
	moving := seatClaim("n2", nextDay("14:30"), nextDay("15:30"))
	moving.Purpose, moving.Visit = ForMove, "v1"
	for name, row := range map[string]struct {
		of   Helper
		c    Claim
		code string
	}{
		"a free hour is claimed":                          {approved(), seatClaim("n2", nextDay("14:00"), nextDay("15:00")), ""},
		"an hour that begins when another ends is free":   {busy, seatClaim("n2", nextDay("15:00"), nextDay("16:00")), ""},
		"an hour that begins a millisecond sooner is not": {busy, seatClaim("n2", nextDay("15:00").Add(-time.Millisecond), nextDay("16:00")), "helper_busy"},
		"an unsettled yes is settled first":               {pending, seatClaim("n2", nextDay("14:30"), nextDay("16:00")), "claim_pending"},
		"a replay changes nothing":                        {pending, seatClaim("n1", nextDay("14:00"), nextDay("15:00")), ""},
		"a replay of what is firm changes nothing":        {busy, seatClaim("n1", nextDay("14:00"), nextDay("15:00")), ""},
		"a visit moves over its own hour":                 {busy, moving, ""},
		"who is not approved claims nothing":              {applied(), seatClaim("n2", nextDay("14:00"), nextDay("15:00")), "not_approved"},
		"who is paused claims nothing":                    {paused(), seatClaim("n2", nextDay("14:00"), nextDay("15:00")), "helper_paused"},
		"between two who are blocked the ask is closed":   {blocked, seatClaim("n2", nextDay("14:00"), nextDay("15:00")), "ask_not_open"},
		"passengers share a car":                          {booked(approved(), ride("n1", 1), "v1"), ride("n2", 1), ""},
		"passengers fill a car":                           {booked(approved(), ride("n1", 2), "v1"), ride("n2", 1), "offer_full"},
		"an unsettled passenger is settled first":         {claimed(approved(), ride("n1", 2)), ride("n2", 1), "claim_pending"},
		"a ride meets another visit":                      {busy, ride("n2", 1), "helper_busy"},
	} {
		if _, _, err := row.of.Claim(row.c, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("%s: got %v, want %q", name, err, row.code)
		}
	}
}

func TestClaimQuestion(t *testing.T) {
	ask := func(n Nonce, at time.Time) Claim {
		return Claim{Nonce: n, Purpose: ForQuestion, Community: village, Resident: resident, Moment: at, Urgency: Ordinary}
	}
	one := approved()
	one.Quiet.MonthlyLimit = 1
	asked := one
	asked.Questions = []time.Time{june("09:00").AddDate(0, 0, -5)}
	for name, row := range map[string]struct {
		of   Helper
		c    Claim
		code string
	}{
		"the first of the month":               {one, ask("n1", june("11:00")), ""},
		"not one beyond the limit":             {asked, ask("n1", june("11:00")), "month_limit_reached"},
		"not one while the last is on its way": {claimed(one, ask("n1", june("11:00"))), ask("n2", nextDay("12:00")), "claim_pending"},
		"not at night":                         {one, ask("n1", june("21:00")), "not_now"},
	} {
		if _, _, err := row.of.Claim(row.c, june("11:00")); CodeOf(err) != row.code {
			t.Errorf("a question is claimed: %s: got %v, want %q", name, err, row.code)
		}
	}
	h, _, _ := claimed(one, ask("n1", june("11:00"))).Settle("n1", VerdictKept, "", june("11:01"))
	if len(h.Questions) != 1 {
		t.Fatalf("a question that was put counts: %v", h.Questions)
	}
	if h, _, _ = h.UncountQuestion(june("11:00")); len(h.Questions) != 0 {
		t.Errorf("one that reached nobody does not: %v", h.Questions)
	}
}

func TestSettleClaim(t *testing.T) {
	c := seatClaim("n1", nextDay("14:00"), nextDay("15:00"))
	for name, row := range map[string]struct {
		v                      Verdict
		claims, agreed, events int
	}{
		"kept makes it firm": {VerdictKept, 0, 1, 1},
		"freed drops it":     {VerdictFreed, 0, 0, 0},
		"unknown leaves it":  {VerdictUnknown, 1, 0, 0},
	} {
		h, events, err := claimed(approved(), c).Settle("n1", row.v, "v1", june("11:01"))
		if err != nil || len(h.Claims) != row.claims || len(h.Agreed) != row.agreed || len(events) != row.events {
			t.Errorf("%s: %+v, %+v, %v, %v", name, h.Claims, h.Agreed, events, err)
		}
	}
}

func TestSettleAfterAMoveKeepsTheNewHour(t *testing.T) {
	first, moved := seatClaim("n1", nextDay("14:00"), nextDay("15:00")), seatClaim("n2", nextDay("17:00"), nextDay("18:00"))
	moved.Purpose, moved.Visit = ForMove, "v1"
	h := claimed(claimed(approved(), first), moved)
	h, _, _ = h.Settle("n2", VerdictKept, "v1", june("11:02"))
	h, _, _ = h.Settle("n1", VerdictKept, "v1", june("11:03"))
	if len(h.Agreed) != 1 || h.Agreed[0].Nonce != "n2" || len(h.Claims) != 0 {
		t.Errorf("%+v, %+v", h.Agreed, h.Claims)
	}
}

func TestBookForgetsHoursThatAreOver(t *testing.T) {
	h := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	later := seatClaim("n2", nextDay("14:00").AddDate(0, 0, 8), nextDay("15:00").AddDate(0, 0, 8))
	h = claimed(h, later)
	week, _, _ := h.Settle("n2", VerdictKept, "v2", nextDay("15:00").Add(agreedKept))
	over, _, _ := h.Settle("n2", VerdictKept, "v2", nextDay("15:00").Add(agreedKept+time.Millisecond))
	if len(week.Agreed) != 2 || len(over.Agreed) != 1 {
		t.Errorf("%d within the week, %d after it", len(week.Agreed), len(over.Agreed))
	}
}

func TestReleaseAndHolds(t *testing.T) {
	h := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	off, _, _ := h.Pause(village, decision("mod", nextDay("20:00")), june("12:00"))
	if !h.Holds("v1", village, resident, june("12:00")) || off.Holds("v1", village, resident, june("12:00")) {
		t.Error("a firm visit holds, and not in a pause")
	}
	freed, events, err := h.Release("v1", june("12:00"))
	if err != nil || len(events) != 1 || freed.Holds("v1", village, resident, june("12:00")) {
		t.Errorf("%v, %v", events, err)
	}
	if _, events, err := freed.Release("v1", june("12:01")); err != nil || len(events) > 0 {
		t.Errorf("a repetition changes nothing: %v, %v", events, err)
	}
}

func TestStaleClaims(t *testing.T) {
	h := claimed(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")))
	if got := h.StaleClaims(time.Minute, june("11:01").Add(-time.Millisecond)); len(got) != 0 {
		t.Errorf("too soon: %v", got)
	}
	if got := h.StaleClaims(time.Minute, june("11:01")); len(got) != 1 {
		t.Errorf("at its age: %v", got)
	}
}
