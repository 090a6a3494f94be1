package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/cmd/naober/bench"
	"naober/api/offline"
)

// syncOptions are the command line of bench sync.
type syncOptions struct {
	stores []string
	script string
	serve  bool
	bench.SyncOptions
}

func readSyncOptions(args []string, errs io.Writer) (syncOptions, error) {
	var o syncOptions
	flags := flag.NewFlagSet("naober bench sync", flag.ContinueOnError)
	flags.SetOutput(errs)
	store := flags.String("store", "", "\"sqlite\", or \"mongo\" for the server that NAOBER_MONGO_URI names, and without one for one of its own; both where it is absent")
	flags.StringVar(&o.script, "mongo-script", "deploy/mongo.sh", "what starts a server of its own")
	flags.IntVar(&o.Docs, "docs", 1000, "documents that the account sees, about")
	flags.IntVar(&o.Rounds, "rounds", 7, "how often each takes its turn")
	flags.IntVar(&o.Calls, "calls", 50, "pulls of nothing, and pushes, in a round")
	seconds := flags.Int("seconds", 120, "after which no further round begins")
	flags.BoolVar(&o.JSON, "json", false, "one JSON object a store in place of a table")
	flags.BoolVar(&o.serve, "serve", false, "measures nothing: serves the account's world until standard input ends, and says where")
	err := flags.Parse(args)
	o.For, o.stores = time.Duration(*seconds)*time.Second, []string{"sqlite", "mongo"}
	if *store != "" {
		o.stores = []string{*store}
	}
	switch {
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q was not expected", flags.Arg(0))
	case *store != "" && *store != "sqlite" && *store != "mongo":
		return o, fmt.Errorf("there is no store %q", *store)
	case o.Docs < 15 || o.Docs > bench.MostDocs:
		return o, fmt.Errorf("--docs is 15 to %d", bench.MostDocs)
	case o.Rounds < 1 || o.Rounds > 50 || o.Calls < 1 || o.Calls > 200:
		return o, errors.New("--rounds is 1 to 50, --calls is 1 to 200")
	case *seconds < 1 || *seconds > 3600:
		return o, errors.New("--seconds is 1 to 3,600")
	}
	if o.serve && *store == "" {
		o.stores = []string{"sqlite"}
	}
	return o, nil
}

// measureSync runs `naober bench sync`.
func measureSync(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) (err error) {
	o, err := readSyncOptions(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	folder, err := os.MkdirTemp("", "naober-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	var all []bench.SyncService
	for _, store := range o.stores {
		at := filepath.Join(folder, store)
		if store == "mongo" {
			if at = env("NAOBER_MONGO_URI"); at == "" {
				server, failed := startSoakServer(ctx, o.script, folder)
				if failed != nil {
					return failed
				}
				defer func() { err = errors.Join(err, server.stop(context.WithoutCancel(ctx), true)) }()
				at = server.uri
			}
		}
		s, stop, failed := startMeasured(ctx, store, at)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, stop()) }()
		all = append(all, s)
	}
	if o.serve {
		return serveWorld(ctx, all[0], o.Docs, os.Stdin, out)
	}
	return bench.Sync(ctx, all, o.SyncOptions, out, errs)
}

// serveWorld serves a world until input ends, and says in one line where it is and what is in it.
func serveWorld(ctx context.Context, s bench.SyncService, docs int, in io.Reader, out io.Writer) error {
	world, err := bench.Lay(ctx, s.App, s.Post, docs)
	if err != nil {
		return err
	}
	world.API = "http://" + s.Addr.String()
	if err := json.NewEncoder(out).Encode(world); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, in)
		ended <- err
	}()
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// clockedStore is a store whose calls are timed.
type clockedStore struct {
	store
	watch *bench.Stopwatch
}

func (s clockedStore) Stores() app.Stores      { return s.watch.Stores(s.store.Stores()) }
func (s clockedStore) Offline() offline.Stores { return s.watch.Offline(s.store.Offline()) }

// startMeasured starts the service without its loops on an empty store. stop ends it, and leaves nothing at a server.
func startMeasured(ctx context.Context, name, at string) (bench.SyncService, func() error, error) {
	s := bench.SyncService{Store: name, Post: &bench.Letterbox{}, Watch: &bench.Stopwatch{}}
	p := parts{Store: at, Database: "bench_" + strings.ToLower(rand.Text()), Issuer: "https://bench.naober.example", keys: keys{Secret: []byte(rand.Text() + rand.Text())[:32]},
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Postman: s.Post, Room: demoRoom}
	opened, closeStore, err := openStore(ctx, p.Store, p.Database, p.Now, p.keys, func() {})
	if err != nil {
		return s, nil, err
	}
	service, err := wire(ctx, p, clockedStore{opened, s.Watch})
	if err != nil {
		return s, nil, errors.Join(err, closeStore())
	}
	l, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return s, nil, errors.Join(err, closeStore())
	}
	s.App, s.Addr = service.app, l.Addr()
	served := make(chan error, 1)
	go func() { served <- service.server.Serve(l) }()
	return s, func() error {
		away := context.WithoutCancel(ctx)
		return errors.Join(service.server.Shutdown(away), <-served, closeStore(), soakGround{store: at, database: p.Database}.Drop(away))
	}, nil
}
