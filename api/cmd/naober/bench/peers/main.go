// Command peers puts the matcher's index beside what others use for the same questions: an R-tree in the
// same process, Redis, and PostGIS. deploy/bench.sh starts the servers that it is given the sockets of.
//
// All get the same region and the same questions, those that `naober bench match --dump` writes for the
// same seed. They take turns by rounds and not by questions: so each has the processor's caches for
// itself while it is asked, as it would have alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"naober/api/cmd/naober/bench/region"
	"naober/matching/index"
)

// system is whoever is asked.
type system interface {
	name() string
	can(of region.Case) bool
	// floor is the way there and back with nothing asked.
	floor() error
	ask(of region.Case, k *index.Ranking) ([]index.Hit, error)
	io.Closer
}

// Line is what one system took for one case.
type Line struct {
	Case   region.Case `json:"case"`
	N      int         `json:"n"`
	System string      `json:"system"`
	P50    []float64   `json:"p50_us"`   // by round
	Floor  float64     `json:"floor_us"` // 0 in the process
	Exact  float64     `json:"exact"`    // share of the sample that a look at everybody finds too
}

type options struct {
	n, rounds, questions, slow, sample int
	seed                               uint64
	redis, postgres, user              string
	cases                              []region.Case
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, log io.Writer) error {
	var o options
	only := ""
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.IntVar(&o.n, "n", 100_000, "volunteers")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each takes its turn")
	flags.IntVar(&o.questions, "questions", 2000, "of each case in a round, in the process")
	flags.IntVar(&o.slow, "slow", 300, "of each case in a round, over a socket")
	flags.IntVar(&o.sample, "sample", 40, "of each case, held against a look at everybody")
	flags.Uint64Var(&o.seed, "first-seed", 1, "seed of region and questions")
	flags.StringVar(&o.redis, "redis", "", "socket of a Redis server of our own; it is filled")
	flags.StringVar(&o.postgres, "postgres", "", "socket of a PostgreSQL server of our own with PostGIS; it is filled")
	flags.StringVar(&o.user, "user", "postgres", "who asks it")
	flags.StringVar(&only, "only", "s1,s2,s3,s5,s6", "cases")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for word := range strings.SplitSeq(only, ",") {
		c := region.Case(word)
		if !c.Known() || c == region.S4 {
			return fmt.Errorf("%q is no case that others can be asked", word)
		}
		o.cases = append(o.cases, c)
	}
	if o.n < 1 || o.rounds < 1 || o.questions < 1 || o.slow < 1 || o.slow > o.questions || o.sample < 1 || o.sample > o.slow {
		return errors.New("--n, --rounds, --questions, --slow and --sample are 1 or more, and none of the last three exceeds the one before")
	}
	return o.compare(ctx, out, log)
}

func (o options) compare(ctx context.Context, out, log io.Writer) (err error) {
	all, questions := region.Volunteers(o.seed, o.n), map[region.Case][]index.Ranking{}
	for _, c := range o.cases {
		questions[c] = region.Questions(c, o.seed, o.questions, o.n)
	}
	systems, err := o.systems(all, questions, log)
	defer func() {
		for _, s := range systems {
			err = errors.Join(err, s.Close())
		}
	}()
	if err != nil {
		return err
	}
	for _, c := range o.cases {
		lines, err := o.one(ctx, c, systems, questions[c], all)
		if err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
		for _, l := range lines {
			if err := json.NewEncoder(out).Encode(l); err != nil {
				return err
			}
		}
		fmt.Fprintf(log, "%s of %d: done\n", c, o.n)
	}
	return nil
}

