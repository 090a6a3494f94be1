package leak_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"naober/mobile-contract/wire"
)

// call is one request as it goes over the wire.
type call struct {
	by           *actor // nil for nobody
	method       string
	route        string // the path with its parameters' names
	path         string
	body         string
	key, ifMatch string
}

func (c call) String() string {
	who := "nobody"
	if c.by != nil {
		who = c.by.village + "/" + c.by.name
	}
	return fmt.Sprintf("%s %s by %s with %s", c.method, c.path, who, c.body)
}

// answer is everything that came back, but for the date.
type answer struct {
	call   call
	status int
	head   string
	body   string
}

func (a answer) bytes() string { return a.head + a.body }

func (a answer) good() bool { return a.status < 300 }

// send sends a call and lets its effects happen.
func (w *world) send(c call) answer {
	w.Helper()
	w.steps[whose(c.by)]++
	bearer := ""
	if c.by != nil {
		bearer = "Bearer " + w.bearer(c.by)
	}
	w.redraw("step " + w.number(c.by))
	a := w.exchange(c, bearer)
	if a.status >= 500 {
		w.Errorf("seed %d: %s: %d %s", w.seed, c, a.status, a.body)
	}
	if a.good() && c.method != "GET" {
		w.settle()
		if w.drawn && endsInside(c) {
			w.succeed()
		}
	}
	return a
}

// number names the present step of somebody's village.
func (w *world) number(a *actor) string {
	return whose(a) + strconv.FormatUint(w.steps[whose(a)], 10)
}

// address is where somebody's calls come from, as the proxy in front says.
func address(a *actor) string {
	if a == nil {
		return "192.0.2.1"
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.village + a.name))
	return fmt.Sprintf("10.%d.%d.%d", h.Sum32()>>16&0xff, h.Sum32()>>8&0xff, h.Sum32()&0xff)
}

func (w *world) exchange(c call, bearer string) answer {
	w.Helper()
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.Header.SetMethod(c.method)
	req.SetRequestURI("http://naober" + c.path)
	if c.body != "" {
		req.Header.SetContentType("application/json")
		req.SetBodyString(c.body)
	}
	for name, value := range map[string]string{"X-Forwarded-For": address(c.by), "Authorization": bearer, "Idempotency-Key": c.key, "If-Match": c.ifMatch} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	w.must(w.line.Do(req, res))
	head := fmt.Sprintln(res.StatusCode())
	res.Header.VisitAll(func(name, value []byte) {
		if string(name) != "Date" {
			head += fmt.Sprintf("%s: %s\n", name, value)
		}
	})
	return answer{call: c, status: res.StatusCode(), head: head, body: string(res.Body())}
}

// do is send for a scripted call, which must succeed.
func (w *world) do(by *actor, method, path, body string) answer {
	w.Helper()
	c := call{by: by, method: method, route: path, path: path, body: body}
	if method != "GET" && by != nil {
		c.key = "key-of-a-script-" + w.number(by)
	}
	a := w.send(c)
	if !a.good() {
		w.Fatalf("%s: %d %s", c, a.status, a.body)
	}
	return a
}

// bearer is somebody's access token, refreshed where the clock has outrun it.
func (w *world) bearer(a *actor) string {
	w.Helper()
	if !time.Time(a.tokens.ExpiresAt).After(w.clock().Add(time.Second)) {
		w.redraw("refresh " + a.village + a.name + w.number(a))
		fresh := w.exchange(call{method: "POST", path: "/v1/tokens", by: a, body: fmt.Sprintf(`{"refresh":%q}`, a.tokens.Refresh)}, "")
		if fresh.status == 401 {
			w.signIn(a) // an act of the test ended the session
			return a.tokens.Access
		}
		if !fresh.good() {
			w.Fatalf("refresh: %d %s", fresh.status, fresh.body)
		}
		w.must(json.Unmarshal([]byte(fresh.body), &a.tokens))
	}
	return a.tokens.Access
}

// signIn signs somebody in the way everybody does.
func (w *world) signIn(a *actor) {
	w.Helper()
	w.redraw("sign in " + a.village + a.name + w.number(a))
	var flow wire.Flow
	sent := w.exchange(call{by: a, method: "POST", path: "/v1/sign-in/codes", body: fmt.Sprintf(`{"contact":%q}`, a.mail)}, "")
	w.must(json.Unmarshal([]byte(sent.body), &flow))
	var in wire.SignedIn
	got := w.exchange(call{by: a, method: "POST", path: "/v1/sign-in/tokens",
		body: fmt.Sprintf(`{"flow":%q,"code":%q,"device":%q}`, flow.Flow, w.code(a.mail), a.word("device"))}, "")
	w.must(json.Unmarshal([]byte(got.body), &in))
	if in.Tokens == nil {
		w.Fatalf("%s was not signed in: %s %s", a.name, sent.body, got.body)
	}
	a.tokens = *in.Tokens
}

// text reads one value by its path: "visits.0.id".
func (a answer) text(path string) string {
	var v any
	if json.Unmarshal([]byte(a.body), &v) != nil {
		return ""
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(at) {
				return ""
			}
			v = at[i]
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
