package rest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// The hard cases of several devices, copies and accounts, by their numbers.

func TestCase16TheStoreOfOneUnderTheTokenOfAnother(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		anna, berend := w.phone("Anna"), w.phone("Berend")
		mine := anna.asks()
		anna.says(200, "applied", mine)
		anna.pullAll()
		stolen := *berend
		stolen.group, stolen.cookie = anna.group, anna.cookie
		raw, err := json.Marshal(wire.Push{PushVersion: 1, ClientGroupID: anna.group, SchemaVersion: "1", Mutations: []wire.Mutation{stolen.asks(), mine}})
		must(t, err)
		pull, err := json.Marshal(wire.Pull{PullVersion: 1, ClientGroupID: anna.group, SchemaVersion: "1", Cookie: anna.cookie})
		must(t, err)
		for path, body := range map[string]string{"/sync/v1/push": string(raw), "/sync/v1/pull": string(pull)} {
			a := w.call("Berend", "POST", path, body, header{"Idempotency-Key", ""}).refused(403, "client_group_forbidden")
			for _, told := range []string{string(w.people["Anna"].id), anna.writer, "lastMutation", "epoch"} {
				if strings.Contains(string(a.body), told) {
					t.Errorf("%s tells of %s: %s", path, told, a.body)
				}
			}
		}
		w.call("Berend", "DELETE", "/sync/v1/groups/"+anna.group, "").refused(403, "client_group_forbidden")
		if n, m := w.asksIn("Anna"), w.asksIn("Berend"); n != 1 || m != 0 {
			t.Errorf("%d and %d were done", n, m)
		}
		anna.says(200, "applied", anna.asks())
	})
}

func TestCase17AWriterOfAnotherGroup(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Berend", care.Resident)
		anna, tablet, berend := w.phone("Anna"), w.phone("Anna"), w.phone("Berend")
		anna.says(200, "applied", anna.asks())
		for who, p := range map[string]*phone{"Anna": tablet, "Berend": berend} {
			first, borrowed := p.asks(), p.asks()
			borrowed.ClientID = anna.writer
			p.push(403, first, borrowed)
			borrowed.ID = 1
			p.push(403, borrowed)
			if n := w.asksIn(who); who == "Berend" && n != 0 || who == "Anna" && n != 1 {
				t.Errorf("%d of %s were done", n, who)
			}
		}
	})
}

func TestCase19TwoDevicesDoTheSame(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p, tablet := w.phone("Anna"), w.phone("Anna")
		id := p.newID()
		p.says(200, "applied", p.does("request.ask", w.needs(id)))
		close := fmt.Sprintf(`{"request":%q}`, id)
		mine, its := p.does("request.withdraw", close), tablet.does("request.withdraw", close)
		tablet.says(200, "applied", its)
		p.says(200, "rejected request_closed", mine)
		p.pullAll()
		if tablet.pullAll(); len(p.of("outcome")) != 1 || len(tablet.of("outcome")) != 1 {
			t.Errorf("shown are %v and %v", p.of("outcome"), tablet.of("outcome"))
		}
	})
}

func TestCase20TwoDevicesEditInTheOrderOfArrival(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p, tablet := w.phone("Anna"), w.phone("Anna")
		id := p.newID()
		p.says(200, "applied", p.does("request.ask", strings.Replace(w.needs(id), `"publish":true,`, "", 1)))
		at := w.clock().AddDate(0, 0, 1).UTC()
		edit := func(words string) string {
			return fmt.Sprintf(`{"request":%q,"kind":"groceries","words":%q,"urgency":"ordinary","slots":[{"start":%q,"end":%q}]}`,
				id, words, at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339))
		}
		mine, its := p.does("request.edit", edit("Kaas")), tablet.does("request.edit", edit("Vis"))
		tablet.says(200, "applied", its)
		p.says(200, "applied", mine)
		for who, q := range map[string]*phone{"the phone": p, "the tablet": tablet} {
			var shown wire.Request
			q.pullAll()
			if raw := q.docs["request/"+id]; json.Unmarshal(raw, &shown) != nil || shown.Words != "Kaas" {
				t.Errorf("%s shows %s", who, raw)
			}
		}
	})
}

func TestCase22ACloneOfAClone(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.says(200, "applied", p.dismisses())
		m := p.asks() // unsent when the phone was copied, and copied again
		own := p.dismisses()
		own.ID = m.ID
		p.says(200, "applied", own)
		p.says(409, "forked", m)
		var copies []string
		for i := range 3 {
			q := *p
			q.writer = q.newID()
			again := m
			again.ClientID, again.ID = q.writer, 1
			copies = append(copies, q.writer)
			want := "duplicate of applied"
			if i == 0 {
				want = "applied"
			}
			q.says(200, want, again)
		}
		if p.pullAll(); w.asksIn("Anna") != 1 {
			t.Errorf("%d stand there", w.asksIn("Anna"))
		}
		for _, writer := range copies {
			if p.last[writer] != 1 {
				t.Errorf("of %s it tells %d", writer, p.last[writer])
			}
		}
	})
}

func TestCase24TwoDevicesThatShareAStore(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.pullAll()
		copied := *p
		copied.docs, copied.last, copied.writer = map[string]json.RawMessage{}, map[string]int64{}, p.newID()
		copied.cookie, copied.nonces = nil, 100
		copied.pullAll()
		for i := range 12 { // more than a store has views
			q := []*phone{p, &copied}[i%2]
			q.says(200, "applied", q.asks())
			for _, each := range []*phone{p, &copied} {
				if patch := each.pulled(0).Patch; i > 1 && len(patch) > 0 && patch[0].Op == "clear" {
					t.Fatalf("round %d: fetched anew", i)
				}
			}
		}
		if len(p.of("request")) != 12 || len(copied.of("request")) != 12 {
			t.Errorf("%d and %d", len(p.of("request")), len(copied.of("request")))
		}
	})
}

func TestCase25AnotherEpochTakesNoOldCookie(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		m := p.asks()
		before := p.push(200, m).Epoch
		p.pullAll()
		must(t, w.server.Restored(t.Context(), "a test"))
		said := p.push(200, m)
		if got := statuses(said); said.Epoch == before || got != "duplicate of applied" {
			t.Fatalf("%s in epoch %s after %s", got, said.Epoch, before)
		}
		page := p.pulled(0)
		if page.Epoch != said.Epoch || len(page.Patch) == 0 || page.Patch[0].Op != "clear" || len(p.of("request")) != 1 || page.LastMutationIDChanges[p.writer] != 1 {
			t.Errorf("%+v", page)
		}
	})
}

func TestCase60AWriterThatIsTooOld(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		p := w.phone("Anna")
		p.writer = ulid.MustNew(ulid.Timestamp(w.clock().AddDate(-1, 0, -1)), ulid.DefaultEntropy()).String()
		m := p.asks()
		p.says(200, "rejected too_old", m)
		p.says(200, "rejected too_old", m) // nothing was kept, so nothing is a duplicate
		p.pullAll()
		if keys := append(p.of("request"), p.of("outcome")...); len(keys) != 0 || len(p.last) != 0 || w.asksIn("Anna") != 0 {
			t.Fatalf("something was kept: %v %v", keys, p.last)
		}
		if n := w.keptOf(w.people["Anna"].id)["writers"]; n != 0 {
			t.Errorf("%d writers are kept", n)
		}
		anew := m // the person does it anew
		anew.ClientID, anew.ID, anew.Nonce = p.newID(), 1, m.Nonce+"-anew"
		p.says(200, "applied", anew)
	})
}
