package story

import (
	"os"
	"path/filepath"
	"testing"

	"naober/api/cmd/naober/demo"
	"naober/mobile-contract/wire"
)

func TestTheLogIsSearchedForPeople(t *testing.T) {
	for name, tc := range map[string]struct {
		line  string
		found bool
	}{
		"a first name":                   {`{"msg":"asked Jan"}`, true},
		"a last name at the end":         {`for Van der Hoving`, true},
		"a mail address of anybody":      {`{"to":"someone@elsewhere.example"}`, true},
		"a phone number":                 {`{"to":"+31612345678"}`, true},
		"a street":                       {`{"where":"Schapendrift 7"}`, true},
		"ids, routes and codes are fine": {`{"id":"JanX-Jan_Hoving1","route":"/v1/asks/:ask","code":"ask_lapsed"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "server.err"), []byte("a line before\n"+tc.line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			p := &Player{server: &Server{Folder: folder}, cast: map[string]demo.Part{"driver": {FirstName: "Jan", LastName: "Hoving", Mail: "jan.hoving@grolloo.example"}},
				resident: wire.Profile{FirstName: "Hendrikje", LastName: "Lanjouw", Home: wire.Place{Street: "Schapendrift 7"}}}
			if _, err := p.discreet(t.Context()); (err != nil) != tc.found {
				t.Errorf("found %v", err)
			}
		})
	}
}
