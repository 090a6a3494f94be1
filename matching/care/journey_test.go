package care

import (
	"slices"
	"testing"
	"time"
)

// joining is a yes to go along with these visits, as they stand in the book.
func joining(n Nonce, of Helper, visits ...VisitID) Claim {
	c := seatClaim(n, nextDay("13:50"), nextDay("15:10"))
	c.Alone = Interval{From: nextDay("14:05"), Until: nextDay("15:05")}
	for _, a := range of.Agreed {
		if slices.Contains(visits, a.Visit) {
			c.Joins = append(c.Joins, Joined{Visit: a.Visit, At: a.At})
		}
	}
	return c
}

func TestClaimJoinsAJourney(t *testing.T) {
	driving := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	full := booked(driving, seatClaim("n2", nextDay("15:00"), nextDay("16:00")), "v2")
	moved := driving.clone()
	moved.Agreed[0].At = Interval{From: nextDay("14:01"), Until: nextDay("15:00")}
	pending := claimed(driving, seatClaim("n2", nextDay("15:05"), nextDay("16:00")))
	blocked, _, _ := driving.NoteBlockedBy(resident)
	change := func(f func(*Claim)) Claim {
		c := joining("n3", driving, "v1")
		f(&c)
		return c
	}
	for name, row := range map[string]struct {
		of   Helper
		c    Claim
		code string
	}{
		"a journey is joined":                             {driving, joining("n3", driving, "v1"), ""},
		"without saying so it is another place":           {driving, change(func(c *Claim) { c.Joins = nil }), "helper_busy"},
		"what else it meets keeps it out":                 {full, joining("n3", full, "v1"), "helper_busy"},
		"unless it is joined too, and lies inside":        {full, joining("n3", full, "v1", "v2"), "journey_changed"},
		"a journey at another hour is another one":        {moved, joining("n3", driving, "v1"), "journey_changed"},
		"a journey that was called off is none":           {approved(), joining("n3", driving, "v1"), "journey_changed"},
		"what is claimed takes in the hours before":       {driving, change(func(c *Claim) { c.At.From = nextDay("14:10") }), "journey_changed"},
		"and its own hours":                               {driving, change(func(c *Claim) { c.Alone.Until = nextDay("15:11") }), "journey_changed"},
		"an unsettled yes is settled first":               {pending, joining("n3", driving, "v1"), "claim_pending"},
		"between two who are blocked the ask is closed":   {blocked, joining("n3", driving, "v1"), "ask_not_open"},
		"a replay of what is firm changes nothing at all": {booked(driving, joining("n3", driving, "v1"), "v3"), joining("n3", driving, "v1"), ""},
	} {
		if _, _, err := row.of.Claim(row.c, june("12:00")); CodeOf(err) != row.code {
			t.Errorf("%s: got %v, want %q", name, err, row.code)
		}
	}
}

// One whom others have left before the yes is firm takes less than it did, and is joined all the same.
func TestAJourneyIsJoinedThatSomebodyLeaves(t *testing.T) {
	one := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	two := booked(one, joining("n2", one, "v1"), "v2")
	h, _, _ := claimed(two, joining("n3", two, "v1", "v2")).Release("v1", june("12:00"))
	h, _, err := h.Settle("n3", VerdictKept, "v3", june("12:01"))
	if err != nil || len(h.Agreed) != 2 || !slices.Equal(h.Agreed[1].Joins, []VisitID{"v2"}) {
		t.Errorf("%+v, %v", h.Agreed, err)
	}
}

// A journey of three, and who is left of it in which order.
func TestWhoIsLeftOfAJourneyKeepsTheirHours(t *testing.T) {
	one := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	two := booked(one, joining("n2", one, "v1"), "v2")
	c := joining("n3", two, "v1", "v2")
	c.At, c.Alone = c.At.Widen(time.Hour, 0), Interval{From: nextDay("13:30"), Until: nextDay("14:30")}
	three := booked(two, c, "v3")
	free := map[VisitID]Interval{"v1": one.Agreed[0].At, "v2": joining("n2", one, "v1").Alone, "v3": c.Alone}
	together := map[VisitID]Interval{"v1": one.Agreed[0].At, "v2": two.Agreed[1].At, "v3": c.At}
	for _, order := range [][]VisitID{{"v1", "v2", "v3"}, {"v1", "v3", "v2"}, {"v2", "v1", "v3"}, {"v2", "v3", "v1"}, {"v3", "v1", "v2"}, {"v3", "v2", "v1"}} {
		h := three
		for i, gone := range order {
			next, events, err := h.Release(gone, june("12:00"))
			if err != nil || len(events) != 1 {
				t.Fatalf("%v: %v, %v", order, events, err)
			}
			if len(h.Agreed) != len(three.Agreed)-i {
				t.Errorf("%v: the book before was written into", order)
			}
			h = next
			for _, a := range h.Agreed {
				want := together[a.Visit]
				if !slices.ContainsFunc(h.Agreed, func(o Agreed) bool { return slices.Contains(a.Joins, o.Visit) }) {
					want = free[a.Visit]
				}
				if a.At != want {
					t.Errorf("%v, %s gone: %s takes %v, want %v", order, gone, a.Visit, a.At, want)
				}
			}
		}
	}
	if three.Agreed[1].At != two.Agreed[1].At || len(three.Agreed[2].Joins) != 2 {
		t.Errorf("the books before were written into: %+v", three.Agreed)
	}
}

