package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"naober/api/app"
	"naober/api/cmd/naober/faults"
	"naober/api/contact"
	"naober/api/feed"
	"naober/api/offline"
	"naober/api/postroom"
	"naober/api/rest"
	"naober/api/token"
	"naober/api/watch"
	"naober/matching/care"
	"naober/notifications"
)

// parts are what a service is built from; serve and demo differ in these alone.
type parts struct {
	Store    string
	Database string
	Issuer   string
	keys
	Proxies []string
	Hold    bool // begin with clocks and messages at rest
	Now     func() time.Time
	Log     *slog.Logger
	Postman app.Postman
	Room    int                // widens the limits on calls so many times; 0 is the usual
	Push    notifications.Push // nil where pushes are switched off
	Term    time.Duration      // of the leases; zero is the usual one
	Clock   time.Duration      // between two looks of the clock; zero is the usual one
	Poll    time.Duration      // between two looks of the other loops; zero is the usual one
	Idle    func(loop string)  // told of each pass of a loop that found nothing; may be nil
	Watch   *watch.Watch       // nil where nobody watches
	Faults  *faults.Switches   // nil but on a server on which apps are tested
	Silent  bool               // the data are older than they were, and nobody is to be told
}

// service is everything that runs in one process.
type service struct {
	app    *app.App
	store  store
	server *rest.Server
	loops  *app.Loops
	hold   *feed.Hold
	close  func() error
	log    *slog.Logger
}

// build wires a service, top to bottom: store, commands, loops, surface. It has loaded the signing
// keys and the matcher's index when it returns.
func build(ctx context.Context, p parts) (*service, error) {
	var loops atomic.Pointer[app.Loops]
	wake := func() {
		if l := loops.Load(); l != nil {
			l.Wake()
		}
	}
	opened, closeStore, err := openStore(ctx, p.Store, p.Database, p.Now, p.keys, wake)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s, err := wire(ctx, p, opened)
	if err != nil {
		return nil, errors.Join(err, closeStore())
	}
	loops.Store(s.loops)
	s.close = closeStore
	return s, nil
}

func wire(ctx context.Context, p parts, opened store) (*service, error) {
	issuer, err := token.NewIssuer(p.Issuer, "naober")
	if err != nil {
		return nil, err
	}
	refresher, err := token.NewRefresher(token.Secret{ID: "1", Value: app.RefreshSecret(opened.Vault().Secret())})
	if err != nil {
		return nil, err
	}
	stores := opened.Stores()
	if p.Watch != nil {
		stores = p.Watch.Stores(stores)
	}
	if p.Push != nil && p.Watch != nil {
		p.Push = p.Watch.Push(p.Push)
	}
	a := app.New(app.Settings{Stores: stores, Now: p.Now, Log: p.Log, Postman: p.Postman, Beacon: postroom.Beacon(p.Push), Issuer: issuer,
		Refresher: refresher, Secret: opened.Vault().Secret(), Vault: opened.Vault(), Room: p.Room, Region: contact.HomeRegion,
		Forgetters: []app.Forgetter{offline.Forgetter{Stores: opened.Offline(), Now: p.Now}}})
	if err := a.LoadKeys(ctx); err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	if err := a.Rebuild(ctx); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if p.Silent {
		if err := forgetRestore(opened); err != nil {
			return nil, fmt.Errorf("the mark of a restore: %w", err)
		}
	}
	system := feed.SystemTime()
	hold := feed.NewHold(time.Now, system)
	if err := holdRestored(opened, hold); err != nil {
		return nil, fmt.Errorf("the mark of a restore: %w", err)
	}
	if p.Hold {
		hold.Begin(feed.HoldRestore)
	}
	server := rest.New(a, opened, p.Log, p.Proxies)
	settings := app.LoopSettings{Time: system, Hold: hold, Term: p.Term, ClockEvery: p.Clock, Poll: p.Poll, Idle: p.Idle, Consumers: consumers(a, server)}
	if p.Faults != nil {
		framed(p, opened, a, server, settings.Consumers)
	}
	// MongoDB's own TTL indexes forget; only the embedded store is swept.
	if expirer, ok := opened.(app.Expirer); ok {
		settings.Expirer = expirer
	}
	if p.Push != nil {
		relay := postroom.Relay(a, opened.Deliveries(), p.Push, p.Now, p.Log)
		settings.Consumers = append(settings.Consumers, postroom.Consumer(relay))
		settings.Works = append(settings.Works, postroom.Work(relay))
	}
	loops, err := a.NewLoops(settings)
	if err != nil {
		return nil, err
	}
	if hold.Check() == feed.HoldRestore {
		if err := server.Restored(ctx, p.Now().UTC().Format(time.RFC3339Nano)); err != nil {
			return nil, fmt.Errorf("a new history: %w", err)
		}
	}
	if p.Watch != nil {
		p.Watch.Loops(loops.Counts, a.LimitsHit)
		server.Watch(p.Watch)
	}
	return &service{app: a, store: opened, server: server, loops: loops, hold: hold, log: p.Log}, nil
}

// handsAtOnce is how many documents steward and dispatcher look after at the same time: most of the time of
// each is waiting for a store.
const handsAtOnce = 4

// consumers read the feed: the steward carries effects to other documents, the dispatcher asks,
// the index follows in memory, and devices that listen are woken. The audit log is one chain.
func consumers(a *app.App, server *rest.Server) []feed.Consumer {
	return []feed.Consumer{
		{Name: "steward", Stored: true, AtOnce: handsAtOnce, Handle: a.Steward},
		{Name: "dispatcher", Stored: true, AtOnce: handsAtOnce, Handle: a.Dispatch},
		{Name: "audit", Stored: true, Handle: a.Audit},
		{Name: "index", From: -1, Handle: a.Follow, Rebuild: a.Rebuild},
		{Name: "wake", From: -1, Handle: server.Wake},
	}
}

// learnKeys reads the signing keys every minute, so that a rotation at one process reaches all.
func (s *service) learnKeys(ctx context.Context) {
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if err := s.app.LoadKeys(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("signing keys not read", "error", care.CodeOf(err))
			}
		}
	}
}

// releaseHold lets a person end a hold of this process: kill -USR1 says that the clock is right.
func (s *service) releaseHold(ctx context.Context) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	defer signal.Stop(told)
	for {
		select {
		case <-ctx.Done():
			return
		case <-told:
			s.log.Warn("hold released by a person", "was_held", s.hold.Release())
		}
	}
}

// run serves until the context ends, then stops in order: no new calls, calls at work finish, loops
// finish their row and free their leases, the store closes.
func (s *service) run(ctx context.Context, l net.Listener) error {
	loopCtx, stopLoops := context.WithCancel(context.Background())
	defer stopLoops()
	looped := make(chan struct{})
	go func() {
		defer close(looped)
		s.loops.Run(loopCtx)
	}()
	go s.learnKeys(loopCtx)
	go s.releaseHold(loopCtx)
	go followRestored(loopCtx, s.store, s.hold, s.log)
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	s.log.Info("serving", "address", l.Addr().String())
	var failed error
	select {
	case failed = <-served:
	case <-ctx.Done():
		drain, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		failed = s.server.Shutdown(drain)
	}
	stopLoops()
	<-looped
	err := errors.Join(failed, s.close())
	s.log.Info("stopped", "clean", err == nil)
	return err
}
