package fcm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/notifications/fcm"
	"naober/notifications/fcm/fcmtest"
)

func want(t *testing.T, err error, want fcm.Failure) {
	t.Helper()
	var got *fcm.Failure
	if !errors.As(err, &got) {
		t.Errorf("got %v, want a Failure", err)
		return
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
}

// Every row also holds that the SDK tried once: the relay owns retries.
func TestSendFailure(t *testing.T) {
	rows := []struct {
		name     string
		answer   fcmtest.Answer
		want     fcm.Failure
		accepted int // messages that reached the phone all the same
	}{
		{"an unregistered token is gone", fcmtest.Unregistered(), fcm.Failure{Class: fcm.Gone, Code: "unregistered"}, 0},
		{"a 404 about something else forgets no device", fcmtest.NotFound(), fcm.Failure{Class: fcm.Permanent, Code: "refused"}, 0},
		{"a spent quota waits as long as told", fcmtest.Quota(37 * time.Second), fcm.Failure{Class: fcm.Temporary, Code: "quota_exceeded", RetryAfter: 37 * time.Second}, 0},
		{"a spent quota waits a minute when not told", fcmtest.Quota(0), fcm.Failure{Class: fcm.Temporary, Code: "quota_exceeded", RetryAfter: time.Minute}, 0},
		{"a date in the past means now, so the minute holds", fcmtest.QuotaUntil(time.Now().Add(-time.Hour)), fcm.Failure{Class: fcm.Temporary, Code: "quota_exceeded", RetryAfter: time.Minute}, 0},
		{"a month of waiting is cut to a day", fcmtest.Quota(720 * time.Hour), fcm.Failure{Class: fcm.Temporary, Code: "quota_exceeded", RetryAfter: 24 * time.Hour}, 0},
		{"an internal error is temporary", fcmtest.Internal(), fcm.Failure{Class: fcm.Temporary, Code: "internal"}, 0},
		{"overload is temporary", fcmtest.Unavailable(0), fcm.Failure{Class: fcm.Temporary, Code: "unavailable"}, 0},
		{"overload keeps its own Retry-After", fcmtest.Unavailable(9 * time.Second), fcm.Failure{Class: fcm.Temporary, Code: "unavailable", RetryAfter: 9 * time.Second}, 0},
		{"a message refused is permanent", fcmtest.InvalidArgument(), fcm.Failure{Class: fcm.Permanent, Code: "invalid_argument"}, 0},
		{"another project's token is permanent", fcmtest.SenderIDMismatch(), fcm.Failure{Class: fcm.Permanent, Code: "sender_id_mismatch"}, 0},
		{"a wrong APNs key is permanent", fcmtest.ThirdPartyAuth(), fcm.Failure{Class: fcm.Permanent, Code: "third_party_auth_error"}, 0},
		{"a service account without the right is for the operator to mend", fcmtest.PermissionDenied(), fcm.Failure{Class: fcm.Temporary, Code: "permission_denied"}, 0},
		{"a cut before FCM had it is temporary", fcmtest.DropBefore(), fcm.Failure{Class: fcm.Temporary, Code: "network"}, 0},
		{"a cut after FCM had it looks the same", fcmtest.DropAfter(), fcm.Failure{Class: fcm.Temporary, Code: "network"}, 1},
	}
	server := startServer(t)
	sender := newSender(t, config(t, server))
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			calls, accepted := len(server.Calls()), len(server.Messages())
			// A second try would be answered with OK and end without a failure.
			server.Behave(phone, row.answer)
			_, err := sender.Send(t.Context(), newAsk())
			want(t, err, row.want)
			if made := len(server.Calls()) - calls; made != 1 {
				t.Errorf("%d calls, want one", made)
			}
			if got := len(server.Messages()) - accepted; got != row.accepted {
				t.Errorf("%d messages recorded, want %d", got, row.accepted)
			}
			if strings.Contains(fmt.Sprint(err), phone) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestSendReadsRetryAfterAsADate(t *testing.T) {
	server := startServer(t)
	sender := newSender(t, config(t, server))
	server.Behave(phone, fcmtest.QuotaUntil(time.Now().Add(90*time.Second)))
	_, err := sender.Send(t.Context(), newAsk())
	var got *fcm.Failure
	if !errors.As(err, &got) || got.Code != "quota_exceeded" {
		t.Fatalf("got %v", err)
	}
	// Both dates have whole seconds, and the call takes a moment.
	if got.RetryAfter < 80*time.Second || got.RetryAfter > 91*time.Second {
		t.Errorf("waits %s, want about 90s", got.RetryAfter)
	}
}

func TestSendEndsWithItsTime(t *testing.T) {
	rows := []struct {
		name   string
		script func(*fcmtest.Server)
	}{
		{"when FCM is slow", func(s *fcmtest.Server) { s.Behave(phone, fcmtest.Always(fcmtest.Slow(time.Hour))) }},
		{"when the token endpoint is slow", func(s *fcmtest.Server) { s.BehaveLogin(fcmtest.Always(fcmtest.Slow(time.Hour))) }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			server := startServer(t)
			cfg := config(t, server)
			cfg.Timeout = 300 * time.Millisecond
			sender := newSender(t, cfg)
			row.script(server)
			began := time.Now()
			// Ten at once: waiting for one another must not add up either.
			var group sync.WaitGroup
			for range 10 {
				group.Go(func() {
					_, err := sender.Send(t.Context(), newAsk())
					want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "timeout"})
				})
			}
			group.Wait()
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("took %s, want about %s", took, cfg.Timeout)
			}
		})
	}
}

