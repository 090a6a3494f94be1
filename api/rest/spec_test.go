package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// spec is openapi.yaml as these tests read it.
type spec struct {
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Schemas    map[string]schema    `yaml:"schemas"`
		Responses  map[string]response  `yaml:"responses"`
		Parameters map[string]parameter `yaml:"parameters"`
	} `yaml:"components"`
	templates []template
	marked    map[string]bool // those whose field a client marks
	statuses  map[string]int  // of each code, as errors.md has them
}

type operation struct {
	OperationID string                 `yaml:"operationId"`
	Summary     string                 `yaml:"summary"`
	Description string                 `yaml:"description"`
	Security    *[]map[string][]string `yaml:"security"`
	Parameters  []parameter            `yaml:"parameters"`
	RequestBody struct {
		Required bool             `yaml:"required"`
		Content  map[string]media `yaml:"content"`
	} `yaml:"requestBody"`
	Responses map[string]response `yaml:"responses"`
}

type parameter struct {
	Ref    string `yaml:"$ref"`
	Name   string `yaml:"name"`
	In     string `yaml:"in"`
	Schema schema `yaml:"schema"`
}

type response struct {
	Ref         string           `yaml:"$ref"`
	Description string           `yaml:"description"`
	Content     map[string]media `yaml:"content"`
	Codes       []string         `yaml:"x-problem-codes"`
}

type media struct {
	Schema schema `yaml:"schema"`
}

type schema struct {
	Ref                  string            `yaml:"$ref"`
	Type                 string            `yaml:"type"`
	Format               string            `yaml:"format"`
	Pattern              string            `yaml:"pattern"`
	Enum                 []string          `yaml:"enum"`
	Required             []string          `yaml:"required"`
	Properties           map[string]schema `yaml:"properties"`
	Items                *schema           `yaml:"items"`
	AdditionalProperties any               `yaml:"additionalProperties"`
	Description          string            `yaml:"description"`
	MinLength            *int              `yaml:"minLength"`
	MaxLength            *int              `yaml:"maxLength"`
	Minimum              *float64          `yaml:"minimum"`
	Maximum              *float64          `yaml:"maximum"`
	MinItems             *int              `yaml:"minItems"`
	MaxItems             *int              `yaml:"maxItems"`
	Examples             []any             `yaml:"examples"`
	OneOf                []schema          `yaml:"oneOf"`
	AnyOf                []schema          `yaml:"anyOf"`
	Kinds                map[string]schema `yaml:"x-kinds"` // of the documents that a page brings
}

func readSpec(t *testing.T) spec {
	t.Helper()
	raw, err := os.ReadFile("../../mobile-contract/openapi.yaml")
	must(t, err)
	var s spec
	must(t, yaml.Unmarshal(raw, &s))
	s.compile()
	s.statuses, s.marked = map[string]int{}, map[string]bool{}
	raw, err = os.ReadFile("../../mobile-contract/errors.md")
	must(t, err)
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (\\d+)").FindAllStringSubmatch(string(raw), -1) {
		s.statuses[m[1]], err = strconv.Atoi(m[2])
		must(t, err)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|.*\\| Marks the field").FindAllStringSubmatch(string(raw), -1) {
		s.marked[m[1]] = true
	}
	return s
}

// hold checks one answer against the operation of its path: a status that is written down, with a
// body of its schema, and a code that this operation may give.
func (s spec) hold(t *testing.T, method, path string, a answer) {
	t.Helper()
	op, ok := s.operation(method, path)
	if !ok {
		if kind := a.head.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: %q on a path that openapi.yaml does not know", a.call, kind)
		}
		return
	}
	r, ok := op.Responses[strconv.Itoa(a.status)]
	if !ok {
		t.Errorf("%s: openapi.yaml has no answer %d: %s", a.call, a.status, a.body)
		return
	}
	if name, is := strings.CutPrefix(r.Ref, "#/components/responses/"); is {
		r = s.Components.Responses[name]
	}
	kind, _, _ := strings.Cut(a.head.Get("Content-Type"), ";")
	if kind == "application/problem+json" {
		if code := a.text("code"); s.statuses[code] != a.status {
			t.Errorf("%s: errors.md has status %d for %s, and the answer %d", a.call, s.statuses[code], code, a.status)
		}
	}
	if len(r.Content) == 0 {
		if len(a.body) != 0 {
			t.Errorf("%s: a body where none is written down: %s", a.call, a.body)
		}
		return
	}
	m, ok := r.Content[kind]
	if !ok {
		t.Errorf("%s: content type %q is not written down for %d", a.call, kind, a.status)
		return
	}
	if kind == "text/html" {
		return
	}
	var v any
	must(t, json.Unmarshal(a.body, &v))
	if err := s.fits(m.Schema, v, "$"); err != nil {
		t.Errorf("%s: %v in %s", a.call, err, a.body)
	}
	if method == "POST" && path == "/sync/v1/pull" {
		s.holdKinds(t, v)
	}
	if code, _ := a.find("code"); kind == "application/problem+json" && !slices.Contains(r.Codes, fmt.Sprint(code)) {
		t.Errorf("%s: code %v is not written down for %d", a.call, code, a.status)
	}
}

