package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzConfig reads any environment: no panic, and what is reported as wrong shows no secret.
func FuzzConfig(f *testing.F) {
	secret := strings.Repeat("5a", 32)
	f.Add("/var/lib/naober", "127.0.0.1:8080", "https://naober.example", "mail:25", "Naober <post@naober.example>", secret, "hunter2hunter2", "10.0.0.1, ::1")
	f.Add("", "8080", "http://naober.example", "", "", secret[1:], "", "localhost,,")
	f.Add("mongodb://u:p@h/", ":0", "https://", "x", "<", " "+secret+"\n", "\x00", "10.0.0.0/8")
	f.Fuzz(func(t *testing.T, store, listen, public, smtp, from, secret, password, proxies string) {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"NAOBER_STORE": store, "NAOBER_LISTEN": listen, "NAOBER_PUBLIC_URL": public, "NAOBER_SMTP_ADDR": smtp, "NAOBER_SMTP_FROM": from,
			"NAOBER_SECRET_FILE": file, "NAOBER_SMTP_PASSWORD": password, "NAOBER_TRUSTED_PROXIES": proxies}
		c, err := readConfig(func(name string) string { return env[name] })
		if err == nil {
			if len(c.Secret) != 32 || !strings.HasPrefix(strings.ToLower(c.PublicURL), "https:") {
				t.Fatalf("taken: %+v", c)
			}
			return
		}
		for _, value := range []string{secret, password} {
			if len(value) > 12 && strings.Contains(err.Error(), value) {
				t.Fatalf("the report shows a secret: %v", err)
			}
		}
	})
}

// FuzzAct reads any command line of an operator.
func FuzzAct(f *testing.F) {
	for _, line := range []string{"rotate-keys", "create-organization\n--kind\nassociation\n--name\nDorpsbelang", "create-community\n--lat\nNaN", "grant-first-role\n--person", "-h", "", "rotate-keys\nextra"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		act, err := readAct(strings.Split(line, "\n"), io.Discard)
		if (act == nil) == (err == nil) {
			t.Fatalf("%q gives an act: %v, and %v", line, act != nil, err)
		}
	})
}
