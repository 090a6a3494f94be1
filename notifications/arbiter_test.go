package notifications

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"naober/matching/care"
)

func TestDecide(t *testing.T) {
	const tuesday, saturday, sunday = "2026-03-10 ", "2026-03-14 ", "2026-03-15 "
	endless := func(w *world) { w.quiet.Paused = []care.Interval{{From: w.now.Add(-time.Hour)}} }
	// What the directory says of a helper who is away or in hospital: they may not help now.
	away := func(w *world) { w.facts.Ask.State, w.facts.Barred = care.StoodDown, true }
	rows := []struct {
		name   string
		now    string
		key    string
		class  Class
		visit  string // at whose door somebody may stand; empty for none
		change func(*world)
		why    string
		at     string // empty where it is dropped
	}{
		{"a notice comes by day", tuesday + "20:59", "request.closed", Notice, "", nil, "sent_now", tuesday + "20:59"},
		{"a notice waits from the minute the night begins", tuesday + "21:00", "request.closed", Notice, "", nil, "held_for_quiet", "2026-03-11 08:00"},
		{"a notice comes the minute the night ends", tuesday + "08:00", "request.closed", Notice, "", nil, "sent_now", tuesday + "08:00"},
		{"a notice waits over the day of rest", saturday + "21:30", "request.closed", Notice, "", nil, "held_for_quiet", "2026-03-16 08:00"},
		{"something pressing comes on the day of rest", sunday + "10:00", "visit.returned", Pressing, "", nil, "sent_now", sunday + "10:00"},
		{"something pressing waits for the morning", sunday + "22:00", "visit.returned", Pressing, "", nil, "held_for_quiet", "2026-03-16 08:00"},
		{"a duty comes in the owner's evening", tuesday + "22:59", "request.emergency", Duty, "", nil, "sent_now", tuesday + "22:59"},
		{"a duty waits in the deep night", tuesday + "23:00", "request.emergency", Duty, "", nil, "held_for_quiet", "2026-03-11 07:00"},
		{"a duty comes in a pause of helping", tuesday + "12:00", "request.emergency", Duty, "", endless, "sent_now", tuesday + "12:00"},
		{"a pause of helping keeps nothing from a resident", tuesday + "12:00", "request.closed", Notice, "", func(w *world) {
			endless(w)
			w.facts.Ask.Helper, w.facts.Visit.Helper = corrie, corrie
		}, "sent_now", tuesday + "12:00"},
		{"a pause without an end drops a helper's notice", tuesday + "12:00", "visit.how_was_it", Notice, "", endless, "no_moment_to_send", ""},
		{"in a pause news of a visit waits until it is near", tuesday + "12:00", "visit.cancelled", Pressing, "2026-03-12 12:00", endless, "held_until_near_visit", "2026-03-12 08:00"},
		{"news of a visit within four hours comes in the night", "2026-03-11 03:00", "visit.cancelled", Pressing, "2026-03-11 07:00", nil, "sent_for_visit", "2026-03-11 03:00"},
		{"a minute earlier it waits for those four hours", "2026-03-11 02:59", "visit.cancelled", Pressing, "2026-03-11 07:00", nil, "held_until_near_visit", "2026-03-11 03:00"},
		{"by day it need not wait for them", tuesday + "12:00", "visit.cancelled", Pressing, "2026-03-11 07:00", nil, "sent_now", tuesday + "12:00"},
		{"four hours after the begin it still comes at once", "2026-03-11 02:00", "visit.has_it_begun", Pressing, tuesday + "22:00", nil, "sent_for_visit", "2026-03-11 02:00"},
		{"a minute later nobody stands at a door any more", "2026-03-11 02:01", "visit.cancelled", Pressing, tuesday + "22:00", nil, "held_for_quiet", "2026-03-11 08:00"},
		{"how it was can wait after a late visit", tuesday + "22:30", "visit.how_was_it", Notice, "", nil, "held_for_quiet", "2026-03-11 08:00"},
		{"a question waits for its moment", tuesday + "12:00", askNew, Question, "", func(w *world) { w.facts.Ask.AskFrom = w.now.Add(time.Hour) }, "held_for_question_time", tuesday + "13:00"},
		{"a question comes at its moment", tuesday + "12:00", askNew, Question, "", nil, "sent_now", tuesday + "12:00"},
		{"a question that missed its moment waits out the night", tuesday + "21:05", askNew, Question, "", nil, "held_for_quiet", "2026-03-11 08:00"},
		{"and the day of rest", sunday + "12:00", askNew, Question, "", nil, "held_for_quiet", "2026-03-16 08:00"},
		{"which one for today does not", sunday + "12:00", askNew, Question, "", func(w *world) { w.facts.Urgency = care.Today }, "sent_now", sunday + "12:00"},
		{"an urgent one comes in the evening", tuesday + "22:00", askNew, Question, "", func(w *world) { w.facts.Urgency = care.Urgent }, "sent_now", tuesday + "22:00"},
		{"of a question of unknown urgency none is assumed", sunday + "12:00", askNew, Question, "", func(w *world) { w.facts.Urgency = "" }, "held_for_quiet", "2026-03-16 08:00"},
		{"a helper who paused is not asked", tuesday + "12:00", askNew, Question, "", endless, "no_moment_to_send", ""},
		{"nor one whom a rule bars", tuesday + "12:00", askNew, Question, "", func(w *world) { w.facts.Barred = true }, "no_longer_asked", ""},
		{"nor one whose question went to others while they are away", tuesday + "12:00", askNew, Question, "", func(w *world) { w.facts.Ask.State = care.StoodDown }, "no_longer_asked", ""},
		{"nor one who answered", tuesday + "12:00", askNew, Question, "", func(w *world) { w.facts.Ask.State = care.Declined }, "no_longer_asked", ""},
		{"nor one who said later", tuesday + "12:00", askNew, Question, "", func(w *world) { w.facts.Ask.State = care.Deferred }, "no_longer_asked", ""},
		{"nor one whose question is gone", tuesday + "12:00", askNew, Question, "", func(w *world) { w.facts = Facts{} }, "no_longer_asked", ""},
		{"who said later is asked at that hour", tuesday + "12:00", askAgain, Question, "", func(w *world) {
			w.facts.Ask.State, w.facts.Ask.RemindAt = care.Deferred, w.now.Add(3*time.Hour)
		}, "held_for_question_time", tuesday + "15:00"},
		{"but not after they answered", tuesday + "12:00", askAgain, Question, "", func(w *world) { w.facts.Ask.State = care.Accepted }, "no_longer_asked", ""},
		{"a plan that fell through is not told", tuesday + "12:00", "visit.planned", Notice, "", func(w *world) { w.facts.Visit.State = care.VisitCalledOff }, "no_longer_so", ""},
		{"nor is it asked for by phone", tuesday + "12:00", "call.visit.planned", Duty, "", func(w *world) { w.facts.Visit.State = care.VisitCalledOff }, "no_longer_so", ""},
		{"nobody is asked whether a visit began that did", tuesday + "12:00", "visit.has_it_begun", Pressing, "", func(w *world) { w.facts.Visit.State = care.VisitBegun }, "no_longer_so", ""},
		{"nor for a yes that was given", tuesday + "12:00", "visit.confirm_helper", Pressing, "", nil, "no_longer_so", ""},
		{"nor how it was after they said so", tuesday + "12:00", "visit.how_was_it", Notice, "", func(w *world) { w.facts.Visit.SaidHelper = w.now }, "no_longer_so", ""},
		{"the other side's word is not theirs", tuesday + "12:00", "visit.how_was_it", Notice, "", func(w *world) { w.facts.Visit.SaidResident = w.now }, "sent_now", tuesday + "12:00"},
		{"who had the question is thanked", tuesday + "12:00", askThanks, Notice, "", func(w *world) { w.facts.Question = Sent }, "sent_now", tuesday + "12:00"},
		{"who never had it is not", tuesday + "12:00", askThanks, Notice, "", func(w *world) { w.facts.Question = Dropped }, "was_never_asked", ""},
		{"nor who was never to have one", tuesday + "12:00", askThanks, Notice, "", nil, "was_never_asked", ""},
		{"while it is being sent the thanks wait", tuesday + "12:00", askThanks, Notice, "", func(w *world) { w.facts.Question = Sending }, "held_for_question", ""},
		{"who is in hospital hears what became of their visit", tuesday + "12:00", "visit.returned_helper", Pressing, "", away, "sent_now", tuesday + "12:00"},
		{"by night as at home", tuesday + "22:00", "visit.returned_helper", Pressing, "", away, "held_for_quiet", "2026-03-11 08:00"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.now = at(t, row.now)
			w.facts.Ask.AskFrom = at(t, tuesday+"12:00")
			d := Delivery{Person: berend, Key: row.key, Class: row.class, State: Waiting, ExpiresAt: w.now.Add(keepFor)}
			if row.visit != "" {
				d.VisitAt = at(t, row.visit)
			}
			if row.change != nil {
				row.change(w)
			}
			got := Decide(d, w.facts, w.quiet, w.now)
			if got.Why != row.why {
				t.Fatalf("got %+v, want %s", got, row.why)
			}
			if held := row.why == "held_for_question"; !held && (got.Drop != (row.at == "") || !got.Drop && !got.At.Equal(at(t, row.at))) {
				t.Errorf("got %+v, want it at %q", got, row.at)
			}
		})
	}
}

