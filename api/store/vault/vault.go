package vault

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"sync"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

const (
	// Lent is how long a process goes on with a ring that it has read. Whoever changes keys waits
	// that long before it takes the old ones away.
	Lent = time.Minute
	// mostLent bounds the rings in memory: a province's readers at once, 15 MB.
	mostLent = 20_000
	// rootOwner names the ring of the installation's own secret. No person's id is a word.
	rootOwner = "root"
)

// Rings are the documents of rings, read many at a time.
type Rings interface {
	port.Documents[string, app.Ring]
	// Many reads the rings that are there; the others are left out.
	Many(ctx context.Context, owners []string) ([]app.Ring, error)
}

// Stale picks the boxes that are to be sealed anew.
type Stale = func(record.Box) bool

// Contacts are the documents of the contact index.
type Contacts = port.Documents[string, app.ContactEntry]

// Settings are what a vault stands on. Rings, Contacts, Scrub, Reseal, Owner and Service are required.
type Settings struct {
	Rings    Rings
	Contacts Contacts
	// Scrub removes contact entries that name nobody and makes sure that what was overwritten is on
	// no disk any more.
	Scrub func(ctx context.Context) error
	// Reseal seals every document anew that has a stale box, as a quiet write, and tells how many it met.
	Reseal func(ctx context.Context, stale Stale) (int, error)
	// Owner names somebody whose data stands in the data store, and nobody where it is new.
	Owner func(ctx context.Context) (care.PersonID, error)
	// Service is the service key: 32 bytes. Old ones still open what they wrapped.
	Service []byte
	Old     [][]byte
	// Now dates keys; time.Now where it is nil. How long a ring is lent is measured by the machine.
	Now func() time.Time
	// Forgot is called when a person's key is dropped, so that nothing that it opened stays in memory.
	// May be nil.
	Forgot func()
	// Lent overrides how long a ring is lent, for tests; 0 is the usual minute.
	Lent time.Duration
}

// Vault is safe for concurrent use by any number of goroutines.
type Vault struct {
	Settings
	wraps   wraps
	secret  []byte
	hash    func(care.Contact) string
	persons port.Documents[care.PersonID, care.Person] // told by Persons; the index is checked against it

	mu   sync.Mutex
	lent map[string]loan
}

// loan is a ring that was opened, and until when it counts.
type loan struct {
	lock  *record.Lock
	until time.Time
}

// Open reads the installation's secret, and makes it where the key store is new. A service key that
// does not open it is refused: nothing else would open either. So is a key store that lacks the keys of
// the data: a new one in its place would say of every key that nothing is left under the former one.
func Open(ctx context.Context, s Settings) (*Vault, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Lent == 0 {
		s.Lent = Lent
	}
	w, err := newWraps(s.Service, s.Old)
	if err != nil {
		return nil, err
	}
	v := &Vault{Settings: s, wraps: w, lent: map[string]loan{}}
	if err := v.belongs(ctx); err != nil {
		return nil, err
	}
	ring, err := v.ring(ctx, rootOwner)
	if err != nil {
		return nil, err
	}
	v.secret, err = v.wraps.unwrap(rootOwner, ring.Keys[len(ring.Keys)-1])
	if err != nil {
		return nil, err
	}
	v.hash = app.ContactHash(v.secret)
	return v, nil
}

// belongs looks for the ring of somebody in the data. A ring is made before its owner's first document
// and never taken away, not even by forgetting.
func (v *Vault) belongs(ctx context.Context) error {
	owner, err := v.Owner(ctx)
	if err != nil || owner == "" {
		return err
	}
	_, err = v.Rings.Get(ctx, string(owner))
	if care.IsKind(err, care.NotFound) {
		return lacking(owner)
	}
	return err
}

// Check reports whether the service key still opens the key store, by the ring of the installation,
// which a rotation wraps first.
func (v *Vault) Check(ctx context.Context) error {
	root, err := v.Rings.Get(ctx, rootOwner)
	if err != nil {
		return err
	}
	_, err = v.wraps.unwrap(rootOwner, root.Value.Keys[len(root.Value.Keys)-1])
	return err
}

func lacking(owner care.PersonID) error {
	return fmt.Errorf("vault: the key store lacks a key of %s: it is not the one this data was written with", owner)
}

// Secret is the root secret of the installation: random, and wrapped in the key store, so that the
// service key and the data alone compute none of the hashes made with it.
func (v *Vault) Secret() []byte { return v.secret }