func (s spec) operation(method, path string) (operation, bool) {
	path, _, _ = strings.Cut(path, "?")
	for _, t := range s.templates {
		if t.pattern.MatchString(path) {
			op, ok := s.Paths[t.path][strings.ToLower(method)]
			return op, ok
		}
	}
	return operation{}, false
}

// template is a path of openapi.yaml and what fits it.
type template struct {
	path    string
	pattern *regexp.Regexp
}

// compile reads the paths once; one without parameters goes before one with.
func (s *spec) compile() {
	for _, path := range slices.SortedFunc(maps.Keys(s.Paths), func(a, b string) int {
		return strings.Count(a, "{") - strings.Count(b, "{")
	}) {
		pattern := "^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`) + "$"
		s.templates = append(s.templates, template{path, regexp.MustCompile(pattern)})
	}
}

// fits checks a value against a schema: types, what is required, what is unknown, words and forms.
func (s spec) fits(sc schema, v any, at string) error {
	if name, is := strings.CutPrefix(sc.Ref, "#/components/schemas/"); is {
		found, ok := s.Components.Schemas[name]
		if !ok {
			return fmt.Errorf("%s: no schema %s", at, name)
		}
		sc = found
	}
	if of := append(sc.OneOf, sc.AnyOf...); len(of) > 0 {
		return s.fitsOne(of, v, at)
	}
	switch v := v.(type) {
	case map[string]any:
		return s.fitsObject(sc, v, at)
	case []any:
		if sc.Type != "array" || sc.Items == nil {
			return fmt.Errorf("%s: a list, want %s", at, sc.Type)
		}
		if outside(len(v), sc.MinItems, sc.MaxItems) {
			return fmt.Errorf("%s: a list of %d", at, len(v))
		}
		for i, one := range v {
			if err := s.fits(*sc.Items, one, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case string:
		return fitsText(sc, v, at)
	case float64:
		if sc.Type != "number" && (sc.Type != "integer" || v != float64(int64(v))) {
			return fmt.Errorf("%s: the number %v, want %s", at, v, sc.Type)
		}
		if outside(v, sc.Minimum, sc.Maximum) {
			return fmt.Errorf("%s: the number %v is out of bounds", at, v)
		}
		return nil
	case int:
		return s.fits(sc, float64(v), at)
	case nil:
		if sc.Type != "null" {
			return fmt.Errorf("%s: null, want %s", at, sc.Type)
		}
		return nil
	case bool:
		if sc.Type != "boolean" {
			return fmt.Errorf("%s: %v, want %s", at, v, sc.Type)
		}
		return nil
	}
	return fmt.Errorf("%s: %v has no place in an answer", at, v)
}

// fitsOne checks that a value fits one of several schemas and no other: what is unknown to a schema does not fit it.
func (s spec) fitsOne(of []schema, v any, at string) error {
	fit, errs := 0, []error(nil)
	for _, one := range of {
		if err := s.fits(one, v, at); err != nil {
			errs = append(errs, err)
		} else {
			fit++
		}
	}
	if fit != 1 {
		return fmt.Errorf("%s: fits %d of %d: %w", at, fit, len(of), errors.Join(errs...))
	}
	return nil
}

func (s spec) fitsObject(sc schema, v map[string]any, at string) error {
	if sc.Type != "object" {
		return fmt.Errorf("%s: an object, want %s", at, sc.Type)
	}
	for _, name := range sc.Required {
		if _, ok := v[name]; !ok {
			return fmt.Errorf("%s: %s is missing", at, name)
		}
	}
	for name, one := range v {
		p, ok := sc.Properties[name]
		if !ok {
			switch open := sc.AdditionalProperties.(type) {
			case map[string]any:
				kind, _ := open["type"].(string)
				p = schema{Type: kind}
			case bool:
				if open {
					continue
				}
				return fmt.Errorf("%s: %s is unknown", at, name)
			default:
				return fmt.Errorf("%s: %s is unknown", at, name)
			}
		}
		if err := s.fits(p, one, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// outside reports whether a value lies beyond one of the bounds that are set.
func outside[N int | float64](v N, least, most *N) bool {
	return least != nil && v < *least || most != nil && v > *most
}

// wireInstant is the one form in which the service writes an instant.
const wireInstant = "2006-01-02T15:04:05.000Z"

func fitsText(sc schema, v, at string) error {
	switch {
	case sc.Type != "string":
		return fmt.Errorf("%s: the text %q, want %s", at, v, sc.Type)
	case outside(utf8.RuneCountInString(v), sc.MinLength, sc.MaxLength):
		return fmt.Errorf("%s: a text of %d characters", at, utf8.RuneCountInString(v))
	case sc.Enum != nil && !slices.Contains(sc.Enum, v):
		return fmt.Errorf("%s: %q is none of %v", at, v, sc.Enum)
	case sc.Pattern != "" && !regexp.MustCompile(sc.Pattern).MatchString(v):
		return fmt.Errorf("%s: %q does not match %s", at, v, sc.Pattern)
	case sc.Format == "date-time":
		if read, err := time.Parse(wireInstant, v); err != nil || read.Format(wireInstant) != v {
			return fmt.Errorf("%s is not in UTC with milliseconds", v)
		}
	}
	return nil
}
