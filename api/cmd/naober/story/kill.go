package story

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// blow is where in a call the server is killed.
type blow struct {
	when  when
	after time.Duration // from sending the call, for during
}

func (b blow) String() string {
	switch b.when {
	case before:
		return "before"
	case after:
		return "after"
	}
	return b.after.Round(100*time.Microsecond).String() + " into"
}

type when int

const (
	never when = iota
	before
	during
	after // when it was answered and the loops are at work
)

// How long after sending a call its server may be killed: while the call writes, which takes a few
// milliseconds, or while the loops carry on what it began.
const (
	inCall  = 6 * time.Millisecond
	inLoops = 200 * time.Millisecond
)

// Kills is a plan of when the server is killed: at random calls that change something, move the clock
// or wait for the loops, at random moments of them. Safe for concurrent use; nil kills nobody.
type Kills struct {
	mu    sync.Mutex
	dice  *rand.Rand
	left  []int // numbers of calls, the next one first
	calls int
	done  int
	notes []string // what was killed where, until somebody reads it
}

// PlanKills spreads n kills over so many calls. The same seed gives the same plan.
func PlanKills(n, calls int, seed uint64) *Kills {
	k := &Kills{dice: rand.New(rand.NewPCG(seed, 0))}
	for i := range n { // one in each stretch, so that none of the story is spared
		from, to := calls*i/n, calls*(i+1)/n
		k.left = append(k.left, from+1+k.dice.IntN(max(to-from, 1)))
	}
	return k
}

// Done is how many kills there were, and how many are still planned.
func (k *Kills) Done() (done, left int) {
	if k == nil {
		return 0, 0
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.done, len(k.left)
}

// Leap is how far a restart may have moved the clock since the last look at it.
func (k *Kills) Leap() time.Duration {
	if done, _ := k.Done(); done == 0 {
		return 0
	}
	return afterKill
}

// turn counts a call and tells whether the server is killed in it.
func (k *Kills) turn(call string) blow {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	if len(k.left) == 0 || k.calls < k.left[0] {
		return blow{}
	}
	b := k.draw()
	k.left, k.done = k.left[1:], k.done+1
	k.notes = append(k.notes, fmt.Sprintf("kill %d: %s %s", k.done, b, call))
	return b
}

func (k *Kills) draw() blow {
	switch k.dice.IntN(5) {
	case 0:
		return blow{when: before}
	case 1:
		return blow{when: after}
	case 2:
		return blow{during, time.Duration(k.dice.Int64N(int64(inLoops)))}
	}
	return blow{during, time.Duration(k.dice.Int64N(int64(inCall)))}
}

// Notes says what was killed where since the last look.
func (k *Kills) Notes() []string {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	notes := k.notes
	k.notes = nil
	return notes
}

// strike kills the server where it is this call's turn. finish is called after the call; it returns
// once the next server is up.
func (k *Kills) strike(ctx context.Context, h Host, c call) (finish func() error, err error) {
	nothing := func() error { return nil }
	if k == nil || c.method == http.MethodGet {
		return nothing, nil
	}
	b := k.turn(c.method + " " + c.path)
	switch b.when {
	case never:
		return nothing, nil
	case before:
		return nothing, h.Kill(ctx)
	case after:
		return func() error { return h.Kill(ctx) }, nil
	}
	killed := make(chan error, 1)
	go func() {
		if waitFor(ctx, b.after) {
			killed <- h.Kill(ctx)
		} else {
			killed <- ctx.Err()
		}
	}()
	return func() error { return <-killed }, nil
}
