package care

import (
	"slices"
	"testing"
	"time"
)

// june is a Wednesday morning; the request of these tests is for the next afternoon.
func june(clock string) time.Time { return nl("2026-06-10T" + clock).UTC() }

func nextDay(clock string) time.Time { return nl("2026-06-11T" + clock).UTC() }

func askFor(change func(*Request)) Request {
	r := Request{ID: "request", Community: village, For: resident, Kind: GroceriesKind, Urgency: Ordinary,
		Where: Place{Point: Point{Lat: 52.93, Lon: 6.66}, Town: "Grolloo"},
		Slots: []Slot{{ID: "slot", Start: nextDay("14:00"), End: nextDay("15:00"), Seats: 1}}}
	if change != nil {
		change(&r)
	}
	return r
}

// must is for what a test does not ask about.
func must(r Request, _ []Event, err error) Request {
	if err != nil {
		panic(err)
	}
	return r
}

func drafted(change func(*Request)) Request {
	return must(DraftRequest(askFor(change), asRequester(), june("10:00")))
}

func live(change func(*Request)) Request {
	return must(drafted(change).Publish(asRequester(), true, june("10:00")))
}

func weeklySeries(r *Request) {
	r.Slots = nil
	r.Series = &Series{Rule: "FREQ=WEEKLY", Start: "2026-06-11T14:00", Duration: time.Hour, Zone: dutch}
}

// words names the types of events in order.
func words(events []Event) []EventType {
	var types []EventType
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

func TestRequestRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*Request)
		code   string
	}{
		"a kind that is none":                   {func(r *Request) { r.Kind = "mowing" }, "kind_unknown"},
		"words of 2,001 characters":             {func(r *Request) { r.Words = string(make([]rune, 2001)) }, "words_invalid"},
		"a town without a name":                 {func(r *Request) { r.Where.Town = "" }, "place_invalid"},
		"a ride that goes nowhere":              {func(r *Request) { r.Kind = RideKind }, "ride_missing"},
		"groceries that go somewhere":           {func(r *Request) { r.Ride = &Ride{} }, "ride_unexpected"},
		"a ride of nobody":                      {func(r *Request) { r.Kind, r.Ride = RideKind, &Ride{To: r.Where} }, "passengers_invalid"},
		"the urgency of a message":              {func(r *Request) { r.Urgency = Safety }, "urgency_unknown"},
		"no time":                               {func(r *Request) { r.Slots = nil }, "slots_missing"},
		"41 times":                              {func(r *Request) { r.Slots = slices.Repeat(r.Slots, 41) }, "slots_too_many"},
		"a time that ends as it begins":         {func(r *Request) { r.Slots[0].End = r.Slots[0].Start }, "slot_ends_before_it_begins"},
		"a visit longer than its window":        {func(r *Request) { r.Slots[0].Duration = 61 * time.Minute }, "slot_duration_invalid"},
		"a visit of less than five minutes":     {func(r *Request) { r.Slots[0].Duration = 4 * time.Minute }, "slot_duration_invalid"},
		"no seat":                               {func(r *Request) { r.Slots[0].Seats = 0 }, "seats_invalid"},
		"21 seats":                              {func(r *Request) { r.Slots[0].Seats = 21 }, "seats_invalid"},
		"a time that ends at this very moment":  {func(r *Request) { r.Slots[0].Start, r.Slots[0].End = june("09:00"), june("10:00") }, "slot_past"},
		"times beside a series":                 {func(r *Request) { r.Series = &Series{} }, "slots_unexpected"},
		"a language in capitals":                {func(r *Request) { r.Needs.Languages = []string{"NL"} }, "language_invalid"},
		"nobody's consent to ask on behalf":     {func(r *Request) { r.OnBehalf = &OnBehalf{By: "desk", Channel: ByDesk} }, "consent_basis_unknown"},
		"an intake by nothing we know":          {func(r *Request) { r.OnBehalf = &OnBehalf{By: "desk"} }, "channel_unknown"},
		"somebody who asks on their own behalf": {func(r *Request) { r.OnBehalf = &OnBehalf{By: resident} }, "on_behalf_of_self"},
	} {
		if _, _, err := DraftRequest(askFor(row.change), asRequester(), june("10:00")); CodeOf(err) != row.code {
			t.Errorf("a request refuses %s: got %v, want %s", name, err, row.code)
		}
	}
}

func TestRequestPublish(t *testing.T) {
	plain, worrying := drafted(nil), drafted(func(r *Request) { r.Words = "pijn op de borst" })
	handed := must(plain.HandOver("referral", asOwner(), june("10:00")))
	for name, row := range map[string]struct {
		from  Request
		by    Actor
		noEmg bool
		at    time.Time
		want  string
	}{
		"opens a draft":        {plain, asRequester(), false, june("11:00"), "open"},
		"is for the owner too": {plain, asOwner(), false, june("11:00"), "open"},
		"is not for a helper":  {plain, Actor{"bert", HelperParty}, false, june("11:00"), "not_your_request"},
		"waits for an answer where words sound worrying": {worrying, asRequester(), false, june("11:00"), "emergency_unanswered"},
		"goes on once the person says no emergency":      {worrying, asRequester(), true, june("11:00"), "open"},
		"is refused twice":                                {live(nil), asRequester(), false, june("11:00"), "request_not_draft"},
		"is refused while formal care is asked":           {handed, asRequester(), false, june("11:00"), "request_handed_over"},
		"opens a minute before the visit must begin":      {plain, asRequester(), false, nextDay("13:59"), "open"},
		"is refused at the moment the visit had to begin": {plain, asRequester(), false, nextDay("14:00"), "slots_past"},
	} {
		next, _, err := row.from.Publish(row.by, row.noEmg, row.at)
		if got := verdict(next.State(row.at), err); got != row.want {
			t.Errorf("publishing %s: %s, want %s", name, got, row.want)
		}
	}
}

