package main

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"naober/api/cmd/naober/handset"
)

// TestClientWorksWithoutAConnection signs a folder in at a demo, asks for help with the demo stopped, and hands it in
// when it is back.
func TestClientWorksWithoutAConnection(t *testing.T) {
	t.Parallel()
	demoDir, dir := t.TempDir(), filepath.Join(t.TempDir(), "phone")
	d := startDemo(t, demoDir, "--no-neighbours")
	use := func(wants string, args ...string) string {
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
