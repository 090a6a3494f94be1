package app_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// gate holds one call, after some that pass, until it is opened: as a process that freezes there.
type gate struct {
	reached chan struct{}
	opened  chan struct{}
	after   int64
	calls   atomic.Int64
}

func newGate() *gate { return &gate{reached: make(chan struct{}), opened: make(chan struct{})} }

func (g *gate) pass() {
	if g.calls.Add(1) == g.after+1 {
		close(g.reached)
		<-g.opened
	}
}

// gated freezes at the first write of a port.
type gated[K ~string, T any] struct {
	port.Documents[K, T]
	*gate
}

func (d gated[K, T]) Update(ctx context.Context, id K, w port.Write, c port.Change[T]) (port.Stored[T], error) {
	d.pass()
	return d.Documents.Update(ctx, id, w, c)
}

func (d gated[K, T]) Insert(ctx context.Context, id K, v T, events []care.Event, w port.Write) (port.Stored[T], error) {
	d.pass()
	return d.Documents.Insert(ctx, id, v, events, w)
}

// frozen starts a call in another process that freezes before its first write to a request. It
// returns when the process stands still; wake lets it go on and gives its answer.
func (v *village) frozen(call func(a *app.App) error) (wake func() error) {
	v.t.Helper()
	g, other := newGate(), v.second()
	other.Stores.Requests = gated[care.RequestID, care.Request]{other.Stores.Requests, g}
	return v.freeze(g, func() error { return call(other) })
}

// freeze starts a call and returns when it stands at its gate.
func (v *village) freeze(g *gate, call func() error) (wake func() error) {
	v.t.Helper()
	answer := make(chan error, 1)
	go func() { answer <- call() }()
	select {
	case <-g.reached:
	case err := <-answer:
		v.t.Fatalf("the process never came to its write: %v", err)
	}
	return func() error {
		close(g.opened)
		return <-answer
	}
}

func TestOneKeyTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		anna := v.person("Anna", 1)
		c, n := v.as(anna), rideOf(thursday())
		n.Community = v.here
		var ids [20]care.RequestID
		var calls []func() error
		for i := range ids {
			calls = append(calls, func() error {
				for {
					id, err := v.AskForHelp(t.Context(), c, n)
					if care.IsKind(err, care.Unavailable) {
						continue // told to come back
					}
					ids[i] = id
					return err
				}
			})
		}
		for _, err := range v.together(calls...) {
			v.must(err)
		}
		for _, id := range ids {
			if id == "" || id != ids[0] {
				t.Fatalf("answers %v", ids)
			}
		}
		mine, _, err := v.RequestsBy(t.Context(), v.as(anna), "mine", "", page())
		v.must(err)
		if len(mine) != 1 {
			t.Fatalf("%d requests", len(mine))
		}
	})
}

func TestOneKeyForSomethingElse(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	c, n := v.as(v.person("Anna", 1)), rideOf(thursday())
	n.Community = v.here
	id, err := v.AskForHelp(t.Context(), c, n)
	v.must(err)
	n.Words = "Naar de kapper"
	_, err = v.AskForHelp(t.Context(), c, n)
	v.refused(err, "key_reused")
	v.refused(v.WithdrawRequest(t.Context(), c, id, "solved"), "key_reused")
	other := c
	other.Person = v.person("Bep", 1) // a key is its account's own
	_, err = v.AskForHelp(t.Context(), other, n)
	v.must(err)
}

func TestARefusalIsRepeated(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		anna := v.person("Anna", 1)
		driver := v.driver("Berend", 2)
		visit := v.planned(anna, driver)
		c := v.as(driver)
		v.refused(v.StartVisit(ctx, c, visit.ID), "visit_too_early")
		v.at(visit.At.From)
		v.refused(v.StartVisit(ctx, c, visit.ID), "visit_too_early") // the answer of then
		v.must(v.StartVisit(ctx, v.as(driver), visit.ID))
	})
}

func TestAFirstProcessThatFreezes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		pause time.Duration
		code  string
	}{
		"reports the yes of the one that took over":     {16 * time.Second, ""},
		"reports the refusal of the one that took over": {72 * time.Hour, "ask_lapsed"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVillage(t)
			ctx := t.Context()
			driver := v.driver("Berend", 2)
			id := v.ride(v.person("Anna", 1), thursday().AddDate(0, 0, 5))
			ask, c := v.askOf(id, driver).ID, v.as(driver)
			wake := v.frozen(func(a *app.App) error { return a.DeclineAsk(ctx, c, ask, "busy") })
			v.refused(v.DeclineAsk(ctx, c, ask, "busy"), "in_progress")
			v.pass(row.pause)
			v.refused(v.DeclineAsk(ctx, c, ask, "busy"), row.code)
			v.refused(wake(), row.code)
			v.refused(v.DeclineAsk(ctx, c, ask, "busy"), row.code)
			v.run()
			if n := v.counted(care.AskDeclined); (n == 1) != (row.code == "") {
				t.Fatalf("declined %d times", n)
			}
		})
	}
}

// TestARefusalAfterATakeOverThatCrashes: the process that took over finds that it must refuse, and is
// killed in its turn. What it wrote to stop the first one must not be taken for an effect.
func TestARefusalAfterATakeOverThatCrashes(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	driver := v.driver("Berend", 2)
	id := v.ride(v.person("Anna", 1), thursday().AddDate(0, 0, 5))
	ask, c := v.askOf(id, driver).ID, v.as(driver)
	for _, done := range []bool{false, true} {
		for at, reached := 1, true; reached; at++ {
			t.Run(fmt.Sprintf("at call %d, done %v", at, done), func(t *testing.T) {
				w := v.copied()
				defer func() { w.must(w.close()) }()
				no := func(f *fault) error {
					a := w.process(w.Stores)
					a.Stores = faultyStores(w.Stores, f)
					return a.DeclineAsk(ctx, c, ask, "busy")
				}
				w.refused(no(&fault{at: 3, dead: true}), "store_unavailable") // the ledger has it, the request not
				w.pass(72 * time.Hour)
				f := &fault{at: at, done: done, dead: true}
				err := no(f)
				if reached = f.hit(); !reached {
					w.refused(err, "ask_lapsed")
				}
				w.pass(16 * time.Second)
				w.refused(w.DeclineAsk(ctx, c, ask, "busy"), "ask_lapsed")
				w.run()
				if n := w.counted(care.AskDeclined); n != 0 {
					t.Fatalf("declined %d times", n)
				}
			})
		}
	}
}
