package care

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"
)

func TestLifeTransitions(t *testing.T) {
	now := nl("2026-11-24T10:00")
	week := Rest{Until: now.AddDate(0, 0, 7)}
	type step func(Person) (Person, []Event, error)
	leave := func(s LifeState, r Rest) step {
		return func(p Person) (Person, []Event, error) { return p.Leave(Absence{State: s, Rest: r}, "desk", now) }
	}
	instead := func(s LifeState, r Rest) step {
		return func(p Person) (Person, []Event, error) { return p.Leave(Absence{s, r, true}, "desk", now) }
	}
	holiday := Rest{From: now.AddDate(0, 0, 8), Until: now.AddDate(0, 0, 15)}
	report := func(by PersonID) step {
		return func(p Person) (Person, []Event, error) { return p.ReportDeath(by, now) }
	}
	confirm := func(by PersonID) step {
		return func(p Person) (Person, []Event, error) { return p.ConfirmDeath(by, now) }
	}
	back := func(p Person) (Person, []Event, error) { return p.Return("desk", now) }
	undo := func(p Person) (Person, []Event, error) { return p.TakeBackDeath("desk", now) }
	move := func(from, to CommunityID) step {
		return func(p Person) (Person, []Event, error) {
			return p.Move(from, to, Place{Point: Point{Lat: 52, Lon: 6}, Town: "Elders"}, "desk", now)
		}
	}
	for _, row := range []struct {
		what  string
		steps []step
		code  string
		state LifeState
	}{
		{"away needs an end", []step{leave(Away, Rest{})}, "life_times_invalid", Here},
		{"away for a week", []step{leave(Away, week)}, "", Away},
		{"a hospital needs none", []step{leave(InHospital, Rest{})}, "", InHospital},
		{"it ends after it begins", []step{leave(InHospital, Rest{Until: now.Add(-time.Hour)})}, "life_times_invalid", Here},
		{"not for three years", []step{leave(Away, Rest{Until: now.AddDate(3, 0, 0)})}, "life_times_invalid", Here},
		{"nobody is put to death as being away", []step{leave(Died, week)}, "life_unknown", Here},
		{"back again", []step{leave(Away, week), back}, "", Here},
		{"back without having left", []step{back}, "", Here},
		{"from away into hospital, unasked", []step{leave(Away, week), leave(InHospital, Rest{})}, "absence_stands", Away},
		{"from away into hospital", []step{leave(Away, week), instead(InHospital, Rest{})}, "", InHospital},
		{"in hospital, with a holiday ahead", []step{leave(InHospital, Rest{}), leave(Away, holiday)}, "absence_stands", InHospital},
		{"a holiday in place of a hospital", []step{leave(InHospital, Rest{}), instead(Away, holiday)}, "", Away},
		{"a second holiday besides one that is planned", []step{leave(Away, holiday), leave(Away, week)}, "absence_stands", Away},
		{"the same twice", []step{leave(Away, holiday), leave(Away, holiday)}, "", Away},
		{"a longer one", []step{leave(Away, week), leave(Away, Rest{Until: now.AddDate(0, 0, 8)})}, "absence_stands", Away},
		{"in place of nothing", []step{instead(InHospital, Rest{})}, "", InHospital},
		{"reported alone changes nothing", []step{report("desk")}, "", Here},
		{"reported twice", []step{report("desk"), report("mod")}, "death_reported", Here},
		{"nobody reports themselves", []step{report("ans")}, "own_case", Here},
		{"confirmed without a report", []step{confirm("mod")}, "death_not_reported", Here},
		{"confirmed by the same", []step{report("desk"), confirm("desk")}, "second_person_needed", Here},
		{"confirmed by a second", []step{report("desk"), confirm("mod")}, "", Died},
		{"undone before it", []step{report("desk"), undo, confirm("mod")}, "death_not_reported", Here},
		{"corrected after it", []step{report("desk"), confirm("mod"), undo}, "", Here},
		{"nothing to undo", []step{undo}, "death_not_reported", Here},
		{"the dead do not leave", []step{report("desk"), confirm("mod"), leave(Away, week)}, "life_ended", Died},
		{"nor return", []step{report("desk"), confirm("mod"), back}, "life_ended", Died},
		{"nor move", []step{report("desk"), confirm("mod"), move("a", "b")}, "life_ended", Died},
		{"from one place to the same", []step{move("a", "a")}, "moved_nowhere", Here},
		{"moved", []step{move("a", "b")}, "", Here},
	} {
		p, err := Person{ID: "ans"}, error(nil)
		for _, s := range row.steps {
			if p, _, err = s(p); err != nil {
				break
			}
		}
		if CodeOf(err) != row.code || p.Life.State != row.state {
			t.Errorf("%s: %q and %q, want %q and %q", row.what, CodeOf(err), p.Life.State, row.code, row.state)
		}
	}
}

