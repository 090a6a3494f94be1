package demo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"naober/api/app"
	"naober/matching/care"
	"naober/notifications/fcm/fcmtest"
)

// settleTime is how long POST /settle waits at most.
const settleTime = 30 * time.Second

// Control answers a script beside the API, on loopback: it moves the clock, reads codes and pushes,
// and says when the loops are still. Whoever reaches it is everybody in the demo.
type Control struct {
	Clock  *Clock
	Post   *Postman
	Cast   []Part
	SignIn func(ctx context.Context, mail string, phone bool) (app.Tokens, error)
	Calls  func() []fcmtest.Call
	Pushes func() []fcmtest.Received
	Settle func(ctx context.Context) error
	// Figures serves GET /metrics, as the second port of serve does.
	Figures http.Handler
	// More is what else the port can do, for who reads it at its root.
	More []string
}

// calls are what the control port can do, for who reads it at its root.
var calls = []string{
	`GET /clock: the demo's present`,
	`POST /clock {"advance":"15m"} or {"to":"2026-11-26T08:45:00Z"}: moves it, forward only`,
	`GET /codes?contact=MAIL: the last code that went there`,
	`POST /tokens {"mail":"MAIL","phone":true}: signs somebody in, with a phone that takes pushes`,
	`GET /cast: who is who`,
	`GET /fcm?after=N: the pushes so far`,
	`POST /settle: waits until nothing is left to do`,
	`GET /metrics: the figures for Prometheus`,
}

// Handler is the whole surface of the control port.
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(*http.Request) (any, error){
		"GET /{$}":     func(*http.Request) (any, error) { return append(slices.Clone(calls), c.More...), nil },
		"GET /clock":   c.readClock,
		"POST /clock":  c.moveClock,
		"GET /codes":   c.code,
		"POST /tokens": c.tokens,
		"GET /cast":    func(*http.Request) (any, error) { return c.Cast, nil },
		"GET /fcm":     c.pushes,
		"POST /settle": c.settle,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(w, r, serve) })
	}
	if c.Figures != nil {
		mux.Handle("GET /metrics", c.Figures)
	}
	return mux
}

// answer encodes what was found, or the refusal with its code.
func answer(w http.ResponseWriter, r *http.Request, serve func(*http.Request) (any, error)) {
	body, err := serve(r)
	status := http.StatusOK
	if err != nil {
		status = http.StatusInternalServerError
		refusal := map[string]string{"code": "internal", "detail": err.Error()}
		var ruled *care.Error
		if errors.As(err, &ruled) {
			status, refusal = statusOf(ruled.Kind), map[string]string{"code": ruled.Code, "detail": ruled.Text}
		}
		body = refusal
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A failed write means that the script is gone: there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(body)
}

func statusOf(k care.ErrorKind) int {
	switch k {
	case care.Invalid:
		return http.StatusBadRequest
	case care.NotFound:
		return http.StatusNotFound
	case care.Limited:
		return http.StatusTooManyRequests
	case care.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusConflict
}

// moment is the demo's present.
type moment struct {
	Now           time.Time `json:"now"`
	OffsetSeconds float64   `json:"offsetSeconds"`
}

func (c *Control) present(now time.Time) moment {
	return moment{Now: now.UTC().Truncate(time.Millisecond), OffsetSeconds: c.Clock.Offset().Seconds()}
}

func (c *Control) readClock(*http.Request) (any, error) { return c.present(c.Clock.Now()), nil }

// moveClock serves POST /clock {"advance":"15m"} or {"to":"2026-11-26T08:45:00Z"}. The answer comes
// once the offset is on disk and holds for everybody.
func (c *Control) moveClock(r *http.Request) (any, error) {
	var move struct {
		Advance string    `json:"advance"`
		To      time.Time `json:"to"`
	}
	if err := decode(r, &move); err != nil {
		return nil, err
	}
	if (move.Advance == "") == move.To.IsZero() {
		return nil, care.E(care.Invalid, "move_invalid", `one of "advance" and "to" is needed`)
	}
	if !move.To.IsZero() {
		now, err := c.Clock.AdvanceTo(move.To)
		return c.present(now), err
	}
	d, err := time.ParseDuration(move.Advance)
	if err != nil {
		return nil, care.E(care.Invalid, "move_invalid", `"advance" is a length such as "15m" or "36h"`)
	}
	now, err := c.Clock.Advance(d)
	return c.present(now), err
}

// code serves GET /codes?contact=mail: the last code that went there.
func (c *Control) code(r *http.Request) (any, error) {
	last, ok := c.Post.Last(r.URL.Query().Get("contact"))
	if !ok {
		return nil, care.E(care.NotFound, "code_not_found", "no code went to this contact since the demo was started")
	}
	return last, nil
}

// tokens serves POST /tokens {"mail":"...","phone":true}: a session, as after a code.
func (c *Control) tokens(r *http.Request) (any, error) {
	var who struct {
		Mail  string `json:"mail"`
		Phone bool   `json:"phone"`
	}
	if err := decode(r, &who); err != nil {
		return nil, err
	}
	t, err := c.SignIn(r.Context(), who.Mail, who.Phone)
	if err != nil {
		return nil, err
	}
	return struct {
		Access    string        `json:"access"`
		Refresh   string        `json:"refresh"`
		ExpiresAt time.Time     `json:"expiresAt"`
		Session   app.SessionID `json:"session"`
		Person    care.PersonID `json:"person"`
	}{t.Access, t.Refresh, t.ExpiresAt, t.Session, t.Person}, nil
}

// pushed is one message that the push service took, with the phone it went to.
type pushed struct {
	At     time.Time         `json:"at"` // on the machine's clock, not the demo's
	Token  string            `json:"token"`
	Key    string            `json:"key"`
	Params map[string]string `json:"params"`
}

// pushes serves GET /fcm: the log of calls, from number after on, and every message taken.
func (c *Control) pushes(r *http.Request) (any, error) {
	after := 0
	if raw := r.URL.Query().Get("after"); raw != "" {
		var err error
		if after, err = strconv.Atoi(raw); err != nil {
			return nil, care.E(care.Invalid, "after_invalid", "after is the number of a call")
		}
	}
	log := struct {
		Calls    []fcmtest.Call `json:"calls"`
		Messages []pushed       `json:"messages"`
	}{[]fcmtest.Call{}, []pushed{}}
	for _, call := range c.Calls() {
		if call.N > after {
			log.Calls = append(log.Calls, call)
		}
	}
	for _, m := range c.Pushes() {
		log.Messages = append(log.Messages, pushed{At: m.At, Token: m.Token, Key: m.Key, Params: m.Params})
	}
	return log, nil
}

func (c *Control) settle(r *http.Request) (any, error) {
	ctx, stop := context.WithTimeout(r.Context(), settleTime)
	defer stop()
	if err := c.Settle(ctx); err != nil {
		return nil, err
	}
	return c.present(c.Clock.Now()), nil
}

func decode(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return care.E(care.Invalid, "body_invalid", "the body is not the JSON that this call takes")
	}
	return nil
}
