package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"naober/api/app"
	"naober/api/offline"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

func TestPushRunsEachIntentOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		id := p.newID()
		first := p.does("request.ask", w.needs(id))
		if got := statuses(p.push(200, first)); got != "applied" {
			t.Fatal(got)
		}
		if got := statuses(p.push(200, first)); got != "duplicate of applied" {
			t.Fatal(got)
		}
		second := p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, id))
		third := p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, id))
		if got := statuses(p.push(409, third)); got != "gap 2" {
			t.Fatal(got)
		}
		if got := statuses(p.push(409, third, second)); got != "gap 2" {
			t.Fatalf("what comes behind a gap was judged: %s", got)
		}
		if got := statuses(p.push(200, first, second, third)); got != "duplicate of applied, applied, rejected request_closed" {
			t.Fatal(got)
		}
		p.pullAll()
		if keys := p.of("request"); len(keys) != 1 || keys[0] != "request/"+id {
			t.Fatalf("holds %v", keys)
		}
		if keys := p.of("outcome"); len(keys) != 1 || keys[0] != "outcome/"+third.Nonce {
			t.Fatalf("refusals: %v", keys)
		}
		if p.last[p.writer] != 3 {
			t.Fatalf("told %v", p.last)
		}
		if got := statuses(p.push(200, p.does("outcome.dismiss", fmt.Sprintf(`{"nonce":%q}`, third.Nonce)))); got != "applied" {
			t.Fatal(got)
		}
		p.push(200, third) // late, and shows it to nobody again
		p.pullAll()
		if keys := p.of("outcome"); len(keys) != 0 {
			t.Fatalf("a refusal that was dismissed: %v", keys)
		}
	})
}

func TestPushRefusesWhatIsNobodys(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		anna, berend := w.phone("Anna"), w.phone("Berend")
		anna.push(200, anna.does("request.ask", w.needs(anna.newID())))
		stolen := *berend
		stolen.group = anna.group
		stolen.push(403, berend.does("request.ask", w.needs(berend.newID())))
		borrowed := berend.does("request.ask", w.needs(berend.newID()))
		borrowed.ClientID = anna.writer
		berend.push(403, borrowed)
		w.call("Berend", "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`, anna.group),
			header{"Idempotency-Key", ""}).refused(403, "client_group_forbidden")
		berend.next = 0
		if got := statuses(berend.push(200, berend.does("nothing.known", `{}`), berend.does("request.withdraw", `{"request":7}`), berend.does("ask.accept", `[]`))); got !=
			"rejected mutation_unknown, rejected id_invalid, rejected body_invalid" {
			t.Fatal(got)
		}
		for what, spoil := range map[string]func(*wire.Mutation){
			"id 0": func(m *wire.Mutation) { m.ID = 0 }, "id below": func(m *wire.Mutation) { m.ID = -3 }, "id beyond": func(m *wire.Mutation) { m.ID = 1 << 53 },
			"short nonce": func(m *wire.Mutation) { m.Nonce = "short" }, "operator": func(m *wire.Mutation) { m.Name = "$where" }, "writer": func(m *wire.Mutation) { m.ClientID = "x" }} {
			t.Run(what, func(t *testing.T) {
				m := berend.does("ask.accept", `{}`)
				berend.next--
				spoil(&m)
				berend.push(400, m)
			})
		}
	})
}

