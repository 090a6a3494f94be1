package app_test

import (
	"fmt"
	"testing"
	"time"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestCommunities(t *testing.T) {
	t.Parallel()
	in := install(t)
	for i := range 5 {
		c := care.Community{ID: care.CommunityID(fmt.Sprintf("01KAS0GR011000000000000%03d", i)), Name: fmt.Sprint("Village ", i), Town: "Town", Zone: "Europe/Amsterdam",
			Point: care.Point{Lat: 52.8 + float64(i)/10, Lon: 6.6}}
		must[care.CommunityID](t)(in.CreateCommunity(t.Context(), c))
		must[care.CommunityID](t)(in.CreateCommunity(t.Context(), c)) // the demo starts twice
	}
	first := must[[]care.Community](t)(in.Communities(t.Context(), nil, port.Page{Limit: 3}))
	rest := must[[]care.Community](t)(in.Communities(t.Context(), nil, port.Page{After: string(first[2].ID), Limit: 3}))
	if len(first) != 3 || len(rest) != 2 {
		t.Errorf("pages of %d and %d, want 3 and 2", len(first), len(rest))
	}
	near := must[[]care.Community](t)(in.Communities(t.Context(), &care.Point{Lat: 53.2, Lon: 6.6}, port.Page{Limit: 2}))
	if len(near) != 2 || near[0].Name != "Village 4" || near[1].Name != "Village 3" {
		t.Errorf("nearest are %+v", near)
	}
	_, err := in.Communities(t.Context(), &care.Point{Lat: 91}, port.Page{Limit: 2})
	codeIs(t, err, "place_invalid")
}

func TestOperatorCommandsRefuse(t *testing.T) {
	t.Parallel()
	in := install(t)
	_, err := in.CreateCommunity(t.Context(), care.Community{Name: "x", Town: "x", Zone: "Mars/Olympus"})
	codeIs(t, err, "zone_invalid")
	_, err = in.CreateCommunity(t.Context(), care.Community{Town: "x", Zone: "Europe/Amsterdam"})
	codeIs(t, err, "community_invalid")
	_, err = in.CreateOrganization(t.Context(), care.Organization{Name: "x", Kind: "bank"})
	codeIs(t, err, "organization_invalid")
	_, err = in.GrantFirstRole(t.Context(), care.Membership{Person: "01KAS0GR0110000000000000ZZ", Community: grolloo, Role: care.Administrator})
	codeIs(t, err, "person_not_found")
}

func TestJoinAndLeave(t *testing.T) {
	t.Parallel()
	in := install(t)
	id := in.person("Bert", 1943, []string{bert})
	other := in.person("Anna", 1945, []string{"anna@example.nl"})
	_, err := in.Join(t.Context(), as(id, "n0"), grolloo, care.Moderator)
	codeIs(t, err, "role_not_yours")
	_, err = in.Join(t.Context(), as(id, "n0"), grolloo, "king")
	codeIs(t, err, "role_unknown")
	_, err = in.Join(t.Context(), as(id, "n0"), "01KAS0GR0110000000000000ZZ", care.Resident)
	codeIs(t, err, "community_not_found")
	m := must[care.MembershipID](t)(in.Join(t.Context(), as(id, "n1"), grolloo, care.Volunteer))
	if again := must[care.MembershipID](t)(in.Join(t.Context(), as(id, "n1"), grolloo, care.Volunteer)); again != m {
		t.Error("the resend made another membership")
	}
	_, err = in.Join(t.Context(), as(id, "n2"), grolloo, care.Volunteer)
	codeIs(t, err, "already_member")
	codeIs(t, in.Leave(t.Context(), as(other, "n1"), m), "membership_not_found")
	codeIs(t, in.Leave(t.Context(), as(id, "n3"), m), "")
	if left := must[[]care.Membership](t)(in.Memberships(t.Context(), as(id, ""))); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
	if back := must[care.MembershipID](t)(in.Join(t.Context(), as(id, "n4"), grolloo, care.Volunteer)); back == m {
		t.Error("the ended membership came back to life")
	}
}

func TestJoinTwentyTimesAtOnceIsOneMembership(t *testing.T) {
	t.Parallel()
	in := install(t)
	id := in.person("Bert", 1943, []string{bert})
	answers := together(20, func(i int) error {
		_, err := in.Join(t.Context(), as(id, care.Nonce(fmt.Sprint("n", i))), grolloo, care.Resident)
		return err
	})
	if left := must[[]care.Membership](t)(in.Memberships(t.Context(), as(id, ""))); len(left) != 1 || answers[""] != 1 {
		t.Errorf("%d memberships, answers %v", len(left), answers)
	}
}

func TestJoinSurvivesACrashAtEachStep(t *testing.T) {
	t.Parallel()
	crashAtEachCall(t, func(in *installation) func() error {
		id := in.person("Bert", 1943, []string{bert})
		return func() error {
			_, err := in.Join(t.Context(), as(id, "n1"), grolloo, care.Resident)
			return err
		}
	}, func(in *installation) {
		if _, members := in.everybody(); len(members) != 1 {
			t.Errorf("%d memberships", len(members))
		}
	})
}

func TestGrantRole(t *testing.T) {
	t.Parallel()
	in := install(t)
	practice := must[care.OrganizationID](t)(in.CreateOrganization(t.Context(), care.Organization{Name: "Huisarts", Kind: care.Professional}))
	admin := in.person("Alie", 1960, []string{"alie@example.nl"}, care.Administrator)
	moderator := in.person("Mieke", 1971, []string{"mieke@example.nl"}, care.Moderator)
	bertID := in.person("Bert", 1943, []string{bert}, care.Resident)
	for name, row := range map[string]struct {
		by    care.PersonID
		grant app.Grant
		want  string
	}{
		"an administrator gives a role here":     {admin, app.Grant{Person: bertID, Community: grolloo, Role: care.DeskWorker, Deputy: true}, ""},
		"a moderator gives none":                 {moderator, app.Grant{Person: bertID, Community: grolloo, Role: care.DeskWorker}, "not_an_administrator"},
		"not in an organisation of others":       {admin, app.Grant{Person: bertID, Organization: practice, Role: care.ProfessionalRole}, "not_an_administrator"},
		"nor in both at once":                    {admin, app.Grant{Person: bertID, Community: grolloo, Organization: practice, Role: care.ProfessionalRole}, "not_an_administrator"},
		"nowhere is no place":                    {admin, app.Grant{Person: bertID, Role: care.DeskWorker}, "membership_nowhere"},
		"residents are not appointed":            {admin, app.Grant{Person: bertID, Community: grolloo, Role: care.Resident}, "role_not_granted"},
		"a role that does not exist is refused":  {admin, app.Grant{Person: bertID, Community: grolloo, Role: "mayor"}, "role_unknown"},
		"a person who does not exist is refused": {admin, app.Grant{Person: "01KAS0GR0110000000000000ZZ", Community: grolloo, Role: care.DeskWorker}, "person_not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := in.GrantRole(t.Context(), as(row.by, care.Nonce("n "+name)), row.grant)
			codeIs(t, err, row.want)
		})
	}
}

