package rest

import (
	"go/ast"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"naober/mobile-contract/bundle"
	"naober/mobile-contract/wire"
)

// shieldHeads are on every answer, whatever it says.
func shieldHeads() map[string]string {
	return map[string]string{
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
		"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
}

// TestEveryAnswerIsShielded calls each path with every method that there is, and paths that are none.
func TestEveryAnswerIsShielded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := map[string][]string{}
	for _, r := range w.server.routes() {
		known[r.path] = append(known[r.path], r.method)
		if r.method == "GET" {
			known[r.path] = append(known[r.path], "HEAD")
		}
	}
	known["/"], known["/v1/nowhere"] = nil, nil
	for path, methods := range known {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
			req, err := http.NewRequestWithContext(t.Context(), method, w.base+somewhere(path), strings.NewReader(""))
			must(t, err)
			req.Header.Set("Origin", "https://evil.example")
			res, err := http.DefaultClient.Do(req)
			must(t, err)
			must(t, res.Body.Close())
			for name, want := range shieldHeads() {
				if got := res.Header.Values(name); !slices.Equal(got, []string{want}) {
					t.Errorf("%s %s: %s is %q", method, path, name, got)
				}
			}
			for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin", "Set-Cookie"} {
				if res.Header.Get(name) != "" {
					t.Errorf("%s %s: there is a %s", method, path, name)
				}
			}
			if path != "/.well-known/jwks.json" && res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: Cache-Control is %q", method, path, res.Header.Get("Cache-Control"))
			}
			if refused := res.StatusCode == 404 || res.StatusCode == 405; method == "TRACE" && !refused || len(methods) > 0 && !slices.Contains(methods, method) && res.StatusCode != 405 {
				t.Errorf("%s %s: status %d", method, path, res.StatusCode)
			}
		}
	}
}

// TestRequestShapesHoldNoOperator: what a client sends fills texts, numbers and lists of them. No
// shape has room for an object of the client's own making, from which a filter could take an operator.
func TestRequestShapesHoldNoOperator(t *testing.T) {
	t.Parallel()
	seen := 0
	var walk func(at string, of reflect.Type)
	walk = func(at string, of reflect.Type) {
		switch of.Kind() {
		case reflect.Interface, reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer:
			t.Errorf("%s is a %s", at, of)
		case reflect.Pointer, reflect.Slice, reflect.Array:
			walk(at+"[]", of.Elem())
		case reflect.Struct:
			if !strings.HasPrefix(of.PkgPath(), "naober/") && of.PkgPath() != "time" {
				t.Errorf("%s is a %s", at, of)
			}
			for i := range of.NumField() {
				if f := of.Field(i); f.IsExported() {
					seen++
					walk(at+"."+f.Name, f.Type)
				}
			}
		}
	}
	for name, shape := range requestShapes() {
		walk(name, shape)
	}
	if seen < 80 {
		t.Fatalf("looked at %d fields", seen)
	}
}

// requestShapes are the shapes that a body may have.
func requestShapes() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, of := range []reflect.Type{
		reflect.TypeFor[wire.Absence](), reflect.TypeFor[wire.Application](), reflect.TypeFor[wire.Block](), reflect.TypeFor[wire.Forgetting](), reflect.TypeFor[wire.CodeRequest](),
		reflect.TypeFor[wire.ContactRemoval](), reflect.TypeFor[wire.Grant](), reflect.TypeFor[wire.Joining](), reflect.TypeFor[wire.Later](),
		reflect.TypeFor[wire.Leave](), reflect.TypeFor[wire.LiftAsk](), reflect.TypeFor[wire.Weights](), reflect.TypeFor[wire.Merging](), reflect.TypeFor[wire.Move](), reflect.TypeFor[wire.PlannedAsks](), reflect.TypeFor[wire.NewContact](), reflect.TypeFor[wire.NewDecision](),
		reflect.TypeFor[wire.NewDeskPerson](), reflect.TypeFor[wire.NewFeedback](), reflect.TypeFor[wire.NewMessage](), reflect.TypeFor[wire.NewOffer](),
		reflect.TypeFor[wire.NewReferral](), reflect.TypeFor[wire.NewReport](), reflect.TypeFor[wire.NewRequest](), reflect.TypeFor[wire.NewSlots](),
		reflect.TypeFor[wire.NewVetting](), reflect.TypeFor[wire.Nothing](), reflect.TypeFor[wire.Bundle](), reflect.TypeFor[bundle.Calls](), reflect.TypeFor[wire.OfferEdit](), reflect.TypeFor[wire.PaperRedemption](),
		reflect.TypeFor[wire.ProfileEdit](), reflect.TypeFor[wire.Publishing](), reflect.TypeFor[wire.PushToken](), reflect.TypeFor[wire.Quiet](),
		reflect.TypeFor[wire.Reason](), reflect.TypeFor[wire.Redemption](), reflect.TypeFor[wire.Refresh](), reflect.TypeFor[wire.Registration](),
		reflect.TypeFor[wire.Rejection](), reflect.TypeFor[wire.Removal](), reflect.TypeFor[wire.ReportAnswer](), reflect.TypeFor[wire.RequestEdit](),
		reflect.TypeFor[wire.RequestRefusal](), reflect.TypeFor[wire.Search](), reflect.TypeFor[wire.SlotSwap](), reflect.TypeFor[wire.Yes](), reflect.TypeFor[wire.Push](), reflect.TypeFor[wire.Pull](),
	} {
		all[of.Name()] = of
	}
	return all
}

// TestRequestShapesAreAllKnown reads from the source which shapes are decoded.
func TestRequestShapesAreAllKnown(t *testing.T) {
	t.Parallel()
	known, found := requestShapes(), 0
	for _, file := range sources(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.IndexExpr)
			if !ok {
				return true
			}
			name, is := call.X.(*ast.Ident)
			of, in := call.Index.(*ast.SelectorExpr)
			if !is || !in || !strings.HasPrefix(name.Name, "decode") {
				return true
			}
			found++
			if known[of.Sel.Name] == nil {
				t.Errorf("wire.%s is read and not looked at", of.Sel.Name)
			}
			return true
		})
	}
	if found < 20 {
		t.Fatalf("found %d readings", found)
	}
}

// TestSignInTakesNoReading: a scanner that follows an address, or looks at its head, uses up nothing.
func TestSignInTakesNoReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.arrive("Geesje")
	flow := w.call("", "POST", "/v1/sign-in/codes", `{"contact":"geesje@example.org"}`).want(202).text("flow")
	code := w.codes["geesje@example.org"]
	for _, path := range []string{"/v1/sign-in/tokens", "/v1/sign-in/paper", "/v1/sign-in/codes", "/v1/tokens", "/v1/registrations"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			if got := w.call("", method, path+"?flow="+flow+"&code="+code, ""); got.status != 405 {
				t.Errorf("%s %s: status %d", method, path, got.status)
			}
		}
	}
	w.call("", "POST", "/v1/sign-in/tokens", `{"flow":"`+flow+`","code":"`+code+`"}`).want(200)
	if a.tokens.Refresh == "" {
		t.Error("nobody was signed in")
	}
}
