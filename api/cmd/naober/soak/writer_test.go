package soak

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// TestAWriterWritesOnlyOnVisitsOfWhomItPlays lets the village's worker say yes where another helper
// has a seat already. As the owner of the request they are shown that visit too, and a message on it
// would be refused, which a soak holds to be a wrong answer.
func TestAWriterWritesOnlyOnVisitsOfWhomItPlays(t *testing.T) {
	const worker, other = care.PersonID("worker"), "other"
	for name, row := range map[string]struct {
		visits []wire.Visit
		want   string // path of the message; empty for none
	}{
		"a seat of one's own, beside another's": {[]wire.Visit{{ID: "theirs", Helper: wire.Person{ID: other}}, {ID: "own", Helper: wire.Person{ID: string(worker)}}}, "/v1/visits/own/messages"},
		"a place in reserve":                    {[]wire.Visit{{ID: "theirs", Helper: wire.Person{ID: other}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var paths []string
			w := writerOn(t, worker, func(path string) any {
				if paths = append(paths, path); len(paths) == 1 {
					return wire.AskAnswer{Request: &wire.Request{Visits: row.visits}}
				}
				return wire.Message{ID: "m"}
			})
			who := w.village.people[0]
			if err := w.yes(t.Context(), who, "ask"); err != nil {
				t.Fatal(err)
			}
			for range 20 {
				if len(w.visits) == 0 {
					break
				}
				if err := w.write(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for _, path := range paths[1:] {
				if path != row.want {
					t.Errorf("wrote to %s, want %q", path, row.want)
				}
			}
			if len(paths) == 1 != (row.want == "") {
				t.Errorf("%d calls were made", len(paths))
			}
		})
	}
}

// writerOn plays one person before a server that answers as told.
func writerOn(t *testing.T, who care.PersonID, answer func(path string) any) *writer {
	t.Helper()
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewEncoder(w).Encode(answer(r.URL.Path)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(h.Close)
	up := make(chan struct{})
	close(up)
	return &writer{client: newClient([]*Process{{base: h.URL, up: up}}), village: &village{people: []*resident{{id: who}}}, kept: newKept(),
		run: "test", dice: rand.New(rand.NewPCG(1, 1))}
}
