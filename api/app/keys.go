package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"naober/api/port"
	"naober/api/token"
	"naober/matching/care"
)

const (
	// keyLead is how long a rotated-in key is published before it signs: twice the minute after
	// which every process reads the keys anew.
	keyLead = 2 * time.Minute
	// missGap is the least time between two readings that bad tokens can cause.
	missGap = 2 * time.Second
)

// keyRing holds the signing keys as this process last read them. Its zero value signs nothing.
type keyRing struct {
	current atomic.Pointer[token.Ring]
	loading sync.Mutex // one reading at a time
	missed  time.Time  // the last reading that a bad token caused; under loading
}

func (k *keyRing) ring() token.Ring {
	if r := k.current.Load(); r != nil {
		return *r
	}
	return token.Ring{}
}

// LoadKeys reads the signing keys, and makes the first one where none can sign. It is called at
// start and every minute. Two processes that start on an empty store may make one each: both are
// published, and from the next reading on all sign with the same.
func (a *App) LoadKeys(ctx context.Context) error {
	a.ring.loading.Lock()
	defer a.ring.loading.Unlock()
	return a.loadKeys(ctx)
}

func (a *App) loadKeys(ctx context.Context) error {
	keys, err := a.readKeys(ctx)
	if err != nil {
		return err
	}
	now := a.clock()
	signs := func(k token.Key) bool {
		return k.Private != nil && !now.Before(k.CreatedAt) && (k.RetiredAt.IsZero() || now.Before(k.RetiredAt))
	}
	if !slices.ContainsFunc(keys, signs) {
		if err := a.makeKey(ctx, now); err != nil {
			return err
		}
		if keys, err = a.readKeys(ctx); err != nil {
			return err
		}
	}
	ring, err := token.NewRing(keys)
	if err != nil {
		return err
	}
	a.ring.current.Store(&ring)
	return nil
}

// readKeys opens the stored keys. One that does not open (another service secret sealed it) still
// verifies, so that a changed secret logs nobody out.
func (a *App) readKeys(ctx context.Context) ([]token.Key, error) {
	var keys []token.Key
	err := a.Stores.SigningKeys.Each(ctx, func(s port.Stored[SigningKey]) error {
		k := token.Key{ID: s.Value.ID, Public: s.Value.Public, CreatedAt: s.Value.CreatedAt, RetiredAt: s.Value.RetiredAt}
		private, err := a.unseal(labelSigning, k.ID, s.Value.Sealed)
		if err == nil {
			k.Private = ed25519.PrivateKey(private)
		} else {
			a.Log.Warn("signing key does not open and only verifies", "key", k.ID)
		}
		keys = append(keys, k)
		return nil
	})
	return keys, err
}

// makeKey stores a new key that signs from a moment on.
func (a *App) makeKey(ctx context.Context, from time.Time) error {
	k, err := token.GenerateKey(rand.Reader, from)
	if err != nil {
		return err
	}
	sealed, err := a.seal(labelSigning, k.ID, k.Private)
	if err != nil {
		return err
	}
	stored := SigningKey{ID: k.ID, Sealed: sealed, Public: k.Public, CreatedAt: from}
	_, err = a.Stores.SigningKeys.Insert(ctx, k.ID, stored, nil, port.Write{})
	return err
}

// RotateKeys makes a new signing key and retires the ones before it. For operators. Nobody is
// logged out: the new key is published before it signs, and an old one verifies until its last
// token has run out. A rotation that was cut short is completed by the next.
func (a *App) RotateKeys(ctx context.Context) error {
	a.ring.loading.Lock()
	defer a.ring.loading.Unlock()
	old, err := a.readKeys(ctx)
	if err != nil {
		return err
	}
	from := a.clock().Add(keyLead)
	if err := a.makeKey(ctx, from); err != nil {
		return err
	}
	for _, k := range old {
		_, err := a.Stores.SigningKeys.Update(ctx, k.ID, port.Write{}, func(s SigningKey) (SigningKey, []care.Event, error) {
			if s.RetiredAt.IsZero() {
				s.RetiredAt = from
			}
			return s, nil, nil
		})
		if err != nil {
			return fmt.Errorf("retiring key %s: %w", k.ID, err)
		}
	}
	return a.loadKeys(ctx)
}

// JWKS lists the public keys whose tokens count at this moment; it is open to everybody.
func (a *App) JWKS(now time.Time) token.JWKS { return a.ring.ring().JWKS(now) }

// reloadAfterMiss reads the keys anew because a token did not verify: another process may have
// made its key. However many bad tokens come at once, they cause one reading per missGap.
func (a *App) reloadAfterMiss(ctx context.Context) error {
	a.ring.loading.Lock()
	defer a.ring.loading.Unlock()
	now := a.Now()
	if gap := now.Sub(a.ring.missed); gap >= 0 && gap < missGap {
		return nil
	}
	a.ring.missed = now
	return a.loadKeys(ctx)
}
