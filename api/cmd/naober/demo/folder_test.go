package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestOpenFolder(t *testing.T) {
	seed := func(n uint64) *uint64 { return &n }
	path := filepath.Join(t.TempDir(), "demo")
	first, err := OpenFolder(path, false, seed(7))
	if err != nil || first.Facts.Seed != 7 || first.Facts.Database == "" {
		t.Fatalf("%+v: %v", first, err)
	}
	secret, err := first.Secret()
	if err != nil || len(secret) != 32 {
		t.Fatalf("%d bytes of secret: %v", len(secret), err)
	}
	t.Run("finds the same demo again", func(t *testing.T) {
		again, err := OpenFolder(path, false, nil)
		if err != nil || again.Facts != first.Facts {
			t.Fatalf("%+v: %v", again, err)
		}
		if same, err := again.Secret(); err != nil || !bytes.Equal(same, secret) {
			t.Errorf("another secret: %v", err)
		}
	})
	t.Run("refuses another seed", func(t *testing.T) {
		if _, err := OpenFolder(path, false, seed(8)); err == nil {
			t.Error("one folder holds two worlds")
		}
	})
	t.Run("begins anew where that is wanted", func(t *testing.T) {
		fresh, err := OpenFolder(path, true, seed(8))
		if err != nil || fresh.Facts.Seed != 8 || fresh.Facts.Database == first.Facts.Database {
			t.Fatalf("%+v: %v", fresh, err)
		}
		if other, err := fresh.Secret(); err != nil || bytes.Equal(other, secret) {
			t.Errorf("the old secret is still there: %v", err)
		}
	})
	t.Run("touches no folder that is not a demo's", func(t *testing.T) {
		mine := filepath.Join(t.TempDir(), "letters")
		if err := os.MkdirAll(mine, 0o700); err != nil {
			t.Fatal(err)
		}
		letter := filepath.Join(mine, "letter.txt")
		if err := os.WriteFile(letter, []byte("Lieve oma"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, fresh := range []bool{false, true} {
			if _, err := OpenFolder(mine, fresh, nil); err == nil {
				t.Errorf("opened with fresh %v", fresh)
			}
		}
		if _, err := os.Stat(letter); err != nil {
			t.Error(err)
		}
	})
}
