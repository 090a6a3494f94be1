package rest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"naober/api/offline"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// Whoever is forgotten leaves nothing of their devices on the service; and a device that comes back within 90
// days is told to wipe itself, by what wipes a store and by nothing else.
func TestCase52AForgottenAccountIsToldToItsDevices(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		phone := w.phone("Anna")
		asked := phone.does("request.ask", w.needs(phone.newID()))
		closed := phone.does("request.withdraw", fmt.Sprintf(`{"request":%q,"reason":"no_longer_needed"}`, phone.newID()))
		phone.push(200, asked, closed)
		phone.pullAll()
		anna, refresh := w.people["Anna"].id, fmt.Sprintf(`{"refresh":%q}`, w.people["Anna"].tokens.Refresh)
		if n := w.keptOf(anna); n["groups"] != 1 || n["snapshots"] == 0 || n["outcomes"] != 1 || n["writers"] != 1 {
			t.Fatalf("kept is %v", n)
		}
		w.call("Anna", "POST", "/v1/me/forget", `{"firstName":"Anna"}`).want(204)
		if n := w.keptOf(anna); n["snapshots"]+n["outcomes"]+n["writers"] != 0 {
			t.Errorf("kept after the farewell is %v", n)
		}
		again, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: phone.group, SchemaVersion: "1", Mutations: []wire.Mutation{closed}})
		must(t, err)
		pull := fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`, phone.group)
		none := header{"Idempotency-Key", ""}
		for path, body := range map[string]string{"/sync/v1/push": string(again), "/sync/v1/pull": pull} {
			if a := w.call("Anna", "POST", path, body, none).want(410); a.text("error") != "AccountGone" || a.text("code") != "account_gone" {
				t.Errorf("%s: %s", path, a.body)
			}
		}
		w.call("Anna", "DELETE", "/sync/v1/groups/"+phone.group, "").want(410)
		w.call("Anna", "GET", "/v1/me", "").want(401)
		w.call("", "POST", "/v1/tokens", refresh, none).want(410)
		w.call("", "POST", "/v1/tokens", fmt.Sprintf(`{"refresh":%q}`, w.people["Anna"].tokens.Refresh[:40]+"AAAA"), none).want(401)
		w.pass(91 * 24 * time.Hour)
		w.call("", "POST", "/v1/tokens", refresh, none).want(401)
	})
}

// Who died, or whose session ended, wipes nothing: the outbox waits.
func TestCase52And53NobodyElseIsToldToWipe(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Wim", care.FixedWorker)
		w.arrive("Ina", care.Moderator)
		refresh := fmt.Sprintf(`{"refresh":%q}`, w.people["Anna"].tokens.Refresh)
		person := "/v1/persons/" + string(w.people["Anna"].id)
		w.call("Wim", "POST", person+"/life/death", "{}").want(200)
		w.call("Ina", "POST", person+"/life/death/confirm", "{}").want(200)
		w.call("Anna", "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`, w.phone("Anna").group), header{"Idempotency-Key", ""}).want(401)
		w.call("", "POST", "/v1/tokens", refresh, header{"Idempotency-Key", ""}).want(401)
	})
}

// keptOf counts what is kept of an account's devices, as it is found by account or by group.
func (w *world) keptOf(p care.PersonID) map[string]int {
	w.t.Helper()
	st, n := w.ground.Offline(), map[string]int{}
	by := port.Key{Name: offline.ByAccount, Value: string(p)}
	groups, err := st.Groups.Find(w.t.Context(), by, port.Page{Limit: 100})
	must(w.t, err)
	for _, g := range groups {
		if g.Value.EndedAt.IsZero() {
			n["groups"]++
		}
		all, err := st.Snapshots.Find(w.t.Context(), port.Key{Name: offline.ByGroup, Value: string(g.ID)}, port.Page{Limit: 100})
		must(w.t, err)
		n["snapshots"] += len(all)
	}
	outcomes, err := st.Outcomes.Find(w.t.Context(), by, port.Page{Limit: 100})
	must(w.t, err)
	writers, err := st.Writers.Find(w.t.Context(), by, port.Page{Limit: 100})
	must(w.t, err)
	n["outcomes"], n["writers"] = len(outcomes), len(writers)
	return n
}