func TestDecideExpiry(t *testing.T) {
	rows := []struct {
		name string
		now  string
		use  time.Duration
		why  string
	}{
		{"a nanosecond before its end it goes", "2026-03-10 12:00", 1, "sent_now"},
		{"at its end it is too late", "2026-03-10 12:00", 0, "too_late_to_be_of_use"},
		{"held past its end it is dropped at once", "2026-03-10 22:00", 10 * time.Hour, "quiet_until_too_late"},
		{"held until just before it waits", "2026-03-10 22:00", 10*time.Hour + 1, "held_for_quiet"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			now := at(t, row.now)
			d := Delivery{Person: anna, Key: "request.closed", Class: Notice, State: Waiting, ExpiresAt: now.Add(row.use)}
			if got := Decide(d, Facts{}, care.DefaultQuiet("Europe/Amsterdam"), now); got.Why != row.why {
				t.Errorf("got %+v, want %s", got, row.why)
			}
		})
	}
}

// What is sent is judged by wall clock and calendar alone: a second reading of the rules, which
// shares no code with care.Quiet.
func restsAt(q care.Quiet, u care.Urgency, mindsPause bool, now time.Time) string {
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		return "zone"
	}
	local := now.In(zone)
	minute := care.Clock(local.Hour()*60 + local.Minute())
	for _, p := range q.Paused {
		if mindsPause && !now.Before(p.From) && (p.Until.IsZero() || now.Before(p.Until)) {
			return "pause"
		}
	}
	own := minute >= q.Night.Start && minute < q.Night.End
	if q.Night.End <= q.Night.Start {
		own = minute >= q.Night.Start || minute < q.Night.End
	}
	switch {
	case minute >= 23*60 || minute < 7*60:
		return "deep night"
	case own && u != care.Urgent:
		return "own night"
	case u == care.Ordinary && slices.Contains(q.RestDays, local.Weekday()):
		return "rest day"
	}
	return ""
}

