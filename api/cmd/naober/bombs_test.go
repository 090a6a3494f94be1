package main

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// bomb is a call, or several in a row on one connection, that costs its sender little.
type bomb struct {
	name string
	raw  []byte
	want string // statuses of the first answer, as alternatives
	many int    // calls in it; 0 is one
}

func (b bomb) calls() int { return max(b.many, 1) }

func post(kind string, body []byte, heads ...string) []byte {
	return call("POST", "/v1/tokens", body, append([]string{"Content-Type: " + kind}, heads...)...)
}

func call(method, target string, body []byte, heads ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", method, target)
	for _, h := range heads {
		b.WriteString(h + "\r\n")
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// filler makes a long text of a part: just under the largest body that is read at all, or under the
// largest that is parsed without a token.
type filler int

const (
	largest filler = 1<<20 - 64
	parsed  filler = 64<<10 - 64
)

func (f filler) of(part string) string { return strings.Repeat(part, int(f)/len(part)) }

func bombs(t *testing.T) []bomb {
	t.Helper()
	var all []bomb
	for name, f := range map[string]filler{"1 MiB: ": largest, "64 KiB: ": parsed} {
		for _, b := range bodyBombs(f.of) {
			b.name = name + b.name
			all = append(all, b)
		}
	}
	all = append(append(append(all, packedBombs(t)...), headBombs()...), frameBombs(largest.of)...)
	slices.SortFunc(all, func(a, b bomb) int { return strings.Compare(a.name, b.name) })
	return all
}

// bodyBombs are bodies of one length.
func bodyBombs(long func(string) string) []bomb {
	const kind, refused = "application/json", "400|401|413"
	bodies := map[string]string{
		"arrays without end":          long("["),
		"objects without end":         long(`{"a":`),
		"arrays and objects in turn":  long(`[{"a":`),
		"eight deep, many times":      "[" + strings.TrimSuffix(long(`[[[[[[[]]]]]]],`), ",") + "]",
		"a list of zeros":             "[" + long("0,") + "0]",
		"a list of empty objects":     "[" + long("{},") + "{}]",
		"a list of empty texts":       `{"refresh":[` + long(`"",`) + `""]}`,
		"a number of a million":       `{"refresh":` + long("9") + `}`,
		"1e999999":                    `{"refresh":1e999999}`,
		"a million zeros behind it":   `{"refresh":0.` + long("0") + `1}`,
		"an exponent of a million":    `{"refresh":1e` + long("9") + `}`,
		"a long text":                 `{"refresh":"` + long("a") + `"}`,
		"a text of escapes":           `{"refresh":"` + long(`\u0000`) + `"}`,
		"a text of surrogates":        `{"refresh":"` + long(`\ud83d`) + `"}`,
		"a text of emoji":             `{"refresh":"` + long("👵🏼") + `"}`,
		"a text that runs backwards":  `{"refresh":"` + long("\u202e") + `"}`,
		"a text of marks on a letter": `{"refresh":"` + long("\u0301") + `"}`,
		"no UTF-8":                    `{"refresh":"` + long("\xff") + `"}`,
		"NUL bytes":                   long("\x00"),
		"one key, ever again":         "{" + long(`"refresh":"",`) + `"refresh":""}`,
		"one key in every case":       "{" + long(`"refresh":"","REFRESH":"",`) + `"x":1}`,
		"a key without end":           `{"` + long("k") + `":1}`,
		"white space":                 long(" ") + "{}",
		"white space behind it":       `{"refresh":"a"}` + long(" "),
		"many values":                 long(`{"refresh":"a"}`),
		"an operator":                 `{"refresh":{"$ne":null,"$where":"while(true){}"}}`,
		"a token of dots":             `{"refresh":"` + long(".") + `"}`,
	}
	var keys strings.Builder
	for i := 0; keys.Len() < len(long("x"))-20; i++ {
		fmt.Fprintf(&keys, `"%x":0,`, i)
	}
	bodies["as many keys as there is room"] = "{" + strings.TrimSuffix(keys.String(), ",") + "}"
	var all []bomb
	for name, body := range bodies {
		all = append(all, bomb{name: name, raw: post(kind, []byte(body)), want: refused})
	}
	return append(all,
		bomb{name: "a registration of long texts", want: refused, raw: call("POST", "/v1/registrations",
			[]byte(`{"flow":"`+long("a")+`"}`), "Content-Type: application/json")},
		bomb{name: "a contact without end", want: "400|413|503", raw: call("POST", "/v1/sign-in/codes",
			[]byte(`{"contact":"`+long("a@")+`"}`), "Content-Type: application/json")},
		bomb{name: "a phone number without end", want: "400|413|503", raw: call("POST", "/v1/sign-in/codes",
			[]byte(`{"contact":"`+long("+31 6-")+`"}`), "Content-Type: application/json")},
		bomb{name: "a paper code without end", want: "400|401|413|429", raw: call("POST", "/v1/sign-in/paper",
			[]byte(`{"code":"`+long("1 ")+`"}`), "Content-Type: application/json")},
		bomb{name: "a form", want: "413|415", raw: post("application/x-www-form-urlencoded", []byte(long("a=b&")))},
		bomb{name: "a form of many parts", want: "413|415", raw: post("multipart/form-data; boundary=x",
			[]byte(long("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n")))},
		bomb{name: "XML", want: "413|415", raw: post("application/xml",
			[]byte(`<!DOCTYPE a [<!ENTITY b "`+strings.Repeat("c", 1000)+`">]><a>`+strings.Repeat("&b;", 100_000)+`</a>`))},
		bomb{name: "a content type of many parts", want: "400|415|431", raw: post("application/json"+strings.Repeat("; a=b", 1200), []byte("{}"))},
	)
}

// packedBombs unpack to a thousand times their size where somebody unpacks them.
func packedBombs(t *testing.T) []bomb {
	t.Helper()
	zeros := make([]byte, 16<<20)
	pack := func(raw []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(raw); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	once := pack(zeros)
	var flat bytes.Buffer
	w := zlib.NewWriter(&flat)
	if _, err := w.Write(zeros); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	var all []bomb
	for _, encoding := range []string{"gzip", "gzip, gzip", "GZIP", "x-gzip", "gzip,gzip,gzip,gzip,gzip", "deflate", "br", "zstd", "compress", "identity", ""} {
		body := pack(once)
		switch encoding {
		case "gzip", "x-gzip", "GZIP":
			body = once
		case "deflate":
			body = flat.Bytes()
		}
		all = append(all, bomb{name: "packed: " + encoding, want: "415", raw: post("application/json", body, "Content-Encoding: "+encoding)})
	}
	return append(all, bomb{name: "packed: an empty head before it", want: "415", raw: post("application/json", once, "Content-Encoding:", "Content-Encoding: gzip")},
		bomb{name: "packed on the way", want: "400|401|413|501", raw: call("POST", "/v1/tokens", nil, "Content-Type: application/json", "Transfer-Encoding: gzip, chunked", "\r\n5\r\nhello\r\n0")})
}

// headBombs are heads without a body.
func headBombs() []bomb {
	const head = 7 << 10 // of the 8 KiB that are read
	get := func(target string, heads ...string) []byte { return call("GET", target, nil, heads...) }
	fill := func(part string) string { return strings.Repeat(part, head/len(part)) }
	return []bomb{
		{name: "many heads", want: "200|431", raw: get("/v1/communities", strings.Split(strings.TrimSuffix(fill("A: b\n"), "\n"), "\n")...)},
		{name: "a head too long", want: "431", raw: get("/v1/communities", "X: "+strings.Repeat("x", 64<<10))},
		{name: "a head without end", want: "431", raw: []byte("GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 1<<20))},
		{name: "many cookies", want: "200|431", raw: get("/v1/communities", "Cookie: "+fill("a=b;"))},
		{name: "a long address", want: "404|431", raw: get("/" + fill("a"))},
		{name: "a path of slashes", want: "404|431", raw: get(fill("/"))},
		{name: "a path of dots", want: "400|404|431", raw: get(fill("/.."))},
		{name: "a path of escapes", want: "400|404|431", raw: get("/v1/communities/" + fill("%25"))},
		{name: "a path of escaped slashes", want: "400|404|431", raw: get("/v1/communities/" + fill("%2F..%2F"))},
		{name: "a path of broken escapes", want: "400|404|431", raw: get("/v1/communities/" + fill("%"))},
		{name: "a query of many", want: "200|400|431", raw: get("/v1/communities?" + fill("a=b&"))},
		{name: "a query of brackets", want: "200|400|431", raw: get("/v1/communities?" + fill("a[$ne]=&"))},
		{name: "a query of nested brackets", want: "200|400|431", raw: get("/v1/communities?a" + fill("[]") + "=1")},
		{name: "a query of escapes", want: "200|400|431", raw: get("/v1/communities?lat=" + fill("%00"))},
		{name: "a number without end in the query", want: "200|400|431", raw: get("/v1/communities?lat=" + fill("9") + "&lon=6")},
		{name: "many ranges", want: "200|431", raw: get("/v1/communities", "Range: bytes=0-1"+fill(",0-1"))},
		{name: "many wishes for an answer", want: "200|431", raw: get("/v1/communities", "Accept: "+fill("a/b,"), "Accept-Encoding: gzip, br, deflate, zstd")},
		{name: "many hops", want: "200|431", raw: get("/v1/communities", "X-Forwarded-For: "+fill("10.0.0.1,"))},
		{name: "many ETags", want: "401|431", raw: get("/v1/me", "If-None-Match: "+fill(`"1",`))},
		{name: "a long key", want: "400|401|431", raw: post("application/json", []byte(`{}`), "Idempotency-Key: "+fill("k"))},
		{name: "a long token", want: "401|431", raw: get("/v1/me", "Authorization: Bearer "+fill("a"))},
		{name: "a token of dots", want: "401|431", raw: get("/v1/me", "Authorization: Bearer "+fill("."))},
		{name: "a token of three long parts", want: "401|431", raw: get("/v1/me", "Authorization: Bearer "+strings.Repeat("A", 2000)+"."+strings.Repeat("A", 2000)+"."+strings.Repeat("A", 2000))},
		{name: "a token with a deep head", want: "401|431", raw: get("/v1/me", "Authorization: Bearer "+strings.Repeat("W1tb", 1500)+".e30.AA")},
		{name: "a switch to a socket", want: "200|400|426", raw: get("/v1/communities", "Upgrade: websocket", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")},
		{name: "a switch to HTTP/2", want: "200|400", raw: get("/v1/communities", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")},
		{name: "TRACE", want: "405", raw: call("TRACE", "/v1/communities", nil)},
		{name: "CONNECT", want: "400|404|405", raw: call("CONNECT", "example.org:443", nil)},
		{name: "OPTIONS of all", want: "400|404|405", raw: call("OPTIONS", "*", nil)},
		{name: "a method without end", want: "400|405|431", raw: call(strings.Repeat("A", head), "/v1/communities", nil)},
		{name: "a whole address", want: "200|400|404", raw: get("http://user:pass@127.0.0.1:1/v1/communities")},
	}
}

// frameBombs bend HTTP itself.
func frameBombs(long func(string) string) []bomb {
	chunked := func(chunks string, heads ...string) []byte {
		return append(call("POST", "/v1/tokens", nil, append([]string{"Content-Type: application/json", "Transfer-Encoding: chunked"}, heads...)...), chunks...)
	}
	const many = 100
	live := "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
	return []bomb{
		{name: "HTTP/1.0", want: "200|400", raw: []byte("GET /health/live HTTP/1.0\r\n\r\n")},
		{name: "HTTP/2 outright", want: "400|404|405|505", raw: []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
		{name: "rubbish", want: "400", raw: []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")},
		{name: "a hundred calls at once", want: "200", raw: append(bytes.Repeat([]byte(live), many), call("GET", "/health/live", nil)...), many: many + 1},
		{name: "a hundred refused tokens at once", want: "401", raw: append(bytes.Repeat([]byte("GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n"), many), call("GET", "/v1/me", nil)...), many: many + 1},
		{name: "chunks of a byte", want: "400|413", raw: chunked(strings.Repeat("1\r\n[\r\n", 100_000) + "0\r\n\r\n")},
		{name: "chunks without end", want: "400|413", raw: chunked(strings.Repeat("1000\r\n"+strings.Repeat(" ", 0x1000)+"\r\n", 300))},
		{name: "a chunk of all there is", want: "400|413", raw: chunked("7fffffffffffffff\r\n")},
		{name: "a chunk of less than none", want: "400|413", raw: chunked("-1\r\n")},
		{name: "a chunk with a long note", want: "400|401|413", raw: chunked("2;" + strings.Repeat("x", 100_000) + "\r\n{}\r\n0\r\n\r\n")},
		{name: "many trailers", want: "400|401|431", raw: chunked("2\r\n{}\r\n0\r\n" + strings.Repeat("A: b\r\n", 10_000) + "\r\n")},
		{name: "two lengths", want: "400|415", raw: call("POST", "/v1/tokens", nil, "Content-Length: 1", "Content-Length: 2", "", "{}")},
		{name: "a length and chunks", want: "400|401", raw: chunked("2\r\n{}\r\n0\r\n\r\n", "Content-Length: 5")},
		{name: "a length of all there is", want: "400|413", raw: call("POST", "/v1/tokens", nil, "Content-Type: application/json", "Content-Length: 9223372036854775807", "")},
		{name: "10 MB", want: "413", raw: call("POST", "/v1/tokens", make([]byte, 10<<20), "Content-Type: application/json")},
		{name: "a promise to send", want: "100|400|401|417", raw: post("application/json", []byte(`{}`), "Expect: 100-continue")},
		{name: "a body with a GET", want: "200|400", raw: call("GET", "/v1/communities", []byte(long("x")))},
		{name: "a body with a HEAD", want: "200|400", raw: call("HEAD", "/v1/communities", []byte(long("x")))},
	}
}
