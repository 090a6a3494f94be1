package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"naober/matching/care"
)

// The names of the leases and of the loops under them; a consumer's is "consumer/<name>".
const (
	loopMover = "feed-mover"
	loopClock = "clock"
	loopHouse = "housekeeping"
	loopWork  = "work/" // and the work's name
)

const (
	failWaitLast = 5 * time.Second // the longest wait of a loop whose steps keep failing
	retryEvery   = parkedFirst     // between two looks at the parked rows
)

// LoopSettings say what runs beside the commands. Time and Hold are required; a zero duration
// means the usual one.
type LoopSettings struct {
	Time       Monotonic
	Hold       *Hold
	Consumers  []Consumer    // each with a name of its own
	Works      []Work        // each with a name of its own
	Expirer    Expirer       // nil where the store forgets by itself
	Term       time.Duration // of the leases: 10 s
	Poll       time.Duration // of mover and consumers: 250 ms
	ClockEvery time.Duration // 1 s; the demo's clock can be moved and looks more often
	HouseEvery time.Duration // 10 min
	// Idle is told the loop's name after each pass that found nothing to do. Tests wait for it.
	Idle func(loop string)
}

// Work is something of the wiring's own that one process at a time repeats, under the lease
// "work/<name>". It acts on the date, so it stands still in a hold.
type Work struct {
	Name  string
	Every time.Duration // between passes that found nothing to do
	// Step is one pass; it tells how much it did, and 0 lets it rest. When its context ends it
	// finishes what is in hand and returns.
	Step func(ctx context.Context) (int, error)
}

// Loops are the work that goes on without a caller: mover, consumers, clock and housekeeping.
type Loops struct {
	LoopSettings
	app     *App
	leaser  *Leaser
	mover   *Mover
	clock   *Clockwork
	house   *housekeeper
	readers []*reader
	wakes   []chan struct{} // one for each reader, in order
	wake    chan struct{}   // the mover's
	moved   atomic.Int64
}

// LoopCounts are what an operator sees of the loops of this process. Only the holder of a lease
// counts anything under it.
type LoopCounts struct {
	Moved       int64 // events brought into the feed
	Ticked      int64 // due documents that the clock acted on
	ClockFailed int64
	Rounds      int64  // of the clock and the reconciler, that found something or not
	Held        string // why clocks stand still; empty while they run
	Consumers   map[string]ConsumerCounts
}

// NewLoops prepares the loops. Each call is a holder of leases of its own.
func (a *App) NewLoops(s LoopSettings) (*Loops, error) {
	if s.Time == nil || s.Hold == nil {
		return nil, errors.New("loops need a monotonic time and a hold")
	}
	if err := s.checkNames(); err != nil {
		return nil, err
	}
	s.Term, s.Poll = usual(s.Term, LeaseTerm), usual(s.Poll, 250*time.Millisecond)
	s.ClockEvery, s.HouseEvery = usual(s.ClockEvery, time.Second), usual(s.HouseEvery, 10*time.Minute)
	if s.Idle == nil {
		s.Idle = func(string) {}
	}
	l := &Loops{LoopSettings: s, app: a, wake: make(chan struct{}, 1),
		leaser: &Leaser{Docs: a.Stores.Leases, Holder: newID(time.Now()), Term: s.Term, Time: s.Time, Log: a.Log},
		mover:  &Mover{Feed: a.Stores.Feed, Now: a.Now},
		clock:  a.NewClockwork(s.Time),
		house:  &housekeeper{app: a, expirer: s.Expirer}}
	for _, c := range s.Consumers {
		l.readers = append(l.readers, a.newReader(c, s.Time))
		l.wakes = append(l.wakes, make(chan struct{}, 1))
		if c.Stored {
			l.house.consumers = append(l.house.consumers, c.Name)
		}
	}
	return l, nil
}

// checkNames refuses two loops under one lease: each would take the other's back for its own.
func (s LoopSettings) checkNames() error {
	taken := map[string]bool{}
	check := func(name, lease string) error {
		if name == "" || taken[lease] {
			return errors.New("every consumer and every work needs a name of its own: " + lease)
		}
		taken[lease] = true
		return nil
	}
	var err error
	for _, c := range s.Consumers {
		err = errors.Join(err, check(c.Name, leaseOf(c.Name)))
	}
	for _, w := range s.Works {
		err = errors.Join(err, check(w.Name, loopWork+w.Name))
	}
	return err
}

