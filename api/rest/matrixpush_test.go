package rest

import (
	"encoding/json"
	"fmt"
	"testing"

	"naober/mobile-contract/wire"
)

// TestMatrixThroughPush hands every mutation in as every actor: who may do something, and what the others learn, is
// what testdata/matrix.csv says of its route.
func TestMatrixThroughPush(t *testing.T) {
	t.Parallel()
	b := badInput{matrix: newMatrix(t), test: t}
	_, err := b.server.offline.Epoch(t.Context())
	must(t, err)
	b.kept = snapshotOf(t, b.file)
	want, done, refused := readMatrix(t), 0, 0
	for _, m := range mutations() {
		route := m.method + " " + m.path
		for i, by := range actors() {
			if by == "nobody" {
				continue
			}
			got := b.judged(m, by)
			if got != want[route][i] {
				t.Errorf("%s by %s: %s; its route gives %s", m.name, by, got, want[route][i])
			}
			if got == "yes" {
				done++
			} else {
				refused++
			}
		}
	}
	t.Logf("figure: %d mutations by %d actors: %d done, %d refused", len(mutations()), len(actors())-1, done, refused)
	if done < 100 || refused < 300 {
		t.Errorf("%d done, %d refused", done, refused)
	}
}

// judged is what a mutation comes to by an actor, in the words of the table.
func (b *badInput) judged(m mutation, by string) string {
	b.test.Helper()
	body := b.fill(bodies()[m.method+" "+m.path])
	if body == "" {
		body = "{}"
	}
	phone := b.phone(by)
	args := b.argsOf(m, b.fill(b.path(m.path)), phone, body)
	if err := b.spec.fitsArguments(m.name, json.RawMessage(args)); err != nil {
		b.test.Error(err)
	}
	push := fmt.Sprintf(`{"pushVersion":1,"clientGroupID":%q,"schemaVersion":"1","mutations":[{"clientID":%q,"id":1,"nonce":"nonce-of-the-matrix","name":%q,"args":%s}]}`,
		phone.group, phone.writer, m.name, args)
	a := b.call(by, "POST", "/sync/v1/push", push, header{"Idempotency-Key", ""}).want(200)
	if b.kept.changed() {
		b.kept.restore(b.kept.differs())
		must(b.test, b.app.Rebuild(b.test.Context()))
	}
	var answer wire.PushAnswer
	must(b.test, json.Unmarshal(a.body, &answer))
	got := answer.Results[0]
	switch status := b.spec.statuses[got.Code]; {
	case status == 404:
		return "-"
	case status == 401 || status == 403:
		return got.Code
	}
	return "yes" // whatever else is wrong with it
}