func someQuiet(t *rapid.T, year time.Time) care.Quiet {
	q := care.DefaultQuiet("Europe/Amsterdam")
	q.Night = care.Night{Start: care.Clock(rapid.IntRange(0, 1439).Draw(t, "night")), End: care.Clock(rapid.IntRange(0, 1440).Draw(t, "morning"))}
	q.RestDays = rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 0, 6, rapid.ID).Draw(t, "rest")
	for range rapid.IntRange(0, 2).Draw(t, "pauses") {
		from := year.Add(time.Duration(rapid.IntRange(0, 366*24).Draw(t, "pause")) * time.Hour)
		pause := care.Interval{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 500).Draw(t, "length")) * time.Hour)}
		if rapid.IntRange(0, 4).Draw(t, "endless") == 0 {
			pause.Until = time.Time{}
		}
		q.Paused = append(q.Paused, pause)
	}
	if q.Validate() != nil {
		t.SkipNow()
	}
	return q
}

// Half of the moments lie around the two nights in which the clock changes.
func someMoment(t *rapid.T, year time.Time) time.Time {
	day := rapid.OneOf(rapid.IntRange(0, 364), rapid.SampledFrom([]int{86, 87, 88, 296, 297, 298})).Draw(t, "day")
	return year.Add(time.Duration(day*24*60+rapid.IntRange(0, 24*60-1).Draw(t, "minute")) * time.Minute)
}

