package feed

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"naober/api/port"
	"naober/api/port/porttest"
	"naober/matching/care"
)

// loopWorld is an empty feed with the settings of loops that hurry.
type loopWorld struct {
	feed   *porttest.Feed
	leases *porttest.Documents[string, Lease]
	Settings
}

func newLoopWorld() *loopWorld {
	m := SystemTime()
	w := &loopWorld{feed: porttest.NewFeed(), leases: porttest.NewDocuments[string, Lease]()}
	w.Settings = Settings{Feed: w.feed, Leases: w.leases, Parked: parkedDocs(), Holder: "process", Now: stillNoon, Log: quietLog(),
		Time: m, Hold: NewHold(time.Now, m), Term: LeaseTerm, Poll: time.Millisecond}
	return w
}

// run runs the loops and returns a wait for a loop's next pass that begins from now on and finds
// nothing to do, and an end that waits for all.
func (w *loopWorld) run(t *testing.T) (l *Loops, idle func(loop string), end func()) {
	t.Helper()
	passes := make(chan string)
	over := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	w.Idle = func(loop string) {
		select {
		case passes <- loop:
		case <-ctx.Done():
		}
	}
	l, err := NewLoops(w.Settings)
	if err != nil {
		t.Fatal(err)
	}
	go func() { defer close(over); l.Run(ctx) }()
	idle = func(loop string) {
		for seen := 0; seen < 2; { // the first may have begun before
			if <-passes == loop {
				seen++
			}
		}
	}
	return l, idle, func() { cancel(); <-over }
}

func TestLoopsCarryAnEventToItsConsumers(t *testing.T) {
	t.Parallel()
	w := newLoopWorld()
	var stored, local, worked atomic.Int64
	w.Consumers = []Consumer{
		{Name: "stored", Stored: true, Handle: func(context.Context, port.Row) error { stored.Add(1); return nil }},
		{Name: "local", From: -1, Handle: func(context.Context, port.Row) error { local.Add(1); return nil }},
	}
	w.Works = []Work{{Name: "work", Step: func(context.Context) (int, error) { worked.Add(1); return 0, nil }}}
	l, idle, end := w.run(t)
	idle(LoopOf("local"))
	w.feed.Note(docNamed("a"), 1, noon)
	w.feed.Note(docNamed("a"), 2, noon)
	l.Wake()
	for _, name := range []string{MoverLoop, LoopOf("stored"), LoopOf("local"), "work"} {
		idle(name)
	}
	c := l.Counts()
	end()
	if c.Moved != 2 || c.Held != "" || c.Consumers["stored"].Cursor != 2 || c.Consumers["local"].Lag != 0 {
		t.Fatalf("counts %+v", c)
	}
	if stored.Load() != 2 || local.Load() != 2 || worked.Load() == 0 {
		t.Fatalf("handed over %d and %d, worked %d times", stored.Load(), local.Load(), worked.Load())
	}
	for _, lease := range w.leases.Sorted() {
		if lease.Value.Holder != "" {
			t.Errorf("lease %s is still held", lease.ID)
		}
	}
	if len(w.leases.Rows) != 3 {
		t.Errorf("%d leases, want mover, work and one consumer", len(w.leases.Rows))
	}
}

func TestLoopsLetWorkStandStillInAHold(t *testing.T) {
	t.Parallel()
	w := newLoopWorld()
	var worked atomic.Int64
	w.Works = []Work{{Name: "work", Step: func(context.Context) (int, error) { worked.Add(1); return 0, nil }}}
	w.Hold.Begin(HoldRestore)
	w.feed.Note(docNamed("a"), 1, noon)
	l, idle, end := w.run(t)
	defer end()
	idle("work")
	idle(MoverLoop)
	if c := l.Counts(); c.Moved != 1 || c.Held != HoldRestore || worked.Load() != 0 {
		t.Fatalf("counts %+v, worked %d times", c, worked.Load())
	}
	w.Hold.Release()
	idle("work")
	if c := l.Counts(); c.Held != "" || worked.Load() == 0 {
		t.Fatalf("counts %+v, worked %d times", c, worked.Load())
	}
}

// A loop that fails and panics goes on by itself once the cause is gone.
func TestLoopsOutliveFailures(t *testing.T) {
	t.Parallel()
	w := newLoopWorld()
	var calls atomic.Int64
	w.feed.Before = func(op string) error {
		switch n := calls.Add(1); {
		case n == 1:
			panic("in the store")
		case n < 4:
			return care.E(care.Unavailable, "store_away", "away")
		case n < 6:
			return errors.New("no code at all")
		}
		return nil
	}
	w.feed.Note(docNamed("a"), 1, noon)
	l, idle, end := w.run(t)
	idle(MoverLoop)
	end()
	if c := l.Counts(); c.Moved != 1 {
		t.Fatalf("counts %+v", c)
	}
}

// toldTime is a monotonic clock whose waits are over at once and written down.
type toldTime struct {
	*porttest.HandTime
	waits []time.Duration
}

func (m *toldTime) After(d time.Duration) (<-chan time.Time, func()) {
	m.waits = append(m.waits, d)
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c, func() {}
}

func TestLoopsWaitLongerAndLonger(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	w, m := newLoopWorld(), &toldTime{HandTime: porttest.NewHandTime()}
	w.Time, w.Hold, w.Poll = m, NewHold(time.Now, m), 250*time.Millisecond
	l, err := NewLoops(w.Settings)
	if err != nil {
		t.Fatal(err)
	}
	away := care.E(care.Unavailable, "store_away", "away")
	answers := []error{away, away, away, nil, away, away, away, away, away, away, away, away}
	l.repeat(ctx, "loop", l.Poll, nil, func(context.Context) (int, error) {
		answer := answers[0]
		if answers = answers[1:]; len(answers) == 0 {
			cancel()
		}
		return 0, answer
	})
	want := []time.Duration{250, 500, 1000, 250, 250, 500, 1000, 2000, 4000, 5000, 5000}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(m.waits, want) {
		t.Fatalf("waited %v, want %v", m.waits, want)
	}
}

func TestLoopsRefuseSettings(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *loopWorld){
		"without time":          func(w *loopWorld) { w.Time = nil },
		"without a hold":        func(w *loopWorld) { w.Hold = nil },
		"with a nameless":       func(w *loopWorld) { w.Consumers = []Consumer{{}} },
		"with a name twice":     func(w *loopWorld) { w.Consumers = []Consumer{{Name: "a"}, {Name: "a"}} },
		"with a nameless work":  func(w *loopWorld) { w.Works = []Work{{}} },
		"with a work twice":     func(w *loopWorld) { w.Works = []Work{{Name: "a"}, {Name: "a"}} },
		"with a name of a work": func(w *loopWorld) { w.Consumers, w.Works = []Consumer{{Name: "a"}}, []Work{{Name: LoopOf("a")}} },
	} {
		w := newLoopWorld()
		spoil(w)
		if _, err := NewLoops(w.Settings); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
