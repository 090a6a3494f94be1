package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"naober/api/app"
	"naober/api/cmd/naober/demo"
	"naober/api/cmd/naober/faults"
	"naober/api/feed"
	"naober/api/store/vault"
	"naober/api/watch"
	"naober/notifications/egress"
	"naober/notifications/fcm/fcmtest"
)

// demonstration is a demo at work: the service, and what stands in for the world around it.
type demonstration struct {
	options demoOptions
	folder  *demo.Folder
	out     *demo.Console
	still   *demo.Stillness
	faults  *faults.Switches // nil where nothing fails on purpose

	standing bool // the folder had its world before this start
	figures  *watch.Watch
	clock    *demo.Clock
	log      *os.File
	fcm      *fcmtest.Server
	api      net.Listener
	control  net.Listener
	post     *demo.Postman
	parts    parts // that the service was built from
	service  *service
	world    *demo.World
}

// open makes everything ready, in the order in which something can be wrong: the folder, the ports,
// the store, the world.
func (d *demonstration) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{d.openFolder, d.openPorts, d.openService, d.openWorld} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) openFolder(context.Context) error {
	var err error
	d.standing = !d.folder.Facts.FoundedAt.IsZero()
	if d.clock, err = d.folder.Clock(time.Now); err != nil {
		return err
	}
	d.post = demo.NewPostman(d.out, d.clock.Now)
	d.log, err = d.folder.Log()
	return err
}

// openPorts takes the push service's port first: it is the folder's for ever, so that one folder
// never has two demos.
func (d *demonstration) openPorts(context.Context) error {
	facts := &d.folder.Facts
	var err error
	d.fcm, err = fcmtest.Start(fcmtest.Config{Addr: loopback(facts.FCMPort)})
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("a demo runs in %s already (port %d is taken): --dir names another folder", d.folder.Path, facts.FCMPort)
	}
	if err != nil {
		return err
	}
	if facts.FCMPort == 0 {
		_, port, err := net.SplitHostPort(strings.TrimPrefix(d.fcm.URL, "http://"))
		if err != nil {
			return err
		}
		if facts.FCMPort, err = strconv.Atoi(port); err != nil {
			return err
		}
		if err := d.folder.SaveFacts(); err != nil {
			return err
		}
	}
	if err := d.folder.Withdraw(); err != nil {
		return err
	}
	d.api, err = net.Listen("tcp", loopback(d.options.Port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is taken: --port names another, --port 0 finds a free one", d.options.Port)
	}
	if err != nil {
		return err
	}
	d.control, err = net.Listen("tcp", loopback(d.options.ControlPort))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is taken: --control-port names another, --control-port 0 finds a free one", d.options.ControlPort)
	}
	return err
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func (d *demonstration) openService(ctx context.Context) error {
	secret, err := d.folder.Secret()
	if err != nil {
		return err
	}
	push := d.options.Push
	if push.Endpoint == "" {
		credentials, err := d.fcm.Credentials()
		if err != nil {
			return err
		}
		push = fcmConfig{Project: fcmtest.DefaultProject, Credentials: credentials, Endpoint: d.fcm.URL}
	}
	d.figures, d.still = watch.New(), demo.NewStillness()
	d.parts = parts{Faults: d.faults, Watch: d.figures, Store: d.folder.Store(), Database: d.folder.Facts.Database, Issuer: "https://demo.naober.example", keys: keys{Secret: secret, Old: d.options.Old},
		Now: d.clock.Now, Log: slog.New(slog.NewJSONHandler(d.log, nil)), Postman: d.post, Room: demoRoom,
		Term: d.options.Term, Clock: 100 * time.Millisecond, Poll: 50 * time.Millisecond, Idle: d.still.Idle}
	if d.options.Store != "" {
		d.parts.Store, d.parts.Poll = d.options.Store, 100*time.Millisecond
	}
	if d.parts.Push, err = pusher(ctx, push, egress.Allowing(egress.ThisMachine()...)); err != nil {
		return err
	}
	d.service, err = build(ctx, d.parts)
	return d.orOlder(ctx, err)
}

func (d *demonstration) openWorld(ctx context.Context) error {
	a := d.service.app
	began := time.Now()
	var err error
	if d.world, err = demo.Begin(ctx, d.folder, a.Stores, d.clock.Now(), demoResidents); err != nil {
		return d.orOlder(ctx, err)
	}
	d.service.log.Info("world stands", "took", time.Since(began))
	return d.orOlder(ctx, a.Rebuild(ctx))
}

// orOlder says of a folder that had its world already how to go on where this build cannot use it: a demo
// is nobody's data, so it is begun anew and never brought up to date.
func (d *demonstration) orOlder(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || !d.standing {
		return err
	}
	if vault.IsClosed(err) {
		return fmt.Errorf("%w: the service key of the demo is in %s; while it is changed, NAOBER_OLD_SECRET_FILE names the former one", err, d.folder.SecretFile())
	}
	return fmt.Errorf("%w; where another build made the demo in %s, --fresh begins it anew", err, d.folder.Path)
}