func TestAdministratorOfTheAssociationServesItsVillage(t *testing.T) {
	t.Parallel()
	in := install(t)
	board := must[care.OrganizationID](t)(in.CreateOrganization(t.Context(), care.Organization{Name: "Dorpsbelang", Kind: care.Association}))
	village := must[care.CommunityID](t)(in.CreateCommunity(t.Context(), care.Community{Name: "Rolde", Town: "Rolde", Zone: "Europe/Amsterdam", Association: board}))
	admin := in.person("Alie", 1960, []string{"alie@example.nl"})
	must[care.MembershipID](t)(in.GrantFirstRole(t.Context(), care.Membership{Person: admin, Organization: board, Role: care.Administrator}))
	must[care.MembershipID](t)(in.GrantRole(t.Context(), as(admin, "n1"), app.Grant{Person: admin, Community: village, Role: care.Moderator}))
	_, err := in.GrantRole(t.Context(), as(admin, "n2"), app.Grant{Person: admin, Community: grolloo, Role: care.Moderator})
	codeIs(t, err, "not_an_administrator")
}

func TestEndMembershipAndLeaveOfAbsence(t *testing.T) {
	t.Parallel()
	in := install(t)
	admin := in.person("Alie", 1960, []string{"alie@example.nl"}, care.Administrator)
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
	bertID := in.person("Bert", 1943, []string{bert}, care.Resident)
	membership := func(p care.PersonID) care.MembershipID {
		return must[[]care.Membership](t)(in.Memberships(t.Context(), as(p, "")))[0].ID
	}
	now := in.clock.Now()
	codeIs(t, in.SetLeave(t.Context(), as(bertID, "n1"), membership(desk), now, now.Add(time.Hour)), "membership_not_found")
	codeIs(t, in.SetLeave(t.Context(), as(desk, "n1"), membership(desk), now, now), "leave_invalid")
	codeIs(t, in.SetLeave(t.Context(), as(desk, "n2"), membership(desk), now, now.Add(time.Hour)), "")
	codeIs(t, in.SetLeave(t.Context(), as(admin, "n1"), membership(desk), time.Time{}, time.Time{}), "")
	codeIs(t, in.EndMembership(t.Context(), as(desk, "n3"), membership(admin)), "membership_not_found")
	codeIs(t, in.EndMembership(t.Context(), as(admin, "n2"), membership(admin)), "last_administrator")
	codeIs(t, in.EndMembership(t.Context(), as(desk, "n4"), membership(bertID)), "")
	for range 2 {
		codeIs(t, in.EndMembership(t.Context(), as(admin, "n3"), mustID(in.stores, t, desk)), "")
	}
	must[care.MembershipID](t)(in.GrantRole(t.Context(), as(admin, "n4"), app.Grant{Person: bertID, Community: grolloo, Role: care.Administrator}))
	codeIs(t, in.EndMembership(t.Context(), as(admin, "n5"), membership(admin)), "")
}

