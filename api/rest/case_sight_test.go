package rest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// The hard cases of what a device may hold, by their numbers.

// asked is a village in which Geesje has asked for groceries and Jan was asked; his phone holds the question.
func (w *world) asked() (geesje, jan *phone, request, ask string) {
	w.t.Helper()
	w.helpers()
	geesje, jan = w.phone("Geesje"), w.phone("Jan")
	request = geesje.newID()
	geesje.says(200, "applied", geesje.does("request.ask", w.needs(request)))
	w.settle()
	jan.pullAll()
	var shown wire.Request
	if err := json.Unmarshal(jan.docs["request/"+request], &shown); err != nil || len(shown.Asks) != 1 {
		w.t.Fatalf("Jan holds %v: %s %v", jan.of("request"), jan.docs["request/"+request], err)
	}
	return geesje, jan, request, string(shown.Asks[0].ID)
}

// accepted is such a village after Jan's yes.
func (w *world) accepted() (geesje, jan *phone, request string) {
	w.t.Helper()
	geesje, jan, request, ask := w.asked()
	jan.says(200, "applied", jan.does("ask.accept", fmt.Sprintf(`{"ask":%q}`, ask)))
	w.settle()
	jan.pullAll()
	return geesje, jan, request
}

// role is somebody's membership in a role, as its id.
func (w *world) role(name string, role care.Role) string {
	w.t.Helper()
	for _, m := range all(w, w.stores.Memberships) {
		if m.Person == w.people[name].id && m.Role == role {
			return string(m.ID)
		}
	}
	w.t.Fatalf("%s has no such role", name)
	return ""
}

func (w *world) grant(name string, role care.Role) {
	w.t.Helper()
	_, err := w.app.GrantFirstRole(w.t.Context(), care.Membership{Person: w.people[name].id, Community: w.village, Role: role})
	must(w.t, err)
}

// offers is what Jan offers once more.
func (w *world) offers() string { return strings.ReplaceAll(offerBody, "{village}", string(w.village)) }

// oneSlot is one more time for a request.
func (w *world) oneSlot(request string) string {
	at := w.clock().AddDate(0, 0, 2).UTC()
	return fmt.Sprintf(`{"request":%q,"slots":[{"start":%q,"end":%q}]}`, request, at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339))
}

// version is how often a request was changed in a way that shows.
func (w *world) version(request string) int64 {
	w.t.Helper()
	r, err := w.stores.Requests.Get(w.t.Context(), care.RequestID(request))
	must(w.t, err)
	return r.Ver
}

func dels(page wire.PullAnswer) []string {
	var keys []string
	for _, op := range page.Patch {
		if op.Op == "del" {
			keys = append(keys, op.Key)
		}
	}
	return keys
}

func TestCase29WhatIsTakenAwayGoesInTheFirstPage(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		geesje, jan, request, _ := w.asked()
		for range 3 {
			jan.says(200, "applied", jan.does("offer.make", strings.Replace(w.offers(), "{", fmt.Sprintf(`{"id":%q,`, jan.newID()), 1)))
		}
		w.call("Wim", "POST", "/v1/requests/"+request+"/refuse", `{"reason":"unsafe","toldBy":"phone"}`).want(200)
		w.settle()
		page := jan.pulled(1) // there is more to put than fits
		if !page.HasMore || !slices.Contains(dels(page), "request/"+request) {
			t.Errorf("the first of more pages takes %v", dels(page))
		}
		if geesje.pullAll(); !slices.Contains(geesje.of("request"), "request/"+request) {
			t.Errorf("whose it is holds %v", geesje.of("request"))
		}
	})
}

// A right that was given shows more of a request that itself has not changed, and less again without it.
func TestCase30And31WhatIsShownGrowsAndShrinksAtTheSameVersion(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		_, _, request, _ := w.asked()
		w.arrive("Ada", care.Administrator)
		w.arrive("Trijn", care.Volunteer)
		trijn, key := w.phone("Trijn"), "request/"+request
		if trijn.pullAll(); trijn.docs[key] != nil {
			t.Fatalf("a stranger holds %s", trijn.docs[key])
		}
		w.grant("Trijn", care.Moderator)
		trijn.pullAll()
		before, ver := string(trijn.docs[key]), w.version(request)
		if strings.Contains(before, "Melk en brood") {
			t.Fatalf("a moderator holds %s", before)
		}
		w.grant("Trijn", care.FixedWorker)
		if trijn.pullAll(); !strings.Contains(string(trijn.docs[key]), "Melk en brood") || w.version(request) != ver {
			t.Errorf("grown at version %d of %d: %s", w.version(request), ver, trijn.docs[key])
		}
		w.call("Ada", "DELETE", "/v1/memberships/"+w.role("Trijn", care.FixedWorker), "").want(200)
		if trijn.pullAll(); string(trijn.docs[key]) != before || w.version(request) != ver {
			t.Errorf("shrunk at version %d of %d: %s instead of %s", w.version(request), ver, trijn.docs[key], before)
		}
	})
}

