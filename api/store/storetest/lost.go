package storetest

import (
	"context"
	"errors"

	"naober/api/store/vault"
	"naober/matching/care"
)

// lostIsTold has data that is older than a rotation: what the rotation does to the documents is left
// out. Who was forgotten, with or without a rotation before, is not lost.
func lostIsTold(x *keyTrial) {
	h := x.process("service")
	h.settlePersons(0, 4)
	want := func(people int) {
		x.Helper()
		if got, err := x.process("service").vault().Lost(x.ctx); err != nil || got != people {
			x.Errorf("%d people are lost, %v; want %d", got, err, people)
		}
	}
	_, err := h.vault().Renew(x.ctx, sealedPerson(0).ID)
	h.ok(err)
	h.ok(h.vault().Destroy(x.ctx, sealedPerson(1).ID))
	want(0)
	older := x.process("service").vault()
	older.Reseal = func(context.Context, vault.Stale) (int, error) { return 0, nil }
	for _, n := range []int{2, 3} {
		_, err = older.Renew(x.ctx, sealedPerson(n).ID)
		h.ok(err)
	}
	want(2)
	h.ok(h.vault().Destroy(x.ctx, sealedPerson(3).ID))
	want(1)
}

// missedRewrap leaves a process with the former service key alone while the key store goes on to a new
// one: it is not ready, and what it cannot open is a store that is away and no fault of the call.
func missedRewrap(x *keyTrial) {
	missed, knows := x.process("former"), x.process("new", "former")
	missed.settlePersons(0, 1)
	check := func(h *trial) error { return h.backend.(Keyed).Check(x.ctx) }
	missed.ok(check(missed))
	_, err := knows.vault().Rewrap(x.ctx, nil)
	knows.ok(err)
	knows.ok(check(knows))
	missed.vault().Forget(sealedPerson(0).ID)
	_, unread := missed.Persons.Get(x.ctx, sealedPerson(0).ID)
	for what, err := range map[string]error{"it is ready": check(missed), "it reads": unread} {
		var reasoned interface{ Reason() string }
		if !care.IsKind(err, care.Unavailable) || !errors.As(err, &reasoned) || reasoned.Reason() != vault.KeysClosed {
			x.Errorf("%s: %v, want unavailable, for %s", what, err, vault.KeysClosed)
		}
	}
}
