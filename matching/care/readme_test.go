package care

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeAndCodeAgree holds the tables of the README against the source, both ways.
func TestReadmeAndCodeAgree(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source := sources(t)
	for name, row := range map[string]struct{ section, until, code string }{
		"refusals":     {"## Refusals", "", `E\((?:Conflict|Forbidden|NotFound|Unavailable), "([a-z_]+)"`},
		"next actions": {"## Next action", "On the desk", `Act\w+ +Action = "([a-z_]+)"`},
		"tasks":        {"On the desk", "## Refusals", `Todo\w+ +Todo = "([a-z_]+)"`},
	} {
		_, section, found := strings.Cut(string(readme), row.section)
		if row.until != "" {
			section, _, _ = strings.Cut(section, row.until)
		}
		told := groups("(?m)^\\| `([a-z_]+)` \\|", section)
		written := groups(row.code, source)
		if !found || len(told) == 0 || !slices.Equal(told, written) {
			t.Errorf("%s in the README:\n%v\nin the code:\n%v", name, told, written)
		}
	}
}

// TestReadmeNamesFilesThatExist checks the table "where each rule lives": every file is there and
// holds the names next to it.
func TestReadmeNamesFilesThatExist(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(readme)) {
		text := ""
		for _, name := range groups("`([A-Za-z_.]+)`", line) {
			if !strings.HasPrefix(line, "| ") || !strings.Contains(line, ".go`") {
				break
			}
			if strings.HasSuffix(name, ".go") {
				raw, err := os.ReadFile(name)
				if err != nil {
					t.Errorf("%v in %s", err, line)
				}
				text += string(raw)
				rows++
			}
		}
		for _, name := range groups("`([A-Za-z_.]+)`", line) {
			short := name[strings.LastIndex(name, ".")+1:]
			if text != "" && short != "go" && !regexp.MustCompile(`\b`+short+`\b`).MatchString(text) {
				t.Errorf("%s is not where the README says: %s", name, line)
			}
		}
	}
	if rows < 25 {
		t.Errorf("only %d files are named", rows)
	}
}

func sources(t *testing.T) string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	return all.String()
}

// groups lists what the first group of a pattern finds, sorted, each once.
func groups(pattern, in string) []string {
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(in, -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}
