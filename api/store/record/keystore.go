package record

import (
	"time"

	"naober/api/app"
	"naober/matching/care"
)

// RingRecord is a stored app.Ring.
type RingRecord struct {
	Owner       string             `json:"owner" bson:"owner"`
	Keys        []WrappedKeyRecord `json:"keys,omitempty" bson:"keys,omitempty"`
	Newest      int                `json:"newest,omitempty" bson:"newest,omitempty"`
	MadeAt      time.Time          `json:"madeAt,omitzero" bson:"madeAt,omitempty"`
	DestroyedAt time.Time          `json:"destroyedAt,omitzero" bson:"destroyedAt,omitempty"`
}

// WrappedKeyRecord is a stored app.WrappedKey.
type WrappedKeyRecord struct {
	Number  int       `json:"number" bson:"number"`
	KEK     string    `json:"kek,omitempty" bson:"kek,omitempty"`
	Wrapped []byte    `json:"wrapped,omitempty" bson:"wrapped,omitempty"`
	MadeAt  time.Time `json:"madeAt,omitzero" bson:"madeAt,omitempty"`
}

// ContactEntryRecord is a stored app.ContactEntry.
type ContactEntryRecord struct {
	Hash    string              `json:"hash" bson:"hash"`
	Links   []ContactLinkRecord `json:"links,omitempty" bson:"links,omitempty"`
	EmptyAt time.Time           `json:"emptyAt,omitzero" bson:"emptyAt,omitempty"`
}

// ContactLinkRecord is a stored app.ContactLink.
type ContactLinkRecord struct {
	Person care.PersonID `json:"person" bson:"person"`
	At     time.Time     `json:"at,omitzero" bson:"at,omitempty"`
}

// Rings translates the rings of the key store.
func Rings() Codec[app.Ring, RingRecord] {
	return Codec[app.Ring, RingRecord]{
		Kind: "rings", Noun: "ring", Facts: noFacts[app.Ring],
		To: func(r app.Ring) RingRecord {
			return RingRecord{Owner: r.Owner, Keys: each(r.Keys, toWrapped), Newest: r.Newest, MadeAt: at(r.MadeAt), DestroyedAt: at(r.DestroyedAt)}
		},
		From: func(r RingRecord) app.Ring {
			return app.Ring{Owner: r.Owner, Keys: each(r.Keys, fromWrapped), Newest: r.Newest, MadeAt: at(r.MadeAt), DestroyedAt: at(r.DestroyedAt)}
		},
	}
}

// ContactEntries translates the contact index. One that names nobody may go.
func ContactEntries() Codec[app.ContactEntry, ContactEntryRecord] {
	return Codec[app.ContactEntry, ContactEntryRecord]{
		Kind: "contacts", Noun: "contact_entry",
		To: func(c app.ContactEntry) ContactEntryRecord {
			return ContactEntryRecord{Hash: c.Hash, Links: each(c.Links, toLink), EmptyAt: at(c.EmptyAt)}
		},
		From: func(c ContactEntryRecord) app.ContactEntry {
			return app.ContactEntry{Hash: c.Hash, Links: each(c.Links, fromLink), EmptyAt: at(c.EmptyAt)}
		},
		Facts: func(c app.ContactEntry) Facts {
			var k keys
			for _, l := range c.Links {
				k.add(app.ByPerson, string(l.Person))
			}
			return Facts{Keys: k, Expires: at(c.EmptyAt)}
		},
	}
}

func toWrapped(k app.WrappedKey) WrappedKeyRecord {
	k.MadeAt = at(k.MadeAt)
	return WrappedKeyRecord(k)
}

func fromWrapped(k WrappedKeyRecord) app.WrappedKey {
	k.MadeAt = at(k.MadeAt)
	return app.WrappedKey(k)
}

func toLink(l app.ContactLink) ContactLinkRecord {
	return ContactLinkRecord{Person: l.Person, At: at(l.At)}
}

func fromLink(l ContactLinkRecord) app.ContactLink {
	return app.ContactLink{Person: l.Person, At: at(l.At)}
}
