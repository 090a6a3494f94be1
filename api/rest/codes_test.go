package rest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"naober/matching"
)

// codeText is what a code of ours looks like.
var codeText = regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)+$|^internal$|^deadline$|^panic$`)

// speaking are the folders whose errors may reach a client or an operator.
var speaking = []string{".", "../app", "../contact", "../feed", "../offline", "../store", "../../matching"}

// rulesTold are the hard rules as somebody may read them of others: the server's own are folded.
func rulesTold() []string {
	var told []string
	for _, rule := range matching.Rules() {
		for _, viewer := range []matching.Viewer{matching.ViewModerator, matching.ViewDesk, matching.ViewResident, matching.ViewProfessional} {
			told = append(told, string(matching.Fold(rule, viewer)))
		}
	}
	slices.Sort(told)
	return slices.Compact(told)
}

// TestEveryRuleIsInTheContract holds the words that openapi.yaml has for a rule to matching's own.
func TestEveryRuleIsInTheContract(t *testing.T) {
	t.Parallel()
	schemas := readSpec(t).Components.Schemas
	for _, shape := range []string{"Exclusion", "RuleCount"} {
		if named := slices.Sorted(slices.Values(schemas[shape].Properties["rule"].Enum)); !slices.Equal(named, rulesTold()) {
			t.Errorf("%s has the rules %v, and there are %v", shape, named, rulesTold())
		}
	}
	var refusals []string
	for _, rule := range matching.Rules() {
		refusals = append(refusals, string(matching.Fold(rule, matching.ViewDesk)))
	}
	codes := readSpec(t).Paths["/v1/requests/{request}/slots/{slot}/journeys"]["post"].Responses["409"].Codes
	for _, rule := range refusals {
		if !slices.Contains(codes, rule) {
			t.Errorf("who asks a driver may be refused with %s, which openapi.yaml does not say", rule)
		}
	}
}

// codesIn reads every code that the packages can answer with out of their source: the second
// argument of E or Amiss, the Code of an error or a problem, the first word of an allowance, and what
// frameCode returns. A store names its absences after its nouns.
func codesIn(t *testing.T, folders ...string) []string {
	t.Helper()
	var codes []string
	files := sources(t, folders...)
	named := constants(files)
	add := func(e ast.Expr) {
		text, ok := literal(e)
		if name, is := e.(*ast.Ident); is {
			text, ok = named[name.Name]
		}
		if ok && codeText.MatchString(text) {
			codes = append(codes, text)
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if by := called(n); (by == "E" || by == "Amiss") && len(n.Args) > 1 {
					add(n.Args[1])
				}
			case *ast.CompositeLit:
				if name, ok := n.Type.(*ast.Ident); ok && name.Name == "allowance" && len(n.Elts) > 0 {
					add(n.Elts[0])
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					add(n.Value)
				} else if ok && key.Name == "Noun" {
					noun, _ := literal(n.Value)
					codes = append(codes, noun+"_not_found")
				}
			case *ast.FuncDecl:
				if n.Name.Name == "frameCode" {
					ast.Inspect(n, func(n ast.Node) bool {
						if r, ok := n.(*ast.ReturnStmt); ok {
							add(r.Results[0])
						}
						return true
					})
				}
			}
			return true
		})
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// constants are the words that have a name.
func constants(files []*ast.File) map[string]string {
	named := map[string]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
				for i, name := range v.Names {
					if text, ok := literal(v.Values[i]); ok {
						named[name.Name] = text
					}
				}
			}
			return true
		})
	}
	return named
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

func sources(t *testing.T, folders ...string) []*ast.File {
	t.Helper()
	var files []*ast.File
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err == nil {
				files = append(files, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestEveryCodeIsExplained holds errors.md to the source, both ways.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../mobile-contract/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|").FindAllStringSubmatch(string(raw), -1) {
		if rows[m[1]] {
			t.Errorf("errors.md explains %s twice", m[1])
		}
		rows[m[1]] = true
	}
	given := append(codesIn(t, speaking...), rulesTold()...)
	for _, code := range given {
		if !rows[code] {
			t.Errorf("errors.md does not explain %s", code)
		}
	}
	for code := range rows {
		if !slices.Contains(given, code) {
			t.Errorf("errors.md explains %s, which nothing gives", code)
		}
	}
	if len(given) < 100 {
		t.Fatalf("only %d codes were found in the source: the collector is broken", len(given))
	}
}

// TestNoCodeOfARouteIsCalledInside: what a route answers stands in errors.md where who writes a client looks
// for it, and not among what stays inside the service.
func TestNoCodeOfARouteIsCalledInside(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../mobile-contract/errors.md")
	must(t, err)
	_, inside, found := strings.Cut(string(raw), "\n## Inside the service\n")
	if !found {
		t.Fatal("errors.md has no part for what stays inside")
	}
	contract, looked := readSpec(t), 0
	for path, operations := range contract.Paths {
		for method, op := range operations {
			for _, r := range op.Responses {
				for _, code := range append(r.Codes, contract.Components.Responses[strings.TrimPrefix(r.Ref, "#/components/responses/")].Codes...) {
					looked++
					if code != "not_ready" && strings.Contains(inside, "| `"+code+"` |") { // for load balancers alone
						t.Errorf("%s %s answers %s, which errors.md has inside the service", method, path, code)
					}
				}
			}
		}
	}
	if looked < 500 {
		t.Fatalf("only %d codes were looked at", looked)
	}
}

// parsed are the codes of what reads one text and does not know which field that was: whoever calls it says so.
// TestBadInput holds them.
var parsed = []string{"clock_invalid", "contact_invalid", "contact_mail_invalid", "contact_missing", "contact_phone_invalid", "contact_phone_kind", "id_invalid",
	"local_time_invalid", "zone_unknown"}

// TestEveryMarkedFieldIsNamed: what errors.md lets a client mark at its field is never refused without one.
func TestEveryMarkedFieldIsNamed(t *testing.T) {
	t.Parallel()
	marked := readSpec(t).marked
	raw, err := os.ReadFile("../../mobile-contract/errors.md")
	must(t, err)
	reached, _, _ := strings.Cut(string(raw), "\n## Inside the service\n")
	looked := 0
	for _, file := range sources(t, speaking...) {
		named := map[ast.Node]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if by := called(call); by == "member" || by == "Within" {
				named[call.Args[len(call.Args)-1]] = true
			}
			if with, ok := call.Fun.(*ast.SelectorExpr); ok && with.Sel.Name == "With" {
				ast.Inspect(with.X, func(n ast.Node) bool { named[n] = true; return true })
			}
			if called(call) != "E" && called(call) != "Amiss" || len(call.Args) < 2 {
				return true
			}
			code, _ := literal(call.Args[1])
			if !marked[code] || slices.Contains(parsed, code) || !strings.Contains(reached, "| `"+code+"` |") {
				return true
			}
			looked++
			if called(call) == "E" && !named[call] {
				t.Errorf("%s is refused without the name of its field", code)
			}
			return true
		})
	}
	if looked < 80 {
		t.Fatalf("only %d refusals were looked at", looked)
	}
}
