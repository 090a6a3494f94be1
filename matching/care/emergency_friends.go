package care

import (
	"slices"
	"strings"
	"unicode"
)

// takenBack tells whether the words right before a phrase take it back: "geen pijn op de borst".
func takenBack(tokens []string, at int) bool {
	before := strings.Join(tokens[max(0, at-2):at], " ")
	for _, denial := range []string{"geen", "zonder", "no", "without", "not an", "not a", "geen enkele"} {
		if before == denial || strings.HasSuffix(before, " "+denial) {
			return true
		}
	}
	return false
}

// falseFriend tells whether the phrase found at [at, end) means something harmless here.
// Only words that have such a second meaning are looked at.
func falseFriend(tokens []string, at, end int) bool {
	phrase := strings.Join(tokens[at:end], " ")
	switch phrase {
	case "112", "1 1 2", "911", "999":
		return harmlessNumber(tokens, at, end)
	case "brand":
		return follows(tokens, at, "welk", "which", "what", "any", "this", "that", "favourite", "same", "der", "van den") || precedes(tokens, end, "new", "name", "of")
	case "benauwd":
		return follows(tokens, at, "het is", "het was", "wat is het", "is het", "kamer is") || precedes(tokens, end, "weer", "warm", "kamertje")
	case "ambulance", "emergency":
		return precedes(tokens, end, "chauffeur", "museum", "contact", "contacts", "exit", "number", "lamp", "light")
	case "stikt":
		return precedes(tokens, end, "van", "er van", "ervan", "de naad", "de zoom")
	case "verslikt":
		return follows(tokens, at, "vaak", "soms", "snel", "zich vaak", "zich soms", "zich snel")
	case "inbreker", "inbrekers", "aangereden", "verdronken", "verdrinken", "vlammen":
		return follows(tokens, at, "tegen", "boek", "film") || precedes(tokens, end, "aan de telefoon", "land")
	case "beroerte", "herseninfarct", "hersenbloeding", "hartaanval", "hartinfarct", "heart attack", "a stroke":
		return longAgo(tokens, at, end)
	}
	return false
}

// longAgo tells an illness that somebody lives with from one that strikes now: a year or a month is
// named close by, or "after the ...". Minutes and days are not long ago.
func longAgo(tokens []string, at, end int) bool {
	near := slices.Concat(tokens[max(0, at-4):at], tokens[end:min(len(tokens), end+5)])
	named := slices.ContainsFunc(near, func(word string) bool {
		return isWord(word, "jaar|jaren|maand|maanden|vorig|year|years|month|months|revalid*|herstel*|recover*|rehab*")
	})
	return named || slices.ContainsFunc(tokens[max(0, at-2):at], func(word string) bool {
		return isWord(word, "na|sinds|after|since")
	})
}

// harmlessNumber tells a house, a bus, a price or a part of a phone number from the alarm number.
// Beside a word for calling it is never harmless.
func harmlessNumber(tokens []string, at, end int) bool {
	var prev, next string
	if at > 0 {
		prev = tokens[at-1]
	}
	if end < len(tokens) {
		next = tokens[end]
	}
	if isWord(prev, calling) || isWord(next, calling) {
		return false
	}
	return isStreet(prev) || slices.Contains(numberedThings, prev) || otherNumber(prev) ||
		slices.Contains(countedThings, next) || otherNumber(next) || livesAt(tokens[:at])
}

const calling = "bel|bellen|belt|gebeld|call|calling|dial|phone|alarmnummer"

// livesAt tells whether what comes right before is an address: in "wij wonen op de Hullen 112" the
// name of the street tells nothing, living there does.
func livesAt(tokens []string) bool {
	for i := len(tokens) - 1; i >= max(0, len(tokens)-5) && tokens[i] != breakToken; i-- {
		if isWord(tokens[i], "woon|woont|wonen|adres|live|lives|address") {
			return true
		}
	}
	return false
}

// What a number can be the number of, before it.
var numberedThings = []string{
	"nummer", "huisnummer", "nr", "no", "number", "bus", "lijn", "buslijn", "line", "kamer", "room", "pagina", "bladzijde", "blz", "page", "postbus",
	"psalm", "gezang", "lied", "appartement", "app", "apt", "flat", "artikel", "route", "knooppunt", "bloeddruk", "pols", "hartslag", "suiker", "kanaal",
	"zender", "perron", "rond", "ongeveer", "circa", "ruim", "bijna", "hok", "box", "loket", "kaart", "dossier", "factuur", "versie", "model", "hoofdstuk",
	"n", "a", "lelijke", "kaartnummer", "kavel", "stand", "plaats", "unit", "€", "$", "+", "min", "over", "plus", "weegt", "woog",
}

// What a number can count, after it.
var countedThings = []string{
	"euro", "euros", "eur", "cent", "km", "kilometer", "meter", "m", "cm", "mm", "kg", "kilo", "gram", "gr", "g", "liter", "ml", "mg", "jaar", "jarige", "years", "year",
	"stuks", "stuk", "keer", "mensen", "leden", "gasten", "pagina", "paginas", "bladzijden", "minuten", "uur", "dagen", "graden", "plaatsen", "boeken",
	"kaarten", "flessen", "eieren", "treden", "planten", "bollen", "a", "b", "c", "bis", "hs", "people", "pages", "times", "days", "miles", "%", "€",
}

// isStreet tells by its end whether a word is the name of a street.
func isStreet(word string) bool {
	for _, end := range []string{
		"straat", "str", "weg", "laan", "plein", "kade", "dijk", "hof", "steeg", "pad", "singel", "brink", "gracht", "dreef", "wijk", "markt", "akker", "akkers",
		"esch", "es", "kamp", "kampen", "veld", "horst", "burg", "park", "ring", "baan", "street", "road", "lane", "avenue",
	} {
		if strings.HasSuffix(word, end) && len(word) >= len(end)+3 || word == end && len(end) > 3 {
			return true
		}
	}
	return false
}

// otherNumber tells digits that are not themselves a part of an alarm number, as in 0592 112.
func otherNumber(word string) bool {
	if word == "112" || word == "1" || word == "2" {
		return false
	}
	return strings.ContainsFunc(word, unicode.IsDigit)
}

// follows tells whether the phrase that begins at a place comes right after one of the rows of words.
func follows(tokens []string, at int, rows ...string) bool {
	return slices.ContainsFunc(rows, func(row string) bool {
		words := strings.Fields(row)
		return at >= len(words) && slices.Equal(tokens[at-len(words):at], words)
	})
}

// precedes tells whether the phrase that ends at a place comes right before one of the rows of words.
func precedes(tokens []string, end int, rows ...string) bool {
	return slices.ContainsFunc(rows, func(row string) bool {
		words := strings.Fields(row)
		return end+len(words) <= len(tokens) && slices.Equal(tokens[end:end+len(words)], words)
	})
}
