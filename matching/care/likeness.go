package care

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Traits are what two registrations of one person have in common, in a form that forgives how they
// were written down.
type Traits struct {
	First  string // sound of the first name; of an initial its letter
	Last   string // sound of the last name without what stands before it
	Born   string
	Street string // street and number, normalised
}

// TraitsOf reduces a person to what is compared.
func TraitsOf(p Person) Traits {
	return Traits{First: firstSound(p.FirstName), Last: lastSound(p.LastName), Born: p.BirthDate, Street: streetKey(p.Home.Street)}
}

// Probably reports whether two registrations are probably of one person. A couple is not: they share
// a street and a name, and neither first name nor birth date.
//
//   - the names sound alike, and the birth date is the same or nearly so, or the street is the same;
//   - the birth date is the same, and the last name sounds alike (a first name and a call name), or
//     the first name and the street do (a name that changed in a marriage).
func (t Traits) Probably(o Traits) bool {
	first, last := sameFirst(t.First, o.First), t.Last != "" && t.Last == o.Last
	street := t.Street != "" && t.Street == o.Street
	switch {
	case first && last:
		return street || nearlyBorn(t.Born, o.Born)
	case t.Born != o.Born:
		return false
	}
	return last || (first && street)
}

// sameFirst lets an initial stand for every name that begins with its sound.
func sameFirst(a, b string) bool {
	switch {
	case a == "" || b == "":
		return false
	case len(a) == 1 || len(b) == 1:
		return a[0] == b[0]
	}
	return a == b
}

// nearlyBorn reports whether two birth dates are the same, or one is the other with day and month
// changed about or with one figure misread.
func nearlyBorn(a, b string) bool {
	x, errX := time.Parse(time.DateOnly, a)
	y, errY := time.Parse(time.DateOnly, b)
	if errX != nil || errY != nil {
		return false
	}
	if x.Year() == y.Year() && x.Day() == int(y.Month()) && int(x.Month()) == y.Day() {
		return true
	}
	wrong := 0
	for i := range len(a) {
		if a[i] != b[i] {
			wrong++
		}
	}
	return wrong <= 1
}

// namePrefixes stand before Dutch family names and are left out, glued on or spelled in another way.
func namePrefixes() []string {
	return []string{"van", "vd", "v", "de", "den", "der", "ter", "ten", "te", "het", "t", "op", "in", "aan", "bij", "la", "le", "el", "al"}
}

// lastSound is the sound of the name that somebody was born with or took first: of a double name the
// first part.
func lastSound(name string) string {
	first, _, _ := strings.Cut(letters(name), "-")
	words := strings.Fields(first)
	for len(words) > 1 && slices.Contains(namePrefixes(), words[0]) {
		words = words[1:]
	}
	return SoundOf(strings.Join(words, ""))
}

func firstSound(name string) string {
	words := strings.FieldsFunc(letters(name), func(r rune) bool { return r == ' ' || r == '-' })
	if len(words) == 0 {
		return ""
	}
	return SoundOf(words[0])
}

// letters folds case, accents and ligatures; what is no letter, hyphen or space divides words.
func letters(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || r == '-':
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// soundRules are the spellings of one Dutch sound, in the order in which they are replaced: what is
// longer before what is part of it. Frisian and Drents names keep theirs.
func soundRules() []string {
	return []string{
		"sch", "sg", "ch", "g", "gh", "g", "ph", "f", "th", "t", "dt", "t", "ck", "k", "cks", "ks", "x", "ks", "qu", "kw", "q", "k",
		"eij", "i", "aij", "i", "ij", "i", "ei", "i", "ey", "i", "ay", "i", "ai", "i", "y", "i", "ie", "i", "ou", "au", "ouw", "au", "auw", "au", "oe", "u", "ae", "a", "eu", "u",
		"ce", "se", "ci", "si", "c", "k", "z", "s", "v", "f", "w", "f", "tj", "t", "dj", "t",
	}
}

// SoundOf is a code that two spellings of one Dutch name share. It is coarse on purpose: it only ever
// puts a question before a person at the desk.
func SoundOf(name string) string {
	s := strings.NewReplacer("-", "", " ", "").Replace(letters(name))
	s = singled(strings.NewReplacer("ouw", "au", "auw", "au", "uw", "u", "cks", "ks").Replace(s))
	s = singled(strings.NewReplacer(soundRules()...).Replace(s))
	if strings.HasSuffix(s, "d") {
		s = s[:len(s)-1] + "t" // Arend sounds as Arent
	}
	return s
}

// singled writes doubled letters once.
func singled(s string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// streetKey folds how a street and its number are written: "Dorpsstr. 12 a" and "dorpsstraat 12A".
func streetKey(street string) string {
	s := strings.ToLower(norm.NFC.String(street))
	for _, short := range [][2]string{{"straat", "str"}, {"str.", "str"}, {"weg", "wg"}, {"laan", "ln"}, {"plein", "pln"}, {"pad", "pd"}} {
		s = strings.ReplaceAll(s, short[0], short[1])
	}
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}
	return strings.Map(keep, s)
}
