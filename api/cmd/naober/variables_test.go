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

// TestEveryVariableIsDocumented holds README's table to what serve reads, both ways, and compose.yaml
// to names that serve knows.
func TestEveryVariableIsDocumented(t *testing.T) {
	read := variablesRead(t)
	// Only to stand in for Google's, in tests.
	ours := slices.DeleteFunc(slices.Clone(read), func(name string) bool { return name == "NAOBER_FCM_ENDPOINT" })
	told := tabled(t)
	if !slices.Equal(told, ours) {
		t.Errorf("README's table names\n%v, serve reads\n%v", told, ours)
	}
	// A container has one address, no proxy until one is put before it, one database, and its old key
	// only while keys are changed.
	absent := []string{"NAOBER_DATABASE", "NAOBER_OLD_SECRET_FILE", "NAOBER_TRUSTED_PROXIES", "NAOBER_WATCH_LISTEN"}
	passed := match(t, "../../../deploy/compose.yaml", `(?m)^ {6}(NAOBER_[A-Z_]+):`)
	for _, name := range ours {
		if slices.Contains(passed, name) == slices.Contains(absent, name) {
			t.Errorf("compose.yaml and %s: passed %t", name, slices.Contains(passed, name))
		}
	}
	for _, name := range append(passed, match(t, "../../../deploy/compose.rotation.yaml", `(?m)^ {6}(NAOBER_[A-Z_]+):`)...) {
		if !slices.Contains(read, name) {
			t.Errorf("compose passes %s, which serve does not know", name)
		}
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
