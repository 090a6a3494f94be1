package fcmtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/google"
	"golang.org/x/oauth2/jwt"

	"naober/notifications/fcm/fcmtest"
)

const phone = "a-phone-with-a-long-token-9QxZ"

func start(t *testing.T) *fcmtest.Server {
	t.Helper()
	server, err := fcmtest.Start(fcmtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

func login(t *testing.T, server *fcmtest.Server) *jwt.Config {
	t.Helper()
	credentials, err := server.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	config, err := google.JWTConfigFromJSON(credentials, fcmtest.Scope)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// post sends a raw body and gives the status and the FcmError code of the answer.
func post(t *testing.T, client *http.Client, to, body string) (int, string) {
	t.Helper()
	answer, err := client.Post(to, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var problem struct {
		Error struct {
			Details []struct{ ErrorCode string }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil {
		t.Fatal(err)
	}
	if len(problem.Error.Details) == 0 {
		return answer.StatusCode, ""
	}
	return answer.StatusCode, problem.Error.Details[0].ErrorCode
}

const sendPath = "/v1/projects/" + fcmtest.DefaultProject + "/messages:send"

func TestSendShape(t *testing.T) {
	padding := func(n int) string { return strings.Repeat("x", n) }
	rows := []struct {
		name, body string
		status     int
		code       string
	}{
		{"a token and data pass", `{"message":{"token":"` + phone + `","data":{"key":"ask.new"}}}`, 200, ""},
		{"a token alone passes", `{"message":{"token":"` + phone + `"}}`, 200, ""},
		{"no message does not", `{}`, 400, "INVALID_ARGUMENT"},
		{"no token does not", `{"message":{"data":{"key":"ask.new"}}}`, 400, "INVALID_ARGUMENT"},
		{"an unknown field outside does not", `{"message":{"token":"` + phone + `"},"to":"x"}`, 400, "INVALID_ARGUMENT"},
		{"an unknown field inside does not", `{"message":{"token":"` + phone + `","title":"x"}}`, 400, "INVALID_ARGUMENT"},
		{"an unknown field deep inside does not", `{"message":{"token":"` + phone + `","android":{"notification":{"text":"x"}}}}`, 400, "INVALID_ARGUMENT"},
		{"a number as data does not", `{"message":{"token":"` + phone + `","data":{"n":1}}}`, 400, "INVALID_ARGUMENT"},
		{"an object as data does not", `{"message":{"token":"` + phone + `","data":{"n":{}}}}`, 400, "INVALID_ARGUMENT"},
		{"a reserved key does not", `{"message":{"token":"` + phone + `","data":{"from":"x"}}}`, 400, "INVALID_ARGUMENT"},
		{"a reserved prefix does not", `{"message":{"token":"` + phone + `","data":{"google.x":"x"}}}`, 400, "INVALID_ARGUMENT"},
		{"a second document does not", `{"message":{"token":"` + phone + `"}}{}`, 400, "INVALID_ARGUMENT"},
		{"a duration without its s does not", `{"message":{"token":"` + phone + `","android":{"ttl":"60"}}}`, 400, "INVALID_ARGUMENT"},
		{"an unknown priority does not", `{"message":{"token":"` + phone + `","android":{"priority":"urgent"}}}`, 400, "INVALID_ARGUMENT"},
		{"4096 bytes pass", `{"message":{"token":"` + phone + `","data":{"k":"` + padding(4095-len("null")) + `"}}}`, 200, ""},
		{"4097 do not", `{"message":{"token":"` + phone + `","data":{"k":"` + padding(4096-len("null")) + `"}}}`, 400, "INVALID_ARGUMENT"},
		{"validate_only passes", `{"validate_only":true,"message":{"token":"` + phone + `"}}`, 200, ""},
	}
	server := start(t)
	client := login(t, server).Client(t.Context())
	accepted := 0
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if row.status == http.StatusOK && !strings.Contains(row.body, "validate_only") {
				accepted++
			}
			status, code := post(t, client, server.URL+sendPath, row.body)
			if status != row.status || code != row.code {
				t.Errorf("got %d %s, want %d %s", status, code, row.status, row.code)
			}
			if got := len(server.Messages()); got != accepted {
				t.Errorf("%d messages recorded, want %d", got, accepted)
			}
		})
	}
}

func TestSendAsksWhoCalls(t *testing.T) {
	const body = `{"message":{"token":"` + phone + `"}}`
	server := start(t)
	client := login(t, server).Client(t.Context())
	if status, _ := post(t, http.DefaultClient, server.URL+sendPath, body); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	if status, _ := post(t, client, server.URL+"/v1/projects/another/messages:send", body); status != http.StatusForbidden {
		t.Errorf("for another project: %d", status)
	}
	if status, _ := post(t, client, server.URL+sendPath, body); status != http.StatusOK {
		t.Errorf("as it should be: %d", status)
	}
}

func TestTokenEndpoint(t *testing.T) {
	rows := []struct {
		name   string
		change func(*jwt.Config)
		ok     bool
	}{
		{"the account's own assertion passes", func(*jwt.Config) {}, true},
		{"another scope does not", func(c *jwt.Config) { c.Scopes = []string{"https://www.googleapis.com/auth/cloud-platform"} }, false},
		{"no scope does not", func(c *jwt.Config) { c.Scopes = nil }, false},
		{"another audience does not", func(c *jwt.Config) { c.Audience = "https://oauth2.googleapis.com/token" }, false},
		{"another account does not", func(c *jwt.Config) { c.Email = "somebody@example.org" }, false},
		{"another key id does not", func(c *jwt.Config) { c.PrivateKeyID = "other" }, false},
		{"an assertion for two hours does not", func(c *jwt.Config) { c.Expires = 2 * time.Hour }, false},
	}
	server := start(t)
	foreign := login(t, start(t)).PrivateKey
	rows = append(rows, struct {
		name   string
		change func(*jwt.Config)
		ok     bool
	}{"another key's signature does not", func(c *jwt.Config) { c.PrivateKey = foreign }, false})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			config := login(t, server)
			row.change(config)
			token, err := config.TokenSource(t.Context()).Token()
			if (err == nil) != row.ok {
				t.Fatalf("got %v, %v", token, err)
			}
		})
	}
}

