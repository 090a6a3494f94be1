package record_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"naober/api/store/record"
)

const golden = "testdata/shapes.golden"

// TestStoredNames pins what stands on disk: a renamed or retyped field makes old data unreadable
// and needs a migration in both stores. To accept a change run with UPDATE_GOLDEN=1.
func TestStoredNames(t *testing.T) {
	var lines []string
	for _, k := range kinds() {
		lines = append(lines, shape(t, k.shape, k.name)...)
	}
	lines = append(lines, shape(t, reflect.TypeFor[record.FeedRecord](), "feed")...)
	got := strings.Join(lines, "\n") + "\n"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	pinned := map[string]bool{}
	for line := range strings.Lines(string(want)) {
		pinned[line] = true
	}
	for line := range strings.Lines(got) {
		if !pinned[line] {
			t.Errorf("not pinned: %s", line)
		}
		delete(pinned, line)
	}
	for line := range pinned {
		t.Errorf("no longer stored: %s", line)
	}
}

// shape lists the stored fields below a type, one "path type" each.
func shape(t *testing.T, typ reflect.Type, path string) []string {
	t.Helper()
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return []string{path + " instant"}
	case typ == reflect.TypeFor[[]byte]():
		return []string{path + " bytes"}
	case typ.Kind() == reflect.Slice:
		return shape(t, typ.Elem(), path+"[]")
	case typ.Kind() == reflect.Pointer:
		return shape(t, typ.Elem(), path+"?")
	case typ.Kind() != reflect.Struct:
		return []string{fmt.Sprintf("%s %s", path, typ.Kind())}
	}
	var lines []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := tagged(t, f, path)
		lines = append(lines, shape(t, f.Type, path+"."+name)...)
	}
	return lines
}

// tagged is a field's stored name, which is the same in JSON and BSON and left out of both when
// it is empty, or out of neither.
func tagged(t *testing.T, f reflect.StructField, path string) string {
	t.Helper()
	name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
	inBSON, bsonOption, _ := strings.Cut(f.Tag.Get("bson"), ",")
	if name == "" || name != inBSON {
		t.Errorf("%s.%s is %q in JSON and %q in BSON", path, f.Name, name, inBSON)
	}
	if (option == "") != (bsonOption == "") {
		t.Errorf("%s.%s is left out of one form only", path, f.Name)
	}
	if f.Type.Kind() == reflect.Struct && option == "omitempty" {
		t.Errorf("%s.%s needs omitzero: omitempty keeps an empty struct", path, f.Name)
	}
	return name
}
