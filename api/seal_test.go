package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A kind of document that has sealed fields and is left out when a person's key is renewed would be
// lost with the former key.
func TestEveryKindWithSealedFieldsIsSealedAnew(t *testing.T) {
	sealed := sealedKinds(t)
	if len(sealed) < 5 {
		t.Fatalf("only %v have an owner of a key", sealed)
	}
	for _, store := range []string{"sqlitestore", "mongostore"} {
		name := filepath.Join("store", store, "reseal.go")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range sealed {
			if !strings.Contains(string(text), "record."+kind+"()).reseal") {
				t.Errorf("%s does not seal %s anew", name, kind)
			}
		}
	}
}

// sealedKinds are the functions of package record that make a codec with an owner of a key.
func sealedKinds(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("store", "record", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok && makesCodec(lit) && hasKey(lit, "Owner") {
					kinds = append(kinds, f.Name.Name)
				}
				return true
			})
		}
	}
	return kinds
}

func makesCodec(lit *ast.CompositeLit) bool {
	generic, ok := lit.Type.(*ast.IndexListExpr)
	if !ok {
		return false
	}
	name, ok := generic.X.(*ast.Ident)
	return ok && name.Name == "Codec"
}

func hasKey(lit *ast.CompositeLit, key string) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		id, ok := pair.Key.(*ast.Ident)
		return ok && id.Name == key
	})
}
