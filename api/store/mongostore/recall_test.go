package mongostore

import (
	"fmt"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// watched is a store whose commands are counted, and another handle on its data.
type watched struct {
	*testing.T
	one, other *Store
	seen       recorder
}

func twoHandles(t *testing.T) *watched {
	t.Helper()
	w, name, opts := &watched{T: t}, newDatabase(t), testOptions()
	opts.Monitor = w.seen.monitor()
	w.one, w.other = openStore(t, name, opts), openStore(t, name, testOptions())
	p := care.Person{ID: roelie, FirstName: "Roelie"}
	_, err := w.one.Stores().Persons.Insert(t.Context(), p.ID, p, nil, port.Write{})
	w.ok(err)
	for n := range 3 {
		m := care.Membership{ID: care.MembershipID(fmt.Sprint("m", n)), Person: roelie, Community: care.CommunityID(fmt.Sprint("c", n)), Role: care.Resident}
		_, err = w.one.Stores().Memberships.Insert(t.Context(), m.ID, m, nil, port.Write{})
		w.ok(err)
	}
	return w
}

func (w *watched) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// call reads a person, a membership and two lists, and tells how many commands that took.
func (w *watched) call(within func(stores app.Stores)) (finds, asked int) {
	w.Helper()
	before := [2]int{w.sent("find"), w.sent("aggregate")}
	ctx, s := app.WithMoment(w.Context(), "GET /v1/me"), w.one.Stores()
	for _, key := range []port.Key{{Name: app.ByPerson, Value: string(roelie)}, {Name: app.ByCommunity, Value: "c2"}} {
		_, err := s.Memberships.Find(ctx, key, port.Page{Limit: 10})
		w.ok(err)
	}
	_, err := s.Persons.Get(ctx, roelie)
	w.ok(err)
	_, err = s.Sessions.Get(ctx, "nobody's")
	if !care.IsKind(err, care.NotFound) {
		w.Fatal(err)
	}
	if within != nil {
		within(s)
	}
	return w.sent("find") - before[0], w.sent("aggregate") - before[1]
}

func (w *watched) sent(command string) int {
	w.seen.mu.Lock()
	defer w.seen.mu.Unlock()
	return len(w.seen.commands[command])
}

func (w *watched) takes(what string, finds, asked int, within func(app.Stores)) {
	w.Helper()
	if f, a := w.call(within); f != finds || a != asked {
		w.Errorf("%s: %d readings and %d questions about revisions, want %d and %d", what, f, a, finds, asked)
	}
}

func ended(m care.Membership) (care.Membership, []care.Event, error) {
	m.EndedAt = m.EndedAt.Add(time.Hour)
	return m, nil, nil
}

func TestACallMadeAgainAsksOnce(t *testing.T) {
	w := twoHandles(t)
	w.takes("the first call", 4, 0, nil)
	w.takes("the same call", 1, 1, nil) // what is not there is looked for
	_, err := w.other.Stores().Memberships.Update(t.Context(), "m0", port.Write{}, ended)
	w.ok(err)
	w.takes("one list has changed", 2, 1, nil)
	w.takes("nothing has since", 1, 1, nil)
	_, err = w.other.Stores().Persons.Update(t.Context(), roelie, port.Write{Quiet: true}, rename("Roelien"))
	w.ok(err)
	w.takes("a person has changed", 2, 1, nil)
}

func TestACallThatWritesReadsWhatItWrote(t *testing.T) {
	w := twoHandles(t)
	for range 2 {
		w.call(func(s app.Stores) {
			ctx := app.WithMoment(t.Context(), "GET /v1/me")
			before, err := s.Memberships.Get(ctx, "m1")
			w.ok(err)
			_, err = s.Memberships.Update(ctx, "m1", port.Write{}, ended)
			w.ok(err)
			if after, err := s.Memberships.Get(ctx, "m1"); err != nil || after.Rev != before.Rev+1 {
				t.Errorf("rev %d after %d, %v", after.Rev, before.Rev, err)
			}
		})
	}
}

func TestForgettingEmptiesTheRecall(t *testing.T) {
	w := twoHandles(t)
	for range 2 {
		w.call(nil)
	}
	ctx := app.WithMoment(t.Context(), "GET /v1/me")
	if p, err := w.one.Stores().Persons.Get(ctx, roelie); err != nil || p.Value.FirstName != "Roelie" {
		t.Fatalf("%q, %v", p.Value.FirstName, err)
	}
	w.ok(w.one.Vault().Destroy(t.Context(), roelie))
	for _, ctx := range []string{"the call that was under way", "GET /v1/me"} {
		within := app.WithMoment(t.Context(), ctx)
		if p, err := w.one.Stores().Persons.Get(within, roelie); err != nil || p.Value.FirstName != "" {
			t.Errorf("%s: a forgotten person is read from memory: %v", ctx, err)
		}
	}
	if p, err := w.one.Stores().Persons.Get(ctx, roelie); err != nil || p.Value.FirstName != "" {
		t.Errorf("a forgotten person is read from memory in the call that was under way: %v", err)
	}
	if w.one.recall.bytes < 0 || len(w.one.recall.calls) > 2 {
		t.Errorf("%d bytes, %d calls", w.one.recall.bytes, len(w.one.recall.calls))
	}
}

func TestTheRecallIsBounded(t *testing.T) {
	m := newRecall(0)
	state := make([]byte, recallBytes/100)
	for n := range 300 {
		r := m.open(app.CallName{byte(n), byte(n >> 8)})
		m.begin(r)
		for i := range 2 {
			id := fmt.Sprint(i)
			r.keep(port.DocRef{Kind: "requests", ID: id}, nil, document{ID: id, Rev: 1, State: state})
		}
	}
	sum := 0
	for _, r := range m.calls {
		sum += r.bytes
	}
	if m.bytes > recallBytes || sum != m.bytes || len(m.calls) < 10 {
		t.Errorf("%d calls of %d bytes, counted as %d", len(m.calls), sum, m.bytes)
	}
}

// TestAPreludeEndsWithTheFirstChange: who calls is asked once, until the call changes something.
func TestAPreludeEndsWithTheFirstChange(t *testing.T) {
	w := twoHandles(t)
	s, ctx := w.one.Stores(), app.WithPrelude(t.Context(), "POST /v1/requests")
	first, err := s.Persons.Get(ctx, roelie)
	w.ok(err)
	_, err = w.other.Stores().Persons.Update(t.Context(), roelie, port.Write{}, rename("Roelien"))
	w.ok(err)
	_, err = s.Ledger.Insert(ctx, "account/2", app.LedgerRow{Key: "account/2"}, nil, port.Write{})
	w.ok(err)
	if again, err := s.Persons.Get(ctx, roelie); err != nil || again.Rev != first.Rev {
		t.Errorf("one moment of a call shows revisions %d and %d, %v", first.Rev, again.Rev, err)
	}
	_, err = s.Organizations.Insert(ctx, "o", care.Organization{ID: "o"}, nil, port.Write{})
	w.ok(err)
	if after, err := s.Persons.Get(ctx, roelie); err != nil || after.Value.FirstName != "Roelien" {
		t.Errorf("after a change of its own the call reads %q, %v", after.Value.FirstName, err)
	}
	if next, err := s.Persons.Get(app.WithPrelude(t.Context(), "POST /v1/requests"), roelie); err != nil || next.Value.FirstName != "Roelien" {
		t.Errorf("the next call reads %q, %v", next.Value.FirstName, err)
	}
}

// TestRequestsAndBooksAreNoPrelude: what a change rests on is read each time.
func TestRequestsAndBooksAreNoPrelude(t *testing.T) {
	w := twoHandles(t)
	_, err := w.one.Stores().Requests.Insert(t.Context(), "r", care.Request{ID: "r"}, nil, port.Write{})
	w.ok(err)
	ctx := app.WithPrelude(t.Context(), "POST /v1/requests")
	for rev := range int64(3) {
		if r, err := w.one.Stores().Requests.Get(ctx, "r"); err != nil || r.Rev != rev+1 {
			t.Errorf("rev %d, want %d, %v", r.Rev, rev+1, err)
		}
		_, err := w.other.Stores().Requests.Update(t.Context(), "r", port.Write{}, func(r care.Request) (care.Request, []care.Event, error) {
			r.CreatedAt = r.CreatedAt.Add(time.Hour)
			return r, nil, nil
		})
		w.ok(err)
	}
}