// systems sets everybody up; on error, those are returned who are to be closed.
func (o options) systems(all []index.Volunteer, questions map[region.Case][]index.Ranking, log io.Writer) ([]system, error) {
	world := index.Build(all)
	list := []system{&ours{world: world}, treeOf(all)}
	over, err := serve(world)
	if err != nil {
		return list, err
	}
	list = append(list, over)
	if o.redis != "" {
		c, err := dialRedis(o.redis)
		if err != nil {
			return list, err
		}
		r := &redis{resp: c, all: all}
		list = append(list, r)
		began := time.Now()
		if err := r.load(firstOf(questions, o.slow)); err != nil {
			return list, err
		}
		fmt.Fprintf(log, "Redis has %d volunteers after %.0f s\n", o.n, time.Since(began).Seconds())
	}
	if o.postgres != "" {
		c, err := dialPostgres(o.postgres, o.user)
		if err != nil {
			return list, err
		}
		p := &postgis{postgres: c, all: all}
		list = append(list, p)
		began := time.Now()
		if err := p.load(); err != nil {
			return list, err
		}
		fmt.Fprintf(log, "PostGIS has %d volunteers after %.0f s\n", o.n, time.Since(began).Seconds())
	}
	return list, nil
}

func firstOf(questions map[region.Case][]index.Ranking, n int) map[region.Case][]index.Ranking {
	some := map[region.Case][]index.Ranking{}
	for c, all := range questions {
		some[c] = all[:min(n, len(all))]
	}
	return some
}

// one lets each take its turns at a case. Whoever is asked over a socket is asked the first of the
// questions only.
func (o options) one(ctx context.Context, c region.Case, systems []system, questions []index.Ranking, all []index.Volunteer) ([]Line, error) {
	var lines []Line
	var asked []system
	for _, s := range systems {
		if s.can(c) {
			asked, lines = append(asked, s), append(lines, Line{Case: c, N: o.n, System: s.name()})
		}
	}
	for range o.rounds {
		for i, s := range asked {
			some := questions
			if floor, err := floorOf(s); err != nil {
				return nil, err
			} else if floor > 2 {
				some, lines[i].Floor = questions[:o.slow], floor
			}
			p50, err := turn(ctx, s, c, some)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name(), err)
			}
			lines[i].P50 = append(lines[i].P50, p50)
		}
	}
	return lines, exact(c, asked, lines, questions[:o.sample], all)
}

// turn asks all questions and returns the median, after as many as warm up.
func turn(ctx context.Context, s system, c region.Case, questions []index.Ranking) (float64, error) {
	times := make([]time.Duration, 0, len(questions))
	for i := range questions[:len(questions)/5] {
		if _, err := s.ask(c, &questions[i]); err != nil {
			return 0, err
		}
	}
	for i := range questions {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		began := time.Now()
		if _, err := s.ask(c, &questions[i]); err != nil {
			return 0, err
		}
		times = append(times, time.Since(began))
	}
	return median(times), nil
}

func floorOf(s system) (float64, error) {
	times := make([]time.Duration, 0, 101)
	for range cap(times) {
		began := time.Now()
		if err := s.floor(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(began))
	}
	return median(times), nil
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds()) / 1000
}

// exact holds a sample of everybody's answers against a look at all volunteers. Only we promise an order
// among equals: of the others the distances must be the same.
func exact(c region.Case, systems []system, lines []Line, sample []index.Ranking, all []index.Volunteer) error {
	right := make([]int, len(systems))
	for i := range sample {
		want := region.Brute(c, all, &sample[i])
		for k, s := range systems {
			got, err := s.ask(c, &sample[i])
			if err != nil {
				return err
			}
			if equal(c, k > 0, got, want) {
				right[k]++
			}
		}
	}
	for k := range lines {
		lines[k].Exact = float64(right[k]) / float64(len(sample))
	}
	return nil
}

func equal(c region.Case, distances bool, got []index.Hit, want []region.Answer) bool {
	if c == region.S5 {
		got = slices.Clone(got)
		slices.SortFunc(got, byDistance)
	}
	return slices.EqualFunc(got, want, func(h index.Hit, a region.Answer) bool {
		if distances && c != region.S5 && c != region.S6 {
			return float64(h.Square) == a.Value
		}
		return h.ID == a.ID
	})
}
