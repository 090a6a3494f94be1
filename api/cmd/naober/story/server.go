package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"naober/api/cmd/naober/demo"
)

const (
	startTime = 90 * time.Second // until a demo is ready, its first seeding included
	stopTime  = 20 * time.Second // until it has stopped in order
	lookEvery = 20 * time.Millisecond
)

// Server is a demo in a process of its own, in one folder through all its restarts. Its fields are
// set before Start.
type Server struct {
	Binary string
	Args   []string // of the demo, its folder excepted
	Env    []string // besides this process's own
	Folder string   // holds the demo's folder and what its process printed
	// Revived is called after each restart, before anybody hears that the server is up.
	Revived func(ctx context.Context, controlURL string) error

	killing sync.Mutex // one kill at a time
	mu      sync.Mutex
	up      chan struct{} // closed while it is up
	ports   demo.Ports
	process *exec.Cmd
	ended   chan struct{} // closed when the process is gone
	exit    error
}

// Start starts the demo and returns when it is ready.
func (s *Server) Start(ctx context.Context) error {
	s.up = make(chan struct{})
	return s.spawn(ctx, false)
}

// Ready implements Host.
func (s *Server) Ready(ctx context.Context) (string, string, error) {
	s.mu.Lock()
	up := s.up
	s.mu.Unlock()
	select {
	case <-up:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.ports.API, s.ports.Control, nil
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
}

// Kill implements Host: SIGKILL, and a new process in the same folder.
func (s *Server) Kill(ctx context.Context) error {
	s.killing.Lock()
	defer s.killing.Unlock()
	s.mu.Lock()
	s.up = make(chan struct{})
	process, ended := s.process, s.ended
	s.mu.Unlock()
	if err := process.Process.Kill(); err != nil {
		return fmt.Errorf("the server was gone before it was killed: %w", err)
	}
	<-ended
	return s.spawn(ctx, true)
}

// Stop ends the demo as an operator does, and reports whether it stopped in order.
func (s *Server) Stop() error {
	s.killing.Lock()
	defer s.killing.Unlock()
	if s.process == nil {
		return nil
	}
	signalled := s.process.Process.Signal(syscall.SIGTERM)
	ctx, stop := context.WithTimeout(context.Background(), stopTime)
	defer stop()
	select {
	case <-s.ended:
		s.process = nil
		return errors.Join(signalled, s.exit)
	case <-ctx.Done():
	}
	err := s.process.Process.Kill()
	<-s.ended
	s.process = nil
	return errors.Join(mismatch("the server after SIGTERM", "an end within "+stopTime.String(), "it had to be killed"), err)
}

// spawn starts a process and announces it once it is ready.
func (s *Server) spawn(ctx context.Context, again bool) error {
	// Its life is not the call's: it ends in Kill or Stop.
	process := exec.Command(s.Binary, append([]string{"demo", "--dir", s.demoFolder()}, s.Args...)...)
	process.Env = append(os.Environ(), s.Env...)
	out, err := s.open("server.out")
	if err != nil {
		return err
	}
	defer out.Close()
	errs, err := s.open("server.err")
	if err != nil {
		return err
	}
	defer errs.Close()
	process.Stdout, process.Stderr = out, errs
	if err := process.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	s.mu.Lock()
	s.process, s.ended = process, ended
	s.mu.Unlock()
	go func() {
		exit := process.Wait()
		s.mu.Lock()
		s.exit = exit
		s.mu.Unlock()
		close(ended)
	}()
	ports, err := s.await(ctx, process.Process.Pid, ended)
	if err == nil && again && s.Revived != nil {
		err = s.Revived(ctx, ports.Control)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ports = ports
	close(s.up)
	return nil
}

// await looks for the word of this process that it is ready: an older one's may still lie there.
func (s *Server) await(ctx context.Context, pid int, ended <-chan struct{}) (demo.Ports, error) {
	ctx, stop := context.WithTimeout(ctx, startTime)
	defer stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return demo.Ports{}, fmt.Errorf("the server ended before it was ready; see %s", filepath.Join(s.Folder, "server.err"))
		case <-ctx.Done():
			return demo.Ports{}, fmt.Errorf("the server was not ready in time; see %s", s.Folder)
		case <-look.C:
		}
		raw, err := os.ReadFile(filepath.Join(s.demoFolder(), "ports.json"))
		var ports demo.Ports
		if err == nil && json.Unmarshal(raw, &ports) == nil && ports.PID == pid {
			return ports, nil
		}
	}
}

func (s *Server) demoFolder() string { return filepath.Join(s.Folder, "demo") }

func (s *Server) open(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(s.Folder, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// Logs are the files in which nothing personal may stand.
func (s *Server) Logs() []string {
	return []string{filepath.Join(s.demoFolder(), "demo.log"), filepath.Join(s.Folder, "server.err")}
}