// verdict is the state after a transition, or the code of its refusal.
func verdict[S ~string](state S, err error) string {
	if err != nil {
		return CodeOf(err)
	}
	return string(state)
}

func TestRequestPublishLeavesADraftAsItWasWhereTheSeriesIsFarAway(t *testing.T) {
	far := drafted(func(r *Request) { weeklySeries(r); r.Series.Start, r.Words = "2026-09-01T14:00", "pijn op de borst" })
	next, events, err := far.Publish(asRequester(), true, june("11:00"))
	if CodeOf(err) != "slots_past" || len(events) > 0 || text(next) != text(far) {
		t.Errorf("%v, %v, %s", err, events, text(next))
	}
}

func TestEditDraft(t *testing.T) {
	plain := drafted(nil)
	edit := func(r Request, words string, at time.Time) Request {
		next := r
		next.Words = words
		return must(r.EditDraft(next, asRequester(), at))
	}
	worried := edit(plain, "ik kan niet ademen", nextDay("09:00"))
	if worried.Urgency != Urgent || !worried.NextActionAt.Equal(nextDay("09:02")) {
		t.Errorf("an emergency that is written in later is urgent and waits two minutes: %s, %v", worried.Urgency, worried.NextActionAt)
	}
	told := must(worried.Tick(nextDay("09:02")))
	if again := edit(told, "ik kan niet ademen", nextDay("09:03")); again.Todo != TodoEmergency {
		t.Errorf("an edit that leaves the words alone takes %q off the desk", told.Todo)
	}
	if calm := edit(told, "boodschappen", nextDay("09:03")); calm.Todo != TodoNone || calm.Emergency.Pending() {
		t.Errorf("other words take the emergency off the desk: %+v", calm.Emergency)
	}
	if _, _, err := live(nil).EditDraft(plain, asRequester(), june("11:00")); CodeOf(err) != "request_not_draft" {
		t.Errorf("what was sent to the village is not edited: %v", err)
	}
}

func TestDraftIsLookedAt(t *testing.T) {
	for name, row := range map[string]struct {
		from   Request
		at     time.Time
		events []EventType
		todo   Todo
		next   time.Time
	}{
		"not before its day is over":                {drafted(nil), nextDay("09:59"), nil, TodoNone, nextDay("10:00")},
		"by its owner after a day":                  {drafted(nil), nextDay("10:00"), []EventType{RequestDraftStale}, TodoDraft, nextDay("10:00").Add(24 * time.Hour)},
		"by its owner two minutes after worry":      {drafted(func(r *Request) { r.Words = "112" }), june("10:02"), []EventType{RequestEmergency}, TodoEmergency, june("10:17")},
		"a day after its owner saw to it":           {must(must(drafted(nil).Tick(nextDay("10:00"))).Settled(asOwner(), nextDay("11:00"))), nextDay("12:00"), nil, TodoNone, nextDay("12:00").Add(24 * time.Hour)},
		"by nobody else while formal care is asked": {must(drafted(nil).HandOver("referral", asOwner(), june("10:00"))), nextDay("10:00"), []EventType{RequestHandoverSilent}, TodoHandover, nextDay("10:00").Add(24 * time.Hour)},
	} {
		next, events, err := row.from.Tick(row.at)
		if err != nil || !slices.Equal(words(events), row.events) || next.Todo != row.todo || !next.NextActionAt.Equal(row.next) {
			t.Errorf("a draft is looked at %s: %v, %q, next %v, %v", name, words(events), next.Todo, next.NextActionAt, err)
		}
	}
}

func TestRequestPartyOf(t *testing.T) {
	r := live(func(r *Request) {
		r.OnBehalf = &OnBehalf{By: "desk", Channel: ByDesk, Consent: Consent{Basis: Spoken}}
	})
	r = asked(r, "bert", "a1")
	for person, want := range map[PersonID]Party{resident: Requester, "desk": Requester, "bert": HelperParty, "stranger": ""} {
		if got := r.PartyOf(person); got != want {
			t.Errorf("%s is %q, want %q", person, got, want)
		}
	}
	over := must(r.WithdrawConsent(resident, june("11:00")))
	if got := over.PartyOf("desk"); got != "" {
		t.Errorf("without consent the asker is %q", got)
	}
	if _, _, err := r.WithdrawConsent("desk", june("11:00")); CodeOf(err) != "not_your_consent" {
		t.Errorf("only the person withdraws: %v", err)
	}
	if _, _, err := over.WithdrawConsent(resident, june("11:00")); CodeOf(err) != "consent_absent" {
		t.Errorf("consent is withdrawn once: %v", err)
	}
}
