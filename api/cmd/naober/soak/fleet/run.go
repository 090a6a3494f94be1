package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say what is played.
type Options struct {
	Modes   []Mode
	Seeds   int
	First   uint64        // seed; the others follow
	For     time.Duration // no schedule begins after that; 0 for no bound
	Mongo   string        // URI of a server; empty for the embedded store
	Files   string        // a folder for everything that is written
	Workers int           // schedules at once
	Said    io.Writer     // what is found, as words
	Binary  string        // that serves, where it is killed
	// Ground makes the data of a process that is killed, in a folder of its own.
	Ground func(folder string) (Ground, error)
	// Crash ends the database without warning and brings it back, in one of ten schedules that kill. Nothing else
	// may be played on it at the same time. nil leaves it alone.
	Crash func(ctx context.Context) error
	bug   bug
}

// Report is what came of a run. All but the counts of work must be zero.
type Report struct {
	Seeds            int `json:"seeds"`
	Failed           int `json:"failed"`
	Mutations        int `json:"mutations"`
	AcknowledgedLost int `json:"acknowledged_lost"`
	AppliedTwice     int `json:"applied_twice"`
	ForbiddenSeen    int `json:"forbidden_seen"`
	Kills            int `json:"kills"`
	Restores         int `json:"restores"`
	// FailedSeeds are those that failed, with their modes.
	FailedSeeds []Schedule `json:"-"`
}

func (r *Report) add(s Schedule, got result) {
	r.Seeds++
	r.Mutations += got.mutations
	r.AcknowledgedLost += got.count(lostOnes)
	r.AppliedTwice += got.count(twice)
	r.ForbiddenSeen += got.count(forbidden)
	r.Kills += got.kills
	r.Restores += got.restores
	if len(got.found) > 0 {
		r.Failed++
		r.FailedSeeds = append(r.FailedSeeds, s)
	}
}

// yard is what all schedules of a run share: a village that was founded once.
type yard struct {
	Options
	village  village
	template string // its folder
	now      time.Time
}

// killEvery: beside the other modes one seed in so many is played on a process that is killed. It takes ten times
// as long.
const killEvery = 10

// Run plays seeds in each of the modes, and tells what came of them.
func Run(ctx context.Context, o Options) (Report, error) {
	y, err := newYard(ctx, o)
	if err != nil {
		return Report{}, fmt.Errorf("founding the village: %w", err)
	}
	var mu sync.Mutex
	var report Report
	began := time.Now()
	plans := make(chan Schedule)
	var group sync.WaitGroup
	var failed error
	for range max(1, o.Workers) {
		group.Go(func() {
			for s := range plans {
				got, err := y.play(ctx, s)
				mu.Lock()
				if report.add(s, got); err != nil {
					failed = errors.Join(failed, fmt.Errorf("seed %d, %s: %w", s.Seed, s.Mode, err))
				}
				for _, f := range got.found {
					_, _ = fmt.Fprintf(o.Said, "seed %d, %s: %s: %s\n", s.Seed, s.Mode, f.what, f.text)
				}
				mu.Unlock()
			}
		})
	}
	for n := range o.Seeds {
		for _, m := range o.Modes {
			if m == Kill && n%killEvery != 0 && len(o.Modes) > 1 {
				continue
			}
			if o.For > 0 && time.Since(began) > o.For || ctx.Err() != nil {
				break
			}
			plans <- Draw(m, o.First+uint64(n))
		}
	}
	close(plans)
	group.Wait()
	return report, errors.Join(failed, ctx.Err())
}

// newYard founds the village: on the embedded store once, to be copied for each schedule.
func newYard(ctx context.Context, o Options) (*yard, error) {
	y := &yard{Options: o, now: firstMorning()}
	if o.Mongo != "" {
		return y, nil
	}
	var err error
	if y.template, err = os.MkdirTemp(o.Files, "village-"); err != nil {
		return nil, err
	}
	w := &world{ctx: ctx, now: y.now, ground: &folder{path: y.template}, post: &letterbox{}, tap: newTap()}
	return y, errors.Join(y.found(w), w.end())
}

// found builds the village in a world, and notes it where all may share it.
func (y *yard) found(w *world) error {
	err := w.begin()
	if err == nil {
		w.village, err = found(w.ctx, w.clean.app, w.post)
	}
	if err == nil {
		err = w.work()
	}
	y.village = w.village
	return err
}

// play plays one schedule in a world of its own.
func (y *yard) play(ctx context.Context, s Schedule) (got result, err error) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	if s.Mode == Kill {
		return y.playProcess(ctx, s)
	}
	files, err := os.MkdirTemp(y.Files, "seed-")
	if err != nil {
		return result{}, err
	}
	w := &world{ctx: ctx, plan: s, bug: y.bug, files: files, now: y.now, post: &letterbox{}, tap: newTap(), intents: map[string]*intent{}}
	w.pass(time.Minute)
	defer func() {
		err = errors.Join(err, w.end(), w.ground.drop(context.WithoutCancel(ctx)), os.RemoveAll(files))
	}()
	if y.Mongo != "" {
		w.ground = newDatabase(y.Mongo)
		err = (&yard{}).found(w)
	} else {
		w.ground, w.village = &folder{path: filepath.Join(files, "store")}, y.village.copied()
		if err = copyFolder(y.template, filepath.Join(files, "store")); err == nil {
			err = w.begin()
		}
	}
	if err == nil {
		err = w.play()
	}
	if err == nil {
		err = w.judge()
	}
	return w.result, err
}