// Locks implements record.Locks.
func (v *Vault) Locks(ctx context.Context, need map[care.PersonID]int, create bool) (map[care.PersonID]*record.Lock, error) {
	found := make(map[care.PersonID]*record.Lock, len(need))
	missing := v.borrow(need, found)
	if len(missing) == 0 {
		return found, nil
	}
	rings, err := v.Rings.Many(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, r := range rings {
		if found[care.PersonID(r.Owner)], err = v.lend(r); err != nil {
			return nil, err
		}
	}
	for _, owner := range missing {
		p := care.PersonID(owner)
		if found[p] == nil && create {
			r, err := v.ring(ctx, owner)
			if err != nil {
				return nil, err
			}
			if found[p], err = v.lend(r); err != nil {
				return nil, err
			}
		}
		if l := found[p]; l == nil || !l.Gone && l.Newest < need[p] {
			return nil, lacking(p)
		}
	}
	return found, nil
}

// borrow fills in what is lent and tells which owners must be read.
func (v *Vault) borrow(need map[care.PersonID]int, found map[care.PersonID]*record.Lock) (missing []string) {
	now := time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	for p, number := range need {
		l, ok := v.lent[string(p)]
		if ok && now.Before(l.until) && (l.lock.Gone || number <= l.lock.Newest) {
			found[p] = l.lock
		} else {
			missing = append(missing, string(p))
		}
	}
	return missing
}

// lend opens a ring and keeps it for a while.
func (v *Vault) lend(r app.Ring) (*record.Lock, error) {
	lock := &record.Lock{Newest: r.Newest, Gone: !r.DestroyedAt.IsZero(), Keys: make(map[int]cipher.AEAD, len(r.Keys))}
	for _, k := range r.Keys {
		raw, err := v.wraps.unwrap(r.Owner, k)
		if err != nil {
			return nil, err
		}
		if lock.Keys[k.Number], err = box(raw); err != nil {
			return nil, err
		}
	}
	if !lock.Gone && lock.Keys[lock.Newest] == nil {
		return nil, fmt.Errorf("vault: the ring of %s lacks its newest key", r.Owner)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.lent) >= mostLent {
		clear(v.lent)
	}
	v.lent[r.Owner] = loan{lock, time.Now().Add(v.Lent)}
	return lock, nil
}

// ring reads an owner's ring, and makes it where there is none: of two that make it at once, one wins.
func (v *Vault) ring(ctx context.Context, owner string) (app.Ring, error) {
	there, err := v.Rings.Get(ctx, owner)
	if !care.IsKind(err, care.NotFound) {
		return there.Value, err
	}
	kek, err := v.underWhich(ctx, owner)
	if err != nil {
		return app.Ring{}, err
	}
	now := v.Now()
	made := app.Ring{Owner: owner, Keys: []app.WrappedKey{v.wraps.newKey(kek, owner, 1, now)}, Newest: 1, MadeAt: now}
	if _, err := v.Rings.Insert(ctx, owner, made, nil, port.Write{}); err != nil && care.CodeOf(err) != "id_taken" {
		return app.Ring{}, err
	}
	there, err = v.Rings.Get(ctx, owner)
	return there.Value, err
}

// Forget implements app.Vault.
func (v *Vault) Forget(p care.PersonID) {
	v.mu.Lock()
	delete(v.lent, string(p))
	v.mu.Unlock()
	if v.Forgot != nil {
		v.Forgot()
	}
}

// Destroyed implements app.Vault.
func (v *Vault) Destroyed(ctx context.Context, p care.PersonID) (bool, error) {
	r, err := v.Rings.Get(ctx, string(p))
	if care.IsKind(err, care.NotFound) {
		return false, nil
	}
	return err == nil && !r.Value.DestroyedAt.IsZero(), err
}

// Destroy implements app.Vault. The empty ring stays: what is written about the person later finds
// it, and is written without a word.
func (v *Vault) Destroy(ctx context.Context, p care.PersonID) error {
	if err := v.unlinkAll(ctx, p); err != nil {
		return err
	}
	err := errors.Join(v.destroy(ctx, string(p)), v.destroy(ctx, deviceOwner(p)))
	v.Forget(p)
	return errors.Join(err, v.Scrub(ctx))
}

// destroy empties an owner's ring, or leaves an empty one where there was none, so that none comes after it.
func (v *Vault) destroy(ctx context.Context, owner string) error {
	now := v.Now()
	end := func(r app.Ring) (app.Ring, []care.Event, error) {
		r.Keys = nil
		if r.DestroyedAt.IsZero() {
			r.DestroyedAt = now
		}
		return r, nil, nil
	}
	_, err := v.Rings.Update(ctx, owner, port.Write{}, end)
	if care.IsKind(err, care.NotFound) {
		_, err = v.Rings.Insert(ctx, owner, app.Ring{Owner: owner, DestroyedAt: now}, nil, port.Write{})
		if care.CodeOf(err) == "id_taken" {
			_, err = v.Rings.Update(ctx, owner, port.Write{}, end)
		}
	}
	return err
}

var (
	_ app.Vault    = (*Vault)(nil)
	_ record.Locks = (*Vault)(nil)
)
