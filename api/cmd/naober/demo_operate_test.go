package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAnOperatorActsOnTheDemo does to a demo what README tells an operator: it is told where store and key
// are, puts a backup back and sees that the clocks hold, and changes the service key.
func TestAnOperatorActsOnTheDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprint(free.Addr().(*net.TCPAddr).Port)
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	first := startDemo(t, dir, "--no-neighbours", "--control-port", port)
	if first.ports.Control != "http://127.0.0.1:"+port {
		t.Errorf("the control port is %s, asked for was %s", first.ports.Control, port)
	}
	told := func(what string) string {
		i := slices.IndexFunc(first.said, func(line string) bool { return strings.HasPrefix(line, what+"  ") })
		if i < 0 {
			t.Fatalf("no %q in %q", what, first.said)
		}
		return strings.TrimSpace(strings.TrimPrefix(first.said[i], what))
	}
	in := installation{t: t, folder: t.TempDir(), env: map[string]string{"NAOBER_STORE": told("store"), "NAOBER_SECRET_FILE": told("service key")}}
	saved := filepath.Join(in.folder, "saved")
	if out, err := in.do("backup", "save", saved); err != nil {
		t.Fatal(out, err)
	}
	first.stop()
	if held := strings.Join(first.said, "\n"); strings.Contains(held, "hold") {
		t.Errorf("a demo that holds nothing says %q", held)
	}
	if out, err := in.do("backup", "restore", saved); err != nil {
		t.Fatal(out, err)
	}

	former, err := os.ReadFile(in.env["NAOBER_SECRET_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(in.folder, "old")
	for file, key := range map[string]string{old: string(former), in.env["NAOBER_SECRET_FILE"]: hex.EncodeToString(slices.Repeat([]byte{9}, 32))} {
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err = runDemo(t.Context(), []string{"--port", "0", "--dir", dir}, environment(nil), io.Discard, io.Discard)
	if err == nil || strings.Contains(err.Error(), "--fresh") || !strings.Contains(err.Error(), "NAOBER_OLD_SECRET_FILE") {
		t.Errorf("with another key: %v", err)
	}
	again := startDemoIn(t, map[string]string{"NAOBER_OLD_SECRET_FILE": old}, dir, "--no-neighbours")
	defer again.stop()
	if said := strings.Join(again.said, "\n"); !strings.Contains(said, fmt.Sprintf("Clocks and messages hold (restored): nothing moves until kill -USR1 %d", os.Getpid())) {
		t.Errorf("after a restore it says %q", said)
	}
}
