package rest

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"naober/matching/care"
)

func TestSettingsCureFibersDefaults(t *testing.T) {
	t.Parallel()
	got := new(Server).config()
	app := New(nil, nil, slog.New(slog.DiscardHandler), nil).App().Config()
	for name, ok := range map[string]bool{
		"Immutable":                    app.Immutable,
		"CaseSensitive":                app.CaseSensitive,
		"StrictRouting":                app.StrictRouting,
		"EnableTrustedProxyCheck":      app.EnableTrustedProxyCheck,
		"EnableIPValidation":           app.EnableIPValidation,
		"DisablePreParseMultipartForm": app.DisablePreParseMultipartForm,
		"ProxyHeader is unset":         app.ProxyHeader == "" && len(app.TrustedProxies) == 0,
		"UnescapePath is off":          !app.UnescapePath,
		"no server header":             app.ServerHeader == "",
		"no second ETag":               !app.ETag,
		"no view engine":               app.Views == nil,
		"no prefork":                   !app.Prefork,
		"no streamed bodies":           !app.StreamRequestBody,
		"BodyLimit 1 MiB":              app.BodyLimit == 1<<20,
		"ReadBufferSize 8 KiB":         app.ReadBufferSize == 8<<10,
		"ReadTimeout 9 s":              app.ReadTimeout == 9*time.Second,
		"WriteTimeout 30 s":            app.WriteTimeout == 30*time.Second,
		"IdleTimeout 60 s":             app.IdleTimeout == 60*time.Second,
		"own ErrorHandler":             got.ErrorHandler != nil,
	} {
		if !ok {
			t.Error(name)
		}
	}
}

func TestHostileBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	village := string(w.village)
	ask := func(words string) string {
		return strings.Replace(strings.Replace(groceriesBody, "{village}", village, 1), "Wie haalt mijn boodschappen?", words, 1)
	}
	deep := `{"slots":` + strings.Repeat(`[`, 8) + strings.Repeat(`]`, 8) + `}`
	for _, row := range []struct {
		name, body, kind string
		status           int
		code             string
	}{
		{"an unknown field is refused", `{"colour":"red"}`, "", 400, "body_invalid"},
		{"null alone is refused", `null`, "", 400, "body_invalid"},
		{"a list with null is refused", `{"slots":[null]}`, "", 400, "body_invalid"},
		{"a name in another case is refused", `{"KIND":"meal"}`, "", 400, "body_invalid"},
		{"a field twice is refused", `{"kind":"ride","kind":"meal"}`, "", 400, "body_invalid"},
		{"in other case too", `{"kind":"ride","KIND":"meal"}`, "", 400, "body_invalid"},
		{"deep inside too", `{"needs":{"gender":"man","gender":"woman"}}`, "", 400, "body_invalid"},
		{"trailing data is refused", `{} {}`, "", 400, "body_invalid"},
		{"a list is refused", `[]`, "", 400, "body_invalid"},
		{"nothing is refused", ``, "application/json", 400, "body_invalid"},
		{"half a body is refused", `{"kind":`, "", 400, "body_invalid"},
		{"depth 9 is refused", deep, "", 400, "body_too_deep"},
		{"depth without end is refused", strings.Repeat(`[`, 500_000), "", 400, "body_too_deep"},
		{"NaN is refused", `{"where":{"town":"X","lat":NaN,"lon":1}}`, "", 400, "body_invalid"},
		{"infinity is refused", `{"where":{"town":"X","lat":1e999,"lon":1}}`, "", 400, "body_invalid"},
		{"a text for a number is refused", `{"slots":[{"seats":"1"}]}`, "", 400, "body_invalid"},
		{"an operator for a text is refused", `{"kind":{"$ne":null}}`, "", 400, "body_invalid"},
		{"a broken instant is refused", `{"slots":[{"start":"yesterday"}]}`, "", 400, "body_invalid"},
		{"minutes that run over are refused", `{"community":"` + village + `","kind":"meal","urgency":"ordinary","slots":[{"start":"2026-11-26T10:00:00Z","end":"2026-11-26T11:00:00Z","durationMinutes":307445734561826}]}`, "", 400, "minutes_invalid"},
		{"broken UTF-8 is refused", "{\"words\":\"\xff\"}", "", 400, "body_invalid"},
		{"NUL in a text is refused", ask(`a\u0000b`), "", 400, "words_invalid"},
		{"a citizen service number is refused", ask("Mijn nummer is 111222333"), "", 400, "bsn_refused"},
		{"writing from right to left is text", ask(`شكرا \u202eabc`), "", 201, ""},
		{"an emoji is text", ask("👵🏼 dank!"), "", 201, ""},
		{"a form is refused", `kind=ride`, "application/x-www-form-urlencoded", 415, "media_type_unsupported"},
		{"XML is refused", `<kind>ride</kind>`, "application/xml", 415, "media_type_unsupported"},
		{"a multipart form is refused", "--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415, "media_type_unsupported"},
		{"text is refused", `{}`, "text/plain", 415, "media_type_unsupported"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.in(t)
			kind := row.kind
			if kind == "" {
				kind = "application/json; charset=utf-8"
			}
			a := w.call("Geesje", "POST", "/v1/requests", row.body, header{"Content-Type", kind})
			if a.status != row.status || (row.code != "" && a.text("code") != row.code) {
				t.Fatalf("status %d, want %d %s: %s", a.status, row.status, row.code, a.body)
			}
		})
	}
}

func TestReadingAsksForNoKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	for _, head := range []header{{"Idempotency-Key", "short"}, {"If-Match", "none of ours"}} {
		if a := w.call("Geesje", "GET", "/v1/me", ``, head); a.status != 200 {
			t.Errorf("%s: status %d", head, a.status)
		}
	}
}

func TestRefusedBodyNamesItsField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	for _, row := range []struct{ name, path, body, code, field string }{
		{"one that is not known", "/v1/requests", `{"colour":"red"}`, "body_invalid", "colour"},
		{"one of another type", "/v1/requests", `{"slots":[{"seats":"two"}]}`, "body_invalid", "slots.seats"},
		{"a moment that is none", "/v1/requests", `{"slots":[{"start":"tomorrow"}]}`, "body_invalid", "slots.start"},
		{"an id that is none", "/v1/requests", `{"community":"grolloo","kind":"meal","urgency":"today"}`, "id_invalid", "community"},
		{"an id deeper down", "/v1/me/blocks", `{"community":"` + string(w.village) + `","person":"Bert"}`, "id_invalid", "person"},
		{"one that is missing", "/v1/requests", `{"kind":"meal","urgency":"today"}`, "body_invalid", "community"},
		{"one that is missing deeper down", "/v1/requests", `{"community":"x","kind":"meal","urgency":"today","slots":[{"end":"2026-11-26T10:00:00Z"}]}`, "body_invalid", "slots.start"},
		{"one that is not known deeper down", "/v1/requests", `{"slots":[{"Start":"2026-11-26T10:00:00Z"}]}`, "body_invalid", "slots.Start"},
		{"one that is null", "/v1/requests", `{"needs":{"gender":null}}`, "body_invalid", "needs.gender"},
		{"one with half an emoji", "/v1/requests", `{"words":"\ud83d!"}`, "body_invalid", "words"},
		{"none of a name without end", "/v1/requests", `{"` + strings.Repeat("x", 65) + `":1}`, "body_invalid", ""},
		{"none of what is no JSON", "/v1/requests", `{"kind"`, "body_invalid", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.in(t)
			a := w.call("Geesje", "POST", row.path, row.body)
			field, named := a.find("params.field")
			if a.status != 400 || a.text("code") != row.code || named != (row.field != "") || (named && field != row.field) {
				t.Errorf("status %d %s", a.status, a.body)
			}
		})
	}
}

