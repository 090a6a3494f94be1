package app

import (
	"context"
	"maps"
	"sync"

	"naober/api/port"
	"naober/matching/care"
)

// familiarMost bounds the residents of whom this process remembers who has helped them: some 10 MB.
const familiarMost = 20_000

// familiar remembers who has helped a resident, so that not every wave reads all that they ever asked
// for. Of a resident the store is read once; after that the feed's visits that were done are enough. What
// two records of one person have, and what is forgotten with somebody, makes it begin anew.
type familiar struct {
	mu   sync.Mutex
	with map[care.PersonID]*faceSet
}

// faceSet is who has helped one resident. The set is not changed once it was given to somebody.
type faceSet struct {
	read  bool // the store was
	known map[care.PersonID]bool
}

// find is who has helped a resident, or a place for whoever reads it: what happens during the reading
// is noted there.
func (f *familiar) find(resident care.PersonID) *faceSet {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found := f.with[resident]; found != nil && found.read {
		return found
	}
	if f.with == nil || len(f.with) >= familiarMost {
		f.with = map[care.PersonID]*faceSet{}
	}
	begun := &faceSet{known: map[care.PersonID]bool{}}
	f.with[resident] = begun
	return begun
}

// keep takes what was read, with what was noted meanwhile. Where another reading has begun since, or
// everything was forgotten, it is not remembered.
func (f *familiar) keep(resident care.PersonID, begun *faceSet, read map[care.PersonID]bool) map[care.PersonID]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.Copy(read, begun.known)
	if f.with[resident] == begun {
		f.with[resident] = &faceSet{read: true, known: read}
	}
	return read
}

// met notes a visit that was done.
func (f *familiar) met(resident, helper care.PersonID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.with[resident]
	if was == nil || was.known[helper] {
		return
	}
	if !was.read { // nobody else has it
		was.known[helper] = true
		return
	}
	known := maps.Clone(was.known)
	known[helper] = true
	f.with[resident] = &faceSet{read: true, known: known}
}

// forget begins anew with everybody.
func (f *familiar) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.with = nil
}

// knownFaces are the helpers whose visit to this resident was done before, under the records that stay;
// to be read.
func (a *App) knownFaces(ctx context.Context, resident care.PersonID) (map[care.PersonID]bool, error) {
	resident = a.resolve(resident)
	begun := a.familiar.find(resident)
	if begun.read {
		return begun.known, nil
	}
	known := map[care.PersonID]bool{}
	meet := func(visits []care.Visit) {
		for _, v := range visits {
			if v.State == care.VisitFinished {
				known[a.resolve(v.Helper)] = true
			}
		}
	}
	for _, self := range a.selves(resident) {
		key := port.Key{Name: ByFor, Value: string(self)}
		if err := eachOf(ctx, a.Stores.Requests, key, func(r care.Request) { meet(r.Visits) }); err != nil {
			return nil, err
		}
		if err := eachOf(ctx, a.Stores.Histories, key, func(h care.History) { meet(h.Visits) }); err != nil {
			return nil, err
		}
	}
	return a.familiar.keep(resident, begun, known), nil
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
