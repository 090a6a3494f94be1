package rest

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	w.arrive("Piet", care.Resident)
	body := strings.Replace(groceriesBody, "{village}", string(w.village), 1)
	key := header{"Idempotency-Key", "01234567890123456789"}
	first := w.call("Geesje", "POST", "/v1/requests", body, key).want(201)
	again := w.call("Geesje", "POST", "/v1/requests", body, key).want(201)
	if string(first.body) != string(again.body) || first.head.Get("Location") != again.head.Get("Location") {
		t.Errorf("a replay answers otherwise:\n%s\n%s", first.body, again.body)
	}
	w.call("Geesje", "POST", "/v1/requests", strings.Replace(body, "groceries", "meal", 1), key).refused(422, "key_reused")
	if other := w.call("Piet", "POST", "/v1/requests", body, key).want(201); other.text("id") == first.text("id") {
		t.Error("a key of Geesje's answers Piet")
	}
}

func TestParallelReplaysHaveOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	body := strings.Replace(groceriesBody, "{village}", string(w.village), 1)
	var wait sync.WaitGroup
	answers := make([]answer, 12)
	for i := range answers {
		wait.Go(func() {
			answers[i] = w.call("Geesje", "POST", "/v1/requests", body, header{"Idempotency-Key", "the-same-key-for-all"})
		})
	}
	wait.Wait()
	ids := map[string]bool{}
	for _, a := range answers {
		switch a.status {
		case 201:
			ids[a.text("id")] = true
		case 503:
			if a.text("code") != "in_progress" || a.head.Get("Retry-After") == "" {
				t.Errorf("a replay is put off with %s", a.body)
			}
		default:
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
	list := w.call("Geesje", "GET", "/v1/requests", "").want(200)
	if _, more := list.find("items.1"); more || len(ids) != 1 {
		t.Errorf("%d ids: %s", len(ids), list.body)
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	body := strings.Replace(strings.Replace(groceriesBody, "{village}", string(w.village), 1), `,"publish":true`, "", 1)
	made := w.call("Geesje", "POST", "/v1/requests", body).want(201)
	path, seen := made.head.Get("Location"), header{"If-Match", made.head.Get("ETag")}
	if got := w.call("Geesje", "GET", path, "").want(200).head.Get("ETag"); got != seen.value {
		t.Errorf("ETag is %s when made and %s when read", seen.value, got)
	}
	published := w.call("Geesje", "POST", path+"/publish", `{}`, seen).want(200)
	if published.head.Get("ETag") == seen.value {
		t.Error("a change leaves the ETag as it was")
	}
	w.call("Geesje", "POST", path+"/withdraw", `{}`, seen).refused(412, "version_mismatch")
	w.call("Geesje", "POST", path+"/withdraw", `{}`, header{"If-Match", published.head.Get("ETag")}).want(200)
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	body := strings.Replace(groceriesBody, "{village}", string(w.village), 1)
	want := map[string]bool{}
	for range 5 {
		want[w.call("Geesje", "POST", "/v1/requests", body).want(201).text("id")] = true
	}
	seen, after := 0, ""
	for range 4 {
		page := w.call("Geesje", "GET", "/v1/requests?limit=2"+after, "").want(200)
		for i := range 2 {
			if id, ok := page.find(fmt.Sprintf("items.%d.id", i)); ok {
				seen++
				delete(want, fmt.Sprint(id))
			}
		}
		next, more := page.find("after")
		if !more {
			break
		}
		after = "&after=" + fmt.Sprint(next)
	}
	if seen != 5 || len(want) != 0 {
		t.Errorf("%d items were shown, %d never", seen, len(want))
	}
}

func TestInvisibleIsAbsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	w.arrive("Piet", care.Resident)
	there := w.call("Geesje", "POST", "/v1/requests", strings.Replace(groceriesBody, "{village}", string(w.village), 1)).want(201).text("id")
	absent := string(care.DeriveID[care.RequestID](tuesday, "nobody asked this"))
	for _, row := range []struct{ method, path, body string }{
		{"GET", "/v1/requests/{id}", ""},
		{"GET", "/v1/requests/{id}/history", ""},
		{"GET", "/v1/requests/{id}/feedback", ""},
		{"POST", "/v1/requests/{id}/close", ""},
		{"POST", "/v1/requests/{id}/withdraw", `{}`},
		{"POST", "/v1/requests/{id}/settle", ``},
	} {
		t.Run(row.method+" "+row.path, func(t *testing.T) {
			w.in(t)
			read := func(id string) string {
				a := w.call("Piet", row.method, strings.Replace(row.path, "{id}", id, 1), row.body).refused(404, "request_not_found")
				return strings.Replace(string(a.body), a.text("instance"), "", 1)
			}
			if hidden, none := read(there), read(absent); hidden != none {
				t.Errorf("what is hidden differs from what is absent:\n%s\n%s", hidden, none)
			}
		})
	}
}

// TestAbsenceHasOneText holds even where two layers, or two stores, word an absence differently.
func TestAbsenceHasOneText(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	s := New(nil, nil, log, nil)
	s.App().Get("/one", func(*fiber.Ctx) error { return care.E(care.NotFound, "request_not_found", "there is no such document") })
	s.App().Get("/two", func(*fiber.Ctx) error { return care.E(care.NotFound, "request_not_found", "not for you") })
	w := &world{t: t, spec: readSpec(t)}
	w.serve(s)
	one, two := w.call("", "GET", "/one", ""), w.call("", "GET", "/two", "")
	if one.text("detail") != two.text("detail") {
		t.Errorf("%s\n%s", one.body, two.body)
	}
}
