package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// TestVerifyAuditByCommand spoils the log in the file, as whoever has the file can.
func TestVerifyAuditByCommand(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment(map[string]string{"NAOBER_STORE": dir, "NAOBER_SECRET_FILE": file})
	begin(t, dir, keys{Secret: bytes.Repeat([]byte{0xab}, 32)})
	run := func(args ...string) (string, error) {
		var out, errs bytes.Buffer
		err := admin(t.Context(), args, env, &out, &errs)
		return strings.TrimSpace(out.String()), err
	}
	if _, err := run("create-organization", "--kind", "association", "--name", "Dorpsbelang"); err != nil {
		t.Fatal(err)
	}
	said, err := run("verify-audit")
	if err != nil || !strings.HasPrefix(said, "2 rows are whole") {
		t.Fatalf("%q, %v", said, err)
	}
	head := said[strings.LastIndex(said, " ")+1:]
	if said, err = run("verify-audit", "--anchor", head); err != nil {
		t.Fatalf("%q, %v", said, err)
	}
	spoil := func(query string) error {
		db, err := sql.Open("sqlite", filepath.Join(dir, "naober.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		_, err = db.Exec(query)
		return err
	}
	if err := spoil(`UPDATE audit SET row = row`); err == nil {
		t.Error("a row can be changed in the file")
	}
	for _, slip := range []string{"xyz", head[:len(head)-1], ":" + head, "0" + strings.TrimLeft(head, "0123456789")} {
		if _, err = run("verify-audit", "--anchor", slip); err == nil || strings.Contains(err.Error(), "not whole") || !strings.Contains(err.Error(), "64 hexadecimal") {
			t.Errorf("a slip of the pen, %q: %v", slip, err)
		}
	}
	if err := spoil(`DELETE FROM audit WHERE id >= 2`); err != nil {
		t.Fatal(err)
	}
	if _, err = run("verify-audit", "--anchor", head); err == nil || !strings.Contains(err.Error(), "anchor") {
		t.Errorf("a log cut short: %v", err)
	}
	if err := spoil(`DROP TRIGGER audit_stands; UPDATE audit SET row = replace(row, 'create-organization', 'look')`); err != nil {
		t.Fatal(err)
	}
	if _, err = run("verify-audit"); err == nil || !strings.Contains(err.Error(), "row 1: it was changed") {
		t.Errorf("a changed row: %v", err)
	}
}
