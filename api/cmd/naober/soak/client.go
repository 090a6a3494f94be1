package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"naober/mobile-contract/wire"
)

const (
	patience = 90 * time.Second // for one call, restarts included
	oneTry   = 15 * time.Second
	mostBody = 8 << 20 // bytes
)

// errorCounts are how calls broke.
type errorCounts struct {
	Cut     atomic.Int64 // the connection of a process that was killed meanwhile
	Other   atomic.Int64 // any other broken connection
	Server  atomic.Int64 // answers of 500 and above other than 503
	Busy    atomic.Int64 // 503 and 429: asked again later
	Resends atomic.Int64
}

// client speaks the surface of several servers over the same data. Each call goes to the server of
// its writer, and to the next one after that was cut off.
type client struct {
	servers []*Process
	http    *http.Client
	errors  errorCounts
}

func newClient(servers []*Process) *client {
	return &client{servers: servers, http: &http.Client{Timeout: oneTry, Transport: &http.Transport{MaxIdleConnsPerHost: writers}}}
}

// intent is one call under one key, however often it is sent.
type intent struct {
	by     *resident
	at     int // server to begin with
	method string
	path   string
	key    string
	body   any
}

// do sends an intent until it is answered for good, and gives the answer.
func (c *client) do(ctx context.Context, in intent) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var raw []byte
	if in.body != nil {
		if raw, err = json.Marshal(in.body); err != nil {
			return 0, nil, err
		}
	}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		status, after, body, err := c.try(ctx, in, raw)
		switch {
		case ctx.Err() != nil:
			return 0, nil, fmt.Errorf("%s %s: no answer: %w", in.method, in.path, ctx.Err())
		case err != nil:
			in.at++
		case status == http.StatusServiceUnavailable, status == http.StatusTooManyRequests:
			c.errors.Busy.Add(1)
			wait = max(wait, after)
		case status == http.StatusUnauthorized && in.path != "/v1/tokens":
			if err := c.renew(ctx, in); err != nil {
				return 0, nil, err
			}
		case status >= http.StatusInternalServerError:
			c.errors.Server.Add(1)
			return status, body, nil
		default:
			return status, body, nil
		}
		c.errors.Resends.Add(1)
		if !pass(ctx, wait) {
			return 0, nil, fmt.Errorf("%s %s: no answer: %w", in.method, in.path, ctx.Err())
		}
	}
}

// try sends once. An error means that nobody knows whether it was heard.
func (c *client) try(ctx context.Context, in intent, raw []byte) (status int, after time.Duration, body []byte, err error) {
	s := c.servers[in.at%len(c.servers)]
	base, life, err := s.Ready(ctx)
	if err != nil {
		return 0, 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, in.method, base+in.path, bytes.NewReader(raw))
	if err != nil {
		return 0, 0, nil, err
	}
	if raw != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if in.key != "" {
		req.Header.Set("Idempotency-Key", in.key)
	}
	if in.path != "/v1/tokens" {
		in.by.mu.Lock()
		req.Header.Set("Authorization", "Bearer "+in.by.tokens.Access)
		in.by.mu.Unlock()
	}
	res, err := c.http.Do(req)
	if err == nil {
		defer func() { _ = res.Body.Close() }()
		body, err = io.ReadAll(io.LimitReader(res.Body, mostBody))
	}
	if err != nil {
		if s.same(life) && ctx.Err() == nil {
			c.errors.Other.Add(1)
		} else {
			c.errors.Cut.Add(1)
		}
		return 0, 0, nil, err
	}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // absent is 0
	return res.StatusCode, time.Duration(seconds) * time.Second, body, nil
}

// renew exchanges the tokens of who sent the intent.
func (c *client) renew(ctx context.Context, in intent) error {
	in.by.mu.Lock()
	refresh := in.by.tokens.Refresh
	in.by.mu.Unlock()
	status, body, err := c.do(ctx, intent{by: in.by, at: in.at, method: http.MethodPost, path: "/v1/tokens", body: wire.Refresh{Refresh: refresh}})
	if err != nil {
		return err
	}
	var fresh wire.Tokens
	if status != http.StatusOK {
		return fmt.Errorf("tokens were not renewed: %d %s", status, body)
	}
	if err := json.Unmarshal(body, &fresh); err != nil {
		return err
	}
	in.by.mu.Lock()
	defer in.by.mu.Unlock()
	in.by.tokens.Access, in.by.tokens.Refresh = fresh.Access, fresh.Refresh
	return nil
}

// pass waits, and reports whether the context goes on.
func pass(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
