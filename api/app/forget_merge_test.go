package app_test

import (
	"testing"

	"naober/matching/care"
)

// TestARecordIsNotForgottenBesideTheOneThatStays: somebody asks to be forgotten under a record that is
// being merged away, and stalls at each call. Either both records are forgotten or the wish is refused with
// a word that says where to ask; one goes and the other stays in no case.
func TestARecordIsNotForgottenBesideTheOneThatStays(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		other := v.elsewhere()
		whole := other.Stores
		refused, forgotten := 0, 0
		for at := 1; ; at++ {
			goes, stays := v.person("Geesje", 1), v.person("Geesje", 2)
			late := &tap{at: at, how: stalled, meanwhile: func() { _ = v.MergePersons(ctx, v.as(v.worker), v.here, goes, stays) }}
			other.Stores = tapStores(whole, late)
			err := other.ForgetMe(ctx, v.as(goes), "Geesje")
			if len(late.made()) < at {
				break
			}
			v.run()
			a, b := v.personDoc(goes), v.personDoc(stays)
			switch {
			case err != nil:
				refused++
				v.refused(err, "person_merged")
				if a.Gone() || b.Gone() || a.Into() != stays {
					t.Fatalf("call %d: refused, and yet %+v, %+v", at, a, b)
				}
				v.must(v.ForgetMe(ctx, v.as(stays), "Geesje"))
				v.run()
				if v.personDoc(goes).ForgottenAt.IsZero() || v.personDoc(stays).ForgottenAt.IsZero() {
					t.Fatalf("call %d: the one that stays does not take the other along", at)
				}
			default:
				forgotten++
				if a.ForgottenAt.IsZero() || a.Into() != goes || b.Gone() || len(b.Absorbed) > 0 {
					t.Fatalf("call %d: %+v, %+v", at, a, b)
				}
			}
		}
		if refused == 0 || forgotten == 0 {
			t.Errorf("%d refused, %d forgotten", refused, forgotten)
		}
	})
}

// TestTheDeskForgetsUnderAnOldId: a process that has not heard of a merge yet forgets both records.
func TestTheDeskForgetsUnderAnOldId(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		var people [2]care.PersonID
		for i := range people {
			n := v.stranger(newMail)
			n.Others = i > 0
			var err error
			people[i], err = v.RegisterAtDesk(ctx, v.as(v.worker), n)
			v.must(err)
		}
		v.run()
		late := v.elsewhere()
		v.merge(people[0], people[1])
		v.must(late.ForgetPerson(ctx, v.as(v.worker), people[0], v.personDoc(people[1]).FirstName))
		v.run()
		for _, p := range people {
			if v.personDoc(p).ForgottenAt.IsZero() {
				t.Errorf("%s is not forgotten", p)
			}
		}
	})
}