// After a yes the helper's device has name and address, and after a block none of it.
func TestCase30And31AYesShowsTheAddressAndABlockTakesIt(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		_, jan, _ := w.accepted()
		if len(jan.of("address")) != 1 || !strings.Contains(string(jan.docs[jan.of("address")[0]]), "Hoofdstraat") {
			t.Fatalf("after the yes: %v", jan.of("address"))
		}
		w.call("Geesje", "POST", "/v1/me/blocks", fmt.Sprintf(`{"community":%q,"person":%q}`, w.village, w.people["Jan"].id)).want(200)
		w.settle()
		jan.pullAll()
		for key, raw := range jan.docs {
			for _, hers := range []string{"Hoofdstraat", "Eising", "geesje@", "52.8167"} {
				if !slices.Contains([]string{"me", "offer", "community"}, strings.Split(key, "/")[0]) && strings.Contains(string(raw), hers) {
					t.Errorf("after the block %s holds %s: %s", key, hers, raw)
				}
			}
		}
	})
}

// A question that is gone from the helper's device is refused, whatever the reason, in the same words: that of two
// the one was blocked and the other withdrawn shows in neither.
func TestCase32WhatIsNoLongerSeenIsRefusedWithoutTheReason(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		geesje, jan, request, ask := w.asked()
		w.arrive("Trijn", care.Resident)
		trijn := w.phone("Trijn")
		other := trijn.newID()
		at := w.clock().AddDate(0, 0, 2).UTC()
		trijn.says(200, "applied", trijn.does("request.ask", fmt.Sprintf(`{"id":%q,"community":%q,"kind":"groceries","words":"Vis","urgency":"ordinary","publish":true,"slots":[{"start":%q,"end":%q}]}`,
			other, w.village, at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339))))
		w.settle()
		jan.pullAll()
		var shown wire.Request
		if err := json.Unmarshal(jan.docs["request/"+other], &shown); err != nil || len(shown.Asks) != 1 {
			t.Fatalf("of the second he holds %s", jan.docs["request/"+other])
		}
		blocked := jan.does("ask.accept", fmt.Sprintf(`{"ask":%q}`, ask)) // both without a connection
		withdrawn := jan.does("ask.accept", fmt.Sprintf(`{"ask":%q}`, shown.Asks[0].ID))
		w.call("Geesje", "POST", "/v1/me/blocks", fmt.Sprintf(`{"community":%q,"person":%q}`, w.village, w.people["Jan"].id)).want(200)
		trijn.says(200, "applied", trijn.does("request.withdraw", fmt.Sprintf(`{"request":%q}`, other)))
		w.settle()
		if jan.pullAll(); jan.docs["request/"+request] != nil {
			t.Fatalf("after the block he holds %s", jan.docs["request/"+request])
		}
		said := jan.push(200, blocked, withdrawn)
		jan.pullAll()
		var one, two wire.Outcome
		must(t, json.Unmarshal(jan.docs["outcome/"+blocked.Nonce], &one))
		must(t, json.Unmarshal(jan.docs["outcome/"+withdrawn.Nonce], &two))
		if said.Results[0].Status != "rejected" || one.Code != two.Code || fmt.Sprint(one.Params) != fmt.Sprint(two.Params) {
			t.Errorf("of the one %+v, of the other %+v", one, two)
		}
		for _, told := range []string{string(w.people["Geesje"].id), "Geesje", "Melk", "block"} {
			if strings.Contains(string(jan.docs["outcome/"+blocked.Nonce]), told) {
				t.Errorf("the refusal tells %s: %s", told, jan.docs["outcome/"+blocked.Nonce])
			}
		}
		if geesje.pullAll(); len(geesje.of("request")) != 1 {
			t.Errorf("she holds %v", geesje.of("request"))
		}
	})
}

