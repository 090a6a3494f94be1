package care

import "testing"

func TestSoundOf(t *testing.T) {
	for _, row := range []struct {
		a, b string
		same bool
	}{
		{"Meijer", "Meyer", true}, {"Meijer", "Meier", true}, {"Dijkstra", "Dykstra", true}, {"Eising", "Ijsing", true},
		{"Kramer", "Cramer", true}, {"Schuiling", "Sguiling", true}, {"Wiecher", "Wieger", true}, {"Stephan", "Stefan", true},
		{"Thea", "Tea", true}, {"Jannes", "Janes", true}, {"Kok", "Kock", true}, {"Brouwer", "Brauwer", true}, {"Arend", "Arent", true},
		{"Roelof", "Roeloff", true}, {"Zwiers", "Swiers", true}, {"Renée", "Renee", true}, {"Catharina", "Katarina", true},
		{"Jan", "Jo", false}, {"Bakker", "Visser", false}, {"Anna", "Hanna", false}, {"Jansen", "Hansen", false}, {"Geert", "Gert", true},
	} {
		if got := SoundOf(row.a) == SoundOf(row.b); got != row.same {
			t.Errorf("%s (%s) and %s (%s): same %t, want %t", row.a, SoundOf(row.a), row.b, SoundOf(row.b), got, row.same)
		}
	}
}

func TestProbablyOnePerson(t *testing.T) {
	anna := Person{FirstName: "Anna", LastName: "van der Meijden", BirthDate: "1943-05-02", Home: Place{Street: "Dorpsstraat 12a"}}
	for _, row := range []struct {
		what string
		edit func(*Person)
		one  bool
	}{
		{"the same", func(*Person) {}, true},
		{"another spelling, prefix left out", func(p *Person) { p.LastName = "Meyden" }, true},
		{"prefix shortened", func(p *Person) { p.LastName = "v.d. Meijden" }, true},
		{"an initial", func(p *Person) { p.FirstName = "A." }, true},
		{"an initial of somebody else", func(p *Person) { p.FirstName, p.BirthDate = "B.", "1940-01-01" }, false},
		{"day and month changed about", func(p *Person) { p.BirthDate, p.Home.Street = "1943-02-05", "" }, true},
		{"one figure misread", func(p *Person) { p.BirthDate, p.Home.Street = "1948-05-02", "" }, true},
		{"two figures, and another street", func(p *Person) { p.BirthDate, p.Home.Street = "1948-05-03", "Kerkweg 1" }, false},
		{"two figures, the street written otherwise", func(p *Person) { p.BirthDate, p.Home.Street = "1948-05-03", "DORPSSTR. 12 A" }, true},
		{"the call name, same day", func(p *Person) { p.FirstName = "Ans" }, true},
		{"married name, same day and street", func(p *Person) { p.LastName = "Bakker" }, true},
		{"married name, same day, moved", func(p *Person) { p.LastName, p.Home.Street = "Bakker", "Kerkweg 1" }, false},
		{"double name", func(p *Person) { p.LastName = "van der Meijden-Bakker" }, true},
		{"her husband", func(p *Person) { p.FirstName, p.BirthDate = "Berend", "1941-11-30" }, false},
		{"her daughter of the same name elsewhere", func(p *Person) { p.BirthDate, p.Home.Street = "1971-08-17", "Kerkweg 1" }, false},
		{"nobody's first name", func(p *Person) { p.FirstName, p.LastName = "..", ".." }, false},
	} {
		other := anna
		row.edit(&other)
		if got := TraitsOf(anna).Probably(TraitsOf(other)); got != row.one {
			t.Errorf("%s: %t, want %t", row.what, got, row.one)
		}
		if got := TraitsOf(other).Probably(TraitsOf(anna)); got != row.one {
			t.Errorf("%s: not symmetric", row.what)
		}
	}
}
