package fcm_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"naober/notifications/egress"
	"naober/notifications/fcm"
	"naober/notifications/fcm/fcmtest"
)

// FuzzAnswer lets the push service answer anything: no panic, a device is forgotten on FCM's own word
// alone, nobody waits longer than a day, and no error shows the token.
func FuzzAnswer(f *testing.F) {
	const body = `{"error":{"code":%d,"message":"m","status":"%s","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"%s"}]}}`
	f.Add(uint16(200), []byte(`{"name":"projects/naober/messages/1"}`), "")
	f.Add(uint16(200), []byte(`<html>a captive portal</html>`), "")
	f.Add(uint16(404), fmt.Appendf(nil, body, 404, "NOT_FOUND", "UNREGISTERED"), "")
	f.Add(uint16(400), fmt.Appendf(nil, body, 400, "INVALID_ARGUMENT", "UNREGISTERED"), "")
	f.Add(uint16(429), fmt.Appendf(nil, body, 429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), "99999999999999999999")
	f.Add(uint16(503), []byte(`{"error":null}`), "Thu, 26 Nov 2099 12:00:00 GMT")
	f.Add(uint16(503), []byte(`{"error":{"details":[null,7,{"@type":[]}]}}`), "-1")
	f.Add(uint16(301), []byte(nil), "")
	login, err := fcmtest.Start(fcmtest.Config{})
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = login.Close() }()
	credentials, err := login.Credentials()
	if err != nil {
		f.Fatal(err)
	}
	var answer http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	sender, err := fcm.New(f.Context(), fcm.Config{ProjectID: fcmtest.DefaultProject, CredentialsJSON: credentials, Endpoint: server.URL, Timeout: 20 * time.Second, Guard: egress.Allowing(egress.ThisMachine()...)})
	if err != nil {
		f.Fatal(err)
	}
	defer sender.Close()
	f.Fuzz(func(t *testing.T, status uint16, body []byte, retryAfter string) {
		status = 200 + status%400
		answer = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", strings.Map(printable, retryAfter))
			w.WriteHeader(int(status))
			_, _ = w.Write(body) // 204 and 304 take none
		}
		_, err := sender.Send(t.Context(), newAsk())
		if err == nil {
			return
		}
		var failure *fcm.Failure
		switch {
		case !errors.As(err, &failure):
			t.Fatalf("%d %q: %v is no failure", status, body, err)
		case failure.Class == fcm.Gone && (status != 404 || !strings.Contains(string(body), "UNREGISTERED")):
			t.Fatalf("%d %q forgets a device", status, body)
		case failure.RetryAfter < 0 || failure.RetryAfter > 24*time.Hour:
			t.Fatalf("%d %q: wait %s", status, retryAfter, failure.RetryAfter)
		case strings.Contains(err.Error(), phone):
			t.Fatalf("the error shows the token: %v", err)
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