func TestCase33LostAndRegainedBetweenTwoPulls(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		geesje, _, request, _ := w.asked()
		w.arrive("Ada", care.Administrator)
		wim := w.phone("Wim")
		wim.pullAll()
		w.call("Ada", "DELETE", "/v1/memberships/"+w.role("Wim", care.FixedWorker), "").want(200)
		geesje.says(200, "applied", geesje.does("slot.add", w.oneSlot(request)))
		w.grant("Wim", care.FixedWorker)
		fresh := w.phone("Wim")
		fresh.pullAll()
		page := wim.pulled(0)
		puts := 0
		for _, op := range page.Patch {
			if op.Key == "request/"+request {
				puts++
			}
		}
		if puts != 1 || string(wim.docs["request/"+request]) != string(fresh.docs["request/"+request]) {
			t.Errorf("put %d times; holds %s instead of %s", puts, wim.docs["request/"+request], fresh.docs["request/"+request])
		}
	})
}

func TestCase34TimeTakesAwayWithoutAWrite(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		_, jan, request := w.accepted()
		var held wire.HeldAddress
		must(t, json.Unmarshal(jan.docs[jan.of("address")[0]], &held))
		ver := w.version(request)
		w.pass(time.Time(held.Until).Sub(w.clock()) - time.Second)
		if jan.pullAll(); len(jan.of("address")) != 1 {
			t.Fatalf("before its end: %v", jan.of("address"))
		}
		w.pass(time.Second)
		key := jan.of("address")[0]
		if page := jan.pulled(0); !slices.Contains(dels(page), key) || w.version(request) != ver {
			t.Errorf("at its end, at version %d of %d, goes %v", w.version(request), ver, dels(page))
		}
	})
}

func TestCase35ARightThatIsLostBetweenTwoPages(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		w.arrive("Anna", care.Resident)
		w.arrive("Wim", care.FixedWorker)
		w.arrive("Ada", care.Administrator)
		anna, wim := w.phone("Anna"), w.phone("Wim")
		for range 8 {
			anna.says(200, "applied", anna.asks())
		}
		for len(wim.of("request")) < 3 {
			if !wim.pull(1) {
				t.Fatal("too few pages")
			}
		}
		held := wim.of("request")
		w.call("Ada", "DELETE", "/v1/memberships/"+w.role("Wim", care.FixedWorker), "").want(200)
		page := wim.pulled(1)
		for _, key := range held {
			if !slices.Contains(dels(page), key) {
				t.Errorf("the very next page leaves %s", key)
			}
		}
		if wim.pullAll(); len(wim.of("request")) != 0 {
			t.Errorf("at the end: %v", wim.of("request"))
		}
	})
}

// The product pauses helpers and no accounts: a paused helper's yes is refused by rule, and their device has no
// question any more.
func TestCase50APausedHelper(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		_, jan, request, ask := w.asked()
		yes := jan.does("ask.accept", fmt.Sprintf(`{"ask":%q}`, ask)) // without a connection
		w.call("Ina", "POST", fmt.Sprintf("/v1/communities/%s/helpers/%s/pause", w.village, w.people["Jan"].id),
			`{"rule":"house_rules.3@1","reason":"Geld gevraagd.","until":"2027-01-01T00:00:00Z"}`).want(200)
		said := jan.push(200, yes)
		if r := said.Results[0]; r.Status != "rejected" {
			t.Fatalf("a paused helper's yes: %+v", r)
		}
		w.settle()
		held := jan.of("request")
		jan.pullAll()
		var left wire.Request
		if raw := jan.docs["request/"+request]; raw != nil && json.Unmarshal(raw, &left) == nil && slices.ContainsFunc(left.Asks, func(a wire.Ask) bool { return a.State == "asked" }) {
			t.Errorf("of %v the question stands: %s", held, raw)
		}
		if me := jan.of("me"); len(me) != 1 {
			t.Errorf("of his own he holds %v", jan.docs)
		}
		jan.says(200, "applied", jan.dismisses()) // the account itself works
	})
}

// Others lose what was of somebody who is forgotten.
func TestCase52OthersLoseWhatWasOfWhoIsForgotten(t *testing.T) {
	onEachStore(t, func(t *testing.T, w *world) {
		_, jan, request := w.accepted()
		w.call("Geesje", "POST", "/v1/me/forget", `{"firstName":"Geesje"}`).want(204)
		w.settle()
		jan.pullAll()
		for key, raw := range jan.docs {
			if strings.HasPrefix(key, "address/") || strings.Contains(string(raw), "Geesje") || key == "request/"+request && strings.Contains(string(raw), "Melk en brood") {
				t.Errorf("%s: %s", key, raw)
			}
		}
	})
}
