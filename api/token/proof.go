package token

import (
	"crypto/sha256"
	"sync"
	"time"
)

// mostProofs bounds the memory of Proofs: some 1 MiB. A village's devices fit many times over; where
// more call, the oldest knowledge is simply lost.
const mostProofs = 8192

// Proofs remembers which access tokens were verified, so that a device that calls again costs no
// signature. It remembers hashes of whole tokens and only good ones; key and time are looked at anew
// each time. Whatever is not plainly good goes the full way. Its zero value is empty and ready.
type Proofs struct {
	mu   sync.RWMutex
	seen map[[sha256.Size]byte]proof
}

// proof is what a verified token says and which key signed it.
type proof struct {
	issuer Issuer
	kid    string
	claims Claims
}

// Verify is Issuer.Verify with that memory.
func (p *Proofs) Verify(i Issuer, ring Ring, raw string, now time.Time) (Claims, error) {
	if len(raw) > maxAccess {
		return Claims{}, ErrInvalid
	}
	sum := sha256.Sum256([]byte(raw))
	p.mu.RLock()
	known, ok := p.seen[sum]
	p.mu.RUnlock()
	if ok && known.holds(i, ring, now) {
		return known.claims, nil
	}
	claims, kid, err := i.verify(ring, raw, now)
	if err != nil {
		return Claims{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil || len(p.seen) >= mostProofs {
		p.seen = make(map[[sha256.Size]byte]proof)
	}
	p.seen[sum] = proof{i, kid, claims}
	return claims, nil
}

// holds reports whether the token still counts: the same expectations, a key that verifies, and a
// time strictly inside its life. A kid is the key's own hash, so it names no other key.
func (p proof) holds(i Issuer, ring Ring, now time.Time) bool {
	if p.issuer != i || now.Before(p.claims.IssuedAt) || !now.Before(p.claims.ExpiresAt) {
		return false
	}
	_, err := ring.verifier(p.kid, now)
	return err == nil
}
