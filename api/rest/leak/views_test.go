package leak_test

import (
	"strings"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
)

// TestAnAskedHelperReadsNoLastName: the requester reads the names of those who are asked, and the log of
// that reading tells them no more of the requester than the question does.
func TestAnAskedHelperReadsNoLastName(t *testing.T) {
	w := newWorld(t, seedOf(t))
	v := w.raise("a", "")
	w.furnish(v)
	geesje := v.cast["geesje"]
	w.do(geesje, "GET", "/v1/requests?scope=mine", "")
	for name, state := range map[string]string{"jan": "asked", "piet": "agreed"} {
		t.Run(state, func(t *testing.T) {
			log := w.do(v.cast[name], "GET", "/v1/me/views", "").body
			if !strings.Contains(log, `"name":"`+geesje.word("firstName")+`"`) || strings.Contains(log, geesje.word("lastName")) {
				t.Errorf("%s", log)
			}
		})
	}
}

// TestReadingsOfOneMomentStandInOneOrder: two helpers are named in one answer, again and again, and each time
// the rows of their logs are written in the same order. In an order that chance gives, a log tells two
// worlds apart that differ in nothing.
func TestReadingsOfOneMomentStandInOneOrder(t *testing.T) {
	w := newWorld(t, seedOf(t))
	v := w.raise("a", "")
	w.furnish(v)
	w.pass(24 * time.Hour) // both are free at another day's time
	asked := w.do(v.cast["geesje"], "POST", "/v1/requests", w.request(v.cast["geesje"], v, "company", 2)).text("id")
	wim, first := v.cast["wim"], ""
	for n := range 60 {
		w.pass(2 * time.Minute) // else it counts as the same reading
		bearer := "Bearer " + w.bearer(wim)
		w.redraw("one and the same")
		w.exchange(call{by: wim, method: "GET", path: "/v1/requests/" + asked}, bearer)
		chance := ""
		for _, name := range []string{"jan", "piet"} {
			rows, err := w.stores.Views.Find(t.Context(), port.Key{Name: app.ByPerson, Value: string(v.cast[name].id)}, port.Page{Limit: 1000})
			w.must(err)
			last := rows[len(rows)-1]
			if last.Value.What != "name" || !last.Value.At.Equal(w.clock()) {
				t.Fatalf("reading %d is not in the log of %s: %v", n, name, last.Value)
			}
			chance += last.ID[10:] + " " // what comes before is the time
		}
		if first == "" {
			first = chance
		}
		if chance != first {
			t.Fatalf("seed %d, reading %d: %s, at first %s", w.seed, n, chance, first)
		}
	}
}
