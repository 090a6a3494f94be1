package fcm_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"naober/notifications/egress"
	"naober/notifications/fcm"
)

// A name passes the setting and is judged when it is dialled: localhost stands for any name that turns
// out to be an address of this machine.
func TestSendCallsNoAddressThatIsNotAllowed(t *testing.T) {
	server := startServer(t)
	cfg := config(t, server)
	cfg.Endpoint = strings.Replace(cfg.Endpoint, "127.0.0.1", "localhost", 1)
	cfg.CredentialsJSON = []byte(strings.Replace(string(cfg.CredentialsJSON), server.URL, cfg.Endpoint, 1))
	cfg.Guard = egress.Guard{}
	_, err := newSender(t, cfg).Send(t.Context(), newAsk())
	want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "address_refused"})
	cfg.Guard = egress.Allowing(egress.ThisMachine()...)
	_, err = newSender(t, cfg).Send(t.Context(), newAsk())
	// The token endpoint hears it, and refuses a login that is addressed to its name instead of itself.
	want(t, err, fcm.Failure{Class: fcm.Temporary, Code: "login_refused"})

	cfg = config(t, server)
	cfg.Guard = egress.Guard{}
	_, err = fcm.New(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "Endpoint is at an address") || !strings.Contains(err.Error(), "token_uri is at an address") {
		t.Errorf("settings that hold an address: %v", err)
	}
}

// Neither FCM's answer nor the token endpoint's sends a message, a token or an assertion anywhere else.
func TestRedirectIsNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			elsewhere := make(chan string, 10)
			inner := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere <- r.URL.Path }))
			defer inner.Close()
			outer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, inner.URL+"/latest/meta-data", status)
			}))
			defer outer.Close()
			server := startServer(t)
			login, send := config(t, server), config(t, server)
			login.CredentialsJSON = []byte(strings.ReplaceAll(string(login.CredentialsJSON), server.URL, outer.URL))
			send.Endpoint = outer.URL
			for _, cfg := range []fcm.Config{login, send} {
				if _, err := newSender(t, cfg).Send(t.Context(), newAsk()); err == nil {
					t.Error("taken for an answer")
				}
			}
			if len(elsewhere) != 0 {
				t.Errorf("followed to %s", <-elsewhere)
			}
		})
	}
}

// An answer, or its head, without end costs no more than 64 KiB.
func TestSendReadsNoEndlessAnswer(t *testing.T) {
	for name, head := range map[string]string{"an endless head": "HTTP/1.1 200 OK\r\nX-Long: ", "an endless body": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"name\":\""} {
		t.Run(name, func(t *testing.T) {
			written := make(chan int, 4)
			endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				written <- flood(conn, head)
			}))
			defer endless.Close()
			cfg := config(t, startServer(t))
			if at, err := url.Parse(endless.URL); err == nil {
				cfg.Endpoint = "http://" + at.Host
			}
			_, err := newSender(t, cfg).Send(t.Context(), newAsk())
			if err == nil {
				t.Error("taken for an answer")
			}
			// What the sockets of both sides hold comes on top of what is read.
			if n := <-written; n > 16<<20 {
				t.Errorf("took %d bytes", n)
			}
		})
	}
}

// flood writes until the other side has enough, or 64 MiB.
func flood(conn net.Conn, head string) int {
	defer func() { _ = conn.Close() }()
	n, err := conn.Write([]byte(head))
	chunk := []byte(strings.Repeat("x", 64<<10))
	for err == nil && n < 64<<20 {
		var more int
		more, err = conn.Write(chunk)
		n += more
	}
	return n
}
