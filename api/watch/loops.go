package watch

import (
	"github.com/prometheus/client_golang/prometheus"

	"naober/api/app"
)

// Loops shows the loops and limits of a process, read at each scrape.
func (w *Watch) Loops(counts func() app.LoopCounts, limits func() map[string]int64) {
	w.registry.MustRegister(loops{counts, limits})
}

type loops struct {
	counts func() app.LoopCounts
	limits func() map[string]int64
}

func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector. What has no description beforehand is checked at each
// scrape instead.
func (loops) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (l loops) Collect(out chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	c := l.counts()
	held := int64(0)
	if c.Held != "" {
		held = 1
	}
	gauge(described("naober_held", "1 while clocks and messages stand still because the date cannot be trusted."), held)
	count(described("naober_feed_moved_total", "Events brought into the feed by this process."), c.Moved)
	count(described("naober_clock_ticked_total", "Due documents that the clock acted on."), c.Ticked)
	count(described("naober_clock_rounds_total", "Looks of the clock and the reconciler for what is due."), c.Rounds)
	count(described("naober_clock_failed_total", "Due documents that the clock failed on."), c.ClockFailed)
	gauge(described("naober_matcher_offers", "Offers in the matcher's index of this process."), c.Matcher.Offers)
	gauge(described("naober_matcher_villages", "Villages in the matcher's index of this process."), c.Matcher.Villages)
	gauge(described("naober_matcher_event_age_seconds", "Time since the last event happened that the index took in."), int64(c.Matcher.Age.Seconds()))
	count(described("naober_matcher_rebuilt_total", "Times that the index was read from the store as a whole."), c.Matcher.Rebuilt)
	for name, r := range c.Consumers {
		gauge(described("naober_consumer_lag", "Rows of the feed that the consumer has not read, as it last saw.", "consumer"), r.Lag, name)
		gauge(described("naober_consumer_parked", "Rows that wait because they keep failing.", "consumer"), r.Parked, name)
		count(described("naober_consumer_handled_total", "Rows handed over.", "consumer"), r.Handled, name)
		count(described("naober_consumer_failed_total", "Hand-overs that failed.", "consumer"), r.Failed, name)
		count(described("naober_consumer_rebuilt_total", "Times that rows were missing.", "consumer"), r.Rebuilt, name)
	}
	for name, n := range l.limits() {
		count(described("naober_limits_hit_total", "Times that a limit was found full.", "limit"), n, name)
	}
}
