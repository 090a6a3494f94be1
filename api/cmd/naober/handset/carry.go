package handset

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
)

// exportBundle writes a file for somebody who has a connection. It stands there whole, or not at all.
func (h *handset) exportBundle(args []string) error {
	if len(args) != 1 {
		return errors.New("export-bundle takes the file to write")
	}
	file, err := h.Export(h.link.Tokens.Session, h.link.Keys.BundleKey)
	if err != nil {
		return err
	}
	waiting, err := h.Unsent()
	if err != nil {
		return err
	}
	if err := put(args[0], file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(h.out, "%s holds what waits here (%d); it counts for 30 days, and until another one is made\n", args[0], waiting)
	return err
}

// importBundle takes in the answer to the newest bundle of this device.
func (h *handset) importBundle(args []string) error {
	if len(args) != 1 {
		return errors.New("import-bundle takes the file that was brought back")
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	r, err := h.Import(h.link.Tokens.Session, h.link.Keys.BundleKey, file)
	if r == nil {
		return err
	}
	return h.tell(r, err)
}

// put writes a file whole, or not at all.
func put(file string, raw []byte) error {
	fresh := file + ".new"
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return os.Rename(fresh, file)
}

// carry hands a bundle in for somebody else and writes the answer.
func carry(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("naober client carry-bundle", flag.ContinueOnError)
	flags.SetOutput(errs)
	server := flags.String("server", "", "address of the service")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *server == "" || flags.NArg() != 2 {
		return errors.New("carry-bundle needs --server, the bundle, and the file for the answer")
	}
	file, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	reply, err := (&link{ctx: ctx, Server: *server}).send(http.MethodPost, "/sync/v1/bundle", file, "")
	switch {
	case err != nil:
		return errors.Join(errors.New("no answer; hand the same bundle in again"), err)
	case reply.Status != http.StatusOK || !reply.JSON:
		return fmt.Errorf("the bundle is not taken: %s", refusal(reply))
	}
	if err := put(flags.Arg(1), reply.Body); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "handed in; bring %s back to the device\n", flags.Arg(1))
	return err
}
