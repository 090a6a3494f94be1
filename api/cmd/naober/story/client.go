package story

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"

	"naober/mobile-contract/wire"
)

// Client is one person's device: it holds tokens and speaks the public surface. Each intent has one
// Idempotency-Key, however often it is sent. Safe for concurrent use.
type Client struct {
	line *Line

	mu     sync.Mutex
	tokens wire.Tokens
}

// NewClient makes a device on which nobody is signed in.
func NewClient(l *Line) *Client { return &Client{line: l} }

// Refusal is an answer that says no.
type Refusal struct {
	Call    string
	Problem wire.Problem
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: %d %s (%s)", r.Call, r.Problem.Status, r.Problem.Code, r.Problem.Detail)
}

// codeOf is the code of a refusal; empty for anything else.
func codeOf(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Problem.Code
	}
	return ""
}

func (c *Client) held() wire.Tokens {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens
}

func (c *Client) hold(t wire.Tokens) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens = t
}

func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return send[T](ctx, c, http.MethodGet, path, nil)
}

// onward adds the cursor of the next page to a path that has conditions; the first page has none.
func onward(path, after string) string {
	if after == "" {
		return path
	}
	return path + "&after=" + after
}

func post[T any](ctx context.Context, c *Client, path string, body any) (T, error) {
	return send[T](ctx, c, http.MethodPost, path, body)
}

// put is for calls that are answered with no content.
func put(ctx context.Context, c *Client, path string, body any) error {
	_, err := send[wire.Nothing](ctx, c, http.MethodPut, path, body)
	return err
}

// send makes a call and reads its answer as a T and nothing else. An access token that has run out
// is exchanged once.
func send[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var none T
	made := call{method: method, path: path, header: map[string]string{}}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return none, err
		}
		made.body, made.header["Content-Type"] = raw, "application/json"
	}
	if method != http.MethodGet {
		made.header["Idempotency-Key"] = rand.Text()
	}
	for again := true; ; again = false {
		access := c.held().Access
		if access != "" {
			made.header["Authorization"] = "Bearer " + access
		}
		a, err := c.line.exchange(ctx, made)
		if err != nil {
			return none, err
		}
		value, err := read[T](made, a)
		if codeOf(err) != "token_expired" || !again {
			return value, err
		}
		if err := c.renew(ctx, access); err != nil {
			return none, err
		}
	}
}

// renew exchanges the tokens, unless another call of this device has done so meanwhile.
func (c *Client) renew(ctx context.Context, expired string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens.Access != expired {
		return nil
	}
	fresh, err := refresh(ctx, c.line, c.tokens.Refresh)
	if err == nil {
		c.tokens = fresh
	}
	return err
}

// refresh exchanges a refresh token. It needs no key: the same token gives the same successor.
func refresh(ctx context.Context, l *Line, token string) (wire.Tokens, error) {
	raw, err := json.Marshal(wire.Refresh{Refresh: token})
	if err != nil {
		return wire.Tokens{}, err
	}
	made := call{method: http.MethodPost, path: "/v1/tokens", body: raw, header: map[string]string{"Content-Type": "application/json"}}
	a, err := l.exchange(ctx, made)
	if err != nil {
		return wire.Tokens{}, err
	}
	return read[wire.Tokens](made, a)
}

// read checks an answer against the contract: its type, and not one field more than T has.
func read[T any](c call, a answer) (T, error) {
	var value T
	name := c.method + " " + c.path
	if a.status == http.StatusNoContent && len(a.body) == 0 {
		return value, nil
	}
	want := "application/json"
	if a.status >= http.StatusBadRequest {
		want = "application/problem+json"
	}
	if kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type")); err != nil || kind != want {
		return value, mismatch(name+": content type of a "+fmt.Sprint(a.status), want, a.header.Get("Content-Type"))
	}
	if a.status >= http.StatusBadRequest {
		p := wire.Problem{}
		if err := strictly(a.body, &p); err != nil || p.Status != a.status || p.Code == "" || p.Instance == "" {
			return value, mismatch(name+": the body of a refusal", "a problem with status, code and instance", string(a.body))
		}
		return value, &Refusal{Call: name, Problem: p}
	}
	if err := strictly(a.body, &value); err != nil {
		return value, mismatch(name+": the body", fmt.Sprintf("a %T", value), err.Error())
	}
	return value, nil
}

func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}
