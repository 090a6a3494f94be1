package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// variablesRead are those that serve asks its environment for.
func variablesRead(t *testing.T) []string {
	t.Helper()
	var read []string
	_, err := readConfig(func(name string) string {
		read = append(read, name)
		return ""
	})
	if err == nil || len(read) < 10 {
		t.Fatalf("only %d variables were read: %v", len(read), err)
	}
	slices.Sort(read)
	return slices.Compact(read)
}

// TestEveryVariableIsDocumented holds README's table and serve --help to what serve reads, both ways, and
// the compose files to the same.
func TestEveryVariableIsDocumented(t *testing.T) {
	read := variablesRead(t)
	// Only to stand in for Google's, in tests.
	ours := slices.DeleteFunc(slices.Clone(read), func(name string) bool { return name == "NAOBER_FCM_ENDPOINT" })
	told := tabled(t)
	if !slices.Equal(told, ours) {
		t.Errorf("README's table names\n%v, serve reads\n%v", told, ours)
	}
	var helped []string
	for _, m := range regexp.MustCompile(`(?m)^  (NAOBER_[A-Z_]+)`).FindAllStringSubmatch(serveUsage, -1) {
		helped = append(helped, m[1])
	}
	if slices.Sort(helped); !slices.Equal(helped, ours) {
		t.Errorf("serve --help names\n%v, serve reads\n%v", helped, ours)
	}
	passed := []string{"NAOBER_DATABASE"} // a container's server has one
	for _, name := range []string{"compose.yaml", "compose.rotation.yaml", "compose.fcm.yaml"} {
		passed = append(passed, match(t, "../../../deploy/"+name, `(?m)^ {6}(NAOBER_[A-Z_]+):`)...)
	}
	slices.Sort(passed)
	if !slices.Equal(passed, ours) {
		t.Errorf("the compose files pass\n%v, serve reads\n%v", passed, ours)
	}
}

// tabled are the variables in README's table; `_FROM` behind `NAOBER_SMTP_ADDR` is short for NAOBER_SMTP_FROM.
func tabled(t *testing.T) []string {
	t.Helper()
	var told []string
	for _, row := range match(t, "../../../README.md", "(?m)^\\| (`NAOBER_[^|]+) \\|") {
		stem := ""
		for _, name := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(row, -1) {
			full := name[1]
			if strings.HasPrefix(full, "_") {
				full = stem + full
			} else {
				stem = full[:strings.LastIndex(full, "_")]
			}
			told = append(told, full)
		}
	}
	slices.Sort(told)
	return told
}

// match are the first groups of an expression in a file.
func match(t *testing.T, file, expression string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(string(raw), -1) {
		found = append(found, m[1])
	}
	return found
}
