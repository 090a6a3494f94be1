package leak_test

import (
	"fmt"
	"strings"

	"naober/matching/care"
)

// ends are the calls after which somebody who is played may be gone: forgotten, dead or moved away.
func ends(route string) bool {
	return strings.HasSuffix(route, "/forget") || strings.HasSuffix(route, "/life/move") || strings.HasSuffix(route, "/life/death/confirm")
}

// succeed puts an heir in the place of everybody who is gone, with their part, roles and habits and
// other words: a play goes on with all of its parts, and those who are gone stay gone.
func (w *world) succeed() {
	w.Helper()
	var heirs []*actor
	for _, a := range w.actors {
		p, err := w.stores.Persons.Get(w.Context(), a.id)
		w.must(err)
		if p.Value.Gone() || p.Value.Life.State == care.Died || p.Value.Life.MovedFrom == a.of.id {
			w.redraw("heir " + a.village + a.name + w.number(a))
			a.salt += "+"
			w.settleDown(a)
			heirs = append(heirs, a)
		}
	}
	w.settle()
	for _, a := range heirs {
		w.heirs++
		w.signIn(a)
		w.meet(a)
		if w.listen != nil {
			w.try(a, "PUT", "/v1/me/push-token", fmt.Sprintf(`{"token":%q}`, phoneOf(a)))
		}
		if a.name == "jan" || a.name == "piet" {
			w.engage(a.of, a.name, w.try)
		}
	}
}

// try is a call of which it does not matter here whether it succeeds: whoever must agree to it may
// have lost their office in the course of the play.
func (w *world) try(by *actor, method, path, body string) answer {
	w.Helper()
	c := call{by: by, method: method, route: path, path: path, body: body}
	if method != "GET" {
		c.key = "key-of-an-heir-" + w.number(by)
	}
	return w.send(c)
}

// meet makes somebody known in their village.
func (w *world) meet(a *actor) {
	w.ids.add(poolOf(a.village, "person"), string(a.id))
	w.ids.add(poolOf(a.village, "device"), a.tokens.Session)
}
