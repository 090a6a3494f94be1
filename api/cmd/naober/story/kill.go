package story

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// blow is where in a call the server is killed.
type blow struct {
	when  when
	after time.Duration // from sending the call, for during
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
	inCall  = 12 * time.Millisecond
	inLoops = 200 * time.Millisecond
)

// Kills is a plan of when the server is killed: at random calls, at random moments of them. Safe for
// concurrent use; nil kills nobody.
type Kills struct {
	mu    sync.Mutex
	dice  *rand.Rand
	left  []int // numbers of calls, the next one first
	calls int
	done  int
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

// turn counts a call and tells whether the server is killed in it.
func (k *Kills) turn() blow {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
	if len(k.left) == 0 || k.calls < k.left[0] {
		return blow{}
	}
	k.left, k.done = k.left[1:], k.done+1
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

// strike kills the server where it is this call's turn. finish is called after the call; it returns
// once the next server is up.
func (k *Kills) strike(ctx context.Context, h Host) (finish func() error, err error) {
	nothing := func() error { return nil }
	if k == nil {
		return nothing, nil
	}
	b := k.turn()
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