func TestTokenEndpointWantsABearerGrant(t *testing.T) {
	server := start(t)
	for _, form := range []url.Values{{}, {"grant_type": {"client_credentials"}}, {"assertion": {"a.b.c"}}} {
		answer, err := http.PostForm(server.URL+"/token", form)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%v: %d", form, answer.StatusCode)
		}
	}
}

func TestBehaveIsUsedUpAndAlwaysIsNot(t *testing.T) {
	const body = `{"message":{"token":"` + phone + `"}}`
	server := start(t)
	client := login(t, server).Client(t.Context())
	server.Behave(phone, fcmtest.Internal(), fcmtest.Always(fcmtest.Unregistered()))
	for i, want := range []int{500, 404, 404} {
		if status, _ := post(t, client, server.URL+sendPath, body); status != want {
			t.Errorf("call %d: %d, want %d", i, status, want)
		}
	}
	server.Behave(phone, fcmtest.Internal())
	for i, want := range []int{500, 200, 200} {
		if status, _ := post(t, client, server.URL+sendPath, body); status != want {
			t.Errorf("call %d after the change: %d, want %d", i, status, want)
		}
	}
}

func TestWait(t *testing.T) {
	const body = `{"message":{"token":"` + phone + `","data":{"key":"ask.new"}}}`
	liked := func(r fcmtest.Received) bool { return r.Key == "ask.new" }
	server := start(t)
	client := login(t, server).Client(t.Context())
	found := make(chan error, 1)
	go func() {
		_, err := server.Wait(t.Context(), liked)
		found <- err
	}()
	post(t, client, server.URL+sendPath, `{"message":{"token":"other"}}`)
	post(t, client, server.URL+sendPath, body)
	if err := <-found; err != nil {
		t.Errorf("while it comes: %v", err)
	}
	if got, err := server.Wait(t.Context(), liked); err != nil || got.Token != phone {
		t.Errorf("after it came: %v, %v", got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := server.Wait(ended, func(fcmtest.Received) bool { return false })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("when it never comes: %v", err)
	}
}

func TestLog(t *testing.T) {
	server := start(t)
	client := login(t, server).Client(t.Context())
	server.Behave(phone, fcmtest.Unregistered())
	for range 2 {
		post(t, client, server.URL+sendPath, `{"message":{"token":"`+phone+`","data":{"key":"ask.new","ask":"1"}}}`)
	}
	read := func(query string) (string, []fcmtest.Call) {
		answer, err := http.Get(server.URL + "/log" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		var calls []fcmtest.Call
		if err := json.Unmarshal(raw, &calls); err != nil {
			t.Fatal(err)
		}
		return string(raw), calls
	}
	raw, calls := read("")
	if len(calls) != 2 || calls[0].Code != "UNREGISTERED" || calls[0].Status != 404 || calls[1].Status != 200 {
		t.Fatalf("got %s", raw)
	}
	if calls[1].Key != "ask.new" || calls[1].Params["ask"] != "1" || calls[1].TokenEnd != "9QxZ" {
		t.Errorf("got %+v", calls[1])
	}
	if strings.Contains(raw, phone) || strings.Contains(raw, "ya29.") {
		t.Errorf("the log shows a token: %s", raw)
	}
	if _, later := read("?after=1"); len(later) != 1 || later[0].N != 2 {
		t.Errorf("after 1: %+v", later)
	}
}

func TestStartServesLoopbackOnly(t *testing.T) {
	if server, err := fcmtest.Start(fcmtest.Config{Addr: "0.0.0.0:0"}); err == nil {
		_ = server.Close()
		t.Error("it listens to everybody")
	}
}
