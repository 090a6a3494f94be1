package api_test

import (
	"go/ast"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityNamesTestsThatExist holds deploy/SECURITY.md to the tests: each row names one at least.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	there := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test() && f.Recv == nil {
				there[f.Name.Name] = true
			}
		}
	}
	raw, err := os.ReadFile("../deploy/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(string(raw), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.HasPrefix(line, "|---") || strings.TrimSpace(cells[1]) == "trap" || strings.TrimSpace(cells[1]) == "section" {
			continue
		}
		rows++
		named := regexp.MustCompile(`\b(Test|Fuzz)\w+`).FindAllString(cells[3], -1)
		if len(named) == 0 {
			t.Errorf("no test is named for: %s", cells[1])
		}
		for _, name := range named {
			if !there[name] {
				t.Errorf("%s does not exist, for: %s", name, cells[1])
			}
		}
	}
	if rows < 65 {
		t.Errorf("read %d rows", rows)
	}
}