// An absence stands until its last moment. Said again it changes nothing, also once it is under way.
func TestAnotherAbsenceWaitsForTheFirst(t *testing.T) {
	now := nl("2026-11-24T10:00")
	week := Rest{Until: now.AddDate(0, 0, 7)}
	p, _, err := Person{ID: "ans"}.Leave(Absence{State: Away, Rest: week}, "desk", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what string
		at   time.Time
		next Absence
		code string
		new  bool
	}{
		{"the same later on, without its beginning", now.AddDate(0, 0, 1), Absence{State: Away, Rest: week}, "", false},
		{"the same with its beginning", now.AddDate(0, 0, 1), Absence{State: Away, Rest: Rest{From: now, Until: week.Until}}, "", false},
		{"the same in place of itself", now.AddDate(0, 0, 1), Absence{Away, week, true}, "", false},
		{"the same from tomorrow on", now, Absence{State: Away, Rest: Rest{From: now.AddDate(0, 0, 1), Until: week.Until}}, "absence_stands", false},
		{"another at its last moment", week.Until.Add(-time.Millisecond), Absence{State: InHospital}, "absence_stands", false},
		{"another when it is over", week.Until, Absence{State: InHospital}, "", true},
	} {
		got, events, err := p.Leave(row.next, "ans", row.at)
		if CodeOf(err) != row.code || (len(events) > 0) != row.new || !row.new && got.Life != p.Life {
			t.Errorf("%s: %+v, %v, %v", row.what, got.Life, words(events), err)
		}
	}
	_, _, err = p.Leave(Absence{State: InHospital}, "ans", now)
	var refused *Error
	want := map[string]string{"state": "away", "from": "2026-11-24T09:00:00.000Z", "until": "2026-12-01T09:00:00.000Z"}
	if !errors.As(err, &refused) || !maps.Equal(refused.Params, want) {
		t.Errorf("the refusal says %+v, want %v", refused, want)
	}
}

func TestTheTimesOfAnAbsence(t *testing.T) {
	now := nl("2026-11-24T10:00")
	for field, times := range map[string][]Absence{
		"from":  {{State: Away, Rest: Rest{From: now.AddDate(1, 0, 1), Until: now.AddDate(1, 0, 2)}}, {State: InHospital, Rest: Rest{From: now.AddDate(1, 0, 1)}}},
		"until": {{State: Away}, {State: InHospital, Rest: Rest{Until: now}}, {State: Away, Rest: Rest{Until: now.AddDate(2, 0, 1)}}},
	} {
		for _, a := range times {
			if _, _, err := (Person{ID: "ans"}).Leave(a, "desk", now); CodeOf(err) != "life_times_invalid" || fieldOf(err) != field {
				t.Errorf("%+v: %v at %q, want %q", a, err, fieldOf(err), field)
			}
		}
	}
}

func TestAnAbsenceEndsByItself(t *testing.T) {
	from, until := nl("2026-11-24T10:00"), nl("2026-12-01T10:00")
	if got := (Life{}).Now(from); got != Here {
		t.Errorf("nothing is known, and yet %q", got)
	}
	l := Life{State: Away, From: from, Until: until}
	for _, row := range []struct {
		at      time.Time
		want    LifeState
		planned LifeState
	}{{from.Add(-time.Second), Here, Away}, {from, Away, Here}, {until.Add(-time.Second), Away, Here}, {until, Here, Here}} {
		if got, planned := l.Now(row.at), l.Planned(row.at); got != row.want || planned != row.planned {
			t.Errorf("at %v: %q with %q planned, want %q with %q", row.at, got, planned, row.want, row.planned)
		}
	}
}

