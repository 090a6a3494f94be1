package rest

import (
	"strconv"
	"strings"
	"testing"

	"naober/api/app"
	"naober/matching/care"
)

// narrow serves the same world with the limits of production.
func (w *world) narrow() {
	w.settings.Room = 1
	w.app = app.New(w.settings)
	must(w.t, w.app.LoadKeys(w.t.Context()))
	w.serve(New(w.app, w.server.store, w.settings.Log, nil))
}

// fill calls until the limit is full.
func fill(t *testing.T, admit func() error) {
	t.Helper()
	for range 1 << 20 {
		if err := admit(); err != nil {
			if !care.IsKind(err, care.Limited) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("there is no limit")
}

func (a answer) limited() {
	a.t.Helper()
	a.refused(429, "too_many_calls")
	if wait, err := strconv.Atoi(a.head.Get("Retry-After")); err != nil || wait < 1 || wait > 600 {
		a.t.Errorf("%s: Retry-After is %q", a.call, a.head.Get("Retry-After"))
	}
}

// somewhere is a route's path with an id in each of its places.
func somewhere(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "01KAS0GR0110000000000000AA"
		}
	}
	return strings.Join(parts, "/")
}

// everyRoute calls each route but the one that only tells whether the process lives.
func (w *world) everyRoute(by string, only func(route) bool, check func(answer)) {
	w.t.Helper()
	called := 0
	for _, r := range w.server.routes() {
		if r.path == livePath || !only(r) {
			continue
		}
		called++
		body := ""
		if r.method == "POST" || r.method == "PUT" {
			body = "{}"
		}
		check(w.call(by, r.method, somewhere(r.path), body))
	}
	if called == 0 {
		w.t.Fatal("no route was called")
	}
}

func TestEveryRouteIsLimitedPerAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	w.narrow()
	fill(t, func() error { return w.app.AdmitAddress(t.Context(), "127.0.0.1") })
	w.everyRoute("Geesje", func(route) bool { return true }, answer.limited)
	w.call("", "GET", livePath, "").want(200)
}

func TestEveryRouteIsLimitedPerPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	w.arrive("Bert", care.Resident)
	w.narrow()
	for _, class := range []app.CallClass{app.Reading, app.Exporting, app.Writing, app.Searching} {
		fill(t, func() error { return w.app.AdmitPerson(t.Context(), class, w.people["Geesje"].id) })
	}
	own := func(r route) bool { return r.who != public }
	w.everyRoute("Geesje", own, answer.limited)
	w.everyRoute("Bert", own, func(a answer) {
		if a.status == 429 {
			t.Errorf("%s: one person's calls are counted for another", a.call)
		}
	})
}

func TestEveryRouteIsLimitedWithoutAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.narrow()
	for _, class := range []app.CallClass{app.Reading, app.Guessing, app.Mailing} {
		fill(t, func() error { return w.app.AdmitNobody(t.Context(), class, "127.0.0.1") })
	}
	w.everyRoute("", func(r route) bool { return r.who == public }, answer.limited)
	w.everyRoute("", func(r route) bool { return r.who != public }, func(a answer) { a.refused(401, "token_missing") })
	fill(t, func() error { return w.app.AdmitRefused(t.Context(), "127.0.0.1") })
	w.everyRoute("", func(r route) bool { return r.who != public }, answer.limited)
}

func TestARouteIsCountedAsWhatItDoes(t *testing.T) {
	t.Parallel()
	for _, r := range new(Server).routes() {
		want := app.Writing
		switch {
		case r.path == "/v1/me/export":
			want = app.Exporting
		case r.method == "GET", r.path == "/sync/v1/pull":
			want = app.Reading
		case strings.HasSuffix(r.path, "/search"), strings.HasSuffix(r.path, "/duplicates"):
			want = app.Searching
		case r.path == "/v1/sign-in/codes":
			want = app.Mailing
		case r.path == "/v1/tokens", r.path == "/v1/registrations", strings.HasPrefix(r.path, "/v1/sign-in/"):
			want = app.Guessing
		}
		if got := r.class(); got != want {
			t.Errorf("%s %s is counted as %s, want %s", r.method, r.path, got, want)
		}
	}
}

func TestABodyOfManyValuesIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	many := `{"needs":{"languages":[` + strings.Repeat(`"nl",`, 30_000) + `"nl"]}}`
	w.call("Geesje", "POST", "/v1/requests", many).refused(413, "body_too_large")
	w.call("", "POST", "/v1/tokens", `{"refresh":"`+strings.Repeat("a", 64<<10)+`"}`).refused(413, "body_too_large")
	w.call("", "POST", "/v1/tokens", `{"refresh":"`+strings.Repeat("a", 60<<10)+`"}`).want(401)
}
