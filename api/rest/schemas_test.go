package rest

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kinds are the schemas of the kinds of documents that a page brings.
func (s spec) kinds() map[string]schema {
	return s.Components.Schemas["Document"].Kinds
}

// fitsKind checks a document against the schema of its kind.
func (s spec) fitsKind(key string, value any) error {
	kind, _, _ := strings.Cut(key, "/")
	sc, ok := s.kinds()[kind]
	if !ok {
		return fmt.Errorf("%s: no schema for this kind", key)
	}
	return s.fits(sc, value, key)
}

// holdKinds holds each document of a page to the schema of its kind.
func (s spec) holdKinds(t *testing.T, body any) {
	t.Helper()
	page, _ := body.(map[string]any)
	patch, _ := page["patch"].([]any)
	for _, one := range patch {
		op, _ := one.(map[string]any)
		if op["op"] != "put" {
			continue
		}
		if err := s.fitsKind(fmt.Sprint(op["key"]), op["value"]); err != nil {
			t.Error(err)
		}
	}
}

// arguments is the schema of a mutation's arguments: the ids of its path, the fields of its body, and id where it makes
// something.
func (s spec) arguments(m mutation) (schema, error) {
	op, ok := s.operation(m.method, strings.ReplaceAll(m.path, ":", "x"))
	if !ok {
		return schema{}, fmt.Errorf("openapi.yaml has no %s %s", m.method, m.path)
	}
	body := s.resolved(op.RequestBody.Content["application/json"].Schema)
	args := schema{Type: "object", Properties: maps.Clone(body.Properties), AdditionalProperties: false}
	if args.Properties == nil {
		args.Properties = map[string]schema{}
	}
	if op.RequestBody.Required {
		args.Required = append(args.Required, body.Required...)
	}
	ids := regexp.MustCompile(`:(\w+)`).FindAllStringSubmatch(m.path, -1)
	if m.makes {
		ids = append(ids, []string{"", "id"})
	}
	for _, id := range ids {
		args.Properties[id[1]] = schema{Ref: "#/components/schemas/Id"}
		args.Required = append(args.Required, id[1])
	}
	return args, nil
}

// dismissalArguments are those of the one mutation that is no route.
func dismissalArguments() schema {
	return schema{Type: "object", Required: []string{"nonce"}, AdditionalProperties: false, Properties: map[string]schema{"nonce": {Type: "string", Pattern: `^[A-Za-z0-9_-]{16,64}$`}}}
}

// fitsArguments checks what a device hands in against the schema of its mutation.
func (s spec) fitsArguments(name string, raw json.RawMessage) error {
	var args any
	if err := json.Unmarshal(raw, &args); err != nil {
		return err
	}
	if name == "outcome.dismiss" {
		return s.fits(dismissalArguments(), args, name)
	}
	at := slices.IndexFunc(mutations(), func(m mutation) bool { return m.name == name })
	if at < 0 {
		return fmt.Errorf("there is no mutation %s", name)
	}
	sc, err := s.arguments(mutations()[at])
	if err != nil {
		return err
	}
	return s.fits(sc, inUTC(args), name)
}

// inUTC writes instants as the service does: what is sent may have any offset.
func inUTC(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := map[string]any{}
		for name, one := range v {
			all[name] = inUTC(one)
		}
		return all
	case []any:
		all := []any{}
		for _, one := range v {
			all = append(all, inUTC(one))
		}
		return all
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Format(wireInstant)
		}
	}
	return v
}

// TestEveryKindHasASchema holds the kinds that the service puts together to those of openapi.yaml, both ways, and an
// example of each in fixtures/documents to its schema.
func TestEveryKindHasASchema(t *testing.T) {
	t.Parallel()
	s, put := readSpec(t), map[string]bool{"outcome": true} // of package offline
	for _, file := range sources(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			of, ok := call.Fun.(*ast.SelectorExpr)
			if kind, is := call.Args[0].(*ast.BasicLit); ok && is && of.Sel.Name == "put" {
				name, err := strconv.Unquote(kind.Value)
				must(t, err)
				put[name] = true
			}
			return true
		})
	}
	if got, want := slices.Sorted(maps.Keys(s.kinds())), slices.Sorted(maps.Keys(put)); !slices.Equal(got, want) {
		t.Errorf("openapi.yaml has the kinds %v, and the service %v", got, want)
	}
	documents := fixtures[struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}](t, "documents")
	for kind := range put {
		d, there := documents[kind]
		if err := s.fitsKind(d.Key, d.Value); !there || err != nil || !strings.HasPrefix(d.Key, kind+"/") {
			t.Errorf("fixtures/documents has no %s: %v", kind, err)
		}
		for name := range s.resolved(s.kinds()[kind]).Properties {
			if slices.Contains(s.resolved(s.kinds()[kind]).Required, name) {
				spoilt := maps.Clone(d.Value)
				delete(spoilt, name)
				if s.fitsKind(d.Key, spoilt) == nil {
					t.Errorf("a %s without %s fits", kind, name)
				}
			}
			spoilt := maps.Clone(d.Value)
			spoilt[name] = map[string]any{"planted": 7.0}
			if s.fitsKind(d.Key, spoilt) == nil {
				t.Errorf("a %s fits whose %s is something else", kind, name)
			}
		}
	}
	if len(documents) != len(put) {
		t.Errorf("fixtures/documents has %d files for %d kinds", len(documents), len(put))
	}
}

// TestEveryMutationHasASchema: arguments that the service takes fit, as phone.push and TestMatrixThroughPush find out;
// and those without one of their ids, or with a field too many, do not.
func TestEveryMutationHasASchema(t *testing.T) {
	t.Parallel()
	s := readSpec(t)
	for _, m := range mutations() {
		sc, err := s.arguments(m)
		must(t, err)
		args, example := map[string]any{}, map[string]any{}
		op, _ := s.operation(m.method, strings.ReplaceAll(m.path, ":", "x"))
		if body := s.resolved(op.RequestBody.Content["application/json"].Schema); len(body.Examples) > 0 {
			example, _ = body.Examples[0].(map[string]any)
		}
		maps.Copy(args, example)
		for _, name := range sc.Required {
			if sc.Properties[name].Ref == "#/components/schemas/Id" {
				args[name] = "01JDB8Q4M2ZT6R0V9XKFW3E7HN"
			}
		}
		fits := func(args map[string]any) error { return s.fitsArguments(m.name, json.RawMessage(inJSON(t, args))) }
		if err := fits(args); err != nil {
			t.Errorf("an example does not fit: %v", err)
		}
		for _, name := range sc.Required {
			spoilt := maps.Clone(args)
			delete(spoilt, name)
			if fits(spoilt) == nil {
				t.Errorf("%s fits without %s", m.name, name)
			}
		}
		args["planted"] = true
		if fits(args) == nil {
			t.Errorf("%s fits with a field too many", m.name)
		}
	}
}
