package app

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"naober/api/feed"
	"naober/api/port"
)

type expirerFunc func() int

func (f expirerFunc) Expire(context.Context, time.Time, int) (int, error) { return f(), nil }

// idleLoops runs loops and returns a wait for a loop's next pass that begins from now on and finds
// nothing to do, and an end that waits for all.
func idleLoops(t *testing.T, w *clockWorld, s LoopSettings) (l *Loops, idle func(loop string), end func()) {
	t.Helper()
	passes := make(chan string)
	over := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	s.Idle = func(loop string) {
		select {
		case passes <- loop:
		case <-ctx.Done():
		}
	}
	l, err := w.NewLoops(s)
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

func quickSettings() LoopSettings {
	m := feed.SystemTime()
	return LoopSettings{Time: m, Hold: feed.NewHold(time.Now, m), Poll: time.Millisecond, ClockEvery: time.Millisecond, HouseEvery: time.Millisecond}
}

func TestLoopsCarryAnEventToItsConsumers(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	w.live("r", noon)
	var stored, local, expired atomic.Int64
	s := quickSettings()
	s.Expirer = expirerFunc(func() int { expired.Add(1); return 0 })
	s.Consumers = []feed.Consumer{
		{Name: "stored", Stored: true, Handle: func(context.Context, port.Row) error { stored.Add(1); return nil }},
		{Name: "local", From: -1, Handle: func(context.Context, port.Row) error { local.Add(1); return nil }},
	}
	l, idle, end := idleLoops(t, w, s)
	idle(feed.LoopOf("local"))
	w.feed.Note(docNamed("a"), 1, noon)
	w.feed.Note(docNamed("a"), 2, noon)
	l.Wake()
	for _, name := range []string{feed.MoverLoop, feed.LoopOf("stored"), "consumer/local", workClock, workHouse} {
		idle(name)
	}
	c := l.Counts()
	end()
	if c.Moved != 2 || c.Ticked != 1 || c.Held != "" || c.Consumers["stored"].Cursor != 2 || c.Consumers["local"].Lag != 0 {
		t.Fatalf("counts %+v", c)
	}
	if stored.Load() != 2 || local.Load() != 2 || expired.Load() == 0 {
		t.Fatalf("handed over %d and %d, expired %d", stored.Load(), local.Load(), expired.Load())
	}
	for _, lease := range w.leases.Sorted() {
		if lease.Value.Holder != "" {
			t.Errorf("lease %s is still held", lease.ID)
		}
	}
	if len(w.leases.Rows) != 4 {
		t.Errorf("%d leases, want mover, clock, housekeeping and one consumer", len(w.leases.Rows))
	}
}

func TestLoopsStandStillInAHold(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	w.live("r", noon)
	s := quickSettings()
	var released atomic.Bool
	s.Expirer = expirerFunc(func() int {
		if !released.Load() {
			t.Error("expired by a date that cannot be trusted")
		}
		return 0
	})
	var worked atomic.Int64
	s.Works = []feed.Work{{Name: "relay", Every: time.Millisecond, Step: func(context.Context) (int, error) { worked.Add(1); return 0, nil }}}
	s.Hold.Begin(feed.HoldRestore)
	l, idle, end := idleLoops(t, w, s)
	defer end()
	idle(workClock)
	idle(workHouse)
	idle(workOther + "relay")
	if c := l.Counts(); c.Ticked != 0 || c.Held != feed.HoldRestore || worked.Load() != 0 {
		t.Fatalf("counts %+v, the relay worked %d times", c, worked.Load())
	}
	released.Store(true)
	s.Hold.Release()
	idle(workClock)
	idle(workOther + "relay")
	if c := l.Counts(); c.Ticked != 1 || c.Held != "" || worked.Load() == 0 {
		t.Fatalf("counts %+v", c)
	}
}

func TestLoopsRefuseSettings(t *testing.T) {
	t.Parallel()
	w, m := newClockWorld(), feed.SystemTime()
	h := feed.NewHold(time.Now, m)
	for name, s := range map[string]LoopSettings{
		"without time":         {Hold: h},
		"with a name twice":    {Time: m, Hold: h, Consumers: []feed.Consumer{{Name: "a"}, {Name: "a"}}},
		"with a nameless work": {Time: m, Hold: h, Works: []feed.Work{{}}},
		"with a work twice":    {Time: m, Hold: h, Works: []feed.Work{{Name: "a"}, {Name: "a"}}},
	} {
		if _, err := w.NewLoops(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := w.NewLoops(LoopSettings{Time: m, Hold: h, Works: []feed.Work{{Name: workClock}}}); err != nil {
		t.Errorf("a work of the wiring's own named as one of the service's: %v", err)
	}
}
