package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"naober/api/cmd/naober/story"
)

// check plays the story against a demo of its own, and fails where it does not go as told.
func check(ctx context.Context, args []string, out, errs io.Writer) error {
	var o story.Options
	flags := flag.NewFlagSet("naober check", flag.ContinueOnError)
	flags.SetOutput(errs)
	store := flags.String("store", "", "\"mongo\" for the server that NAOBER_MONGO_URI names, or a mongodb:// URI (default: embedded)")
	seed := flags.String("seed", "", "number that the invented people come from (default: 1)")
	flags.StringVar(&o.Folder, "dir", "", "folder to work in, which is kept (default: one that is removed when all went well)")
	flags.IntVar(&o.Kills, "kills", 0, "how often the server is killed at random moments of the story")
	dice := flags.Uint64("dice", 0, "seed of the moments at which it is killed (default: drawn, and printed)")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("check takes no %q", flags.Arg(0))
	case o.Kills < 0 || o.Kills > 100:
		return errors.New("--kills is 0 to 100")
	}
	if o.Dice = *dice; o.Dice == 0 {
		o.Dice = uint64(rand.Uint32())
	}
	if *store != "" {
		o.Demo = append(o.Demo, "--store", *store)
	}
	if *seed != "" {
		o.Demo = append(o.Demo, "--seed", *seed)
	}
	if o.Binary, err = os.Executable(); err != nil {
		return err
	}
	return story.Check(ctx, o, out)
}
