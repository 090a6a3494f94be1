package app_test

import (
	"testing"

	"naober/api/app"
	"naober/api/port"
	"naober/matching/care"
)

func TestWhoSeesAPerson(t *testing.T) {
	t.Parallel()
	in := install(t)
	geesje := in.person("Geesje", 1945, []string{"geesje@example.nl"}, care.Resident)
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
	moderator := in.person("Mieke", 1971, []string{"mieke@example.nl"}, care.Moderator)
	neighbour := in.person("Bert", 1943, []string{bert}, care.Resident, care.Volunteer)
	professional := in.person("Petra", 1980, []string{"petra@example.nl"}, care.ProfessionalRole)
	for name, row := range map[string]struct {
		by            care.PersonID
		seen, exactly bool
	}{
		"they themselves see everything":                {geesje, true, true},
		"the desk sees everything":                      {desk, true, true},
		"a moderator sees who it is, not where":         {moderator, true, false},
		"a neighbour does not learn that they are here": {neighbour, false, false},
		"a professional goes through a request":         {professional, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := in.Person(t.Context(), as(row.by, ""), geesje)
			if !row.seen {
				codeIs(t, err, "person_not_found")
				return
			}
			exact := p.Value.Home.Street != "" && p.Value.BirthDate != "" && len(p.Value.Contacts) == 1
			none := p.Value.Home.Street == "" && p.Value.Home.Point == care.Point{} && p.Value.BirthDate == "" && len(p.Value.Contacts) == 0
			if err != nil || p.Value.LastName != "de Vries" || row.exactly != exact || row.exactly == none {
				t.Errorf("got %+v, %v", p.Value, err)
			}
		})
	}
	views := must[[]app.SeenView](t)(in.Views(t.Context(), as(geesje, ""), port.Page{Limit: 10}))
	if len(views) != 2 || views[0].What != "person" || views[1].What != "person" {
		t.Errorf("her log holds %+v, want desk and moderator", views)
	}
}

func TestSearchPersons(t *testing.T) {
	t.Parallel()
	in := install(t)
	geesje := in.person("Geesje", 1945, []string{"geesje@example.nl"}, care.Resident, care.Volunteer)
	in.person("Geert-Jan", 1950, []string{"gj@example.nl"}, care.Resident)
	in.person("Elsewhere", 1950, []string{"else@example.nl"})
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
	moderator := in.person("Mieke", 1971, []string{"mieke@example.nl"}, care.Moderator)
	for name, row := range map[string]struct {
		by    care.PersonID
		query string
		found int
		code  string
	}{
		"the beginning of a name":               {desk, "gee", 2, ""},
		"two beginnings":                        {desk, "vri GEES", 1, ""},
		"the second half of a first name":       {desk, "jan", 1, ""},
		"the middle of a name is none":          {desk, "eesje", 0, ""},
		"a birth date, for the desk":            {desk, "1945-05-02", 1, ""},
		"a birth date finds a moderator nobody": {moderator, "1945-05-02", 0, ""},
		"a moderator by name":                   {moderator, "geesje", 1, ""},
		"one letter is refused":                 {desk, "g", 0, "query_invalid"},
		"nobody else searches":                  {geesje, "gee", 0, "desk_only"},
		"people without a membership are out":   {desk, "elsewhere", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := in.SearchPersons(t.Context(), as(row.by, ""), grolloo, row.query)
			codeIs(t, err, row.code)
			if len(found) != row.found {
				t.Errorf("found %d, want %d", len(found), row.found)
			}
			for _, p := range found {
				if (p.BirthDate != "") != (row.by == desk) {
					t.Errorf("shown: %+v", p)
				}
			}
		})
	}
	views := must[[]app.SeenView](t)(in.Views(t.Context(), as(geesje, ""), port.Page{Limit: 10}))
	if len(views) != 4 || views[0].What != "search" {
		t.Errorf("she finds %d searches in her log, want 4", len(views))
	}
	var err error
	for range 60 {
		_, err = in.SearchPersons(t.Context(), as(moderator, ""), grolloo, "zz")
	}
	codeIs(t, err, "too_many_searches")
}

func TestEditMe(t *testing.T) {
	t.Parallel()
	in := install(t)
	id := in.person("Bert", 1943, []string{bert}, care.Resident)
	edit := app.PersonEdit{FirstName: "Albert", LastName: "de Vries", BirthDate: "1943-05-02", Language: "nl", Home: describe("", 1943).Home}
	codeIs(t, in.EditMe(t.Context(), as(id, "n1"), edit), "")
	me := must[port.Stored[care.Person]](t)(in.Me(t.Context(), as(id, "")))
	if me.Value.FirstName != "Albert" || len(me.Value.Contacts) != 1 {
		t.Errorf("now %+v", me.Value)
	}
	edit.LastName = "111222333"
	codeIs(t, in.EditMe(t.Context(), as(id, "n2"), edit), "bsn_refused")
	edit.LastName = ""
	codeIs(t, in.EditMe(t.Context(), as(id, "n3"), edit), "name_invalid")
}

func TestContactsOfMine(t *testing.T) {
	t.Parallel()
	in := install(t)
	id := in.person("Bert", 1943, []string{bert}, care.Resident)
	const next = "albert@example.nl"
	codeIs(t, in.DropContact(t.Context(), as(id, "n1"), bert), "contact_missing")
	r := app.Redemption{Address: "192.0.2.1"}
	r.Flow, r.Code = in.code("other@example.nl", "192.0.2.1")
	codeIs(t, in.AddContact(t.Context(), as(id, "n2"), next, r), "contact_not_proven")
	r.Flow, r.Code = in.code(next, "192.0.2.1")
	wrong := r
	wrong.Code = otherThan(r.Code)
	codeIs(t, in.AddContact(t.Context(), as(id, "n3"), next, wrong), "code_invalid")
	for range 2 {
		codeIs(t, in.AddContact(t.Context(), as(id, "n4"), next, r), "")
	}
	codeIs(t, in.DropContact(t.Context(), as(id, "n5"), bert), "")
	codeIs(t, in.DropContact(t.Context(), as(id, "n6"), bert), "contact_not_found")
	if in.signIn(next).Person != id {
		t.Error("the new contact leads to somebody else")
	}
	if out := must[app.SignedIn](t)(in.redeemFresh(bert)); !out.Unregistered {
		t.Errorf("the dropped contact gives %+v", out)
	}
}

func (in *installation) redeemFresh(contact string) (app.SignedIn, error) {
	flow, code := in.code(contact, "192.0.2.77")
	return in.RedeemCode(in.t.Context(), app.Redemption{Flow: flow, Code: code, Address: "192.0.2.77"})
}

func TestEverySearchIsLoggedAndNeverItsWords(t *testing.T) {
	t.Parallel()
	in := install(t)
	desk := in.person("Dirk", 1970, []string{"dirk@example.nl"}, care.DeskWorker)
	found := must[[]care.Person](t)(in.SearchPersons(t.Context(), as(desk, ""), grolloo, "nobody"))
	views := must[[]app.SeenView](t)(in.Views(t.Context(), as(desk, ""), port.Page{Limit: 10}))
	if len(found) != 0 || len(views) != 1 {
		t.Fatalf("found %d, logged %+v", len(found), views)
	}
	if v := views[0]; v.What != "searched" || v.By != desk || v.Community != grolloo || v.At.IsZero() || v.Request != "" {
		t.Errorf("logged %+v", v)
	}
}
