package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"naober/api/cmd/naober/demo"
	"naober/api/cmd/naober/faults"
	"naober/notifications/fcm/fcmtest"
)

// demoResidents is how many people the demo invents, its staff not counted.
const demoResidents = 2_000

// demoRoom widens the limits on calls: all neighbours of the demo call from one address, and its tests
// in seconds what a village does in a month.
const demoRoom = 1_000

// demoOptions are the demo's command line.
type demoOptions struct {
	Port         int
	ControlPort  int
	Dir          string
	Store        string // "" for the embedded one, otherwise a mongodb:// URI
	Fresh        bool
	Seed         *uint64
	NoNeighbours bool
	Faults       bool
	Term         time.Duration
	Old          [][]byte  // the former service key, while it is being changed
	Push         fcmConfig // a push service beside the demo that outlives it; empty for the demo's own
}

func readDemoOptions(args []string, env func(string) string, errs io.Writer) (demoOptions, error) {
	var o demoOptions
	flags := flag.NewFlagSet("naober demo", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.IntVar(&o.Port, "port", 8080, "port of the API on 127.0.0.1; 0 finds a free one")
	flags.IntVar(&o.ControlPort, "control-port", 0, "control port on 127.0.0.1; 0 finds a free one at each start")
	flags.StringVar(&o.Dir, "dir", "", "folder of this demo (default: in the cache folder of the user)")
	flags.StringVar(&o.Store, "store", "", "\"mongo\" for the server that NAOBER_MONGO_URI names, or a mongodb:// URI (default: embedded)")
	flags.BoolVar(&o.Fresh, "fresh", false, "remove the folder's demo and begin anew")
	flags.BoolVar(&o.NoNeighbours, "no-neighbours", false, "nobody answers by themselves")
	flags.BoolVar(&o.Faults, "faults", false, "for tests of apps: the control port can make the service fail on purpose, see mobile-contract/faults.md")
	flags.DurationVar(&o.Term, "term", time.Second, "term of the leases: after a kill the next start waits this long")
	seed := flags.String("seed", "", "number that the invented people come from (default: 1, or the folder's own)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("demo takes no %q", flags.Arg(0))
	}
	if *seed != "" {
		n, err := strconv.ParseUint(*seed, 10, 64)
		if err != nil {
			return o, errors.New("--seed is a number")
		}
		o.Seed = &n
	}
	if o.Store == "mongo" {
		if o.Store = env("NAOBER_MONGO_URI"); o.Store == "" {
			return o, errors.New("NAOBER_MONGO_URI is not set; deploy/demo.sh --store mongo starts a server")
		}
	}
	if o.Store != "" && !onServer(o.Store) {
		return o, errors.New("--store is mongo or a mongodb:// URI; without it the demo keeps its own file")
	}
	old, err := readOldSecret(settings(env))
	if o.Old = old; err != nil {
		return o, err
	}
	return o, errors.Join(o.chooseDir(), o.choosePush(env))
}

// choosePush takes another push service than the demo's own where the environment names one that
// stands in for Google's, as it does for serve.
func (o *demoOptions) choosePush(env func(string) string) error {
	at := env("NAOBER_FCM_ENDPOINT")
	if at == "" {
		return nil
	}
	credentials, err := os.ReadFile(filepath.Clean(env("NAOBER_FCM_CREDENTIALS_FILE")))
	if err != nil {
		return errors.New("NAOBER_FCM_CREDENTIALS_FILE cannot be read")
	}
	o.Push = fcmConfig{Project: fcmtest.DefaultProject, Credentials: credentials, Endpoint: at}
	return nil
}

// chooseDir gives each kind of store a folder of its own.
func (o *demoOptions) chooseDir() error {
	if o.Dir != "" {
		return nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("--dir is needed: %w", err)
	}
	o.Dir = filepath.Join(cache, "naober", "demo")
	if o.Store != "" {
		o.Dir += "-mongo"
	}
	return nil
}

// runDemo serves an invented Drenthe until the context ends.
func runDemo(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) error {
	o, err := readDemoOptions(args, env, errs)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	folder, err := demo.OpenFolder(o.Dir, o.Fresh, o.Seed)
	if err != nil {
		return err
	}
	d := &demonstration{options: o, folder: folder, out: demo.NewConsole(out)}
	if o.Faults {
		d.faults = faults.New(ctx, folder.Marks())
	}
	if err = d.open(ctx); err == nil {
		err = d.live(ctx)
	}
	err = errors.Join(err, d.close())
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // ended by hand before it was ready
	}
	return err
}
