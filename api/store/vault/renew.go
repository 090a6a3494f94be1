package vault

import (
	"context"
	"maps"
	"slices"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/api/store/record"
	"naober/matching/care"
)

// Renewed counts what one run of Renew did.
type Renewed struct {
	Rings     int  // that hold one new key alone now
	Documents int  // that were sealed anew
	Resumed   bool // the run finished one that was cut off and began nothing besides
}

// target is a ring on its way to its newest key alone.
type target struct {
	newest int
	madeAt time.Time
	old    map[int]bool
}

// Renew gives a person, or everybody where p is empty, a new data key: first the key, then every
// document is sealed anew as a quiet write, and only then the former key goes. All processes read
// and write meanwhile: one that has an older ring in memory reads it again as soon as it meets the
// new number, and what it seals under the former one until then is met by a later look. The former
// key goes after a whole look that found nothing and began when the last reseal was older than any
// loan.
//
// Where a run was cut off, the next finishes it: a ring with several keys gets no further one.
func (v *Vault) Renew(ctx context.Context, p care.PersonID) (Renewed, error) {
	var done Renewed
	targets, resumed, err := v.begin(ctx, p)
	if done.Resumed = resumed; err != nil || len(targets) == 0 {
		return done, err
	}
	stale := func(b record.Box) bool {
		t, ours := targets[b.Owner]
		return ours && t.old[b.Number]
	}
	for waited := false; ; waited = true {
		n, err := v.Reseal(ctx, stale)
		if done.Documents += n; err != nil {
			return done, err
		}
		if waited && n == 0 {
			break
		}
		if err := v.outlast(ctx); err != nil {
			return done, err
		}
	}
	// The youngest first: what is left when this is cut off began before all that is finished, which
	// is how the next run tells the two apart.
	for _, owner := range slices.SortedFunc(maps.Keys(targets), func(a, b care.PersonID) int { return targets[b].madeAt.Compare(targets[a].madeAt) }) {
		if err := v.retire(ctx, owner, targets[owner]); err != nil {
			return done, err
		}
		done.Rings++
	}
	return done, v.scrubbed(ctx)
}

// begin puts a new key into each ring. Where some have several already, a run was cut off: those
// whose newest key is younger than its first one belong to it and are left as they are.
func (v *Vault) begin(ctx context.Context, p care.PersonID) (map[care.PersonID]target, bool, error) {
	var rings []app.Ring
	resumed := false
	pick := func(r app.Ring) {
		if r.Owner != rootOwner && !ofDevices(r.Owner) && r.DestroyedAt.IsZero() && len(r.Keys) > 0 {
			rings, resumed = append(rings, r), resumed || len(r.Keys) > 1
		}
	}
	if p != "" {
		r, err := v.Rings.Get(ctx, string(p))
		if err != nil {
			return nil, false, err
		}
		pick(r.Value)
	} else if err := v.Rings.Each(ctx, func(r port.Stored[app.Ring]) error { pick(r.Value); return nil }); err != nil {
		return nil, false, err
	}
	since := v.Now()
	for _, r := range rings {
		if newest := r.Keys[len(r.Keys)-1]; len(r.Keys) > 1 && newest.MadeAt.Before(since) {
			since = newest.MadeAt
		}
	}
	targets := make(map[care.PersonID]target, len(rings))
	for _, r := range rings {
		if len(r.Keys) == 1 && resumed && !r.Keys[0].MadeAt.Before(since) {
			continue
		}
		t, err := v.renew(ctx, r.Owner)
		if err != nil {
			return nil, resumed, err
		}
		if len(t.old) > 0 {
			targets[care.PersonID(r.Owner)] = t
		}
	}
	return targets, resumed, nil
}

// renew puts a new key into a ring of one.
func (v *Vault) renew(ctx context.Context, owner string) (target, error) {
	kek, err := v.underWhich(ctx, owner)
	if err != nil {
		return target{}, err
	}
	now := v.Now()
	told, err := v.Rings.Update(ctx, owner, port.Write{}, func(r app.Ring) (app.Ring, []care.Event, error) {
		if len(r.Keys) == 1 && r.DestroyedAt.IsZero() {
			r.Newest++
			r.Keys = []app.WrappedKey{r.Keys[0], v.wraps.newKey(kek, owner, r.Newest, now)}
		}
		return r, nil, nil
	})
	if err != nil {
		return target{}, err
	}
	v.Forget(care.PersonID(owner))
	t := target{newest: told.Value.Newest, old: map[int]bool{}}
	for _, k := range told.Value.Keys {
		if k.Number == t.newest {
			t.madeAt = k.MadeAt
		} else {
			t.old[k.Number] = true
		}
	}
	return t, nil
}

// retire takes the former keys out of a ring.
func (v *Vault) retire(ctx context.Context, owner care.PersonID, t target) error {
	_, err := v.Rings.Update(ctx, string(owner), port.Write{}, func(r app.Ring) (app.Ring, []care.Event, error) {
		var keys []app.WrappedKey
		for _, k := range r.Keys {
			if !t.old[k.Number] {
				keys = append(keys, k)
			}
		}
		r.Keys = keys
		return r, nil, nil
	})
	v.Forget(owner)
	return err
}
