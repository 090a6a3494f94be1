package token

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
)

// RetiredFor is how long a retired key still verifies: the life of its last token (15 min) and
// the leeway, with room for a process that learns of the retirement late.
const RetiredFor = time.Hour

// Ring is an immutable set of keys, safe for concurrent use: rotation builds a new ring and
// swaps it in. The zero ring signs nothing and verifies nothing.
type Ring struct {
	keys []Key // newest first, ties by id, so that every process signs with the same key
}

// NewRing copies the keys into a ring. It refuses a key whose parts do not belong together and a
// key given twice.
func NewRing(keys []Key) (Ring, error) {
	ring := Ring{keys: make([]Key, 0, len(keys))}
	for _, k := range keys {
		if err := k.check(); err != nil {
			return Ring{}, err
		}
		if slices.ContainsFunc(ring.keys, func(other Key) bool { return other.ID == k.ID }) {
			return Ring{}, fmt.Errorf("%w: key %q is given twice", ErrUnusable, k.ID)
		}
		k.Public, k.Private = slices.Clone(k.Public), slices.Clone(k.Private)
		ring.keys = append(ring.keys, k)
	}
	slices.SortFunc(ring.keys, func(a, b Key) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return ring, nil
}

// signer returns the newest key that may sign now.
func (r Ring) signer(now time.Time) (Key, error) {
	for _, k := range r.keys {
		if k.signs(now) {
			return k, nil
		}
	}
	return Key{}, ErrNoKey
}

// verifier returns the key of this kid, if its tokens still count now. The kid is compared and
// never used as a path or an address.
func (r Ring) verifier(kid string, now time.Time) (Key, error) {
	for _, k := range r.keys {
		if k.ID == kid && k.verifies(now) {
			return k, nil
		}
	}
	return Key{}, ErrInvalid
}

// JWK is the public half of a key as RFC 8037 writes it.
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// JWKS is the body of the public key list (RFC 7517, section 5).
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWKS lists the public half of every key whose tokens count now, newest first. It never holds
// a private half, and is an empty list rather than null where the ring is empty.
func (r Ring) JWKS(now time.Time) JWKS {
	set := JWKS{Keys: []JWK{}}
	for _, k := range r.keys {
		if !k.verifies(now) {
			continue
		}
		set.Keys = append(set.Keys, JWK{
			KeyType: "OKP", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(k.Public),
			ID: k.ID, Use: "sig", Algorithm: algorithm,
		})
	}
	return set
}
