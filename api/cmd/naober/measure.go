package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"naober/api/cmd/naober/bench"
)

// measure runs `naober bench`.
func measure(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what = args[0]
	}
	switch what {
	case "api":
		return measureService(ctx, args[1:], env, out, errs)
	case "sync":
		return measureSync(ctx, args[1:], env, out, errs)
	case "match":
		return measureMatch(ctx, args[1:], out, errs)
	case "assignment":
		return measureAssignment(ctx, args[1:], out, errs)
	case "rides":
		return measureRides(ctx, args[1:], out, errs)
	case "batch":
		return measureBatch(args[1:], out, errs)
	case "insert":
		return measureInsert(args[1:], out, errs)
	}
	return errors.New("bench measures: api, sync, match, assignment, rides, batch, insert")
}

// measureService runs `naober bench api`.
func measureService(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) error {
	var o bench.Options
	flags := flag.NewFlagSet("naober bench api", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.Store, "store", "sqlite", "\"sqlite\", or \"mongo\" for the server that NAOBER_MONGO_URI names")
	flags.IntVar(&o.Clients, "clients", 8, "how many call at once")
	flags.IntVar(&o.Rounds, "rounds", 7, "how often each takes its turn")
	flags.IntVar(&o.Calls, "calls", 300, "calls of each in a round")
	flags.BoolVar(&o.JSON, "json", false, "one JSON object in place of a table")
	villages := flags.String("villages", "100,1000,10000", "residents, for what a call allocates")
	profiles := flags.String("profiles", "", "folder for a CPU profile of each operation")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case o.Clients < 1 || o.Clients > 100 || o.Rounds < 1 || o.Rounds > 100 || o.Calls < 1 || o.Calls > 10_000:
		return errors.New("--clients and --rounds are 1 to 100, --calls 1 to 10,000")
	case (o.Rounds+1)*o.Calls >= bench.Most:
		return fmt.Errorf("--rounds times --calls is too many: with the round before the first they come to less than %d", bench.Most)
	}
	for _, n := range strings.FieldsFunc(*villages, func(r rune) bool { return r == ',' }) {
		residents, err := strconv.Atoi(n)
		if err != nil || residents < 100 || residents > 100_000 {
			return errors.New("--villages are 100 to 100,000 residents")
		}
		o.Villages = append(o.Villages, residents)
	}
	if *profiles != "" {
		o.Profile = profileInto(*profiles)
	}
	return measureAPI(ctx, o, env, out)
}

// measureAPI starts the service without its loops on an empty store, measures, and leaves nothing.
func measureAPI(ctx context.Context, o bench.Options, env func(string) string, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "naober-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	post := &bench.Letterbox{}
	p := parts{Store: folder, Database: "bench_" + strings.ToLower(rand.Text()), Issuer: "https://bench.naober.example", keys: keys{Secret: []byte(rand.Text() + rand.Text())[:32]},
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Postman: post, Room: demoRoom}
	var bare bench.Driver
	switch o.Store {
	case "sqlite":
		bare, err = bench.SQLite(ctx, folder)
	case "mongo":
		if p.Store = env("NAOBER_MONGO_URI"); p.Store == "" {
			return errors.New("NAOBER_MONGO_URI names no server")
		}
		bare, err = bench.Mongo(ctx, p.Store, p.Database)
	default:
		return fmt.Errorf("there is no store %q", o.Store)
	}
	if err != nil {
		return err
	}
	s, err := build(ctx, p)
	if err != nil {
		return errors.Join(err, bare.Close())
	}
	l, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return errors.Join(err, bare.Close(), s.close())
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	err = bench.API(ctx, bench.Service{App: s.app, Post: post, Addr: l.Addr(), Bare: bare}, o, out)
	return errors.Join(err, s.server.Shutdown(context.WithoutCancel(ctx)), <-served, bare.Close(), s.close())
}

// profileInto writes the CPU profile of an operation's last round over that of the round before.
func profileInto(folder string) func(string) (func() error, error) {
	return func(operation string) (func() error, error) {
		f, err := os.Create(filepath.Join(folder, operation+".cpu"))
		if err != nil {
			return nil, err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return func() error {
			pprof.StopCPUProfile()
			return f.Close()
		}, nil
	}
}
