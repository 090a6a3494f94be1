package bundle

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"
	"time"
)

// vector is a file of fixtures/bundles.
type vector struct {
	BundleKey string
	File      json.RawMessage
	Plain     any
	Refused   []struct{ Title, Why, File string }
}

func readVector(t *testing.T, name string) (vector, []byte) {
	t.Helper()
	var v vector
	raw, err := os.ReadFile("../fixtures/bundles/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	key, failed := base64.RawURLEncoding.DecodeString(v.BundleKey)
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	return v, key
}

// What fixtures/bundles says is whole opens as it says, until it is over; what it says is refused is, for the reason given.
func TestFixturesOpen(t *testing.T) {
	for _, way := range []string{Up, Down} {
		v, key := readVector(t, way)
		b, err := Read(v.File)
		if err != nil {
			t.Fatal(way, err)
		}
		until := time.UnixMilli(b.Until)
		raw, err := Open(key, b, way, until.Add(-time.Millisecond))
		var got any
		if err := errors.Join(err, json.Unmarshal(raw, &got)); err != nil || !reflect.DeepEqual(got, v.Plain) {
			t.Errorf("%s opens as %s, %v", way, raw, err)
		}
		if _, err := Open(key, b, way, until); !errors.Is(err, ErrExpired) {
			t.Errorf("%s, too late: %v", way, err)
		}
	}
	v, key := readVector(t, "refused")
	reasons := map[string]error{"seal": ErrSeal, "version": ErrVersion, "way": ErrWay, "half": ErrHalf}
	if len(v.Refused) < 10 {
		t.Fatal("nothing is refused")
	}
	for _, r := range v.Refused {
		b, err := Read([]byte(r.File))
		if err == nil {
			_, err = Open(key, b, Up, begun)
		}
		if want := reasons[r.Why]; want == nil || !errors.Is(err, want) {
			t.Errorf("%s: %v, want %s", r.Title, err, r.Why)
		}
	}
}