// live serves, answers the control port and lets the neighbours act until the context ends.
func (d *demonstration) live(ctx context.Context) error {
	now := &current{}
	d.answer(now)
	desk := &http.Server{Handler: now, ReadHeaderTimeout: 5 * time.Second}
	turn := d.turn
	if d.faults != nil {
		desk.Handler = withFaults(d.faults, now)
		turn = func(ctx context.Context) error {
			return d.faults.Live(ctx, d.turn, func(ctx context.Context, to faults.Return) error {
				err := d.goBack(ctx, to)
				if err == nil {
					d.answer(now)
				}
				return err
			})
		}
	}
	ports := d.ports()
	if err := errors.Join(d.world.Welcome(d.out, ports, d.clock, d.folder, d.options.Store != ""), d.folder.Announce(ports)); err != nil {
		return err
	}
	var all sync.WaitGroup
	// It ends with ErrServerClosed once Close was called: nothing to report.
	all.Go(func() { _ = desk.Serve(d.control) })
	err := d.switchOn(ctx)
	if err == nil {
		err = d.sayReady()
	}
	if err == nil {
		err = turn(ctx)
	}
	err = errors.Join(err, desk.Close())
	all.Wait()
	return err
}

// answer lets the control port act on the service that there is.
func (d *demonstration) answer(port *current) {
	s := d.service
	d.watch(s.loops, s.app)
	entrance := &demo.Entrance{App: s.app, Post: d.post}
	control := &demo.Control{Clock: d.clock, Post: d.post, Cast: d.world.Cast, SignIn: entrance.SignIn,
		Calls: d.fcm.Calls, Pushes: d.fcm.Messages, Settle: d.still.Settle, Figures: d.figures.Handler()}
	if d.faults != nil {
		control.More = faults.Calls()
	}
	port.set(control.Handler())
}

func (d *demonstration) ports() demo.Ports {
	return demo.Ports{API: "http://" + d.api.Addr().String(), Control: "http://" + d.control.Addr().String(), FCM: d.fcm.URL, PID: os.Getpid()}
}

func (d *demonstration) sayReady() error {
	said := ""
	if why := d.service.hold.Check(); why != "" {
		said = fmt.Sprintf("Clocks and messages hold (%s): nothing moves until kill -USR1 %d or ten steady minutes release them.\n", why, os.Getpid())
	}
	if d.faults != nil {
		said += loud + "\n"
	}
	_, err := fmt.Fprintln(d.out, said+"ready")
	return err
}

// turn serves, with the neighbours, until the context ends.
func (d *demonstration) turn(ctx context.Context) error {
	s := d.service
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	if !d.options.NoNeighbours {
		neighbours := demo.NewNeighbours(d.world, demo.NewPhones(d.world, d.ports().API, s.app), d.clock.Now, d.out, s.log)
		all.Go(func() { neighbours.Run(ctx, s.app.Stores.Requests, d.fcm.Handler) })
	}
	err := s.run(ctx, d.api)
	d.service = nil // run has closed it
	stop()
	all.Wait()
	return err
}

// goBack puts the data back to a mark, and everything that knows them anew. The clock goes on.
func (d *demonstration) goBack(ctx context.Context, to faults.Return) error {
	d.figures, d.still = watch.New(), demo.NewStillness()
	d.parts.Watch, d.parts.Idle = d.figures, d.still.Idle
	s, l, err := goBack(ctx, d.parts, to, d.api.Addr().String())
	if err != nil {
		return err
	}
	d.service, d.api = s, l
	return d.switchOn(ctx)
}

// switchOn gives those a phone who answer by themselves.
func (d *demonstration) switchOn(ctx context.Context) error {
	if d.options.NoNeighbours {
		return nil
	}
	return d.world.SwitchOnCast(ctx, d.service.app.Stores.Sessions)
}

// watch tells the control port which loops must be still, and how to see that they worked.
func (d *demonstration) watch(loops *app.Loops, a *app.App) {
	d.still.Loops = []string{feed.MoverLoop}
	for _, c := range loops.Consumers {
		d.still.Loops = append(d.still.Loops, feed.LoopOf(c.Name))
	}
	for _, w := range loops.Works {
		if w.Name != "housekeeping" { // it rests for minutes, and nobody's story waits for it
			d.still.Loops = append(d.still.Loops, w.Name)
		}
	}
	d.still.Worked = func() int64 {
		counts := loops.Counts()
		worked := counts.Moved + counts.Ticked
		for _, c := range counts.Consumers {
			worked += c.Handled
		}
		return worked
	}
	d.still.Waiting = func(ctx context.Context) (bool, error) {
		waiting, err := a.Stores.Feed.Pending(ctx, 1)
		return len(waiting) > 0, err
	}
}

// close gives back what was opened, the last first. What was never opened is passed over.
func (d *demonstration) close() error {
	var errs []error
	if d.service != nil {
		errs = append(errs, d.service.close())
	}
	for _, l := range []net.Listener{d.control, d.api} {
		if l != nil {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if d.fcm != nil {
		// The file goes before the port does: whoever can take the port finds no old word.
		errs = append(errs, d.folder.Withdraw(), d.fcm.Close())
	}
	if d.log != nil {
		errs = append(errs, d.log.Close())
	}
	return errors.Join(errs...)
}
