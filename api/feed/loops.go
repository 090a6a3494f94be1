package feed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// MoverLoop names the mover's loop and its lease.
const MoverLoop = "feed-mover"

// LoopOf names the loop of a consumer, and the lease of a stored one: "consumer/<name>".
func LoopOf(consumer string) string { return "consumer/" + consumer }

const (
	failWaitLast = 5 * time.Second // the longest wait of a loop whose steps keep failing
	retryEvery   = parkedFirst     // between two looks at the parked rows
)

// Settings say what runs, and on which stores. Parked may be nil where no consumer is stored. All
// other fields but Consumers, Works and Idle are required.
type Settings struct {
	Feed      port.Feed
	Leases    port.Documents[string, Lease]
	Parked    port.Documents[string, Parked]
	Holder    string // of the leases, new for each start
	Now       func() time.Time
	Log       *slog.Logger
	Time      Monotonic
	Hold      *Hold
	Consumers []Consumer    // each with a name of its own
	Works     []Work        // each with a name of its own
	Term      time.Duration // of the leases
	Poll      time.Duration // of mover and consumers
	// Idle is told the loop's name after each pass that found nothing to do.
	Idle func(loop string)
}

// Work is something that one process at a time repeats, under the lease of its name. It acts on the
// date, so it stands still in a hold.
type Work struct {
	Name  string
	Every time.Duration // between passes that found nothing to do; 0 means Poll
	// Step is one pass; it tells how much it did, and 0 lets it rest. When its context ends it
	// finishes what is in hand and returns.
	Step func(ctx context.Context) (int, error)
}

// Loops bring events into the feed and to their consumers, and repeat works beside that.
type Loops struct {
	Settings
	leaser  *Leaser
	mover   *Mover
	readers []*reader
	wakes   []chan struct{} // one for each reader, in order
	wake    chan struct{}   // the mover's
	moved   atomic.Int64
}

// Counts are what an operator sees of the loops of this process. Only the holder of a lease
// counts anything under it.
type Counts struct {
	Moved     int64  // events brought into the feed
	Held      string // why clocks stand still; empty while they run
	Consumers map[string]ConsumerCounts
}

// NewLoops prepares the loops. Each call is a holder of leases of its own.
func NewLoops(s Settings) (*Loops, error) {
	if s.Time == nil || s.Hold == nil {
		return nil, errors.New("loops need a monotonic time and a hold")
	}
	if err := s.checkNames(); err != nil {
		return nil, err
	}
	if s.Idle == nil {
		s.Idle = func(string) {}
	}
	l := &Loops{Settings: s, wake: make(chan struct{}, 1),
		leaser: &Leaser{Docs: s.Leases, Holder: s.Holder, Term: s.Term, Time: s.Time, Log: s.Log},
		mover:  &Mover{Feed: s.Feed, Now: s.Now}}
	for _, c := range s.Consumers {
		l.readers = append(l.readers, s.newReader(c))
		l.wakes = append(l.wakes, make(chan struct{}, 1))
	}
	return l, nil
}

// checkNames refuses two loops under one lease: each would take the other's back for its own.
func (s Settings) checkNames() error {
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
		err = errors.Join(err, check(c.Name, LoopOf(c.Name)))
	}
	for _, w := range s.Works {
		err = errors.Join(err, check(w.Name, w.Name))
	}
	return err
}

func (s Settings) newReader(c Consumer) *reader {
	r := &reader{Consumer: c, feed: s.Feed, lot: lot{consumer: c.Name}, time: s.Time, now: s.Now, log: s.Log}
	if c.Stored {
		r.lot.docs = s.Parked
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
	lead(MoverLoop, l.Poll, l.wake, l.move)
	for _, w := range l.Works {
		every := w.Every
		if every <= 0 {
			every = l.Poll
		}
		lead(w.Name, every, nil, func(*Held) step { return l.unlessHeld(w.Step) })
	}
	for i, r := range l.readers {
		if r.Stored {
			lead(LoopOf(r.Name), l.Poll, l.wakes[i], func(held *Held) step { return l.consume(r, held) })
			continue
		}
		all.Go(func() { l.repeat(ctx, LoopOf(r.Name), l.Poll, l.wakes[i], l.consume(r, nil)) })
	}
	all.Wait()
}

// Wake says that this process wrote something, so that it is not the poll that finds it. It never
// waits and may be called by anybody at any time.
func (l *Loops) Wake() { nudge(l.wake) }

// Counts may be called by anybody at any time.
func (l *Loops) Counts() Counts {
	c := Counts{Moved: l.moved.Load(), Held: l.Hold.Check(), Consumers: make(map[string]ConsumerCounts, len(l.readers))}
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
			wait := max(every, BackOff(failures, l.Poll, failWaitLast))
			failures++
			l.Log.Error("loop failed", "loop", name, "error", LogCode(err), "again", wait)
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
	err = Guarded(l.Log, name, func() error {
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
			l.Log.Error("clock hold changed", "reason", reason, "before", was)
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
