package app

import (
	"context"
	"maps"
	"sync"
	"time"

	"naober/matching/care"
)

const (
	// blocksMost is how many blocks a process holds at once: some 20 MB.
	blocksMost = 50_000
	// blindTime is how long a block lasts that a process gave itself while the store did not answer.
	blindTime = 10 * time.Second
)

// limiter holds the blocks of allowance that this process took from the shared tallies, so that most
// calls cost no store. What all processes grant in a window never exceeds the limit. It may fall
// short of it: each other process can hold up to block-1 that it does not use, and a process that is
// killed takes what it holds with it. A window begins with its first call and is not sliding: across
// the border of two, twice the limit can lie close together.
type limiter struct {
	mu     sync.Mutex
	blocks map[string]*block
	swept  time.Time
	full   map[string]int64     // what -> how often it refused
	told   map[string]time.Time // what -> when its alarm was last said
}

// block is what is left of one key's grant. Its lock is held while more is taken, so that a hundred
// calls at once take one block and not a hundred.
type block struct {
	mu    sync.Mutex
	left  int
	full  bool // nothing more is given until then: the shared window is full, or a blind block used up
	blind bool // the process gave it to itself
	until time.Time
}

func newLimiter() *limiter {
	return &limiter{blocks: map[string]*block{}, full: map[string]int64{}, told: map[string]time.Time{}}
}

// spend notes one occurrence as count does, but takes a block at a time from the store. While the
// store does not answer, a process lives on one block for each blindTime: the calls themselves will
// find the store away.
func (a *App) spend(ctx context.Context, limit allowance, whom string) error {
	now := a.clock()
	b := a.limiter.of(limit.what+"\x00"+whom, now)
	b.mu.Lock()
	defer b.mu.Unlock()
	if limit.over(b.until, now) {
		b.left, b.full, b.blind = 0, false, false
	}
	if b.left == 0 && !b.full {
		if err := a.refill(ctx, b, limit, whom, now); err != nil {
			return err
		}
	}
	if b.full {
		a.limiter.hit(limit)
		return limited(limit.code, b.until.Sub(now))
	}
	b.left--
	return nil
}

// refill takes the next block. It leaves b with something left, or full.
func (a *App) refill(ctx context.Context, b *block, limit allowance, whom string, now time.Time) error {
	granted, until, err := a.take(ctx, limit, whom, limit.block)
	switch {
	case care.IsKind(err, care.Limited):
		b.full, b.until = true, until
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && b.blind:
		b.full = true
	case err != nil: // also where a block of the store's is used up: a hiccup must cost nobody the window
		b.left, b.until, b.blind = limit.block, now.Add(blindTime), true
	default:
		b.left, b.until, b.blind = granted, until, false
	}
	return nil
}

// of finds the block of a key. Where too many are held, those whose window is over go first, and
// then any: what is left of it is lost, which is on the strict side.
func (l *limiter) of(key string, now time.Time) *block {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.blocks[key]; ok {
		return b
	}
	if len(l.blocks) >= blocksMost {
		l.makeRoom(now)
	}
	b := &block{}
	l.blocks[key] = b
	return b
}

func (l *limiter) makeRoom(now time.Time) {
	if now.Sub(l.swept) >= time.Minute {
		l.swept = now
		maps.DeleteFunc(l.blocks, func(_ string, b *block) bool {
			if !b.mu.TryLock() {
				return false
			}
			defer b.mu.Unlock()
			return !now.Before(b.until)
		})
	}
	for key := range l.blocks {
		if len(l.blocks) < blocksMost {
			return
		}
		delete(l.blocks, key)
	}
}

func (l *limiter) hit(limit allowance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.full[limit.what]++
}

func (l *limiter) hits() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.full)
}

// first reports whether nobody was told of this limit within its last window.
func (l *limiter) first(limit allowance, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if told, ok := l.told[limit.what]; ok && now.Sub(told) < limit.window {
		return false
	}
	l.told[limit.what] = now
	return true
}
