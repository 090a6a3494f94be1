package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"naober/api/cmd/naober/soak/fleet"
)

// fleetOptions are the command line of soak where it plays devices.
type fleetOptions struct {
	seeds, seconds int
	replay         string
}

// plays reports whether devices are to be played, and not the load.
func (o fleetOptions) plays() bool { return o.seeds > 0 || o.replay != "" }

func fleetModes(mode string) []fleet.Mode {
	if mode == "all" {
		return []fleet.Mode{fleet.Network, fleet.Clones, fleet.Restore, fleet.Hand, fleet.Kill}
	}
	return []fleet.Mode{fleet.Mode(mode)}
}

// refused says what is wrong with the options of a run of devices.
func (o soakOptions) fleetRefused() error {
	switch o.mode {
	case "network", "clones", "restore", "hand", "kill", "all":
	default:
		return errors.New("with --seeds --mode is network, clones, restore, hand, kill or all")
	}
	if o.store != "sqlite" && o.store != "mongo" || o.fleet.seeds > 100_000 || o.fleet.seconds < 0 || o.fleet.seconds > 24*3600 {
		return errors.New("--store is sqlite or mongo, --seeds at most 100,000, --seconds at most a day")
	}
	return nil
}

// playFleet plays seeds, or one schedule again, and fails where something was found. What failed is kept beside the
// folder of the run, as short as it could be made.
func (o soakOptions) playFleet(ctx context.Context, env func(string) string, out, errs io.Writer) (err error) {
	files, err := os.MkdirTemp("", "naober-fleet-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(files)) }() // after a server in it has stopped
	f := fleet.Options{Modes: fleetModes(o.mode), Seeds: o.fleet.seeds, First: o.Seed, For: time.Duration(o.fleet.seconds) * time.Second,
		Files: files, Workers: runtime.GOMAXPROCS(0), Said: errs}
	if o.store == "mongo" {
		if f.Mongo = env("NAOBER_MONGO_URI"); f.Mongo == "" {
			server, failed := startSoakServer(ctx, o.script, files)
			if failed != nil {
				return failed
			}
			defer func() { err = errors.Join(err, server.stop(context.WithoutCancel(ctx), true)) }()
			if f.Mongo = server.uri; o.mode == "kill" {
				f.Crash, f.Workers = server.crash, 1
			}
		}
	}
	if f.Binary, err = os.Executable(); err != nil {
		return err
	}
	f.Ground = func(folder string) (fleet.Ground, error) {
		if f.Mongo != "" {
			return newSoakGround(f.Mongo, folder)
		}
		return newSoakGround(filepath.Join(folder, "store"), folder)
	}
	var report fleet.Report
	if o.fleet.replay != "" {
		report, err = fleet.Replay(ctx, f, o.fleet.replay)
	} else {
		report, err = fleet.Run(ctx, f)
	}
	err = errors.Join(err, o.printFleet(out, report))
	if report.Failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d schedules failed", report.Failed, report.Seeds), keepSchedules(f, report, errs))
	}
	return err
}

func keepSchedules(f fleet.Options, report fleet.Report, errs io.Writer) error {
	for i, s := range report.FailedSeeds {
		if i == 3 {
			break
		}
		file := filepath.Join(os.TempDir(), fmt.Sprintf("naober-fleet-%s-%d.json", s.Mode, s.Seed))
		short, err := fleet.Shrink(context.Background(), f, s)
		if err = errors.Join(err, short.Write(file)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(errs, "%d steps are left of seed %d, %s: soak --replay %s\n", len(short.Steps), s.Seed, s.Mode, file); err != nil {
			return err
		}
	}
	return nil
}

func (o soakOptions) printFleet(out io.Writer, r fleet.Report) error {
	if o.json {
		return json.NewEncoder(out).Encode(r)
	}
	_, err := fmt.Fprintf(out, "soak fleet %s on %s, seeds from %d: %d played, %d failed, %d intents, %d acknowledged and lost, %d applied twice, %d times forbidden seen, %d kills, %d restores\n",
		o.mode, o.store, o.Seed, r.Seeds, r.Failed, r.Mutations, r.AcknowledgedLost, r.AppliedTwice, r.ForbiddenSeen, r.Kills, r.Restores)
	return err
}
