package storetest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/matching/care"
)

// The environment that makes a test binary a child. A child reads orders from its standard input
// and answers on its standard output, one line each.
const (
	childJob     = "NAOBER_STORETEST_JOB"
	childLocator = "NAOBER_STORETEST_LOCATOR"
	childArg     = "NAOBER_STORETEST_ARG"
)

// Main is what a store's TestMain hands to os.Exit. It runs the tests, or, where this process is a
// child that a promise started, the child's job on the data that open finds under the locator.
func Main(m *testing.M, open func(locator string) (Backend, error)) int {
	job := os.Getenv(childJob)
	if job == "" {
		return m.Run()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := runChild(ctx, job, open); err != nil {
		fmt.Fprintf(os.Stderr, "storetest child %s: %v\n", job, err)
		return 1
	}
	return 0
}

func runChild(ctx context.Context, job string, open func(string) (Backend, error)) error {
	b, err := open(os.Getenv(childLocator))
	if err != nil {
		return err
	}
	p := process{Stores: b.Stores(), in: bufio.NewScanner(os.Stdin), out: os.Stdout, arg: os.Getenv(childArg)}
	switch job {
	case "write":
		err = p.write(ctx)
	case "move":
		err = p.move(ctx)
	case "answer":
		err = p.answer(ctx)
	default:
		err = errors.New("no such job")
	}
	return errors.Join(err, b.Close())
}

// process is the child's side of a promise.
type process struct {
	app.Stores
	in  *bufio.Scanner
	out io.Writer
	arg string
}

// say writes one line in one piece; only what was written before a kill reaches the parent.
func (p process) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format+"\n", args...) // the parent may be gone already
}

// move carries pending events into the feed until it is killed, and says when it moved some.
func (p process) move(ctx context.Context) error {
	m := feed.Mover{Feed: p.Feed, Now: monday}
	for ctx.Err() == nil {
		n, err := m.Step(ctx)
		if err != nil && care.CodeOf(err) != "feed_moved" {
			return err
		}
		if n > 0 {
			p.say("moved %d", n)
		}
	}
	return ctx.Err()
}

// child is the parent's side of a process.
type child struct {
	x      *trial
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Scanner
	errors *bytes.Buffer
	ended  bool
}

// child starts this test binary again on the same data. It is killed at the end of the promise.
func (x *trial) child(job, arg string) *child {
	x.Helper()
	c := &child{x: x, errors: &bytes.Buffer{}}
	c.cmd = exec.CommandContext(x.ctx, os.Args[0])
	c.cmd.Env = append(os.Environ(), childJob+"="+job, childLocator+"="+x.backend.Locator(), childArg+"="+arg)
	c.cmd.Stderr = c.errors
	c.cmd.WaitDelay = 5 * time.Second
	in, err := c.cmd.StdinPipe()
	x.ok(err)
	out, err := c.cmd.StdoutPipe()
	x.ok(err)
	c.in, c.out = in, bufio.NewScanner(out)
	x.ok(c.cmd.Start())
	return c
}

// line waits for the child's next line.
func (c *child) line() string {
	c.x.Helper()
	if !c.out.Scan() {
		c.kill()
		c.x.Fatalf("the child ended without a line: %s", c.errors)
	}
	return c.out.Text()
}

// rest reads what the child had written before its end.
func (c *child) rest() []string {
	var lines []string
	for c.out.Scan() {
		lines = append(lines, c.out.Text())
	}
	return lines
}

// order writes one line to the child; it may be stopped and read it later.
func (c *child) order(line string) {
	c.x.Helper()
	_, err := io.WriteString(c.in, line+"\n")
	c.x.ok(err)
}

// freeze stops the child as the kernel stops one whose machine hangs, and waits until it stands.
func (c *child) freeze() {
	c.x.Helper()
	c.x.ok(c.cmd.Process.Signal(syscall.SIGSTOP))
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(c.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		c.x.ok(err)
		break
	}
	if !status.Stopped() {
		c.x.Fatalf("the child did not stop: %v %s", status, c.errors)
	}
}

func (c *child) thaw() {
	c.x.Helper()
	c.x.ok(c.cmd.Process.Signal(syscall.SIGCONT))
}

// kill ends the child with SIGKILL, and reads nothing that it wrote.
func (c *child) kill() {
	if c.ended {
		return
	}
	c.ended = true
	_ = c.cmd.Process.Kill() // it may have ended by itself
	_ = c.cmd.Wait()         // reports the kill
}

// killAndRead ends the child with SIGKILL and returns the lines that it had written until then.
func (c *child) killAndRead() []string {
	_ = c.cmd.Process.Kill() // it may have ended by itself
	lines := c.rest()
	c.kill()
	return lines
}

// seeded makes a source of chance and prints its seed; NAOBER_SEED repeats a run.
func (x *trial) seeded() *rand.Rand {
	x.Helper()
	seed := rand.Uint64()
	if given := os.Getenv("NAOBER_SEED"); given != "" {
		_, err := fmt.Sscan(given, &seed)
		x.ok(err)
	}
	x.Logf("NAOBER_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
