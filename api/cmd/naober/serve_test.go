package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"naober/matching/care"
	"naober/notifications/mail"
)

// TestAMailThatFailsSaysWhy: the log of a code that was not sent names the reason.
func TestAMailThatFailsSaysWhy(t *testing.T) {
	sender, err := mail.New(mail.Config{Addr: "127.0.0.1:1", From: "naober@naober.example", TLS: mail.None})
	if err != nil {
		t.Fatal(err)
	}
	err = mailPostman{sender}.SendCode(t.Context(), care.Contact{Kind: care.Mail, Value: "geesje@dorp.example"}, "nl", "1234 5678")
	if care.CodeOf(err) != "mail_network" {
		t.Errorf("code %q: %v", care.CodeOf(err), err)
	}
}

// serveEnv is what a service on new data is given, with what is said over it.
func serveEnv(t *testing.T, over map[string]string) map[string]string {
	t.Helper()
	env := map[string]string{"NAOBER_STORE": filepath.Join(t.TempDir(), "store"), "NAOBER_SECRET_FILE": secretFile(t), "NAOBER_LISTEN": "127.0.0.1:0",
		"NAOBER_WATCH_LISTEN": "127.0.0.1:0", "NAOBER_PUBLIC_URL": "https://naober.example", "NAOBER_SMTP_ADDR": "127.0.0.1:1", "NAOBER_OUTGOING_ALLOW": "127.0.0.1", "NAOBER_SMTP_FROM": "noreply@naober.example"}
	maps.Copy(env, over)
	return env
}

// serving is one service in this process, ended by stop.
type serving struct {
	api, watched string // addresses, with http:// before them
	log          []string
	stop         func()
}

func (s *serving) said(what string) bool { return slices.Contains(s.log, what) }

// startServe runs serve until it says where it is reached.
func startServe(t *testing.T, env map[string]string, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	log, errs := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"serve"}, args...), environment(env), io.Discard, errs)
		ended <- err
		errs.CloseWithError(err)
	}()
	s := &serving{}
	lines := bufio.NewScanner(log)
	for (s.api == "" || s.watched == "") && lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch s.log = append(s.log, line.Msg); line.Msg {
		case "serving":
			s.api = "http://" + line.Address
		case "watched":
			s.watched = "http://" + line.Address
		}
	}
	if s.api == "" {
		cancel()
		t.Fatalf("it does not serve: %v", <-ended)
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	}
	return s
}
