package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/feed"
	"naober/matching/care"
)

// installation is the embedded store of a village, and the settings that an operator has.
type installation struct {
	t      *testing.T
	folder string
	env    map[string]string
}

func newInstallation(t *testing.T) installation {
	t.Helper()
	folder := t.TempDir()
	i := installation{t: t, folder: folder, env: map[string]string{"NAOBER_STORE": filepath.Join(folder, "store"), "NAOBER_SECRET_FILE": filepath.Join(folder, "secret")}}
	if err := os.WriteFile(i.env["NAOBER_SECRET_FILE"], []byte(strings.Repeat("07", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return i
}

// begin lays a store as serve does at its first start: with a signing key, and nobody.
func (i installation) begin() installation {
	i.t.Helper()
	begin(i.t, i.env["NAOBER_STORE"], keys{Secret: bytes.Repeat([]byte{7}, 32), Place: i.env["NAOBER_KEY_STORE"]})
	return i
}

func begin(t *testing.T, data string, k keys) {
	t.Helper()
	beginIn(t, data, "", k)
}

func beginIn(t *testing.T, data, database string, k keys) {
	t.Helper()
	s, closeIt, err := openStore(t.Context(), data, database, time.Now, k, func() {})
	if err != nil {
		t.Fatal(err)
	}
	a := app.New(app.Settings{Stores: s.Stores(), Now: time.Now, Log: slog.New(slog.DiscardHandler), Secret: s.Vault().Secret()})
	if err := errors.Join(a.LoadKeys(t.Context()), closeIt()); err != nil {
		t.Fatal(err)
	}
}

// do runs the binary's command line.
func (i installation) do(args ...string) (string, error) {
	i.t.Helper()
	var out bytes.Buffer
	err := run(i.t.Context(), args, func(name string) string { return i.env[name] }, &out, &out)
	return out.String(), err
}

// TestBackupCommands saves a village, loses what came after, and finds the clocks held.
func TestBackupCommands(t *testing.T) {
	i := newInstallation(t).begin()
	want := func(said string, args ...string) {
		t.Helper()
		if out, err := i.do(args...); err != nil || !strings.Contains(out, said) {
			t.Fatalf("%v: %s %v, want %q", args, out, err, said)
		}
	}
	refused := func(args ...string) {
		t.Helper()
		if out, err := i.do(args...); err == nil {
			t.Fatalf("%v was done: %s", args, out)
		}
	}
	organization := []string{"admin", "create-organization", "--kind", "association", "--name"}
	first, err := i.do(append(organization, "Dorpsbelang")...)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(i.folder, "monday")
	want("saved", "backup", "save", folder)
	refused("backup", "save", folder)
	want("all is well", "backup", "verify", folder)
	want("all is well", "backup", "verify")
	second, err := i.do(append(organization, "Later")...)
	if err != nil {
		t.Fatal(err)
	}
	want("restored", "backup", "restore", folder)
	refused("backup", "restore", filepath.Join(i.folder, "nowhere"))
	refused("backup", "burn", folder)
	refused("backup", "save", filepath.Join(i.folder, "tuesday"), "--lose-people")
	refused("backup")

	s, closeIt, err := openStore(t.Context(), i.env["NAOBER_STORE"], "", time.Now, keys{Secret: bytes.Repeat([]byte{7}, 32)}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closeIt(); err != nil {
			t.Error(err)
		}
	}()
	find := func(id string) error {
		_, err := s.Stores().Organizations.Get(t.Context(), care.OrganizationID(strings.TrimSpace(id)))
		return err
	}
	if err := find(first); err != nil {
		t.Error("what was saved: ", err)
	}
	if err := find(second); !care.IsKind(err, care.NotFound) {
		t.Error("what came later: ", err)
	}
	hold := feed.NewHold(time.Now, feed.SystemTime())
	if err := holdRestored(s, hold); err != nil || hold.Check() != feed.HoldRestore {
		t.Errorf("after a restore nothing is held: %v", err)
	}
	if !hold.Release() {
		t.Error("the hold cannot be released")
	}
	if r, ok := s.(restorable); !ok || r.Resumed() != nil {
		t.Error("the mark of the restore stays")
	}
}

func TestBackupIsOfTheEmbeddedStore(t *testing.T) {
	i := newInstallation(t)
	i.env["NAOBER_STORE"] = "mongodb://127.0.0.1:1"
	if _, err := i.do("backup", "save", filepath.Join(i.folder, "x")); err == nil || !strings.Contains(err.Error(), "MongoDB") {
		t.Errorf("said %v", err)
	}
}