// mustID is the id of somebody's only membership, ended or not.
func mustID(s app.Stores, t *testing.T, p care.PersonID) care.MembershipID {
	t.Helper()
	found := must[[]port.Stored[care.Membership]](t)(s.Memberships.Find(t.Context(), port.Key{Name: app.ByPerson, Value: string(p)}, port.Page{Limit: 10}))
	return found[0].Value.ID
}

// TestAVillageIsOfBodiesThatCanAnswer: an association answers for no request, and professionals decide on no
// volunteer.
func TestAVillageIsOfBodiesThatCanAnswer(t *testing.T) {
	v := newVillage(t)
	board, err := v.CreateOrganization(t.Context(), care.Organization{Kind: care.Association, Name: "Dorpsbelang"})
	v.must(err)
	duty, err := v.CreateOrganization(t.Context(), care.Organization{Kind: care.Professional, Name: "Sociaal team"})
	v.must(err)
	for _, row := range []struct {
		association, guarantor care.OrganizationID
		code                   string
	}{
		{board, duty, ""}, {board, "", ""},
		{board, board, "guarantor_invalid"}, {board, v.clinic, "guarantor_invalid"}, {duty, duty, "association_invalid"},
		{board, "01JDB8Q4M2ZT6R0V9XKFW3E7HN", "organization_not_found"},
	} {
		_, err := v.CreateCommunity(t.Context(), care.Community{Name: "Rolde", Town: "Rolde", Point: care.Point{Lat: 52.985, Lon: 6.645},
			Zone: "Europe/Amsterdam", Association: row.association, Guarantor: row.guarantor})
		v.refused(err, row.code)
	}
}
