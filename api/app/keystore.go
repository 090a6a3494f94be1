package app

import (
	"context"
	"time"

	"naober/matching/care"
)

// Ring holds the data keys of one owner, each wrapped under the service key. It lives in the key
// store, which no backup of the data holds: once the ring is destroyed, old backups forget too.
type Ring struct {
	Owner string // a person, or the name of a secret of the installation
	Keys  []WrappedKey
	// Newest is the number of the last key that was ever made; keys below it may have been retired.
	Newest      int
	MadeAt      time.Time
	DestroyedAt time.Time // it holds no key any more and never gets one
}

// WrappedKey is one data key of a ring.
type WrappedKey struct {
	Number  int
	KEK     string // names the service key that opens it
	Wrapped []byte
	MadeAt  time.Time
}

// ContactEntry says who may have a contact. It is written before the person is, so it may name too
// many: whoever reads it looks at the person.
type ContactEntry struct {
	Hash    string // under the root secret, which lies in the key store too
	Links   []ContactLink
	EmptyAt time.Time // since when nobody is named; zero while somebody is
}

// ContactLink names one person who may have the contact.
type ContactLink struct {
	Person care.PersonID
	At     time.Time
}

// Vault is what commands need of the key store. Every act of it may be repeated.
type Vault interface {
	// Destroy ends a person's keys and contact entries. When it returns, nothing on any disk of the
	// key store opens what was sealed for the person.
	Destroy(ctx context.Context, p care.PersonID) error
	// Destroyed reports whether a person's keys were destroyed.
	Destroyed(ctx context.Context, p care.PersonID) (bool, error)
	// DeviceKey is the key that a person's devices seal their stores with: 32 bytes, the same for ever, made
	// when it is first asked for. Code account_gone once the person's keys were destroyed.
	DeviceKey(ctx context.Context, p care.PersonID) ([]byte, error)
	// Forget drops what this process remembers of a person's keys.
	Forget(p care.PersonID)
	// Sweep takes persons out of contact entries that they no longer have, at most limit entries.
	Sweep(ctx context.Context, limit int) (int, error)
}
