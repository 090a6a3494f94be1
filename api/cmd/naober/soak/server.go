package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTime = 60 * time.Second // until a process serves
	stopTime  = 20 * time.Second // until it has stopped in order
)

// Process is one process under test, through all its restarts. Its fields but the last are set before
// start.
type Process struct {
	binary string
	args   []string
	log    io.Writer

	mu      sync.Mutex
	up      chan struct{} // closed while it serves
	base    string        // http://127.0.0.1:port
	life    int           // grows with each start and each kill: a call that spans one may break
	process *exec.Cmd
	ended   chan error
}

// NewProcess prepares a process of a binary; what it logs goes to log.
func NewProcess(binary string, args []string, log io.Writer) *Process {
	return &Process{binary: binary, args: args, log: log, up: make(chan struct{})}
}

// Start begins a process and waits until it serves.
func (s *Process) Start(ctx context.Context) error {
	process := exec.Command(s.binary, s.args...) // its life is not the call's: it ends in kill or stop
	process.Env, process.Stderr = os.Environ(), s.log
	out, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	lines, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		first, err := bufio.NewReader(out).ReadString('\n')
		if err == nil {
			lines <- strings.TrimSpace(first)
		}
		_, _ = io.Copy(io.Discard, out) // until the process is gone
		ended <- process.Wait()
	}()
	limit := time.NewTimer(startTime)
	defer limit.Stop()
	select {
	case base := <-lines:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.process, s.ended, s.base = process, ended, base
		s.life++
		close(s.up)
		return nil
	case err := <-ended:
		return fmt.Errorf("the server ended before it served: %w", err)
	case <-limit.C:
		err = errors.New("the server did not serve in time")
	case <-ctx.Done():
		err = ctx.Err()
	}
	return errors.Join(err, process.Process.Kill(), gone(<-ended))
}

// gone is nil for a process that a signal ended.
func gone(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// down says that calls must wait, and hands the process to who ends it.
func (s *Process) down() (*exec.Cmd, chan error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up = make(chan struct{})
	s.life++
	return s.process, s.ended
}

// Kill ends the process without warning and waits until it is gone.
func (s *Process) Kill() error {
	process, ended := s.down()
	if err := process.Process.Kill(); err != nil {
		return fmt.Errorf("the server was gone before it was killed: %w", err)
	}
	return gone(<-ended)
}

// Stop ends the process as an operator does; it must end in order.
func (s *Process) Stop() error {
	process, ended := s.down()
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	limit := time.NewTimer(stopTime)
	defer limit.Stop()
	select {
	case err := <-ended:
		return err
	case <-limit.C:
		return errors.Join(errors.New("the server did not stop after SIGTERM"), process.Process.Kill(), gone(<-ended))
	}
}

// Ready waits until it serves, and tells where and in which life.
func (s *Process) Ready(ctx context.Context) (base string, life int, err error) {
	for {
		s.mu.Lock()
		up, base, life := s.up, s.base, s.life
		s.mu.Unlock()
		select {
		case <-up:
			return base, life, nil
		case <-ctx.Done():
			return "", 0, ctx.Err()
		}
	}
}

// same reports whether the process is still in that life.
func (s *Process) same(life int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life == life
}
