package contact

import (
	"strings"
)

// besideBSN is how far, in runes, a word for the number may end or begin from eight digits to
// stand beside them: " (van vroeger) is: ".
const besideBSN = 20

// BSN reports whether free text holds what must be taken for a citizen service number: nine
// digits that pass the 11-test, in one piece or written 3-3-3 or 4-2-3; or eight (an old number
// without its leading zero) that pass it beside a word for it. One nine-digit number in eleven
// passes by chance, so the person is asked to leave it out, not told what it is.
//
// Digits are ASCII. What follows a country code ("+31 612 345 678") is a phone number.
func BSN(text string) bool {
	runes := []rune(strings.ToLower(text))
	groups := digitGroups(runes)
	for i, g := range groups {
		switch {
		case g.ofPhone():
		case len(g.digits) == 9 && elevenTest(g.digits),
			i+2 < len(groups) && elevenTest(joined(g, groups[i+1], groups[i+2])),
			len(g.digits) == 8 && elevenTest("0"+g.digits) && besideWord(runes, g):
			return true
		}
	}
	return false
}

// digitGroup is a run of digits, and how it is tied to the one before it.
type digitGroup struct {
	digits   string
	at, end  int    // in runes
	gap      string // what ties it to the group before: up to three signs; "" where nothing does
	before   int    // digits in the groups it is tied to
	dialling bool   // the first of the tied groups begins with + or 00
}

// ofPhone reports whether at most a country code ("+31", "0031") stands before the group.
func (g digitGroup) ofPhone() bool { return g.dialling && g.before <= 4 }

// digitGroups finds the groups in one pass, so that hostile text costs no more than long text.
func digitGroups(runes []rune) []digitGroup {
	var groups []digitGroup
	for at := 0; at < len(runes); at++ {
		if !isDigit(runes[at]) {
			continue
		}
		end := at
		for end < len(runes) && isDigit(runes[end]) {
			end++
		}
		g := digitGroup{digits: string(runes[at:end]), at: at, end: end}
		if n := len(groups); n > 0 && ties(runes[groups[n-1].end:at]) {
			last := groups[n-1]
			g.gap = string(runes[last.end:at])
			g.before, g.dialling = last.before+len(last.digits), last.dialling
		} else {
			g.dialling = strings.HasPrefix(g.digits, "00") || at > 0 && runes[at-1] == '+'
		}
		groups = append(groups, g)
		at = end
	}
	return groups
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// ties reports whether signs between two groups of digits may stand inside one number.
func ties(gap []rune) bool {
	if len(gap) > 3 {
		return false
	}
	for _, r := range gap {
		if !strings.ContainsRune(" .-/()\u00a0\u2011\u2013", r) {
			return false
		}
	}
	return true
}

// joined returns the digits of three groups that are written as one number, or "".
func joined(a, b, c digitGroup) string {
	if b.gap == "" || b.gap != c.gap || len(c.digits) != 3 {
		return ""
	}
	if (len(a.digits) == 3 && len(b.digits) == 3) || (len(a.digits) == 4 && len(b.digits) == 2) {
		return a.digits + b.digits + c.digits
	}
	return ""
}

// elevenTest is the check of a BSN: nine digits, weighed 9 to 2 and the last -1, sum to a
// multiple of eleven. Nine zeros pass it and are no number.
func elevenTest(digits string) bool {
	if len(digits) != 9 || digits == "000000000" {
		return false
	}
	sum := -int(digits[8] - '0')
	for i := range 8 {
		sum += (9 - i) * int(digits[i]-'0')
	}
	return sum%11 == 0
}

// besideWord reports whether a name for the number stands close before or after the group.
func besideWord(runes []rune, g digitGroup) bool {
	const longest = len("burger service nummer")
	before := string(runes[max(0, g.at-besideBSN-longest):g.at])
	after := string(runes[g.end:min(len(runes), g.end+besideBSN+longest)])
	for _, word := range []string{
		"bsn", "burgerservicenummer", "burger service nummer", "burgerservice nummer",
		"sofinummer", "sofi-nummer", "sofi nummer", // its name until 2007
	} {
		if strings.Contains(before, word) || strings.Contains(after, word) {
			return true
		}
	}
	return false
}
