package demo

import (
	"math/rand/v2"
	"strings"

	"naober/matching/care"
)

// Common given and family names of the region. Who is called what is invented.
func womenOld() []string {
	return strings.Fields("Aaltje Anna Annigje Dina Egberdina Fenna Geesje Grietje Hendrikje Hennie Jantje Janna Klaasje Lammie Margje Riek Roelie Roelfien Tineke Trijntje Willie Zwaantje")
}

func menOld() []string {
	return strings.Fields("Albert Arend Berend Egbert Geert Gerrit Harm Hendrik Henk Hilbert Jan Jannes Klaas Lammert Lukas Otto Pieter Roelof Siert Tinus Wiecher Willem")
}

func womenYoung() []string {
	return strings.Fields("Anouk Bianca Chantal Daphne Eline Esther Femke Ilse Inge Jolanda Kim Lieke Linda Maaike Marieke Mirjam Monique Nienke Petra Sanne Silvia Wendy Yvonne Amina Agnieszka")
}

func menYoung() []string {
	return strings.Fields("Arjan Bart Bas Daan Dennis Edwin Erik Frank Jeroen Joost Koen Mark Martijn Niels Patrick Remco Richard Ruben Sander Stefan Thijs Tim Wouter Youssef Marek")
}

func familyNames() []string {
	return []string{"Bakker", "Boer", "Boerma", "Boxem", "Brands", "Bruins", "Buiter", "Dekker", "Dijk", "Eggens", "Enting", "Fokkens",
		"Geerts", "Haan", "Hadders", "Hagen", "Hidding", "Hoving", "Huizing", "Jansen", "Kamps", "Klaassens", "Koers", "Kuipers", "Lanting",
		"Lubbers", "Luinge", "Martens", "Mensinge", "Meijering", "Mulder", "Nijboer", "Nijhof", "Oldenhuis", "Oosting", "Pieters", "Popken",
		"Reinders", "Rozema", "Schuiling", "Smit", "Speelman", "Staal", "Tangenberg", "Timmer", "Trip", "Venema", "Visser", "Vos", "Warring",
		"Weerts", "Wiering", "Wolters", "Zandvoort", "Zwiers"}
}

// called gives somebody a name that fits their age and gender.
func called(r *rand.Rand, age int, g care.Gender) (first, last string) {
	given := womenYoung()
	switch {
	case g == care.Man && age >= 58:
		given = menOld()
	case g == care.Man:
		given = menYoung()
	case age >= 58:
		given = womenOld()
	}
	return pick(r, given), pick(r, familyNames())
}

// street invents one; a real village may have one of that name all the same.
func street(r *rand.Rand) string {
	before := []string{"Eiken", "Berken", "Linden", "Esch", "Noorder", "Zuider", "Molen", "Schaaps", "Zand", "Veen", "Heide", "Koren", "Turf", "Wolds", "Hunebed", "Jeneverbes", "Keuter", "Ganzen"}
	after := []string{"weg", "laan", "pad", "dijk", "kamp", "akkers", "stukken", "hof"}
	return pick(r, before) + pick(r, after)
}

// domain is a village's mail domain; .example never exists (RFC 2606).
func domain(label string) string {
	plain := strings.NewReplacer("ë", "e", " ", "-", "(", "", ")", "").Replace(strings.ToLower(label))
	return plain + ".example"
}