func TestSendEndsWithItsCaller(t *testing.T) {
	server := startServer(t)
	sender := newSender(t, config(t, server))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := sender.Send(ctx, newAsk())
	want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "cancelled"})
	if len(server.Messages()) != 0 {
		t.Error("a cancelled call sent something")
	}
}

func TestSendWithoutAServer(t *testing.T) {
	server := startServer(t)
	sender := newSender(t, config(t, server))
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := sender.Send(t.Context(), newAsk())
	want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "network"})
}

func TestSendLogin(t *testing.T) {
	t.Run("another account's key is refused, and the message stays", func(t *testing.T) {
		server, other := startServer(t), startServer(t)
		cfg := config(t, other)
		cfg.CredentialsJSON = []byte(strings.ReplaceAll(string(cfg.CredentialsJSON), other.URL, server.URL))
		cfg.Endpoint = server.URL
		_, err := newSender(t, cfg).Send(t.Context(), newAsk())
		want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "login_refused"})
		if server.Logins() != 0 || len(server.Calls()) != 0 {
			t.Error("the server let it in")
		}
	})
	t.Run("a busy token endpoint says for how long", func(t *testing.T) {
		server := startServer(t)
		sender := newSender(t, config(t, server))
		server.BehaveLogin(fcmtest.Unavailable(12 * time.Second))
		_, err := sender.Send(t.Context(), newAsk())
		want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "login_refused", RetryAfter: 12 * time.Second})
		if _, err := sender.Send(t.Context(), newAsk()); err != nil {
			t.Errorf("the next try: %v", err)
		}
	})
	t.Run("a token endpoint that hangs up is a network error", func(t *testing.T) {
		server := startServer(t)
		sender := newSender(t, config(t, server))
		server.BehaveLogin(fcmtest.DropBefore())
		_, err := sender.Send(t.Context(), newAsk())
		want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "network"})
	})
	t.Run("a revoked access token is replaced at the next try", func(t *testing.T) {
		server := startServer(t)
		sender := newSender(t, config(t, server))
		if _, err := sender.Send(t.Context(), newAsk()); err != nil {
			t.Fatal(err)
		}
		server.Revoke()
		_, err := sender.Send(t.Context(), newAsk())
		want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "unauthenticated"})
		if _, err := sender.Send(t.Context(), newAsk()); err != nil {
			t.Errorf("the next try: %v", err)
		}
	})
}

// What stands between us and FCM may answer anything. The token endpoint here is the real fake;
// only the send goes to a stranger.
func TestSendToAStranger(t *testing.T) {
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	quote := `{"error":{"status":"INVALID_ARGUMENT","message":"bad token ` + phone + `","details":[{
		"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"}]}}`
	gone := strings.ReplaceAll(quote, "INVALID_ARGUMENT", "UNREGISTERED")
	rows := []struct {
		name    string
		handler http.HandlerFunc
		want    fcm.Failure
	}{
		{"an error text with the token in it does not leak it", say(400, quote), fcm.Failure{Class: fcm.Permanent, Code: "invalid_argument"}},
		{"UNREGISTERED forgets no device unless it is a 404", say(400, gone), fcm.Failure{Class: fcm.Permanent, Code: "refused"}},
		{"a proxy's bare 503 is temporary", say(503, "busy"), fcm.Failure{Class: fcm.Temporary, Code: "unavailable"}},
		{"a proxy's bare 502 is temporary", say(502, "<html>"), fcm.Failure{Class: fcm.Temporary, Code: "internal"}},
		{"a bare 404 forgets no device", say(404, "no"), fcm.Failure{Class: fcm.Permanent, Code: "refused"}},
		{"a captive portal's page is no receipt", say(200, "<html>Welkom</html>"), fcm.Failure{Class: fcm.Temporary, Code: "answer_unreadable"}},
		{"an answer without a name is no receipt", say(200, "{}"), fcm.Failure{Class: fcm.Temporary, Code: "answer_unreadable"}},
		{"a redirect is not followed", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://fcm.example.org/", http.StatusFound)
		}, fcm.Failure{Class: fcm.Temporary, Code: "answer_unreadable"}},
		{"an answer cut in its middle is a network error", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"name":`)
		}, fcm.Failure{Class: fcm.Temporary, Code: "network"}},
	}
	server := startServer(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			calls := make(chan struct{}, 10)
			stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls <- struct{}{}
				row.handler(w, r)
			}))
			defer stranger.Close()
			cfg := config(t, server)
			cfg.Endpoint = stranger.URL
			_, err := newSender(t, cfg).Send(t.Context(), newAsk())
			want(t, err, row.want)
			if strings.Contains(fmt.Sprint(err), phone) {
				t.Errorf("the error shows the token: %v", err)
			}
			if len(calls) != 1 {
				t.Errorf("%d calls, want one", len(calls))
			}
		})
	}
}

// A connection that is accepted and never answered at all, as behind a dead load balancer.
func TestSendIntoAHole(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg := config(t, startServer(t))
	cfg.Endpoint, cfg.Timeout = "http://"+listener.Addr().String(), 200*time.Millisecond
	_, err = newSender(t, cfg).Send(t.Context(), newAsk())
	want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "timeout"})
}
