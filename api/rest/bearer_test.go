package rest

import (
	"strings"
	"testing"
)

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer a.b.c": "a.b.c", "bearer a.b.c": "a.b.c", "BEARER   a.b.c": "a.b.c",
		"": "", "Bearer": "", "Bearer ": "", "Basic a.b.c": "", "Bearer\ta.b.c": "", "a.b.c": "", " Bearer a.b.c": "",
	} {
		if got := bearer(header); got != want {
			t.Errorf("of %q the token is %q, want %q", header, got, want)
		}
	}
}

// TestASchemeInLowerCaseSignsIn holds the same over the wire.
func TestASchemeInLowerCaseSignsIn(t *testing.T) {
	w := newWorld(t)
	w.arrive("Geesje")
	token := strings.TrimPrefix(w.bearer("Geesje"), "Bearer ")
	if a := w.bare("", "GET", "/v1/me", "", header{"Authorization", "bearer " + token}); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
