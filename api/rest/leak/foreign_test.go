package leak_test

import (
	"encoding/base64"
	"html"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// seedOf and countOf read how this run differs from the usual one.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	if text := os.Getenv("NAOBER_LEAK_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 20261124
}

func countOf(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv("NAOBER_LEAK_REQUESTS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// needles are the forms in which one mark may stand in bytes.
type needles struct {
	plain  string   // lower case
	coded  []string // in base64, whatever stands before it
	others []string // numbers and the like, as they are written
}

func needlesOf(mark string, others ...string) needles {
	n := needles{plain: strings.ToLower(mark), others: others}
	for shift := range 3 {
		pad := strings.Repeat("x", shift)
		for _, word := range []string{mark, n.plain} {
			code := base64.RawStdEncoding.EncodeToString([]byte(pad + word))
			// The first and last groups hold bits of what stands beside the word.
			n.coded = append(n.coded, code[4:len(code)-4])
		}
	}
	return n
}

// in finds the first form of the mark in a text; empty where there is none.
func (n needles) in(text string) string {
	forms := []string{text}
	if strings.Contains(text, `\u`) {
		if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`); err == nil {
			forms = append(forms, plain)
		}
	}
	if strings.Contains(text, "%") {
		if plain, err := url.QueryUnescape(text); err == nil {
			forms = append(forms, plain)
		}
	}
	if strings.Contains(text, "&") {
		forms = append(forms, html.UnescapeString(text))
	}
	for _, form := range forms {
		if i := strings.Index(strings.ToLower(form), n.plain); i >= 0 {
			return form[i:min(len(form), i+len(n.plain)+8)]
		}
		for _, word := range append(n.coded, n.others...) {
			if strings.Contains(form, word) {
				return word
			}
		}
	}
	return ""
}

// numbers are what of a village's people is a number, as it would be shown.
func (v *village) numbers() []string {
	var all []string
	for _, a := range v.cast {
		all = append(all, strconv.FormatFloat(a.home.Point.Lat, 'f', -1, 64), strconv.FormatFloat(a.home.Point.Lon, 'f', -1, 64), a.home.PostCode, a.born)
	}
	return all
}

func TestNeedlesAreFoundInEveryForm(t *testing.T) {
	n := needlesOf(mark("b"), "52.123456")
	word := mark("b") + "abcdefgh"
	for name, text := range map[string]string{
		"as it is": `{"firstName":"` + word + `"}`, "in capitals": strings.ToUpper(word), "as a number": `{"lat":52.123456}`,
		"in base64": base64.StdEncoding.EncodeToString([]byte(`{"a":"` + word + `"}`)), "further on in base64": base64.URLEncoding.EncodeToString([]byte(`{"ab":"` + word + `"}`)),
		"furthest on in base64": base64.URLEncoding.EncodeToString([]byte(`{"abc":"` + word + `"}`)),
		"escaped in JSON":       `{"a":"\u004banarievogelb"}`, "escaped in a URL": "/x?q=%4banarievogelb", "escaped in HTML": "&#75;anarievogelb",
	} {
		if n.in(text) == "" {
			t.Errorf("%s: not found in %s", name, text)
		}
	}
	if found := n.in(mark("a") + " en 52.12345"); found != "" {
		t.Errorf("found %s", found)
	}
}

// TestNoForeignCanary: two villages with equal people and other words live in one installation, and
// everybody of both calls everything with ids, cursors, filters and search words of both. Nothing of
// one village comes back to anybody of the other. NAOBER_LEAK_REQUESTS and NAOBER_LEAK_SEED set how
// many calls and which.
func TestNoForeignCanary(t *testing.T) {
	count, seed := countOf(t, 4000), seedOf(t)
	w := newWorld(t, seed)
	w.whole = true
	a, b := w.raise("a", ""), w.raise("b", "")
	w.furnish(a)
	w.furnish(b)
	found, numbers, heirs := map[string]needles{}, map[string][]string{}, 0
	learn := func() { // those of whoever is gone stay foreign
		numbers["a"], numbers["b"] = append(numbers["a"], a.numbers()...), append(numbers["b"], b.numbers()...)
		found["a"], found["b"] = needlesOf(mark("b"), numbers["b"]...), needlesOf(mark("a"), numbers["a"]...)
	}
	learn()
	d := newDrawer(w, seed, readSurface(t))
	for _, v := range []*village{a, b} {
		for _, p := range v.cast {
			d.words = append(d.words, p.word("firstName"), p.word("lastName"), p.mail, p.home.Street)
		}
	}
	statuses, began := map[int]int{}, time.Now()
	for n := range count {
		who := w.actors[d.IntN(len(w.actors))]
		other := "b"
		if who.village == "b" {
			other = "a"
		}
		d.foreign = w.ids.of(other)
		c := d.call(who)
		if n%20 == 0 {
			c.by, c.key = nil, ""
		}
		got := w.send(c)
		statuses[got.status/100]++
		if w.heirs > heirs {
			heirs = w.heirs
			learn()
		}
		w.ids.harvest(who.village, got)
		said := found[who.village].in(c.path + c.body)
		if leaked := found[who.village].in(got.bytes()); leaked != "" && leaked != said {
			t.Fatalf("seed %d, call %d: %s: %s of the other village in %d %s%s", seed, n, c, leaked, got.status, got.head, got.body)
		}
		w.pass(4 * time.Second)
		if n%200 == 0 {
			w.tick()
		}
		if log := w.log.take(); found["a"].in(log)+found["b"].in(log) != "" {
			t.Fatalf("seed %d, call %d: %s: a canary in the log: %s", seed, n, c, log)
		}
	}
	if statuses[2] < count/8 {
		t.Errorf("only %d of %d calls succeeded: the draw asks for nothing", statuses[2], count)
	}
	if w.heirs == 0 {
		t.Error("nobody was forgotten, died or moved away")
	}
	t.Logf("figure: %d random calls of two villages, seed %d: %v by hundreds of status, %d people gone and replaced, %.0f a second", count, seed, statuses, w.heirs, float64(count)/time.Since(began).Seconds())
}
