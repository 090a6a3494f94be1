package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"naober/api/cmd/naober/demo"
)

// running is one demo in this process, ended by stop.
type running struct {
	t     *testing.T
	ports demo.Ports
	cast  map[string]demo.Part
	said  []string // before it was ready
	stop  func()
}

// startDemo runs a demo in a folder until it prints "ready".
func startDemo(t *testing.T, dir string, more ...string) *running {
	t.Helper()
	return startDemoIn(t, nil, dir, more...)
}

// startDemoIn does so in an environment.
func startDemoIn(t *testing.T, env map[string]string, dir string, more ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, print := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := runDemo(ctx, append([]string{"--port", "0", "--dir", dir, "--term", "200ms"}, more...), environment(env), print, io.Discard)
		ended <- err
		print.CloseWithError(err)
	}()
	lines := bufio.NewScanner(out)
	r := &running{t: t, cast: map[string]demo.Part{}}
	for lines.Scan() && lines.Text() != "ready" {
		r.said = append(r.said, lines.Text())
	}
	if lines.Text() != "ready" {
		cancel()
		t.Fatalf("not ready: %v", <-ended)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // whatever it prints from now on
	r.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "ports.json"))
	if err != nil || json.Unmarshal(raw, &r.ports) != nil {
		t.Fatalf("ports.json holds %q: %v", raw, err)
	}
	var cast []demo.Part
	r.call("", "GET", r.ports.Control+"/cast", nil, &cast)
	for _, p := range cast {
		r.cast[p.Name] = p
	}
	return r
}

func (r *running) call(access, method, url string, body, into any) int {
	r.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	call, err := http.NewRequestWithContext(r.t.Context(), method, url, bytes.NewReader(raw))
	if err != nil {
		r.t.Fatal(err)
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Authorization", "Bearer "+access)
	call.Header.Set("Idempotency-Key", strings.Repeat("k", 10)+fmt.Sprintf("%x", time.Now().UnixNano()))
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if answer.StatusCode < 300 && into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			r.t.Fatalf("%s %s: %s: %v", method, url, text, err)
		}
	}
	if answer.StatusCode >= 300 {
		r.t.Logf("%s %s: %d %s", method, url, answer.StatusCode, text)
	}
	return answer.StatusCode
}

func (r *running) signIn(part string, phone bool) string {
	r.t.Helper()
	var tokens struct {
		Access string `json:"access"`
		Person string `json:"person"`
	}
	status := r.call("", "POST", r.ports.Control+"/tokens", map[string]any{"mail": r.cast[part].Mail, "phone": phone}, &tokens)
	if status != http.StatusOK || tokens.Person != string(r.cast[part].Person) {
		r.t.Fatalf("%s signs in as %q: %d", part, tokens.Person, status)
	}
	return tokens.Access
}

