package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"naober/api/cmd/naober/bench/plan"
)

// figures prints one figure after another: an object a line, or words in one.
type figures struct {
	json bool
	out  io.Writer
}

func (f figures) print(figure any, words string, values ...any) error {
	if f.json {
		return json.NewEncoder(f.out).Encode(figure)
	}
	_, err := fmt.Fprintf(f.out, words+"\n", values...)
	return err
}

// planFlags are those that all of these have. It reports false where help was all that was asked for.
func planFlags(name string, args []string, errs io.Writer, more func(*flag.FlagSet)) (f figures, rest []string, seed uint64, err error) {
	flags := flag.NewFlagSet("naober bench "+name, flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.BoolVar(&f.json, "json", false, "one JSON object a line in place of words")
	flags.Uint64Var(&seed, "first-seed", 1, "seed of whatever is drawn")
	more(flags)
	// Files may stand before flags and after them.
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return f, nil, 0, err
		}
		for args = flags.Args(); len(args) > 0 && !strings.HasPrefix(args[0], "-"); args = args[1:] {
			rest = append(rest, args[0])
		}
	}
	return f, rest, seed, nil
}

// write makes a file of a solution, where one is asked for; it can be only one.
func write(name string, files int, solution func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	if files != 1 {
		return errors.New("--solution is for one file")
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(solution(f), f.Close())
}

// measureAssignment runs `naober bench assignment`.
func measureAssignment(ctx context.Context, args []string, out, errs io.Writer) error {
	solution := ""
	f, files, _, err := planFlags("assignment", args, errs, func(s *flag.FlagSet) {
		s.StringVar(&solution, "solution", "", "file for columns and prices, of one problem")
	})
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case len(files) == 0:
		return errors.New("which files? In the format of the OR-Library: the size, then the costs")
	}
	f.out = out
	for _, name := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a, err := plan.Assign(name)
		if err != nil {
			return err
		}
		if err := errors.Join(write(solution, len(files), a.Write), f.print(a, "%s: cost %d in %.2f ms, proven %t", a.File, a.Cost, a.Time, a.Certified)); err != nil {
			return err
		}
	}
	return nil
}

// measureRides runs `naober bench rides`.
func measureRides(ctx context.Context, args []string, out, errs io.Writer) error {
	solution, seconds := "", 10.0
	f, files, seed, err := planFlags("rides", args, errs, func(s *flag.FlagSet) {
		s.StringVar(&solution, "solution", "", "file for the routes of one day")
		s.Float64Var(&seconds, "seconds", 10, "time for each file")
	})
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case len(files) == 0:
		return errors.New("which files? In the format of Cordeau's dial-a-ride instances")
	case !(seconds >= 0.001 && seconds <= 3600):
		return errors.New("--seconds is 0.001 to 3600")
	}
	f.out = out
	for _, name := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d, err := plan.Drive(name, seed, time.Duration(seconds*float64(time.Second)))
		if err != nil {
			return err
		}
		if err := errors.Join(write(solution, len(files), d.Write), f.print(d, "%s: %.2f, can be driven %t, %.0f ms", d.File, d.Distance, d.Feasible, d.Time)); err != nil {
			return err
		}
	}
	return nil
}

// measureBatch runs `naober bench batch`.
func measureBatch(args []string, out, errs io.Writer) error {
	n, shape, solution := 0, "", ""
	f, rest, seed, err := planFlags("batch", args, errs, func(s *flag.FlagSet) {
		s.IntVar(&n, "n", 10_000, "requests, to twice as many volunteers")
		s.StringVar(&shape, "shape", "slack", strings.Join(plan.Shapes(), " or "))
		s.StringVar(&solution, "solution", "", "file for the problem and what was found")
	})
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case len(rest) > 0:
		return fmt.Errorf("%q was not expected", rest[0])
	case n < 1 || n > 200_000:
		return errors.New("--n is 1 to 200,000")
	case !slices.Contains(plan.Shapes(), shape):
		return fmt.Errorf("there is no shape %q: %s", shape, strings.Join(plan.Shapes(), ", "))
	}
	f.out = out
	b, err := plan.Batch(n, shape, seed)
	if err != nil {
		return err
	}
	return errors.Join(write(solution, 1, b.Write), f.print(b, "%d requests, %s: cost %d, %d left alone, %.1f ms, proven %t", b.N, b.Shape, b.Cost, b.Undone, b.Time, b.Certified))
}

// measureInsert runs `naober bench insert`.
func measureInsert(args []string, out, errs io.Writer) error {
	trips, questions, sample := 0, 0, 0
	f, rest, seed, err := planFlags("insert", args, errs, func(s *flag.FlagSet) {
		s.IntVar(&trips, "trips", 10_000, "open trips")
		s.IntVar(&questions, "queries", 1000, "rides that want a place")
		s.IntVar(&sample, "sample", 20, "of them, how many are held against trying every place")
	})
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case len(rest) > 0:
		return fmt.Errorf("%q was not expected", rest[0])
	case trips < 1 || trips > 1_000_000 || questions < 1 || questions > 1_000_000 || sample < 1 || sample > questions:
		return errors.New("--trips and --queries are 1 to 1,000,000, --sample is 1 up to the queries")
	}
	f.out = out
	i := plan.Insert(trips, questions, sample, seed)
	return f.print(i, "%d trips: %.1f us median, trying every place %.1f us, exact in %.0f %% of the sample, a place found for %.0f %%", i.Trips, i.P50, i.Brute, i.Exact*100, i.Found*100)
}
