package demo

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/matching/care"
	"naober/notifications/fcm/fcmtest"
)

func TestControl(t *testing.T) {
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		holds              string
	}{
		"tells the time":                        {"GET", "/clock", "", 200, `{"now":"2026-11-23T09:00:00Z","offsetSeconds":0}`},
		"moves the clock by a length":           {"POST", "/clock", `{"advance":"15m"}`, 200, `{"now":"2026-11-23T09:15:00Z","offsetSeconds":900}`},
		"moves the clock to a moment":           {"POST", "/clock", `{"to":"2026-11-26T09:00:00+01:00"}`, 200, `"now":"2026-11-26T08:00:00Z"`},
		"refuses to move back":                  {"POST", "/clock", `{"to":"2026-11-22T09:00:00Z"}`, 400, "clock_backwards"},
		"refuses a move both ways at once":      {"POST", "/clock", `{"advance":"15m","to":"2026-11-26T09:00:00Z"}`, 400, "move_invalid"},
		"refuses a move nowhere":                {"POST", "/clock", `{}`, 400, "move_invalid"},
		"refuses a length that is none":         {"POST", "/clock", `{"advance":"soon"}`, 400, "move_invalid"},
		"refuses a body that is no JSON":        {"POST", "/clock", `advance=15m`, 400, "body_invalid"},
		"refuses a field that it does not know": {"POST", "/clock", `{"back":"15m"}`, 400, "body_invalid"},
		"tells the last code":                   {"GET", "/codes?contact=Jan@dorp.example", "", 200, `"code":"2222 2222"`},
		"knows no code where none was sent":     {"GET", "/codes?contact=piet@dorp.example", "", 404, "code_not_found"},
		"signs somebody in":                     {"POST", "/tokens", `{"mail":"jan@dorp.example","phone":true}`, 200, `"access":"for jan@dorp.example true"`},
		"signs nobody in that is not there":     {"POST", "/tokens", `{"mail":"piet@dorp.example"}`, 404, "person_not_found"},
		"lists the cast":                        {"GET", "/cast", "", 200, `"part":"driver_far"`},
		"shows every push":                      {"GET", "/fcm", "", 200, `"token":"phone of jan"`},
		"shows the calls after a number":        {"GET", "/fcm?after=2", "", 200, `"calls":[]`},
		"refuses a number that is none":         {"GET", "/fcm?after=all", "", 400, "after_invalid"},
		"says when all is still":                {"POST", "/settle", "", 200, `"now"`},
		"has no other routes":                   {"GET", "/persons", "", 404, ""},
		"reads no move":                         {"PUT", "/clock", "", 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			testControl(t).Handler().ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, strings.NewReader(tc.body)))
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.holds) {
				t.Errorf("%d %s, want %d with %s", w.Code, w.Body, tc.status, tc.holds)
			}
		})
	}
}

func testControl(t *testing.T) *Control {
	clock, err := OpenClock(filepath.Join(t.TempDir(), "clock.json"), standing)
	if err != nil {
		t.Fatal(err)
	}
	post := NewPostman(io.Discard, clock.Now)
	for _, code := range []string{"1111 1111", "2222 2222"} {
		if err := post.SendCode(t.Context(), care.Contact{Kind: care.Mail, Value: "jan@dorp.example"}, "nl", code); err != nil {
			t.Fatal(err)
		}
	}
	return &Control{Clock: clock, Post: post, Cast: []Part{{Name: "driver_far"}},
		SignIn: func(_ context.Context, mail string, phone bool) (app.Tokens, error) {
			if mail != "jan@dorp.example" {
				return app.Tokens{}, care.E(care.NotFound, "person_not_found", "nobody")
			}
			return app.Tokens{Access: "for " + mail + map[bool]string{true: " true"}[phone]}, nil
		},
		Calls:  func() []fcmtest.Call { return []fcmtest.Call{{N: 1, Status: http.StatusOK}, {N: 2}} },
		Pushes: func() []fcmtest.Received { return []fcmtest.Received{{Token: "phone of jan", Key: "ask.new"}} },
		Settle: func(context.Context) error { return nil }}
}

func TestControlSaysWhoIsStillAtWork(t *testing.T) {
	c := testControl(t)
	c.Settle = func(context.Context) error { return care.E(care.Unavailable, "not_settled", "still at work: clock") }
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest("POST", "/settle", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "still at work: clock") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestPostmanPrintsTheCode(t *testing.T) {
	var out strings.Builder
	p := NewPostman(&out, func() time.Time { return founded })
	if err := p.SendCode(t.Context(), care.Contact{Kind: care.Mail, Value: "jan@dorp.example"}, "nl", "1234 5678"); err != nil {
		t.Fatal(err)
	}
	if out.String() != "code for jan@dorp.example: 1234 5678\n" {
		t.Errorf("printed %q", out.String())
	}
}
