package faults

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"naober/matching/care"
)

// Return is where the data go back to.
type Return struct {
	Folder   string // a backup of then
	NewEpoch bool   // as after the operator's own restore; otherwise nobody says that the data are older
}

// past keeps the marks, and carries the wish to go back to one.
type past struct {
	folder string
	mu     sync.Mutex
	marks  int
	asked  chan *request
}

type request struct {
	Return
	done chan error
}

// mark copies the data as of now. Its name is given back to go there.
func (s *Switches) mark(ctx context.Context) (string, error) {
	save := s.attached().Save
	if save == nil {
		return "", onlyEmbedded()
	}
	s.past.mu.Lock()
	defer s.past.mu.Unlock()
	if s.past.marks == 0 { // what an earlier start left is of other data
		if err := os.RemoveAll(s.past.folder); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(s.past.folder, 0o700); err != nil {
		return "", err
	}
	name := strconv.Itoa(s.past.marks + 1)
	if err := save(ctx, filepath.Join(s.past.folder, name)); err != nil {
		return "", err
	}
	s.past.marks++
	return name, nil
}

// back puts the data back to a mark. It returns once the service answers on them.
func (s *Switches) back(ctx context.Context, mark string, newEpoch bool) error {
	if s.attached().Save == nil {
		return onlyEmbedded()
	}
	s.past.mu.Lock()
	n, err := strconv.Atoi(mark)
	known := err == nil && n >= 1 && n <= s.past.marks && mark == strconv.Itoa(n)
	s.past.mu.Unlock()
	if !known {
		return care.E(care.NotFound, "mark_not_found", "no such mark was taken since the server was started")
	}
	r := &request{Return{filepath.Join(s.past.folder, mark), newEpoch}, make(chan error, 1)}
	select {
	case s.past.asked <- r:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func onlyEmbedded() error {
	return care.E(care.Conflict, "embedded_only", "only an embedded store can be taken back")
}

// Live serves until the context ends, or serve does. Whenever the data have to go back, serve is ended in order, and
// begins again once back has put them there.
func (s *Switches) Live(ctx context.Context, serve func(context.Context) error, back func(context.Context, Return) error) error {
	for {
		turn, stop := context.WithCancel(ctx)
		served := make(chan error, 1)
		go func() { served <- serve(turn) }()
		select {
		case err := <-served:
			stop()
			return err
		case r := <-s.past.asked:
			stop()
			err := <-served
			if err == nil {
				err = back(ctx, r.Return)
			}
			if r.done <- err; err != nil {
				return err
			}
		}
	}
}
