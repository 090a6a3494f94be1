package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"naober/api/cmd/naober/bench/region"
)

// measureMatch runs `naober bench match`.
func measureMatch(ctx context.Context, args []string, out, errs io.Writer) error {
	var o region.Options
	flags := flag.NewFlagSet("naober bench match", flag.ContinueOnError)
	flags.SetOutput(errs)
	name := flags.String("case", "s3", "s1 nearest, s2 free as well, s3 fit and willing as well, s4 while volunteers change, s5 whose circle, s6 the best by score")
	flags.IntVar(&o.N, "n", 100_000, "volunteers")
	flags.Uint64Var(&o.Seed, "first-seed", 1, "seed of region and questions")
	flags.IntVar(&o.Queries, "queries", 5000, "questions that are timed")
	flags.IntVar(&o.Sample, "sample", 100, "of them, how many are held against a look at everybody")
	flags.StringVar(&o.Dump, "dump", "", "folder for the region, the sample and its answers as CSV")
	plain := flags.Bool("json", false, "one JSON object in place of a table")
	err := flags.Parse(args)
	o.Case = region.Case(strings.ToLower(*name))
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("%q was not expected", flags.Arg(0))
	case !o.Case.Known():
		return fmt.Errorf("there is no case %q: s1 to s6", *name)
	case o.N < 1 || o.N > 5_000_000:
		return errors.New("--n is 1 to 5,000,000")
	case o.Queries < 1 || o.Queries > 1_000_000 || o.Sample < 1 || o.Sample > o.Queries:
		return errors.New("--queries is 1 to 1,000,000, --sample is 1 up to that")
	}
	f, err := region.Measure(ctx, o, errs)
	if err != nil {
		return err
	}
	if *plain {
		return json.NewEncoder(out).Encode(f)
	}
	return f.Print(out)
}
