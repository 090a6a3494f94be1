package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestSoakOptions(t *testing.T) {
	for args, refused := range map[string]bool{
		"":                          false,
		"--store mongo":             false,
		"--store mongo --mode pair": false,
		"--store mongo --mode db --seconds 40 --every 20": false,
		"--mode pair":               true, // one process alone has the embedded store
		"--mode db":                 true, // the embedded store has no server that could be killed
		"--store mongo --mode none": true,
		"--store paper":             true,
		"--cycles 0":                true,
		"--seconds 5 --every 10":    true,
		"--seeds 3 --mode clones":   false,
		"--seeds 3 --mode all --store mongo --seconds 5": false,
		"--seeds 3 --mode pair":                          true, // devices meet one service
		"--seeds 3 --store none":                         true,
		"--replay file":                                  false,
	} {
		o, err := readSoakOptions(strings.Fields(args), io.Discard)
		if (err != nil) != refused {
			t.Errorf("%q: %v, refused should be %t", args, err, refused)
		}
		if err == nil && !o.fleet.plays() && (o.Seed == 0 || o.For < o.Every || o.Every < time.Second) {
			t.Errorf("%q: %+v", args, o.Options)
		}
	}
}

// TestASoakServerThatDoesNotStart is told, with the words of what should have started it.
func TestASoakServerThatDoesNotStart(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // where its folder stays, to be looked at
	script := t.TempDir() + "/none.sh"
	err := soaked(t.Context(), []string{"--store", "mongo", "--mongo-script", script}, func(string) string { return "" }, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), script) {
		t.Errorf("said %v, want the script's name", err)
	}
}
