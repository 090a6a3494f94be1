package leak_test

import (
	"strings"
	"testing"
	"time"
)

// life is a course of random calls in one world: the same in another world for as long as what the
// callers get is the same.
type life struct {
	*drawer
	calls   int
	every   func(n int) time.Duration // passes after the n-th call
	callers []*actor
	watched func(c call) bool // whose answers, and to what, must not differ
	drop    func(c call) bool // calls that are not made at all; may be nil
	before  func(n int)       // runs before the n-th call; may be nil
	harvest func(a *actor) bool
}

// live gives the answers to watched calls, in order.
func (l *life) live(w *world) []answer {
	w.Helper()
	var seen []answer
	for n := range l.calls {
		if l.before != nil {
			l.before(n)
		}
		who := l.callers[l.IntN(len(l.callers))]
		c := l.call(who)
		if l.drop != nil && l.drop(c) {
			continue
		}
		got := w.send(c)
		if l.harvest == nil || l.harvest(who) {
			w.ids.harvest(whose(who), got)
		}
		if l.watched(c) {
			seen = append(seen, got)
		}
		w.pass(l.every(n))
		w.tick()
	}
	w.Logf("figure: a world of %d calls, seed %d: %d people gone and replaced", l.calls, w.seed, w.heirs)
	return seen
}

// same fails at the first answer that differs by a byte.
func same(t *testing.T, seed uint64, one, two []answer) {
	t.Helper()
	for i := range min(len(one), len(two)) {
		a, b := one[i], two[i]
		if a.call.String() != b.call.String() {
			t.Fatalf("seed %d: the worlds have parted before call %d:\n%s\n%s", seed, i, a.call, b.call)
		}
		if a.bytes() != b.bytes() {
			t.Fatalf("seed %d: call %d tells the worlds apart: %s\n%s", seed, i, a.call, difference(a.body+a.head, b.body+b.head))
		}
	}
	if len(one) != len(two) || len(one) == 0 {
		t.Fatalf("seed %d: %d and %d answers", seed, len(one), len(two))
	}
}

// difference shows where two texts part.
func difference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-200):min(len(s), i+300)] }
	return "one: ..." + cut(a) + "\ntwo: ..." + cut(b)
}

// tally counts answers by hundreds of status.
func tally(all []answer) map[int]int {
	n := map[int]int{}
	for _, a := range all {
		n[a.status/100]++
	}
	return n
}

// isSignIn are calls whose answers hang on who else calls from the same place.
func isSignIn(path string) bool {
	return strings.HasPrefix(path, "/v1/sign-in") || path == "/v1/tokens" || path == "/v1/registrations"
}

// isPublic are calls that change what everybody reads of a village.
func isPublic(c call) bool { return c.method == "PUT" && strings.HasSuffix(c.route, "/weights") }

// aYear spreads so many acts over a year: twenty in the course of a working day, then some days in
// which little happens.
func aYear(acts int) func(n int) time.Duration {
	const day = 20
	return func(n int) time.Duration {
		if n%day == day-1 {
			return 365 * 24 * time.Hour * day / time.Duration(acts)
		}
		return 20 * time.Minute
	}
}

// yearOf is in how many acts a simulated year goes by.
func yearOf(t *testing.T) int { return 1200 + countOf(t, 0)/20 }

// TestAnotherVillageMakesNoDifference: two installations differ in what lives in village b, in words,
// ids, numbers and what happens there meanwhile. Everybody of village a, and nobody at all, gets the same bytes in both,
// also where they call for what exists in b in one world alone.
func TestAnotherVillageMakesNoDifference(t *testing.T) {
	count, seed := 800+countOf(t, 0)/20, seedOf(t)
	s := readSurface(t)
	var foreign pools
	var words []string
	transcript := func(salt string) []answer {
		w := newWorld(t, seed)
		a := w.raise("a", "")
		w.furnish(a)
		b := w.raise("b", salt)
		w.furnish(b)
		if salt != "one" { // and more of it
			again := w.do(b.cast["geesje"], "POST", "/v1/requests", w.request(b.cast["geesje"], b, "company", 1))
			w.ids.harvest("b", again)
			w.do(b.cast["trijn"], "POST", "/v1/me/blocks", b.fill(`{"community":"{village}","person":"{jan}"}`))
		}
		if foreign == nil {
			foreign = w.ids.of("b")
			for _, p := range b.cast {
				words = append(words, p.word("firstName"), p.mail)
			}
			foreign["community"] = []string{string(b.id)}
		}
		d := newDrawer(w, seed, s)
		d.foreign, d.words = foreign, words
		meanwhile := newDrawer(w, seed+uint64(len(salt)), s) // another course in each world
		meanwhile.spare = isPublic
		var neighbours, callers []*actor
		for _, p := range w.actors {
			if p.village == "a" {
				callers = append(callers, p)
			} else {
				neighbours = append(neighbours, p)
			}
		}
		callers = append(callers, nil)
		l := life{drawer: d, calls: count, every: func(int) time.Duration { return 11 * time.Minute }, callers: callers, watched: func(call) bool { return true }}
		l.before = func(int) {
			c := meanwhile.call(neighbours[meanwhile.IntN(len(neighbours))])
			if !isSignIn(c.path) && !isPublic(c) {
				w.ids.harvest("b", w.send(c))
			}
		}
		return l.live(w)
	}
	one := transcript("one")
	two := transcript("other")
	same(t, seed, one, two)
	t.Logf("figure: %d calls in two worlds that differ in the other village, seed %d: %v by hundreds of status, no byte differs", len(one), seed, tally(one))
}