func usual(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

func (a *App) newReader(c Consumer, m Monotonic) *reader {
	r := &reader{Consumer: c, feed: a.Stores.Feed, lot: lot{consumer: c.Name}, time: m, now: a.Now, log: a.Log}
	if c.Stored {
		r.lot.docs = a.Stores.Parked
	}
	return r
}

// Run runs the loops until the context ends. It then lets each finish the row or document in hand,
// frees the leases and returns; it may be called once.
func (l *Loops) Run(ctx context.Context) {
	var all sync.WaitGroup
	lead := func(name string, every time.Duration, wake <-chan struct{}, step func(*Held) step) {
		all.Go(func() {
			l.leaser.Run(ctx, name, func(ctx context.Context, held *Held) { l.repeat(ctx, name, every, wake, step(held)) })
		})
	}
	lead(loopMover, l.Poll, l.wake, l.move)
	lead(loopClock, l.ClockEvery, nil, func(*Held) step { return l.unlessHeld(l.clock.Step) })
	lead(loopHouse, l.HouseEvery, nil, func(*Held) step { return l.unlessHeld(l.house.step) })
	for _, w := range l.Works {
		lead(loopWork+w.Name, usual(w.Every, l.Poll), nil, func(*Held) step { return l.unlessHeld(w.Step) })
	}
	for i, r := range l.readers {
		if r.Stored {
			lead(leaseOf(r.Name), l.Poll, l.wakes[i], func(held *Held) step { return l.consume(r, held) })
			continue
		}
		all.Go(func() { l.repeat(ctx, leaseOf(r.Name), l.Poll, l.wakes[i], l.consume(r, nil)) })
	}
	all.Wait()
}

// Wake says that this process wrote something, so that it is not the poll that finds it. It never
// waits and may be called by anybody at any time.
func (l *Loops) Wake() { nudge(l.wake) }

// Counts may be called by anybody at any time.
func (l *Loops) Counts() LoopCounts {
	c := LoopCounts{Moved: l.moved.Load(), Ticked: l.clock.ticked.Load(), ClockFailed: l.clock.failed.Load(), Rounds: l.clock.rounds.Load(),
		Held: l.Hold.Check(), Consumers: make(map[string]ConsumerCounts, len(l.readers))}
	for _, r := range l.readers {
		c.Consumers[r.Name] = r.counts()
	}
	return c
}

// step is one pass of a loop; it tells how much it did.
type step func(ctx context.Context) (int, error)

// repeat takes steps until the context ends or the lease is lost: at once again while there is
// work, after every or a wake where there was none, and ever slower while steps fail.
func (l *Loops) repeat(ctx context.Context, name string, every time.Duration, wake <-chan struct{}, s step) {
	for failures := 0; ctx.Err() == nil; {
		worked, err := l.pass(ctx, name, s)
		switch {
		case ctx.Err() != nil || care.CodeOf(err) == "lease_lost":
			return
		case err != nil:
			wait := max(every, backOff(failures, l.Poll, failWaitLast))
			failures++
			l.app.Log.Error("loop failed", "loop", name, "error", codeOf(err), "again", wait)
			await(ctx, l.Time, wait, nil)
		case worked == 0:
			failures = 0
			l.Idle(name)
			await(ctx, l.Time, every, wake)
		default:
			failures = 0
		}
	}
}

func (l *Loops) pass(ctx context.Context, name string, s step) (worked int, err error) {
	err = guarded(l.app.Log, name, func() error {
		var err error
		worked, err = s(ctx)
		return err
	})
	return worked, err
}

func (l *Loops) move(held *Held) step {
	return func(ctx context.Context) (int, error) {
		moved, err := l.mover.run(ctx, held)
		if moved > 0 {
			l.moved.Add(int64(moved))
			for _, w := range l.wakes {
				nudge(w)
			}
		}
		return moved, err
	}
}

// consume reads the feed and looks after the parked rows between two batches. A new holder begins
// from what the store says, whatever this process remembers of an earlier time.
func (l *Loops) consume(r *reader, held *Held) step {
	if held != nil {
		r.begun = false
	}
	looked := l.Time.Elapsed()
	return func(ctx context.Context) (int, error) {
		read, err := r.step(ctx, held)
		if now := l.Time.Elapsed(); r.begun && now-looked >= retryEvery && ctx.Err() == nil {
			looked = now
			retried, other := r.retry(ctx)
			read, err = read+retried, errors.Join(err, other)
		}
		return read, err
	}
}

// unlessHeld keeps a step from acting on a date that cannot be trusted.
func (l *Loops) unlessHeld(s step) step {
	was := ""
	return func(ctx context.Context) (int, error) {
		reason := l.Hold.Check()
		if reason != was {
			l.app.Log.Error("clock hold changed", "reason", reason, "before", was)
			was = reason
		}
		if reason != "" {
			return 0, nil
		}
		return s(ctx)
	}
}

func nudge(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
