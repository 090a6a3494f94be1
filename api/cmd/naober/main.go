// Command naober is the one binary of the service.
//
//	naober serve    answers devices and runs the loops, configured by the environment
//	naober demo     the same on an invented village, with a clock that can be moved
//	naober check    plays the main story against a demo and says which step failed
//	naober bench    measures the service beside its own drivers
//	naober soak     puts the service under load and kills it, and judges what is left
//	naober backup   saves, verifies and restores the embedded store
//	naober client   a phone without a screen, which works without a connection
//	naober health   asks a service on this machine whether it is ready
//	naober admin    what an operator does: first communities and roles, keys, the audit log
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"naober/api/cmd/naober/handset"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "naober:", err)
		stop()
		os.Exit(1)
	}
}

const usage = `naober, offline-first neighbourly help. The README of the project says more.
  naober serve    answers devices and runs the loops; serve --help lists its settings
  naober demo     the same on an invented village, with a clock that can be moved
  naober check    plays the main story against a demo and says which step failed
  naober bench    measures the service beside its own drivers, and the matcher
  naober soak     puts the service under load and kills it, and judges what is left
  naober backup   saves, verifies and restores the embedded store
  naober client   a phone without a screen, which works without a connection
  naober health   asks a service on this machine whether it is ready; fails where it is not
  naober admin    what an operator does: first communities and roles, keys, the audit log`

// run picks the command. It is main without the process, so that tests can call it.
func run(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) error {
	if len(args) == 0 {
		return errors.New("a command is needed\n" + usage)
	}
	switch args[0] {
	case "help", "--help", "-h":
		_, err := fmt.Fprintln(out, usage)
		return err
	case "serve":
		if len(args) > 1 && slices.Contains([]string{"--help", "-help", "-h"}, args[1]) {
			_, err := fmt.Fprint(out, serveUsage)
			return err
		}
		faulty := slices.Equal(args[1:], []string{"--faults"})
		if len(args) > 1 && !faulty {
			return fmt.Errorf("serve takes no %q: its settings are NAOBER_ variables, which serve --help lists", args[1])
		}
		return serve(ctx, env, errs, faulty)
	case "demo":
		return runDemo(ctx, args[1:], env, out, errs)
	case "check":
		return check(ctx, args[1:], out, errs)
	case "bench":
		return measure(ctx, args[1:], env, out, errs)
	case "soak":
		return soaked(ctx, args[1:], env, out, errs)
	case "backup":
		return backup(ctx, args[1:], env, out)
	case "client":
		return handset.Run(ctx, args[1:], out, errs)
	case "health":
		return health(ctx, args[1:], env, out)
	case "admin":
		return admin(ctx, args[1:], env, out, errs)
	}
	return fmt.Errorf("there is no command %q\n%s", args[0], usage)
}
