package leak_test

import (
	"sync"
	"testing"
)

// TestTwoVillagesAtOnce: everybody of two villages calls at the same time, each for what they and the
// others have. What one call is answered never holds a word of the village that another one is from:
// nothing of a call outlives it. The race detector watches this test too.
func TestTwoVillagesAtOnce(t *testing.T) {
	seed := seedOf(t)
	w := newWorld(t, seed)
	w.whole = true
	a, b := w.raise("a", ""), w.raise("b", "")
	w.furnish(a)
	w.furnish(b)
	found := map[string]needles{"a": needlesOf(mark("b"), b.numbers()...), "b": needlesOf(mark("a"), a.numbers()...)}
	d := newDrawer(w, seed, readSurface(t))
	d.weight = func(r route) int { // sessions and homes stay as they are
		switch {
		case ends(r.path), isSignIn(r.path), r.method == "PUT" && r.path == "/v1/me", r.method == "DELETE":
			return 0
		}
		return 1
	}
	type caller struct {
		bearer string
		calls  []call
	}
	var callers []caller
	for _, who := range w.actors {
		one := caller{bearer: "Bearer " + w.bearer(who)}
		d.foreign = w.ids.of(map[string]string{"a": "b", "b": "a"}[who.village])
		d.sent = nil // nobody repeats the other village's words
		for range 60 {
			one.calls = append(one.calls, d.call(who))
		}
		callers = append(callers, one)
	}
	var group sync.WaitGroup
	answers := make([][]answer, len(callers))
	for i, one := range callers {
		group.Go(func() {
			for _, c := range one.calls {
				answers[i] = append(answers[i], w.exchange(c, one.bearer))
			}
		})
	}
	group.Wait()
	good, all := 0, 0
	for _, each := range answers {
		for _, got := range each {
			all++
			if got.good() {
				good++
			}
			in, said := found[whose(got.call.by)], got.call.path+got.call.body
			if leaked := in.in(got.bytes()); got.status >= 500 || leaked != "" && leaked != in.in(said) {
				t.Errorf("seed %d: %s: %q of the other village in %d %s%s", seed, got.call, leaked, got.status, got.head, got.body)
			}
		}
	}
	if good < all/10 {
		t.Errorf("only %d of %d calls succeeded", good, all)
	}
	t.Logf("figure: %d calls of %d people at once, seed %d: %d succeeded, nothing of the other village", all, len(callers), seed, good)
}
