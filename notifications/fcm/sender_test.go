package fcm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/notifications/egress"
	"naober/notifications/fcm"
	"naober/notifications/fcm/fcmtest"
)

const (
	phone = "dQw4w9WgXcQ:APA91bEXAMPLE-token_of-a-phone"
	askID = "01KB2QJ5Z8M3V7T9R1C4X6W0AE"
)

func newAsk() fcm.Message {
	return fcm.Message{
		Token: phone, Key: "ask.new", Params: map[string]string{"ask": askID},
		CollapseKey: "ask.new:" + askID, TTL: time.Hour, High: true,
		TitleKey: "ask.new.title", BodyKey: "ask.new.body",
	}
}

func startServer(t *testing.T) *fcmtest.Server {
	t.Helper()
	server, err := fcmtest.Start(fcmtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// config points at the server; the timeout is far above what loopback needs.
func config(t *testing.T, server *fcmtest.Server) fcm.Config {
	t.Helper()
	credentials, err := server.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	return fcm.Config{
		ProjectID: fcmtest.DefaultProject, CredentialsJSON: credentials,
		Endpoint: server.URL, Timeout: 20 * time.Second, Guard: egress.Allowing(egress.ThisMachine()...),
	}
}

func newSender(t *testing.T, cfg fcm.Config) *fcm.Sender {
	t.Helper()
	sender, err := fcm.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return sender
}

func TestSendArrives(t *testing.T) {
	server := startServer(t)
	sender := newSender(t, config(t, server))
	receipt, err := sender.Send(t.Context(), newAsk())
	if err != nil {
		t.Fatal(err)
	}
	got, err := server.Wait(t.Context(), func(r fcmtest.Received) bool { return r.Token == phone })
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Name != got.Name || !strings.HasPrefix(got.Name, "projects/naober-demo/messages/") {
		t.Errorf("receipt %q, recorded as %q", receipt.Name, got.Name)
	}
	if got.Key != "ask.new" || !maps.Equal(got.Params, map[string]string{"ask": askID}) {
		t.Errorf("arrived as %q %v", got.Key, got.Params)
	}
	if format := got.Header.Get("X-Goog-Api-Format-Version"); format != "2" {
		t.Errorf("format version %q: FCM details its errors for 2 only", format)
	}
	if client := got.Header.Get("X-Firebase-Client"); !strings.HasPrefix(client, "fire-admin-go/4.") {
		t.Errorf("client %q is not the SDK", client)
	}
}

// The wanted JSON is the whole of it: a field more or less, for any platform, fails.
func TestSendPayload(t *testing.T) {
	rows := []struct {
		name   string
		change func(*fcm.Message)
		want   string
	}{
		{"one that is shown at once", func(*fcm.Message) {}, `{
			"token": "` + phone + `",
			"data": {"key": "ask.new", "ask": "` + askID + `"},
			"android": {
				"collapse_key": "ask.new:` + askID + `", "priority": "high", "ttl": "3600s",
				"notification": {
					"title_loc_key": "ask_new_title", "body_loc_key": "ask_new_body",
					"tag": "ask.new:` + askID + `", "visibility": "PRIVATE"}},
			"apns": {
				"headers": {
					"apns-collapse-id": "ask.new:` + askID + `", "apns-priority": "10",
					"apns-push-type": "alert", "apns-expiration": "expiry"},
				"payload": {"aps": {"alert": {"title-loc-key": "ask_new_title", "loc-key": "ask_new_body"}}}}}`},
		{"one that only wakes the app, however urgent", func(m *fcm.Message) {
			m.TitleKey, m.BodyKey, m.CollapseKey, m.Params = "", "", "", nil
		}, `{
			"token": "` + phone + `",
			"data": {"key": "ask.new"},
			"android": {"priority": "high", "ttl": "3600s"},
			"apns": {
				"headers": {"apns-priority": "5", "apns-push-type": "background", "apns-expiration": "expiry"},
				"payload": {"aps": {"content-available": 1}}}}`},
		{"one that can wait", func(m *fcm.Message) { m.High, m.CollapseKey = false, "" }, `{
			"token": "` + phone + `",
			"data": {"key": "ask.new", "ask": "` + askID + `"},
			"android": {
				"priority": "normal", "ttl": "3600s",
				"notification": {
					"title_loc_key": "ask_new_title", "body_loc_key": "ask_new_body", "visibility": "PRIVATE"}},
			"apns": {
				"headers": {"apns-priority": "5", "apns-push-type": "alert", "apns-expiration": "expiry"},
				"payload": {"aps": {"alert": {"title-loc-key": "ask_new_title", "loc-key": "ask_new_body"}}}}}`},
	}
	server := startServer(t)
	sender := newSender(t, config(t, server))
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			message := newAsk()
			row.change(&message)
			before := time.Now()
			if _, err := sender.Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			got := decode(t, server.Messages()[i].Message)
			headers := got["apns"].(map[string]any)["headers"].(map[string]any)
			expiry, err := strconv.ParseInt(headers["apns-expiration"].(string), 10, 64)
			if err != nil || time.Unix(expiry, 0).Sub(before.Add(time.Hour)).Abs() > 30*time.Second {
				t.Errorf("APNs gives up at %v, an hour after %v was meant", headers["apns-expiration"], before)
			}
			headers["apns-expiration"] = "expiry"
			if want := decode(t, []byte(row.want)); !reflect.DeepEqual(got, want) {
				t.Errorf("sent %v\nwant %v", got, want)
			}
		})
	}
}

