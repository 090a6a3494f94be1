package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"naober/api/cmd/naober/handset"
)

// phoneIn runs naober client in a folder, and holds that what it says has something in it.
func phoneIn(t *testing.T, dir string) func(wants string, args ...string) string {
	return func(wants string, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		err := handset.Run(context.Background(), append([]string{"--dir", dir}, args...), &out, &out)
		said := out.String()
		if err != nil {
			said += err.Error()
		}
		if !strings.Contains(said, wants) {
			t.Fatalf("client %v: %s", args, said)
		}
		return said
	}
}

// TestClientWorksWithoutAConnection signs a folder in at a demo, asks for help with the demo stopped, and hands it in
// when it is back.
func TestClientWorksWithoutAConnection(t *testing.T) {
	t.Parallel()
	demoDir, dir := t.TempDir(), filepath.Join(t.TempDir(), "phone")
	d := startDemo(t, demoDir, "--no-neighbours")
	use := phoneIn(t, dir)
	use("sign-in", "sync")
	mail := d.cast["resident"].Mail
	use("on its way", "sign-in", "--server", d.ports.API, "--contact", mail)
	var code struct{ Code string }
	d.call("", "GET", d.ports.Control+"/codes?contact="+mail, nil, &code)
	use("signed in", "sign-in", "--code", code.Code)
	use("waiting 0", "sync")
	api := d.ports.API
	d.stop()
	start := time.Now().AddDate(0, 0, 3).UTC().Format(time.RFC3339)
	asked := regexp.MustCompile(`^[0-9A-Z]{26}`).FindString(use("saved on this device", "ask", "--words", "Melk en brood", "--kind", "groceries", "--start", start))
	use("1 wait", "sync")
	use("unsent 1", "status")
	d = startDemo(t, demoDir, "--no-neighbours", "--port", strings.Split(api, ":")[2])
	defer d.stop()
	use("sent 1, waiting 0", "sync")
	use(asked+" groceries open as requester", "status")
	use("saved on this device", "do", "request.withdraw", `{"request":"`+asked+`"}`)
	use("saved on this device", "accept", asked)
	use("sent 2, waiting 0", "sync")
	use("refused ask.accept: ask_not_found", "status")
	use("there is no client command", "fly")
}

// TestClientByHandAndOutAgain hands in by a file what a device without a connection did, leaves it locked with
// something unsent, and wipes it.
func TestClientByHandAndOutAgain(t *testing.T) {
	t.Parallel()
	demoDir, base := t.TempDir(), t.TempDir()
	d := startDemo(t, demoDir, "--no-neighbours")
	defer func() { d.stop() }()
	dir, up, down := filepath.Join(base, "phone"), filepath.Join(base, "up"), filepath.Join(base, "down")
	use := phoneIn(t, dir)
	mail := d.cast["resident"].Mail
	signIn := func() {
		t.Helper()
		use("on its way", "sign-in", "--server", d.ports.API, "--contact", mail)
		var code struct{ Code string }
		d.call("", "GET", d.ports.Control+"/codes?contact="+mail, nil, &code)
		use("signed in", "sign-in", "--code", code.Code)
	}
	signIn()
	use("waiting 0", "sync")
	start := time.Now().AddDate(0, 0, 3).UTC().Format(time.RFC3339)
	asked := regexp.MustCompile(`^[0-9A-Z]{26}`).FindString(use("saved on this device", "ask", "--words", "Zeldzame woorden", "--kind", "groceries", "--start", start))
	use("holds what waits here (1)", "export-bundle", up)
	use("handed in", "carry-bundle", "--server", d.ports.API, up, down)
	use("sent 1, waiting 0", "import-bundle", down)
	use(asked+" groceries", "status")
	use("taken in before", "import-bundle", down)
	use("goes the other way", "import-bundle", up)
	use("bundle_invalid", "carry-bundle", "--server", d.ports.API, down, filepath.Join(base, "x"))
	use("no such file", "import-bundle", filepath.Join(base, "absent"))

	use("saved on this device", "do", "request.withdraw", `{"request":"`+asked+`"}`)
	for _, name := range []string{"store.db", "store.db-wal", "link.json"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("Zeldzame")) {
			t.Errorf("%s holds what was written", name)
		}
	}
	use("locked with 1 unsent", "sign-out", "--keep")
	use("is locked with 1 unsent", "status")
	raw, err := os.ReadFile(filepath.Join(dir, "link.json"))
	if err != nil || bytes.Contains(raw, []byte(`"storeKey":"`)) && !bytes.Contains(raw, []byte(`"storeKey":""`)) {
		t.Fatalf("a locked folder holds its key: %s %v", raw, err)
	}
	signIn()
	use("unsent 1", "status")
	use("sent 1, waiting 0", "sync")
	use("saved on this device", "do", "request.withdraw", `{"request":"`+asked+`"}`)
	use("nothing is left here", "sign-out", "--discard")
	use("nobody is signed in", "status")
	if left, _ := filepath.Glob(filepath.Join(dir, "store.db*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	for _, p := range d.cast {
		if p.Mail != d.cast["resident"].Mail {
			mail = p.Mail
		}
	}
	signIn() // somebody else
	use("waiting 0", "sync")
	use("nothing is left here", "sign-out")
}
