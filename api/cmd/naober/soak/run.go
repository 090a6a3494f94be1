package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

const (
	leastLife = 300 * time.Millisecond // of a process that is to be killed, from when it serves
	mostLife  = 3500 * time.Millisecond
	// Between two looks at whether the loops have come to rest a process works for firstRest, then for
	// twice as long each time, up to longRest. After idleRests looks that found nothing read and no less
	// to do, they never will; nor after mostRests, since whatever is read can bring about more to read.
	firstRest = 3 * time.Second
	longRest  = 24 * time.Second
	idleRests = 6
	mostRests = 100
)

// Options say what is done to the service.
type Options struct {
	Binary string
	Ground Ground
	Log    io.Writer // what the processes under test log
	Seed   uint64    // of the moments and acts
	// Cycles is how often the one process is killed; used by Kill.
	Cycles int
	// For and Every say how long is worked, and how often something is killed; used by Pair and Database.
	For   time.Duration
	Every time.Duration
	// Crash ends the database without warning and brings it back; used by Database.
	Crash func(ctx context.Context) error
}

// Report is what came of a run. Everything but the counts of work must be zero.
type Report struct {
	Mode             string   `json:"mode"`
	Seed             uint64   `json:"seed"`
	Kills            int      `json:"kills"`
	Acknowledged     int      `json:"acknowledged"` // of which:
	Requests         int      `json:"requests"`
	Yeses            int      `json:"yeses"`
	Messages         int      `json:"messages"`
	Withdrawals      int      `json:"withdrawals"`
	Refused          int      `json:"refused"` // lost races and the like
	Resends          int64    `json:"resends"`
	Cut              int64    `json:"cut"`  // connections of a killed process
	Busy             int64    `json:"busy"` // 503 and 429, asked again
	AcknowledgedLost int      `json:"acknowledged_lost"`
	AppliedTwice     int      `json:"applied_twice"`
	Broken           int      `json:"invariants_broken"`
	OtherErrors      int64    `json:"other_errors"` // broken connections of living processes, and answers of 5xx
	Wrong            int      `json:"wrong_answers"`
	Seconds          float64  `json:"seconds"`
	Details          []string `json:"details,omitempty"` // at most ten of what was found
}

// Failed reports whether something was found.
func (r Report) Failed() bool {
	return r.AcknowledgedLost+r.AppliedTwice+r.Broken+r.Wrong+int(r.OtherErrors) > 0
}

// Kill kills one process again and again while it works, each time at a random moment.
func Kill(ctx context.Context, o Options) (Report, error) {
	dice := rand.New(rand.NewPCG(o.Seed, 1))
	return o.run(ctx, "kill", 1, func(ctx context.Context, all []*Process) (int, error) {
		for n := range o.Cycles {
			if !pass(ctx, leastLife+time.Duration(dice.Int64N(int64(mostLife-leastLife)))) {
				return n, ctx.Err()
			}
			if err := errors.Join(all[0].Kill(), all[0].Start(ctx)); err != nil {
				return n, err
			}
		}
		return o.Cycles, nil
	})
}

// Pair lets two processes work on one database and kills one of them, in turns, every so often.
func Pair(ctx context.Context, o Options) (Report, error) {
	return o.run(ctx, "pair", 2, func(ctx context.Context, all []*Process) (int, error) {
		return o.repeat(ctx, func(n int) error { return errors.Join(all[n%2].Kill(), all[n%2].Start(ctx)) })
	})
}

// Database kills the database every so often under one process that lives on.
func Database(ctx context.Context, o Options) (Report, error) {
	return o.run(ctx, "db", 1, func(ctx context.Context, _ []*Process) (int, error) {
		return o.repeat(ctx, func(int) error { return o.Crash(ctx) })
	})
}

// repeat does harm again and again, as long and as often as the options say, and tells how often.
func (o Options) repeat(ctx context.Context, harm func(n int) error) (int, error) {
	end := time.Now().Add(o.For)
	for n := 0; ; n++ {
		if left := time.Until(end); left < o.Every {
			pass(ctx, left)
			return n, ctx.Err()
		}
		if !pass(ctx, o.Every) {
			return n, ctx.Err()
		}
		if err := harm(n); err != nil {
			return n, err
		}
	}
}

