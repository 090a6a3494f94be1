package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// scrubTries bounds how often a rotation asks for the disk to itself while others write.
const scrubTries = 20

// Rewrapped counts what one run of Rewrap wrote.
type Rewrapped struct{ Rings, Keys int }

// Rewrap closes every key of the key store under the service key, in rings that others may read and
// write meanwhile. When it returns without an error, nothing opens under a former service key any
// more, nor will: the root ring goes first, and whoever wraps a new key asks it under which service
// key. One who asked before that may still write for a moment, so the last look is taken after it.
//
// Every process must hold both keys. What a cut-off run left is done by the next. progress may be
// nil; it hears the count after each ring.
func (v *Vault) Rewrap(ctx context.Context, progress func(Rewrapped)) (Rewrapped, error) {
	var done Rewrapped
	rewrap := func(owner string) error {
		n, err := v.rewrapOne(ctx, owner)
		if err != nil || n == 0 {
			return err
		}
		done.Rings, done.Keys = done.Rings+1, done.Keys+n
		if progress != nil {
			progress(done)
		}
		return nil
	}
	if err := rewrap(rootOwner); err != nil {
		return done, err
	}
	for waited := len(v.Old) == 0; ; {
		before := done
		if err := v.Rings.Each(ctx, func(r port.Stored[app.Ring]) error { return rewrap(r.ID) }); err != nil {
			return done, err
		}
		switch {
		case waited && done == before:
			return done, v.scrubbed(ctx)
		case !waited:
			waited = true
			if err := v.outlast(ctx); err != nil {
				return done, err
			}
		}
	}
}

// rewrapOne tells how many keys of a ring it wrapped anew.
func (v *Vault) rewrapOne(ctx context.Context, owner string) (int, error) {
	n := 0
	_, err := v.Rings.Update(ctx, owner, port.Write{Quiet: true}, func(r app.Ring) (app.Ring, []care.Event, error) {
		n = 0
		keys := make([]app.WrappedKey, len(r.Keys))
		for i, k := range r.Keys {
			if keys[i] = k; k.KEK == v.wraps.newest {
				continue
			}
			raw, err := v.wraps.unwrap(owner, k)
			if err != nil {
				return r, nil, err
			}
			keys[i] = v.wraps.wrap(v.wraps.newest, owner, k, raw)
			n++
		}
		r.Keys = keys
		return r, nil, nil
	})
	if care.IsKind(err, care.NotFound) {
		return 0, nil
	}
	return n, err
}

// underWhich names the service key that wraps new keys: that of the root ring, and not this
// process's own, so that all processes change at one moment.
func (v *Vault) underWhich(ctx context.Context, owner string) (string, error) {
	if owner == rootOwner {
		return v.wraps.newest, nil
	}
	root, err := v.Rings.Get(ctx, rootOwner)
	if err != nil {
		return "", err
	}
	keys := root.Value.Keys
	if len(keys) == 0 || v.wraps.byName[keys[len(keys)-1].KEK] == nil {
		return "", errOtherKey()
	}
	return keys[len(keys)-1].KEK, nil
}

// outlast waits until no process goes on with a ring that it read before, nor with a write that it
// began with one.
func (v *Vault) outlast(ctx context.Context) error {
	timer := time.NewTimer(v.Lent + v.Lent/2)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// scrubbed takes what was overwritten off the disk. Others write meanwhile, so it tries for a while.
func (v *Vault) scrubbed(ctx context.Context) error {
	var err error
	for try := range scrubTries {
		if err = v.Scrub(ctx); !care.IsKind(err, care.Unavailable) {
			return err
		}
		timer := time.NewTimer(time.Duration(try+1) * 10 * time.Millisecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		case <-timer.C:
		}
	}
	return fmt.Errorf("vault: all is written, but its former bytes may be on the disk still; run it again: %w", err)
}
