package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"naober/api/app"
	"naober/api/cmd/naober/soak"
	"naober/matching/care"
)

// soakHour is the hour of the day at which a soak begins, in UTC: by day, so that people may be asked.
const soakHour = 9

// soakOptions are the command line of soak.
type soakOptions struct {
	mode, store, script string
	json                bool
	fleet               fleetOptions
	soak.Options
}

func readSoakOptions(args []string, errs io.Writer) (soakOptions, error) {
	var o soakOptions
	flags := flag.NewFlagSet("naober soak", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.mode, "mode", "kill", "\"kill\": one process, killed again and again; \"pair\": two processes on one MongoDB, one of them killed every so often; \"db\": a MongoDB server of its own, killed every so often under one process. With --seeds: \"network\", \"clones\", \"restore\", \"hand\", \"kill\" or \"all\"")
	flags.IntVar(&o.fleet.seeds, "seeds", 0, "plays so many schedules of devices without a connection, in place of the load; --seconds then bounds when the last begins")
	flags.StringVar(&o.fleet.replay, "replay", "", "a file of one such schedule, to be played again")
	flags.StringVar(&o.store, "store", "sqlite", "\"sqlite\", or \"mongo\" for the server that NAOBER_MONGO_URI names; without one, one of its own")
	flags.StringVar(&o.script, "mongo-script", "deploy/mongo.sh", "what starts a server of its own")
	flags.IntVar(&o.Cycles, "cycles", 30, "kills, in mode kill")
	seconds := flags.Int("seconds", 60, "how long is worked, in modes pair and db")
	every := flags.Int("every", 10, "seconds between two kills, in modes pair and db")
	flags.Uint64Var(&o.Seed, "first-seed", 0, "seed of acts and moments (default: drawn, and printed)")
	flags.BoolVar(&o.json, "json", false, "one JSON object in place of words")
	err := flags.Parse(args)
	o.For, o.Every = time.Duration(*seconds)*time.Second, time.Duration(*every)*time.Second
	set := false
	flags.Visit(func(f *flag.Flag) { set = set || f.Name == "seconds" })
	if set {
		o.fleet.seconds = *seconds
	}
	if o.Seed == 0 {
		o.Seed = uint64(mathrand.Uint32()) + 1
	}
	switch {
	case err != nil:
		return o, err
	case o.fleet.plays():
		return o, o.fleetRefused()
	case o.mode != "kill" && o.mode != "pair" && o.mode != "db", o.store != "sqlite" && o.store != "mongo":
		return o, errors.New("--mode is kill, pair or db, --store is sqlite or mongo")
	case o.mode != "kill" && o.store != "mongo":
		return o, errors.New("the embedded store is one process's and no server: --mode pair and db go with --store mongo")
	case o.Cycles < 1 || o.Cycles > 1000 || *seconds < 1 || *seconds > 3600 || *every < 1 || *every > *seconds:
		return o, errors.New("--cycles is 1 to 1,000, --seconds 1 to 3,600 and --every at most as long")
	}
	return o, nil
}

// soaked runs `naober soak`: the service in processes of its own, under load and under kills.
func soaked(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) error {
	if len(args) > 0 && args[0] == "serve" {
		return soakServe(ctx, args[1:], out, errs)
	}
	o, err := readSoakOptions(args, errs)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.fleet.plays() {
		return o.playFleet(ctx, env, out, errs)
	}
	folder, err := os.MkdirTemp("", "naober-soak-")
	if err != nil {
		return err
	}
	report, err := o.in(ctx, folder, env)
	if err == nil {
		err = o.print(out, report)
	}
	if err != nil || report.Failed() {
		return errors.Join(err, fmt.Errorf("the soak failed; its data is in %s", folder))
	}
	return os.RemoveAll(folder)
}

// in runs the soak with everything of its own in a folder. A server of its own is removed with it,
// unless something was found.
func (o soakOptions) in(ctx context.Context, folder string, env func(string) string) (report soak.Report, err error) {
	store := filepath.Join(folder, "store")
	if o.store == "mongo" {
		store = env("NAOBER_MONGO_URI")
	}
	if store == "" || o.mode == "db" { // nobody else's server is killed
		server, err := startSoakServer(ctx, o.script, folder)
		if err != nil {
			return report, err
		}
		defer func() {
			err = errors.Join(err, server.stop(context.WithoutCancel(ctx), err == nil && !report.Failed()))
		}()
		store, o.Crash = server.uri, server.crash
	}
	ground, err := newSoakGround(store, folder)
	if err != nil {
		return report, err
	}
	log, err := os.Create(filepath.Join(folder, "processes.log"))
	if err != nil {
		return report, err
	}
	o.Ground, o.Log = ground, log
	if o.Binary, err = os.Executable(); err != nil {
		return report, err
	}
	report, err = map[string]func(context.Context, soak.Options) (soak.Report, error){"kill": soak.Kill, "pair": soak.Pair, "db": soak.Database}[o.mode](ctx, o.Options)
	if err = errors.Join(err, log.Close()); err != nil || report.Failed() {
		return report, err
	}
	return report, ground.Drop(ctx)
}