// daily is a live series of every day at two, laid out for six weeks.
func daily(t *testing.T, now time.Time) Request {
	t.Helper()
	r, _, err := DraftRequest(Request{ID: "r", Community: village, For: resident, Kind: GroceriesKind, Urgency: Ordinary,
		Where:  Place{Point: Point{Lat: 52.93, Lon: 6.66}, Town: "Grolloo"},
		Series: &Series{Rule: "FREQ=DAILY", Start: LocalTime(now.AddDate(0, 0, 1).Format("2006-01-02") + "T14:00"), Duration: time.Hour, Zone: dutch}},
		asRequester(), now)
	if err != nil {
		t.Fatal(err)
	}
	if r, _, err = r.Publish(asRequester(), true, now); err != nil {
		t.Fatal(err)
	}
	return r
}

func standing(r Request) int {
	n := 0
	for _, s := range r.Slots {
		if !s.Cancelled() {
			n++
		}
	}
	return n
}

// lives runs the clock until a moment.
func lives(t *testing.T, r Request, until time.Time) Request {
	t.Helper()
	for r.Phase != Ended && !r.NextActionAt.After(until) {
		next, _, err := r.Tick(r.NextActionAt)
		if err != nil {
			t.Fatal(err)
		}
		r = next
	}
	return r
}

func TestASeriesRestsAndResumesByItself(t *testing.T) {
	now := nl("2026-11-24T10:00")
	r := daily(t, now)
	all := standing(r)
	until := now.AddDate(0, 0, 10)
	r, events, err := r.Pause(Rest{From: now, Until: until}, asOwner(), now)
	if err != nil || len(events) == 0 {
		t.Fatal(events, err)
	}
	if fell := all - standing(r); fell != 9 || r.Phase != Live {
		t.Fatalf("%d days fell out, it is %s", fell, r.Phase)
	}
	r = lives(t, r, now.AddDate(0, 0, 9))
	for _, s := range r.Slots {
		if !s.Cancelled() && s.Start.Before(until) {
			t.Fatalf("laid out in the rest: %v", s.Start)
		}
	}
	if r = lives(t, r, until.Add(time.Minute)); r.Rest != nil || r.Phase != Live {
		t.Fatalf("the rest goes on: %+v", r.Rest)
	}
}

func TestARestWithoutEndKeepsItsOwnerAndComesBack(t *testing.T) {
	now := nl("2026-11-24T10:00")
	r, _, err := daily(t, now).Pause(Rest{From: now}, asOwner(), now)
	if err != nil || standing(r) != 0 {
		t.Fatal(standing(r), err)
	}
	later := now.AddDate(0, 3, 0)
	if r = lives(t, r, later); r.Phase != Live || r.NextActionAt.IsZero() || standing(r) != 0 {
		t.Fatalf("after three months it is %s, next %v, %d days stand", r.Phase, r.NextActionAt, standing(r))
	}
	r, events, err := r.Resume(later)
	if err != nil || standing(r) < 40 || len(events) < 40 {
		t.Fatalf("%d days stand again after %d events, %v", standing(r), len(events), err)
	}
	skipped, _, err := r.SkipSlot(r.Slots[len(r.Slots)-1].ID, asRequester(), "not_needed", later)
	if err != nil {
		t.Fatal(err)
	}
	n := standing(skipped)
	rested, _, _ := skipped.Pause(Rest{From: later}, asOwner(), later)
	if woken, _, err := rested.Resume(later); err != nil || standing(woken) != n {
		t.Fatalf("a day that was skipped came back: %d of %d, %v", standing(woken), n, err)
	}
}

// Nobody knows how a visit ended whose person is away by now for three weeks, and nothing of it is to come back:
// its owner hears of it every day nevertheless.
func TestARestSilencesNothingThatIsStranded(t *testing.T) {
	r := begun(nil)
	at := r.Visits[0].At.Until.Add(48 * time.Hour)
	r = lives(t, r, at)
	r, _, err := r.Pause(Rest{From: at, Until: at.AddDate(0, 0, 21)}, asOwner(), at)
	if err == nil {
		r, _, err = r.Settled(asOwner(), at) // they have seen it
	}
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	for end := at.AddDate(0, 0, 20); !r.NextActionAt.After(end); {
		next, events, err := r.Tick(r.NextActionAt)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(events, tellsOwner) {
			heard++
		}
		r = next
	}
	if heard < 19 {
		t.Errorf("the owner heard of it %d times in 20 days", heard)
	}
}

