package rest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"naober/mobile-contract/wire"
)

// TestBadInputThroughPush hands in every bad value of the table as an intent: the arguments of a mutation are a
// second surface, and each is refused there with the code of its route, or done where that would be done. What is
// no JSON spoils the push itself. Nothing is half stored: the document is as it was, but for the refusal.
func TestBadInputThroughPush(t *testing.T) {
	t.Parallel()
	b := newBadInput(t)
	want := readBadInput(t)
	tried := 0
	for _, m := range mutations() {
		route := m.method + " " + m.path
		body, ok := bodies()[route]
		if !ok {
			continue
		}
		op, ok := b.spec.operation(m.method, b.where(route))
		if !ok {
			t.Fatalf("openapi.yaml has no %s", route)
		}
		shape, body := op.RequestBody.Content["application/json"].Schema, b.fill(body)
		for _, field := range b.spec.fields(shape, nil) {
			codes := want[route+" "+strings.Join(field, ".")]
			for _, bad := range badValues() {
				if !b.due() {
					continue
				}
				tried++
				b.handIn(m, b.spec.spoiled(t, body, shape, field, bad.raw), codes[bad.name], strings.Join(field, ".")+" is "+bad.name)
			}
		}
	}
	t.Logf("figure: %d bad values through push", tried)
	if tried < 5_000 && !underRace {
		t.Errorf("only %d values were tried", tried)
	}
}

// readBadInput is the table by route and field, then by the name of the value.
func readBadInput(t *testing.T) map[string]map[string]string {
	f, err := os.Open(badInputFile)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	rows, err := csv.NewReader(f).ReadAll()
	must(t, err)
	all := map[string]map[string]string{}
	for _, row := range rows[1:] {
		codes := map[string]string{}
		for i, code := range row[2:] {
			codes[rows[0][i+2]] = code
		}
		all[row[0]+" "+row[1]] = codes
	}
	return all
}

// handIn pushes one intent with a spoiled body and puts the village back.
func (b *badInput) handIn(m mutation, body, want, what string) {
	b.test.Helper()
	route := m.method + " " + m.path
	by := b.allowed[route]
	phone := b.phone(by)
	push := fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1","mutations":[{"clientID":%q,"id":1,"nonce":"nonce-of-a-bad-value","name":%q,"args":%s}]}`,
		phone.group, phone.writer, m.name, b.argsOf(m, b.where(route), phone, body))
	a := b.call(by, "POST", "/sync/v1/push", push, header{"Idempotency-Key", ""})
	var differs []string
	if b.kept.changed() {
		differs = b.kept.differs()
		b.kept.restore(differs)
		must(b.test, b.app.Rebuild(b.test.Context()))
	}
	if a.status == 400 && (a.text("code") == want || a.text("code") == "body_invalid" || a.text("code") == "body_too_deep") {
		return // the push itself cannot be read
	}
	var answer wire.PushAnswer
	if a.status != 200 || json.Unmarshal(a.body, &answer) != nil || len(answer.Results) != 1 {
		b.test.Errorf("%s: %s: status %d: %.300s", m.name, what, a.status, a.body)
		return
	}
	got := answer.Results[0]
	switch {
	case want == "ok" && got.Status == "applied", got.Status == "rejected" && got.Code == want:
	default:
		b.test.Errorf("%s: %s is %s %s; by its route it is %s: %.200s", m.name, what, got.Status, got.Code, want, body)
	}
	if got.Status == "applied" {
		return
	}
	for _, table := range differs {
		if !slices.Contains(counted(), table) {
			b.test.Errorf("%s: %s: refused, and %s has changed", m.name, what, table)
		}
	}
}

// counted are the tables in which a refused intent is counted and kept.
func counted() []string { return []string{"groups", "writers", "outcomes", "ledger", "doc_keys"} }

// argsOf puts the ids of the path, and of what is made, into a body.
func (b *badInput) argsOf(m mutation, at string, phone *phone, body string) string {
	b.test.Helper()
	var ids []string
	path, names := strings.Split(at, "/"), strings.Split(m.path, "/")
	for i, name := range names {
		if param, is := strings.CutPrefix(name, ":"); is {
			id, err := url.PathUnescape(path[i])
			must(b.test, err)
			ids = append(ids, fmt.Sprintf("%q:%q", param, id))
		}
	}
	if m.makes {
		ids = append(ids, fmt.Sprintf(`"id":%q`, phone.newID()))
	}
	rest, is := strings.CutPrefix(strings.TrimSpace(body), "{")
	if !is || len(ids) == 0 {
		return body
	}
	if strings.TrimSpace(rest) == "}" {
		return "{" + strings.Join(ids, ",") + "}"
	}
	return "{" + strings.Join(ids, ",") + "," + rest
}
