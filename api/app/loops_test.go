package app

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
	m := SystemTime()
	return LoopSettings{Time: m, Hold: NewHold(time.Now, m), Poll: time.Millisecond, ClockEvery: time.Millisecond, HouseEvery: time.Millisecond}
}

func TestLoopsCarryAnEventToItsConsumers(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
	w.live("r", noon)
	var stored, local, expired atomic.Int64
	s := quickSettings()
	s.Expirer = expirerFunc(func() int { expired.Add(1); return 0 })
	s.Consumers = []Consumer{
		{Name: "stored", Stored: true, Handle: func(context.Context, port.Row) error { stored.Add(1); return nil }},
		{Name: "local", From: -1, Handle: func(context.Context, port.Row) error { local.Add(1); return nil }},
	}
	l, idle, end := idleLoops(t, w, s)
	idle(leaseOf("local"))
	w.feed.Note(docNamed("a"), 1, noon)
	w.feed.Note(docNamed("a"), 2, noon)
	l.Wake()
	for _, name := range []string{loopMover, leaseOf("stored"), leaseOf("local"), workClock, workHouse} {
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
	s.Works = []Work{{Name: "relay", Every: time.Millisecond, Step: func(context.Context) (int, error) { worked.Add(1); return 0, nil }}}
	s.Hold.Begin(HoldRestore)
	l, idle, end := idleLoops(t, w, s)
	defer end()
	idle(workClock)
	idle(workHouse)
	idle(workOther + "relay")
	if c := l.Counts(); c.Ticked != 0 || c.Held != HoldRestore || worked.Load() != 0 {
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

// A loop that fails and panics goes on by itself once the cause is gone.
func TestLoopsOutliveFailures(t *testing.T) {
	t.Parallel()
	w := newClockWorld()
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
	l, idle, end := idleLoops(t, w, quickSettings())
	idle(loopMover)
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
	m := &toldTime{HandTime: porttest.NewHandTime()}
	l, err := newClockWorld().NewLoops(LoopSettings{Time: m, Hold: NewHold(time.Now, m)})
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
	w, m := newClockWorld(), SystemTime()
	for name, s := range map[string]LoopSettings{
		"without time":      {Hold: NewHold(time.Now, m)},
		"without a hold":    {Time: m},
		"with a nameless":   {Time: m, Hold: NewHold(time.Now, m), Consumers: []Consumer{{}}},
		"with a name twice": {Time: m, Hold: NewHold(time.Now, m), Consumers: []Consumer{{Name: "a"}, {Name: "a"}}},
		"with a work twice": {Time: m, Hold: NewHold(time.Now, m), Works: []Work{{Name: "a"}, {Name: "a"}}},
	} {
		if _, err := w.NewLoops(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
