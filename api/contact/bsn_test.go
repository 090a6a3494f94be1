package contact

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The numbers below were made by hand to pass or fail the test.
func TestBSN(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want bool
	}{
		"nine digits that pass":                             {"111222333", true},
		"nine digits that miss by one":                      {"111222334", false},
		"nine zeros, which pass and are no number":          {"000000000", false},
		"a leading zero":                                    {"012345672", true},
		"ten digits, of which nine would pass":              {"1112223330", false},
		"ten digits, of which the last nine would pass":     {"0111222333", false},
		"in the middle of a sentence":                       {"Mijn nummer is 111222333, bel maar.", true},
		"stuck to letters, as in a VAT number":              {"NL111222333B01", true},
		"written 3-3-3 with spaces":                         {"111 222 333", true},
		"written 3-3-3 with dashes":                         {"111-222-333", true},
		"written 4-2-3 with points":                         {"1112.22.333", true},
		"written 3-3-3 with no-break spaces":                {"111\u00a0222\u00a0333", true},
		"written 3-3-3 with two kinds of sign":              {"111 222-333", false},
		"written 2-3-4, which nobody does":                  {"11 122 2333", false},
		"groups on three lines":                             {"111\n222\n333", false},
		"after another number":                              {"kamer 5 111 222 333", true},
		"before another number":                             {"111 222 333 10 uur", true},
		"a mobile number":                                   {"06-12345678", false},
		"a mobile number with country code":                 {"+31 611222333", false},
		"a mobile number with country code in brackets":     {"(+31) 111222333", false},
		"a number with country code and groups of three":    {"+31 111 222 333", false},
		"a number with 0031 before it":                      {"0031 111222333", false},
		"after a whole phone number":                        {"+31 6 12345678 111222333", true},
		"a landline number in 3-3-4":                        {"050 123 4567", false},
		"an IBAN":                                           {"NL91 ABNA 0417 1643 00", false},
		"a date and a time":                                 {"12-03-2026 om 14.30", false},
		"eight digits that pass, without the word":          {"12345672", false},
		"eight digits that pass, beside the word":           {"bsn 12345672", true},
		"eight digits that pass, beside the word after":     {"12345672 is mijn BSN", true},
		"eight digits that pass, beside the long word":      {"Burgerservicenummer: 12345672", true},
		"eight digits that pass, beside the old word":       {"sofinummer van moeder 12345672", true},
		"eight digits that fail, beside the word":           {"bsn 12345673", false},
		"eight digits that pass, with the word far off":     {"Zij vroeg om mijn bsn. Dat geef ik liever niet door de telefoon; de order is 12345672", false},
		"the word alone":                                    {"Ik weet mijn bsn niet", false},
		"nothing":                                           {"", false},
		"bytes that are no UTF-8, around a number":          {"\xff111222333\xfe", true},
		"a capital that grows in lower case, before digits": {"\u0130\u0130 111222333", true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := BSN(row.text); got != row.want {
				t.Errorf("BSN(%q) = %v, want %v", row.text, got, row.want)
			}
		})
	}
}

func TestElevenTestTakesOneInEleven(t *testing.T) {
	passed := 0
	for n := 100_000_000; n < 100_011_000; n++ {
		if elevenTest(fmt.Sprint(n)) {
			passed++
		}
	}
	if passed < 990 || passed > 1010 {
		t.Errorf("%d of 11000 consecutive numbers pass, want about 1000", passed)
	}
}

func TestBSNReadsHostileTextInOnePass(t *testing.T) {
	start := time.Now()
	BSN(strings.Repeat("12345672 1 ", 100_000))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("1.1 MB of tied digits took %s", took)
	}
}

func FuzzBSN(f *testing.F) {
	for _, seed := range []string{"111222333", "bsn 12345672", "+31 611 222 333", "\xff1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		BSN(text)
		// Whatever stands before it, a number on a line of its own is seen.
		if !BSN(text + "\n111222333") {
			t.Errorf("a number after %q was not seen", text)
		}
	})
}
