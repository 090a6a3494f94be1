package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"naober/api/store/sqlitestore"
)

// on acts on the store of an installation, whose rings are lent for a moment only.
func (i installation) on(act func(*sqlitestore.Store) error) {
	i.t.Helper()
	s, err := sqlitestore.Open(i.t.Context(), dataFile(i.env["NAOBER_STORE"]), sqlitestore.Options{Key: bytes.Repeat([]byte{7}, 32), Lent: time.Millisecond})
	if err != nil {
		i.t.Fatal(err)
	}
	if err := errors.Join(act(s), s.Close()); err != nil {
		i.t.Fatal(err)
	}
}

// TestABackupThatHasLostPeople is older than a rotation of somebody's key. It is told from one that is older
// than somebody's being forgotten, and is not put back by mistake.
func TestABackupThatHasLostPeople(t *testing.T) {
	i := newInstallation(t)
	lay(t, i.env["NAOBER_STORE"], keys{Secret: bytes.Repeat([]byte{7}, 32)})
	before, after := filepath.Join(i.folder, "before"), filepath.Join(i.folder, "after")
	want := func(said string, args ...string) {
		t.Helper()
		out, err := i.do(args...)
		if err != nil {
			out = err.Error()
		}
		if (err == nil) == (said == lostOne) || !strings.Contains(out, said) || strings.Contains(out, "Geesje") {
			t.Errorf("%v: %s, want %q", args, out, said)
		}
	}
	want("saved", "backup", "save", before)
	i.on(func(s *sqlitestore.Store) error {
		_, err := s.Vault().Renew(t.Context(), geesje().ID)
		return err
	})
	want("saved", "backup", "save", after)
	want("all is well", "backup", "verify", after)
	want(lostOne, "backup", "verify", before)
	want(lostOne, "backup", "restore", before)
	want("all is well", "backup", "verify")
	want("under a key that there is", "admin", "verify-keys")

	want("restored in "+i.env["NAOBER_STORE"], "backup", "restore", before, "--lose-people")
	want(lostOne, "backup", "verify")
	want(lostOne, "admin", "verify-keys")

	i.on(func(s *sqlitestore.Store) error { return s.Vault().Destroy(t.Context(), geesje().ID) })
	for _, folder := range []string{before, after} {
		want("all is well", "backup", "verify", folder)
	}
}

const lostOne = "1 person reads as if they were forgotten"

// TestABackupOfNothing is one that an earlier slip made.
func TestABackupOfNothing(t *testing.T) {
	i := newInstallation(t).begin()
	i.on(func(*sqlitestore.Store) error { return nil })
	empty := filepath.Join(i.folder, "empty")
	s, err := sqlitestore.Open(t.Context(), filepath.Join(i.folder, "naober.db"), sqlitestore.Options{Key: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Backup(t.Context(), empty)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	for _, act := range []string{"verify", "restore"} {
		if out, err := i.do("backup", act, empty); err == nil || !strings.Contains(err.Error(), "nothing was ever laid") {
			t.Errorf("%s: %s %v", act, out, err)
		}
	}
}
