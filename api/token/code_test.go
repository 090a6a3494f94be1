package token

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

func TestNewCodeIsUniform(t *testing.T) {
	const draws = 50_000
	var counts [codeDigits][10]int
	for range draws {
		code, err := NewCode(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if len(code) != codeDigits {
			t.Fatalf("code %q has not eight digits", code)
		}
		for at := range code {
			counts[at][code[at]-'0']++
		}
	}
	// 80 cells of mean 5,000 and standard deviation 67: seven of them is past one run in 10^9.
	for at, row := range counts {
		for digit, n := range row {
			if n < draws/10-470 || n > draws/10+470 {
				t.Errorf("digit %d stands %d times at place %d of %d codes", digit, n, at, draws)
			}
		}
	}
}

func TestNewCodeFailsWithItsSource(t *testing.T) {
	if code, err := NewCode(failing{}); err == nil || code != "" {
		t.Errorf("NewCode = %q, %v", code, err)
	}
}

func TestGroupCode(t *testing.T) {
	for code, want := range map[string]string{"01234567": "0123 4567", "": "", "1234567": "1234567", "123456789": "123456789"} {
		if got := GroupCode(code); got != want {
			t.Errorf("GroupCode(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestNormalizeCode(t *testing.T) {
	for name, row := range map[string]struct{ input, want string }{
		"takes eight digits":                  {"01234567", "01234567"},
		"takes two groups":                    {"0123 4567", "01234567"},
		"takes spaces around, as pasted":      {"\t 0123 4567\r\n", "01234567"},
		"takes dashes of any kind":            {"0123-45\u201367", "01234567"},
		"takes a no-break space":              {"0123\u00a04567", "01234567"},
		"takes digits one by one":             {"0 1 2 3 4 5 6 7", "01234567"},
		"refuses seven digits":                {"0123 456", ""},
		"refuses nine digits":                 {"0123 45678", ""},
		"refuses letters":                     {"O123 4567", ""},
		"refuses digits of another script":    {"٠١٢٣٤٥٦٧", ""},
		"refuses wide digits":                 {"０１２３４５６７", ""},
		"refuses a sign of its own":           {"+01234567", ""},
		"refuses bytes that are no UTF-8":     {"0123\xff4567", ""},
		"refuses an invisible sign":           {"0123\u200b4567", ""},
		"takes the bound of sixty-four bytes": {"01234567" + strings.Repeat(" ", 56), "01234567"},
		"refuses one byte more":               {"01234567" + strings.Repeat(" ", 57), ""},
		"refuses nothing":                     {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := NormalizeCode(row.input)
			if got != row.want || (row.want == "") != errors.Is(err, ErrInvalid) {
				t.Errorf("NormalizeCode(%q) = %q, %v; want %q", row.input, got, err, row.want)
			}
		})
	}
}

func TestHashCodeIsBound(t *testing.T) {
	secret := []byte(strings.Repeat("s", MinSecret))
	want := HashCode(secret, "flow1", "01234567")
	if !EqualCode(want, HashCode(secret, "flow1", "01234567")) {
		t.Fatal("the same code gives another hash")
	}
	for name, got := range map[string][32]byte{
		"the code":                    HashCode(secret, "flow1", "01234568"),
		"the flow":                    HashCode(secret, "flow2", "01234567"),
		"the secret":                  HashCode([]byte(strings.Repeat("t", MinSecret)), "flow1", "01234567"),
		"the border of flow and code": HashCode(secret, "flow10", "1234567"),
		"its purpose":                 mac(secret, refreshLabel, []byte("flow1"), []byte("01234567")),
	} {
		if EqualCode(want, got) {
			t.Errorf("a hash is not bound to %s", name)
		}
	}
}

func FuzzNormalizeCode(f *testing.F) {
	f.Add("0123 4567")
	f.Add("0123\xff-4567")
	f.Fuzz(func(t *testing.T, input string) {
		code, err := NormalizeCode(input)
		if err != nil {
			return
		}
		if again, err := NormalizeCode(GroupCode(code)); err != nil || again != code || len(code) != codeDigits {
			t.Fatalf("%q gives %q, and shown and typed again %q, %v", input, code, again, err)
		}
	})
}
