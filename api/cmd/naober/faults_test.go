package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

// TestFaultsOfADemo sets each switch on a demo and sees what it does, and that the call after it is well again.
func TestFaultsOfADemo(t *testing.T) {
	t.Parallel()
	d := startDemo(t, filepath.Join(t.TempDir(), "demo"), "--no-neighbours", "--faults")
	defer d.stop()
	if !slices.Contains(d.said, loud) {
		t.Error("it does not say loudly that it fails on purpose")
	}
	base := &rig{running: d}
	base.access = d.signIn("resident", false)
	well := func(t *testing.T, r *rig) {
		t.Helper()
		if got := r.pull(); got.failed != nil || got.status != http.StatusOK {
			t.Errorf("the next call comes back as %d %v", got.status, got.failed)
		}
	}
	t.Run("cut ends the connection before the work", func(t *testing.T) {
		r := base.in(t)
		r.set(`{"fault":"cut","path":"/sync/v1/push"}`)
		one := r.quiet()
		if got := r.push(one); got.failed == nil {
			t.Errorf("it answers %d", got.status)
		}
		if got := r.push(one).results(); got != "applied" {
			t.Errorf("sent again it is %s", got)
		}
	})
	t.Run("drop ends it after the work, as often as said", func(t *testing.T) {
		r := base.in(t)
		r.set(`{"fault":"drop","path":"/sync/v1/push","times":2}`)
		one := r.quiet()
		for range 2 {
			if got := r.push(one); got.failed == nil {
				t.Errorf("it answers %d", got.status)
			}
		}
		if got := r.push(one).results(); got != "duplicate applied" {
			t.Errorf("sent again it is %s", got)
		}
	})
	t.Run("truncate breaks the answer off", func(t *testing.T) {
		r := base.in(t)
		r.set(`{"fault":"truncate"}`)
		if got := r.pull(); !errors.Is(got.failed, io.ErrUnexpectedEOF) || got.status != http.StatusOK || got.text == "" {
			t.Errorf("it answers %d %q: %v", got.status, got.text, got.failed)
		}
		well(t, r)
	})
	for name, tc := range map[string]struct {
		fault, kind, code, after string
		status                   int
	}{
		"unauthorized":            {`{"fault":"unauthorized"}`, "application/problem+json", "token_expired", "", 401},
		"another code":            {`{"fault":"unauthorized","code":"session_ended"}`, "application/problem+json", "session_ended", "", 401},
		"unavailable":             {`{"fault":"unavailable"}`, "application/problem+json", "store_unavailable", "", 503},
		"unavailable for a while": {`{"fault":"unavailable","retryAfter":7}`, "application/problem+json", "store_unavailable", "7", 503},
		"limited":                 {`{"fault":"limited","retryAfter":3}`, "application/problem+json", "too_many_calls", "3", 429},
		"too large":               {`{"fault":"too_large"}`, "application/problem+json", "body_too_large", "", 413},
		"a portal":                {`{"fault":"portal"}`, "text/html; charset=utf-8", "<html>", "", 200},
		"an app that is too old":  {`{"fault":"outdated","version":"pull"}`, "application/json", `"versionType":"pull"`, "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := base.in(t)
			r.set(tc.fault)
			got := r.pull()
			if got.status != tc.status || got.header.Get("Content-Type") != tc.kind || got.header.Get("Retry-After") != tc.after || !strings.Contains(got.text, tc.code) {
				t.Errorf("it answers %d %v %s", got.status, got.header, got.text)
			}
			well(t, r)
		})
	}
	t.Run("delay lets time pass, beside another fault", func(t *testing.T) {
		r := base.in(t)
		r.set(`{"fault":"delay","delayMs":300}`)
		r.set(`{"fault":"portal"}`)
		if got := r.pull(); got.took < 300*time.Millisecond || !strings.Contains(got.text, "<html>") {
			t.Errorf("after %s it answers %s", got.took, got.text)
		}
		well(t, r)
	})
	t.Run("single takes one mutation of a push", func(t *testing.T) {
		r := base.in(t)
		r.set(`{"fault":"single"}`)
		all := []string{r.quiet(), r.quiet(), r.quiet()}
		if got := r.push(all...); got.status != http.StatusAccepted || got.results() != "applied" {
			t.Errorf("it answers %d %s", got.status, got.results())
		}
		if got := r.push(all[1:]...); got.status != http.StatusOK || got.results() != "applied,applied" {
			t.Errorf("the rest is answered with %d %s", got.status, got.results())
		}
	})
	t.Run("a fault is chosen by path, store, account and number", func(t *testing.T) {
		r, other := base.in(t), base.in(t)
		other.access = d.signIn("driver_near", false)
		for _, fault := range []string{`{"fault":"portal","path":"/sync/v1/push"}`, `{"fault":"portal","store":"` + ulid.Make().String() + `"}`,
			`{"fault":"portal","account":"` + string(d.cast["driver_near"].Person) + `"}`} {
			r.set(fault)
			well(t, r)
		}
		if got := other.pull(); !strings.Contains(got.text, "<html>") {
			t.Errorf("the account that is named is answered %s", got.text)
		}
		r.test("DELETE", "fault", "")
		r.set(`{"fault":"portal","after":1,"store":"` + r.store + `"}`)
		well(t, r)
		if got := r.pull(); !strings.Contains(got.text, "<html>") {
			t.Errorf("the second call is answered %s", got.text)
		}
		well(t, r)
	})
	t.Run("what is set is listed, and cleared", func(t *testing.T) {
		r := base.in(t)
		r.set(`{"fault":"portal","always":true}`)
		for range 2 {
			if got := r.pull(); !strings.Contains(got.text, "<html>") {
				t.Errorf("it answers %s", got.text)
			}
		}
		var listed struct {
			Items []struct {
				ID, Fault, Path string
				Met             int
			}
		}
		if err := json.Unmarshal([]byte(r.test("GET", "fault", "")), &listed); err != nil || len(listed.Items) != 1 || listed.Items[0].Met != 2 || listed.Items[0].Path != "/sync/v1/" {
			t.Fatalf("listed are %+v: %v", listed, err)
		}
		r.test("DELETE", "fault/"+listed.Items[0].ID, "")
		well(t, r)
		if got := r.send("DELETE", r.ports.Control+"/test/fault/"+listed.Items[0].ID, ""); got.status != http.StatusNotFound {
			t.Errorf("cleared once more it is %d", got.status)
		}
	})
	t.Run("hide takes a document off devices, and its intents are refused", func(t *testing.T) {
		r := base.in(t)
		id := ulid.Make().String()
		if got := r.push(r.mutation("request.ask", r.groceries(id))).results(); got != "applied" {
			t.Fatal(got)
		}
		held := r.pull().page(t)
		if !held.has("put", "request/"+id) {
			t.Fatal("the request is not there")
		}
		r.set(`{"fault":"hide","key":"request/` + id + `","account":"` + string(d.cast["resident"].Person) + `"}`)
		if p := r.pullFrom(string(held.Cookie)).page(t); !p.has("del", "request/"+id) {
			t.Errorf("it stays: %+v", p.Patch)
		}
		if got := r.push(r.mutation("request.withdraw", `{"request":"`+id+`"}`)).results(); got != "rejected  request_not_found" {
			t.Errorf("an intent on it is %s", got)
		}
		r.test("DELETE", "fault", "")
		if p := r.pull().page(t); !p.has("put", "request/"+id) {
			t.Error("it does not come back")
		}
		if got := r.push(r.mutation("request.withdraw", `{"request":"`+id+`"}`)).results(); got != "applied" {
			t.Errorf("an intent on it is %s", got)
		}
	})
	t.Run("forget-views makes every cookie unknown", func(t *testing.T) {
		r := base.in(t)
		first := r.pull().page(t)
		if p := r.pullFrom(string(first.Cookie)).page(t); len(p.Patch) != 0 {
			t.Fatalf("nothing happened, and it brings %+v", p.Patch)
		}
		r.test("POST", "forget-views", "")
		if p := r.pullFrom(string(first.Cookie)).page(t); len(p.Patch) < 2 || p.Patch[0].Op != "clear" {
			t.Errorf("it brings %+v", p.Patch)
		}
	})
	t.Run("who listens is not woken in silence, and cut off", func(t *testing.T) {
		r := base.in(t)
		lines, listening := r.listen(t)
		if got := <-lines; got != "event: hello" {
			t.Fatal(got)
		}
		r.set(`{"fault":"silence"}`)
		ask := func() {
			if got := r.push(r.mutation("request.ask", r.groceries(ulid.Make().String()))).results(); got != "applied" {
				t.Fatal(got)
			}
			r.settle()
		}
		ask()
		select {
		case got := <-lines:
			t.Errorf("in silence comes %q", got)
		case <-time.After(1500 * time.Millisecond): // a poke comes within a second
		}
		r.test("DELETE", "fault", "")
		ask()
		if got := <-lines; got != "event: poke" {
			t.Errorf("after it comes %q", got)
		}
		if cut := r.test("POST", "cut-streams", ""); strings.TrimSpace(cut) != `{"cut":1}` {
			t.Errorf("cut: %s", cut)
		}
		select {
		case err := <-listening:
			if err == nil {
				t.Error("the stream ends as if it were whole")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the stream goes on")
		}
		for got := range lines {
			if strings.Contains(got, "bye") {
				t.Error("it says goodbye")
			}
		}
	})
	t.Run("mark and back, with an operator who says so and one who forgets", func(t *testing.T) {
		for epoch, same := range map[string]bool{"new": false, "same": true} {
			r := base.in(t)
			before := r.pull().page(t)
			var taken struct{ Mark string }
			if err := json.Unmarshal([]byte(r.test("POST", "mark", "")), &taken); err != nil || taken.Mark == "" {
				t.Fatal(taken, err)
			}
			one := r.quiet()
			if got := r.push(one).results(); got != "applied" {
				t.Fatal(got)
			}
			r.test("POST", "back", `{"mark":"`+taken.Mark+`","epoch":"`+epoch+`"}`)
			if got := r.pull().page(t); (got.Epoch == before.Epoch) != same || got.Last[r.writer] != 0 {
				t.Errorf("%s: before it was %s, now it is %s, and counts %v", epoch, before.Epoch, got.Epoch, got.Last)
			}
			if got := r.push(one).results(); got != "applied" {
				t.Errorf("%s: what was undone is %s", epoch, got)
			}
			r.settle() // clocks and messages go on
		}
	})
	t.Run("erase forgets an account for good", func(t *testing.T) {
		r := base.in(t)
		r.access = d.signIn("moderator", false)
		if got := r.pull(); got.status != http.StatusOK {
			t.Fatal(got.status, got.text)
		}
		r.test("POST", "erase", `{"account":"`+string(d.cast["moderator"].Person)+`"}`)
		if got := r.pull(); got.status != http.StatusGone || !strings.Contains(got.text, `"wipe":true`) {
			t.Errorf("it answers %d %s", got.status, got.text)
		}
	})
	t.Run("what makes no sense is refused", func(t *testing.T) {
		r := base.in(t)
		for what, body := range map[string]string{
			"fault nothing": `{}`, "fault earthquake": `{"fault":"earthquake"}`, "fault misspelt": `{"fualt":"drop"}`, "fault negative": `{"fault":"drop","times":-1}`,
			"fault both": `{"fault":"drop","times":1,"always":true}`, "fault path": `{"fault":"drop","path":"sync"}`, "fault wait": `{"fault":"drop","retryAfter":3}`,
			"fault no delay": `{"fault":"delay"}`, "fault long": `{"fault":"delay","delayMs":60001}`, "fault no key": `{"fault":"hide"}`,
			"fault key of another": `{"fault":"drop","key":"request/1"}`, "fault counted": `{"fault":"hide","key":"request/1","times":2}`,
			"fault code": `{"fault":"portal","code":"x"}`, "fault no version": `{"fault":"outdated"}`, "fault own id": `{"fault":"drop","id":"7"}`,
			"back epoch": `{"mark":"1"}`, "back no mark": `{"mark":"99","epoch":"new"}`, "back other name": `{"mark":"01","epoch":"new"}`, "erase nobody": `{"account":"01J00000000000000000000000"}`,
		} {
			act, _, _ := strings.Cut(what, " ")
			if got := r.send("POST", r.ports.Control+"/test/"+act, body); got.status != http.StatusBadRequest && got.status != http.StatusNotFound {
				t.Errorf("%s: %d %s", what, got.status, got.text)
			}
		}
		if got := r.test("GET", "fault", ""); strings.TrimSpace(got) != `{"items":[]}` {
			t.Errorf("set is %s", got)
		}
	})
}

