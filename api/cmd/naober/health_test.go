package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthAsksWhatServes(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health/ready" {
			t.Errorf("it asks %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	ask := func(env map[string]string, args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"health"}, args...), environment(env), &out, &out)
		return strings.TrimSpace(out.String()), err
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	listens := map[string]string{"NAOBER_LISTEN": "127.0.0.1:" + port}
	for name, tc := range map[string]struct {
		env  map[string]string
		args []string
	}{
		"where it is told":        {nil, []string{s.URL + "/"}},
		"where serve listens":     {listens, nil},
		"on all addresses":        {map[string]string{"NAOBER_LISTEN": "0.0.0.0:" + port}, nil},
		"on all, said in another": {map[string]string{"NAOBER_LISTEN": ":" + port}, nil},
	} {
		if out, err := ask(tc.env, tc.args...); err != nil || out != "ready" {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
	status = http.StatusServiceUnavailable
	if out, err := ask(listens); err == nil || !strings.Contains(err.Error(), "not ready") {
		t.Errorf("not ready: %q, %v", out, err)
	}
	s.Close()
	if out, err := ask(listens); err == nil || !strings.Contains(err.Error(), "nothing answers") {
		t.Errorf("gone: %q, %v", out, err)
	}
	if out, err := ask(listens, "a", "b"); err == nil {
		t.Errorf("two addresses: %q", out)
	}
}
