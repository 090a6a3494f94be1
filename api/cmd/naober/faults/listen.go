package faults

import (
	"context"
	"net"
	"sync"

	"github.com/valyala/fasthttp"

	"naober/api/feed"
	"naober/api/port"
)

// Wake stands around the consumer that wakes whoever listens: in silence a row passes as if a poke got lost.
func (s *Switches) Wake(of feed.Consumer) feed.Consumer {
	wake := of.Handle
	of.Handle = func(ctx context.Context, row port.Row) error {
		if len(s.board.lasting(Silence)) > 0 {
			return nil
		}
		return wake(ctx, row)
	}
	return of
}

// streams are the connections on which somebody listens.
type streams struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

// opened notes a connection whose answer is a stream.
func (s *streams) opened(c *fasthttp.RequestCtx) {
	if !c.Response.IsBodyStream() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[net.Conn]bool{}
	}
	s.open[c.Conn()] = true
}

// left notes that another call came on a connection: its stream is over.
func (s *streams) left(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
}

// cut ends all streams without a word, and tells how many there were at most.
func (s *streams) cut() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.open)
	for conn := range s.open {
		_ = conn.Close() // it may be gone already
	}
	s.open = nil
	return n
}