// The client of replicache knows no nonces, makes names of its own, and takes what comes in one piece.
func TestPushWithoutNonces(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.group, p.writer = "oot8hr3e3bdvh08k38", "e44v002h1r3oerddm2"
		does := func(name, args string) wire.Mutation {
			m := p.does(name, args)
			m.Nonce = ""
			return m
		}
		first, refused := does("request.ask", w.needs(p.newID())), does("request.withdraw", fmt.Sprintf(`{"request":%q}`, p.newID()))
		if got := statuses(p.push(200, first, refused)); got != "applied, rejected request_not_found" {
			t.Fatal(got)
		}
		if got := statuses(p.push(200, first, refused)); got != "duplicate of applied, duplicate of rejected request_not_found" {
			t.Fatal(got)
		}
		again := p.push(409, wire.Mutation{ClientID: p.writer, ID: 4, Name: "outcome.dismiss", Args: json.RawMessage(`{}`)})
		if again.Results[0].ExpectedID != 3 {
			t.Fatal(again.Results)
		}
		other := first
		other.ClientID, other.Args = "67d4odm3h6mvkh1rks", json.RawMessage(w.needs(p.newID()))
		if got := statuses(p.push(200, other)); got != "applied" {
			t.Fatalf("the first of another writer is %s", got)
		}
		if more := p.pull(0); more || p.last[p.writer] != 2 || p.last[other.ClientID] != 1 || len(p.of("request")) != 2 || len(p.of("outcome")) != 1 {
			t.Fatalf("more %t, counts %v, %v %v", more, p.last, p.of("request"), p.of("outcome"))
		}
		nonce := strings.TrimPrefix(p.of("outcome")[0], "outcome/")
		if got := statuses(p.push(200, does("outcome.dismiss", fmt.Sprintf(`{"nonce":%q}`, nonce)))); got != "applied" {
			t.Fatal(got)
		}
		if p.pullAll(); len(p.of("outcome")) != 0 {
			t.Fatal(p.of("outcome"))
		}
		w.call("Anna", "DELETE", "/sync/v1/groups/"+p.group, "", header{"Idempotency-Key", ""}).want(204)
		p.push(409, first)
	})
}

// A phone was copied, and both go on under the same writer.
func TestCase21ARestoredPhoneForks(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.push(200, p.does("request.ask", w.needs(p.newID())))
		copied := *p
		copied.nonces = 100
		mine, theirs := p.does("request.ask", w.needs(p.newID())), copied.does("request.ask", w.needs(copied.newID()))
		p.push(200, mine)
		if got := statuses(copied.push(409, theirs)); got != "forked" {
			t.Fatal(got)
		}
		theirs.ClientID, theirs.ID = copied.newID(), 1
		again := mine
		again.ClientID, again.ID = theirs.ClientID, 2
		if got := statuses(copied.push(200, theirs, again)); got != "applied, duplicate of applied" {
			t.Fatal(got)
		}
		p.pullAll()
		if n := len(p.of("request")); n != 3 {
			t.Fatalf("%d requests of three", n)
		}
	})
}

func TestPullBringsPagesThatAreWhole(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p, other := w.phone("Anna"), w.phone("Anna")
		var ids []string
		for range 7 {
			ids = append(ids, p.newID())
			p.push(200, p.does("request.ask", w.needs(ids[len(ids)-1])))
		}
		pages := 1
		for other.pull(2) {
			if pages++; len(other.last) > 0 {
				t.Fatal("counts were told before the last page")
			}
		}
		if n := len(other.of("request")); n != 7 || pages < 5 {
			t.Fatalf("%d requests in %d pages", n, pages)
		}
		before := *other.cookie
		if other.pullAll(); *other.cookie != before {
			t.Fatal("nothing has changed, and the cookie has")
		}
		p.push(200, p.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, ids[3])))
		held := string(other.docs["request/"+ids[3]])
		if other.pullAll(); string(other.docs["request/"+ids[3]]) == held || other.cookie.Order <= before.Order {
			t.Fatal("the change did not come")
		}
		other.cookie = &wire.Cookie{Order: 1 << 60, V: "forged", E: before.E}
		other.docs["request/forged"] = json.RawMessage(`{}`)
		if other.pullAll(); len(other.of("request")) != 7 || other.cookie.Order >= 1<<40 {
			t.Fatalf("after a forged cookie: %v, order %d", other.of("request"), other.cookie.Order)
		}
	})
}

