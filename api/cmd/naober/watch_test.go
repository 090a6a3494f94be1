package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestFiguresNameNobody(t *testing.T) {
	s := startServe(t, serveEnv(t, nil))
	defer s.stop()
	ask := func(method, url, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(raw)
	}
	const id = "01KAS0GR0110000000000000AA"
	for _, path := range []string{"/v1/communities/" + id, "/v1/persons/" + id, "/v1/nowhere/" + id + "?mail=geesje@example.org", "/health/ready"} {
		ask("GET", s.api+path, "")
	}
	ask("POST", s.api+"/v1/sign-in/codes", `{"contact":"geesje@example.org"}`)
	status, figures := ask("GET", s.watched+"/metrics", "")
	for _, want := range []string{`naober_http_seconds_count{method="GET",route="/v1/communities/:community",status="404"} 1`,
		`naober_http_seconds_count{method="GET",route="/v1/persons/:person",status="401"} 1`, `naober_store_seconds_count{kind="tallies",operation="update"}`,
		`naober_consumer_lag{consumer="audit"}`, "naober_held 0", "go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(figures, want) {
			t.Errorf("no %s in the figures", want)
		}
	}
	if found := regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}|@|geesje|nowhere|127\.0\.0\.1`).FindString(figures); status != 200 || found != "" {
		t.Errorf("status %d; the figures hold %q", status, found)
	}
	if status, _ := ask("GET", s.watched+"/debug/pprof/heap?debug=1", ""); status != 200 {
		t.Errorf("no profile: %d", status)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap"} {
		if status, _ := ask("GET", s.api+path, ""); status != 404 {
			t.Errorf("%s is on the API's port: %d", path, status)
		}
	}
}

func TestFiguresAreForThisMachineAlone(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:9090": true, "[::1]:9090": true, "127.1.2.3:1": true, "0.0.0.0:9090": false, ":9090": false,
		"localhost:9090": false, "10.0.0.1:9090": false, "[::]:9090": false, "127.0.0.1": false, "[::ffff:10.0.0.1]:1": false} {
		if loopbackOnly(address) != ok {
			t.Errorf("%s: allowed is %t", address, !ok)
		}
	}
}