func TestNobodyWhoIsAwayIsClaimed(t *testing.T) {
	now := nl("2026-11-24T10:00")
	h := NewHelper("bert", DefaultQuiet(dutch), now)
	h, _, _ = h.Apply(village, now)
	h, _, _ = h.Approve(village, houseRule("mod", now), now)
	h, _, _ = h.Absent(&Rest{From: now.AddDate(0, 0, 2), Until: now.AddDate(0, 0, 5)}, now)
	for _, row := range []struct {
		what string
		days int
		code string
	}{{"the day before", 1, ""}, {"in it", 3, "helper_paused"}, {"the day after", 6, ""}} {
		at := Interval{From: now.AddDate(0, 0, row.days), Until: now.AddDate(0, 0, row.days).Add(time.Hour)}
		_, _, err := h.Claim(Claim{Nonce: "n", Purpose: ForSeat, Community: village, Resident: resident, At: at, Hour: at}, now)
		if CodeOf(err) != row.code {
			t.Errorf("a yes for %s: %v", row.what, err)
		}
		_, _, err = h.Claim(Claim{Nonce: "n", Purpose: ForQuestion, Community: village, Resident: resident, Moment: at.From, Urgency: Ordinary}, now)
		if CodeOf(err) != row.code {
			t.Errorf("a question on %s: %v", row.what, err)
		}
	}
	for lapses, code := range map[time.Time]string{now.AddDate(0, 0, 2): "", now.AddDate(0, 0, 2).Add(time.Millisecond): "helper_paused"} {
		c := Claim{Nonce: "n", Purpose: ForQuestion, Community: village, Resident: resident, Moment: now, Lapses: lapses, Urgency: Ordinary}
		if _, _, err := h.Claim(c, now); CodeOf(err) != code {
			t.Errorf("a question that waits until %s: %v, want %q", lapses, err, code)
		}
	}
}

// A question goes to others where any moment at which it would wait for its answer lies in a time away, or
// what it is about does.
func TestQuestionsAreTakenOutOfATimeAway(t *testing.T) {
	ask := question("jan", "a1")
	ask.AskFrom, ask.LapsesAt = june("10:00"), june("16:00")
	r := must(live(nil).AskHelper(ask, june("09:00")))
	s := r.Slots[0]
	for name, row := range map[string]struct {
		rest Rest
		want AskState
	}{
		"away before it comes":              {Rest{From: june("09:30"), Until: june("10:00")}, Asked},
		"away until a moment after":         {Rest{From: june("09:30"), Until: june("10:00").Add(1)}, StoodDown},
		"away from now on":                  {Rest{From: june("09:00"), Until: june("09:30")}, StoodDown},
		"away for an hour of it":            {Rest{From: june("12:00"), Until: june("13:00")}, StoodDown},
		"away from a moment before it ends": {Rest{From: june("16:00").Add(-1), Until: june("20:00")}, StoodDown},
		"away when it has lapsed":           {Rest{From: june("16:00"), Until: s.Start}, Asked},
		"away at the beginning of the time": {Rest{From: june("16:00"), Until: s.Start.Add(1)}, StoodDown},
		"away after the time":               {Rest{From: s.End, Until: s.End.Add(time.Hour)}, Asked},
		"in hospital from the end on":       {Rest{From: s.End}, Asked},
		"in hospital from a moment before":  {Rest{From: s.End.Add(-1)}, StoodDown},
	} {
		next, events, err := r.GiveBack("jan", row.rest, "not_available", june("09:00"))
		if err != nil || next.Asks[0].State != row.want || (len(events) == 1) != (row.want == StoodDown) {
			t.Errorf("%s: %s, %v, %v", name, next.Asks[0].State, events, err)
		}
		if other, _, _ := r.GiveBack("piet", row.rest, "not_available", june("09:00")); other.Asks[0].State != Asked {
			t.Errorf("%s: somebody else's absence takes it", name)
		}
	}
}
