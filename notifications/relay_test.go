package notifications

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"naober/matching/care"
)

func TestAQuestionArrives(t *testing.T) {
	w := newWorld(t)
	w.facts.Ask.AskFrom = w.now.Add(time.Hour)
	w.facts.Ask.LapsesAt = w.now.Add(5 * time.Hour)
	w.handle(t, w.made())
	w.run(t, 59*time.Minute)
	if d := w.question(); len(w.pushed) > 0 || d.State != Waiting || d.Why != "held_for_question_time" {
		t.Fatalf("an hour early: %+v, sent %v", d, w.pushed)
	}
	w.run(t, time.Minute)
	d := w.question()
	if d.State != Sent || d.Tries != 1 || len(w.pushed) != 1 || w.undelivered != 0 {
		t.Fatalf("%+v, sent %v", d, w.pushed)
	}
	if m := w.pushed[0]; m.Key != askNew || !m.High || m.TTL != 2*time.Hour || m.Params["ask"] != string(theAsk) {
		t.Errorf("sent %+v", m)
	}
	w.run(t, 24*time.Hour)
	if len(w.pushed) != 1 {
		t.Errorf("sent %d times", len(w.pushed))
	}
}

// Each row is a question to Berend, who has a phone and a tablet.
func TestWhatBecomesOfAQuestion(t *testing.T) {
	const tablet = "tablet"
	only := func(token string, f *Failure) func(Message) error {
		return func(m Message) error {
			if token == "" || m.Token == token {
				return f
			}
			return nil
		}
	}
	phone := "token-" + string(berend)
	rows := []struct {
		name        string
		change      func(*world)
		state       State
		why         string
		undelivered int
		pushed      int
		forgotten   int
	}{
		{"both devices get it", func(*world) {}, Sent, "sent_now", 0, 2, 0},
		{"one device is enough where the other is gone", func(w *world) { w.answer = only(phone, &Failure{Class: Gone}) }, Sent, "sent_now", 0, 1, 1},
		{"one device is enough where the other refuses", func(w *world) { w.answer = only(phone, &Failure{Class: Permanent}) }, Sent, "sent_now", 0, 1, 0},
		{"one device is enough where the other fails to the end", func(w *world) { w.answer = only(phone, &Failure{Class: Temporary}) }, Sent, "sent", 0, 1, 0},
		{"without devices the wave goes on", func(w *world) { w.devices[berend] = nil }, Unreachable, "no_device", 1, 0, 0},
		{"with all devices gone too", func(w *world) { w.answer = only("", &Failure{Class: Gone}) }, Unreachable, "no_device", 1, 0, 2},
		{"and where all refuse it, though they stay", func(w *world) { w.answer = only("", &Failure{Class: Permanent}) }, Unreachable, "push_refused", 1, 0, 0},
		{"and where all fail until half of the time is over", func(w *world) { w.answer = only("", &Failure{Class: Temporary}) }, Unreachable, pushFailed, 1, 0, 0},
		{"a failure that is no Failure is tried again like that", func(w *world) { w.answer = func(Message) error { return errors.New("odd") } }, Unreachable, pushFailed, 1, 0, 0},
		{"and where the feed brought it too late", func(w *world) { w.now = w.now.Add(4 * time.Hour) }, Unreachable, "too_late_to_be_of_use", 1, 0, 0},
		{"and where the helper has paused since", func(w *world) { w.quiet.Paused = []care.Interval{{From: w.now}} }, Unreachable, "no_moment_to_send", 1, 0, 0},
		{"and where their night has become longer", func(w *world) { w.quiet.Night = care.Night{Start: 11 * 60, End: 8 * 60} }, Unreachable, "quiet_until_too_late", 1, 0, 0},
		{"an answer makes it needless", func(w *world) { w.facts.Ask.State = care.Accepted }, Dropped, "no_longer_asked", 0, 0, 0},
		{"so does a lapse", func(w *world) { w.facts.Ask.State = care.Lapsed }, Dropped, "no_longer_asked", 0, 0, 0},
		{"a bar withdraws it without a word", func(w *world) { w.facts.Barred = true }, Dropped, "no_longer_asked", 0, 0, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.devices[berend] = append(w.devices[berend], Device{ID: tablet, Token: tablet})
			w.handle(t, w.made())
			row.change(w)
			w.run(t, 24*time.Hour)
			d := w.question()
			if d.State != row.state || d.Why != row.why || d.DoneAt.IsZero() {
				t.Errorf("%+v, want %s %s", d, row.state, row.why)
			}
			if w.undelivered != row.undelivered || len(w.pushed) != row.pushed || len(w.forgotten) != row.forgotten {
				t.Errorf("undelivered %d, pushed %d, forgotten %d", w.undelivered, len(w.pushed), len(w.forgotten))
			}
		})
	}
}