// run founds the village, lets the writers work while harm is done, brings everything to rest and
// judges it.
func (o Options) run(ctx context.Context, mode string, processes int, harm func(context.Context, []*Process) (int, error)) (Report, error) {
	began := time.Now()
	v, err := found(ctx, o.Ground)
	if err != nil {
		return Report{}, fmt.Errorf("founding the village: %w", err)
	}
	var all []*Process
	for range processes {
		all = append(all, NewProcess(o.Binary, o.Ground.Args(), o.Log))
	}
	kept, client := newKept(), newClient(all)
	kills, err := o.load(ctx, all, v, client, kept, harm)
	if err != nil {
		return Report{}, err
	}
	found, err := o.rest(ctx, kept)
	if err != nil {
		return Report{}, err // nothing was judged, so nothing may read as if it were
	}
	r := Report{Mode: mode, Seed: o.Seed, Kills: kills, Acknowledged: kept.acknowledged(), Requests: len(kept.requests), Yeses: len(kept.yeses),
		Messages: len(kept.messages), Withdrawals: len(kept.withdrawn), Refused: kept.refused, Resends: client.errors.Resends.Load(),
		Cut: client.errors.Cut.Load(), Busy: client.errors.Busy.Load(), AcknowledgedLost: len(found.lost), AppliedTwice: len(found.doubled),
		Broken: len(found.broken), OtherErrors: client.errors.Other.Load() + client.errors.Server.Load(), Wrong: len(kept.wrong), Seconds: time.Since(began).Seconds()}
	for _, list := range [][]string{found.lost, found.doubled, found.broken, kept.wrong} {
		r.Details = append(r.Details, list[:min(len(list), 10)]...)
	}
	return r, nil
}

// load starts the processes and the writers, does the harm, and stops the processes in order.
func (o Options) load(ctx context.Context, all []*Process, v *village, c *client, k *kept, harm func(context.Context, []*Process) (int, error)) (kills int, err error) {
	for _, s := range all {
		if err := s.Start(ctx); err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, s.Stop()) }()
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	failed := make([]error, writers)
	for n := range writers {
		w := &writer{client: c, village: v, kept: k, number: n, run: strconv.FormatUint(o.Seed, 36), dice: rand.New(rand.NewPCG(o.Seed, uint64(n)+2))}
		group.Go(func() { failed[n] = w.work(work) })
	}
	kills, err = harm(ctx, all)
	stop()
	group.Wait()
	return kills, errors.Join(append(failed, err)...)
}

// rest lets one process work alone until the loops have nothing left, however much the load has left
// them, and judges what stands there.
func (o Options) rest(ctx context.Context, k *kept) (findings, error) {
	var best backlog
	pause, idle := firstRest, 0
	for n := range mostRests {
		b, found, err := o.look(ctx, pause, k)
		if err != nil || b.left == 0 {
			return found, err
		}
		if idle++; n == 0 || b.left < best.left || b.read > best.read {
			best, idle = b, 0
		}
		if idle == idleRests {
			break
		}
		pause = min(2*pause, longRest)
	}
	return findings{}, fmt.Errorf("the loops do not come to rest: %d things are left to do", best.left)
}

// look lets one process work for a while, counts what it left, and judges where that is nothing.
func (o Options) look(ctx context.Context, pause time.Duration, k *kept) (b backlog, found findings, err error) {
	s := NewProcess(o.Binary, o.Ground.Args(), o.Log)
	if err := s.Start(ctx); err != nil {
		return b, found, err
	}
	pass(ctx, pause)
	if err := errors.Join(s.Stop(), ctx.Err()); err != nil {
		return b, found, err
	}
	a, closeIt, err := o.Ground.Open(ctx, &letterbox{})
	if err != nil {
		return b, found, err
	}
	if b, err = restless(ctx, a.Stores); err == nil && b.left == 0 {
		found, err = judge(ctx, a.Stores, k)
	}
	return b, found, errors.Join(err, closeIt())
}
