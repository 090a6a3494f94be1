package fcm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"

	"naober/notifications/egress"
)

// scope is the only thing an access token of ours may do.
const scope = "https://www.googleapis.com/auth/firebase.messaging"

// earlyRefresh renews an access token before it ends, so that none ends on its way to Google.
const earlyRefresh = 2 * time.Minute

// loginRefused says that the token endpoint answered, but not with a token.
type loginRefused struct {
	status     int
	retryAfter time.Duration
}

func (l *loginRefused) Error() string { return fmt.Sprintf("token endpoint answered %d", l.status) }

// bearer puts an access token on each request. It does what oauth2.Transport does, except that a
// slow token endpoint costs a caller no more than the caller's own deadline: oauth2 fetches without
// the request's context while everybody else waits on its mutex.
type bearer struct {
	next   http.RoundTripper
	config *jwt.Config
	turn   chan struct{} // holds one element while nobody touches token
	token  *oauth2.Token
}

func newBearer(next http.RoundTripper, config *jwt.Config) *bearer {
	b := &bearer{next: next, config: config, turn: make(chan struct{}, 1)}
	b.turn <- struct{}{}
	return b
}

// RoundTrip implements http.RoundTripper.
func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := b.current(r.Context())
	if err != nil {
		return nil, errors.Join(err, closeBody(r))
	}
	authorized := r.Clone(r.Context())
	token.SetAuthHeader(authorized)
	answer, err := b.next.RoundTrip(authorized)
	if err == nil && answer.StatusCode == http.StatusUnauthorized {
		b.forget(r.Context(), token)
	}
	return answer, err
}

// closeBody keeps the promise of a RoundTripper to close the body also on errors.
func closeBody(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	return r.Body.Close()
}

// current gives the token in hand or fetches one. One caller fetches; the others wait for it, each
// to its own deadline.
func (b *bearer) current(ctx context.Context) (*oauth2.Token, error) {
	select {
	case <-b.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { b.turn <- struct{}{} }()
	if b.token != nil && time.Until(b.token.Expiry) > earlyRefresh {
		return b.token, nil
	}
	token, err := b.fetch(ctx)
	if err != nil {
		return nil, err
	}
	b.token = token
	return token, nil
}

// forget drops a token that Google no longer takes, unless another caller replaced it meanwhile.
// The 401 itself is not repeated here; the relay's next try begins with a new token.
func (b *bearer) forget(ctx context.Context, token *oauth2.Token) {
	select {
	case <-b.turn:
		if b.token == token {
			b.token = nil
		}
		b.turn <- struct{}{}
	case <-ctx.Done():
	}
}

// fetch signs an assertion and trades it. The error holds no body: the endpoint's text may quote
// the assertion.
func (b *bearer) fetch(ctx context.Context) (*oauth2.Token, error) {
	trip := &within{ctx: ctx, next: b.next}
	client := &http.Client{Transport: trip, CheckRedirect: noRedirect}
	source := b.config.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, client))
	token, err := source.Token()
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		return nil, &loginRefused{
			status:     refused.Response.StatusCode,
			retryAfter: retryAfter(refused.Response.Header, time.Now()),
		}
	case errors.Is(trip.trouble, egress.ErrRefused):
		return nil, egress.ErrRefused
	case err != nil:
		return nil, err
	case token.AccessToken == "" || token.Expiry.IsZero():
		return nil, &loginRefused{status: http.StatusOK}
	}
	return token, nil
}

// within gives the requests of one fetch the context of the Send that waits for it: the oauth2
// package sends them without one. It keeps why there was no answer: that package makes a text of it.
type within struct {
	ctx     context.Context
	next    http.RoundTripper
	trouble error
}

// RoundTrip implements http.RoundTripper.
func (w *within) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(r.WithContext(w.ctx))
	w.trouble = err
	return answer, err
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