func TestTheWaveIsToldAtTheEndOfUseNotLater(t *testing.T) {
	w := newWorld(t)
	w.answer = func(Message) error { return &Failure{Class: Temporary, RetryAfter: 24 * time.Hour} }
	w.handle(t, w.made())
	w.run(t, 4*time.Hour-time.Second)
	if w.undelivered != 0 {
		t.Fatal("told too early")
	}
	w.run(t, time.Second)
	if w.undelivered != 1 {
		t.Errorf("the wave waits for it still: %+v", w.question())
	}
}

func TestRetryGoesToTheDeviceThatFailedOnly(t *testing.T) {
	w := newWorld(t)
	w.devices[berend] = append(w.devices[berend], Device{ID: "tablet", Token: "tablet"})
	failures := 3
	w.answer = func(m Message) error {
		if m.Token == "tablet" && failures > 0 {
			failures--
			return &Failure{Class: Temporary}
		}
		return nil
	}
	w.handle(t, w.made())
	w.run(t, time.Hour)
	if d := w.question(); d.State != Sent || d.Tries != 4 || len(d.SentTo) != 2 || len(w.pushed) != 2 {
		t.Errorf("%+v, pushed %d times", d, len(w.pushed))
	}
}

func TestRetryWaits(t *testing.T) {
	rows := []struct {
		name        string
		after       time.Duration
		least, most time.Duration
	}{
		{"two seconds, give or take half", 0, time.Second, 3 * time.Second},
		{"as long as the push service says", time.Hour, time.Hour, time.Hour},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.answer = func(Message) error { return &Failure{Class: Temporary, RetryAfter: row.after} }
			w.handle(t, w.made())
			if _, err := w.relay().Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			d := w.question()
			if wait := d.DueAt.Sub(w.now); d.State != Waiting || d.Why != pushFailed || wait < row.least || wait > row.most {
				t.Fatalf("waits %s: %+v", wait, d)
			}
			w.answer = nil // a new process finds the wait in the store
			w.now = d.DueAt.Add(-1)
			if n, err := w.relay().Step(t.Context()); n != 0 || err != nil {
				t.Fatalf("looked at %d, %v", n, err)
			}
			w.now = d.DueAt
			if _, err := w.relay().Step(t.Context()); err != nil || w.question().State != Sent {
				t.Fatalf("%+v, %v", w.question(), err)
			}
		})
	}
}

func TestBackOffGrowsToAQuarterOfAnHour(t *testing.T) {
	for tries, middle := range map[int]time.Duration{0: 2 * time.Second, 1: 2 * time.Second, 2: 4 * time.Second, 9: 512 * time.Second, 10: 15 * time.Minute, 1000: 15 * time.Minute} {
		if got := backOff(tries); got < middle/2 || got >= middle*3/2 {
			t.Errorf("after %d tries %s, want about %s", tries, got, middle)
		}
	}
}

// A process dies at each of its calls in turn, before and after it took effect, and another goes on.
// What was written must arrive, or the wave must know.
func TestAKillLosesNothing(t *testing.T) {
	rows := []struct {
		name  string
		phone bool
	}{{"of a question that arrives", true}, {"of a question that cannot", false}}
	for _, row := range rows {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after the call %t", row.name, after), func(t *testing.T) {
				points := 0
				for n, reached := 1, true; reached; n++ {
					reached = killedAt(t, n, after, row.phone)
					points = n
				}
				if points < 8 {
					t.Errorf("only %d places to die", points)
				}
			})
		}
	}
}

func killedAt(t *testing.T, n int, after, phone bool) bool {
	t.Helper()
	w := newWorld(t)
	if !phone {
		w.devices[berend] = nil
	}
	w.killAt, w.killAfter = n, after
	ctx := t.Context()
	begun := func() { // one life: the fact is handled, then the relay steps
		r := w.relay()
		if r.Handle(ctx, "requests/1/1", w.made()) == nil {
			_, _ = r.Step(ctx) // the error is the kill's
		}
	}
	begun()
	reached := w.dead
	w.dead, w.killAt = false, 0
	if err := w.relay().Handle(ctx, "requests/1/1", w.made()); err != nil {
		t.Fatal(err)
	}
	w.run(t, 10*time.Minute)
	d := w.question()
	if phone && (d.State != Sent || len(w.pushed) == 0 || len(w.pushed) > 2 || w.undelivered > 0) {
		t.Errorf("killed at %d: %+v, pushed %d, undelivered %d", n, d, len(w.pushed), w.undelivered)
	}
	if !phone && (d.State != Unreachable || w.undelivered == 0 || len(w.pushed) > 0) {
		t.Errorf("killed at %d: %+v, pushed %d, undelivered %d", n, d, len(w.pushed), w.undelivered)
	}
	return reached
}

