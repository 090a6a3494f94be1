package main

import (
	"bytes"
	"fmt"
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

// TestAStoreOfASlipIsNoStore mistypes each setting in turn. No act of an operator may begin a new store or
// a new key store, leave a file there, and say of it that all is well.
func TestAStoreOfASlipIsNoStore(t *testing.T) {
	i := newInstallation(t)
	data, slip := i.env["NAOBER_STORE"], filepath.Join(i.folder, "slip")
	lay(t, data, keys{Secret: bytes.Repeat([]byte{7}, 32)})
	saved := filepath.Join(i.folder, "saved")
	if out, err := i.do("backup", "save", saved); err != nil {
		t.Fatal(out, err)
	}
	acts := [][]string{{"admin", "rotate-service-key"}, {"admin", "rotate-person-key", "--all"}, {"admin", "rotate-keys"}, {"admin", "verify-audit"},
		{"admin", "verify-keys"}, {"admin", "parked"}, {"admin", "create-organization", "--kind", "association", "--name", "Dorpsbelang"},
		{"backup", "save", filepath.Join(i.folder, "monday")}, {"backup", "verify"}, {"backup", "verify", saved}, {"backup", "restore", saved}}
	for _, name := range []string{"NAOBER_STORE", "NAOBER_KEY_STORE"} {
		for _, there := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, a folder that is there: %t", name, there), func(t *testing.T) {
				if there {
					if err := os.Mkdir(slip, 0o700); err != nil {
						t.Fatal(err)
					}
				}
				i.env[name] = slip
				for _, args := range acts {
					if out, err := i.do(args...); err == nil || !strings.Contains(err.Error(), "in "+slip) || !strings.Contains(err.Error(), "is "+name+" right?") {
						t.Errorf("%v: %s %v", args, out, err)
					}
				}
				if left, err := os.ReadDir(slip); there == (err != nil) || len(left) > 0 {
					t.Errorf("in the wrong folder lies %v, %v", left, err)
				}
				i.env["NAOBER_STORE"] = data
				delete(i.env, "NAOBER_KEY_STORE")
				if out, err := i.do("admin", "verify-audit"); err != nil {
					t.Errorf("with all as it was: %s %v", out, err)
				}
				if err := os.RemoveAll(slip); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// TestAnEmptyStoreIsNoStore meets the files that an earlier slip left: a store in which nothing lies.
func TestAnEmptyStoreIsNoStore(t *testing.T) {
	i := newInstallation(t)
	_, closeIt, err := openStore(t.Context(), i.env["NAOBER_STORE"], "", time.Now, keys{Secret: bytes.Repeat([]byte{7}, 32)}, func() {})
	if err == nil {
		err = closeIt()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"admin", "verify-audit"}, {"backup", "save", filepath.Join(i.folder, "monday")}, {"backup", "verify"}} {
		if out, err := i.do(args...); err == nil || !strings.Contains(err.Error(), "nothing was ever laid in "+i.env["NAOBER_STORE"]) {
			t.Errorf("%v: %s %v", args, out, err)
		}
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
	layIn(t, data, "", k)
}

// geesje is who is in it.
func geesje() care.Person {
	return care.Person{ID: care.DeriveID[care.PersonID](time.UnixMilli(1_800_000_000_000), "geesje"), FirstName: "Geesje"}
}

func layIn(t *testing.T, data, database string, k keys) {
	t.Helper()
	s, closeIt, err := openStore(t.Context(), data, database, time.Now, k, func() {})
	if err != nil {
		t.Fatal(err)
	}
	p := geesje()
	if _, err := s.Stores().Persons.Insert(t.Context(), p.ID, p, nil, port.Write{}); err != nil {
		t.Fatal(err)
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
}
