package fcm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"naober/notifications/egress"
)

const (
	// maxAnswer is how much of an answer is read, in bytes; FCM's are under 1 KiB.
	maxAnswer = 64 << 10
	// maxRetryAfter keeps one odd header from silencing a device for a month.
	maxRetryAfter = 24 * time.Hour
	// beyondSDK is a Retry-After, in seconds, over the two minutes up to which the SDK waits and
	// tries again by itself.
	beyondSDK = "3600"
)

// call is what the transport remembers of one Send. It lives in that Send's context and is touched
// by its goroutine only: http.Client calls the RoundTripper synchronously.
type call struct {
	cancel     context.CancelFunc
	made       bool          // a request went out, or was about to
	trouble    error         // why there is no answer
	retryAfter time.Duration // what the answer asked for
}

type callKey struct{}

// once lets the SDK try exactly one time, because the relay owns retries: it writes them down,
// spreads them out, and survives a restart.
//
// The SDK tries again, up to four times, on a 503 and on every network error. A 503 it gives up
// when Retry-After exceeds two minutes, so that header is raised once its value was read. After a
// network error it waits on the context, so that is cancelled.
type once struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (o once) RoundTrip(r *http.Request) (*http.Response, error) {
	call, ok := r.Context().Value(callKey{}).(*call)
	if !ok {
		return nil, errors.New("fcm: a request outside Send")
	}
	call.made = true
	answer, err := o.next.RoundTrip(r)
	if err == nil {
		err = buffer(answer)
	}
	if err != nil {
		call.trouble = err
		var refused *loginRefused
		if errors.As(err, &refused) {
			call.retryAfter = refused.retryAfter
		}
		// The cause of a deadline must stay visible in the outer context; this one is ours alone.
		call.cancel()
		return nil, err
	}
	call.retryAfter = retryAfter(answer.Header, time.Now())
	if answer.StatusCode == http.StatusServiceUnavailable {
		answer.Header.Set("Retry-After", beyondSDK)
	}
	return answer, nil
}

// buffer reads the body here, so that a connection cut in the middle of it is a network error like
// any other instead of one that the SDK would repeat.
func buffer(answer *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// retryAfter reads both forms of the header (RFC 9110, 10.2.3). A date is held against the
// server's own Date where there is one: only their difference is meant, and our clock may be off.
func retryAfter(header http.Header, now time.Time) time.Duration {
	raw := header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(raw, 10, 63); err == nil {
		wait = time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	} else if until, err := http.ParseTime(raw); err == nil {
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			now = date
		}
		wait = until.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// newTransport is the connection pool to Google. It takes no proxy from the environment: nothing
// below cmd reads that, and a proxy would dial what the guard never sees.
func newTransport(timeout time.Duration, guard egress.Guard) *http.Transport {
	return &http.Transport{
		DialContext:            guard.Dialer(timeout).DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    16,
		MaxResponseHeaderBytes: maxAnswer,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    timeout,
	}
}
