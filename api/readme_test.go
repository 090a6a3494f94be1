package api_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmesNameFilesThatAreThere: a file is named from the root of the repository or from the page's own
// folder; a bare name may also lie in the folder that the same item or row named before it, by itself or with
// a file.
func TestReadmesNameFilesThatAreThere(t *testing.T) {
	quoted := regexp.MustCompile("`([^`\n]+)`")
	fileName := regexp.MustCompile(`^[\w.-]+(/[\w.-]+)*\.(go|md|csv|yaml|sh|ts|py|json|css)$`)
	named := 0
	for _, page := range []string{"README.md", "mobile-contract/README.md", "mobile-contract/CHANGELOG.md", "matching/README.md",
		"matching/care/README.md", "matching/place/README.md", "deploy/SECURITY.md", "deploy/METRICS.md", "deploy/replicache/README.md"} {
		raw, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(string(raw)) {
			before := ""
			for _, m := range quoted.FindAllStringSubmatch(block, -1) {
				name := m[1]
				switch info, err := os.Stat(filepath.Join("..", name)); {
				case err == nil && info.IsDir():
					before = name
					continue
				case !fileName.MatchString(name), name == "schema.d.ts": // which npm run generate writes
					continue
				}
				folders := []string{"", path.Dir(page)}
				if !strings.Contains(name, "/") {
					folders = append(folders, before)
				}
				named++
				if found := lies(name, folders); found == "" {
					t.Errorf("%s names %s, which is in none of %q", page, name, folders)
				} else {
					before = path.Dir(found)
				}
			}
		}
	}
	if named < 100 {
		t.Fatalf("only %d names of files were found", named)
	}
}

// lies is the path from the root of a file in the first of the folders that has it.
func lies(name string, folders []string) string {
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join("..", folder, name)); err == nil {
			return path.Join(folder, name)
		}
	}
	return ""
}

// blocks are the paragraphs of a page, its items and the rows of its tables.
func blocks(page string) []string {
	return regexp.MustCompile(`\n\n|\n\||\n\d+\. |\n[-*] `).Split(page, -1)
}