func TestHostileHeads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	for _, row := range []struct {
		name, by, method, path, body string
		head                         header
		status                       int
		code                         string
	}{
		{"gzip is refused", "Geesje", "POST", "/v1/requests", `{}`, header{"Content-Encoding", "gzip"}, 415, "media_type_unsupported"},
		{"a list of encodings is refused", "Geesje", "POST", "/v1/requests", `{}`, header{"Content-Encoding", "gzip, br"}, 415, "media_type_unsupported"},
		{"identity is refused", "Geesje", "POST", "/v1/requests", `{}`, header{"Content-Encoding", "identity"}, 415, "media_type_unsupported"},
		{"on public routes too", "", "POST", "/v1/sign-in/codes", `{}`, header{"Content-Encoding", "gzip"}, 415, "media_type_unsupported"},
		{"on a GET too", "", "GET", "/v1/communities", ``, header{"Content-Encoding", "deflate"}, 415, "media_type_unsupported"},
		{"where no route is, too", "", "POST", "/v1/nowhere", `{}`, header{"Content-Encoding", "gzip"}, 415, "media_type_unsupported"},
		{"a large head is refused", "", "GET", "/v1/communities", ``, header{"X-Filler", strings.Repeat("x", 16<<10)}, 431, "headers_too_large"},
		{"no token is refused", "", "GET", "/v1/me", ``, header{}, 401, "token_missing"},
		{"a wrong token is refused", "", "GET", "/v1/me", ``, header{"Authorization", "Bearer abc"}, 401, "token_invalid"},
		{"another scheme is refused", "", "GET", "/v1/me", ``, header{"Authorization", "Basic abc"}, 401, "token_missing"},
		{"a change without a key is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"Idempotency-Key", ""}, 400, "idempotency_key_missing"},
		{"a short key is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"Idempotency-Key", "short"}, 400, "idempotency_key_invalid"},
		{"a village's list names the village", "Geesje", "GET", "/v1/requests?scope=community", ``, header{}, 400, "community_missing"},
		{"a key that is a path is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"Idempotency-Key", "../../../../../etc/passwd"}, 400, "idempotency_key_invalid"},
		{"a foreign If-Match is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"If-Match", `W/"x"`}, 400, "if_match_invalid"},
		{"an unknown route is a problem", "", "GET", "/v1/nowhere", ``, header{}, 404, "route_not_found"},
		{"another case is another route", "", "GET", "/v1/Communities", ``, header{}, 404, "route_not_found"},
		{"a trailing slash is another route", "", "GET", "/v1/communities/", ``, header{}, 404, "route_not_found"},
		{"an unknown method on a known path is refused", "", "PATCH", "/v1/communities", ``, header{}, 405, "method_not_allowed"},
		{"TRACE is refused", "", "TRACE", "/v1/communities", ``, header{}, 405, "method_not_allowed"},
		{"OPTIONS is refused, there is no other origin", "", "OPTIONS", "/v1/communities", ``, header{"Origin", "https://evil.example"}, 405, "method_not_allowed"},
		{"a method of somebody's own is refused", "", "BREW", "/v1/communities", ``, header{}, 405, "method_not_allowed"},
		{"an empty If-Match is no condition left out", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"If-Match", " "}, 400, "if_match_invalid"},
		{"an If-Match of many quotes is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"If-Match", `""1""`}, 400, "if_match_invalid"},
		{"a signed If-Match is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"If-Match", `"+1"`}, 400, "if_match_invalid"},
		{"a list of If-Match is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"If-Match", `"1", "2"`}, 400, "if_match_invalid"},
		{"an If-Match beyond all numbers is refused", "Geesje", "DELETE", "/v1/me/push-token", ``, header{"If-Match", `"` + strings.Repeat("9", 60) + `"`}, 400, "if_match_invalid"},
		{"an empty limit is refused", "Geesje", "GET", "/v1/requests?limit=", ``, header{}, 400, "limit_invalid"},
		{"a limit of 60 digits is refused", "Geesje", "GET", "/v1/requests?limit=" + strings.Repeat("1", 60), ``, header{}, 400, "limit_invalid"},
		{"an empty cursor is refused", "Geesje", "GET", "/v1/requests?after=", ``, header{}, 400, "cursor_invalid"},
		{"an empty village is refused", "Geesje", "GET", "/v1/requests?community=", ``, header{}, 400, "id_invalid"},
		{"a scope that is an operator is refused", "Geesje", "GET", "/v1/requests?scope[$ne]=x&scope=%7B%22$ne%22:null%7D", ``, header{}, 400, "scope_unknown"},
		{"two limits are refused", "Geesje", "GET", "/v1/requests?limit=1&limit=2", ``, header{}, 400, "parameter_repeated"},
		{"NaN is no place", "", "GET", "/v1/communities?lat=NaN&lon=6", ``, header{}, 400, "place_invalid"},
		{"infinity is no place", "", "GET", "/v1/communities?lat=52&lon=inf", ``, header{}, 400, "place_invalid"},
		{"a hexadecimal is no place", "", "GET", "/v1/communities?lat=0x1p3&lon=6", ``, header{}, 400, "place_invalid"},
		{"91 degrees is no place", "", "GET", "/v1/communities?lat=91&lon=6", ``, header{}, 400, "place_invalid"},
		{"half a place is none", "", "GET", "/v1/communities?lat=52", ``, header{}, 400, "place_invalid"},
		{"a limit of 0 is refused", "Geesje", "GET", "/v1/requests?limit=0", ``, header{}, 400, "limit_invalid"},
		{"a limit of 201 is refused", "Geesje", "GET", "/v1/requests?limit=201", ``, header{}, 400, "limit_invalid"},
		{"a foreign cursor is refused", "Geesje", "GET", "/v1/requests?after=%27%20OR%201", ``, header{}, 400, "cursor_invalid"},
		{"an id that is none is refused", "Geesje", "GET", "/v1/requests/%24ne", ``, header{}, 400, "id_invalid"},
		{"a lower-case id is refused", "Geesje", "GET", "/v1/requests/" + strings.ToLower(string(w.village)), ``, header{}, 400, "id_invalid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.in(t)
			a := w.call(row.by, row.method, row.path, row.body, row.head)
			a.refused(row.status, row.code)
			holdHeads(t, a)
			if row.status == 405 && !strings.Contains(strings.Join(a.head.Values("Allow"), ","), "GET") {
				t.Errorf("Allow is %q", a.head.Values("Allow"))
			}
			if len(a.head.Values("Access-Control-Allow-Origin")) > 0 {
				t.Error("another origin is let in")
			}
		})
	}
}

// holdHeads checks what every answer carries, also where no route was reached.
func holdHeads(t *testing.T, a answer) {
	t.Helper()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"} {
		if got := a.head.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if a.head.Get("Strict-Transport-Security") == "" || a.head.Get("X-Request-Id") == "" || a.head.Get("Server") != "" {
		t.Errorf("heads are %v", a.head)
	}
}

func TestAnswersNameThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.call("", "GET", "/health/ready", "", header{"X-Request-Id", "mine\" evil"}).want(200)
	holdHeads(t, a)
	if strings.Contains(a.head.Get("X-Request-Id"), "mine") || strings.Contains(w.log.String(), "evil") {
		t.Error("a client's id is taken")
	}
	if got := w.call("", "GET", "/.well-known/jwks.json", "").want(200).head.Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("the keys' Cache-Control is %q", got)
	}
	head := w.call("", "HEAD", "/v1/communities", "").want(200)
	if len(head.body) != 0 || head.head.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD answers %q %v", head.body, head.head)
	}
}

func TestAPanicIsAnsweredWithoutItsText(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	s := New(nil, nil, slog.New(slog.NewJSONHandler(log, nil)), nil)
	s.App().Get("/panic", func(*fiber.Ctx) error { panic("Geesje, Hoofdstraat 12") })
	w := &world{t: t, spec: readSpec(t)}
	w.serve(s)
	a := w.call("", "GET", "/panic", "", header{})
	if a.status != 500 || a.text("code") != "internal" || strings.Contains(string(a.body)+log.String(), "Geesje") {
		t.Errorf("status %d: %s\n%s", a.status, a.body, log)
	}
	if !strings.Contains(log.String(), `"status":500`) || a.text("instance") != a.head.Get("X-Request-Id") {
		t.Errorf("the call has no line of its own: %s", log)
	}
}

// TestUnreadableCallsAreProblems sends what no HTTP client would. The large bodies are announced
// and never sent: the answer comes before them.
func TestUnreadableCallsAreProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const after = "GET /v1/communities HTTP/1.1\r\nHost: x\r\n\r\n" // what a refused call must not let through
	for _, row := range []struct {
		name, sent, status, code string
	}{
		{"rubbish", "rubbish\r\n\r\n", "400", "call_invalid"},
		{"two lengths", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: x\r\n\r\n{}", "400", "call_invalid"},
		{"an empty encoding before a second one", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
			"Content-Encoding:\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}", "415", "media_type_unsupported"},
		{"an empty encoding alone", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding:\r\nContent-Length: 2\r\n\r\n{}", "415", "media_type_unsupported"},
		{"two lengths that are numbers", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", "400", "call_invalid"},
		{"a length beside chunks", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + after, "400", "call_invalid"},
		{"chunks beside a length", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + after, "400", "call_invalid"},
		{"a coding that is taken for chunks", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + after, "400", "call_invalid"},
		{"a coding that is taken for none", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}" + after, "400", "call_invalid"},
		{"chunks twice", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + after, "400", "call_invalid"},
		{"chunks before there were any", "POST /v1/tokens HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + after, "400", "call_invalid"},
		{"a line folded into the one before", "GET /v1/communities HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Content-Length: 4\r\n\r\n" + after, "400", "call_invalid"},
		{"a line without a name", "GET /v1/communities HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n" + after, "400", "call_invalid"},
		{"a line that ends within", "GET /v1/communities HTTP/1.1\r\nHost: x\r\nX-A: b\rContent-Length: 4\r\n\r\n" + after, "400", "call_invalid"},
		{"two hosts", "GET /v1/communities HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + after, "400", "call_invalid"},
		{"no host", "GET /v1/communities HTTP/1.1\r\n\r\n" + after, "400", "call_invalid"},
		{"10 MB", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n", "413", "body_too_large"},
		{"10 MB in chunks", "POST /v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nA00000\r\n", "413", "body_too_large"},
	} {
		t.Run(row.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(w.base, "http://"))
			must(t, err)
			defer func() { must(t, conn.Close()) }()
			must(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			_, err = io.WriteString(conn, row.sent)
			must(t, err)
			raw, err := io.ReadAll(conn)
			must(t, err)
			for _, want := range []string{"HTTP/1.1 " + row.status, "application/problem+json", `"code":"` + row.code + `"`, "X-Request-Id", "nosniff"} {
				if !strings.Contains(string(raw), want) {
					t.Errorf("no %q in %s", want, raw)
				}
			}
			if n := strings.Count(string(raw), "HTTP/1.1 "); n != 1 {
				t.Errorf("one call has %d answers: %s", n, raw)
			}
			if strings.Contains(string(raw), "rubbish") {
				t.Error("the answer repeats what was sent")
			}
		})
	}
}

func TestAddressIsWhatOurProxiesHeard(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, heard, want string
		proxies           []string
	}{
		{"without proxies the connection's own counts", "203.0.113.9", "127.0.0.1", nil},
		{"a proxy's word counts", "203.0.113.9", "203.0.113.9", []string{"127.0.0.1"}},
		{"what a client wrote itself does not", "198.51.100.7, 203.0.113.9", "203.0.113.9", []string{"127.0.0.1"}},
		{"a chain of our proxies is passed", "203.0.113.9, 10.0.0.4", "203.0.113.9", []string{"127.0.0.1", "10.0.0.0/8"}},
		{"rubbish ends the reading", "nonsense", "127.0.0.1", []string{"127.0.0.1"}},
		{"nothing heard is the proxy's own", "", "127.0.0.1", []string{"127.0.0.1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := New(nil, nil, slog.New(slog.DiscardHandler), row.proxies)
			s.App().Get("/address", func(c *fiber.Ctx) error { return c.SendString(s.address(c)) })
			w := &world{t: t, spec: readSpec(t)}
			w.serve(s)
			req, err := http.NewRequestWithContext(t.Context(), "GET", w.base+"/address", nil)
			must(t, err)
			if row.heard != "" {
				req.Header.Set("X-Forwarded-For", row.heard)
			}
			res, err := http.DefaultClient.Do(req)
			must(t, err)
			defer func() { must(t, res.Body.Close()) }()
			raw, err := io.ReadAll(res.Body)
			must(t, err)
			if string(raw) != row.want {
				t.Errorf("the address is %s, want %s", raw, row.want)
			}
		})
	}
}
