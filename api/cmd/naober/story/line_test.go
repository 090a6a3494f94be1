package story

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"naober/mobile-contract/wire"
)

// fixed is a server that stays where it is. Its Kill only counts.
type fixed struct {
	url    string
	mu     sync.Mutex
	killed int
}

func (f *fixed) Ready(context.Context) (string, string, error) { return f.url, f.url, nil }

func (f *fixed) Kill(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.killed++
	return nil
}

// scripted answers each call with the next of its handlers, and remembers what came.
type scripted struct {
	mu      sync.Mutex
	answers []http.HandlerFunc
	keys    []string
	access  []string
	paths   []string
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.keys = append(s.keys, r.Header.Get("Idempotency-Key"))
	s.access = append(s.access, r.Header.Get("Authorization"))
	s.paths = append(s.paths, r.URL.Path)
	next := s.answers[0]
	s.answers = s.answers[1:]
	s.mu.Unlock()
	next(w, r)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func busy(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "0")
	refuse(http.StatusServiceUnavailable, "in_progress")(w, r)
}

func refuse(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(wire.Problem{Status: status, Code: code, Instance: "call"})
	}
}

func say(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
	}
}

func device(t *testing.T, answers ...http.HandlerFunc) (*Client, *scripted) {
	t.Helper()
	script := &scripted{answers: answers}
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	return NewClient(NewLine(&fixed{url: server.URL}, nil)), script
}

const json200 = "application/json"

func TestAnIntentKeepsItsKey(t *testing.T) {
	for name, before := range map[string][]http.HandlerFunc{
		"over a lost answer":                   {hangUp},
		"over a busy server":                   {busy},
		"over both, several times":             {hangUp, busy, hangUp, busy},
		"over an access token that is renewed": {refuse(http.StatusUnauthorized, "token_expired"), say(json200, `{"access":"new"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			c, script := device(t, append(slices.Clone(before), say(json200, `{"id":"one"}`))...)
			c.hold(wire.Tokens{Access: "old", Refresh: "r"})
			made, err := post[wire.Message](t.Context(), c, "/v1/visits/v/messages", wire.NewMessage{Text: "Tot zo."})
			if err != nil || made.ID != "one" {
				t.Fatalf("%+v, %v", made, err)
			}
			var keys []string
			for i, path := range script.paths {
				if path != "/v1/tokens" {
					keys = append(keys, script.keys[i])
				}
			}
			if len(slices.Compact(keys)) != 1 || len(keys[0]) < 16 {
				t.Errorf("keys of one intent: %q", keys)
			}
		})
	}
}

func TestTwoIntentsHaveTwoKeys(t *testing.T) {
	c, script := device(t, say(json200, "{}"), say(json200, "{}"))
	for range 2 {
		if _, err := post[wire.Nothing](t.Context(), c, "/v1/requests/r/close", nil); err != nil {
			t.Fatal(err)
		}
	}
	if script.keys[0] == script.keys[1] {
		t.Errorf("both have %q", script.keys[0])
	}
}

func TestAnAccessTokenIsRenewedOnce(t *testing.T) {
	expired := refuse(http.StatusUnauthorized, "token_expired")
	for name, tc := range map[string]struct {
		answers []http.HandlerFunc
		code    string
		access  []string
	}{
		"and the call made again": {[]http.HandlerFunc{expired, say(json200, `{"access":"new","refresh":"s"}`), say(json200, "{}")},
			"", []string{"Bearer old", "", "Bearer new"}},
		"and again where the answer with the successor was lost": {[]http.HandlerFunc{expired, hangUp, say(json200, `{"access":"new","refresh":"s"}`), say(json200, "{}")},
			"", []string{"Bearer old", "", "", "Bearer new"}},
		"not for ever": {[]http.HandlerFunc{expired, say(json200, `{"access":"new","refresh":"s"}`), expired},
			"token_expired", []string{"Bearer old", "", "Bearer new"}},
		"not where the session has ended": {[]http.HandlerFunc{expired, refuse(http.StatusUnauthorized, "session_ended")},
			"session_ended", []string{"Bearer old", ""}},
		"not for another refusal": {[]http.HandlerFunc{refuse(http.StatusUnauthorized, "token_invalid")},
			"token_invalid", []string{"Bearer old"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, script := device(t, tc.answers...)
			c.hold(wire.Tokens{Access: "old", Refresh: "r"})
			_, err := get[wire.Nothing](t.Context(), c, "/v1/me")
			if codeOf(err) != tc.code || !slices.Equal(script.access, tc.access) {
				t.Errorf("%v after %q", err, script.access)
			}
		})
	}
}

func TestAnAnswerIsWhatTheContractSays(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"not of another type":             say("text/html", "<p>"),
		"not with a field too many":       say(json200, `{"flow":"f","person":"p"}`),
		"not two values":                  say(json200, `{} {}`),
		"not cut short":                   say(json200, `{"flow":`),
		"not a refusal without a problem": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadRequest) },
		"not a problem without a code":    refuse(http.StatusConflict, ""),
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := device(t, answer)
			_, err := get[wire.Flow](t.Context(), c, "/v1/x")
			var m *Mismatch
			if !errors.As(err, &m) {
				t.Errorf("found %v", err)
			}
		})
	}
}

func TestAFailureOfTheServerIsToldAndNotRepeated(t *testing.T) {
	c, script := device(t, refuse(http.StatusInternalServerError, "internal"))
	_, err := get[wire.Flow](t.Context(), c, "/v1/x")
	if codeOf(err) != "internal" || len(script.paths) != 1 || strings.Join(c.line.tally.Failed(), "") != "GET /v1/x: 500" {
		t.Errorf("%v, %d calls, %q", err, len(script.paths), c.line.tally.Failed())
	}
}

func TestPatienceEndsWithTheContext(t *testing.T) {
	answers := make([]http.HandlerFunc, 100)
	for i := range answers {
		answers[i] = hangUp
	}
	c, _ := device(t, answers...)
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := get[wire.Flow](ctx, c, "/v1/x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("found %v", err)
	}
}
