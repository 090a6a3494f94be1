package app_test

import (
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

// TestTheLastTwoAdministrators give their role up at once: one stalls at each of its calls while the other
// goes. Of the two one is refused, whichever way they go and whatever the place is.
func TestTheLastTwoAdministrators(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, v *village) {
		leave := func(a *app.App, c app.Caller, m care.MembershipID) error { return a.Leave(t.Context(), c, m) }
		forget := func(a *app.App, c app.Caller, _ care.MembershipID) error { return a.ForgetMe(t.Context(), c, "Ada") }
		end := func(a *app.App, c app.Caller, m care.MembershipID) error {
			return a.EndMembership(t.Context(), c, m)
		}
		type going func(*app.App, app.Caller, care.MembershipID) error
		other := v.elsewhere()
		whole := other.Stores
		for name, pair := range map[string][2]going{"both leave": {leave, leave}, "both are forgotten": {forget, forget}, "one leaves, one is forgotten": {leave, forget},
			"one is forgotten, one leaves": {forget, leave}, "each ends their own": {end, end}} {
			for at, organization := 1, false; ; at++ {
				organization = !organization
				place := v.placeWith(organization)
				first, second := v.adaOf(place), v.adaOf(place)
				calls := [2]app.Caller{v.as(first.Person), v.as(second.Person)}
				late := &tap{at: at, how: stalled}
				var errs [2]error
				late.meanwhile = func() { errs[1] = pair[1](v.App, calls[1], second.ID) }
				other.Stores = tapStores(whole, late)
				errs[0] = pair[0](other, calls[0], first.ID)
				reached := len(late.made()) >= at
				if !reached {
					late.meanwhile()
				}
				v.run()
				refused := 0
				for _, err := range errs {
					if care.CodeOf(err) == "last_administrator" {
						refused++
					} else {
						v.must(err)
					}
				}
				if left := v.administratorsOf(place); refused != 1 || left != 1 {
					t.Errorf("%s, stalled at call %d: %d refused, %d left: %v", name, at, refused, left, errs)
				}
				if !reached {
					break
				}
			}
		}
	})
}

// TestARoleThatCouldNotBeGivenUpCounts: a wish that was refused leaves nothing behind.
func TestARoleThatCouldNotBeGivenUpCounts(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	ctx := t.Context()
	place := v.placeWith(false)
	first, second := v.adaOf(place), v.adaOf(place)
	v.refused(v.ForgetMe(ctx, v.as(first.Person), "Anna"), "confirmation_wrong")
	stale := v.as(first.Person)
	stale.IfVer = 99
	v.refused(v.Leave(ctx, stale, first.ID), "version_mismatch")
	v.must(v.Leave(ctx, v.as(second.Person), second.ID))
	v.refused(v.Leave(ctx, v.as(first.Person), first.ID), "last_administrator")
	third := v.adaOf(place)
	v.must(v.ForgetMe(ctx, v.as(first.Person), "Ada"))
	v.run()
	v.refused(v.ForgetMe(ctx, v.as(third.Person), "Ada"), "last_administrator")
}

// placeWith is a new village or organisation.
func (v *village) placeWith(organization bool) care.Membership {
	v.t.Helper()
	var m care.Membership
	var err error
	if organization {
		m.Organization, err = v.CreateOrganization(v.t.Context(), care.Organization{Kind: care.Professional, Name: "Praktijk"})
	} else {
		m.Community, err = v.CreateCommunity(v.t.Context(), care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.985, Lon: 6.645}, Zone: "Europe/Amsterdam"})
	}
	v.must(err)
	return m
}

// adaOf makes somebody one of a place.
func (v *village) adaOf(place care.Membership) care.Membership {
	v.t.Helper()
	place.Person, place.Role = v.person("Ada", 1), care.Administrator
	var err error
	place.ID, err = v.GrantFirstRole(v.t.Context(), place)
	v.must(err)
	return place
}

func (v *village) administratorsOf(place care.Membership) (active int) {
	v.t.Helper()
	v.must(v.Stores.Memberships.Each(v.t.Context(), func(m port.Stored[care.Membership]) error {
		if m.Value.Role == care.Administrator && m.Value.Community == place.Community && m.Value.Organization == place.Organization && m.Value.Active(v.clock()) {
			active++
		}
		return nil
	}))
	return active
}
