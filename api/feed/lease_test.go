package feed

import (
	"context"
	"testing"
	"time"

	"naober/api/port"
	"naober/api/port/porttest"
	"naober/matching/care"
)

// leaseWorld is one stored lease with two processes whose clocks run apart from each other.
type leaseWorld struct {
	docs         *porttest.Documents[string, Lease]
	aTime, bTime *porttest.HandTime
	a, b         *Held
}

func newLeaseWorld() *leaseWorld {
	w := &leaseWorld{docs: porttest.NewDocuments[string, Lease](), aTime: porttest.NewHandTime(), bTime: porttest.NewHandTime()}
	w.bTime.Now = 400 * time.Hour // started at another time: only lengths may count
	leaser := func(name string, m Monotonic) *Leaser {
		return &Leaser{Docs: w.docs, Holder: name, Term: LeaseTerm, Time: m, Log: quietLog()}
	}
	w.a, w.b = leaser("a", w.aTime).Lease("work"), leaser("b", w.bTime).Lease("work")
	return w
}

func (w *leaseWorld) pass(d time.Duration) {
	w.aTime.Advance(d)
	w.bTime.Advance(d)
}

func TestLeaseIsTaken(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, row := range []struct {
		name string
		act  func(w *leaseWorld) // after a took the lease
		want bool                // whether b holds after its next step
	}{
		{"not at first sight, however old the beat", func(w *leaseWorld) { w.pass(time.Hour) }, false},
		{"not a moment before the term", func(w *leaseWorld) { w.b.Step(ctx); w.pass(LeaseTerm - 1) }, false},
		{"once it stood still for the term", func(w *leaseWorld) { w.b.Step(ctx); w.pass(LeaseTerm) }, true},
		{"not while the holder renews", func(w *leaseWorld) {
			for range 6 {
				w.b.Step(ctx)
				w.pass(LeaseTerm / 3)
				w.a.Step(ctx)
			}
		}, false},
		{"not where saving the cursor was the only beat", func(w *leaseWorld) {
			w.b.Step(ctx)
			w.pass(LeaseTerm)
			w.a.SaveCursor(ctx, 5)
		}, false},
		{"not where only the holder's clock ran on", func(w *leaseWorld) { w.b.Step(ctx); w.aTime.Advance(time.Hour) }, false},
		{"at once after a release", func(w *leaseWorld) { w.b.Step(ctx); w.a.Release(ctx) }, true},
		{"at once after a release that was never watched", func(w *leaseWorld) { w.a.Release(ctx) }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newLeaseWorld()
			if held, err := w.a.Step(ctx); !held || err != nil {
				t.Fatalf("a free lease was not taken: %v", err)
			}
			row.act(w)
			held, err := w.b.Step(ctx)
			if err != nil || held != row.want {
				t.Fatalf("held %v, want %v (%v)", held, row.want, err)
			}
		})
	}
}

func TestLeaseFrozenHolder(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newLeaseWorld()
	w.a.Step(ctx)
	if err := w.a.SaveCursor(ctx, 7); err != nil {
		t.Fatal(err)
	}
	w.b.Step(ctx)
	w.bTime.Advance(LeaseTerm) // a's clock stands still with a itself
	if held, _ := w.b.Step(ctx); !held || w.b.Cursor() != 7 {
		t.Fatalf("the challenger did not take over at the cursor: %v %d", held, w.b.Cursor())
	}
	if err := w.b.SaveCursor(ctx, 9); err != nil {
		t.Fatal(err)
	}
	if !w.a.Holds() {
		t.Fatal("the frozen holder cannot know yet; the test is about what happens then")
	}
	if err := w.a.SaveCursor(ctx, 8); care.CodeOf(err) != "lease_lost" || !care.IsKind(err, care.Conflict) {
		t.Fatalf("want lease_lost, got %v", err)
	}
	if got := w.docs.Rows["work"].Value; got.Cursor != 9 || got.Holder != "b" || got.Number != 2 {
		t.Fatalf("the old holder changed the lease: %+v", got)
	}
	if held, _ := w.a.Step(ctx); held {
		t.Fatal("the old holder took the lease back at once")
	}
	if err := w.a.Release(ctx); err != nil || w.docs.Rows["work"].Value.Holder != "b" {
		t.Fatalf("the old holder released what is not its own: %v", err)
	}
}

func TestLeaseStoreAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newLeaseWorld()
	w.a.Step(ctx)
	w.docs.Fail = func(string) error { return care.E(care.Unavailable, "store_away", "away") }
	w.pass(LeaseTerm - 1)
	if held, err := w.a.Step(ctx); !held || err == nil {
		t.Fatalf("within its term a holder goes on: held %v, %v", held, err)
	}
	w.pass(1)
	if w.a.Holds() {
		t.Fatal("a holder that could not renew for the whole term must stop")
	}
	w.docs.Fail = nil
	if held, err := w.a.Step(ctx); !held || err != nil || w.docs.Rows["work"].Value.Number != 2 {
		t.Fatalf("its own lease is free to take again, under a new number: %v, %v", held, err)
	}
}

// A lease whose taking was written but never answered belongs to the process all the same.
func TestLeaseLostAnswer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := newLeaseWorld()
	w.docs.Rows["work"] = port.Stored[Lease]{ID: "work", Value: Lease{Name: "work", Holder: "a", Number: 4, Beat: 9, Cursor: 3}}
	if held, err := w.a.Step(ctx); !held || err != nil || w.a.Cursor() != 3 {
		t.Fatalf("held %v at %d: %v", held, w.a.Cursor(), err)
	}
}

func TestLeaserRunStopsWorkWhenLost(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	docs, hand := porttest.NewDocuments[string, Lease](), porttest.NewHandTime()
	hand.Asked = make(chan time.Duration)
	l := &Leaser{Docs: docs, Holder: "a", Term: LeaseTerm, Time: hand, Log: quietLog()}
	working, ended, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		l.Run(ctx, "work", func(ctx context.Context, _ *Held) {
			working <- struct{}{}
			<-ctx.Done()
			ended <- struct{}{}
		})
	}()
	<-working
	if d := <-hand.Asked; d != LeaseTerm/3 {
		t.Fatalf("renewal waits %v, want a third of the term", d)
	}
	docs.Update(ctx, "work", port.Write{}, func(l Lease) (Lease, []care.Event, error) {
		l.Holder, l.Number = "b", l.Number+1
		return l, nil, nil
	})
	hand.Advance(LeaseTerm / 3)
	<-ended
	if got := docs.Sorted()[0].Value.Holder; got != "b" {
		t.Fatalf("the lease of the new holder was touched: %q", got)
	}
	docs.Update(ctx, "work", port.Write{}, func(l Lease) (Lease, []care.Event, error) {
		l.Holder = ""
		return l, nil, nil
	})
	<-hand.Asked // the wait after the work
	hand.Advance(LeaseTerm / 10)
	<-working
	<-hand.Asked
	cancel()
	<-ended
	<-hand.Asked
	<-over
	if got := docs.Sorted()[0].Value.Holder; got != "" {
		t.Fatalf("the lease was not freed at the end: %q", got)
	}
}
