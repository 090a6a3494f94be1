package story

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options say how the story is played.
type Options struct {
	Binary string   // the program, whose demo command is the server
	Demo   []string // more arguments for it: which store, which seed
	Folder string   // to work in; empty makes one, and removes it when all went as told
	Kills  int      // how often the server is killed on the way
	Dice   uint64   // seed of when it is killed
}

// Check starts a demo, plays the story against it and ends it, and prints a line for each step. The
// error says which step failed, what was expected and what was found.
func Check(ctx context.Context, o Options, out io.Writer) (err error) {
	folder := o.Folder
	if folder == "" {
		if folder, err = os.MkdirTemp("", "naober-check-"); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				err = fmt.Errorf("%w\nwhat the server wrote is in %s", err, folder)
				return
			}
			err = os.RemoveAll(folder)
		}()
	} else if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	phones, err := NewPhones()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, phones.Close()) }()
	s, err := newServer(o, folder, phones)
	if err != nil {
		return err
	}
	began := time.Now()
	defer func() { err = errors.Join(err, s.Stop()) }()
	if err := s.Start(ctx); err != nil {
		return err
	}
	if o.Kills > 0 {
		fmt.Fprintf(out, "%d kills, at moments drawn from --dice %d\n", o.Kills, o.Dice)
	}
	fmt.Fprintf(out, "the demo is ready after %s\n", time.Since(began).Round(time.Millisecond))
	p, err := NewPlayer(out, s, phones, planned(o))
	if err != nil {
		return err
	}
	if err := p.Play(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "the story went as told, in %s\n", time.Since(began).Round(100*time.Millisecond))
	return err
}

// storyCalls is how many calls other than readings the story makes at least, those to the control
// port included. Kills are spread over them, and one that was not reached fails the check.
const storyCalls = 140

func planned(o Options) *Kills {
	if o.Kills == 0 {
		return nil
	}
	return PlanKills(o.Kills, storyCalls, o.Dice)
}

// newServer readies a demo without neighbours of its own, which would answer before the cast does.
func newServer(o Options, folder string, phones *Phones) (*Server, error) {
	credentials, err := phones.server.Credentials()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "push.json")
	if err := os.WriteFile(file, credentials, 0o600); err != nil {
		return nil, err
	}
	args := append([]string{"--port", "0", "--no-neighbours", "--term", "1s"}, o.Demo...)
	env := []string{"NAOBER_FCM_ENDPOINT=" + phones.server.URL, "NAOBER_FCM_CREDENTIALS_FILE=" + file}
	return &Server{Binary: o.Binary, Args: args, Env: env, Folder: folder, Revived: Revive}, nil
}
