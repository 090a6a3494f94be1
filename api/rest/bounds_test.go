package rest

import (
	"encoding/json"
	"go/ast"
	"reflect"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"naober/mobile-contract/bundle"
	"naober/mobile-contract/wire"
)

// longest is how many characters a text of this schema may have, and whether anything says so.
func (s schema) longest(t *testing.T) (int, bool) {
	switch {
	case len(s.Enum) > 0:
		most := 0
		for _, word := range s.Enum {
			most = max(most, len(word))
		}
		return most, true
	case s.MaxLength != nil:
		return *s.MaxLength, true
	case s.Pattern != "":
		tree, err := syntax.Parse(s.Pattern, syntax.Perl)
		must(t, err)
		n := widest(tree)
		return n, n >= 0 && strings.HasPrefix(s.Pattern, "^") && strings.HasSuffix(s.Pattern, "$")
	}
	return 0, false
}

// widest is the length of the longest text that a pattern matches, -1 for one without end.
func widest(r *syntax.Regexp) int {
	switch r.Op {
	case syntax.OpLiteral:
		return len(r.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return -1
	case syntax.OpRepeat:
		if one := widest(r.Sub[0]); r.Max >= 0 && one >= 0 {
			return r.Max * one
		}
		return -1
	}
	sum := 0
	for _, sub := range r.Sub {
		n := widest(sub)
		switch {
		case n < 0:
			return -1
		case r.Op == syntax.OpAlternate:
			sum = max(sum, n)
		default:
			sum += n
		}
	}
	return sum
}

func (s spec) at(shape schema, path []string) schema {
	for _, name := range path {
		if shape = s.resolved(shape); shape.Type == "array" {
			shape = *shape.Items
		} else {
			shape = shape.Properties[name]
		}
	}
	return s.resolved(shape)
}

// TestEveryTextAndListIsBounded walks the shapes of all bodies: openapi.yaml gives each text and each
// list an end, one step beyond it is a 4xx, and where a text is free, the end itself is not what is
// refused: the code there is another one.
func TestEveryTextAndListIsBounded(t *testing.T) {
	t.Parallel()
	b := newBadInput(t)
	tried, texts, lists := map[string]bool{}, 0, 0
	for _, r := range b.server.routes() {
		name := r.method + " " + r.path
		op, ok := b.spec.operation(r.method, b.where(name))
		if !ok || op.RequestBody.Content == nil {
			continue
		}
		body, ok := bodies()[name]
		if !ok {
			body = "{}"
		}
		texts, lists = texts+b.overfill(name, body, "", tried), lists+1
		for _, further := range furtherBodies() {
			if further.route == name {
				texts += b.overfill(name, further.body, further.under, tried)
			}
		}
	}
	for name, of := range requestShapes() {
		if of == reflect.TypeFor[bundle.Calls]() {
			continue // the file that it is sealed in is bounded
		}
		for _, field := range bounded(of, name, nil) {
			if !tried[field] {
				t.Errorf("%s was never too long", field)
			}
		}
	}
	t.Logf("figure: bounds: %d fields of %d bodies, one step beyond the end of each", texts, lists)
}

// bounded names the texts and lists of a shape, by the type that holds them. Fields of shapes inside
// are named after those.
func bounded(of reflect.Type, name string, all []string) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of == reflect.TypeFor[wire.Instant]() {
		return all
	}
	for _, m := range members(of) {
		if m.of == reflect.TypeFor[json.RawMessage]() {
			continue // the body of another route, which is tried there
		}
		if kind := m.of.Kind(); kind == reflect.String || kind == reflect.Slice || m.of == reflect.TypeFor[wire.Instant]() {
			all = append(all, name+"."+m.name)
		}
		below := m.of
		for below.Kind() == reflect.Pointer || below.Kind() == reflect.Slice {
			below = below.Elem()
		}
		all = bounded(below, below.Name(), all)
	}
	return all
}

