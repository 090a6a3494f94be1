package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

const exportJSON = "/v1/me/export"

// exported walks every part of somebody's export.
func (w *world) exported(by string) []wire.Export {
	w.t.Helper()
	var parts []wire.Export
	for next := "x"; next != ""; {
		path := exportJSON
		if len(parts) > 0 {
			path += "?part=" + next
		}
		var e wire.Export
		must(w.t, json.Unmarshal(w.call(by, "GET", path, "").want(200).body, &e))
		if parts, next = append(parts, e), e.Next; len(parts) > 20 {
			w.t.Fatal("there is always one more part")
		}
	}
	return parts
}

// TestAnExportIsWhatTheCallsShow compares each list with the answer of the call of its own.
func TestAnExportIsWhatTheCallsShow(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	for _, row := range []struct{ by, list, path string }{
		{"Geesje", "profile", "/v1/me"}, {"Geesje", "life", "/v1/persons/{Geesje}/life"}, {"Geesje", "requests", "/v1/requests/{request}"},
		{"Geesje", "reports", "/v1/reports/{report}"}, {"Geesje", "messages", "/v1/messages/{message}"},
		{"Piet", "requests", "/v1/requests/{request}"}, {"Jan", "requests", "/v1/requests/{request}"},
		{"Jan", "offers", "/v1/offers/{offer}"}, {"Jan", "book", "/v1/me/helper"},
	} {
		m.in(t)
		theirs := m.call(row.by, "GET", m.fill(row.path), "").want(200).body
		var got map[string]json.RawMessage
		must(t, json.Unmarshal(m.call(row.by, "GET", exportJSON, "").want(200).body, &got))
		var found []json.RawMessage
		if err := json.Unmarshal(got[row.list], &found); err != nil {
			found = []json.RawMessage{got[row.list]}
		}
		same := false
		for _, one := range found {
			same = same || bytes.Equal(one, theirs)
		}
		if !same {
			t.Errorf("%s reads at %s\n%s\nand the export has in %s\n%s", row.by, row.path, theirs, row.list, got[row.list])
		}
	}
}

// TestAnExportHoldsNoSecretAndNoBlock: what must stay with others, and what opens a door.
func TestAnExportHoldsNoSecretAndNoBlock(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	m.call("Trijn", "POST", "/v1/me/blocks", m.fill(`{"community":"{village}","person":"{Jan}"}`)).want(200)
	if body := m.call("Jan", "GET", exportJSON, "").want(200).body; bytes.Contains(body, []byte(m.people["Trijn"].id)) {
		t.Errorf("he reads who blocked him: %s", body)
	}
	if e := m.exported("Trijn")[0]; e.Book == nil || len(e.Book.Blocks) != 1 {
		t.Errorf("her own block is not in it: %+v", e.Book)
	}
	m.call("Jan", "PUT", "/v1/me/push-token", `{"token":"a-secret-registration"}`).want(204)
	body := string(m.call("Jan", "GET", exportJSON, "").want(200).body)
	if strings.Contains(body, "a-secret-registration") || !strings.Contains(body, `"push":true`) {
		t.Errorf("the push token: %s", body)
	}
}

// TestAnExportIsLogged: it stands in one's own log, unlike any other reading of one's own.
func TestAnExportIsLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	w.call("Geesje", "GET", "/v1/me", "").want(200)
	w.call("Geesje", "GET", exportJSON, "").want(200)
	seen := w.call("Geesje", "GET", "/v1/me/views", "").want(200)
	if seen.text("items.0.what") != "export" || seen.text("items.0.as") != "self" || seen.text("items.0.basis") != "own" {
		t.Errorf("logged: %s", seen.body)
	}
}

// TestALongExportComesInParts: no part grows with what is stored, and nothing is in two or in none.
func TestALongExportComesInParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	me := w.people["Geesje"].id
	for n := range 1500 {
		v := app.View{ID: string(care.DeriveID[care.RequestID](w.clock(), fmt.Sprint("view", n))), Whose: me, By: me, What: "name", At: w.clock()}
		_, err := w.stores.Views.Insert(t.Context(), v.ID, v, nil, port.Write{})
		must(t, err)
	}
	met := map[string]int{}
	parts := w.exported("Geesje")
	for i, e := range parts {
		if (e.Profile != nil) != (i == 0) || len(e.Views) > 1000 {
			t.Errorf("part %d has %d views and a profile: %v", i, len(e.Views), e.Profile != nil)
		}
		for _, v := range e.Views {
			met[v.ID]++
		}
	}
	if len(parts) < 2 || len(met) < 1500 {
		t.Fatalf("%d parts with %d views", len(parts), len(met))
	}
	for id, n := range met {
		if n != 1 {
			t.Errorf("%s stands in %d parts", id, n)
		}
	}
	for _, bad := range []string{"", "bWluZQ", "bm90aGluZy8", "dmlld3MvAA", "%FF"} {
		w.call("Geesje", "GET", exportJSON+"?part="+bad, "").refused(400, "cursor_invalid")
	}
	w.call("Geesje", "GET", exportJSON+"?format=pdf", "").refused(400, "format_unknown")
}

// TestThePageOfAnExport reads as a page: in the language of its person, escaped, without script.
func TestThePageOfAnExport(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	p := m.people["Geesje"].id
	_, err := m.stores.Persons.Update(t.Context(), p, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
		p.LastName = `<script>alert("x")</script>`
		return p, nil, nil
	})
	must(t, err)
	a := m.call("Geesje", "GET", exportJSON+"?format=html", "").want(200)
	body := string(a.body)
	for _, want := range []string{`<html lang="nl">`, "<h1>", "Uw gegevens bij Naober", "&lt;script&gt;", "Hoofdstraat", `name="viewport"`, "wie om hulp vraagt"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", "javascript:", "01M86", "field:", "section:", "about:", "one:", "ZgotmplZ"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page has %s", body[max(0, strings.Index(body, bad)-20):][:80])
		}
	}
	policy, kind, file := a.head.Get("Content-Security-Policy"), a.head.Get("Content-Type"), a.head.Get("Content-Disposition")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || kind != "text/html; charset=utf-8" || strings.Contains(file, "Geesje") {
		t.Errorf("%s; %s; %s", policy, kind, file)
	}
	if a.head.Get("Cache-Control") != "no-store" {
		t.Errorf("kept by caches: %s", a.head.Get("Cache-Control"))
	}
	if m.call("Eva", "GET", exportJSON+"?format=html", "").want(200); testing.Verbose() {
		t.Logf("figure: the page of Geesje has %d bytes", len(body))
	}
}

// TestWhoIsForgottenGetsNothing.
func TestWhoIsForgottenGetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.arrive("Geesje", care.Resident)
	bearer := header{"Authorization", "Bearer " + w.bearer("Geesje")}
	w.call("Geesje", "POST", "/v1/me/forget", `{"firstName":"Geesje"}`).want(204)
	w.bare("", "GET", exportJSON, "", bearer).refused(401, "session_ended")
}
