package app

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"naober/api/port"
	"naober/matching/care"
)

// aliases is this process's list of the records in place of which another of the same person stays. It
// is rebuilt at start with the names and kept fresh by the feed. It decides nothing: a moment too old,
// it shows a record for itself that was merged just now, whose book is closed and whose sessions are
// over by then.
type aliases struct {
	mu   sync.RWMutex
	into map[care.PersonID]link
	from map[care.PersonID][]care.PersonID
}

// link is where one record leads; to nobody, where a merge was undone.
type link struct {
	turn int64 // of the reading that it comes from
	into care.PersonID
}

func newAliases() *aliases {
	return &aliases{into: map[care.PersonID]link{}, from: map[care.PersonID][]care.PersonID{}}
}

// put keeps what was read of a person, unless a reading that began later was faster.
func (x *aliases) put(p care.Person, turn int64) {
	next := link{turn: turn}
	if into := p.Into(); into != p.ID {
		next.into = into
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	old, known := x.into[p.ID]
	if !known && next.into == "" || turn < old.turn {
		return
	}
	if old.into != "" {
		x.from[old.into] = slices.DeleteFunc(x.from[old.into], func(q care.PersonID) bool { return q == p.ID })
	}
	if next.into != "" {
		x.from[next.into] = append(x.from[next.into], p.ID)
	}
	x.into[p.ID] = next
}

// resolve is the one function by which every reader turns an id into the record that stays. The rules
// make no circle; the bound is for a store that was tampered with.
func (a *App) resolve(p care.PersonID) care.PersonID {
	x := a.aliases
	x.mu.RLock()
	defer x.mu.RUnlock()
	for range 64 {
		next := x.into[p].into
		if next == "" {
			return p
		}
		p = next
	}
	return p
}

// selves are a person and every record that they stay in place of.
func (a *App) selves(p care.PersonID) []care.PersonID {
	x := a.aliases
	x.mu.RLock()
	defer x.mu.RUnlock()
	all := []care.PersonID{p}
	for i := 0; i < len(all) && len(all) < 64; i++ {
		for _, q := range x.from[all[i]] {
			if !slices.Contains(all, q) {
				all = append(all, q)
			}
		}
	}
	return all
}

// canonical is a request as its readers mean it: whoever has two records stands in it under the one
// that stays. It is for reading only and never stored, so that an undo finds everything in its place.
func (a *App) canonical(r care.Request) care.Request {
	r.For = a.resolve(r.For)
	if r.OnBehalf != nil {
		behalf := *r.OnBehalf
		behalf.By = a.resolve(behalf.By)
		r.OnBehalf = &behalf
	}
	r.Asks, r.Visits = a.canonicalParts(r.Asks, r.Visits)
	return r
}

func (a *App) canonicalParts(asks []care.Ask, visits []care.Visit) ([]care.Ask, []care.Visit) {
	if i := slices.IndexFunc(asks, func(k care.Ask) bool { return a.resolve(k.Helper) != k.Helper }); i >= 0 {
		asks = slices.Clone(asks)
		for j := range asks {
			asks[j].Helper = a.resolve(asks[j].Helper)
		}
	}
	if i := slices.IndexFunc(visits, func(v care.Visit) bool { return a.resolve(v.Helper) != v.Helper }); i >= 0 {
		visits = slices.Clone(visits)
		for j := range visits {
			visits[j].Helper = a.resolve(visits[j].Helper)
		}
	}
	return asks, visits
}

// findOwn is Find under a key of a person, over all of their records.
func findOwn[K ~string, T any](ctx context.Context, a *App, docs port.Documents[K, T], key string, p care.PersonID, page port.Page) ([]port.Stored[T], error) {
	return FindUnder(ctx, docs, key, a.selves(p), page)
}

// FindUnder is Find under a key of several persons together: by ascending id, each document once.
func FindUnder[K ~string, T any](ctx context.Context, docs port.Documents[K, T], key string, people []care.PersonID, page port.Page) ([]port.Stored[T], error) {
	var all []port.Stored[T]
	for _, q := range people {
		found, err := docs.Find(ctx, port.Key{Name: key, Value: string(q)}, page)
		if err != nil || len(people) == 1 {
			return found, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(x, y port.Stored[T]) int { return cmp.Compare(x.ID, y.ID) })
	all = slices.CompactFunc(all, func(x, y port.Stored[T]) bool { return x.ID == y.ID })
	return all[:min(len(all), page.Limit)], nil
}