// overfill makes each text and each list of a body one too long.
func (b *badInput) overfill(route, body, under string, tried map[string]bool) int {
	method, _, _ := strings.Cut(route, " ")
	path, body := b.where(route), b.fill(body)
	op, ok := b.spec.operation(method, path)
	if !ok {
		b.test.Fatalf("openapi.yaml has no %s", route)
	}
	shape, n := op.RequestBody.Content["application/json"].Schema, 0
	for _, field := range b.spec.fields(shape, nil) {
		name := strings.Join(field, ".")
		if under != "" && name != under && !strings.HasPrefix(name, under+".") {
			continue
		}
		send := func(raw string) string { return b.send(route, path, b.spec.spoiled(b.test, body, shape, field, raw)) }
		of := b.spec.at(shape, field)
		switch of.Type {
		case "array":
			if of.MaxItems == nil {
				b.test.Errorf("%s: %s is a list without an end", route, name)
				continue
			}
			example := b.one(body, field, b.spec.resolved(*of.Items))
			if code := send("[" + strings.Repeat(example+",", *of.MaxItems) + example + "]"); code == "ok" {
				b.test.Errorf("%s: %s takes more than %d", route, name, *of.MaxItems)
			}
		case "string":
			most, ends := of.longest(b.test)
			if !ends {
				b.test.Errorf("%s: %s is a text without an end", route, name)
				continue
			}
			over := send(`"` + strings.Repeat("x", most+1) + `"`)
			if over == "ok" {
				b.test.Errorf("%s: %s takes more than %d characters", route, name, most)
			}
		default:
			continue
		}
		n++
		tried[b.holder(shape, field)] = true
	}
	return n
}

// one is a right member for a list: the first that the body has there, or the example of its schema.
func (b *badInput) one(body string, field []string, of schema) string {
	var at any
	must(b.test, json.Unmarshal([]byte(body), &at))
	for _, step := range append(slices.Clone(field), "0") {
		switch in := at.(type) {
		case map[string]any:
			at = in[step]
		case []any:
			if at = nil; len(in) > 0 {
				at = in[0]
			}
		}
	}
	if at == nil && len(of.Examples) > 0 {
		at = of.Examples[0]
	}
	if at == nil && len(of.Enum) > 0 {
		at = of.Enum[0]
	}
	switch {
	case at == nil && (of.Type == "integer" || of.Type == "number"):
		at = 1
	case at == nil:
		at = "nl"
	}
	raw, err := json.Marshal(at)
	must(b.test, err)
	return string(raw)
}

// holder names a field by the schema that holds it, as bounded does.
func (b *badInput) holder(shape schema, field []string) string {
	name := strings.TrimPrefix(shape.Ref, "#/components/schemas/")
	for i, step := range field {
		shape = b.spec.resolved(shape)
		if shape.Type == "array" {
			shape = *shape.Items
		} else if i < len(field)-1 {
			shape = notNull(shape.Properties[step])
		}
		if ref, is := strings.CutPrefix(shape.Ref, "#/components/schemas/"); is && i < len(field)-1 {
			name = ref
		}
	}
	return name + "." + field[len(field)-1]
}

// TestEveryParameterIsBounded: a path has an end by itself; what stands in query and head has one too.
func TestEveryParameterIsBounded(t *testing.T) {
	t.Parallel()
	s, seen := readSpec(t), 0
	for path, ops := range s.Paths {
		for method, op := range ops {
			for _, p := range op.Parameters {
				if ref, is := strings.CutPrefix(p.Ref, "#/components/parameters/"); is {
					p = s.Components.Parameters[ref]
				}
				of := s.resolved(p.Schema)
				_, ends := of.longest(t)
				if of.Type == "string" && !ends && p.Name != "If-Match" { // a number of any length, held to 20 digits by parseTag
					t.Errorf("%s %s: %s has no end", method, path, p.Name)
				}
				seen++
			}
		}
	}
	if seen < 100 {
		t.Errorf("looked at %d parameters", seen)
	}
}

// TestPatternsAreOurOwn: RE2 takes time in proportion to pattern and text. The texts have an end, and no
// pattern is made from anything that was sent.
func TestPatternsAreOurOwn(t *testing.T) {
	t.Parallel()
	found := 0
	for _, dir := range []string{".", "../app", "../contact", "../feed", "../token", "../../matching", "../../matching/care", "../../matching/place", "../../notifications", "../../notifications/fcm", "../../notifications/mail", "../store/mongostore", "../store/sqlitestore", "../store/record", "../store/vault"} {
		for _, file := range sources(t, dir) {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"Compile", "MustCompile", "MatchString", "Match"}, sel.Sel.Name) {
					return true
				}
				if x, is := sel.X.(*ast.Ident); is && x.Name == "regexp" {
					found++
					if _, literal := call.Args[0].(*ast.BasicLit); !literal {
						t.Errorf("%s: a pattern that is no literal", dir)
					}
				}
				return true
			})
		}
	}
	if found == 0 {
		t.Error("no pattern was found")
	}
}
