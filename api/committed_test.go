package api_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestNothingBuiltIsCommitted: what the repository holds is text that somebody wrote, no binaries and
// no leavings of tests.
func TestNothingBuiltIsCommitted(t *testing.T) {
	list := exec.Command("git", "ls-files", "-z")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Skip("this is no checkout of git: ", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if strings.Contains(name, "testdata/rapid/") {
			t.Errorf("%s is what a failed test left behind; make it a case of its own", name)
		}
		text, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		if err != nil {
			t.Error(err)
		} else if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			t.Errorf("%s is not text", name)
		}
	}
}