// The journey that a claim joined may be called off, or moved, before the claim is firm.
func TestAJourneyEndsBeforeTheYesIsFirm(t *testing.T) {
	one := booked(approved(), seatClaim("n1", nextDay("14:00"), nextDay("15:00")), "v1")
	c := joining("n2", one, "v1")
	h, _, _ := claimed(one, c).Release("v1", june("12:00"))
	h, _, err := h.Settle("n2", VerdictKept, "v2", june("12:01"))
	if err != nil || len(h.Agreed) != 1 || h.Agreed[0].At != c.Alone || h.Agreed[0].Joins != nil {
		t.Errorf("%+v, %v", h.Agreed, err)
	}
	move := seatClaim("n3", nextDay("18:00"), nextDay("19:00"))
	move.Purpose, move.Visit = ForMove, "v1"
	between, _, _ := claimed(claimed(one, c), move).Settle("n3", VerdictKept, "v1", june("12:00"))
	between, _, _ = between.Settle("n2", VerdictKept, "v2", june("12:01"))
	if mine := between.Agreed[1]; mine.Visit != "v2" || mine.At != c.Alone || len(mine.Joins) != 0 {
		t.Errorf("after the other has moved away before: %+v", between.Agreed)
	}
	two := booked(one, c, "v2")
	moved := booked(two, move, "v1")
	for _, a := range moved.Agreed {
		if a.Visit == "v2" && a.At != c.Alone {
			t.Errorf("after the other has moved away: %+v", a)
		}
	}
	if _, _, err := two.Claim(Claim{Nonce: "n4", Purpose: ForMove, Visit: "v1", Community: village, Resident: resident,
		At: Interval{From: nextDay("14:10"), Until: nextDay("15:10")}}, june("12:00")); CodeOf(err) != "helper_busy" {
		t.Errorf("moved inside the journey that another one shares: %v", err)
	}
}

func TestStandDownAsk(t *testing.T) {
	r := asked(live(nil), "jan", "a1")
	ask := r.Asks[0].ID
	next, events, err := r.StandDownAsk(ask, "journey_changed", june("12:00"))
	if err != nil || len(events) != 1 || events[0].Type != AskStoodDown || events[0].Code != "journey_changed" || next.Asks[0].State != StoodDown {
		t.Fatalf("%+v, %v, %v", next.Asks, events, err)
	}
	if again, events, err := next.StandDownAsk(ask, "journey_changed", june("12:01")); err != nil || len(events) != 0 || !again.WaveAt.Equal(next.WaveAt) {
		t.Errorf("twice: %v, %v", events, err)
	}
	if _, err := next.Asks[0].Accept("jan", june("12:02")); CodeOf(err) != JourneyGone {
		t.Errorf("a yes afterwards: %v", err)
	}
	if _, err := next.Asks[0].Accept("piet", june("12:02")); CodeOf(err) != "not_your_ask" {
		t.Errorf("somebody else's yes: %v", err)
	}
	if _, err := next.Asks[0].Decline("jan", "", june("12:02")); CodeOf(err) != "ask_not_open" {
		t.Errorf("a no afterwards: %v", err)
	}
}

// TestAskToJoin: of a driver's two questions for one time one is open, and of questions to join one in all.
func TestAskToJoin(t *testing.T) {
	open := asked(live(func(r *Request) { r.Slots[0].Seats = 2 }), "bert", "a1")
	join := func(helper PersonID, id AskID) Ask {
		a := question(helper, id)
		a.Joins = "visit"
		return a
	}
	heir := join("bert", "a2")
	heir.Nonce = "q-a1"
	turned := must(open.AskToJoin(heir, june("10:00")))
	for name, row := range map[string]struct {
		from Request
		ask  Ask
		code string
		want []EventType
	}{
		"somebody who was not asked":                  {open, join("cor", "a2"), "", []EventType{AskMade}},
		"who has a question open":                     {open, join("bert", "a2"), "", []EventType{AskStoodDown, AskMade}},
		"under the claim of that question":            {open, heir, "", []EventType{AskStoodDown, AskMade}},
		"under a claim whose question was answered":   {must(open.DeclineAsk("a1", "bert", "", june("10:00"))), heir, "claim_void", nil},
		"who said no":                                 {must(open.DeclineAsk("a1", "bert", "", june("10:00"))), join("bert", "a2"), "already_asked", nil},
		"a second driver while one is asked":          {turned, join("cor", "a3"), "wave_full", nil},
		"the same once more":                          {turned, heir, "", nil},
		"a second driver once the first one declined": {must(turned.DeclineAsk("a2", "bert", "", june("10:00"))), join("cor", "a3"), "", []EventType{AskMade}},
	} {
		next, events, err := row.from.AskToJoin(row.ask, june("10:00"))
		if CodeOf(err) != row.code || !slices.Equal(words(events), row.want) || len(events) == 0 && text(next) != text(row.from) {
			t.Errorf("%s: %v, %v", name, words(events), err)
		}
	}
	if was, _ := turned.Ask("a1"); was.State != StoodDown || was.Reason != AskedToJoin {
		t.Errorf("the question of the wave is %+v", was)
	}
	if v, _ := turned.VerdictOf("q-a1"); v != VerdictKept {
		t.Errorf("the claim that both share is %s", v)
	}
}
