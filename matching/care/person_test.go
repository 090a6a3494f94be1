package care

import (
	"math"
	"strings"
	"testing"
)

func somebody() Person {
	return Person{ID: "p1", FirstName: "Ans", LastName: "de Vries", BirthDate: "1947-03-02", Language: "nl",
		Contacts: []Contact{{Phone, "+31612345678"}}, Home: Place{Point: Point{52.93, 6.66}, Town: "Grolloo"}, RegisteredBy: "desk"}
}

func TestRegister(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*Person)
		code   string
	}{
		"as she is":                        {func(*Person) {}, ""},
		"without a name":                   {func(p *Person) { p.FirstName = " " }, "name_invalid"},
		"with a name over two lines":       {func(p *Person) { p.LastName = "de\nVries" }, "name_invalid"},
		"with a name over two by a mark":   {func(p *Person) { p.LastName = "de\u2028Vries" }, "name_invalid"},
		"with a name that shows nothing":   {func(p *Person) { p.FirstName = "\u3164" }, "name_invalid"},
		"with a name of blank braille":     {func(p *Person) { p.FirstName = "\u2800" }, "name_invalid"},
		"with a name of 81 characters":     {func(p *Person) { p.LastName = strings.Repeat("a", 81) }, "name_invalid"},
		"with a birth date of the future":  {func(p *Person) { p.BirthDate = "2027-01-01" }, "birth_date_invalid"},
		"with a birth date that never was": {func(p *Person) { p.BirthDate = "1947-02-30" }, "birth_date_invalid"},
		"on her sixteenth birthday":        {func(p *Person) { p.BirthDate = "2010-06-10" }, ""},
		"the day before it":                {func(p *Person) { p.BirthDate = "2010-06-11" }, "too_young"},
		"with a language in digits":        {func(p *Person) { p.Language = "12" }, "language_invalid"},
		"without a contact":                {func(p *Person) { p.Contacts = nil }, "contact_missing"},
		"without a contact or the app":     {func(p *Person) { p.Contacts, p.WithoutApp = nil, true }, ""},
		"with five contacts":               {func(p *Person) { p.Contacts = make([]Contact, 5) }, "contacts_too_many"},
		"with a home that is not on earth": {func(p *Person) { p.Home.Point.Lat = 91 }, "place_invalid"},
		"with a home that is not a number": {func(p *Person) { p.Home.Point.Lon = math.NaN() }, "place_invalid"},
	} {
		p := somebody()
		row.change(&p)
		if _, events, err := Register(p, june("12:00")); CodeOf(err) != row.code || (err == nil && len(events) != 1) {
			t.Errorf("somebody is registered %s: %v, %v", name, events, err)
		}
	}
}

func TestEditKeepsIdentityAndOrigin(t *testing.T) {
	p, _, _ := Register(somebody(), june("12:00"))
	change := somebody()
	change.ID, change.RegisteredBy, change.FirstName = "p2", "nobody", "Anna"
	next, events, err := p.Edit(change, "p1", june("13:00"))
	if err != nil || len(events) != 1 || next.ID != "p1" || next.RegisteredBy != "desk" || next.FirstName != "Anna" || !next.CreatedAt.Equal(p.CreatedAt) {
		t.Errorf("%+v, %v, %v", next, events, err)
	}
	change.Language = ""
	if kept, _, err := p.Edit(change, "p1", june("13:00")); CodeOf(err) != "language_invalid" || text(kept) != text(p) {
		t.Errorf("a refused edit changes nothing: %v", err)
	}
}