// TestRunDemo asks for a ride on the stage, sees both drivers asked by a real push, and finds the
// same world, moment and session after a restart.
func TestRunDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	r := startDemo(t, dir, "--no-neighbours")
	var now struct{ Now time.Time }
	r.call("", "GET", r.ports.Control+"/clock", nil, &now)
	morning := nextMonday(now.Now)
	if status := r.call("", "POST", r.ports.Control+"/clock", map[string]any{"to": morning}, &now); status != http.StatusOK {
		t.Fatalf("the clock does not move: %d", status)
	}
	r.signIn("driver_near", true)
	r.signIn("driver_second", true)
	resident := r.signIn("resident", false)
	start := morning.AddDate(0, 0, 3).Add(4 * time.Hour)
	ride := map[string]any{"community": r.cast["resident"].Community, "publish": true, "kind": "ride", "urgency": "ordinary",
		"slots": []any{map[string]any{"start": start, "end": start.Add(3 * time.Hour)}},
		"ride": map[string]any{"passengers": 1, "walker": true, "returnAt": start.Add(2 * time.Hour),
			"to": map[string]any{"town": demo.Hospital().Town, "lat": demo.Hospital().Point.Lat, "lon": demo.Hospital().Point.Lon}}}
	var asked struct{ ID string }
	if status := r.call(resident, "POST", r.ports.API+"/v1/requests", ride, &asked); status != http.StatusCreated {
		t.Fatalf("the request is answered with %d", status)
	}
	r.settle()
	var fcm struct {
		Messages []struct{ Token, Key string }
	}
	r.call("", "GET", r.ports.Control+"/fcm", nil, &fcm)
	pushed := map[string]int{}
	for _, m := range fcm.Messages {
		pushed[m.Key+" "+m.Token]++
	}
	for _, part := range []string{"driver_near", "driver_second"} {
		if pushed["ask.new demo-phone-"+string(r.cast[part].Person)] != 1 {
			t.Errorf("%s was not asked: %v", part, pushed)
		}
	}
	if len(pushed) != 2 {
		t.Errorf("pushed: %v", pushed)
	}
	r.stop()
	if _, err := os.Stat(filepath.Join(dir, "ports.json")); !os.IsNotExist(err) {
		t.Errorf("ports.json is still there: %v", err)
	}

	again := startDemo(t, dir, "--no-neighbours")
	defer again.stop()
	again.call("", "GET", again.ports.Control+"/clock", nil, &now)
	if ahead := now.Now.Sub(morning); ahead < 0 || ahead > 5*time.Minute {
		t.Errorf("after a restart it is %s, before it was %s", now.Now, morning)
	}
	if again.cast["resident"].Person != r.cast["resident"].Person {
		t.Error("another world stands in the same folder")
	}
	if status := again.call(resident, "GET", again.ports.API+"/v1/requests/"+asked.ID, nil, nil); status != http.StatusOK {
		t.Errorf("the request is gone: %d", status)
	}
	again.settle()
}

func (r *running) settle() {
	r.t.Helper()
	if status := r.call("", "POST", r.ports.Control+"/settle", nil, nil); status != http.StatusOK {
		r.t.Fatalf("not settled: %d", status)
	}
}

// nextMonday is ten past seven in the morning in UTC: everybody in the village is awake, in any season.
func nextMonday(after time.Time) time.Time {
	day := time.Date(after.Year(), after.Month(), after.Day(), 7, 10, 0, 0, time.UTC).AddDate(0, 0, 1)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// olderDemo is the folder of a demo whose data no build can read any more.
func olderDemo(t *testing.T) string {
	t.Helper()
	folder, err := demo.OpenFolder(filepath.Join(t.TempDir(), "older"), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder.Facts.FoundedAt = time.Now()
	err = errors.Join(folder.SaveFacts(), os.MkdirAll(folder.Store(), 0o700),
		os.WriteFile(filepath.Join(folder.Store(), "naober.db"), bytes.Repeat([]byte("old"), 5000), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return folder.Path
}

func TestRunDemoRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	first := startDemo(t, dir, "--no-neighbours")
	defer first.stop()
	port := first.ports.API[strings.LastIndex(first.ports.API, ":")+1:]
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"data that this build cannot use":  {[]string{"--port", "0", "--dir", olderDemo(t)}, "--fresh begins it anew"},
		"a second demo in the same folder": {[]string{"--port", "0", "--dir", dir}, "runs in " + dir + " already"},
		"a port that is taken":             {[]string{"--port", port, "--dir", filepath.Join(t.TempDir(), "other")}, "port " + port + " is taken"},
		"a control port that is taken":     {[]string{"--port", "0", "--control-port", port, "--dir", filepath.Join(t.TempDir(), "another")}, "--control-port names another"},
		"a store without a server":         {[]string{"--store", "mongo"}, "NAOBER_MONGO_URI is not set"},
		"a store that is none":             {[]string{"--store", "postgres"}, "--store is mongo"},
		"a seed that is no number":         {[]string{"--seed", "tulips"}, "--seed is a number"},
		"a word too much":                  {[]string{"please"}, `takes no "please"`},
	} {
		t.Run(name, func(t *testing.T) {
			err := runDemo(t.Context(), tc.args, func(string) string { return "" }, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("says %v, want %q on one line", err, tc.says)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "ports.json")); err != nil {
		t.Errorf("the running demo lost its ports: %v", err)
	}
}
