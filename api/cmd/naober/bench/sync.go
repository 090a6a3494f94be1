package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"naober/api/app"
)

// SyncOptions say how much of the synchronisation is measured.
type SyncOptions struct {
	Docs   int           // that the account sees, about
	Rounds int           // how often each takes its turn
	Calls  int           // pulls of nothing, and pushes, in a round
	For    time.Duration // after which no further round begins
	JSON   bool
}

// SyncService is a service on one store.
type SyncService struct {
	Store string // its name in the report
	App   *app.App
	Post  *Letterbox
	Addr  net.Addr
	Watch *Stopwatch
}

// SyncFigures are what one store's turns came to: medians of the rounds, and of single calls where it says so.
type SyncFigures struct {
	Store         string  `json:"store"`
	NochangeUs    float64 `json:"nochange_pull_us"` // of single calls
	NochangeBytes int     `json:"nochange_bytes"`   // body of the answer, as it is sent
	FullMs        float64 `json:"full_pull_ms"`
	FullGzip      int     `json:"full_bytes_gzip"` // bodies of the answers, as they are sent
	PushPerS      float64 `json:"push_per_s"`      // pushes of one request for help each, of pushers devices at once

	Docs          int     `json:"docs"`
	Rounds        int     `json:"rounds"`
	FullPages     int     `json:"full_pages"`
	FullBytes     int     `json:"full_bytes"`          // unpacked
	NochangeWire  int     `json:"nochange_wire_bytes"` // of the whole call on the connection, both ways
	NochangeCPU   float64 `json:"nochange_cpu_us"`     // of the process for one pull, the calling client's part within
	NochangeStore float64 `json:"nochange_store_us"`   // of it, until the store had answered
	Load          string  `json:"load"`                // of the machine, as the run began
}

// pushers are the devices that push at once.
const pushers = 8

// syncMeter is one store at work.
type syncMeter struct {
	SyncService
	figures SyncFigures
	home    *household
	device  *device
	writers []*device
	calls   int
	pushed  int

	single, full, rate, cpu, store []float64
}

// Sync measures pulls that bring nothing, pulls that bring everything and pushes, on each store in turns, by rounds.
func Sync(ctx context.Context, all []SyncService, o SyncOptions, out, progress io.Writer) error {
	began, load := time.Now(), loadAverage()
	var meters []*syncMeter
	for _, s := range all {
		m, err := layOut(ctx, s, o)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Store, err)
		}
		m.figures.Load = load
		meters = append(meters, m)
		if _, err := fmt.Fprintf(progress, "%s: %d documents are laid, after %.0f s\n", s.Store, m.figures.Docs, time.Since(began).Seconds()); err != nil {
			return err
		}
	}
	for round := 0; round <= o.Rounds; round++ { // the first is not counted
		if round > 1 && time.Since(began) > o.For {
			break
		}
		for _, m := range meters {
			if err := m.round(ctx, round > 0); err != nil {
				return fmt.Errorf("%s: %w", m.Store, err)
			}
		}
		if _, err := fmt.Fprintf(progress, "round %d of %d, after %.0f s\n", round, o.Rounds, time.Since(began).Seconds()); err != nil {
			return err
		}
	}
	for _, m := range meters {
		if err := m.report(out, o.JSON); err != nil {
			return err
		}
	}
	return nil
}

func layOut(ctx context.Context, s SyncService, o SyncOptions) (*syncMeter, error) {
	v, err := found(ctx, s.App, s.Post, callers)
	if err != nil {
		return nil, err
	}
	m := &syncMeter{SyncService: s, calls: o.Calls, figures: SyncFigures{Store: s.Store}}
	if m.home, err = furnish(ctx, v, o.Docs); err != nil {
		return nil, err
	}
	for n := range pushers {
		m.writers = append(m.writers, newDevice(s.Addr, v.people[callers-1-n].bearer))
	}
	m.device = newDevice(s.Addr, v.people[holder].bearer)
	_, m.figures.Docs, m.figures.FullPages, err = m.device.full()
	return m, err
}

// round is one turn of each: pushes, which are other people's, then everything, then nothing.
func (m *syncMeter) round(ctx context.Context, counts bool) error {
	runtime.GC() // what another turn left behind is not this one's
	rate, err := m.push(ctx)
	if err != nil {
		return err
	}
	full, docs, pages, err := m.device.full()
	if err != nil {
		return err
	}
	if docs != m.figures.Docs || pages != m.figures.FullPages {
		return fmt.Errorf("bench: %d documents in %d pages, where there were %d in %d", docs, pages, m.figures.Docs, m.figures.FullPages)
	}
	wired, stored, cpu := m.device.wired.Load(), m.Watch.Spent(), processTime()
	single, nothing, err := m.device.nothing(m.calls)
	if err != nil || !counts {
		return err
	}
	each := float64(m.calls + 1)
	m.rate, m.full = append(m.rate, rate), append(m.full, full.took.Seconds()*1e3)
	m.cpu = append(m.cpu, micros(processTime()-cpu)/each)
	m.store = append(m.store, micros(m.Watch.Spent()-stored)/each)
	for _, took := range single {
		m.single = append(m.single, micros(took))
	}
	f := &m.figures
	f.Rounds++
	f.NochangeBytes, f.NochangeWire = nothing.packed, int(m.device.wired.Load()-wired)/(m.calls+1)
	f.FullGzip, f.FullBytes = full.packed, full.size
	return nil
}

// push hands in requests for help, a push each, and gives pushes a second.
func (m *syncMeter) push(ctx context.Context) (float64, error) {
	free := make(chan *device, pushers)
	for _, d := range m.writers {
		free <- d
	}
	from := m.pushed
	m.pushed += m.calls
	return rate(ctx, pushers, m.calls, from, func(_ context.Context, n int) error {
		d, at := <-free, m.home.visitTime(n)
		defer func() { free <- d }()
		return d.ask(string(m.home.id), wish(n), at.From, at.Until)
	})
}

func (m *syncMeter) report(out io.Writer, plain bool) error {
	f := &m.figures
	f.NochangeUs, f.FullMs, f.PushPerS = spreadOf(m.single).Median, spreadOf(m.full).Median, spreadOf(m.rate).Median
	f.NochangeCPU, f.NochangeStore = spreadOf(m.cpu).Median, spreadOf(m.store).Median
	if plain {
		return json.NewEncoder(out).Encode(f)
	}
	cpu, store, push := spreadOf(m.cpu), spreadOf(m.store), spreadOf(m.rate)
	_, err := fmt.Fprintf(out, `store %s, %d documents, %d rounds in turns, load %s
  a pull of nothing     %9.0f us, %d bytes of body, %d on the connection both ways
    CPU of the process  %9.0f us (%.0f to %.0f by rounds), the goal is 2,000
    until the store had %9.0f us (%.0f to %.0f), the goal is 3,000
  a pull of everything  %9.1f ms, %d bytes gzipped of %d, %d pages
  pushes of one request %9.0f/s (%.0f to %.0f), %d devices at once
`, f.Store, f.Docs, f.Rounds, f.Load, f.NochangeUs, f.NochangeBytes, f.NochangeWire,
		cpu.Median, cpu.Least, cpu.Most, store.Median, store.Least, store.Most,
		f.FullMs, f.FullGzip, f.FullBytes, f.FullPages, push.Median, push.Least, push.Most, pushers)
	return err
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// processTime is the CPU time of this process until now.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// loadAverage is what the system says of its last minute; "unknown" where it says nothing.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	load, _, _ := strings.Cut(string(text), " ")
	return load
}
