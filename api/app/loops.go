package app

import (
	"time"

	"naober/api/feed"
)

// The names of the works that each service has, and of their leases; the wiring's own are
// "work/<name>".
const (
	workClock = "clock"
	workHouse = "housekeeping"
	workOther = "work/"
)

// LoopSettings say what runs beside the commands. Time and Hold are required; a zero duration
// means the usual one.
type LoopSettings struct {
	Time       feed.Monotonic
	Hold       *feed.Hold
	Consumers  []feed.Consumer // each with a name of its own
	Works      []feed.Work     // each with a name of its own
	Expirer    Expirer         // nil where the store forgets by itself
	Term       time.Duration   // of the leases: 10 s
	Poll       time.Duration   // of mover and consumers: 250 ms
	ClockEvery time.Duration   // 1 s; the demo's clock can be moved and looks more often
	HouseEvery time.Duration   // 10 min
	// Idle is told the loop's name after each pass that found nothing to do. Tests wait for it.
	Idle func(loop string)
}

// Loops are the work that goes on without a caller: mover, consumers, clock and housekeeping.
type Loops struct {
	*feed.Loops
	clock *Clockwork
	app   *App
}

// LoopCounts are what an operator sees of the loops of this process. Only the holder of a lease
// counts anything under it.
type LoopCounts struct {
	feed.Counts
	Ticked      int64 // due documents that the clock acted on
	ClockFailed int64
	Rounds      int64 // of the clock and the reconciler, that found something or not
	Matcher     MatcherCounts
}

// NewLoops prepares the loops. Each call is a holder of leases of its own.
func (a *App) NewLoops(s LoopSettings) (*Loops, error) {
	clock, house := a.NewClockwork(s.Time), &housekeeper{app: a, expirer: s.Expirer, looks: newLateLooks(), trimmer: feed.Trimmer{
		Feed: a.Stores.Feed, Leases: a.Stores.Leases, Consumers: s.Consumers, Now: a.Now, Log: a.Log}}
	works := []feed.Work{{Name: workClock, Every: usual(s.ClockEvery, time.Second), Step: clock.Step}}
	for _, w := range s.Works {
		if w.Name != "" {
			w.Name = workOther + w.Name
		}
		works = append(works, w)
	}
	works = append(works, feed.Work{Name: workHouse, Every: usual(s.HouseEvery, 10*time.Minute), Step: house.step})
	l, err := feed.NewLoops(feed.Settings{Feed: a.Stores.Feed, Leases: a.Stores.Leases, Parked: a.Stores.Parked, Holder: newID(time.Now()),
		Now: a.Now, Log: a.Log, Time: s.Time, Hold: s.Hold, Consumers: s.Consumers, Works: works, Idle: s.Idle,
		Term: usual(s.Term, feed.LeaseTerm), Poll: usual(s.Poll, 250*time.Millisecond)})
	if err != nil {
		return nil, err
	}
	return &Loops{Loops: l, clock: clock, app: a}, nil
}

// Counts may be called by anybody at any time.
func (l *Loops) Counts() LoopCounts {
	return LoopCounts{Counts: l.Loops.Counts(), Ticked: l.clock.ticked.Load(), ClockFailed: l.clock.failed.Load(), Rounds: l.clock.rounds.Load(), Matcher: l.app.matcherCounts()}
}

func usual(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}
