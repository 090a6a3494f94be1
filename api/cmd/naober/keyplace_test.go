package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/api/port"
	"naober/matching/care"
)

// TestKeysLieElsewhere puts the key store into another folder: nothing of it stands beside the data
// or in a backup, every command finds it, and without it nothing opens.
func TestKeysLieElsewhere(t *testing.T) {
	i := newInstallation(t)
	place, data := filepath.Join(i.folder, "disk", "keys"), i.env["NAOBER_STORE"]
	i.env["NAOBER_KEY_STORE"] = place
	secret := bytes.Repeat([]byte{7}, 32)
	lay(t, data, keys{Secret: secret, Place: place})
	folder := filepath.Join(i.folder, "monday")
	for _, args := range [][]string{{"backup", "save", folder}, {"backup", "verify", folder}, {"backup", "restore", folder}, {"backup", "verify"},
		{"admin", "rotate-service-key"}} {
		if out, err := i.do(args...); err != nil {
			t.Fatalf("%v: %s %v", args, out, err)
		}
	}
	if got := namesIn(t, folder); !slices.Equal(got, []string{"manifest.json", "naober.db"}) {
		t.Errorf("a backup holds %v", got)
	}
	for _, name := range namesIn(t, data) {
		if strings.HasPrefix(name, "keys") {
			t.Errorf("%s stands beside the data", name)
		}
	}
	if got := namesIn(t, place); !slices.Contains(got, "keys.db") {
		t.Errorf("the other folder holds %v", got)
	}
	delete(i.env, "NAOBER_KEY_STORE")
	if out, err := i.do("backup", "verify", folder); err == nil {
		t.Errorf("a backup opens without its keys: %s", out)
	}
}

// TestAStoreOfASlipIsNoStore mistypes each setting in turn. The acts of an operator must not begin a new
// store or a new key store and say of it that the former key can be thrown away.
func TestAStoreOfASlipIsNoStore(t *testing.T) {
	i := newInstallation(t)
	data := i.env["NAOBER_STORE"]
	lay(t, data, keys{Secret: bytes.Repeat([]byte{7}, 32)})
	for slip, says := range map[string]string{"NAOBER_STORE": "nothing was ever laid", "NAOBER_KEY_STORE": "lacks a key"} {
		t.Run(slip, func(t *testing.T) {
			i.env[slip] = filepath.Join(i.folder, "slip")
			for _, args := range [][]string{{"rotate-service-key"}, {"rotate-person-key", "--all"}, {"rotate-keys"}, {"verify-audit"}} {
				if out, err := i.do(append([]string{"admin"}, args...)...); err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%v: %s %v, want %q", args, out, err, says)
				}
			}
			i.env["NAOBER_STORE"] = data
			delete(i.env, "NAOBER_KEY_STORE")
			if out, err := i.do("admin", "verify-audit"); err != nil {
				t.Errorf("with all as it was: %s %v", out, err)
			}
			if err := os.RemoveAll(filepath.Join(i.folder, "slip")); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func namesIn(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestKeysLieInTheSameKindOfStore(t *testing.T) {
	for store, place := range map[string]string{"data": "mongodb://127.0.0.1:1", "mongodb://127.0.0.1:1": "keys"} {
		_, err := readConfig(environment(map[string]string{"NAOBER_STORE": store, "NAOBER_KEY_STORE": place}))
		if err == nil || !strings.Contains(err.Error(), "NAOBER_KEY_STORE") {
			t.Errorf("keys of %s in %s: %v", store, place, err)
		}
	}
}

// lay makes a store that holds one person.
func lay(t *testing.T, data string, k keys) {
	t.Helper()
	s, closeIt, err := openStore(t.Context(), data, "", time.Now, k, func() {})
	if err != nil {
		t.Fatal(err)
	}
	p := care.Person{ID: care.DeriveID[care.PersonID](time.Now(), "geesje"), FirstName: "Geesje"}
	if _, err := s.Stores().Persons.Insert(t.Context(), p.ID, p, nil, port.Write{}); err != nil {
		t.Fatal(err)
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
}
