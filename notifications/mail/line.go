package mail

import (
	"context"
	"errors"
	"io"
	"net"

	"naober/notifications/egress"
)

// line is the connection of one Send. It ends with the context: go-mail heeds the context while it
// dials and a timeout of its own, renewed on the way, from then on.
type line struct {
	ctx     context.Context
	dialer  *net.Dialer
	conn    net.Conn
	stop    func() bool
	refused bool // by our own guard
}

func (l *line) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := l.dialer.DialContext(ctx, network, addr)
	if err != nil {
		l.refused = errors.Is(err, egress.ErrRefused)
		return nil, err
	}
	l.conn = conn
	l.stop = context.AfterFunc(l.ctx, func() { _ = conn.Close() })
	return &terse{Conn: conn, left: maxAnswer}, nil
}

// hangUp closes what go-mail leaves open when the greeting or the login fails.
func (l *line) hangUp() {
	if l.conn == nil {
		return
	}
	l.stop()
	_ = l.conn.Close()
}

// terse is a connection whose other end may say so much and no more: go-mail reads replies, and lines of
// them, for as long as they go on.
type terse struct {
	net.Conn
	left int
}

// Read implements net.Conn.
func (t *terse) Read(into []byte) (int, error) {
	if t.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := t.Conn.Read(into[:min(len(into), t.left)])
	t.left -= n
	return n, err
}
