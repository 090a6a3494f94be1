package app_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// TestMergesByChance: people with several records ask, offer, agree, block, are merged in every direction,
// taken apart and forgotten, while one of two processes stalls anywhere. Whenever the village is at rest,
// what checkMerges says holds; in the end every merge is undone and everything is where it was made.
func TestMergesByChance(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		w := newMergeWorld(t, seed)
		for step := range 14 {
			w.step()
			w.v.run()
			w.check(step)
			if t.Failed() {
				t.Fatalf("seed %d, step %d: %v", seed, step, w.did)
			}
		}
		w.undoAll()
		if t.Failed() {
			t.Fatalf("seed %d, at the end: %v", seed, w.did)
		}
	}
}

// mergeWorld is a village of few people with many records, and what chance did there.
type mergeWorld struct {
	v       *village
	rnd     *rand.Rand
	other   *app.App // a process that stalls
	whole   app.Stores
	records []care.PersonID
	asked   map[care.RequestID]care.PersonID // under which record it was made
	did     []string
}

func newMergeWorld(t *testing.T, seed uint64) *mergeWorld {
	v := newVillage(t)
	w := &mergeWorld{v: v, rnd: rand.New(rand.NewPCG(seed, 1)), other: v.elsewhere(), asked: map[care.RequestID]care.PersonID{}}
	w.whole = w.other.Stores
	for i := range 3 {
		w.records = append(w.records, v.driver("Geesje", 1+i), v.person("Geesje", 5+i))
	}
	v.run()
	return w
}

func (w *mergeWorld) anybody() care.PersonID { return w.records[w.rnd.IntN(len(w.records))] }

// survivor is anybody under the record that stays.
func (w *mergeWorld) survivor() care.PersonID {
	p := w.anybody()
	for w.v.personDoc(p).Into() != p {
		p = w.v.personDoc(p).Into()
	}
	return p
}

// step does one thing, in a third of all cases in a process that stalls while others do up to three more.
func (w *mergeWorld) step() {
	late := &tap{how: stalled}
	if w.rnd.IntN(3) == 0 {
		late.at = 1 + w.rnd.IntN(70)
		late.meanwhile = func() {
			w.did = append(w.did, "stalls")
			for range 1 + w.rnd.IntN(3) {
				w.act(w.v.App)
				w.v.run()
			}
			w.did = append(w.did, "wakes up")
		}
	}
	w.other.Stores = tapStores(w.whole, late)
	w.act(w.other)
}

func (w *mergeWorld) act(a *app.App) {
	ctx, v := w.v.t.Context(), w.v
	var err error
	what := ""
	switch n := w.rnd.IntN(20); {
	case n < 6:
		what = "merge"
		err = a.MergePersons(ctx, v.as(v.worker), v.here, w.survivor(), w.survivor())
	case n < 11:
		what = "undo"
		err = a.UndoMerge(ctx, v.as(v.worker), w.anybody())
	case n < 14:
		what = "ask"
		r := rideOf(thursday().Add(time.Duration(w.rnd.IntN(60)) * time.Hour))
		r.Community = v.here
		p := w.survivor()
		var id care.RequestID
		if id, err = a.AskForHelp(ctx, v.as(p), r); err == nil {
			w.asked[id] = p
		}
	case n < 17:
		what = "agree"
		err = w.agree(a)
	case n < 18:
		what = "block"
		err = a.BlockPerson(ctx, v.as(w.survivor()), v.here, w.survivor())
	case n < 19:
		what = "away"
		err = a.LeaveFor(ctx, v.as(v.worker), w.survivor(), care.Absence{State: care.Away, Rest: care.Rest{Until: v.clock().AddDate(0, 0, 2)}, Replaces: true})
	default:
		what = "forget"
		err = a.ForgetMe(ctx, v.as(w.anybody()), "Geesje")
	}
	w.did = append(w.did, what+" "+care.CodeOf(err))
	var refused *care.Error
	if err != nil && !errors.As(err, &refused) {
		v.t.Errorf("%s: %v", what, err)
	}
}

// agree says yes to one of the questions that are open.
func (w *mergeWorld) agree(a *app.App) error {
	var open []care.Ask
	w.v.must(w.v.Stores.Requests.Each(w.v.t.Context(), func(r port.Stored[care.Request]) error {
		for _, k := range r.Value.Asks {
			if k.Answerable() {
				open = append(open, k)
			}
		}
		return nil
	}))
	if len(open) == 0 {
		return nil
	}
	k := open[w.rnd.IntN(len(open))]
	_, err := a.AcceptAsk(w.v.t.Context(), w.v.as(k.Helper), k.ID, time.Time{})
	return err
}

