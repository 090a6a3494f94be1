package offline

import (
	"maps"
	"testing"

	"naober/api/app"
	"naober/matching/care"
)

// FuzzHeld reads whatever stands in a snapshot: what can be read is written and read again as the same.
func FuzzHeld(f *testing.F) {
	f.Add(held{"request/01JDB8Q4M2ZT6R0V9XKFW3E7HN": {1}, "outcome/nonce-of-something": {2}, "me/01JDB8Q4M2ZT6R0V9XKFW3E7HN": {3}}.pack())
	f.Add([]byte{})
	f.Add([]byte{7, 'r', 'e', 'q', 'u', 'e', 's', 't', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, ok := unpack(raw)
		if !ok {
			return
		}
		if again, ok := unpack(h.pack()); !ok || !maps.Equal(h, again) {
			t.Fatalf("%v becomes %v", h, again)
		}
	})
}

// FuzzDismissal reads the arguments of a dismissal; none of these names a refusal that is there.
func FuzzDismissal(f *testing.F) {
	for _, args := range []string{"", "null", "[]", `{"nonce":"nonce-of-something"}`, `{"nonce":7}`, `{"nonce":"a","b":1}`, "{"} {
		f.Add([]byte(args))
	}
	s := &Server{Stores: memory(), Now: stillNoon}
	f.Fuzz(func(t *testing.T, args []byte) {
		if err := s.dismiss(t.Context(), app.Caller{Person: "ans"}, args); err != nil && !care.IsKind(err, care.Invalid) {
			t.Fatal(err)
		}
	})
}
