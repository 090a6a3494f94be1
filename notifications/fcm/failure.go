package fcm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"firebase.google.com/go/v4/errorutils"
	"firebase.google.com/go/v4/messaging"

	"naober/notifications/egress"
)

// Class says what the relay should do after a failure.
type Class int

const (
	// Permanent: this message will not pass by being repeated. The device stays: its token is as
	// good as before.
	Permanent Class = iota
	// Temporary: try again later, not before RetryAfter. What an operator can mend, such as a
	// rotated service account key, is temporary too: a message is not lost over it, it only ages.
	Temporary
	// Gone: FCM itself said that the token is registered no longer. The only class on which a
	// device is forgotten.
	Gone
)

// String gives the class as it stands in logs and metrics.
func (c Class) String() string {
	switch c {
	case Temporary:
		return "temporary"
	case Gone:
		return "gone"
	}
	return "permanent"
}

// Failure is the only error type that Send returns. It wraps nothing: what lies beneath may quote
// the token or a URL, and this is made to be logged.
type Failure struct {
	Class      Class
	RetryAfter time.Duration // 0 when FCM did not say; never negative, at most maxRetryAfter
	Code       string        // snake_case and stable, such as "quota_exceeded" or "timeout"
}

// Error implements error.
func (f *Failure) Error() string {
	if f.RetryAfter > 0 {
		return fmt.Sprintf("fcm: %s: %s (retry after %s)", f.Class, f.Code, f.RetryAfter)
	}
	return fmt.Sprintf("fcm: %s: %s", f.Class, f.Code)
}

// quotaPause is what Firebase's page "Understand FCM delivery rates" asks for after a 429 that has
// no Retry-After.
const quotaPause = time.Minute

// failure puts an error of the SDK into one of the three classes.
func failure(ctx context.Context, err error, call *call) *Failure {
	answer := errorutils.HTTPResponse(err)
	if call.trouble != nil || answer == nil && ctx.Err() != nil {
		return troubled(ctx, call)
	}
	if answer == nil {
		// Not FCM's answer: either the SDK refused the message before any call, or a 2xx came with
		// something else than JSON, as from a captive portal.
		if !call.made {
			return &Failure{Class: Permanent, Code: "message_refused"}
		}
		return &Failure{Class: Temporary, Code: "answer_unreadable"}
	}
	f := byCode(err, answer.StatusCode)
	if f.Class == Temporary {
		f.RetryAfter = call.retryAfter
	}
	if f.Code == "quota_exceeded" && f.RetryAfter == 0 {
		f.RetryAfter = quotaPause
	}
	return f
}

// byCode asks the SDK first, which reads FCM's own error code, and falls back on the HTTP status:
// a proxy or Google's front end answers without one.
func byCode(err error, status int) *Failure {
	switch {
	case messaging.IsUnregistered(err) && status == http.StatusNotFound:
		return &Failure{Class: Gone, Code: "unregistered"}
	case messaging.IsInvalidArgument(err):
		return &Failure{Class: Permanent, Code: "invalid_argument"}
	case messaging.IsSenderIDMismatch(err):
		return &Failure{Class: Permanent, Code: "sender_id_mismatch"}
	case messaging.IsThirdPartyAuthError(err):
		return &Failure{Class: Permanent, Code: "third_party_auth_error"}
	case messaging.IsQuotaExceeded(err), status == http.StatusTooManyRequests:
		return &Failure{Class: Temporary, Code: "quota_exceeded"}
	case messaging.IsUnavailable(err), status == http.StatusServiceUnavailable:
		return &Failure{Class: Temporary, Code: "unavailable"}
	case messaging.IsInternal(err), status >= http.StatusInternalServerError:
		return &Failure{Class: Temporary, Code: "internal"}
	case status == http.StatusUnauthorized:
		return &Failure{Class: Temporary, Code: "unauthenticated"}
	case status == http.StatusForbidden:
		return &Failure{Class: Temporary, Code: "permission_denied"}
	case status == http.StatusRequestTimeout:
		return &Failure{Class: Temporary, Code: "timeout"}
	}
	return &Failure{Class: Permanent, Code: "refused"}
}

// troubled names a call that got no answer from FCM at all.
func troubled(ctx context.Context, call *call) *Failure {
	f := &Failure{Class: Temporary, Code: "network", RetryAfter: call.retryAfter}
	var refused *loginRefused
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		f.Code = "cancelled"
	case errors.Is(call.trouble, egress.ErrRefused):
		f.Code = "address_refused" // by our own guard; an operator can mend it
	case ctx.Err() != nil, errors.As(call.trouble, &network) && network.Timeout():
		// A dial gives up at the context's deadline by a timer of its own, sometimes just before it.
		f.Code = "timeout"
	case errors.As(call.trouble, &refused):
		f.Code = "login_refused"
	}
	return f
}
