package handset

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"naober/mobile-contract/client"
	"naober/mobile-contract/wire"
)

// signOut leaves the device as its person chose: wiped, or locked with what is unsent.
func (h *handset) signOut(args []string, errs io.Writer) error {
	var keep, discard bool
	flags := flag.NewFlagSet("naober client sign-out", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.BoolVar(&keep, "keep", false, "keep what is unsent, locked until this account signs in again")
	flags.BoolVar(&discard, "discard", false, "lose what is unsent")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if keep && discard {
		return errors.New("sign-out keeps or discards, and not both")
	}
	if keep {
		n, err := h.Unsent()
		if err != nil {
			return err
		}
		fmt.Fprintf(h.out, "locked with %d unsent\n", n)
		return h.link.signOut(h.out, false)
	}
	if !discard {
		if err := h.sync(); err != nil {
			fmt.Fprintln(h.out, err)
		}
	}
	leave := h.Leave
	if discard {
		leave = h.Discard
	}
	switch err := leave(); {
	case errors.Is(err, client.ErrUnsent):
		return errors.New("something is unsent and cannot be sent now: try again, or choose --keep or --discard")
	case err != nil:
		return err
	}
	fmt.Fprintln(h.out, "signed out; nothing is left here")
	return h.link.signOut(h.out, true)
}

// signOut ends the session and drops what opens the store; wiped tells that nothing is left in it. Without a
// connection the session ends when it is ended from another device, or when it was not used for long.
func (l *link) signOut(out io.Writer, wiped bool) error {
	if _, err := l.Delete("/v1/me/devices/" + l.Tokens.Session); err != nil {
		fmt.Fprintln(out, "without a connection: end this device's session from another one")
	}
	l.Tokens, l.Keys = wire.Tokens{}, wire.DeviceKeys{}
	if wiped {
		l.Account = ""
	}
	return l.save()
}

// sweep takes the file of a wiped store away: the next who signs in here may be somebody else.
func sweep(dir string) error {
	files, err := filepath.Glob(storeFile(dir) + "*")
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}
