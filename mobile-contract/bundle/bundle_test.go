package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

var (
	testKey = bytes.Repeat([]byte{7}, 32)
	begun   = time.UnixMilli(1795510800000)
)

func made(t testing.TB, way string, value any) []byte {
	t.Helper()
	b, err := Seal(testKey, Head{Way: way, Session: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Number: 3, Until: begun.Add(Life)}, value)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func opened(file []byte, way string, now time.Time) ([]byte, error) {
	b, err := Read(file)
	if err != nil {
		return nil, err
	}
	return Open(testKey, b, way, now)
}

func TestSealedIsOpenedOnlyAsItWas(t *testing.T) {
	file := made(t, Up, map[string]string{"words": "Melk en brood"})
	if bytes.Contains(file, []byte("Melk")) {
		t.Error("what is sealed can be read")
	}
	if plain, err := opened(file, Up, begun); err != nil || string(plain) != `{"words":"Melk en brood"}` {
		t.Errorf("%s %v", plain, err)
	}
	if _, err := opened(file, Down, begun); !errors.Is(err, ErrWay) {
		t.Errorf("the other way: %v", err)
	}
	if _, err := opened(file, Up, begun.Add(Life)); !errors.Is(err, ErrExpired) {
		t.Errorf("too late: %v", err)
	}
	for n := range file {
		if _, err := opened(file[:n], Up, begun); err == nil {
			t.Fatalf("%d of %d bytes are taken for a whole bundle", n, len(file))
		}
	}
	for i := range file {
		for _, to := range []byte{'0', '7', 'A', 'b', '"', ' '} {
			other := bytes.Clone(file)
			other[i] = to
			if plain, err := opened(other, Up, begun); err == nil && !sameBundle(file, other) {
				t.Fatalf("byte %d may be %q: %s", i, to, plain)
			}
		}
	}
	two, err := Seal(testKey, Head{Way: Up, Session: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Number: 3, Until: begun.Add(Life)}, map[string]string{"words": "Melk en brood"})
	if err != nil || bytes.Contains(file, []byte(two.Sealed)) {
		t.Error("the same is sealed alike twice: whoever carries it sees that nothing is new")
	}
}

// sameBundle reports whether two files say the same, written another way.
func sameBundle(a, b []byte) bool {
	x, errA := Read(a)
	y, errB := Read(b)
	return errA == nil && errB == nil && x == y
}

// A small file that unpacks to more than anybody seals is refused before it is unpacked whole.
func TestABombIsNotUnpacked(t *testing.T) {
	if _, err := opened(made(t, Up, bytes.Repeat([]byte{0}, MostPlain)), Up, begun); !errors.Is(err, ErrHalf) {
		t.Error(err)
	}
}

// FuzzBundle: whatever comes as a file is refused in words, or is what was sealed.
func FuzzBundle(f *testing.F) {
	f.Add(made(f, Up, map[string]int{"a": 1}))
	f.Add(made(f, Down, []string{}))
	f.Add([]byte(`{"bundle":1,"way":"up","session":"x","number":-1,"until":9e99,"sealed":"AAAA"}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, way := range []string{Up, Down} {
			if plain, err := opened(file, way, begun); err == nil && !json.Valid(plain) {
				t.Errorf("%q opens as %q", file, plain)
			}
		}
	})
}
