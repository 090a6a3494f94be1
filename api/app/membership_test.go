package app_test

import (
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// TestARoleForWhoIsForgottenMeanwhileEnds: the administrator's process stands still before its write,
// the person is forgotten, and the role that comes late does not stay.
func TestARoleForWhoIsForgottenMeanwhileEnds(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		admin, anna := v.person("Ada", 1), v.person("Anneloes", 2)
		_, err := v.GrantFirstRole(ctx, care.Membership{Person: admin, Community: v.here, Role: care.Administrator})
		v.must(err)
		g, other, c := newGate(), v.elsewhere(), v.as(admin)
		other.Stores.Memberships = gated[care.MembershipID, care.Membership]{other.Stores.Memberships, g}
		var late care.MembershipID
		wake := v.freeze(g, func() error {
			var err error
			late, err = other.GrantRole(ctx, c, app.Grant{Person: anna, Community: v.here, Role: care.Moderator})
			return err
		})
		v.must(v.ForgetMe(ctx, v.as(anna), "Anneloes"))
		v.run()
		v.must(wake())
		came, err := v.Stores.Memberships.Get(ctx, late)
		v.must(err)
		if !came.Value.EndedAt.IsZero() {
			t.Fatal("the role came too early to be looked at")
		}
		v.run()
		all, err := v.Stores.Memberships.Find(ctx, port.Key{Name: app.ByPerson, Value: string(anna)}, port.Page{Limit: 10})
		v.must(err)
		if len(all) < 2 {
			t.Errorf("%d memberships, want that of before and the late one", len(all))
		}
		for _, m := range all {
			if m.Value.EndedAt.IsZero() {
				t.Errorf("%s of who is forgotten goes on", m.Value.Role)
			}
		}
		_, err = v.GrantRole(ctx, v.as(admin), app.Grant{Person: anna, Community: v.here, Role: care.Moderator})
		v.refused(err, "person_not_found")
	})
}
