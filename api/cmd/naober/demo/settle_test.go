package demo

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// watched is a stillness over two loops, with what they did and whether something waits in hand.
type watched struct {
	*Stillness
	worked  int64
	waiting bool
}

func watch() *watched {
	w := &watched{Stillness: NewStillness()}
	w.Loops = []string{"mover", "clock"}
	w.Worked = func() int64 { return w.worked }
	w.Waiting = func(context.Context) (bool, error) { return w.waiting, nil }
	return w
}

// TestSettle counts after which of the steps Settle has returned; 0 means never.
func TestSettle(t *testing.T) {
	pass := func(loop string) func(*watched) { return func(w *watched) { w.Idle(loop) } }
	work := func(w *watched) { w.worked++ }
	mover, clock := pass("mover"), pass("clock")
	for name, tc := range map[string]struct {
		steps []func(*watched)
		after int
	}{
		"waits for two passes of each loop":             {[]func(*watched){mover, mover, clock, clock}, 4},
		"is not content with one pass of one":           {[]func(*watched){mover, mover, mover, clock}, 0},
		"does not mind other loops":                     {[]func(*watched){mover, clock, pass("housekeeping"), mover, clock}, 5},
		"begins anew where something was done":          {[]func(*watched){mover, work, mover, clock, clock, mover, mover, clock, clock}, 9},
		"begins anew where something waits":             {[]func(*watched){func(w *watched) { w.waiting = true }, mover, mover, clock, clock}, 0},
		"counts what was done before it was called not": {[]func(*watched){mover, clock, mover, clock}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				w := watch()
				w.worked = 3
				done := make(chan error, 1)
				go func() { done <- w.Settle(ctx) }()
				synctest.Wait()
				settled := 0
				for i, step := range tc.steps {
					step(w)
					synctest.Wait()
					if len(done) > 0 && settled == 0 {
						settled = i + 1
					}
				}
				if settled != tc.after {
					t.Errorf("settled after step %d, want %d", settled, tc.after)
				}
				stop()
				if err := <-done; (err == nil) != (tc.after > 0) {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

func TestSettleNamesWhoIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		w := watch()
		done := make(chan error, 1)
		go func() { done <- w.Settle(ctx) }()
		synctest.Wait()
		w.Idle("mover")
		w.Idle("mover")
		if err := <-done; err == nil || !strings.Contains(err.Error(), "clock") || strings.Contains(err.Error(), "mover") {
			t.Errorf("ended with %v", err)
		}
	})
}