// Who may no longer see something has it taken away by the next page.
func TestPullTakesAwayWhatMayNotBeSeen(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Wim", care.FixedWorker)
		anna, wim := w.phone("Anna"), w.phone("Wim")
		id := anna.newID()
		anna.push(200, anna.does("request.ask", w.needs(id)))
		wim.pullAll()
		if keys := wim.of("request"); len(keys) != 1 {
			t.Fatalf("the fixed worker holds %v", keys)
		}
		seen := w.call("Anna", "GET", "/v1/me/views", "").want(200)
		if who := seen.text("items.0.by"); who != string(w.people["Wim"].id) {
			t.Fatalf("%s is said to have seen it", who)
		}
		w.arrive("Ada", care.Administrator)
		for _, m := range all(w, w.stores.Memberships) {
			if m.Person == w.people["Wim"].id {
				w.call("Ada", "DELETE", "/v1/memberships/"+string(m.ID), "").want(200)
			}
		}
		if wim.pull(1); len(wim.of("request")) != 0 {
			t.Fatalf("no worker any more, and holds %v", wim.of("request"))
		}
	})
}

// A push is no way around the limit of changes, and whoever comes to it loses nothing.
func TestPushIsCountedByIntents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Anna", care.Resident)
	w.narrow()
	p := w.phone("Anna")
	sent := 0
	for range 30 {
		var all []wire.Mutation
		p.next = int64(sent)
		for range 100 {
			all = append(all, p.does("outcome.dismiss", `{"nonce":"nonce-of-nothing-1"}`))
		}
		raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: p.group, SchemaVersion: "1", Mutations: all})
		must(t, err)
		a := w.call("Anna", "POST", "/sync/v1/push", string(raw), header{"Idempotency-Key", ""})
		if a.status == 429 {
			a.limited()
			break
		}
		var answer wire.PushAnswer
		must(t, json.Unmarshal(a.body, &answer))
		sent += len(answer.Results)
		if (a.status == 202) != (len(answer.Results) < 100) || a.status != 202 && a.status != 200 {
			t.Fatalf("status %d after %d of 100", a.status, len(answer.Results))
		}
	}
	if sent < 1_000 || sent > 1_300 {
		t.Fatalf("%d intents were taken, of some 1,200", sent)
	}
}

// A desk that registers somebody under the id of a person elsewhere gets nothing of that person.
func TestPushMakesNobodyOnesOwn(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		elsewhere, err := w.app.CreateCommunity(t.Context(), care.Community{Name: "Elders", Town: "Beilen", Point: witteveen, Zone: "Europe/Amsterdam"})
		must(t, err)
		w.village = elsewhere
		w.arrive("Dirk", care.DeskWorker)
		anna, dirk := string(w.people["Anna"].id), w.phone("Dirk")
		w.call("Dirk", "GET", "/v1/persons/"+anna, "").refused(404, "person_not_found")
		args := fmt.Sprintf(`{"id":%q,"community":%q,"firstName":"Trijn","lastName":"Wever","birthDate":"1939-01-02","language":"nl","home":{"town":"Beilen","lat":52.81,"lon":6.68}}`, anna, elsewhere)
		if got := statuses(dirk.push(200, dirk.does("person.register", args))); got != "rejected id_taken" {
			t.Fatal(got)
		}
		w.call("Dirk", "GET", "/v1/persons/"+anna, "").refused(404, "person_not_found")
	})
}

// meddled shows what a library shows, and does something once between that and the end of the pull.
type meddled struct {
	offline.Library
	meanwhile func()
}

func (m *meddled) Documents(ctx context.Context, c app.Caller) ([]offline.Document, error) {
	docs, err := m.Library.Documents(ctx, c)
	if do := m.meanwhile; do != nil {
		m.meanwhile = nil
		do()
	}
	return docs, err
}

// A right that is lost while a pull reads shows nothing under it: the pull begins anew.
func TestPullReadsRightsOnceMore(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Wim", care.FixedWorker)
		w.arrive("Ada", care.Administrator)
		anna, wim := w.phone("Anna"), w.phone("Wim")
		anna.push(200, anna.does("request.ask", w.needs(anna.newID())))
		w.server.offline.Library = &meddled{w.server.offline.Library, func() {
			for _, m := range all(w, w.stores.Memberships) {
				if m.Person == w.people["Wim"].id {
					w.call("Ada", "DELETE", "/v1/memberships/"+string(m.ID), "").want(200)
				}
			}
		}}
		if wim.pullAll(); len(wim.of("request")) != 0 {
			t.Fatalf("no worker any more, and gets %v", wim.of("request"))
		}
	})
}