// TestNoFaultsWithoutTheFlag: no server that was started without --faults has a switch.
func TestNoFaultsWithoutTheFlag(t *testing.T) {
	t.Parallel()
	d := startDemo(t, filepath.Join(t.TempDir(), "demo"), "--no-neighbours")
	defer d.stop()
	if slices.Contains(d.said, loud) {
		t.Error("it says that it fails on purpose")
	}
	served := startServe(t, serveEnv(t, nil))
	defer served.stop()
	for _, at := range []string{d.ports.API, d.ports.Control, served.api, served.watched} {
		for _, call := range []string{"GET fault", "POST fault", "DELETE fault", "POST forget-views", "POST cut-streams", "POST erase", "POST mark", "POST back", "GET "} {
			method, path, _ := strings.Cut(call, " ")
			if status := d.call("", method, at+"/test/"+path, map[string]any{"fault": "portal"}, nil); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("%s/test/%s: %d", at, path, status)
			}
		}
	}
	if status := d.call("", "GET", served.api+"/sync/v1/config", nil, nil); status != http.StatusOK {
		t.Errorf("serve answers %d", status)
	}
}

// TestServeWithFaults: serve has the switches on the watchers' port, beside the figures, and none on the API's; its
// data can be taken back and kept.
func TestServeWithFaults(t *testing.T) {
	env := serveEnv(t, nil)
	s := startServe(t, env, "--faults")
	d := &running{t: t}
	if !s.said(loud) {
		t.Error("it does not say loudly that it fails on purpose")
	}
	config := func() string {
		answer, err := http.Get(s.api + "/sync/v1/config")
		if err != nil {
			return err.Error()
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return string(text)
	}
	if status := d.call("", "GET", s.api+"/test/fault", nil, nil); status != http.StatusNotFound {
		t.Errorf("the API answers %d", status)
	}
	d.call("", "POST", s.watched+"/test/fault", map[string]any{"fault": "portal"}, nil)
	if got := config(); !strings.Contains(got, "<html>") {
		t.Errorf("it answers %s", got)
	}
	var taken struct{ Mark string }
	d.call("", "POST", s.watched+"/test/mark", nil, &taken)
	if status := d.call("", "POST", s.watched+"/test/back", map[string]any{"mark": taken.Mark, "epoch": "new"}, nil); status != http.StatusOK {
		t.Errorf("back: %d", status)
	}
	if got := config(); !strings.Contains(got, "pushVersion") {
		t.Errorf("after it, it answers %s", got)
	}
	if status := d.call("", "GET", s.watched+"/metrics", nil, nil); status != http.StatusOK {
		t.Errorf("the figures answer %d", status)
	}
	s.stop()
	again := startServe(t, env, "--faults")
	again.stop()
}

// TestServeRefusesFaults where real people could be behind the settings.
func TestServeRefusesFaults(t *testing.T) {
	begun := serveEnv(t, nil)
	startServe(t, begun).stop()
	for says, env := range map[string]map[string]string{
		"were begun without":          begun,
		"NAOBER_WATCH_LISTEN":         serveEnv(t, map[string]string{"NAOBER_WATCH_LISTEN": ""}),
		"NAOBER_LISTEN is a loopback": serveEnv(t, map[string]string{"NAOBER_LISTEN": "0.0.0.0:0"}),
		"NAOBER_TRUSTED_PROXIES":      serveEnv(t, map[string]string{"NAOBER_TRUSTED_PROXIES": "127.0.0.1"}),
		"NAOBER_STORE is a folder":    serveEnv(t, map[string]string{"NAOBER_STORE": "mongodb://127.0.0.1:1"}),
	} {
		if err := run(t.Context(), []string{"serve", "--faults"}, environment(env), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
	if err := mayFail(config{Store: t.TempDir(), Listen: "127.0.0.1:1", Watch: "127.0.0.1:1", FCM: fcmConfig{Project: "real"}}); err == nil || !strings.Contains(err.Error(), "real phones") {
		t.Errorf("with Google's pushes: %v", err)
	}
}
