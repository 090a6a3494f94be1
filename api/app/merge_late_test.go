package app_test

import (
	"testing"

	"naober/api/port"
	"naober/matching/care"
)

// TestAForgottenRecordTakenInLate: a process reads a claim and stalls; the claim is given up and its
// record forgotten; the process wakes up, takes the record in and dies. What it wrote goes again, and
// the record that stays is not locked by it.
func TestAForgottenRecordTakenInLate(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		goes, stays := v.person("Geesje", 1), v.person("Geesje", 2)
		before := v.personDoc(stays)
		claim := care.Alias{Merge: "01JDB8Q4M2ZT6R0V9XKFW3E7HN", Into: stays, In: v.here, By: v.worker}
		read, _, err := v.personDoc(goes).BecomeAlias(claim, v.clock())
		v.must(err)
		v.must(v.ForgetMe(ctx, v.as(goes), "Geesje"))
		v.run()
		_, err = v.Stores.Persons.Update(ctx, stays, port.Write{}, func(p care.Person) (care.Person, []care.Event, error) {
			return p.Absorb(read, v.clock())
		})
		v.must(err)
		if got := v.personDoc(stays); len(got.Absorbed) != 1 || got.Absorbed[0].Settled {
			t.Fatalf("the late process took in %+v", got.Absorbed)
		}
		v.run()
		if got := v.personDoc(stays); len(got.Absorbed) != 0 || len(got.Contacts) != len(before.Contacts) {
			t.Fatalf("left over: %+v, contacts %v, want %v", got.Absorbed, got.Contacts, before.Contacts)
		}
		v.must(v.ForgetMe(ctx, v.as(stays), "Geesje"))
	})
}
