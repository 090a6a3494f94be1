package storetest

import (
	"bytes"

	"naober/matching/care"
)

// deviceKeysStay asks for the keys of two accounts' devices: each has its own, the same in every process, after
// every change of other keys, until the person is forgotten.
func deviceKeysStay(x *keyTrial) {
	a, b := x.process("former"), x.process("former", "service")
	a.settlePersons(0, 2)
	anna, bert := sealedPerson(0).ID, sealedPerson(1).ID
	first, err := a.vault().DeviceKey(x.ctx, anna)
	a.ok(err)
	other, err := a.vault().DeviceKey(x.ctx, bert)
	a.ok(err)
	if len(first) != 32 || bytes.Equal(first, other) {
		x.Fatal("two accounts share a key, or it is none")
	}
	same := func(h *trial, when string) {
		x.Helper()
		key, err := h.vault().DeviceKey(x.ctx, anna)
		if err != nil || !bytes.Equal(key, first) {
			x.Errorf("%s the key is another one, %v", when, err)
		}
	}
	same(b, "in another process")
	_, err = a.vault().Renew(x.ctx, "")
	a.ok(err)
	same(a, "after everybody's keys were renewed")
	_, err = x.process("service", "former").vault().Rewrap(x.ctx, nil)
	a.ok(err)
	c := x.process("service")
	same(c, "under another service key")

	wrapped := c.wrapped("device:" + anna)
	c.ok(c.vault().Destroy(x.ctx, anna))
	if c.lies(wrapped) {
		x.Error("the key still lies in the key store")
	}
	never := named[care.PersonID]("never asked")
	c.ok(c.vault().Destroy(x.ctx, never))
	for _, p := range []care.PersonID{anna, never} {
		for _, h := range []*trial{c, x.process("service")} {
			_, err := h.vault().DeviceKey(x.ctx, p)
			h.refused(err, care.Gone, "account_gone")
		}
	}
	key, err := c.vault().DeviceKey(x.ctx, bert)
	if err != nil || !bytes.Equal(key, other) {
		x.Errorf("somebody else's key went with it: %v", err)
	}
}
