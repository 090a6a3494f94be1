package leak_test

import (
	"encoding/base64"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// origin says whose a canary is, and of which field.
type origin struct{ whose, field string }

// aviary knows every canary that was set free in a world.
type aviary struct {
	words   map[string]origin // in lower case
	numbers map[string]origin // as they are written
}

func newAviary() *aviary { return &aviary{words: map[string]origin{}, numbers: map[string]origin{}} }

func (v *aviary) free(a *actor, field, word string) string {
	v.words[strings.ToLower(word)] = origin{a.name, field}
	return word
}

func (v *aviary) count(a *actor, field, number string) string {
	v.numbers[number] = origin{a.name, field}
	return number
}

var canary = regexp.MustCompile(`(?i)kanarievogel[a-z]{9}`)

// seen lists the canaries in a text, in whatever form they stand there.
func (v *aviary) seen(text string) []origin {
	found := map[origin]bool{}
	for _, form := range forms(text) {
		for _, word := range canary.FindAllString(form, -1) {
			o, known := v.words[strings.ToLower(word)]
			if !known {
				o = origin{"somebody", "unknown"}
			}
			found[o] = true
		}
		for number, o := range v.numbers {
			if strings.Contains(form, number) {
				found[o] = true
			}
		}
	}
	var all []origin
	for o := range found {
		all = append(all, o)
	}
	return all
}

var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{20,}`)

// forms are a text as it stands and with what hides letters in it undone.
func forms(text string) []string {
	all := []string{text}
	if strings.Contains(text, `\u`) {
		if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`); err == nil {
			all = append(all, plain)
		}
	}
	if strings.Contains(text, "%") {
		if plain, err := url.QueryUnescape(text); err == nil {
			all = append(all, plain)
		}
	}
	if strings.Contains(text, "&") {
		all = append(all, html.UnescapeString(text))
	}
	for _, run := range base64Run.FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for shift := range 4 { // a run may begin in the middle of a group
			if cut := run[min(shift, len(run)):]; len(cut) >= 4 {
				if plain, err := base64.RawStdEncoding.DecodeString(cut[:len(cut)/4*4]); err == nil {
					all = append(all, string(plain))
				}
			}
		}
	}
	return all
}
