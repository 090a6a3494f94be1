// Package watch counts and times what a process does, for whoever runs it. Labels are words of our
// own: routes as templates, kinds of documents, codes. It never sees a person, an id or an address,
// and it decides nothing.
package watch

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"naober/notifications"
)

// Watch holds the figures of one process in a registry of its own.
type Watch struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	stores   *prometheus.HistogramVec
	failures *prometheus.CounterVec
	pushes   *prometheus.CounterVec
	sessions *prometheus.CounterVec
	unready  *prometheus.CounterVec
	intents  *prometheus.CounterVec
	pulls    *prometheus.CounterVec
}

// New makes an empty watch.
func New() *Watch {
	// From half a millisecond to the ten seconds after which a call ends.
	spans := []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	w := &Watch{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "naober_http_seconds", Buckets: spans,
			Help: "Time of calls by route and status."}, []string{"method", "route", "status"}),
		stores: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "naober_store_seconds", Buckets: spans,
			Help: "Time of store calls by kind of document and operation."}, []string{"kind", "operation"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "naober_store_failures_total",
			Help: "Store calls that failed for a reason of the store, and none of the rules."}, []string{"kind", "operation"}),
		sessions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "naober_sessions_total",
			Help: "Sessions that began with a sign-in, and that ended."}, []string{"what"}),
		unready: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "naober_not_ready_total",
			Help: "Times that readiness was asked and denied, by reason."}, []string{"reason"}),
		intents: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "naober_intents_total",
			Help: "Intents that devices handed in, by what became of them."}, []string{"result"}),
		pulls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "naober_pulls_total",
			Help: "Pages that devices took, by what they brought."}, []string{"brought"}),
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "naober_pushes_total",
			Help: "Pushes handed to the push service by what it said."}, []string{"outcome"}),
	}
	w.registry.MustRegister(w.calls, w.stores, w.failures, w.pushes, w.sessions, w.unready, w.intents, w.pulls, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return w
}

// Call notes one answered call. route is the template, never the path.
func (w *Watch) Call(method, route string, status int, took time.Duration) {
	w.calls.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// NotReady notes that somebody asked whether the service is ready, and why it was not.
func (w *Watch) NotReady(reason string) { w.unready.WithLabelValues(reason).Inc() }

// Intent notes what became of an intent that a device handed in.
func (w *Watch) Intent(result string) { w.intents.WithLabelValues(result).Inc() }

// Pulled notes what a page brought to a device.
func (w *Watch) Pulled(brought string) { w.pulls.WithLabelValues(brought).Inc() }

// Streams shows how many devices listen to this process, read at each scrape.
func (w *Watch) Streams(count func() int) {
	w.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "naober_streams", Help: "Devices that listen to this process."},
		func() float64 { return float64(count()) }))
}

// Push counts what becomes of each push: sent, the class of its failure, or failed.
func (w *Watch) Push(to notifications.Push) notifications.Push { return counted{to, w} }

type counted struct {
	to notifications.Push
	w  *Watch
}

func (c counted) Push(ctx context.Context, m notifications.Message) error {
	err := c.to.Push(ctx, m)
	outcome := "sent"
	var f *notifications.Failure
	switch {
	case errors.As(err, &f):
		outcome = string(f.Class)
	case err != nil:
		outcome = "failed"
	}
	c.w.pushes.WithLabelValues(outcome).Inc()
	return err
}

// Handler serves the figures under /metrics and the profiler under /debug/pprof/. Whoever reaches it
// needs no password, so it belongs on a loopback address alone.
func (w *Watch) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(w.registry, promhttp.HandlerOpts{}))
	profile(mux)
	return mux
}