// check holds what is true of any village at rest.
func (w *mergeWorld) check(step int) {
	v := w.v
	v.pass(app.ClaimGrace)
	v.run()
	v.orderly()
	for _, p := range w.records {
		doc := v.personDoc(p)
		w.checkRecord(step, doc)
		h, err := v.Stores.Helpers.Get(v.t.Context(), p)
		if care.IsKind(err, care.NotFound) {
			continue
		}
		v.must(err)
		want := care.PersonID("")
		if doc.Into() != p {
			want = doc.Into()
		}
		if h.Value.Alias != want && !doc.Gone() {
			v.t.Errorf("step %d: the book of %s is closed for %q, want %q", step, p, h.Value.Alias, want)
		}
		for _, b := range h.Value.Absorbed {
			if row, has := doc.AbsorbedOf(b.Person); !has || row.ID != b.Merge {
				v.t.Errorf("step %d: the book of %s keeps the rules of %s without a merge", step, p, b.Person)
			}
		}
		for _, x := range h.Value.BlockedBy {
			if other, err := v.Stores.Helpers.Get(v.t.Context(), x); err == nil && !other.Value.Blocked(p) && !v.personDoc(x).Gone() {
				v.t.Errorf("step %d: %s is kept from %s, who knows nothing of it", step, p, x)
			}
		}
	}
	w.checkParts(step)
}

func (w *mergeWorld) checkRecord(step int, doc care.Person) {
	v, at := w.v, doc.ID
	for range w.records {
		at = v.personDoc(at).Into()
	}
	if v.personDoc(at).Into() != at || doc.Alias != nil && !doc.Alias.Firm {
		v.t.Errorf("step %d: %s leads to no end: %+v", step, doc.ID, doc.Alias)
	}
	if into := v.personDoc(doc.Into()); into.ID != doc.ID && into.Gone() != doc.Gone() {
		v.t.Errorf("step %d: of %s and %s one is forgotten", step, doc.ID, into.ID)
	}
	for _, row := range doc.Absorbed {
		if !doc.Gone() && (!row.Settled || !row.UndoneAt.IsZero()) || v.personDoc(row.Person).Into() != doc.ID {
			v.t.Errorf("step %d: %s keeps %+v", step, doc.ID, row)
		}
	}
}

// checkParts: each request is found once, with who it is for standing for themselves, and the way it went
// being that of merges that stand.
func (w *mergeWorld) checkParts(step int) {
	v := w.v
	for id, made := range w.asked {
		r := v.request(id)
		holder := r.For
		if into := v.personDoc(holder); into.Into() != holder && !into.Gone() {
			v.t.Errorf("step %d: the ride of %s lies with %s, who is %s", step, made, holder, into.Into())
		}
		for _, was := range slices.Backward(r.WasFor) {
			if _, has := v.personDoc(holder).AbsorbedOf(was); !has {
				v.t.Errorf("step %d: the ride went from %s to %s without a merge", step, was, holder)
			}
			holder = was
		}
		if holder != made {
			v.t.Errorf("step %d: the ride of %s came from %s", step, made, holder)
		}
		if v.personDoc(r.For).Gone() != (r.Phase == care.Ended) && v.personDoc(r.For).Gone() {
			v.t.Errorf("step %d: the ride of somebody forgotten is %s", step, r.Phase)
		}
	}
}

// undoAll takes everything apart again; then each part is where it was made.
func (w *mergeWorld) undoAll() {
	v := w.v
	for undone := true; undone; {
		undone = false
		for _, p := range w.records {
			if doc := v.personDoc(p); doc.Into() != p && !doc.Gone() && v.UndoMerge(v.t.Context(), v.as(v.worker), p) == nil {
				v.run()
				undone = true
			}
		}
	}
	w.check(-1)
	for id, made := range w.asked {
		if r := v.request(id); !v.personDoc(made).Gone() && r.For != made {
			v.t.Errorf("in the end the ride of %s lies with %s", made, r.For)
		}
	}
	for _, p := range w.records {
		if doc := v.personDoc(p); !doc.Gone() && (doc.Alias != nil || len(doc.Absorbed) > 0) {
			v.t.Errorf("in the end %s is %+v, %+v", p, doc.Alias, doc.Absorbed)
		}
	}
}
