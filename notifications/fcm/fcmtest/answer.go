package fcmtest

import (
	"net/http"
	"strconv"
	"time"
)

// Answer is one scripted reaction to a call. Statuses, codes and texts follow Google's page
// "ErrorCode" of the FCM REST v1 reference.
type Answer struct {
	status     int
	state      string // google.rpc.Code
	code       string // google.firebase.fcm.v1.FcmError; empty leaves the detail out
	text       string
	retryAfter string
	delay      time.Duration
	cut        cut
	always     bool
}

// cut says whether the connection ends without an answer.
type cut int

const (
	cutNever cut = iota
	cutBefore
	cutAfter
)

// OK accepts the message. It is what a token without a script gets.
func OK() Answer { return Answer{status: http.StatusOK} }

// Unregistered is FCM's word that the app was removed or the token replaced.
func Unregistered() Answer {
	return Answer{status: 404, state: "NOT_FOUND", code: "UNREGISTERED", text: "Requested entity was not found."}
}

// NotFound is a 404 about something else than the token, such as a project that does not exist.
func NotFound() Answer {
	return Answer{status: 404, state: "NOT_FOUND", text: "Requested entity was not found."}
}

// Quota refuses with a Retry-After in whole seconds; zero leaves the header out.
func Quota(retryAfter time.Duration) Answer {
	return quota(seconds(retryAfter))
}

// QuotaUntil refuses with a Retry-After in the form of an HTTP date.
func QuotaUntil(at time.Time) Answer {
	return quota(at.UTC().Format(http.TimeFormat))
}

func quota(retryAfter string) Answer {
	return Answer{
		status: 429, state: "RESOURCE_EXHAUSTED", code: "QUOTA_EXCEEDED",
		text: "Quota exceeded for quota metric.", retryAfter: retryAfter,
	}
}

// Internal is a failure inside FCM.
func Internal() Answer {
	return Answer{status: 500, state: "INTERNAL", code: "INTERNAL", text: "Internal error encountered."}
}

// Unavailable is FCM overloaded, with a Retry-After in whole seconds; zero leaves the header out.
func Unavailable(retryAfter time.Duration) Answer {
	return Answer{
		status: 503, state: "UNAVAILABLE", code: "UNAVAILABLE",
		text: "The service is currently unavailable.", retryAfter: seconds(retryAfter),
	}
}

// InvalidArgument refuses the message as such.
func InvalidArgument() Answer {
	return invalid("The registration token is not a valid FCM registration token")
}

func invalid(text string) Answer {
	return Answer{status: 400, state: "INVALID_ARGUMENT", code: "INVALID_ARGUMENT", text: text}
}

// SenderIDMismatch says that the token belongs to another project.
func SenderIDMismatch() Answer {
	return Answer{status: 403, state: "PERMISSION_DENIED", code: "SENDER_ID_MISMATCH", text: "SenderId mismatch"}
}

// PermissionDenied says that the service account may not send for this project.
func PermissionDenied() Answer {
	return Answer{status: 403, state: "PERMISSION_DENIED", text: "The caller does not have permission"}
}

// ThirdPartyAuth says that the project's APNs key is missing or wrong.
func ThirdPartyAuth() Answer {
	return Answer{
		status: 401, state: "UNAUTHENTICATED", code: "THIRD_PARTY_AUTH_ERROR",
		text: "Auth error from APNS or Web Push Service",
	}
}

func unauthenticated() Answer {
	return Answer{
		status: 401, state: "UNAUTHENTICATED",
		text: "Request had invalid authentication credentials. Expected OAuth 2 access token.",
	}
}

// DropBefore cuts the connection and forgets the message: it never reached the phone.
func DropBefore() Answer { return Answer{status: 200, cut: cutBefore} }

// DropAfter records the message and then cuts the connection: only the answer was lost.
func DropAfter() Answer { return Answer{status: 200, cut: cutAfter} }

// Slow answers OK after the delay, unless the client leaves earlier; then nothing is recorded.
func Slow(delay time.Duration) Answer { return Answer{status: 200, delay: delay} }

// Always makes an answer stay: it is repeated for every later call instead of being used up.
func Always(a Answer) Answer {
	a.always = true
	return a
}

func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.Itoa(int(d / time.Second))
}

// Behave sets what the next calls for a registration token get, one answer per call and OK once
// they are used up. It replaces an earlier script.
func (h *Handler) Behave(token string, answers ...Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.scripts[token] = answers
}

// BehaveLogin sets what the next calls of the token endpoint get, as Behave does for sends.
func (h *Handler) BehaveLogin(answers ...Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.logins = answers
}

// nextAnswer takes the head off a script and gives what is left of it.
func nextAnswer(script []Answer) (Answer, []Answer) {
	switch {
	case len(script) == 0:
		return OK(), nil
	case script[0].always:
		return script[0], script
	}
	return script[0], script[1:]
}

// wait holds the answer back for its delay. It reports whether the client is still there.
func (a Answer) wait(r *http.Request) bool {
	if a.delay <= 0 {
		return true
	}
	timer := time.NewTimer(a.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// hangUp ends the connection without a byte of answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 cannot be hijacked; a bare 502 is the nearest thing a proxy would show.
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	_ = conn.Close()
}