func (o soakOptions) print(out io.Writer, r soak.Report) error {
	if o.json {
		return json.NewEncoder(out).Encode(struct {
			Store string `json:"store"`
			soak.Report
		}{o.store, r})
	}
	_, err := fmt.Fprintf(out, "soak %s on %s, seed %d: %d kills in %.0f s, %d acknowledged (%d requests, %d yeses, %d messages, %d withdrawals), %d refused, %d resent, %d connections cut\n"+
		"  acknowledged and lost %d, applied twice %d, invariants broken %d, other errors %d, wrong answers %d\n",
		r.Mode, o.store, r.Seed, r.Kills, r.Seconds, r.Acknowledged, r.Requests, r.Yeses, r.Messages, r.Withdrawals, r.Refused, r.Resends, r.Cut,
		r.AcknowledgedLost, r.AppliedTwice, r.Broken, r.OtherErrors, r.Wrong)
	for _, line := range r.Details {
		_, err = fmt.Fprintln(out, "  "+line)
	}
	return err
}

// soakGround is a store of its own, and the clock that all processes of one soak share.
type soakGround struct {
	store, database, secretFile string
	secret                      []byte
	offset                      time.Duration
}

func newSoakGround(store, folder string) (soakGround, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it ends the process where it would fail
	g := soakGround{store: store, database: "soak_" + strings.ToLower(rand.Text()), secret: secret, secretFile: filepath.Join(folder, "secret")}
	now := time.Now().UTC()
	g.offset = time.Date(now.Year(), now.Month(), now.Day(), soakHour, 0, 0, 0, time.UTC).Sub(now).Round(time.Second)
	return g, os.WriteFile(g.secretFile, []byte(hex.EncodeToString(secret)), 0o600)
}

// parts are those of every process of the soak. The limits on calls stay on, wide enough for one
// address and few people that do what a province does.
func (g soakGround) parts(log *slog.Logger, post app.Postman) parts {
	return parts{Store: g.store, Database: g.database, Issuer: "https://soak.naober.example", keys: keys{Secret: g.secret},
		Now: g.Now, Log: log, Postman: post, Room: demoRoom,
		Term: 500 * time.Millisecond, Clock: 100 * time.Millisecond, Poll: 50 * time.Millisecond}
}

// Now implements fleet.Ground.
func (g soakGround) Now() time.Time { return time.Now().Add(g.offset) }

// Drop implements fleet.Ground: it removes the databases from a server that may be somebody's.
func (g soakGround) Drop(ctx context.Context) (err error) {
	if !onServer(g.store) {
		return nil
	}
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(g.store))
	if err != nil {
		return err
	}
	return errors.Join(client.Database(g.database).Drop(ctx), client.Database(g.database+"_keys").Drop(ctx), client.Disconnect(ctx))
}

// Open implements soak.Ground.
func (g soakGround) Open(ctx context.Context, post app.Postman) (*app.App, func() error, error) {
	s, err := build(ctx, g.parts(slog.New(slog.DiscardHandler), post))
	if err != nil {
		return nil, nil, err
	}
	return s.app, s.close, nil
}

// Args implements soak.Ground.
func (g soakGround) Args() []string {
	return []string{"soak", "serve", "--store", g.store, "--database", g.database, "--secret", g.secretFile, "--offset", g.offset.String()}
}

// soakServe is one process under test: the service as serve builds it, but for the clock.
func soakServe(ctx context.Context, args []string, out, errs io.Writer) error {
	var g soakGround
	flags := flag.NewFlagSet("naober soak serve", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&g.store, "store", "", "folder or URI")
	flags.StringVar(&g.database, "database", "", "name of the database")
	flags.StringVar(&g.secretFile, "secret", "", "file of the service key")
	flags.DurationVar(&g.offset, "offset", 0, "how far the clock is moved")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if g.secret, err = readSecret(g.secretFile); err != nil {
		return err
	}
	s, err := build(ctx, g.parts(slog.New(slog.NewJSONHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn})), &soakPost{}))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return errors.Join(err, s.close())
	}
	if _, err := fmt.Fprintln(out, "http://"+l.Addr().String()); err != nil {
		return errors.Join(err, s.close())
	}
	return s.run(ctx, l)
}

// soakPost takes codes and keeps none: everybody signed in before.
type soakPost struct{}

func (soakPost) SendCode(context.Context, care.Contact, string, string) error { return nil }
