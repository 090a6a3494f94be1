package leak_test

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"naober/api/port"
	"naober/matching/care"
	"naober/mobile-contract/wire"
)

// actor is somebody who lives or works in a village, and everything personal of theirs.
type actor struct {
	village, name string
	id            care.PersonID
	mail          string
	home          care.Place
	born          string
	salt          string // makes the same person of another world another word
	tokens        wire.Tokens
	birds         *aviary
	of            *village
	place         int // among the people of their village
	roles         []role
}

// role is what somebody is in a village or in an organisation.
type role struct {
	care.Role
	at care.OrganizationID
	in care.CommunityID
}

// mark begins every word that must not travel, by village. It is long enough to be found in base64
// whatever stands before it.
func mark(village string) string { return "Kanarievogel" + village }

// word is the canary of one field of a person: letters alone, so that no encoding changes it but one
// that changes letters.
func (a *actor) word(field string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(a.village + a.name + field + a.salt))
	n, word := h.Sum64(), mark(a.village)
	for range 8 {
		word += string(rune('a' + n%26))
		n /= 26
	}
	return a.birds.free(a, field, word)
}

// number is the same for fields that take digits, so many of them.
func (a *actor) number(field string, digits int) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(a.village + a.name + field + a.salt + "number"))
	return fmt.Sprintf("%0*d", digits, h.Sum64()%pow10(digits))
}

// postCode is a canary in the form of one.
func (a *actor) postCode(field string) string {
	return a.birds.count(a, field, a.number(field, 4)+" QX")
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// village is one of two with equal people.
type village struct {
	letter string
	id     care.CommunityID
	clinic care.OrganizationID
	cast   map[string]*actor
	kept   map[string]string
}

// centre is where a village lies. Both are places of Drenthe.
func centre(letter string) (care.Point, string) {
	if letter == "b" {
		return care.Point{Lat: 52.7261, Lon: 6.4749}, "Hoogeveen"
	}
	return care.Point{Lat: 52.8167, Lon: 6.6833}, "Witteveen"
}

// raise builds a village with one person in each part. salt makes its words others than those of the
// same village in another world.
func (w *world) raise(letter, salt string) *village {
	w.Helper()
	ctx := w.Context()
	w.redraw("raise " + letter)
	body := func(kind care.OrganizationKind, name string) care.OrganizationID {
		id, err := w.app.CreateOrganization(ctx, care.Organization{Kind: kind, Name: name})
		w.must(err)
		return id
	}
	board, duty := body(care.Association, "Dorpsbelang "+letter), body(care.Professional, "Sociaal team "+letter)
	practice, clinic := body(care.Professional, "Huisartsen "+letter), body(care.FormalCare, "Thuiszorg "+letter)
	point, town := centre(letter)
	id, err := w.app.CreateCommunity(ctx, care.Community{Name: "Dorp " + letter, Town: town, Point: point, Zone: "Europe/Amsterdam", Association: board, Guarantor: duty})
	w.must(err)
	v := &village{letter: letter, id: id, clinic: clinic, cast: map[string]*actor{}, kept: map[string]string{"village": string(id), "clinic": string(clinic)}}
	hamlet, err := w.app.CreateCommunity(ctx, care.Community{Name: "Buurt " + letter, Town: town, Point: care.Point{Lat: point.Lat + 0.02, Lon: point.Lon}, Zone: "Europe/Amsterdam", Association: board, Guarantor: duty})
	w.must(err)
	v.kept["hamlet"] = string(hamlet)
	for i, p := range []struct {
		name  string
		roles []role
	}{
		{"geesje", []role{{care.Resident, "", id}}}, {"jan", []role{{care.Resident, "", id}, {care.Volunteer, "", id}}},
		{"piet", []role{{care.Resident, "", id}, {care.Volunteer, "", id}}}, {"trijn", []role{{care.Resident, "", id}}},
		{"wim", []role{{care.FixedWorker, "", id}}}, {"dirk", []role{{care.DeskWorker, "", id}}}, {"ina", []role{{care.Moderator, "", id}}},
		{"bea", []role{{care.Administrator, board, ""}}}, {"gon", []role{{care.GuarantorRole, duty, ""}}},
		{"dok", []role{{care.FixedWorker, "", id}, {care.ProfessionalRole, practice, ""}}}, {"zorg", []role{{care.ProfessionalRole, clinic, ""}}},
	} {
		a := &actor{village: letter, name: p.name, salt: salt, birds: w.birds, of: v, place: i, roles: p.roles}
		v.cast[p.name], w.actors = a, append(w.actors, a)
		w.settleDown(a)
		w.signIn(a)
	}
	w.settle()
	// The history of the data gets its name here, and not at the first draw, in which worlds may differ.
	w.do(v.cast["geesje"], "POST", "/sync/v1/pull", fmt.Sprintf(`{"pullVersion":1,"clientGroupID":%q,"schemaVersion":"1","cookie":null}`,
		care.DeriveID[care.PersonID](w.clock(), "store", letter)))
	return v
}

// settleDown makes one person of a village, each of whose fields is a canary, with their roles.
func (w *world) settleDown(a *actor) {
	w.Helper()
	a.id = care.DeriveID[care.PersonID](w.clock(), a.village, a.name, a.salt)
	a.mail = strings.ToLower(a.word("mail")) + "@example.org"
	point, town := centre(a.village)
	a.home = care.Place{Point: a.near(point, a.place), Street: a.word("street") + " 12", PostCode: a.postCode("postcode"), Town: town}
	a.born = time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, len(a.name)*997+a.place*401+int(a.village[0])).Format(time.DateOnly)
	person, events, err := care.Register(care.Person{ID: a.id, FirstName: a.word("firstName"), LastName: a.word("lastName"), BirthDate: a.born, Language: "nl",
		Contacts: []care.Contact{{Kind: care.Mail, Value: a.mail}}, Home: a.home}, w.clock())
	w.must(err)
	_, err = w.stores.Persons.Insert(w.Context(), a.id, person, events, port.Write{})
	w.must(err)
	a.of.kept[a.name] = string(a.id)
	for _, r := range a.roles {
		_, err := w.app.GrantFirstRole(w.Context(), care.Membership{Person: a.id, Community: r.in, Organization: r.at, Role: r.Role})
		w.must(err)
	}
}

// near is a point a few hundred metres from another, with decimals that are this person's alone.
func (a *actor) near(p care.Point, n int) care.Point {
	h := fnv.New64a()
	_, _ = h.Write([]byte(a.village + a.name + a.salt + "point"))
	extra := float64(h.Sum64()%100_000) / 1e8
	return care.Point{Lat: p.Lat + float64(n%4)*0.002 + extra, Lon: p.Lon + float64(n/4)*0.002 + extra}
}

func (v *village) fill(text string) string {
	for name, value := range v.kept {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}
