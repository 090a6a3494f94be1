package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"naober/matching/care"
)

// told is what a file of fixtures says that the service answers.
type told struct {
	Status     int     `json:"status"`
	Type       *string `json:"type"`
	RetryAfter *int    `json:"retryAfter"`
	Body       any     `json:"body"`
	Text       string  `json:"text"`
}

func (f told) kind() string {
	if f.Type == nil {
		return "application/json"
	}
	return *f.Type
}

// fixtures reads all files of a folder of mobile-contract/fixtures, by their names.
func fixtures[T any](t *testing.T, folder string) map[string]T {
	t.Helper()
	files, err := filepath.Glob("../../mobile-contract/fixtures/" + folder + "/*.json")
	must(t, err)
	all := map[string]T{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		read := json.NewDecoder(bytes.NewReader(raw))
		read.DisallowUnknownFields()
		var one T
		if err := read.Decode(&one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = one
	}
	return all
}

// message is one file of fixtures/messages.
type message struct {
	Title   string `json:"title"`
	Call    string `json:"call"`
	Request any    `json:"request"`
	Answer  told   `json:"answer"`
}

// TestMessagesAreWhatTheServiceAnswers brings each situation of fixtures/messages about, and compares the form of the
// answer with the file: a file that the service would not answer fails.
func TestMessagesAreWhatTheServiceAnswers(t *testing.T) {
	t.Parallel()
	ways, all := answersByFile(), fixtures[message](t, "messages")
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		if _, there := all[name]; !there {
			t.Errorf("there is no fixture %s", name)
		}
	}
	for name, m := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			holdMessage(t, w.spec, m)
			way, ok := ways[name]
			if !ok {
				t.Fatal("nothing brings it about")
			}
			w.arrive("Anna", care.Resident)
			got := way(w)
			kind, _, _ := strings.Cut(got.head.Get("Content-Type"), ";")
			if kind != m.Answer.kind() || got.status != m.Answer.Status || (got.head.Get("Retry-After") != "") != (m.Answer.RetryAfter != nil) {
				t.Fatalf("%s: the service answers %d %s %v", m.Call, got.status, kind, got.head)
			}
			var real any
			if len(got.body) > 0 {
				must(t, json.Unmarshal(got.body, &real))
			}
			if want, is := formOf(m.Answer.Body, ""), formOf(real, ""); !reflect.DeepEqual(want, is) {
				t.Errorf("%s answers\n%s\nand the fixture is\n%s", m.Call, inJSON(t, is), inJSON(t, want))
			}
		})
	}
}

func inJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}

// holdMessage holds a file by itself to openapi.yaml.
func holdMessage(t *testing.T, s spec, m message) {
	t.Helper()
	method, path, _ := strings.Cut(m.Call, " ")
	op, ok := s.operation(method, path)
	if !ok {
		t.Fatalf("%s is no route", m.Call)
	}
	if m.Request != nil && !strings.HasPrefix(m.Answer.kind(), "application/problem") {
		if err := s.fits(op.RequestBody.Content["application/json"].Schema, m.Request, "$"); err != nil {
			t.Errorf("%s: %v", m.Call, err)
		}
	}
	s.holdTold(t, method, path, m.Answer)
}

// holdTold checks an answer of a file as one of the service itself.
func (s spec) holdTold(t *testing.T, method, path string, f told) {
	t.Helper()
	if f.kind() == "text/event-stream" {
		return
	}
	a := answer{t: t, call: method + " " + path, status: f.Status, head: http.Header{"Content-Type": {f.kind()}}}
	if f.Body != nil {
		a.body = []byte(inJSON(t, f.Body))
	}
	s.hold(t, method, path, a)
}

// said are the words that are the same in each such answer.
var said = []string{"op", "status", "of", "code", "error", "versionType", "min", "max", "wipe", "hasMore", "name", "expectedID"}

// formOf is what two answers to the same have in common: names, words that stand for something, and what sort of value
// the others are. A list is the forms that stand in it, each once.
func formOf(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		form := map[string]any{}
		for key, one := range v {
			if aULID.MatchString(key) {
				key = "a ULID"
			}
			form[key] = formOf(one, key)
		}
		if op := v["op"]; op == "put" {
			form["value"] = "a document" // schemas and visibility.csv hold it
		}
		return form
	case []any:
		forms := []any{}
		for _, one := range v {
			form := formOf(one, name)
			if !slices.ContainsFunc(forms, func(f any) bool { return reflect.DeepEqual(f, form) }) {
				forms = append(forms, form)
			}
		}
		return forms
	case string:
		if slices.Contains(said, name) {
			return v
		}
		if name == "instance" {
			return "random" // letters alone, now and then
		}
		return formOfText(v)
	}
	if slices.Contains(said, name) {
		return v
	}
	return fmt.Sprintf("%T", v)
}

var aULID = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)

func formOfText(v string) string {
	kind, id, isKey := strings.Cut(v, "/")
	switch {
	case aULID.MatchString(v):
		return "a ULID"
	case isKey && aULID.MatchString(id):
		return kind + "/a ULID"
	case kind == "outcome":
		return "outcome/a nonce"
	case regexp.MustCompile(`^[a-z][A-Za-z]+$`).MatchString(v):
		return v // a word
	}
	return "a text"
}
