package care

import (
	"slices"
	"time"

	"pgregory.net/rapid"
)

// merged is one record of a helper that another stays in place of, as the application carries it out.
type merged struct {
	id         MergeID
	from, into PersonID
	was        Helper // the book that was closed
}

// drawHelper draws a helper as every reader does: of somebody with two records, the one that stays.
func (w *world) drawHelper(t *rapid.T) PersonID {
	p := rapid.SampledFrom(helperNames()).Draw(t, "helper")
	for w.helpers[p].Alias != "" {
		p = w.helpers[p].Alias
	}
	return p
}

// merge makes one of two: mostly of two helpers, sometimes of the resident and a helper, who then no
// longer helps with what is their own request.
func (w *world) merge(t *rapid.T) {
	into, ok := one(t, slices.DeleteFunc(helperNames(), func(p PersonID) bool { return w.helpers[p].Alias != "" }), "stays")
	if !ok || len(w.merged) >= 3 {
		return
	}
	if rapid.IntRange(0, 3).Draw(t, "the resident helps too") == 0 {
		for i := range w.requests {
			was := w.requests[i].For
			w.apply(t, i, func(r Request) (Request, []Event, error) { return r.MergePart(was, into, w.now) })
			w.keepApart(t, i)
		}
		return
	}
	from := rapid.SampledFrom(helperNames()).Draw(t, "goes")
	if from == into || w.helpers[from].Alias != "" {
		return
	}
	m := merged{id: MergeID(w.nonce()), from: from, into: into}
	w.book(t, from, func(h Helper) (Helper, []Event, error) { return h.CloseBook(into, w.now) })
	w.reconcile(t)
	for i := range w.requests {
		w.giveBack(t, i, from)
		w.apply(t, i, func(r Request) (Request, []Event, error) { return r.MergePart(from, into, w.now) })
	}
	w.countOver(into)
	m.was = w.helpers[from]
	w.book(t, into, func(h Helper) (Helper, []Event, error) { return h.AbsorbBook(m.id, m.was, w.now) })
	w.countOver(into)
	w.merged = append(w.merged, m)
	for i := range w.requests {
		w.keepApart(t, i)
		w.giveBackRefused(t, i)
	}
}

// countOver remembers how many questions a helper had when two books came together: that many were
// put to them before, and none may be put since.
func (w *world) countOver(p PersonID) {
	zone, _ := LoadZone(dutch)
	months := map[string]int{}
	for _, q := range w.helpers[p].Questions {
		months[q.In(zone).Format("2006-01")]++
	}
	for _, c := range w.helpers[p].Claims {
		if c.Purpose == ForQuestion {
			months[c.Moment.In(zone).Format("2006-01")]++
		}
	}
	for month, n := range months {
		w.over[string(p)+month] = max(w.over[string(p)+month], n)
	}
}

// giveBackRefused clears the desk of helpers who may no longer serve.
func (w *world) giveBackRefused(t *rapid.T, i int) {
	for _, p := range helperNames() {
		if w.helpers[p].MayServe(village, w.requests[i].For, w.now) != nil {
			w.giveBack(t, i, p)
		}
	}
}

// keepApart is the application's effect of a block, on one request.
func (w *world) keepApart(t *rapid.T, i int) {
	w.reconcile(t)
	for _, p := range helperNames() {
		if w.helpers[p].Blocked(w.requests[i].For) || p == w.requests[i].For {
			w.giveBack(t, i, p)
		}
	}
}

func (w *world) unmerge(t *rapid.T) {
	if len(w.merged) == 0 {
		return
	}
	m := w.merged[len(w.merged)-1]
	w.merged = w.merged[:len(w.merged)-1]
	for i := range w.requests {
		w.apply(t, i, func(r Request) (Request, []Event, error) { return r.UnmergePart(m.from, m.into, w.now) })
	}
	w.book(t, m.into, func(h Helper) (Helper, []Event, error) { return h.DropBook(m.id, w.now) })
	w.book(t, m.from, func(h Helper) (Helper, []Event, error) { return h.ReopenBook(m.into, w.now) })
	if a, b := w.helpers[m.from], m.was; text(a.rules()) != text(b.rules()) || text(a.Blocks) != text(b.Blocks) || text(a.Pauses) != text(b.Pauses) {
		t.Fatalf("the book that came back is\n%s\nit was\n%s", text(a), text(b))
	}
	for i := range w.requests {
		w.keepApart(t, i)
	}
}

// block keeps a helper and whoever asks apart, in either direction.
func (w *world) block(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "spare") > 0 {
		return
	}
	p, other := w.drawHelper(t), w.requests[w.which(t)].For
	if rapid.Bool().Draw(t, "they were blocked") {
		w.book(t, p, func(h Helper) (Helper, []Event, error) { return h.NoteBlockedBy(other) })
	} else {
		w.book(t, p, func(h Helper) (Helper, []Event, error) { return h.Block(other, w.now) })
	}
	for i := range w.requests {
		w.keepApart(t, i)
	}
}

// death ends what the resident asked for, or takes a helper away for good.
func (w *world) death(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "spare") > 0 || w.died {
		return
	}
	w.died = true
	if rapid.IntRange(0, 2).Draw(t, "the resident") == 0 {
		for i := range w.requests {
			w.apply(t, i, func(r Request) (Request, []Event, error) { return r.Withdraw(asOwner(), "ended_by_desk", w.now) })
			if w.requests[i].Phase != Ended {
				t.Fatalf("a request of somebody who died goes on: %s", text(w.requests[i]))
			}
		}
		return
	}
	p := w.drawHelper(t)
	gone := Rest{From: w.now}
	w.book(t, p, func(h Helper) (Helper, []Event, error) { return h.Absent(&gone, w.now) })
	w.reconcile(t)
	for i := range w.requests {
		w.apply(t, i, func(r Request) (Request, []Event, error) { return r.GiveBack(p, gone, "not_available", w.now) })
	}
}

// checkApart holds the promises about pairs: nobody is expected at, or asked for, somebody who is
// blocked, their own request, or under a record that another stays in place of.
func (w *world) checkApart(t *rapid.T) {
	for _, r := range w.requests {
		apart := func(p PersonID) bool {
			h := w.helpers[p]
			return p == r.For || h.Alias != "" || h.Blocked(r.For)
		}
		for _, v := range r.Visits {
			if apart(v.Helper) && v.Upcoming() {
				t.Fatalf("%s is expected at %s: %s", v.Helper, r.For, text(w.helpers[v.Helper]))
			}
		}
		for _, a := range r.Asks {
			if apart(a.Helper) && a.Answerable() && w.now.Before(a.LapsesAt) {
				t.Fatalf("%s is asked for %s", a.Helper, r.For)
			}
		}
	}
	for _, p := range helperNames() {
		for _, c := range w.helpers[p].Claims {
			if w.helpers[p].Alias != "" && c.Since.Add(time.Hour).Before(w.now) {
				t.Fatalf("%s has a claim in a closed book", p)
			}
		}
	}
}
