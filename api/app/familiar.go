package app

import (
	"context"
	"maps"
	"sync"

	"naober/api/port"
	"naober/matching"
	"naober/matching/care"
)

// familiarMost bounds the residents of whom this process remembers who has helped them: some 10 MB.
const familiarMost = 20_000

// familiar remembers who has helped a resident, and whom the resident has helped, so that not every wave
// reads all that they ever had a part in. Of a resident the store is read once; after that the feed's
// visits that were done are enough. What two records of one person have, and what is forgotten with
// somebody, makes it begin anew.
type familiar struct {
	mu   sync.Mutex
	with map[care.PersonID]*bonds
}

// ties are who has helped one resident, and whom that resident has helped; to be read.
type ties struct {
	known  map[care.PersonID]bool
	helped map[care.PersonID]bool
}

func newTies() ties {
	return ties{known: map[care.PersonID]bool{}, helped: map[care.PersonID]bool{}}
}

// on is a candidate with what ties the resident to them.
func (t ties) on(c matching.Candidate) matching.Candidate {
	c.KnownFace, c.Helped = t.known[c.Person], t.helped[c.Person]
	return c
}

// people are all whom a resident is tied to.
func (t ties) people() map[care.PersonID]bool {
	all := maps.Clone(t.known)
	maps.Copy(all, t.helped)
	return all
}

// text names them all, in the same order.
func (t ties) text() string { return faces(t.known) + "|" + faces(t.helped) }

// bonds are the ties of one resident. They are not changed once they were given to somebody.
type bonds struct {
	read bool // the store was
	ties
}

// find is what ties a resident to others, or a place for whoever reads it: what happens during the
// reading is noted there.
func (f *familiar) find(resident care.PersonID) *bonds {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found := f.with[resident]; found != nil && found.read {
		return found
	}
	if f.with == nil || len(f.with) >= familiarMost {
		f.with = map[care.PersonID]*bonds{}
	}
	begun := &bonds{ties: newTies()}
	f.with[resident] = begun
	return begun
}

// keep takes what was read, with what was noted meanwhile. Where another reading has begun since, or
// everything was forgotten, it is not remembered.
func (f *familiar) keep(resident care.PersonID, begun *bonds, read ties) ties {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(read.known, begun.known)
	maps.Copy(read.helped, begun.helped)
	if f.with[resident] == begun {
		f.with[resident] = &bonds{read: true, ties: read}
	}
	return read
}

// met notes a visit that was done, for both.
func (f *familiar) met(resident, helper care.PersonID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(resident, func(t ties) map[care.PersonID]bool { return t.known }, helper)
	f.note(helper, func(t ties) map[care.PersonID]bool { return t.helped }, resident)
}

func (f *familiar) note(p care.PersonID, set func(ties) map[care.PersonID]bool, other care.PersonID) {
	was := f.with[p]
	if was == nil || set(was.ties)[other] {
		return
	}
	if !was.read { // nobody else has it
		set(was.ties)[other] = true
		return
	}
	next := ties{known: maps.Clone(was.known), helped: maps.Clone(was.helped)}
	set(next)[other] = true
	f.with[p] = &bonds{read: true, ties: next}
}

// forget begins anew with everybody.
func (f *familiar) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.with = nil
}

// tiesOf are the helpers whose visit to this resident was done before, and the residents whom they
// themselves helped, under the records that stay; to be read.
func (a *App) tiesOf(ctx context.Context, resident care.PersonID) (ties, error) {
	resident = a.resolve(resident)
	begun := a.familiar.find(resident)
	if begun.read {
		return begun.ties, nil
	}
	read := newTies()
	meet := func(whose care.PersonID, visits []care.Visit) {
		whose = a.resolve(whose)
		for _, v := range visits {
			if v.State != care.VisitFinished {
				continue
			}
			if whose == resident {
				read.known[a.resolve(v.Helper)] = true
			}
			if a.resolve(v.Helper) == resident {
				read.helped[whose] = true
			}
		}
	}
	for _, self := range a.selves(resident) {
		for _, key := range []port.Key{{Name: ByFor, Value: string(self)}, {Name: ByHelper, Value: string(self)}} {
			if err := eachOf(ctx, a.Stores.Requests, key, func(r care.Request) { meet(r.For, r.Visits) }); err != nil {
				return ties{}, err
			}
			if err := eachOf(ctx, a.Stores.Histories, key, func(h care.History) { meet(h.For, h.Visits) }); err != nil {
				return ties{}, err
			}
		}
	}
	return a.familiar.keep(resident, begun, read), nil
}

// eachOf goes through the documents under a key without holding them all.
func eachOf[K ~string, T any](ctx context.Context, docs port.Documents[K, T], key port.Key, visit func(T)) error {
	page := port.Page{Limit: 100}
	for {
		found, err := docs.Find(ctx, key, page)
		if err != nil {
			return err
		}
		for _, d := range found {
			visit(d.Value)
		}
		if len(found) < page.Limit {
			return nil
		}
		page.After = found[len(found)-1].ID
	}
}
