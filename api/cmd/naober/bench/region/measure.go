package region

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"naober/matching/index"
)

// Options say what to measure.
type Options struct {
	Case    Case
	N       int // volunteers
	Seed    uint64
	Queries int
	Sample  int    // of the queries, held against a look at everybody
	Dump    string // folder for what was drawn and answered; empty for none
}

// Figure is what was measured. Times are of one question at a time; of S4 while one in fifty calls is a
// change, made beside the questions.
type Figure struct {
	Case      Case    `json:"case"`
	N         int     `json:"n"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	QPS       float64 `json:"qps"`
	Exact     float64 `json:"exact"` // share of the sample that equals a look at everybody
	Bytes     float64 `json:"bytes_per_volunteer"`
	Build     float64 `json:"build_s"`
	Found     float64 `json:"found"`                      // people in an answer, on average
	Pass      float64 `json:"pass_rate"`                  // of those in the circle, in the sample
	QuietP99  float64 `json:"read_only_p99_us,omitempty"` // of S4: nobody changes
	Changes   int     `json:"changes,omitempty"`
	ChangeP50 float64 `json:"change_p50_us,omitempty"`
	Seed      uint64  `json:"seed"`
	*Limit            // of S3
}

func say(log io.Writer, format string, args ...any) { fmt.Fprintf(log, format+"\n", args...) }

// Measure draws a region, asks, and holds a sample of the answers against a look at everybody. Progress
// goes to log.
func Measure(ctx context.Context, o Options, log io.Writer) (Figure, error) {
	all := Volunteers(o.Seed, o.N)
	f := Figure{Case: o.Case, N: o.N, Seed: o.Seed}
	say(log, "%d volunteers drawn", o.N)
	before := live()
	began := time.Now()
	w := index.Build(all)
	f.Build = time.Since(began).Seconds()
	f.Bytes = float64(live()-before) / float64(max(o.N, 1))
	say(log, "index built in %.2f s", f.Build)
	questions := Questions(o.Case, o.Seed, o.Queries, o.N)
	a := &asker{of: o.Case}
	times, err := timed(ctx, func() index.World { return w }, a, questions)
	if err != nil {
		return f, err
	}
	f.take(times)
	if o.Case == S3 {
		l := limitOf(w, questions, f.P50)
		f.Limit = &l
	}
	if o.Case == S4 {
		f.QuietP99 = f.P99
		if w, err = f.changing(ctx, o, w, all, a, questions); err != nil {
			return f, err
		}
	}
	say(log, "%d questions asked", len(questions))
	if err := f.judge(ctx, o, w, all, a, questions); err != nil {
		return f, err
	}
	if o.Dump != "" {
		return f, dump(o, w, all, a, questions)
	}
	return f, nil
}

// live is the heap in use after everything else was collected.
func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// timed asks each question once more than it counts: what was never asked is cold in a way in which no
// service is.
func timed(ctx context.Context, world func() index.World, a *asker, questions []index.Ranking) ([]time.Duration, error) {
	for i := range min(len(questions), 2000) {
		a.ask(world(), &questions[i])
	}
	times := make([]time.Duration, len(questions))
	for i := range questions {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		began := time.Now()
		a.ask(world(), &questions[i])
		times[i] = time.Since(began)
	}
	return times, nil
}

func (f *Figure) take(times []time.Duration) {
	sum := time.Duration(0)
	for _, t := range times {
		sum += t
	}
	f.P50, f.P99 = percentile(times, 50), percentile(times, 99)
	f.QPS = float64(len(times)) / sum.Seconds()
}

// percentile is in microseconds; it sorts.
func percentile(times []time.Duration, p int) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[(len(times)-1)*p/100].Nanoseconds()) / 1000
}

// changing measures questions while another goroutine changes one volunteer for every 49 questions, and
// returns the world as it is afterwards, with all as its volunteers.
func (f *Figure) changing(ctx context.Context, o Options, w index.World, all []index.Volunteer, a *asker, questions []index.Ranking) (index.World, error) {
	var now atomic.Pointer[index.World]
	now.Store(&w)
	turns := make(chan struct{}, len(questions))
	changes := make(chan []time.Duration)
	go func() {
		s, took := draw(o.Seed, 3), []time.Duration(nil)
		for range turns {
			v := s.change(all[s.IntN(len(all))])
			began := time.Now()
			next := now.Load().With(v)
			now.Store(&next)
			took = append(took, time.Since(began))
			all[v.ID] = v
		}
		changes <- took
	}()
	asked := 0
	times, err := timed(ctx, func() index.World {
		if asked++; asked%49 == 0 {
			turns <- struct{}{}
		}
		return *now.Load()
	}, a, questions)
	close(turns)
	took := <-changes
	if err != nil {
		return w, err
	}
	f.take(times)
	f.Changes, f.ChangeP50 = len(took), percentile(took, 50)
	return *now.Load(), nil
}

// change is a move, other hours, or a visit agreed.
func (s *source) change(v index.Volunteer) index.Volunteer {
	switch s.IntN(3) {
	case 0:
		v.At = s.point()
	case 1:
		v.Weekly = append(slices.Clone(v.Weekly[1:]), s.hours())
	default:
		v.Busy = append(slices.Clone(v.Busy), s.span(10))
	}
	return v
}

func (f *Figure) judge(ctx context.Context, o Options, w index.World, all []index.Volunteer, a *asker, questions []index.Ranking) error {
	right, found, near, fit := 0, 0, 0, 0
	sample := questions[:min(o.Sample, len(questions))]
	for i := range sample {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a.ask(w, &sample[i])
		got := a.answers()
		want, inside, fits := brute(o.Case, all, &sample[i])
		if slices.Equal(got, want) {
			right++
		}
		found, near, fit = found+len(got), near+inside, fit+fits
	}
	if len(sample) > 0 {
		f.Exact, f.Found = float64(right)/float64(len(sample)), float64(found)/float64(len(sample))
		f.Pass = float64(fit) / float64(max(near, 1))
	}
	return nil
}
