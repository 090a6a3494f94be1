package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func environment(of map[string]string) func(string) string {
	return func(name string) string { return of[name] }
}

func secretFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("0f", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestConfigReportsAllThatIsWrongTogether(t *testing.T) {
	_, err := readConfig(environment(map[string]string{"NAOBER_LISTEN": "nowhere", "NAOBER_PUBLIC_URL": "http://plain.example",
		"NAOBER_FCM_PROJECT": "p", "NAOBER_OUTGOING_ALLOW": "localhost", "NAOBER_TRUSTED_PROXIES": "10.0.0.1,proxy", "NAOBER_HOLD": "please", "NAOBER_SMTP_PASSWORD": "hunter2"}))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"LISTEN", "STORE", "SECRET_FILE", "PUBLIC_URL", "SMTP_ADDR", "FCM_PROJECT", "OUTGOING_ALLOW", "TRUSTED_PROXIES", "HOLD"} {
		if !strings.Contains(err.Error(), "NAOBER_"+name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("a secret is shown")
	}
}

// TestASecretThatCannotBeUsedSaysWhy, without a word of what the file holds.
func TestASecretThatCannotBeUsedSaysWhy(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, why := range map[string]string{"": "not set", filepath.Join(t.TempDir(), "none"): "no such file", short: "something else"} {
		var c config
		err := c.readGround(settings(environment(map[string]string{"NAOBER_STORE": "x", "NAOBER_SECRET_FILE": file})))
		if err == nil || !strings.Contains(err.Error(), "NAOBER_SECRET_FILE") || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// TestMailThatCannotWorkIsNamedWithTheRest: what the sender finds wrong is reported with everything else.
func TestMailThatCannotWorkIsNamedWithTheRest(t *testing.T) {
	of := map[string]string{"NAOBER_SMTP_ADDR": "mail", "NAOBER_SMTP_FROM": "nobody", "NAOBER_PUBLIC_URL": "http://plain.example"}
	_, err := readConfig(environment(of))
	for _, want := range []string{"NAOBER_SMTP_ADDR", "host:port", "From", "NAOBER_PUBLIC_URL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named: %v", want, err)
		}
	}
}

func TestAnOperatorNeedsTheStoreAndItsKeyAlone(t *testing.T) {
	var out, errs strings.Builder
	data := t.TempDir()
	begin(t, data, keys{Secret: bytes.Repeat([]byte{0x0f}, 32)})
	env := environment(map[string]string{"NAOBER_STORE": data, "NAOBER_SECRET_FILE": secretFile(t)})
	if err := admin(t.Context(), []string{"create-organization", "--kind", "association", "--name", "Dorpsbelang"}, env, &out, &errs); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := admin(t.Context(), []string{"rotate-keys"}, env, &out, &errs); err != nil || strings.TrimSpace(out.String()) != "rotated" {
		t.Fatalf("%v: %s%s", err, out.String(), errs.String())
	}
	if err := admin(t.Context(), []string{"rotate-keys"}, environment(nil), &out, &errs); err == nil || strings.Contains(err.Error(), "SMTP") {
		t.Fatalf("without a store: %v", err)
	}
}

func TestProxiesAreAddressesAndNetworks(t *testing.T) {
	of := map[string]string{"NAOBER_STORE": t.TempDir(), "NAOBER_SECRET_FILE": secretFile(t), "NAOBER_PUBLIC_URL": "https://naober.example",
		"NAOBER_SMTP_ADDR": "mail.example:587", "NAOBER_SMTP_FROM": "naober@naober.example", "NAOBER_HOLD": "restored"}
	for list, good := range map[string]bool{"10.0.0.1": true, "172.18.0.0/16, fd00::1": true, "": true, "0.0.0.0/0": false, "::/0": false, "proxy": false} {
		of["NAOBER_TRUSTED_PROXIES"] = list
		if c, err := readConfig(environment(of)); (err == nil) != good || !c.Hold {
			t.Errorf("%q: %v", list, err)
		}
	}
}

func TestCommandsExplainThemselves(t *testing.T) {
	var out, errs strings.Builder
	for _, word := range []string{"help", "--help", "-h"} {
		out.Reset()
		if err := run(t.Context(), []string{word}, environment(nil), &out, &errs); err != nil || !strings.Contains(out.String(), "naober serve ") {
			t.Errorf("%s: %v, %s", word, err, &out)
		}
	}
	out.Reset()
	if err := run(t.Context(), []string{"serve", "--help"}, environment(nil), &out, &errs); err != nil || !strings.Contains(out.String(), "NAOBER_STORE") {
		t.Errorf("serve --help: %v, %s", err, &out)
	}
	for _, args := range [][]string{nil, {"serv"}, {"serve", "--port"}} {
		if err := run(t.Context(), args, environment(nil), &out, &errs); err == nil || !strings.Contains(err.Error(), "naober ") && !strings.Contains(err.Error(), "NAOBER_") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