func decode(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSendRefusesWhatIsNotAnIDBeforeAnyCall(t *testing.T) {
	server := startServer(t)
	sender := newSender(t, config(t, server))
	message := newAsk()
	message.Params["name"] = "Geesje Mulder"
	_, err := sender.Send(t.Context(), message)
	want(t, err, fcm.Failure{Class: fcm.Permanent, Code: "param_value_invalid"})
	if calls := server.Calls(); len(calls) != 0 {
		t.Errorf("the server saw %v", calls)
	}
}

func TestSendFromTwentyGoroutines(t *testing.T) {
	const goroutines, each = 20, 5
	server := startServer(t)
	sender := newSender(t, config(t, server))
	failed := make(chan error, goroutines*each)
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for n := range each {
				message := newAsk()
				message.Token = fmt.Sprintf("phone-%d-%d", g, n)
				if _, err := sender.Send(t.Context(), message); err != nil {
					failed <- err
				}
			}
		})
	}
	group.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	arrived := map[string]int{}
	for _, message := range server.Messages() {
		arrived[message.Token]++
	}
	if len(arrived) != goroutines*each || len(server.Messages()) != goroutines*each {
		t.Errorf("%d tokens in %d messages, want %d once each", len(arrived), len(server.Messages()), goroutines*each)
	}
	if logins := server.Logins(); logins != 1 {
		t.Errorf("%d logins, want one that all share", logins)
	}
}

func TestNewRefuses(t *testing.T) {
	server := startServer(t)
	good := config(t, server)
	rows := []struct {
		name   string
		change func(*fcm.Config)
		want   string
	}{
		{"no project", func(c *fcm.Config) { c.ProjectID = "" }, "ProjectID"},
		{"a project that would change the path", func(c *fcm.Config) { c.ProjectID = "a/../../b-c" }, "ProjectID"},
		{"no credentials", func(c *fcm.Config) { c.CredentialsJSON = nil }, "CredentialsJSON"},
		{"a person's credentials", func(c *fcm.Config) { c.CredentialsJSON = []byte(`{"type":"authorized_user"}`) }, "CredentialsJSON"},
		{"a token endpoint in the clear", func(c *fcm.Config) {
			c.CredentialsJSON = []byte(strings.ReplaceAll(string(c.CredentialsJSON), server.URL, "http://token.example.org"))
		}, "token_uri"},
		{"an endpoint in the clear", func(c *fcm.Config) { c.Endpoint = "http://fcm.example.org" }, "Endpoint"},
		{"an endpoint that looks like loopback", func(c *fcm.Config) { c.Endpoint = "http://127.0.0.1.example.org" }, "Endpoint"},
		{"an endpoint with a path", func(c *fcm.Config) { c.Endpoint += "/v1" }, "Endpoint"},
		{"a negative timeout", func(c *fcm.Config) { c.Timeout = -1 }, "Timeout"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			cfg := good
			row.change(&cfg)
			_, err := fcm.New(context.Background(), cfg)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, want it to name %s", err, row.want)
			}
			if strings.Contains(err.Error(), "PRIVATE KEY") {
				t.Error("the error quotes the key")
			}
		})
	}
}