// A holder freezes in its call; meanwhile another takes over, and the first wakes up.
func TestAStaleHolderWritesOverNothing(t *testing.T) {
	rows := []struct {
		name  string
		wakes error // what its call answers at last
	}{
		{"with a success", nil}, {"with a device that is gone", &Failure{Class: Gone}}, {"with a failure", &Failure{Class: Temporary}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.handle(t, w.made())
			frozen, wake := make(chan struct{}), make(chan struct{})
			stale := NewRelay(w, w, pushFunc(func(context.Context, Message) error {
				close(frozen)
				<-wake
				return row.wakes
			}), func() time.Time { return w.now }, w.relay().log)
			ended := make(chan error)
			go func() {
				_, err := stale.Step(t.Context())
				ended <- err
			}()
			<-frozen
			w.now = w.now.Add(sendingTime)
			if _, err := w.relay().Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := w.question()
			close(wake)
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if got := w.question(); want.State != Sent || got.State != Sent || got.Tries != want.Tries || !slices.Equal(got.SentTo, want.SentTo) || w.undelivered != 0 {
				t.Errorf("%+v became %+v, undelivered %d", want, got, w.undelivered)
			}
		})
	}
}

type pushFunc func(context.Context, Message) error

func (f pushFunc) Push(ctx context.Context, m Message) error { return f(ctx, m) }

func TestOneFailureHoldsUpNobodyElse(t *testing.T) {
	rows := []struct {
		name  string
		looks func(care.PersonID) error
		fails bool
	}{
		{"of the directory", func(p care.PersonID) error {
			if p == anna {
				return care.E(care.Unavailable, "store_unavailable", "not now")
			}
			return nil
		}, false},
		{"of the program", func(p care.PersonID) error {
			if p == anna {
				panic("odd")
			}
			return nil
		}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.handle(t, w.happened(care.VisitPlanned))
			w.looks = row.looks
			if _, err := w.relay().Step(t.Context()); (err != nil) != row.fails {
				t.Fatal(err)
			}
			if got := w.sent(berend); !slices.Equal(got, []string{"visit.planned_helper"}) {
				t.Errorf("berend got %v", got)
			}
			w.looks = nil
			w.run(t, time.Hour)
			if got := w.sent(anna); !slices.Equal(got, []string{"visit.planned"}) {
				t.Errorf("anna got %v", got)
			}
		})
	}
}

func TestASlowPhoneHoldsUpNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.handle(t, w.happened(care.VisitPlanned))
	slow := w.of(t, anna, "visit.planned")
	slow.DueAt = slow.DueAt.Add(-time.Second) // it comes first
	w.docs[slow.ID] = slow
	others := make(chan struct{})
	r := NewRelay(w, w, pushFunc(func(ctx context.Context, m Message) error {
		if m.Key != slow.Key {
			close(others)
			return nil
		}
		select {
		case <-others: // it ends once the other one's was sent meanwhile
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}), func() time.Time { return w.now }, w.relay().log)
	if _, err := r.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := w.of(t, anna, slow.Key); d.State != Sent {
		t.Errorf("the slow one held up the other: %+v", d)
	}
}

func TestMessagesToOnePersonKeepTheirOrder(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i, e := range []care.EventType{care.VisitPlanned, care.VisitMoved, care.VisitReturned, care.RequestClosed} {
		w.now = at(t, "2026-03-10 12:00").Add(time.Duration(i) * time.Second)
		w.handle(t, w.happened(e))
		want = append(want, w.newest(anna))
	}
	w.run(t, time.Minute)
	if got := w.sent(anna); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStepEndsWithItsContextAfterWhatIsInHand(t *testing.T) {
	w := newWorld(t)
	w.handle(t, w.happened(care.VisitReturned))
	ctx, cancel := context.WithCancel(t.Context())
	w.answer = func(Message) error { cancel(); return nil }
	if _, err := w.relay().Step(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for _, d := range w.docs {
		if d.State == Sending {
			t.Errorf("cut off: %+v", d)
		}
	}
}

func TestAHeldMessageMeetsTheRestThatHoldsWhenItIsDue(t *testing.T) {
	w := newWorld(t)
	w.now = at(t, "2026-03-10 22:00")
	w.handle(t, w.happened(care.RequestClosed))
	w.run(t, time.Minute)
	w.quiet.Night.End = 10 * 60
	w.now = at(t, "2026-03-11 08:00")
	w.run(t, time.Hour)
	if len(w.pushed) > 0 {
		t.Fatal("sent in the new night")
	}
	w.run(t, time.Hour)
	if got := w.sent(anna); !slices.Equal(got, []string{"request.closed"}) {
		t.Errorf("got %v", got)
	}
}
