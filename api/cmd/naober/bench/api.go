package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"runtime"
	"time"

	"naober/api/app"
)

// Options say how much is measured.
type Options struct {
	Store    string // its name in the report
	Clients  int
	Rounds   int
	Calls    int   // of each operation in a round
	Villages []int // residents, for what an operation allocates
	JSON     bool
	// Profile is called before each turn of ours, and what it returns after it. May be nil.
	Profile func(operation string) (stop func() error, err error)
}

// Service is the service that is measured, and its driver's bare peer.
type Service struct {
	App  *app.App
	Post *Letterbox
	Addr net.Addr
	Bare Driver
}

// the residents of the village in which rates are measured.
const rated = 1000

// meter is one measurement at work.
type meter struct {
	Options
	Service
	line    line
	village *village
	report  Report
}

// API measures create-request, accept, list and candidates.
func API(ctx context.Context, s Service, o Options, out io.Writer) error {
	began := time.Now()
	m := &meter{Options: o, Service: s, line: dial(s.Addr, o.Clients), report: Report{Store: o.Store, Clients: o.Clients, Rounds: o.Rounds, Calls: o.Calls}}
	var err error
	if m.village, err = found(ctx, s.App, s.Post, rated); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{m.creates, m.accepts, m.reads, m.growth} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	m.report.Took = time.Since(began)
	if o.JSON {
		return json.NewEncoder(out).Encode(m.report)
	}
	return m.report.print(out)
}

// turns runs ours and the bare peers in turns: A B C, A B C. Each round has numbers of its own, and
// one round before the first is not counted.
func (m *meter) turns(ctx context.Context, operation string, bytes int, ours call, peers ...peer) error {
	rates := make([][]float64, 1+len(peers))
	for round := range m.Rounds + 1 {
		for i := range rates {
			do := ours
			if i > 0 {
				do = peers[i-1].do
			}
			got, err := m.once(ctx, operation, i == 0 && round > 0, round, do)
			if err != nil {
				return err
			}
			if round > 0 {
				rates[i] = append(rates[i], got)
			}
		}
	}
	for i, p := range peers {
		m.report.Figures = append(m.report.Figures, compare(operation, p.name, bytes, rates[0], rates[i+1]))
	}
	return nil
}

func (m *meter) once(ctx context.Context, operation string, ours bool, round int, do call) (float64, error) {
	runtime.GC() // what another turn left behind is not this one's
	if !ours || m.Profile == nil {
		return rate(ctx, m.Clients, m.Calls, round*m.Calls, do)
	}
	stop, err := m.Profile(operation)
	if err != nil {
		return 0, err
	}
	got, err := rate(ctx, m.Clients, m.Calls, round*m.Calls, do)
	if err != nil {
		return 0, err
	}
	return got, stop()
}

// peer is what an operation is compared with.
type peer struct {
	name string
	do   call
}

func (m *meter) creates(ctx context.Context) error {
	create := m.village.creating(m.line)
	if err := create(ctx, -1); err != nil {
		return err
	}
	id, err := m.village.newest(ctx)
	if err != nil {
		return err
	}
	bytes, err := m.Bare.Learn(ctx, id)
	if err != nil {
		return err
	}
	return m.turns(ctx, "create", bytes, create, peer{"driver insert", m.Bare.Insert})
}

func (m *meter) accepts(ctx context.Context) error {
	asks, id, err := m.village.askAll(ctx, (m.Rounds+1)*m.Calls+1)
	if err != nil {
		return err
	}
	accept := m.village.accepting(m.line, asks)
	if err := accept(ctx, (m.Rounds+1)*m.Calls); err != nil {
		return err
	}
	bytes, err := m.Bare.Learn(ctx, id)
	if err != nil {
		return err
	}
	return m.turns(ctx, "accept", bytes, accept, peer{"driver replace", m.Bare.Replace})
}

// reads measures the list of a helper's requests and the counts of candidates. A read of our own
// proves who calls and what they may see: that takes at least one reading, so the bare route is
// also shown with one reading of the driver behind it.
func (m *meter) reads(ctx context.Context) error {
	w := m.village.watched
	for _, r := range []struct{ operation, path string }{{"list", w.list}, {"candidates", w.candidates}} {
		get := func(_ context.Context, n int) error {
			_, err := m.line.send("GET", r.path, w.bearer, "", nil, 200, false)
			return err
		}
		body, err := m.line.send("GET", r.path, w.bearer, "", nil, 200, true)
		if err != nil {
			return err
		}
		bare, err := serveBare(map[string][]byte{"/bare": body})
		if err != nil {
			return err
		}
		plain := dial(bare.addr, m.Clients)
		send := func(_ context.Context, n int) error {
			_, err := plain.send("GET", "/bare", w.bearer, "", nil, 200, false)
			return err
		}
		behind := func(ctx context.Context, n int) error {
			if err := m.Bare.Read(ctx, n%m.Calls); err != nil {
				return err
			}
			return send(ctx, n)
		}
		if err := m.turns(ctx, r.operation, len(body), get, peer{"bare route", send}, peer{"bare route and a read", behind}); err != nil {
			return err
		}
		if err := bare.close(); err != nil {
			return err
		}
	}
	return nil
}

// growth counts what a call allocates in villages of several sizes, the client's part included.
func (m *meter) growth(ctx context.Context) error {
	const calls, warm = 40, 10
	for _, residents := range m.Villages {
		v, err := found(ctx, m.App, m.Post, residents)
		if err != nil {
			return err
		}
		create := v.creating(m.line)
		asks, _, err := v.askAll(ctx, calls+warm)
		if err != nil {
			return err
		}
		get := func(path string) call {
			return func(context.Context, int) error {
				_, err := m.line.send("GET", path, v.watched.bearer, "", nil, 200, false)
				return err
			}
		}
		for _, o := range []struct {
			name string
			do   call
		}{{"create", create}, {"accept", v.accepting(m.line, asks)}, {"list", get(v.watched.list)}, {"candidates", get(v.watched.candidates)}} {
			if _, err := rate(ctx, 1, warm, 0, o.do); err != nil {
				return err
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := rate(ctx, 1, calls, warm, o.do); err != nil {
				return err
			}
			runtime.ReadMemStats(&after)
			m.report.Growth = append(m.report.Growth, Growth{Operation: o.name, Residents: residents,
				Allocs: (after.Mallocs - before.Mallocs) / calls, Bytes: (after.TotalAlloc - before.TotalAlloc) / calls})
		}
	}
	return nil
}

// key is an Idempotency-Key of one call of this run.
func (v *village) key(what string, n int) string { return fmt.Sprintf("%s-%s-%010d", what, v.id, n) }
