package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"naober/api/app"
	"naober/api/token"
	"naober/matching/care"
)

// addResident invents one resident of a village, with an offer where they help.
func (w *World) addResident(v *village, n int) {
	r := dice(w.Seed, "resident", v.place.Label(), strconv.Itoa(n))
	age := ageOf(r)
	p := w.person(r, v, "resident", n, age)
	if chance(r, withoutApp(age)) {
		p.WithoutApp, p.Contacts, p.Registered = true, nil, care.ByDesk
	}
	w.Persons = append(w.Persons, p)
	w.join(care.Membership{Person: p.ID, Community: v.id, Role: care.Resident}, 700)
	helps := !p.WithoutApp && chance(r, willing(age))
	if helps {
		w.addHelper(r, v, p, age)
	}
	if helps || age >= 65 && !p.WithoutApp {
		w.addPhone(p)
	}
}

// person invents somebody of an age. Their mail address is theirs alone.
func (w *World) person(r *rand.Rand, v *village, as string, n, age int) care.Person {
	g := care.Woman
	if chance(r, 48) {
		g = care.Man
	}
	first, last := called(r, age, g)
	born := w.At.AddDate(-age, 0, -1-r.IntN(360))
	language := "nl"
	if chance(r, 2) {
		language = "en"
	}
	return care.Person{
		ID: id[care.PersonID](w, as, v.place.Label(), strconv.Itoa(n)), FirstName: first, LastName: last, BirthDate: born.Format(time.DateOnly),
		Gender: g, Language: language, Contacts: []care.Contact{w.mail(first, last, v)},
		Home:       care.Place{Point: v.home(r, n), Street: fmt.Sprintf("%s %d", street(r), 1+r.IntN(90)), Town: v.place.Label()},
		Registered: care.ByApp, CreatedAt: w.ago(30 + r.IntN(700)),
	}
}

func (w *World) mail(first, last string, v *village) care.Contact {
	name := mailName(first, last)
	at := domain(v.place.Label())
	w.addresses[name+"@"+at]++
	return care.Contact{Kind: care.Mail, Value: fmt.Sprintf("%s.%d@%s", name, w.addresses[name+"@"+at], at)}
}

func mailName(first, last string) string { return strings.ToLower(first + "." + last) }

// ageOf draws from an ageing region: of those above 16, 38 in a hundred are 65 or older.
func ageOf(r *rand.Rand) int {
	switch d := r.IntN(100); {
	case d < 11:
		return 17 + r.IntN(13)
	case d < 34:
		return 30 + r.IntN(20)
	case d < 62:
		return 50 + r.IntN(15)
	case d < 90:
		return 65 + r.IntN(15)
	}
	return 80 + r.IntN(16)
}

// withoutApp is how many in a hundred of an age have the desk's phone list instead.
func withoutApp(age int) int {
	switch {
	case age >= 80:
		return 45
	case age >= 65:
		return 15
	}
	return 3
}

// willing is how many in a hundred of an age and with the app offer help.
func willing(age int) int {
	switch {
	case age >= 80:
		return 10
	case age >= 65:
		return 50
	case age >= 50:
		return 43
	case age >= 30:
		return 36
	}
	return 24
}

// addPhone signs somebody in on a phone that receives push messages.
func (w *World) addPhone(p care.Person) {
	salt := make([]byte, token.SaltSize)
	r := dice(w.Seed, "salt", string(p.ID))
	for i := range salt {
		salt[i] = byte(r.UintN(256))
	}
	s := app.Session{ID: id[app.SessionID](w, "session", string(p.ID)), Person: p.ID, Device: "telefoon van " + p.FirstName, Salt: salt,
		CreatedAt: w.ago(20), UsedAt: w.At.Truncate(time.Hour), PushToken: phoneOf(p.ID)}
	w.Phones = append(w.Phones, s)
}

// phoneOf is the registration of somebody's demo phone at the push service.
func phoneOf(p care.PersonID) string { return "demo-phone-" + string(p) }