func TestNothingIsSentAgainstSomebodysRest(t *testing.T) {
	year := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		q, now := someQuiet(t, year), someMoment(t, year)
		d := Delivery{Person: berend, State: Waiting, Key: "request.closed",
			Class:     rapid.SampledFrom([]Class{Question, Notice, Pressing, Duty}).Draw(t, "class"),
			ExpiresAt: now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "use")) * time.Hour)}
		f := Facts{Urgency: rapid.SampledFrom([]care.Urgency{care.Ordinary, care.Today, care.Urgent}).Draw(t, "urgency"),
			Ask: care.Ask{State: care.Asked, Helper: rapid.SampledFrom([]care.PersonID{berend, anna}).Draw(t, "helper")}}
		switch {
		case d.Class == Question:
			d.Key, f.Ask.AskFrom = askNew, now.Add(time.Duration(rapid.IntRange(-600, 3000).Draw(t, "from"))*time.Minute)
		case rapid.Bool().Draw(t, "door"):
			d.VisitAt = now.Add(time.Duration(rapid.IntRange(-600, 6000).Draw(t, "visit")) * time.Minute)
		}
		pauses := d.Class != Duty && f.Ask.Helper == berend
		for holds := 0; ; holds++ {
			v := Decide(d, f, q, now)
			if v.Drop {
				return
			}
			if v.At.Before(now) || holds > 20 {
				t.Fatalf("after %d holds at %s it is held until %s", holds, now, v.At)
			}
			if v.At.Equal(now) {
				break
			}
			now = v.At.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 45, 700}).Draw(t, "late")) * time.Minute)
		}
		if !d.VisitAt.IsZero() && now.Sub(d.VisitAt).Abs() <= care.SafetyWithin {
			return
		}
		if rest := restsAt(q, urgency(d, f), pauses, now); rest != "" {
			t.Fatalf("%s sent at %s: %s", d.Class, now, rest)
		}
		if d.Class == Question && now.Before(f.Ask.AskFrom) {
			t.Fatalf("asked at %s, before %s", now, f.Ask.AskFrom)
		}
		if !now.Before(d.ExpiresAt) {
			t.Fatalf("sent at %s, of use until %s", now, d.ExpiresAt)
		}
	})
}

// The property above has teeth: it sees what breaks a rest.
func TestRestsAtSeesEveryRest(t *testing.T) {
	q := care.DefaultQuiet("Europe/Amsterdam")
	for local, want := range map[string]string{
		"2026-03-29 06:59": "deep night", "2026-03-29 12:00": "rest day", "2026-03-30 07:30": "own night",
		"2026-03-30 08:00": "", "2026-10-25 23:00": "deep night", "2026-10-24 21:00": "own night"} {
		if got := restsAt(q, care.Ordinary, true, at(t, local)); got != want {
			t.Errorf("%s: %q, want %q", local, got, want)
		}
	}
}
