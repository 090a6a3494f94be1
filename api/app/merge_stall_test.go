package app_test

import (
	"os"
	"slices"
	"testing"

	"naober/api/app"
	"naober/matching/care"
)

// stalls plays a command that a process stalls in, at each of its calls to the stores in turn, while
// another process brings everything to rest and then does more. Nothing of what the first one does when
// it wakes up may be left: the village is that of a world in which it never stalled.
func stalls(t *testing.T, v *village, ready func(v *village) (do, more func(a *app.App) error)) {
	var do, more func(a *app.App) error
	p, _ := prepare(v, func(v *village) scenario {
		do, more = ready(v)
		return scenario{}
	})
	play := func(at int) (seen []string, calls []storeCall) {
		w, end := p.world()
		defer end()
		other := w.machine(&tap{})
		others := func() bool {
			w.rest(other, &tap{})
			if err := more(other.App); err != nil {
				return false // it had not begun
			}
			w.rest(other, &tap{})
			return true
		}
		late := &tap{at: at, how: stalled}
		overtaken := false
		late.meanwhile = func() { overtaken = others() }
		slow := w.machine(late)
		if err := do(slow.App); err != nil && !overtaken {
			t.Fatalf("%d: %v", at, err)
		}
		calls = late.made()
		w.rest(slow, late)
		if !overtaken {
			w.must(more(other.App))
		}
		w.rest(other, &tap{})
		w.pass(2 * app.ClaimGrace)
		other.loops.Patience(2 * app.ClaimGrace)
		w.rest(other, &tap{})
		return documents(w.everything(p.known)), calls
	}
	calm, calls := play(0)
	tried, share := 0, int(crashShare())
	for at := first(t.Name(), os.Getenv("NAOBER_COMMIT"), share); at < len(calls); at += share {
		tried++
		if seen, _ := play(at + 1); !slices.Equal(seen, calm) {
			t.Errorf("stalled before call %d, %s:\n%s", at+1, calls[at], differing(calm, seen))
		}
	}
	t.Logf("figure: stalled at %d of %d calls", tried, len(calls))
}

// documents leaves out the ledger, where a command that was overtaken may be refused.
func documents(all []string) []string {
	return slices.DeleteFunc(all, func(line string) bool { return len(line) > 6 && line[:6] == "ledger" })
}

// doubles is a village with two records of Anna, as onDouble has it.
func doubles(v *village, do func(anna, again care.PersonID)) {
	onDouble(func(_ *village, anna, again care.PersonID) scenario {
		do(anna, again)
		return scenario{}
	})(v)
}

// TestAMergeThatWakesUpAfterItsUndo carries nothing over.
func TestAMergeThatWakesUpAfterItsUndo(t *testing.T) {
	t.Parallel()
	eachGround(t, func(t *testing.T, v *village) {
		stalls(t, v, func(v *village) (do, more func(a *app.App) error) {
			doubles(v, func(anna, again care.PersonID) {
				c := v.as(v.worker)
				do = func(a *app.App) error { return a.MergePersons(v.t.Context(), c, v.here, again, anna) }
				more = func(a *app.App) error { return a.UndoMerge(v.t.Context(), v.as(v.worker), again) }
			})
			return do, more
		})
	})
}

// TestAnUndoThatWakesUpAfterAnotherMerge takes nothing apart.
func TestAnUndoThatWakesUpAfterAnotherMerge(t *testing.T) {
	t.Parallel()
	eachGround(t, func(t *testing.T, v *village) {
		stalls(t, v, func(v *village) (do, more func(a *app.App) error) {
			doubles(v, func(anna, again care.PersonID) {
				c := v.as(v.worker)
				v.merge(again, anna)
				do = func(a *app.App) error { return a.UndoMerge(v.t.Context(), c, again) }
				more = func(a *app.App) error { return a.MergePersons(v.t.Context(), v.as(v.worker), v.here, again, anna) }
			})
			return do, more
		})
	})
}
