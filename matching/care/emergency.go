package care

import (
	"slices"
	"strings"
	"unicode"
)

// Pause between two sentences or parts of one, as a token; "no, chest pain" is not "no chest pain".
const breakToken = ","

// EmergencyWords lists the keys of the phrases that a text holds, in the order of the list, each
// once. It only flags: whoever calls it asks "is this an emergency?" and never refuses a text.
func EmergencyWords(text string) []string {
	tokens := normalise(text)
	var keys []string
	for _, phrase := range emergencyPhrases() {
		heard := slices.ContainsFunc(phrase.ways, func(way string) bool { return heardAs(tokens, strings.Fields(way)) })
		if heard {
			keys = append(keys, phrase.key)
		}
	}
	return keys
}

// heardAs looks for one way of a phrase anywhere in the tokens, false friends left out.
func heardAs(tokens, way []string) bool {
	for at := range tokens {
		if end, ok := matchWay(tokens, at, way); ok && !takenBack(tokens, at) && !falseFriend(tokens, at, end) {
			return true
		}
	}
	return false
}

// matchWay tells whether the way begins exactly at a token, and where it ends.
func matchWay(tokens []string, at int, way []string) (end int, ok bool) {
	if len(way) == 0 {
		return at, true
	}
	if way[0] == "_" {
		for skip := 0; skip <= 3; skip++ {
			if end, ok := matchWay(tokens, at+skip, way[1:]); ok {
				return end, true
			}
		}
		return 0, false
	}
	if at >= len(tokens) || !isWord(tokens[at], way[0]) {
		return 0, false
	}
	return matchWay(tokens, at+1, way[1:])
}

func isWord(token, pattern string) bool {
	for choice := range strings.SplitSeq(pattern, "|") {
		if start, open := strings.CutSuffix(choice, "*"); token == choice || open && strings.HasPrefix(token, start) {
			return true
		}
	}
	return false
}

// normalise cuts a text into lower-case words without accents, and breakTokens for punctuation
// that separates. Apostrophes vanish (can't, foto's); what joins digits (1.112, 112,50) stays in
// its number, so that it is no longer 112.
func normalise(text string) []string {
	var tokens []string
	var word []rune
	runes := []rune(strings.ToLower(text))
	flush := func() {
		if len(word) > 0 {
			tokens, word = append(tokens, string(word)), nil
		}
	}
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '`':
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if n := len(word); n > 0 && unicode.IsDigit(r) != unicode.IsDigit(word[n-1]) {
				flush()
			}
			word = append(word, withoutAccent(r)...)
		case (r == '.' || r == ',') && betweenDigits(runes, i):
			word = append(word, r)
		case r == '€' || r == '$' || r == '%' || r == '+':
			flush()
			tokens = append(tokens, string(r))
		case strings.ContainsRune(".,!?;\n()", r):
			flush()
			tokens = append(tokens, breakToken)
		default:
			flush()
		}
	}
	flush()
	return tokens
}

func betweenDigits(runes []rune, i int) bool {
	return i > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1])
}

// withoutAccent folds the accents that Dutch, German, French and Frisian use; others stay as they are.
func withoutAccent(r rune) []rune {
	switch r {
	case 'á', 'à', 'â', 'ä', 'ã', 'å':
		r = 'a'
	case 'é', 'è', 'ê', 'ë':
		r = 'e'
	case 'í', 'ì', 'î', 'ï':
		r = 'i'
	case 'ó', 'ò', 'ô', 'ö', 'õ':
		r = 'o'
	case 'ú', 'ù', 'û', 'ü':
		r = 'u'
	case 'ç':
		r = 'c'
	case 'ñ':
		r = 'n'
	case 'ĳ':
		return []rune("ij")
	}
	return []rune{r}
}
