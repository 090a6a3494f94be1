package storetest

import (
	"bytes"
	"context"
	"encoding/base64"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// destroyedLeavesNoByte destroys one person's keys beside others who stay, and looks at what lies
// there: every wrapping of every key they ever had, and the hash of their contact, must be gone.
func destroyedLeavesNoByte(x *keyTrial) {
	a, b := x.process("service"), x.process("service")
	leaves, stays := sealedPerson(0), sealedPerson(1)
	leaves.Contacts = []care.Contact{{Kind: care.Mail, Value: "jantje@dorp.example"}}
	for _, p := range []care.Person{leaves, stays} {
		_, err := a.Persons.Insert(x.ctx, p.ID, p, nil, port.Write{})
		a.ok(err)
	}
	secrets := [][]byte{[]byte(app.ContactHash(a.vault().Secret())(leaves.Contacts[0])), a.wrapped(leaves.ID)}
	kept := a.wrapped(stays.ID)
	for _, s := range append(secrets, kept) {
		if !a.lies(s) {
			x.Fatal("what is to be destroyed does not lie there: nothing would be tried")
		}
	}
	_, err := a.vault().Renew(x.ctx, leaves.ID)
	a.ok(err)
	secrets = append(secrets, a.wrapped(leaves.ID))
	_, err = b.Persons.Get(x.ctx, leaves.ID) // another process has opened the ring
	b.ok(err)

	over, end := context.WithCancel(x.ctx)
	end()
	if err := a.vault().Destroy(over, leaves.ID); err == nil {
		x.Error("a destruction that was cut off says that it is done")
	}
	a.ok(a.vault().Destroy(x.ctx, leaves.ID))
	a.ok(a.vault().Destroy(x.ctx, leaves.ID)) // again, as after a kill
	for i, s := range secrets {
		if a.lies(s) {
			x.Errorf("secret %d of the person still lies in the key store", i)
		}
	}
	if !a.lies(kept) {
		x.Error("another person's key went with it")
	}
	gone, err := b.vault().Destroyed(x.ctx, leaves.ID)
	b.ok(err)
	if !gone {
		x.Error("another process does not know of it")
	}
	read, err := x.process("service").Persons.Get(x.ctx, leaves.ID)
	if err != nil || read.Value.FirstName != "" {
		x.Errorf("a new process reads %q, %v", read.Value.FirstName, err)
	}
}

// wrapped is the newest key of a person as it is stored.
func (x *trial) wrapped(p care.PersonID) []byte {
	x.Helper()
	r, err := x.vault().Rings.Get(x.ctx, string(p))
	x.ok(err)
	return r.Value.Keys[len(r.Value.Keys)-1].Wrapped
}

// lies reports whether bytes stand anywhere in the key store, as they are or as text.
func (x *trial) lies(secret []byte) bool {
	x.Helper()
	all, err := x.backend.(Keyed).KeyBytes(x.ctx)
	x.ok(err)
	return bytes.Contains(all, secret) || bytes.Contains(all, []byte(base64.StdEncoding.EncodeToString(secret)))
}
