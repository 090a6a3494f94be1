package story

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	patience  = 60 * time.Second       // for one call, restarts of the server included
	longest   = 45 * time.Second       // for one try; settling takes up to 30
	firstWait = 100 * time.Millisecond // after a broken connection; doubled with each try
	mostWait  = 2 * time.Second
	mostBody  = 4 << 20 // bytes
)

// side is which of the server's two ports a call goes to.
type side int

const (
	api side = iota
	control
)

// Host is where the server listens. Ready waits while it is down and fails where it will not come
// back; Kill ends it without warning and returns when the next one is up.
type Host interface {
	Ready(ctx context.Context) (api, control string, err error)
	Kill(ctx context.Context) error
}

// Line carries calls to a server that may be killed at any moment. A call whose answer was lost, or
// that found the server busy, is made again exactly as it was. Safe for concurrent use.
type Line struct {
	host  Host
	http  *http.Client
	kills *Kills
	tally *Tally
}

// NewLine makes a line. kills may be nil: then nobody is killed.
func NewLine(h Host, kills *Kills) *Line {
	return &Line{host: h, http: &http.Client{Timeout: longest}, kills: kills, tally: &Tally{statuses: map[int]int{}}}
}

// call is one exchange before it is made; it is made the same each time.
type call struct {
	side   side
	method string
	path   string
	header map[string]string
	body   []byte
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// exchange makes a call until it is answered with something else than "come back later".
func (l *Line) exchange(ctx context.Context, c call) (answer, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	finish, err := l.kills.strike(ctx, l.host, c)
	if err != nil {
		return answer{}, err
	}
	a, err := l.persist(ctx, c)
	return a, errors.Join(err, finish())
}

func (l *Line) persist(ctx context.Context, c call) (answer, error) {
	wait := firstWait
	for {
		a, err := l.try(ctx, c)
		if err == nil && a.status != http.StatusServiceUnavailable {
			return a, nil
		}
		pause := wait
		if err == nil {
			pause = max(pause, retryAfter(a))
		}
		l.tally.again()
		if !waitFor(ctx, pause) {
			return a, fmt.Errorf("%s %s: no answer in %s: %w", c.method, c.path, patience, errors.Join(err, ctx.Err()))
		}
		wait = min(2*wait, mostWait)
	}
}

// try makes a call once. An error means that nobody knows whether it was heard.
func (l *Line) try(ctx context.Context, c call) (answer, error) {
	surface, desk, err := l.host.Ready(ctx)
	if err != nil {
		return answer{}, err
	}
	base := surface
	if c.side == control {
		base = desk
	}
	r, err := http.NewRequestWithContext(ctx, c.method, base+c.path, bytes.NewReader(c.body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	began := time.Now()
	response, err := l.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBody))
	if err != nil {
		return answer{}, err
	}
	l.tally.answered(c, response.StatusCode, time.Since(began))
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// retryAfter is what the server asks for, in whole seconds.
func retryAfter(a answer) time.Duration {
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// waitFor waits, and reports whether the context goes on.
func waitFor(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
