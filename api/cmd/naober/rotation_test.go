package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"naober/api/store/vault"
)

// hearing cancels once a word is said: the operator's terminal that is closed half way.
type hearing struct {
	word string
	end  context.CancelFunc
}

func (h hearing) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(h.word)) {
		h.end()
	}
	return len(p), nil
}

// TestRotateServiceKeyByCommand cuts the rotation off before its first write: the former key must
// open everything still, and the answer must not say that it may go.
func TestRotateServiceKeyByCommand(t *testing.T) {
	dir := t.TempDir()
	file := func(name, digits string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Repeat(digits, 32)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	former, next, data := file("former", "ab"), file("next", "cd"), filepath.Join(dir, "data")
	run := func(ctx context.Context, errs hearing, secret, old, act string) (string, error) {
		var out bytes.Buffer
		env := environment(map[string]string{"NAOBER_STORE": data, "NAOBER_SECRET_FILE": secret, "NAOBER_OLD_SECRET_FILE": old})
		err := admin(ctx, strings.Fields(act), env, &out, errs)
		return out.String(), err
	}
	quiet := hearing{"\x00", func() {}}
	begin(t, data, keys{Secret: bytes.Repeat([]byte{0xab}, 32)})
	said, err := run(t.Context(), quiet, former, "", "rotate-service-key")
	if err != nil || !strings.Contains(said, "0 keys of 0 rings were wrapped anew; nothing is left") {
		t.Fatalf("with nothing to do: %q, %v", said, err)
	}
	if said, err = run(t.Context(), quiet, next, former, "rotate-service-key"); err == nil || !strings.Contains(err.Error(), "say --servers-restarted") {
		t.Errorf("before the servers were restarted: %q, %v", said, err)
	}
	ctx, cut := context.WithCancel(t.Context())
	said, err = run(ctx, hearing{"wrapping every key anew", cut}, next, former, "rotate-service-key --servers-restarted")
	if err == nil || said != "" || !strings.Contains(err.Error(), "the former service key is needed") {
		t.Errorf("cut off: %q, %v", said, err)
	}
	if _, err := run(t.Context(), quiet, former, "", "verify-audit"); err != nil {
		t.Errorf("after it was cut off, with the former key: %v", err)
	}
	if _, err := run(t.Context(), quiet, next, "", "verify-audit"); err == nil {
		t.Error("the next key alone opens what it never wrapped")
	}
}

func TestRotatePersonKeyByCommand(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment(map[string]string{"NAOBER_STORE": dir, "NAOBER_SECRET_FILE": secret})
	begin(t, dir, keys{Secret: bytes.Repeat([]byte{0xab}, 32)})
	for _, row := range []struct{ args, said, refused string }{
		{args: "--all", said: "0 keys were renewed"},
		{args: "", refused: "say --person ID or --all"},
		{args: "--all --person 01J00000000000000000000000", refused: "say --person ID or --all"},
		{args: "--person Jantje", refused: "id"},
		{args: "--person 01J00000000000000000000000", refused: "there is nobody of the id 01J00000000000000000000000: nothing was done"},
	} {
		var out, errs bytes.Buffer
		err := admin(t.Context(), append([]string{"rotate-person-key"}, strings.Fields(row.args)...), env, &out, &errs)
		if row.refused == "" && (err != nil || !strings.Contains(out.String(), row.said)) {
			t.Errorf("%q says %q, %v", row.args, out.String(), err)
		}
		if row.refused != "" && (err == nil || !strings.Contains(err.Error(), row.refused)) {
			t.Errorf("%q: %v, want %q", row.args, err, row.refused)
		}
	}
}

func TestWhatARotationSays(t *testing.T) {
	for want, done := range map[string]vault.Renewed{
		"0 keys were renewed, 0 documents sealed anew, the former keys are destroyed":                                       {},
		"1 key was renewed, 1 document sealed anew, the former key is destroyed":                                            {Rings: 1, Documents: 1},
		"2 keys were renewed, 7 documents sealed anew, the former keys are destroyed; this finished a run that was cut off": {Rings: 2, Documents: 7, Resumed: true},
	} {
		if got := renewed(done); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
